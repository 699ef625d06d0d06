"""A case told to a person: each clock, each interval that counted or not, by which event, row and target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .hours import DAY, date_of
from .ledger import Ledger, Piece, Section, why_all

if TYPE_CHECKING:
    from .cases import Case
    from .clocks import Event
    from .hours import Calendar

_RULES = {
    "start": "from the start of the clock",
    "from_start": "counted again from the start (from_start)",
    "from_change": "a full new target from the change (from_change)",
    "proportional": "the unused share of the new target from the change (proportional)",
    "goes_on": "the old target goes on, as it is due earlier than the new one (from_change)",
    "cancelled": "no target any more, so the clock is cancelled",
}
_KINDS = {
    "counted": "counts",
    "superseded": "counted against the old target",
    "to_come": "will count, if nothing more happens",
    "closed": "does not count",
    "paused": "stands still",
    "ended": "had ended",
}


def told(case: Case, called: str) -> str:
    """Some lines for each clock instance, in the order in which they started."""
    ledgers = why_all(case.policy, case.events, case.as_of)
    lines = [f"{case.name or called}: {len(ledgers)} clocks"]
    for ledger in ledgers:
        lines += ["", *ledger_lines(ledger, case.events)]
    return "\n".join(lines) + "\n"


def ledger_lines(ledger: Ledger, events: tuple[Event, ...]) -> list[str]:
    """The lines of one ledger; instants are in the zone of the calendar that counts."""
    shown = ledger.instance
    lines = [f"{shown.clock} {shown.n}: {shown.state}{_verdict(ledger)}"]
    for section in ledger.sections:
        lines.append("  " + _heading(section, events))
        if section.recounted:
            lines.append("    its time is counted again below")
        lines += ["    " + _line(piece, events) for piece in section.pieces]
    return [*lines, "  " + _sum(ledger)]


def _verdict(ledger: Ledger) -> str:
    shown = ledger.instance
    words = []
    if shown.due is not None:
        words.append(f"due {local(shown.due, shown.calendar)} {shown.calendar.time_zone}")
    if shown.breached:
        words.append(f"breached by {duration(-shown.left)}")
    words += [f"an earlier target lapsed {local(t, shown.calendar)}" for t in shown.earlier_breaches]
    return "".join(f", {word}" for word in words)


def _heading(section: Section, events: tuple[Event, ...]) -> str:
    row = section.row
    target = f'target {row.target.text} (row "{row.severity}") is {duration(section.seconds)}'
    where = f"on {row.calendar.name or row.calendar.time_zone} ({row.calendar.time_zone})"
    at = local(section.at, row.calendar)
    by = _event(section.event, events)
    text = f"{at} by {by}: severity {section.severity}, {target} {where}; {_RULES[section.rule]}"
    if section.change is not None and section.rule != "goes_on":
        text += f"; before: {duration(section.change.seconds_before)} due "
        text += local(section.change.due_before, section.change.row_before.calendar)
    return text


def _line(piece: Piece, events: tuple[Event, ...]) -> str:
    span = f"{local(piece.start, piece.calendar)} to {local(piece.end, piece.calendar)}"
    words = f"{_KINDS[piece.kind]}: {piece.reason}"
    if piece.kind == "paused":
        words += f" for {duration(piece.stood_still)} of open time"
    if piece.begins or piece.kind in ("paused", "ended"):
        words += f", by {_event(piece.event, events)}"
    rows = f" [{'; '.join(piece.rows)}]" if piece.rows else ""
    left = f"{duration(piece.left)} left" if piece.left >= 0 else f"{duration(-piece.left)} over"
    return f"{span}  {duration(piece.counted):>10}  {left:>16}  {words}{rows}"


def _sum(ledger: Ledger) -> str:
    target = f"target {duration(ledger.target)}"
    if ledger.to_come:
        return f"{duration(ledger.used)} used + {duration(ledger.to_come)} to come = {target}"
    return f"{duration(ledger.used)} used of {target}"


def _event(index: int, events: tuple[Event, ...]) -> str:
    return f"{events[index].event} (event {index})"


def local(t: int, calendar: Calendar) -> str:
    """The reading of the calendar's wall clock."""
    day, second = divmod(calendar.local(t), DAY)
    return f"{date_of(day)} {second // 3600:02}:{second % 3600 // 60:02}:{second % 60:02}"


def duration(seconds: int) -> str:
    """Hours, minutes and seconds: 24:00:00."""
    return f"{seconds // 3600}:{seconds % 3600 // 60:02}:{seconds % 60:02}"
