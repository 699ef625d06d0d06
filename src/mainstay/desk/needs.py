"""What needs a person now, by what they are here for: the parts of the desk's first page.

Each part is one indexed query of a few rows, and is asked only for those whose work it is. What presses stands first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mainstay.accounts import standing_in
from mainstay.accounts.models import Act, Role, User
from mainstay.advisor.models import Lead
from mainstay.allowances import decisions
from mainstay.contracts import drafts, renewals
from mainstay.contracts.models import Draft
from mainstay.customers import subscriptions
from mainstay.desk import frame, queue, shown
from mainstay.intake.email import hold
from mainstay.intake.models import Mailbox
from mainstay.maintenance import tasks
from mainstay.maintenance.models import Task
from mainstay.notices import deliveries, recipients
from mainstay.notices.models import Delivery
from mainstay.reports import causes, kept
from mainstay.reports.models import Cause, Credit, Figure
from mainstay.staffing.models import Absence
from mainstay.tickets import access, appointments, handover, sentences, snoozes
from mainstay.tickets.models import Appointment, Handover, Step, Ticket
from mainstay.ui.shapes import QueueBand

FEW: Final = 6  # lines of a part; the rest is behind its link
MINE: Final = 12  # one's own tickets
SOON: Final = timedelta(days=7)
ENDING: Final = 60  # days ahead in which a contract's end is somebody's affair


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
class Needs:
    """A person's first page: tickets in bands on one scale, then what waits beside them, what presses first."""

    bands: tuple[QueueBand, ...]
    parts: tuple[Part, ...]
    rest: str  # what happens next when nothing waits


@dataclass(frozen=True)
class Asking:
    """Who asks, when, and what they are here for."""

    user: User
    at: datetime
    roles: frozenset[str]

    @property
    def today(self) -> date:
        return self.at.date()


def roles_of(user: User) -> frozenset[str]:
    """What a person does: their roles, and triage where nobody else does it (a house of three)."""
    held = set(user.roles)
    if any(one.pk == user.pk for one in recipients.leads()):
        held.add(Role.TRIAGE)
    return frozenset(str(role) for role in held)


def of(user: User, found: dict[str, int], at: datetime) -> Needs:
    """Everything that needs `user` at `at`; `found` are the counts of `frame.counts`."""
    asking = Asking(user, at, roles_of(user))
    made = [make(asking) for roles, make in PARTS if roles is EVERYBODY or asking.roles & roles]
    parts = [part for part in made if part is not None and part.lines]
    return Needs(
        _bands(asking, found), tuple(sorted(parts, key=lambda one: not one.hot)), _rest(asking, found)
    )


# ---- tickets


def _bands(asking: Asking, found: dict[str, int]) -> tuple[QueueBand, ...]:
    """Each ticket once, in the first band that it belongs to."""
    seen: set[int] = set()
    bands: list[tuple[str, list[Ticket]]] = []
    for title, tickets in _wanted(asking, found):
        fresh = [one for one in tickets if one.pk not in seen]
        seen |= {one.pk for one in fresh}
        bands.append((title, fresh))
    clocks = queue.clocks_of([one for _, tickets in bands for one in tickets])
    return tuple(
        QueueBand(code="", title=title,
                  rows=tuple(shown.row(one, clocks.get(one.pk, []), asking.at) for one in tickets))
        for title, tickets in bands if tickets
    )  # fmt: skip


