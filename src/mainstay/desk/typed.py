"""What people type into the forms of the desk, read strictly: times in their own zone, numbers, files."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.http import HttpRequest, QueryDict

from mainstay.accounts.models import User
from mainstay.errors import Refused
from mainstay.intake.email import files as mail_files
from mainstay.tickets.files import LIMIT, Upload

MOST_FILES = 20
YEARS = (1980, 2120)  # of days that agreements name


def zone_of(user: User) -> ZoneInfo:
    """The zone in which this person reads and types times; UTC when theirs is unknown."""
    try:
        return ZoneInfo(user.time_zone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


# Hours with a clock's colon, or each number with its unit; a number alone is minutes.
_HOURS = re.compile(
    r"(?P<clock>[0-9]{1,4}):(?P<past>[0-5][0-9])"
    r"|(?=.)(?:(?P<hours>[0-9]{1,4}(?:[.,][0-9]{1,2})?) ?h(?:ours?|rs?)?)? ?"
    r"(?:(?P<minutes>[0-9]{1,9}) ?(?:m(?:in(?:utes?)?)?)?)?"
)


def today_of(user: User, at: datetime) -> date:
    """The day that it is for this person."""
    return at.astimezone(zone_of(user)).date()


class Typed:
    """A submitted form. Each reader gives the value or raises `Refused` naming the field."""

    def __init__(self, request: HttpRequest) -> None:
        self.data: QueryDict = request.POST
        self.uploads = request.FILES
        self.zone = zone_of(request.user) if isinstance(request.user, User) else ZoneInfo("UTC")

    def text(self, name: str) -> str:
        """The text without NUL and surrounding space; empty when it was not given."""
        return str(self.data.get(name, "")).replace("\x00", "").strip()

    def raw(self, name: str) -> str:
        """The text as it was typed, line ends made plain."""
        return str(self.data.get(name, "")).replace("\x00", "").replace("\r\n", "\n")

    def flag(self, name: str) -> bool:
        return bool(self.text(name))

    def many(self, name: str) -> list[str]:
        return [str(value).replace("\x00", "") for value in self.data.getlist(name)]

    def number(self, name: str, what: str = "a number") -> int:
        """A whole number that fits a database column."""
        text = self.text(name).lstrip("#")
        if not (text.isascii() and text.isdigit() and len(text) <= 18):
            raise Refused(name, f"must be {what}, not {text[:40]!r}" if text else f"is missing; give {what}")
        return int(text)

    def minutes(self, name: str) -> int:
        """Time spent, in minutes: "90", "1:30", "1 h 30 min", "1.5 h"."""
        text = self.text(name)
        said = _HOURS.fullmatch(text.lower())
        if said is None:
            example = "minutes, or hours and minutes such as 1:30 or 1 h 30 min"
            raise Refused(
                name, f"must be {example}, not {text[:40]!r}" if text else f"is missing; give {example}"
            )
        hours = Decimal((said["hours"] or said["clock"] or "0").replace(",", "."))
        return int(hours * 60) + int(said["minutes"] or said["past"] or 0)

    def when(self, name: str) -> datetime | None:
        """An instant typed in the person's zone ("2026-11-24T15:00"), in UTC; None when the field is empty."""
        text = self.text(name)
        return instant(text, self.zone, name) if text else None

    def needs_when(self, name: str) -> datetime:
        found = self.when(name)
        if found is None:
            raise Refused(name, "is missing; choose a day and a time")
        return found

    def day(self, name: str) -> date | None:
        """A day ("2026-11-24"); None when the field is empty."""
        text = self.text(name)
        if not text:
            return None
        try:
            found = date.fromisoformat(text)
        except ValueError:
            raise Refused(name, f"cannot be read: {text[:40]!r}; write a day such as 2026-11-24") from None
        if not YEARS[0] <= found.year <= YEARS[1]:
            raise Refused(name, f"is in the year {found.year}; that cannot be meant")
        return found

    def needs_day(self, name: str) -> date:
        found = self.day(name)
        if found is None:
            raise Refused(name, "is missing; choose a day")
        return found

    def json(self, name: str) -> Any:
        """A value written as JSON, of characters and numbers that a database can keep."""
        try:
            value = json.loads(self.text(name) or "null", parse_constant=_no_number, parse_float=_finite)
            plain = json.dumps(value, ensure_ascii=False)
            plain.encode()
        except (ValueError, RecursionError) as error:
            raise Refused(name, f"is not JSON: {str(error)[:200]}") from None
        if "\\u0000" in plain:
            raise Refused(name, "holds a character that no text has (NUL)")
        return value

    def files(self, name: str = "files") -> tuple[Upload, ...]:
        """The files attached, with cleaned names and their type by content."""
        found = self.uploads.getlist(name)
        if len(found) > MOST_FILES:
            raise Refused(name, f"are {len(found)}; at most {MOST_FILES} go with one message")
        uploads = []
        for number, file in enumerate(found, start=1):
            if (file.size or 0) > LIMIT:
                most = f"{LIMIT // 1024**2} MB"
                raise Refused(name, f"{file.name} is larger than {most}; send it in parts or as a link")
            content = file.read()
            kind = mail_files.sniff(content, file.name or "")
            uploads.append(Upload(mail_files.clean_name(file.name or "", number, kind), kind, content))
        return tuple(uploads)


def _no_number(name: str) -> float:
    """NaN and Infinity, which Python's reader takes and other writers of JSON turn into null."""
    raise ValueError(f"{name} is not a number; write one, or null")


def _finite(text: str) -> float:
    found = float(text)
    if math.isinf(found):
        raise ValueError(f"{text[:40]} is too large a number")
    return found


def instant(text: str, zone: ZoneInfo, field: str) -> datetime:
    """A wall-clock reading in `zone` as an instant in UTC. A reading that no clock shows is refused, and one of
    another age, which could not be shown in every zone."""
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(field, f"cannot be read: {text[:40]!r}; write 2026-11-24 15:00") from None
    if not 1970 < local.year < 2200:
        raise Refused(field, f"lies outside the calendar: {local.year}")
    if local.tzinfo is not None:
        return local.astimezone(UTC)
    try:
        found = local.replace(tzinfo=zone).astimezone(UTC)
        there = found.astimezone(zone).replace(tzinfo=None)
    except (OverflowError, ValueError):
        raise Refused(field, "lies outside the calendar") from None
    if there != local:
        raise Refused(field, f"{local:%H:%M} does not exist on that day in {zone.key}: the clocks go forward")
    return found


def as_input(at: datetime | None, zone: ZoneInfo) -> str:
    """An instant as a date-and-time field of a form holds it."""
    return at.astimezone(zone).strftime("%Y-%m-%dT%H:%M") if at else ""


@dataclass(frozen=True)
class RefusedForm:
    """One of a page's forms that was refused: which, why in words, and what was typed."""

    form: str
    message: str
    typed: QueryDict


def changed(what: str, changes: Sequence[str]) -> str:
    """What a person changed, told to them: "Priya Raman is changed: time zone: UTC became Asia/Tokyo."."""
    words = "; ".join(one.replace("_", " ", 1) for one in changes)
    return f"{what} is changed: {words}." if changes else f"{what} is as it was."


def said(error: Refused) -> str:
    """A refusal as a page shows it: "Last day: is before the contract begins"."""
    field = error.field.replace("_", " ")
    return f"{field[:1].upper()}{field[1:]}: {error.message}"
