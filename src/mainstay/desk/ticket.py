"""The page of one ticket: all that a person needs to know and do, in one place."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from mainstay.allowances import decisions, draws
from mainstay.catalogue.remembered import remembering
from mainstay.contracts import terms
from mainstay.desk import beside, concern_flags, conversation, drawers, facts, frame, lines, shown, work
from mainstay.desk.panels import Panels, Refusal
from mainstay.desk.queue import WEEK, band_of, shift_end
from mainstay.desk.typed import zone_of
from mainstay.prepared import Arg, Prepared, ahead
from mainstay.sla.policy import CLOCKS
from mainstay.tickets import access, closure, drafts, ladder, merging, related, withdrawal
from mainstay.tickets import work as tickets_work
from mainstay.tickets.models import Clock, Event, State, Step, Ticket
from mainstay.tickets.timers import closes_at
from mainstay.ui import downloads, words
from mainstay.ui.doors import StaffRequest, staff_page
from mainstay.ui.shapes import Promise
from mainstay.ui.shapes import Step as ShownStep

MOST_LANES = 16
TURNS = 200  # events that the head of a page looks back on
READS_FIRST = {Step.ACKNOWLEDGEMENT, Step.TRIAGE, Step.DISPATCH}  # one decides below what was written
STEPPED = (
    "acknowledged", "acknowledgement_withheld", "triaged", "dispatched", "handed_over", "solution_proposed",
    "closed", "reopened",
)  # fmt: skip


@require_safe
@staff_page()
def ticket(request: StaffRequest, number: int) -> HttpResponse:
    """The page as it is now. `?before=` shows earlier events; the assessment's answers may stand in the address."""
    return show(request, beside.ticket(request.user, number))


def show(
    request: StaffRequest, ticket: Ticket, *, refused: Refusal | None = None, status: int = 200
) -> HttpResponse:
    """The page of a ticket out of `beside`; after a refusal with what was typed, and 422."""
    now, zone = timezone.now(), zone_of(request.user)
    panels = Panels(ticket, request.user, now, zone, refused, request.GET)
    before = conversation.END if (earlier := _before(request.GET)) is None else earlier
    values = {"ticket": ticket.pk, "user": request.user.pk, "before": before}
    with remembering(), ahead(ALWAYS + ACTING * request.user.may_act, **values):
        context = _context(request, ticket, panels, now, zone, refused)
        return frame.page(request, "desk/ticket.html", context, here="queue", status=status)


@require_safe
@staff_page()
def form(request: StaffRequest, number: int, name: str) -> HttpResponse:
    """The forms of one drawer, for the page that opens it."""
    ticket = access.for_staff(request.user, number)
    panels = Panels(ticket, request.user, timezone.now(), zone_of(request.user), None, request.GET)
    with remembering():
        undecided = decisions.open_to(ticket) is not None
        if not request.user.may_act or name not in drawers.names(panels, undecided=undecided):
            raise Http404
        return HttpResponse(drawers.form(panels, request, name))


@require_safe
@staff_page()
def duplicates(request: StaffRequest, number: int) -> HttpResponse:
    """Tickets of the customer that look alike, for the page that asks for them; a list of its own without a script."""
    ticket = access.for_staff(request.user, number)
    found = facts.duplicates(ticket, related.of(ticket))
    context = {"ticket": ticket, "duplicates": found, "may_act": request.user.may_act}
    return render(request, "desk/alike.html", context)


def fact(request: StaffRequest, number: int, name: str) -> HttpResponse:
    """The form of one fact, or those of all that a request seldom holds (`more`)."""
    ticket = access.for_staff(request.user, number)
    held = facts.held(ticket)
    context: dict[str, Any] = {"ticket": ticket, "held": held}
    if name == "more":
        return render(request, "desk/more_facts.html", context)
    context["fact"] = next((one for one in held if one.code == name), None)
    if context["fact"] is None:
        raise Http404
    return render(request, "desk/fix.html", context)


