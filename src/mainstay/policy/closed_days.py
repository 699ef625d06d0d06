"""Which dates are closed: the public holidays of a place, own dates, yearly dates and ranges, iCalendar files.

An entry of `holidays` is "customer" (the public holidays of where the customer is), "GB" or "AU-NSW", a date,
"2026-12-24..2027-01-02", "12-25" every year, "12-28..01-03" every year, {"of": "US", "only": ["Thanksgiving"]} (or
"without"), or {"ics": "vendor.ics", "dates": [...]} as it was read from that file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from mainstay.errors import Refused
from mainstay.policy.shapes import Problems, each, record, text
from mainstay.sla.fields import shown

_PLACE = re.compile(r"([A-Z]{2})(?:-([A-Z0-9]{1,4}))?", re.ASCII)
_YEARLY = re.compile(r"(\d\d)-(\d\d)", re.ASCII)
LONGEST_RANGE = timedelta(days=366)


class Where(NamedTuple):
    """A place whose public holidays count: ISO 3166-1 and the part of 3166-2; both may be empty."""

    country: str = ""
    subdivision: str = ""


@lru_cache(maxsize=512)
def known_country(country: str, subdivision: str = "") -> bool:
    """Whether public holidays are known for this country (and this part of it)."""
    if not country:
        return False
    import holidays

    parts = holidays.list_supported_countries(include_aliases=True).get(country)
    return parts is not None and (not subdivision or subdivision in parts)


@lru_cache(maxsize=512)
def parts_of(country: str) -> tuple[str, ...]:
    """The parts of a country whose public holidays are known, by their codes."""
    import holidays

    return tuple(holidays.list_supported_countries(include_aliases=False).get(country, ()))


@lru_cache(maxsize=1)
def countries() -> tuple[tuple[str, str], ...]:
    """(code, English name) of the countries whose public holidays are known, by name."""
    from holidays import registry

    named = {entry[1]: re.sub(r"(?<=[a-z])(?=[A-Z])", " ", entry[0]) for entry in registry.COUNTRIES.values()}
    return tuple(
        sorted(((code, name) for code, name in named.items() if known_country(code)), key=lambda c: c[1])
    )


@lru_cache(maxsize=512)
def named_holidays(country: str, subdivision: str, first: int, last: int) -> tuple[tuple[str, str], ...]:
    """(date, name) of the public holidays of a place; none if the place is unknown."""
    if not known_country(country):
        return ()
    import holidays

    part = subdivision if known_country(country, subdivision) else None
    days: Mapping[date, str] = holidays.country_holidays(country, subdiv=part, years=range(first, last + 1))
    return tuple((day.isoformat(), name) for day, name in sorted(days.items()) if first <= day.year <= last)


@lru_cache(maxsize=512)
def public_holidays(country: str, subdivision: str, first: int, last: int) -> tuple[str, ...]:
    """The public holidays of a country (ISO 3166-1 and the part of 3166-2), as dates; none if it is unknown."""
    return tuple(day for day, _ in named_holidays(country, subdivision, first, last))


# ---- reading


def place(value: Any, field: str) -> Problems:
    """A country such as "GB", or a part of one such as "AU-NSW"."""
    found = _PLACE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        yield Refused(
            field, f'must be a country such as "GB" or a part of it such as "AU-NSW", not {shown(value)}'
        )


def known_place(value: Any, field: str) -> Problems:
    """A place whose public holidays are known."""
    wrong = list(place(value, field))
    yield from wrong
    if not wrong:
        country, _, part = str(value).partition("-")
        if not known_country(country):
            yield Refused(field, f"{country} is no country whose public holidays are known")
        elif part and not known_country(country, part):
            yield Refused(field, f"{part} is no part of {country} whose public holidays are known")


_names = each(text(100), least=1)
_some = record({"of": known_place}, {"only": _names, "without": _names})


def holidays_shape(value: Any, field: str) -> Problems:
    """What `holidays` may be."""
    if isinstance(value, str):
        if value not in ("customer", "none"):
            said = f"must be one of customer, none, or a list of dates and countries, not {shown(value)}"
            yield Refused(field, said)
        return
    if not isinstance(value, list):
        yield Refused(field, 'must be "customer", "none" or a list of dates and countries')
        return
    for i, entry in enumerate(value):
        yield from _entry(entry, f"{field}[{i}]")


def _entry(value: Any, field: str) -> Problems:
    if isinstance(value, dict):
        if "ics" in value:
            yield from record({"ics": text(200)}, {"dates": each(_dated)})(value, field)
        else:
            yield from _some(value, field)
    elif isinstance(value, str) and _PLACE.fullmatch(value):
        yield from known_place(value, field)
    elif value != "customer":
        yield from _dated(value, field)


def _dated(value: Any, field: str) -> Problems:
    try:
        list(_days(value, 2024, 2024))  # a leap year
    except ValueError:
        said = (
            'must be a date such as "2026-12-25", "12-25", a range "12-28..01-03" or a country such as "GB"'
        )
        yield Refused(field, f"{said}, not {shown(value)}")


# ---- meaning


def closed_days(entries: Any, where: Where, years: tuple[int, int]) -> list[str]:
    """The closed dates of these entries within the years, sorted."""
    listed = entries if isinstance(entries, list) else [] if entries == "none" else [entries]
    found: set[str] = set()
    for entry in listed:
        found.update(_dates_of(entry, where, years))
    return sorted(found)


def named_days(entries: Any, where: Where, years: tuple[int, int]) -> dict[str, str]:
    """The closed dates of these entries with what each is called: a holiday's name, else where it stands."""
    listed = entries if isinstance(entries, list) else [] if entries == "none" else [entries]
    found: dict[str, str] = {}
    for entry in listed:
        names = _names_of(entry, where, years)
        for day in _dates_of(entry, where, years):
            found.setdefault(day, names.get(day, "a day of our own"))
    return found


