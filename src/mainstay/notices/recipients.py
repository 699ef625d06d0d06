"""Who hears of what: one table from kinds of events to people and channels, and how the people are found.

The customer's people are the requester and the accepted participants; each gets a letter of their own. Staff
hear by notice in the desk, and by mail where waiting for somebody to look would be too late. An auditor hears
nothing, nobody hears of what they did themselves (but for `author_too`), and notes go to nobody.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q, QuerySet

from mainstay.accounts.models import Role, StandIn, Team, User
from mainstay.catalogue.remembered import once
from mainstay.customers.models import Contact
from mainstay.intake.email.ours import is_ours
from mainstay.notices import words
from mainstay.notices.reading import Reading
from mainstay.policy.ladders import role_of
from mainstay.staffing.coming import away_until
from mainstay.tickets.models import Event, Handover, Ticket

DESK, MAIL = "desk", "email"
BY_DESK: Final = (DESK,)
BOTH: Final = (DESK, MAIL)

ASSIGNEE = "assignee"  # whoever works on it, if somebody does
WORKING = "working"  # whoever works on it, else those who triage
TRIAGE = "triage"
MANAGER = "manager"
TAM = "tam"
TAM_ELSE_MANAGER = "tam, else manager"
NOT_THE_ASSIGNEE = "managers, not who works on it"
GIVER = "who gave it"
CALLED = "called "  # before the name that a rung of a ladder has for somebody
WATCHING = "watching"  # those who watch the ticket
PERSON = "person "  # before the number of one of us whom an event is about


@dataclass(frozen=True)
class Hear:
    """Some of the staff, and by which channels."""

    who: str
    by: tuple[str, ...] = BY_DESK
    author_too: bool = False


@dataclass(frozen=True)
class Row:
    """Who hears of one kind of event. `letter` is what the customer's people get; empty: they hear nothing.

    `automatic`: no person of ours wrote it; the value of Auto-Submitted (RFC 3834).
    """

    letter: str = ""
    automatic: str = ""
    author_too: bool = False
    staff: tuple[Hear, ...] = ()


GENERATED, REPLIED = "auto-generated", "auto-replied"

# A kind may be followed by what tells two of its sort apart: see `_variant`.
TABLE: Final[dict[str, Row]] = {
    # step 1
    "received": Row(staff=(Hear(TRIAGE), Hear(TAM, BOTH))),
    "acknowledged": Row("acknowledgement", REPLIED, author_too=True),
    "acknowledgement_withheld": Row("acknowledgement", REPLIED, author_too=True),
    "emergency_flagged": Row(staff=(Hear(TRIAGE, BOTH),)),
    # step 2
    "triaged": Row("severity", GENERATED),
    "severity_changed": Row("severity", GENERATED, staff=(Hear(ASSIGNEE),)),
    "information_requested": Row("question"),
    "ruled_out_of_scope": Row("out_of_scope", staff=(Hear(TAM),)),
    "paid_work_offered": Row("paid_offer", staff=(Hear(TAM),)),
    "paid_work_agreed": Row("paid_agreed", GENERATED, author_too=True, staff=(Hear(WORKING, BOTH), Hear(TAM, BOTH))),
    "paid_work_declined": Row(staff=(Hear(WORKING),)),
    "scope_appealed": Row(staff=(Hear(TRIAGE, BOTH), Hear(MANAGER, BOTH), Hear(TAM))),
    "appeal_rejected": Row("appeal_rejected", staff=(Hear(TAM),)),
    "brought_into_scope": Row("into_scope", GENERATED, staff=(Hear(ASSIGNEE),)),
    "agreement_changed": Row("agreement", GENERATED, staff=(Hear(ASSIGNEE),)),
    "customer_recognised": Row("recognised", GENERATED, staff=(Hear(ASSIGNEE),)),
    # what is covered, and what a person decided where nothing is
    "beyond_allowance": Row(staff=(Hear(TRIAGE), Hear(TAM))),
    "served_once": Row("served_once", staff=(Hear(TAM),)),
    "package_offered": Row("offered", staff=(Hear(TAM),)),
    # step 3
    "dispatched": Row("dispatched", GENERATED, staff=(Hear(ASSIGNEE, BOTH),)),
    "handed_over": Row("dispatched", GENERATED, staff=(Hear(ASSIGNEE, BOTH),)),
    "handover_accepted": Row(staff=(Hear(GIVER),)),
    "handover_declined": Row("dispatched", GENERATED, staff=(Hear(WORKING, BOTH),)),
    "handover_unaccepted": Row(staff=(Hear(MANAGER, BOTH), Hear(TRIAGE), Hear(ASSIGNEE, BOTH))),
    "scheduled": Row("scheduled", GENERATED, staff=(Hear(ASSIGNEE),)),
    "nobody_suitable": Row(staff=(Hear(TRIAGE, BOTH), Hear(MANAGER, BOTH))),
    # step 4
    "staff_replied": Row("answer"),
    "asked_customer": Row("question"),
    "progress_reported": Row("progress"),
    "waiting_on_third_party": Row("third_party", GENERATED),
    "resumed after waiting_on_third_party": Row("resumed", GENERATED, staff=(Hear(ASSIGNEE),)),
    "resumed": Row(staff=(Hear(ASSIGNEE),)),
    "workaround_provided": Row("workaround"),
    "root_cause_reported": Row("root_cause"),
    "solution_proposed": Row("solution"),
    "solution_rejected": Row(staff=(Hear(WORKING, BOTH), Hear(WATCHING))),
    "customer_replied": Row(staff=(Hear(WORKING, BOTH), Hear(WATCHING))),
    "thanked on closed": Row(staff=(Hear(ASSIGNEE), Hear(WATCHING))),
    "thanked": Row(staff=(Hear(WATCHING),)),
    "rated": Row(staff=(Hear(ASSIGNEE),)),
    "escalated": Row(
        "severity", GENERATED,
        staff=(Hear(ASSIGNEE, BOTH), Hear(TRIAGE, BOTH), Hear(MANAGER, BOTH), Hear(TAM, BOTH)),
    ),
    # what the customer wants decided
    "concern_raised as escalation": Row(staff=(Hear(TAM_ELSE_MANAGER, BOTH), Hear(ASSIGNEE), Hear(WATCHING))),
    "concern_raised as severity": Row(staff=(Hear(TRIAGE, BOTH), Hear(ASSIGNEE), Hear(TAM), Hear(WATCHING))),
    "concern_raised as complaint": Row(staff=(Hear(NOT_THE_ASSIGNEE, BOTH), Hear(TAM, BOTH))),
    "concern_answered": Row("answer", staff=(Hear(ASSIGNEE),)),
    "concern_late": Row(staff=(Hear(NOT_THE_ASSIGNEE, BOTH),)),
    # appointments; who takes part is in the event
    "appointment_agreed": Row("appointment", GENERATED),
    "appointment_moved": Row("appointment_moved", GENERATED),
    "appointment_cancelled": Row("appointment_cancelled", GENERATED),
    "appointment_wished": Row(staff=(Hear(WORKING, BOTH),)),
    # step 5
    "reminded": Row("reminder", GENERATED),
    "closed": Row("closed", GENERATED, author_too=True, staff=(Hear(ASSIGNEE),)),
    "closed as spam": Row(),
    "unmerged": Row("reopened", GENERATED, staff=(Hear(ASSIGNEE),)),
    "reopened": Row("reopened", REPLIED, author_too=True, staff=(Hear(WORKING, BOTH), Hear(WATCHING))),
    # promises: a goal is its engineer's affair, an inside clock that of those who lead
    "warned of promise": Row(staff=(Hear(WORKING, BOTH),)),
    "warned of goal": Row(staff=(Hear(ASSIGNEE),)),
    "warned of internal": Row(staff=(Hear(TRIAGE),)),
    "breached of promise": Row(staff=(Hear(WORKING, BOTH), Hear(MANAGER, BOTH), Hear(TAM, BOTH))),
    "breached of goal": Row(staff=(Hear(ASSIGNEE),)),
    "breached of internal": Row(staff=(Hear(TRIAGE), Hear(MANAGER))),
    # people and our own mail
    "noted by system": Row(staff=(Hear(ASSIGNEE),)),
    "participants_added, some await approval": Row("approval", GENERATED, author_too=True, staff=(Hear(WORKING),)),
    "participants_added by a colleague": Row("added", GENERATED),
    "delivery_failed": Row(staff=(Hear(WORKING),)),
}  # fmt: skip
SILENT: Final = Row()


def row_of(event: Event, ticket: Ticket) -> Row:
    """The row of the table that holds for this event; kinds that are not in it are heard by nobody."""
    if event.kind == "escalated_by_ladder":
        return Row(staff=tuple(Hear(f"{CALLED}{name}", BOTH) for name in event.after["to"]))
    if event.kind == "noted" and "mentioned" in event.after:
        return Row(staff=tuple(Hear(f"{PERSON}{number}", BOTH) for number in event.after["mentioned"]))
    if event.kind == "snooze_ended" and event.after["because"] not in {"", "noted"}:
        by = BOTH if event.after["because"] == "time" else BY_DESK  # asked for, else told by what woke it
        return Row(staff=(Hear(f"{PERSON}{event.after['user']}", by),))
    if event.kind.startswith("appointment_"):
        return replace(TABLE[event.kind], staff=(*TABLE[event.kind].staff, *_taking_part(event)))
    return TABLE.get(_variant(event, ticket)) or TABLE.get(event.kind) or SILENT


def _taking_part(event: Event) -> list[Hear]:
    """Those of us who take part in an appointment, who did it too, for their calendar; and who did until now."""
    there, left = event.after.get("staff", []), event.after.get("left", [])
    return [
        *(Hear(f"{PERSON}{number}", BOTH, author_too=True) for number in there),
        *(Hear(f"{PERSON}{number}") for number in left),
    ]


def _variant(event: Event, ticket: Ticket) -> str:
    if event.kind in {"warned", "breached"}:
        return f"{event.kind} of {event.after.get('owed', 'goal')}"
    if event.kind == "closed":
        return f"closed as {event.after.get('reason', '')}"
    if event.kind == "concern_raised":
        return f"{event.kind} as {event.after.get('concern', '')}"
    if event.kind == "noted":
        return f"{event.kind} by {event.by_kind}"
    if event.kind == "resumed":
        return f"resumed after {event.before.get('state', '')}"
    if event.kind == "participants_added":
        detail = event.text.detail if hasattr(event, "text") else {}
        if detail.get("waiting"):
            return f"{event.kind}, some await approval"
        return f"{event.kind} by a colleague" if detail.get("added") else event.kind
    if event.kind == "thanked":
        return f"thanked on {ticket.state}"
    return event.kind


# ---- staff


def staff_of(
    event: Event, ticket: Ticket, reading: Reading | None = None
) -> list[tuple[User, tuple[str, ...], str]]:
    """The staff who hear of an event, once each, with their channels and as whom they hear it."""
    reading = reading or Reading([ticket])
    heard: dict[int, tuple[User, tuple[str, ...], str]] = {}
    for hear in row_of(event, ticket).staff:
        for user in reading.watchers(ticket) if hear.who == WATCHING else _people(hear.who, ticket, event.at):
            known = heard.get(user.pk)
            own = event.by_kind == "staff" and event.by_id == user.pk
            if not user.may_act or (own and not hear.author_too):
                continue
            if known is None or len(known[1]) < len(hear.by):
                heard[user.pk] = (user, hear.by, known[2] if known else hear.who)
    return list(heard.values())


def _people(who: str, ticket: Ticket, at: datetime) -> list[User]:
    if who.startswith(CALLED):
        return called(who.removeprefix(CALLED), ticket, at) or [*leads(), *holding(Role.MANAGER)]
    if who.startswith(PERSON):
        return _acting(User.objects.filter(pk=int(who.removeprefix(PERSON))))
    if who in {ASSIGNEE, WORKING} and ticket.assignee is not None and ticket.assignee.may_act:
        return [ticket.assignee]
    if who in {WORKING, TRIAGE}:
        return leads()
    if who == MANAGER:
        return holding(Role.MANAGER) or holding(Role.ADMINISTRATOR)
    if who == TAM and ticket.customer is not None and ticket.customer.tam is not None:
        return [ticket.customer.tam, *_standing_in(ticket.customer.tam, at)]
    if who == TAM_ELSE_MANAGER:
        found = _people(TAM, ticket, at)
        alone = len(found) == 1 and away_until(found[0], at) is not None
        return [*found, *_people(MANAGER, ticket, at)] if alone or not found else found
    if who == GIVER:
        given = Handover.objects.filter(ticket=ticket, state=Handover.State.ACCEPTED).select_related(
            "given_by"
        )
        last = given.order_by("-ended_at", "-pk").first()
        return [last.given_by] if last is not None and last.given_by is not None else []
    if who == NOT_THE_ASSIGNEE:
        return _not(ticket.assignee, [*holding(Role.MANAGER), *holding(Role.ADMINISTRATOR)], Role.MANAGER)
    return []


def _not(assignee: User | None, leading: list[User], first: str) -> list[User]:
    """The managers without who works on it; else administrators; in the smallest house whoever there is."""
    others = [one for one in leading if assignee is None or one.pk != assignee.pk]
    return [one for one in others if first in one.roles] or others or leading


def _standing_in(tam: User, at: datetime) -> list[User]:
    """Who stands in for a TAM at an instant; all that stand in on its day are asked for once in a batch."""
    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
    held = once(
        ("standing in", day),
        lambda: list(
            StandIn.objects.filter(starts_at__lt=day + timedelta(days=1), ends_at__gt=day)
            .select_related("stand_in")
            .order_by("pk")
        ),
    )
    return [one.stand_in for one in held if one.person_id == tam.pk and one.starts_at <= at < one.ends_at]


def called(name: str, ticket: Ticket, at: datetime) -> list[User]:
    """Whom a rung of a ladder means: a role, a team (by code or name), or a person (by name or address). Nobody: it
    names nobody, or nobody of them may act."""
    role = role_of(name)
    if role == "team":
        return _acting(ticket.team.members.all()) if ticket.team else []
    if role in {ASSIGNEE, TRIAGE, MANAGER, TAM}:
        return _people(role, ticket, at)
    return holding(role) if role else named(name)


def named(name: str) -> list[User]:
    """The people of the team of that name, or the person, who may act."""
    team = Team.objects.filter(Q(code__iexact=name) | Q(name__iexact=name)).first()
    if team is not None:
        return _acting(team.members.all())
    return _acting(User.objects.filter(Q(name__iexact=name) | Q(email__iexact=name)))


def _acting(users: QuerySet[User]) -> list[User]:
    return [one for one in users.filter(is_active=True).order_by("pk") if one.may_act]


def leads() -> list[User]:
    """Those who triage; in a small house whoever manages or administers, so that it is never nobody."""
    return holding(Role.TRIAGE) or holding(Role.MANAGER) or holding(Role.ADMINISTRATOR)


def holding(role: str) -> list[User]:
    """Everybody who holds exactly this role and may sign in."""
    return once(
        ("holding", role),
        lambda: list(User.objects.filter(is_active=True, roles__contains=[role]).order_by("pk")),
    )


# ---- the customer's people


@dataclass(frozen=True)
class Listener:
    """One of the customer's people on a ticket. `withheld` says why no mail goes there; empty: it goes."""

    address: str
    name: str
    contact: Contact | None = None
    withheld: str = ""
    since: datetime | None = None  # copied in later: nothing said before is for them

    @property
    def known(self) -> bool:
        return self.contact is not None