def _wanted(asking: Asking, found: dict[str, int]) -> list[tuple[str, Iterable[Ticket]]]:
    user, roles = asking.user, asking.roles
    wanted: list[tuple[str, Iterable[Ticket]]] = []
    if found["emergencies"]:
        unseen = access.queue(user).filter(~Q(emergency=[]), emergency_seen_at__isnull=True)
        wanted.append((_("Looks like an emergency, and nobody has seen it"), unseen[:10]))
    if found["mine"]:
        wanted.append(
            (_("Yours, in their order"), access.queue(user, assignee=user).exclude(snoozes.away(user))[:MINE])
        )
    if Role.TRIAGE in roles and found["triage"]:
        wanted.append((_("To triage"), access.queue(user, step__in=frame.UNTRIAGED)[:8]))
    if Role.TRIAGE in roles and found["nobody"]:
        free = access.queue(user, step=Step.DISPATCH, assignee__isnull=True)
        wanted.append((_("Triaged, and nobody has them yet"), free[:8]))
    if Role.TAM in roles:
        wanted.append((_("Of your customers, what breaks its promise first"), _of_customers(asking)[:8]))
    if roles & LEADING:
        promised = access.queue(user, due_at__isnull=False)
        wanted.append((_("Whoever has them: what breaks its promise first"), promised[:8]))
    return wanted


def _of_customers(asking: Asking) -> QuerySet[Ticket]:
    return access.queue(asking.user, customer__tam=asking.user, due_at__isnull=False)


def _rest(asking: Asking, found: dict[str, int]) -> str:
    """What happens next, where nothing waits."""
    if not asking.user.may_act:
        return _("You read everything and change nothing; the log and every “why” are open to you.")
    if Role.TRIAGE in asking.roles or not found["nobody"]:
        return _("A new request comes up here by itself, and is told in your notices.")
    return ngettext(
        "%(n)s open ticket has no owner yet: take it from the queue.",
        "%(n)s open tickets have no owner yet: take the first from the queue.",
        found["nobody"],
    ) % {"n": found["nobody"]}  # fmt: skip


# ---- what waits beside them


def _own(asking: Asking) -> Part:
    """What they wanted to be reminded of and where they are named, until they say that they have seen it."""
    rows = list(deliveries.own(asking.user, most=FEW))
    lines = [
        Line(f"{one.ticket_id} {one.ticket.subject}", _place(one), _aside(one), at=one.created_at)
        for one in rows if one.ticket is not None
    ]  # fmt: skip
    return Part("own", _("For you"), tuple(lines), notices=tuple(one.pk for one in rows))


def _aside(one: Delivery) -> str:
    """Why it is here, and in whose words."""
    if one.event is None:
        return ""
    if one.template == "mentioned":
        return _("%(name)s names you in a note") % {"name": one.event.text.by_name}
    because = sentences.back_because(str(one.event.after.get("because")))
    note = one.event.text.why if hasattr(one.event, "text") else ""
    return f"{because}: {note}" if note else because


def _place(one: Delivery) -> str:
    """The ticket; of a note, the very place."""
    note = one.event.text.detail.get("message") if one.template == "mentioned" and one.event else None
    return shown.ticket_url(one.ticket_id or 0) + (f"#m{note}" if note else "")


def _appointments(asking: Asking) -> Part:
    """What they take part in within a week."""
    rows = appointments.of(asking.user, since=asking.at, until=asking.at + SOON).order_by("starts_at", "pk")
    lines = [
        Line(f"{str(one.get_kind_display()).capitalize()}: {one.about}",
             f"{shown.ticket_url(one.ticket_id)}#appointments", _meets(one), at=one.starts_at,
             hot=one.starts_at <= asking.at + timedelta(minutes=15))
        for one in rows[:FEW]
    ]  # fmt: skip
    return Part("appointments", _("Appointments"), tuple(lines))


def _meets(one: Appointment) -> str:
    """With whom, and what they asked for since."""
    who = one.ticket.customer.name if one.ticket.customer else one.ticket.requester_name
    return _("%(who)s asks for another time") % {"who": one.wish_by} if one.wish else who


def _handed(asking: Asking) -> Part:
    """What was handed over to them and waits for their word; for those who lead, what nobody has accepted in time."""
    mine = Q(to=asking.user)
    if asking.roles & {Role.MANAGER, Role.TRIAGE}:
        mine |= Q(told_at__isnull=False)
    rows = handover.waiting().filter(mine)[:FEW]
    lines = [
        Line(f"{one.ticket_id} {one.ticket.subject}", reverse("desk:handover"), _from(one), at=one.accept_by,
             hot=one.accept_by <= asking.at)
        for one in rows
    ]  # fmt: skip
    return Part(
        "handed", _("Handed over: to accept until"), tuple(lines), reverse("desk:handover"), _("handover")
    )


