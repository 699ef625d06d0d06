"""A backtest: a customer's tickets of a year under another package: what would have been promised, and kept (P4).

Each real log is explained twice, by the terms that did judge it and by those that the package would have given from
receipt on; changes of the agreement are left out of the second. It says what the answers as they were given would
have met, not what people would have done under other promises. Nothing is written.

Two thousand tickets are looked at in one go, newest first; `before` goes on where one look ended.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from django.db.models import QuerySet

from mainstay.catalogue import publish as catalogue
from mainstay.catalogue.models import Package
from mainstay.contracts import terms
from mainstay.contracts.basis import Basis
from mainstay.contracts.compiled import Compiled
from mainstay.contracts.terms import TermsDocument
from mainstay.customers.models import Customer
from mainstay.sla import clocks as sla
from mainstay.sla import hours
from mainstay.sla.instances import Instance
from mainstay.sla.policy import CLOCKS
from mainstay.tickets import clocks, resolve
from mainstay.tickets.clocks import Logged
from mainstay.tickets.models import Ticket

Outcome = Literal["kept", "missed", "running", "ended"]
MOST = 2000
CHUNK = 500
YEAR = timedelta(days=365)
_OF_TERMS = {"agreement_changed", "customer_recognised"}


@dataclass(frozen=True)
class Judged:
    """One clock instance under one set of terms. `ended`: neither met nor missed, such as closed as a duplicate."""

    kind: str
    outcome: Outcome
    used: int
    target: int
    words: str
    severity: int


@dataclass(frozen=True)
class Case:
    """One clock of one ticket, as it was and as it would have been; None where there was no such promise."""

    ticket: Ticket
    clock: str
    n: int
    then: Judged | None
    now: Judged | None

    @property
    def severity(self) -> int:
        """The severity it is counted under: that of the package looked at, else the real one."""
        found = self.now or self.then
        assert found is not None
        return found.severity

    @property
    def differs(self) -> bool:
        """Whether one of the two was missed and the other not."""
        return (self.then is not None and self.then.outcome == "missed") != (
            self.now is not None and self.now.outcome == "missed"
        )


@dataclass
class Side:
    """How many of one clock and severity were promised under one set of terms, and what came of them."""

    words: set[str] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)
    kept: int = 0
    missed: int = 0
    running: int = 0
    ended: int = 0

    def add(self, one: Judged) -> None:
        self.words.add(one.words)
        self.kinds.add(one.kind)
        setattr(self, one.outcome, getattr(self, one.outcome) + 1)

    @property
    def all(self) -> int:
        return self.kept + self.missed + self.running + self.ended

    @property
    def percent(self) -> float | None:
        """Of those decided, how many in a hundred were kept; None before any is."""
        decided = self.kept + self.missed
        return 100 * self.kept / decided if decided else None

    @property
    def said(self) -> str:
        """The targets in words, each once."""
        return ", ".join(sorted(self.words))


@dataclass(frozen=True)
class Line:
    """One clock and severity: as it was, and under the package."""

    clock: str
    severity: int
    then: Side
    now: Side


@dataclass(frozen=True)
class Backtest:
    """What a look came to. `of` are all tickets of the period; `before` is the ticket to go on from, if any."""

    customer: Customer
    package: Package
    since: datetime
    until: datetime
    looked: int
    of: int
    before: int | None
    unpromised: int
    cases: tuple[Case, ...]

    @property
    def lines(self) -> list[Line]:
        """All clocks and severities, promises of the package first."""
        found: dict[tuple[str, int], Line] = {}
        for case in self.cases:
            key = (case.clock, case.severity)
            line = found.setdefault(key, Line(*key, Side(), Side()))
            for side, judged in ((line.then, case.then), (line.now, case.now)):
                if judged is not None:
                    side.add(judged)
        return sorted(found.values(), key=lambda line: (CLOCKS.index(line.clock), line.severity))

    def of_line(self, clock: str, severity: int) -> list[Case]:
        """The cases behind one line: those that would have come out otherwise first, then those missed."""
        mine = [case for case in self.cases if (case.clock, case.severity) == (clock, severity)]
        return sorted(mine, key=lambda case: (not case.differs, not _missed(case.now), -case.ticket.pk))


def _missed(judged: Judged | None) -> bool:
    return judged is not None and judged.outcome == "missed"


def backtest(
    customer: Customer, package: Package, *, at: datetime, before: int | None = None, most: int = MOST
) -> Backtest:
    """The tickets that the customer raised in the year before `at`, under `package`. Reads only.

    Spam is left out; a ticket that is open counts as it stands at `at`.
    """
    since = at - YEAR
    raised = tickets_of(customer, since, at)
    page = raised.filter(pk__lt=before) if before is not None else raised
    numbers = list(page.order_by("-pk").values_list("pk", flat=True)[: most + 1])
    looked = numbers[:most]
    basis = Basis("included", None, package, catalogue.current_desk_policy())
    cases = [case for some in _chunks(looked, basis, at) for case in some]
    unpromised = Ticket.objects.filter(pk__in=looked, terms__isnull=True).count()
    return Backtest(
        customer, package, since, at, len(looked), raised.count(),
        looked[-1] if len(numbers) > most else None, unpromised, tuple(cases),
    )  # fmt: skip


def tickets_of(customer: Customer, since: datetime, until: datetime) -> QuerySet[Ticket]:
    """What counts: raised in the period, and no spam."""
    return Ticket.objects.filter(
        customer=customer, opened_at__gte=since, opened_at__lt=until
    ).exclude(close_reason="spam")  # fmt: skip


def _chunks(numbers: Sequence[int], basis: Basis, at: datetime) -> Iterator[list[Case]]:
    compiled, read = Compiled(), dict[str, TermsDocument]()
    for start in range(0, len(numbers), CHUNK):
        some = Ticket.objects.filter(pk__in=numbers[start : start + CHUNK]).select_related(*resolve.RELATED)
        tickets = list(some.order_by("-pk"))
        logs = resolve.logs_of(tickets)
        for ticket in tickets:
            yield list(_cases(ticket, logs.get(ticket.pk, []), basis, at, compiled, read))


def _cases(
    ticket: Ticket,
    log: list[Logged],
    basis: Basis,
    at: datetime,
    compiled: Compiled,
    read: dict[str, TermsDocument],
) -> Iterator[Case]:
    """Every promise and goal of one ticket, under both."""
    if not log:
        return
    found = resolve.again(ticket, basis, keep=False, compiled=compiled)
    says = read.setdefault(found.terms.pk, terms.parse(found.terms.text))
    would = sla.explain(says.policy, clocks.clock_events(without_agreements(log)), hours.instant(at))
    was = clocks.explained(log, at)
    held = terms.load(ticket.terms_id) if ticket.terms_id else None
    then, now = _judged(was, held), _judged(would, says)
    for clock, n in dict.fromkeys([*then, *now]):
        yield Case(ticket, clock, n, then.get((clock, n)), now.get((clock, n)))


def without_agreements(log: Iterable[Logged]) -> list[Logged]:
    """The log without what changed its terms; a severity that changed with them still did."""
    return [one._replace(kind="") if one.kind in _OF_TERMS else one for one in log]


def _judged(instances: Iterable[Instance], says: TermsDocument | None) -> dict[tuple[str, int], Judged]:
    """What was owed or hoped for; our own clocks are nobody's promise."""
    found = {}
    for one in instances:
        kind = (says.kind(one.clock, one.severity) if says else None) or "goal"
        if kind in {"promise", "goal"}:
            found[one.clock, one.n] = Judged(
                kind, _outcome(one), one.used, one.target_seconds,
                terms.in_words(one.target, one.calendar), one.severity,
            )  # fmt: skip
    return found


def _outcome(one: Instance) -> Outcome:
    """Missed is missed, also under a target that was changed later (CLOCKS: earlier breaches)."""
    if one.breached or one.earlier_breaches:
        return "missed"
    if one.state == "stopped":
        return "kept"
    return "ended" if one.state == "cancelled" else "running"
