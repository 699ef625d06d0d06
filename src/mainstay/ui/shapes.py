"""What the look can draw: plain shapes that a view fills from whatever it knows.

Instants are aware datetimes in UTC (or None), durations are whole seconds; zones and languages come in when a
shape is drawn. Nothing here knows a model, so desk, portal and tests fill the same shapes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

State = Literal["run", "warn", "over", "wait", "third", "goal", "met", "was"]
"""How a promise stands, `data-k` in the page: see the bar's grammar in docs/look.md."""

PieceKind = Literal["counted", "closed", "holiday", "paused", "third", "superseded", "to_come", "ended"]
StepState = Literal["done", "now", "next"]
EntryKind = Literal["in", "out", "note", "event"]

STEPS = ("Acknowledgement", "Triage", "Dispatch", "Resolution", "Closure")


@dataclass(frozen=True, kw_only=True)
class Pause:
    """A stretch in which a clock stood still: the customer's turn (`wait`) or another's (`third`)."""

    start: datetime
    end: datetime | None = None
    whose: Literal["wait", "third"] = "wait"


@dataclass(frozen=True, kw_only=True)
class Promise:
    """One clock of one ticket as people see it. `used` and `target` are counted (business) seconds."""

    clock: str
    name: str
    k: State
    target: int
    target_words: str
    started_at: datetime
    used: int = 0
    due: datetime | None = None
    kind: Literal["promise", "goal"] = "promise"
    stopped_at: datetime | None = None
    warn_at: datetime | None = None
    warn_used: int | None = None
    pauses: tuple[Pause, ...] = ()
    head_start: int = 0
    breached: bool = False
    note: str = ""
    url: str = ""

    @property
    def left(self) -> int:
        """Counted seconds that remain; negative once the target is used up."""
        return self.target - self.used


@dataclass(frozen=True, kw_only=True)
class Level:
    """A service level: `rank` 1 (lowest) to 4, drawn as a tally of as many strokes."""

    code: str
    name: str
    rank: int


@dataclass(frozen=True, kw_only=True)
class QueueRow:
    """One ticket in a queue. `turn` is how it waits, for its last column.

    `grave` and `stands` say why it stands here: severity and level, which the marks say too, then the reason; the
    sentence ends with the time of `promise` (`says_due`) or that at which it comes to the front (`front_at`).
    `away` is said in its place: until when the reader has put it off, and what for; it has a way back. At
    `position_url` the order's formula is shown with this ticket's numbers.
    """

    number: str
    subject: str
    url: str
    customer: str
    severity: int | None
    grave: str = ""
    stands: str = ""
    says_due: bool = False
    front_at: datetime | None = None
    away: str = ""
    position_url: str = ""
    promise: Promise | None = None
    level: Level | None = None
    owner: str = ""
    step: int = 1
    turn: str = ""
    yours: bool = False
    value: str = ""
    selected: bool = False
    current: bool = False


@dataclass(frozen=True, kw_only=True)
class QueueBand:
    """A group of queue rows under one sentence; `count` when not all of them are on the page. `drawn` are rows that
    are drawn already."""

    code: str
    title: str
    rows: tuple[QueueRow, ...] = ()
    count: int | None = None
    drawn: str = ""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One of the five steps of a ticket: when it was done and by whom, or what it waits for."""

    name: str
    state: StepState
    at: datetime | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class File:
    """Something attached."""

    name: str
    url: str
    size: int = 0
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry of a conversation.

    `in` is the customer's, `out` reaches the customer, `note` stays inside, `event` is a line of the log.
    `text` is plain and always escaped; `html` is shown as it is, so it must have been through the allow-list.
    """

    kind: EntryKind
    at: datetime
    who: str = ""
    role: str = ""
    to: str = ""
    text: str = ""
    html: str = ""
    lead: str = ""
    yours: bool = False
    files: tuple[File, ...] = ()
    url: str = ""
    url_words: str = ""
    id: str = ""


@dataclass(frozen=True, kw_only=True)
class Fact:
    """A value and where it was found."""

    name: str
    value: str
    source: str = ""
    url: str = ""
    tag: str = ""
    level: Level | None = None


@dataclass(frozen=True, kw_only=True)
class FactGroup:
    """A block of the facts column; `have` and `of` draw the completeness."""

    title: str
    facts: tuple[Fact, ...]
    have: int | None = None
    of: int | None = None