def _context(
    request: StaffRequest,
    ticket: Ticket,
    panels: Panels,
    now: datetime,
    zone: ZoneInfo,
    refused: Refusal | None,
) -> dict[str, Any]:
    held, people = facts.held(ticket), facts.people(ticket)
    have, of = facts.completeness(held)
    lacking = facts.missing(held)
    near = facts.related(ticket)
    parts = merging.parts(ticket) if near["parts"] else []
    talk = conversation.page(ticket, zone, _before(request.GET), parts)
    said = [event for event in talk.events if turned(event)] if talk.whole else turns(ticket)
    promises = lanes(ticket, said, now, zone)
    act, contract = request.user.may_act, facts.contract(ticket)
    worked = work.standing(ticket, request.user, now)
    undecided = contract["decision"] is not None and decisions.may_be_decided(contract["decision"])
    made = drawers.shown(panels, request, undecided=undecided, tags={"work": worked["tag"]}) if act else []
    composer = panels.composer(people, lacking) if act else None
    wanted = concern_flags.on_ticket(ticket, request.user, [one.name for one in made])
    return {
        "page_title": f"{ticket.number} {ticket.subject[:80]}",
        "ticket": ticket,
        "level": shown.level(ticket.level),
        "customer_name": ticket.customer.name if ticket.customer else "",
        "sender": shown.who_wrote(ticket),
        "turn": shown.TURNS.get(State(ticket.state), ""),
        "priority": priority(request, ticket, now, zone),
        "steps": steps(ticket, said),
        "promises": promises,
        "why_url": promises[0].url if promises else "",
        "closes_at": closes_at(ticket) if ticket.state in {State.WAITING_CUSTOMER, State.PROPOSED} else None,
        "appointments": (meetings := beside.appointments(ticket, now, zone)),
        "next_meeting": next((one for one in meetings if one.stands), None),
        "tasks": [(one, one.late(now, zone)) for one in beside.tasks(ticket)],
        "put_off": beside.snooze(ticket),
        "watchers": ", ".join(name for _pk, name in beside.watchers(ticket)),
        "watches": any(pk == request.user.pk for pk, _name in beside.watchers(ticket)),
        "talk": talk,
        "lines": lines.all_of(talk.lines, now, zone),
        "held": held,
        "have": have,
        "of": of,
        "lacking": lacking,
        "contract": contract,
        "rungs": facts.rungs(ticket) if ticket.terms_id else [],
        "people": people,
        "related": near,
        "deliveries": facts.deliveries(ticket),
        "drawers": drawers.line(made, shown.ticket_url(ticket.pk)),
        "work": worked,
        "reads_first": ticket.step in READS_FIRST and ticket.state != State.CLOSED,
        "composer": composer,
        "homeless": homeless(refused, made, composer, [one.form for one in wanted if one.mine]),
        "concerns": wanted,
        "refused": refused,
        "may_undo_follow_up": act and closure.may_take_back(ticket, by=request.user.pk, at=now),
        "undo": undo(request, ticket, now, zone, composer),
        "fix": request.GET.get("fix", ""),
        "now": now,
        "zone": zone,
    }


def undo(
    request: StaffRequest, ticket: Ticket, now: datetime, zone: ZoneInfo, composer: dict[str, Any] | None
) -> dict[str, str] | None:
    """The line above the page just after sending: when it goes out, whom it reaches, and the way back; or just after
    a task was ended."""
    if ended := _ended(request, ticket):
        return ended
    held = withdrawal.held(ticket, user=request.user.pk, at=now) if "sent" in request.GET else None
    if held is None or composer is None or held.not_before is None:
        return None
    at = words.clock(held.not_before, zone, precise=True)
    said = _("On its way at %(time)s.") % {"time": at}
    url = reverse("desk:undo", args=[ticket.pk, held.event.seq])
    return {"words": f"{said} {composer['recipients']}: {composer['people']}", "url": url, "key": "z"}