def listeners(event: Event, ticket: Ticket, reading: Reading) -> list[Listener]:
    """The requester and the accepted participants, the requester first, each address once (LESSON 33).

    A known person is written to at the address we know, whatever a mail asked for (ATTACKS 14).
    """
    found: dict[str, Listener] = {}
    for address, name, contact, since in on(ticket, reading):
        place = (contact.email if contact else address).strip().lower()
        if place and place not in found:
            found[place] = Listener(
                place, contact.name if contact else name, contact, withheld(contact, place), since
            )
    author = event.by_id if event.by_kind == "contact" and not row_of(event, ticket).author_too else None
    ours = reading.staff_among(list(found)[1:])  # copied in, they hear as staff, by the table above
    return [
        one
        for one in found.values()
        if one.address not in ours and (author is None or one.contact is None or one.contact.pk != author)
    ]


def on(ticket: Ticket, reading: Reading) -> list[tuple[str, str, Contact | None, datetime | None]]:
    """The people on a ticket: address, name, contact, and since when if they were copied in."""
    first = (ticket.requester_address, ticket.requester_name, ticket.requester, None)
    same = {(ticket.requester_address or "").lower()} if ticket.requester else set()
    rest = [
        (one.address, one.name, one.contact, one.since)
        for one in reading.participants(ticket)
        if one.address not in same
    ]
    return [first, *rest]


def withheld(contact: Contact | None, address: str) -> str:
    """Why no mail goes to somebody; empty: it goes."""
    if is_ours(address):
        return "it is our own address"
    if contact is None:
        return ""
    if contact.failing_since is not None:
        since = words.moment(contact.failing_since, words.zone_of("UTC"))
        return f"mail to this address fails since {since}: {contact.failing_reason}".rstrip(": ")
    if contact.ended_at is not None or (contact.user is not None and not contact.user.is_active):
        return "this person's access has ended"
    return ""
