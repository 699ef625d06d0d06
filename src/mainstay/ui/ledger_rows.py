"""The "why" chart as a table: a row for each local day, what counted in it and what is carried forward.

It says all that the chart shows, so it is the chart's text alternative and, on a phone, takes its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from django.utils.safestring import SafeString

from mainstay.ui import words
from mainstay.ui.shapes import WhyChart, WhyPiece, WhySection
from mainstay.ui.svg import el, pct, rect, text, vline
from mainstay.ui.why import letters, open_hours

DAY = 86400
STILL = ("closed", "holiday")


@dataclass(frozen=True)
class Part:
    """What one piece did on one day, with its letter."""

    letter: str
    piece: WhyPiece
    time: str

    @property
    def counted(self) -> str:
        """Counted seconds of this part, to the second; nothing for none."""
        return words.hms(self.piece.counted) if self.piece.counted else ""


@dataclass(frozen=True)
class Day:
    """A row: a day, or several days on which nothing happened at all."""

    label: str
    counted: int
    left: int | None
    parts: Sequence[Part]
    strip: SafeString
    today: bool


@dataclass(frozen=True)
class Section:
    """The rows under one target."""

    section: WhySection
    days: list[Day]


def sections(chart: WhyChart) -> list[Section]:
    """All rows, under the target that held."""
    marks, zone = letters(chart), ZoneInfo(chart.zone)
    return [Section(section, _days(chart, section, marks, zone)) for section in chart.sections]


def split_days(piece: WhyPiece, zone: ZoneInfo) -> Iterator[WhyPiece]:
    """A piece cut at local midnights; counted time is shared out by the time on the wall."""
    start, counted_left = piece.start, piece.counted
    whole = max((piece.end - piece.start).total_seconds(), 1)
    while start < piece.end:
        end = min(_next_midnight(start, zone), piece.end)
        share = (
            round(piece.counted * (end - start).total_seconds() / whole) if end < piece.end else counted_left
        )
        counted_left -= share
        yield replace(piece, start=start, end=end, counted=share, left=_left(piece, counted_left))
        start = end


def strip_axis() -> SafeString:
    """Hours of a day above the strips."""
    ticks = [text(str(hour), x=pct(hour / 0.24), y=9) for hour in (6, 9, 12, 15, 18)]
    return el("svg", ticks, cls="strip-axis", aria_hidden="true")


def _days(chart: WhyChart, section: WhySection, marks: dict[WhyPiece, str], zone: ZoneInfo) -> list[Day]:
    cut = [(part, marks[piece]) for piece in section.pieces for part in split_days(piece, zone)]
    by_day = [(day, list(parts)) for day, parts in groupby(cut, key=lambda pair: _date(pair[0].start, zone))]
    runs = groupby(by_day, key=lambda entry: _idle(entry[1]) or entry[0].isoformat())
    return [_row(chart, section, list(run), zone) for _key, run in runs]


def _idle(parts: Sequence[tuple[WhyPiece, str]]) -> str:
    """Days with nothing but one same closed piece are told as one row; the key is that piece's letter."""
    letters_ = {mark for _piece, mark in parts}
    quiet = all(piece.kind in STILL for piece, _mark in parts)
    return f"idle {letters_.pop()}" if quiet and len(letters_) == 1 else ""


def _row(
    chart: WhyChart, section: WhySection, run: list[tuple[date, list[tuple[WhyPiece, str]]]], zone: ZoneInfo
) -> Day:
    parts = [pair for _day, pairs in run for pair in pairs]
    if len(run) > 1:
        parts = [(replace(parts[0][0], end=parts[-1][0].end), parts[0][1])]
    label = _name(run[0][0]) + (f" – {_name(run[-1][0])}" if len(run) > 1 else "")
    today = run[0][0] <= _date(chart.now, zone) <= run[-1][0]
    strip = (
        _strip(chart, section, run[0][0], [piece for piece, _mark in parts], zone)
        if len(run) == 1
        else SafeString("")
    )
    counted = sum(piece.counted for piece, _mark in parts)
    told = [Part(mark, piece, _time(piece, zone, len(run) > 1)) for piece, mark in parts]
    return Day(label, counted, parts[-1][0].left, told, strip, today)


def _time(piece: WhyPiece, zone: ZoneInfo, days: bool) -> str:
    if days:
        return ""
    end = words.clock(piece.end, zone, precise=True)
    return f"{words.clock(piece.start, zone, precise=True)}–{'24:00:00' if end == '00:00:00' else end}"


def _left(piece: WhyPiece, ahead: int) -> int | None:
    return None if piece.left is None else piece.left + ahead


# ---- the day's strip -----------------------------------------------------------------------------


def _strip(
    chart: WhyChart, section: WhySection, day: date, pieces: Sequence[WhyPiece], zone: ZoneInfo
) -> SafeString:
    """One day from midnight to midnight: open hours, what counted, what stood still, now and the due instant."""
    marks = [rect("base", "0%", "100%", 0, 18)]
    marks += [
        _mark("open", a, b, day, zone, 0, 18) for a, b in open_hours(chart) if _touches(a, b, day, zone)
    ]
    if day.isoformat() in chart.holidays:
        marks.append(rect("holiday", "0%", "100%", 0, 18))
    marks += [mark for piece in pieces for mark in _piece(piece, section is chart.sections[-1], day, zone)]
    marks.append(rect("edge", "0%", "100%", 0, 18))
    for cls, at in (("due", chart.due), ("needle", chart.now)):
        if at is not None and _date(at, zone) == day and section is chart.sections[-1]:
            marks.append(vline(cls, pct(_share(at, day, zone)), -2, 20))
    return el("svg", marks, cls="strip", aria_hidden="true")


def _piece(piece: WhyPiece, last: bool, day: date, zone: ZoneInfo) -> list[SafeString]:
    if piece.kind in ("paused", "third"):
        whose = "wait" if piece.kind == "paused" else "third"
        return [_mark(f"{cls} {whose}", piece.start, piece.end, day, zone, 3, 12) for cls in ("zz", "zh")]
    if not piece.counted:
        return []
    look = "next" if piece.kind == "to_come" else "" if last else "old"
    return [_mark(f"cnt {look}".strip(), piece.start, piece.end, day, zone, 4, 10)]


def _mark(
    cls: str, a: datetime, b: datetime, day: date, zone: ZoneInfo, y: float, height: float
) -> SafeString:
    start, end = _share(a, day, zone), _share(b, day, zone)
    return rect(cls, pct(start), pct(max(end - start, 0.4)), y, height)


def _share(at: datetime, day: date, zone: ZoneInfo) -> float:
    """Where an instant lies in a day by the wall clock's reading; clamped to the day."""
    local = at.astimezone(zone)
    if local.date() != day:
        return 0.0 if local.date() < day else 100.0
    return (local.hour * 3600 + local.minute * 60 + local.second) * 100 / DAY


def _touches(a: datetime, b: datetime, day: date, zone: ZoneInfo) -> bool:
    return _date(a, zone) <= day <= _date(b, zone)


def _date(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()


def _next_midnight(at: datetime, zone: ZoneInfo) -> datetime:
    following = _date(at, zone) + timedelta(days=1)
    return datetime(following.year, following.month, following.day, tzinfo=zone)


def _name(day: date) -> str:
    return words.day(datetime(day.year, day.month, day.day, 12, tzinfo=UTC), UTC)


UTC = ZoneInfo("UTC")