def _ended(request: StaffRequest, ticket: Ticket) -> dict[str, str] | None:
    """The way back of the task that the address names, while it is ended."""
    for one in beside.tasks(ticket):
        if str(one.pk) == request.GET.get("ended") and one.state != "open" and request.user.may_act:
            said = _("Done: %(task)s.") if one.state == "done" else _("Taken away: %(task)s.")
            url = reverse("desk:ticket_task_reopening", args=[ticket.pk, one.pk])
            return {"words": said % {"task": one.title}, "url": url, "key": "z"}
    return None


def homeless(
    refused: Refusal | None,
    made: Sequence[drawers.Drawer],
    composer: dict[str, Any] | None,
    forms: Collection[str] = (),
) -> dict[str, Any] | None:
    """A refusal whose form is not on the page any more (the ticket was closed meanwhile): said at the top, with
    the words that were typed, so that none is lost. None when the form itself shows it."""
    if refused is None or not refused.message:
        return None
    if any(escape(refused.said) in one.html for one in made) or (composer and composer["error"]):
        return None
    if refused.act in forms:
        return None
    own = {"csrfmiddlewaretoken", "seq", "kind", "names", "other", "remove", "engineer", "because", "back"}
    typed = [str(value) for name, value in refused.typed.items() if name not in own and str(value).strip()]
    return {"error": refused.said, "typed": typed}


