"""Step 3, dispatch: an engineer who may and can, and always why this person (D1)."""

from datetime import datetime

from django.db.models import Count
from django.utils.translation import gettext as _

from mainstay.accounts.actor import Actor
from mainstay.accounts.models import User
from mainstay.allowances import decisions
from mainstay.errors import Refused
from mainstay.staffing import suitable
from mainstay.tickets import lifecycle, messages, tally
from mainstay.tickets.events import changing, record
from mainstay.tickets.models import Event, Step, Ticket


def candidates(ticket: Ticket, *, at: datetime) -> list[suitable.Candidate]:
    """Who could take the ticket, best first, each with the reasons. Empty: nobody suitable is there."""
    product = ticket.environment.product if ticket.environment else None
    needs = suitable.Needs(
        product=product.code if product else "",
        language=ticket.customer.language if ticket.customer else "",
        level_code=ticket.level.code if ticket.level else "",
        level_rank=ticket.level.rank if ticket.level else 0,
        severity=ticket.severity,
        team_id=ticket.team_id,
    )
    return suitable.find(needs, load=tally.of_people(), familiarity=_familiarity(ticket), at=at)


def assign(
    ticket: Ticket, *, to: User, by: Actor, at: datetime, reason: str = "", because: list[str] | None = None
) -> Event:
    """Give the ticket to a member of staff. `because` is why dispatch proposed them, `reason` the giver's own."""
    if not to.may_act:
        raise Refused("engineer", f"{to.name} cannot work on tickets")
    with changing(ticket) as fresh:
        lifecycle.check(fresh.state, "assign")
        _check_decided(fresh)
        if fresh.assignee_id == to.pk:
            raise Refused("engineer", f"{to.name} has this ticket already")
        fresh.assignee = to
        fresh.assigned_because = because or ([reason] if reason else [f"chosen by {by.name}"])
        works_on_it(fresh)
        return record(
            fresh, "dispatched", by=by, at=at, why=reason,
            detail={"to": to.name, "because": fresh.assigned_because},
        )  # fmt: skip


def _check_decided(fresh: Ticket) -> None:
    """What nothing covers is given to nobody before a person has decided whether it is served (P1)."""
    if waits_for_decision(fresh):
        raise Refused(
            "engineer",
            _("nobody may have it yet: nothing covers this request, and nobody has decided. Serve it once, offer a"
              " package or decline; or say which customer it belongs to"),
        )  # fmt: skip


def waits_for_decision(ticket: Ticket) -> bool:
    """Whether nothing covers it and nobody has decided yet."""
    return ticket.entitlement == "none" and decisions.is_undecided(ticket)


def unassign(ticket: Ticket, *, reason: str, by: Actor, at: datetime) -> Event:
    """Nobody has it any more: back to be dispatched."""
    reason = messages.needs_text(reason, "reason")
    with changing(ticket) as fresh:
        lifecycle.check(fresh.state, "assign")
        if fresh.assignee_id is None:
            raise Refused("engineer", "is nobody already")
        fresh.assignee, fresh.assigned_because = None, []
        if fresh.step == Step.RESOLUTION:
            fresh.step = Step.DISPATCH
        return record(fresh, "unassigned", by=by, at=at, why=reason)


def schedule(ticket: Ticket, *, start: datetime, reason: str, by: Actor, at: datetime) -> Event:
    """Plan the work for an instant: an appointment, a maintenance window. The past is refused."""
    if start <= at:
        raise Refused("start", "lies in the past; choose a time to come")
    with changing(ticket) as fresh:
        lifecycle.check(fresh.state, "assign")
        fresh.scheduled_for = start
        return record(fresh, "scheduled", by=by, at=at, why=reason)


def nobody_suitable(ticket: Ticket, *, by: Actor, at: datetime) -> Event:
    """Nobody can take it: said aloud, never silence (D1)."""
    with changing(ticket) as fresh:
        return record(fresh, "nobody_suitable", by=by, at=at)


def works_on_it(fresh: Ticket) -> None:
    """Whoever has it goes on from here."""
    if fresh.step in {Step.TRIAGE, Step.DISPATCH}:
        fresh.step = Step.RESOLUTION


def _familiarity(ticket: Ticket) -> dict[int, int]:
    """How many of this customer's last 200 tickets each person had."""
    if ticket.customer_id is None:
        return {}
    last = Ticket.objects.filter(customer=ticket.customer).order_by("-opened_at").values("pk")[:200]
    rows = (
        Ticket.objects.filter(pk__in=last, assignee__isnull=False)
        .values("assignee")
        .annotate(n=Count("id"))
        .order_by()
    )
    return {row["assignee"]: row["n"] for row in rows}
