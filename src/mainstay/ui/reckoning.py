"""Fills the "why" shapes from the ledger that the pure core reckons (`mainstay.sla.ledger`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from mainstay.sla.hours import Calendar
from mainstay.sla.ledger import Ledger, Line, Piece, Section
from mainstay.ui import words
from mainstay.ui.shapes import PieceKind, State, WhyChart, WhyLine, WhyPiece, WhySection


def _no_words(_index: int) -> str:
    return ""


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a ledger cannot know: names, and words for events, clauses and calendars.

    `event` gives words for an event by its index in the log ("severity 2 to 1 by Hana Sato"), `clause` the clause
    behind a pause or a change of target ("clause 6.2"), `calendar_url` where a calendar can be read.
    """

    name: str
    k: State = "run"
    event: Callable[[int], str] = _no_words
    clause: Callable[[str], str] = lambda _key: ""
    calendar_url: Callable[[Calendar], str] = lambda _calendar: ""
    source: str = ""
    holidays: dict[str, str] = field(default_factory=dict)


def chart_of(ledger: Ledger, told: Told) -> WhyChart:
    """The whole chart of one clock, in the zone of the calendar that counts."""
    shown, calendar = ledger.instance, ledger.instance.calendar
    lines = tuple(_line(line) for line in ledger.lines)
    return WhyChart(
        name=told.name,
        k=told.k,
        zone=calendar.time_zone,
        now=instant(ledger.as_of),
        started_at=instant(ledger.start),
        due=instant(ledger.due) if ledger.due is not None else None,
        stopped_at=instant(shown.stopped_at) if shown.stopped_at is not None else None,
        used=ledger.used,
        target=ledger.target,
        target_words=shown.target.text,
        sections=tuple(_section(*pair, told) for pair in _with_next(ledger.sections)),
        lines=lines,
        start_words=told.event(ledger.sections[0].event),
        open_hours=_open_hours(calendar, ledger, lines),
        holidays={**_holidays(ledger), **told.holidays},
    )


def instant(seconds: int) -> datetime:
    """Whole seconds of UTC as an aware datetime."""
    return datetime.fromtimestamp(seconds, UTC)


def rule_words(rule: str) -> str:
    """How a change chose the target that holds after it."""
    said = {
        "start": _("from the start"),
        "from_start": _("counted again from the start"),
        "from_change": _("a full new target from the change"),
        "proportional": _("the unused share of the new target, from the change"),
        "goes_on": _("the old target goes on, because it is due earlier"),
        "cancelled": _("no target any more"),
    }
    return said[rule]


def _with_next(sections: Sequence[Section]) -> Iterator[tuple[Section, Section | None]]:
    return zip(sections, (*sections[1:], None), strict=True)


def _section(section: Section, following: Section | None, told: Told) -> WhySection:
    """A section's due as it stood when the next change came, pauses and all."""
    change, row = section.change, section.row
    named = {"n": section.severity, "target": row.target.text, "seconds": words.hms(section.seconds)}
    title = _("Severity %(n)s: %(target)s is %(seconds)s") % named
    replaced = following.change if following and following.rule != "goes_on" else None
    return WhySection(
        title=f"{title}, {rule_words(section.rule)}",
        label=_("severity %(n)s: %(target)s") % named,
        at=instant(section.at),
        target=section.seconds,
        severity=section.severity,
        source=", ".join(part for part in (told.source, told.clause(section.rule)) if part),
        reason=told.event(section.event) if change else "",
        before=change.seconds_before - change.used_before if change else None,
        was_due=instant(replaced.due_before) if replaced else None,
        pieces=tuple(_piece(piece, told) for piece in section.pieces),
    )


def _piece(piece: Piece, told: Told) -> WhyPiece:
    paused = piece.kind == "paused"
    return WhyPiece(
        start=instant(piece.start),
        end=instant(piece.end),
        kind=_kind(piece),
        counted=piece.counted,
        left=piece.left,
        why=_why(piece),
        rule=told.clause(piece.reason) if paused else "",
        calendar_row=", ".join((piece.calendar.name or piece.calendar.time_zone, *piece.rows))
        if not paused
        else "",
        event=told.event(piece.event) if piece.begins or paused else "",
        url=told.calendar_url(piece.calendar),
    )


def _kind(piece: Piece) -> PieceKind:
    if piece.kind == "paused":
        return "paused" if piece.reason == "waiting_on_customer" else "third"
    if piece.kind == "closed":
        return "holiday" if "holiday" in piece.reason else "closed"
    kinds: dict[str, PieceKind] = {
        "counted": "counted",
        "superseded": "superseded",
        "to_come": "to_come",
        "ended": "ended",
    }
    return kinds[piece.kind]


def _why(piece: Piece) -> str:
    if piece.kind == "paused":
        return _("Stands still: %(why)s") % {"why": piece.reason.replace("_", " ")}
    if piece.kind == "closed":
        return _("Closed: %(why)s") % {"why": piece.reason}
    said = {
        "counted": _("Counts: open"),
        "superseded": _("Counted against the old target"),
        "to_come": _("Will count, if nothing more happens"),
        "ended": _("Had ended"),
    }
    return said[piece.kind]


def _line(line: Line) -> WhyLine:
    kinds = {"old": "old", "now": "now", "to_come": "to_come", "ghost": "ghost"}
    points = tuple((instant(at), left) for at, left in line.points)
    return WhyLine(kind=kinds[line.kind], points=points)  # type: ignore[arg-type]


def _open_hours(
    calendar: Calendar, ledger: Ledger, lines: tuple[WhyLine, ...]
) -> tuple[tuple[datetime, datetime], ...]:
    """The calendar's open intervals over the whole days that the chart shows, two years at most."""
    zone = ZoneInfo(calendar.time_zone)
    ends = [instant(ledger.end), *(at for line in lines for at, _left in line.points[-1:])]
    first = instant(ledger.start).astimezone(zone).replace(hour=0, minute=0, second=0)
    last = max(ends).astimezone(zone).replace(hour=0, minute=0, second=0) + timedelta(days=1)
    last = min(last, first + timedelta(days=730))
    spans = calendar.intervals(int(first.timestamp()), int(last.timestamp()))
    return tuple((instant(span.start), instant(span.end)) for span in spans)


def _holidays(ledger: Ledger) -> dict[str, str]:
    """Days that the ledger's pieces call holidays."""
    found = {}
    for piece in ledger.pieces:
        for part in piece.reason.split(", "):
            word, _space, day = part.partition(" ")
            if word == "holiday":
                found[date.fromisoformat(day).isoformat()] = _("public holiday")
    return found