@dataclass(frozen=True, kw_only=True)
class Writing:
    """One kind of message that the composer can write: where it is posted and whom it reaches."""

    code: Literal["reply", "report", "question", "solution", "workaround", "note"]
    label: str
    url: str
    button: str
    key: str = ""
    hint: str = ""
    inside: bool = False
    fields: str = ""


@dataclass(frozen=True, kw_only=True)
class NavItem:
    """A line of the navigation rail. `count` may be a number or a time."""

    label: str
    url: str
    count: str | int = ""
    hot: bool = False
    current: bool = False
    key: str = ""


@dataclass(frozen=True, kw_only=True)
class NavGroup:
    """Lines of the rail under an optional title."""

    items: tuple[NavItem, ...]
    title: str = ""


@dataclass(frozen=True, kw_only=True)
class Owed:
    """A promise as its customer reads it: `say` is the sentence before the bold instant, `then` after it."""

    number: str
    subject: str
    url: str
    promise: Promise
    say: str
    bold: str = ""
    then: str = ""
    note: str = ""
    severity: int | None = None


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """One line of a story: done (`d`), the customer's (`y`), next (`c`) or to come (empty)."""

    at: datetime
    title: str
    text: str = ""
    mark: Literal["d", "y", "c", ""] = "d"


@dataclass(frozen=True, kw_only=True)
class Opening:
    """Hours of one day for the hours strip, in seconds from midnight, local."""

    name: str
    words: str
    open: tuple[tuple[int, int], ...]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An action that the customer may take on a need: one button of the portal."""

    label: str
    url: str
    value: str = ""
    main: bool = False


@dataclass(frozen=True, kw_only=True)
class Need:
    """Something we need from the customer, and the ways to answer. `url`: where all of it can be read."""

    title: str
    text: str = ""
    url: str = ""
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True, kw_only=True)
class WhyPiece:
    """An interval in which a clock counted, or did not, and why.

    `counted` seconds were used in [start, end); `left` remain at its end (None: nothing is owed then).
    `rule` names the clause, `calendar_row` the hours, `event` what began or ended it.
    """

    start: datetime
    end: datetime
    kind: PieceKind
    counted: int = 0
    left: int | None = None
    why: str = ""
    rule: str = ""
    calendar_row: str = ""
    event: str = ""
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class WhySection:
    """The pieces under one target: a new section begins when the clock is reckoned anew.

    `at` is when it began to hold, `target` is in counted seconds, `before` what was left when it replaced the
    section before it. A section whose time was counted again by a later one has no pieces.
    """

    title: str
    at: datetime
    target: int
    pieces: tuple[WhyPiece, ...] = ()
    severity: int | None = None
    label: str = ""
    source: str = ""
    reason: str = ""
    before: int | None = None
    was_due: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class WhyLine:
    """A line of time left: instants and what was left then. `ghost` is what would have been."""

    kind: Literal["old", "now", "to_come", "ghost"]
    points: tuple[tuple[datetime, int], ...]


@dataclass(frozen=True, kw_only=True)
class WhyChart:
    """Why one promise is due when it is: all its sections in order, from its start to its due instant.

    `lines` is the course of what is left, in order. `open_hours` are the calendar's open intervals over the days
    shown (without them, those that counted), `holidays` the names of closed days by ISO date.
    """

    name: str
    zone: str
    now: datetime
    started_at: datetime
    sections: tuple[WhySection, ...]
    due: datetime | None = None
    stopped_at: datetime | None = None
    k: State = "run"
    used: int = 0
    target: int = 0
    target_words: str = ""
    lines: tuple[WhyLine, ...] = ()
    start_words: str = ""
    open_hours: tuple[tuple[datetime, datetime], ...] = ()
    holidays: dict[str, str] = field(default_factory=dict)

    @property
    def left(self) -> int:
        """Counted seconds that remain of the present target."""
        return self.target - self.used

    @property
    def pieces(self) -> tuple[WhyPiece, ...]:
        """All pieces of all sections, in order of sections."""
        return tuple(piece for section in self.sections for piece in section.pieces)

    @property
    def has_ghost(self) -> bool:
        """Whether there is a line of what would have been."""
        return any(line.kind == "ghost" for line in self.lines)