def _before(asked: QueryDict) -> int | None:
    text = asked.get("before", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def turns(ticket: Ticket) -> list[Event]:
    """The newest events that moved the ticket to another step or state, in order: what its head is made of."""
    return _TURNS.all(ticket=ticket.pk)[::-1]


_TURNS = Prepared(
    lambda: (
        Event.objects.filter(ticket=Arg("ticket"))
        .filter(Q(kind__in=STEPPED) | Q(after__has_key="state"))
        .select_related("text")
        .order_by("-seq")[:TURNS]
    )
)


def turned(event: Event) -> bool:
    """The same of an event that was read already."""
    return event.kind in STEPPED or "state" in event.after


def lanes(ticket: Ticket, said: Sequence[Event], now: datetime, zone: ZoneInfo) -> list[Promise]:
    """The clocks of the ticket as they are now, with their pauses and what was missed before.

    Of a clock that started several times: the last, and those that were missed. Our own clocks come last.
    Out of the clock rows, which are what the log says (`mainstay clocks verify`): however long the log is.
    """
    kept = ITS_CLOCKS.all(ticket=ticket.pk)
    kept.sort(key=lambda row: (row.kind == "internal", CLOCKS.index(row.clock), row.n))
    waits = shown.pauses(said)
    on = terms.load(ticket.terms_id).policy.pauses if ticket.terms_id else {}
    return [
        replace(
            shown.promise(
                row, ticket, now, url=shown.why_url(row),
                pauses=shown.pauses_within(row, waits, on.get(row.clock, ())), note=_note(row, now, zone),
            ),
            target_words=_within(ticket, row),
        )
        for row in kept[-MOST_LANES:]
    ]  # fmt: skip


def _clocks() -> QuerySet[Clock]:
    own = Clock.objects.filter(ticket=Arg("ticket"))
    last = own.order_by("clock", "-n").distinct("clock").values("pk")
    return own.filter(Q(breached=True) | Q(pk__in=last)).order_by("-position")[: MOST_LANES * 2]


ITS_CLOCKS = Prepared(_clocks)

# What every page of a ticket asks of its parts, sent in one go; and what the forms ask besides.
ALWAYS = (
    facts.PEOPLE, related.ASK, conversation.NEWEST, ITS_CLOCKS, draws.BECAUSE, decisions.LAST, tickets_work.SUMS,
    work.TIMERS, WEEK, ladder.TO_COME, facts.MAILS,
)  # fmt: skip
ACTING = (drafts.OF_USER,)


def _within(ticket: Ticket, row: Clock) -> str:
    """The same with the share of the tickets that it is for, where it is not for each: "95 % within 4 h"."""
    share = shown.share(ticket, row)
    if not share:
        return _briefly(row)
    return _("%(share)s %% within %(target)s") % {"share": share, "target": _briefly(row)}


def _briefly(row: Clock) -> str:
    """The target in the room beside a lane: "15 min 24x7", "4 h", "2 business days"."""
    if row.target.endswith(("bd", "mo")):
        return shown.target_words(row)
    said = words.counted_long(row.target_seconds)
    return f"{said} 24x7" if row.calendar == "always" else said


def _note(row: Clock, now: datetime, zone: ZoneInfo) -> str:
    said = {"goal": "a goal", "internal": "our own"}.get(row.kind, "")
    missed = [words.when(datetime.fromisoformat(at), now, zone) for at in row.earlier_breaches]
    return ", ".join([*([said] if said else []), *(f"an earlier target lapsed {at}" for at in missed)])


def priority(request: StaffRequest, ticket: Ticket, now: datetime, zone: ZoneInfo) -> str:
    """The band and its reason in words."""
    if ticket.state == State.CLOSED:
        return ""
    band = band_of(ticket, now, shift_end(request.user, now, zone))
    if ticket.due_at is None:
        return f"P{band}: no promise runs; to the front at {words.when(ticket.queue_at, now, zone)}"
    name = shown.CLOCK_NAMES.get(ticket.due_clock, ticket.due_clock).lower()
    said = f"P{band}: {name} due {words.when(ticket.due_at, now, zone)}"
    head = int((ticket.due_at - ticket.queue_at).total_seconds()) // 60
    if head <= 0:
        return said
    level = ticket.level.name if ticket.level else "its level"
    return f"{said}, head start {head} min for severity {ticket.severity} at {level}"


def steps(ticket: Ticket, said: Sequence[Event]) -> list[ShownStep]:
    """The five steps with when each was done and by whom, from the log."""
    marks: dict[str, tuple[datetime, str]] = {}
    for event in [one for one in said if one.kind in STEPPED]:
        marks[event.kind] = (event.at, _by(event))
        if event.kind == "reopened":
            marks.pop("closed", None)
            marks.pop("solution_proposed", None)
    order = list(Step.values)
    at = order.index(ticket.step)
    done = len(order) if ticket.state == State.CLOSED else at
    return [
        _step(name, "done" if n < done else "now" if n == at else "next", marks, ticket)
        for n, name in enumerate(order)
    ]


def _by(event: Event) -> str:
    text = getattr(event, "text", None)
    if event.kind in {"dispatched", "handed_over"} and text is not None:
        return f"to {(text.detail or {}).get('to', '')}"
    return (text.by_name if text else "") or ""


def _step(name: str, state: Any, marks: dict[str, tuple[datetime, str]], ticket: Ticket) -> ShownStep:
    kinds = {
        Step.ACKNOWLEDGEMENT: ("acknowledged", "acknowledgement_withheld"),
        Step.TRIAGE: ("triaged",),
        Step.DISPATCH: ("handed_over", "dispatched"),
        Step.RESOLUTION: ("solution_proposed", "closed"),
        Step.CLOSURE: ("closed",),
    }[Step(name)]
    known = [marks[kind] for kind in kinds if kind in marks]
    mark = (
        known[0] if name == Step.RESOLUTION and known else max(known, default=None)
    )  # the solution, else the end
    label = str(Step(name).label)
    if state == "done":
        return ShownStep(
            name=label, state="done", at=mark[0] if mark else None, note=mark[1] if mark else "not needed"
        )
    if state == "now":
        before = [mark[0] for kind, mark in marks.items() if kind not in kinds]
        note = ticket.assignee.name if ticket.assignee else "nobody yet"
        return ShownStep(
            name=label,
            state="now",
            at=max(before, default=ticket.opened_at),
            note=shown.TURNS.get(State(ticket.state)) or note,
        )
    return ShownStep(name=label, state="next")


@require_safe
@staff_page()
def attachment(request: StaffRequest, number: int) -> HttpResponseBase:
    """A file, always as a download: never shown by the browser within our pages."""
    return downloads.attachment(access.attachment_for(request.user, (), number))