def _from(one: Handover) -> str:
    giver = one.given_by.name if one.given_by else _("somebody")
    return _("from %(giver)s to %(to)s") % {"giver": giver, "to": one.to.name}


def _tasks(asking: Asking) -> Part:
    """The tasks in one's own hands, or in those of a team of theirs, that are due within a week."""
    due = tasks.due(owner=asking.user).filter(due_on__lte=asking.today + SOON)
    lines = [
        Line(one.title, _of_task(one), _whose(one), at=one.due_at, by=_day(one.due_on), hot=one.late(asking.at))
        for one in due[:FEW]
    ]  # fmt: skip
    return Part("tasks", _("Tasks due"), tuple(lines), reverse("desk:tasks"), _("all of yours"))


def _of_task(task: Task) -> str:
    """Where it is done: on its ticket, else on its own page."""
    own = reverse("desk:task", args=[task.pk])
    return f"{shown.ticket_url(task.ticket_id)}#tasks-of" if task.ticket_id else own


def _whose(task: Task) -> str:
    """The ticket or customer that it is for, and the team that has it."""
    about = f"{task.ticket_id} {task.ticket.subject[:60]}" if task.ticket else str(task.customer or "")
    return ", ".join(one for one in (about, str(task.team or "")) if one)


def _day(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"


def _held(asking: Asking) -> Part:
    waiting = hold.waiting_for_a_person()
    said = []
    if waiting.held:
        words = ngettext("%(n)s mail is held", "%(n)s mails are held", waiting.held) % {"n": waiting.held}
        said.append(Line(words, reverse("desk:held"), _("the oldest since"), at=waiting.oldest))
    if waiting.quarantine:
        words = ngettext("%(n)s mail in quarantine", "%(n)s mails in quarantine", waiting.quarantine)
        said.append(Line(words % {"n": waiting.quarantine}, reverse("desk:held"), hot=True))
    return Part("held", _("Mail that waits for a decision"), tuple(said))


def _undecided(asking: Asking) -> Part:
    rows = decisions.waiting().select_related("ticket__customer")[:FEW]
    lines = [
        Line(f"{one.ticket_id} {one.ticket.subject}", shown.ticket_url(one.ticket_id),
             str(one.ticket.customer or _("nobody we know")), at=one.asked_at)
        for one in rows
    ]  # fmt: skip
    where = reverse("desk:not_entitled")
    return Part("undecided", _("Nothing covers them: serve, offer or decline"), tuple(lines), where, _("all"))


def _drafts(asking: Asking) -> Part:
    """Offers that wait for an approval, and those of one's own that are being negotiated."""
    approving = bool(asking.roles & {Role.MANAGER})
    mine = Q(owner=asking.user, state__in=drafts.OPEN)
    asked = mine | Q(state=Draft.State.SUBMITTED) if approving else mine
    rows = Draft.objects.filter(asked).select_related("customer", "package", "owner").order_by("-pk")[:FEW]
    lines = [
        Line(f"{one.number}, {one.customer.name}", reverse("desk:draft", args=[one.pk]),
             f"{one.package.name}: {one.get_state_display()}")
        for one in rows
    ]  # fmt: skip
    where = reverse("desk:contract_list")
    return Part("drafts", _("Contracts being negotiated"), tuple(lines), where, _("all contracts"))


def _ending(asking: Asking) -> Part:
    """Contracts that end: a TAM's own customers', for sales everybody's."""
    rows = renewals.ending(asking.today, ENDING)
    if not asking.roles & {Role.SALES, Role.MANAGER}:
        rows = [one for one in rows if asking.user in (one.contract.tam, one.contract.customer.tam)]
    lines = [
        Line(f"{one.contract.number}, {one.contract.customer.name}",
             reverse("desk:contract", args=[one.contract.pk]),
             _("renewal begun") if one.draft else "", by=_ends(one.days))
        for one in rows[:FEW]
    ]  # fmt: skip
    where = reverse("desk:renewals")
    return Part("ending", _("Contracts that end, and nothing follows"), tuple(lines), where, _("all of them"))


def _ends(days: int) -> str:
    return ngettext("in %(n)s day", "in %(n)s days", days) % {"n": days} if days else _("today")


def _subscriptions(asking: Asking) -> Part:
    rows = subscriptions.ending(asking.today, within=30, past=7)[:FEW]
    lines = [
        Line(f"{one.customer.name}, {one.product.name if one.product else _('all products')}",
             reverse("desk:subscription", args=[one.customer.code, one.pk]),
             by=_day(one.ends_on), hot=one.ends_on < asking.today)
        for one in rows
    ]  # fmt: skip
    return Part(
        "subscriptions", _("Subscriptions that end"), tuple(lines), reverse("desk:ending"), _("all of them")
    )


def _leads(asking: Asking) -> Part:
    rows = Lead.objects.filter(state=Lead.State.NEW).order_by("at", "pk")[:FEW]
    lines = [Line(one.organisation or one.name, reverse("desk:leads"), one.name, at=one.at) for one in rows]
    return Part(
        "leads", _("They asked sales to write to them"), tuple(lines), reverse("desk:leads"), _("all")
    )


def _excuses(asking: Asking) -> Part:
    lines = [
        Line(one.excuse[:120], _where(one), _("asked by %(name)s") % {"name": one.by.name}, at=one.at)
        for one in causes.waiting(FEW)
    ]
    return Part(
        "excuses", _("Excuses that wait for your decision"), tuple(lines), reverse("desk:kpis"), _("KPIs")
    )


def _where(cause: Cause) -> str:
    if cause.ticket_id:
        return reverse("desk:why", args=[cause.ticket_id, cause.clock, cause.n])
    assert cause.outage is not None
    return reverse("desk:kpi_systems", args=[cause.outage.environment.customer.code])


def _credits(asking: Asking) -> Part:
    rows = Credit.objects.filter(state__in=(Credit.State.CLAIMED, Credit.State.GRANTED)).order_by("pk")
    found = list(rows.select_related("customer")[:FEW])
    named = kept.titles(one.figure_id for one in found)
    lines = [
        Line(one.customer.name, reverse("desk:kpi_customer", args=[one.customer.code]),
             f"{named[one.figure_id]}: {one.get_state_display()}")
        for one in found
    ]  # fmt: skip
    return Part("credits", _("Credits to decide or pay"), tuple(lines), reverse("desk:kpis"), _("KPIs"))


def _away(asking: Asking) -> Part:
    rows = Absence.objects.filter(ends_at__gt=asking.at, starts_at__lt=asking.at + SOON)
    lines = [
        Line(one.engineer.user.name, reverse("desk:person", args=[one.engineer.user_id]),
             _("away until") if one.starts_at <= asking.at else _("away from"),
             at=one.ends_at if one.starts_at <= asking.at else one.starts_at)
        for one in rows.select_related("engineer__user").order_by("starts_at", "pk")[:FEW]
    ]  # fmt: skip
    return Part("away", _("Who is away within a week"), tuple(lines), reverse("desk:people"), _("people"))


def _mail_out(asking: Asking) -> Part:
    """What does not leave, and mailboxes that cannot be reached."""
    stands, where, lines = deliveries.backlog(asking.at), reverse("desk:outbox"), []
    if stands.failed:
        words = ngettext("%(n)s mail could not be sent", "%(n)s mails could not be sent", stands.failed)
        lines.append(Line(words % {"n": stands.failed}, f"{where}?state=failed", hot=True))
    if stands.late:
        lines.append(Line(_("Outgoing mail is late"), where, stands.error[:120], at=stands.oldest, hot=True))
    if stands.unannounced:
        words = ngettext(
            "%(n)s event could not be told", "%(n)s events could not be told", stands.unannounced
        )
        lines.append(Line(words % {"n": stands.unannounced}, where, hot=True))
    away = Mailbox.objects.filter(active=True, failing_since__isnull=False).order_by("failing_since")
    for box in away[:FEW]:
        words, place = _("%(address)s cannot be fetched"), reverse("desk:mailbox", args=[box.pk])
        lines.append(
            Line(words % {"address": box.address}, place, box.error[:120], box.failing_since, hot=True)
        )
    return Part("mail", _("Mail"), tuple(lines), where, _("outbox"))


def _acts(asking: Asking) -> Part:
    lines = [
        Line(f"{one.kind}: {one.what}"[:140], reverse("desk:log"), one.by_name, at=one.at)
        for one in Act.objects.order_by("-pk")[:FEW]
    ]
    return Part("acts", _("What was changed last"), tuple(lines), reverse("desk:log"), _("the log"))


def _figures(asking: Asking) -> Part:
    """Figures as they were frozen, corrections among them."""
    lines = [
        Line(f"{one.customer.name}: {one.code} {one.period}",
             reverse("desk:kpi_customer", args=[one.customer.code]),
             _("corrected: %(why)s") % {"why": one.reason[:80]} if one.version > 1 else _("frozen"), at=one.known_at)
        for one in Figure.objects.select_related("customer").order_by("-pk")[:FEW]
    ]  # fmt: skip
    return Part("figures", _("Figures frozen last"), tuple(lines), reverse("desk:kpis"), _("KPIs"))


def _excused(asking: Asking) -> Part:
    rows = Cause.objects.filter(approved=True).select_related("decided_by", "outage__environment__customer")
    lines = [
        Line(one.excuse[:120], _where(one), one.decided_by.name if one.decided_by else "", at=one.decided_at)
        for one in rows.order_by("-pk")[:FEW]
    ]
    return Part("excused", _("Excused lately, and by whom"), tuple(lines))


def _instead(asking: Asking) -> Part:
    """Whose customers one looks after while they are away."""
    lines = [
        Line(_("You stand in for %(name)s") % {"name": one.person.name},
             f"{reverse('desk:portfolio')}?tam={one.person_id}", _("until"), at=one.ends_at)
        for one in standing_in.at_work(asking.at).filter(stand_in=asking.user).order_by("ends_at", "pk")[:FEW]
    ]  # fmt: skip
    return Part("instead", _("In somebody's stead"), tuple(lines), reverse("desk:portfolio"), _("portfolio"))


EVERYBODY: Final = frozenset[str]()
LEADING: Final = frozenset({Role.MANAGER, Role.AUDITOR})
SELLING: Final = frozenset({Role.SALES})
Make = Callable[[Asking], "Part | None"]
PARTS: tuple[tuple[frozenset[Any], Make], ...] = (
    (EVERYBODY, _own),
    (EVERYBODY, _appointments),
    (EVERYBODY, _handed),
    (EVERYBODY, _instead),
    (EVERYBODY, _tasks),
    (frozenset({Role.TRIAGE, Role.ADMINISTRATOR}), _held),
    (frozenset({Role.ADMINISTRATOR}), _mail_out),
    (frozenset({Role.TRIAGE, Role.MANAGER, Role.SALES}), _undecided),
    (frozenset({Role.MANAGER}), _excuses),
    (frozenset({Role.MANAGER, Role.SALES}), _drafts),
    (frozenset({Role.MANAGER, Role.SALES}), _credits),
    (frozenset({Role.TAM, Role.SALES, Role.MANAGER}), _ending),
    (SELLING, _leads),
    (SELLING, _subscriptions),
    (frozenset({Role.MANAGER, Role.TRIAGE}), _away),
    (frozenset({Role.AUDITOR, Role.ADMINISTRATOR}), _acts),
    (frozenset({Role.AUDITOR}), _figures),
    (frozenset({Role.AUDITOR}), _excused),
)
