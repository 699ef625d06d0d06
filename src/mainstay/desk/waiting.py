"""What waits for a person, as the parts of the desk's first page are made of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from mainstay.accounts.models import User
from mainstay.desk.typed import today_of

FEW: Final = 6  # lines of a part; the rest is behind its link
SOON: Final = timedelta(days=7)


@dataclass(frozen=True)
class Line:
    """One thing that waits: where it is dealt with, and since or until when (`at`, or in words `by`).

    `hot`: its time is up.
    """

    text: str
    url: str
    aside: str = ""
    at: datetime | None = None
    by: str = ""
    hot: bool = False


@dataclass(frozen=True)
class Part:
    """Some of what waits, under one heading; `more` leads to all of it."""

    code: str
    title: str
    lines: tuple[Line, ...]
    url: str = ""
    more: str = ""
    notices: tuple[int, ...] = ()  # which are seen when this part is

    @property
    def hot(self) -> bool:
        return any(line.hot for line in self.lines)


@dataclass(frozen=True)
class Asking:
    """Who asks, when, and what they are here for."""

    user: User
    at: datetime
    roles: frozenset[str]

    @property
    def today(self) -> date:
        """The day that it is for them."""
        return today_of(self.user, self.at)


def day_words(day: date) -> str:
    """ "Mon 30 Nov"."""
    return f"{day:%a} {day.day} {day:%b}"