def _names_of(entry: Any, where: Where, years: tuple[int, int]) -> dict[str, str]:
    if isinstance(entry, dict) and "ics" in entry:
        return dict.fromkeys(_dates_of(entry, where, years), str(entry["ics"]))
    said = where if entry == "customer" else str(entry["of"] if isinstance(entry, dict) else entry)
    if isinstance(said, str):
        if not _PLACE.fullmatch(said):
            return {}
        country, _, part = said.partition("-")
        said = Where(country, part)
    return {**dict(named_holidays(*said, *years)), **_in_english(*said, *years)}


def _dates_of(entry: Any, where: Where, years: tuple[int, int]) -> Iterator[str]:
    if isinstance(entry, dict) and "ics" in entry:
        for inner in entry.get("dates", []):
            yield from _days(inner, *years)
    elif isinstance(entry, dict):
        yield from _chosen(entry, years)
    elif entry == "customer":
        yield from public_holidays(where.country, where.subdivision, *years)
    elif _PLACE.fullmatch(entry):
        country, _, part = entry.partition("-")
        yield from public_holidays(country, part, *years)
    else:
        yield from _days(entry, *years)


def _chosen(entry: Mapping[str, Any], years: tuple[int, int]) -> Iterator[str]:
    """Some holidays of a place by parts of their names, in the country's own words or in English."""
    country, _, part = str(entry["of"]).partition("-")
    english = _in_english(country, part, *years)
    for day, name in named_holidays(country, part, *years):
        said = f"{name}; {english.get(day, '')}".lower()
        named = any(one.lower() in said for one in entry.get("only", entry.get("without", [])))
        if named == ("only" in entry):
            yield day


def _in_english(country: str, part: str, first: int, last: int) -> dict[str, str]:
    import holidays

    inside = part if known_country(country, part) else None
    try:
        days = holidays.country_holidays(
            country, subdiv=inside, years=range(first, last + 1), language="en_US"
        )
    except (NotImplementedError, ValueError):
        return {}
    return {day.isoformat(): name for day, name in days.items()}


def names_known(entry: Mapping[str, Any], year: int) -> list[str]:
    """The names in `only` or `without` that no holiday of the place has in a year: mistakes of the file."""
    country, _, part = str(entry["of"]).partition("-")
    english = _in_english(country, part, year, year)
    said = [
        f"{name}; {english.get(day, '')}".lower() for day, name in named_holidays(country, part, year, year)
    ]
    asked: Sequence[str] = entry.get("only", entry.get("without", []))
    return [name for name in asked if not any(name.lower() in one for one in said)]


def _days(entry: Any, first: int, last: int) -> Iterator[str]:
    """The dates of "2026-12-25", "12-25" and ranges of either. ValueError for what is none of them."""
    if not isinstance(entry, str):
        raise ValueError
    begins, dots, ends = entry.partition("..")
    if _YEARLY.fullmatch(begins):
        yield from _yearly(begins, ends if dots else begins, first, last)
    else:
        yield from _between(_date(begins), _date(ends if dots else begins), first, last)


def _yearly(begins: str, ends: str, first: int, last: int) -> Iterator[str]:
    if not _YEARLY.fullmatch(ends):
        raise ValueError
    for text_ in (begins, ends):
        date.fromisoformat(f"2024-{text_}")  # exists in some year
    for year in range(first - 1, last + 1):
        start, stop = _in_year(year, begins), _in_year(year + (ends < begins), ends)
        if begins == ends and start.month != int(begins[:2]):
            continue  # 29 February, in a year without one
        yield from _between(start, stop, first, last)


def _in_year(year: int, month_day: str) -> date:
    month, day = int(month_day[:2]), int(month_day[3:])
    return date(year, 3, 1) if (month, day) == (2, 29) and not _leap(year) else date(year, month, day)


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _between(start: date, stop: date, first: int, last: int) -> Iterator[str]:
    if not timedelta() <= stop - start <= LONGEST_RANGE:
        raise ValueError
    for k in range((stop - start).days + 1):
        day = start + timedelta(days=k)
        if first <= day.year <= last:
            yield day.isoformat()


def _date(value: str) -> date:
    if len(value) != 10:
        raise ValueError
    return date.fromisoformat(value)
