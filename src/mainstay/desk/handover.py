"""Handing over one ticket, with all that the next person needs, or a whole shift; each is accepted or returned (T2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mainstay.accounts.actor import Actor
from mainstay.accounts.models import Role, User
from mainstay.desk import dispatch_acts, facts, frame
from mainstay.desk import ticket as pages
from mainstay.desk.acting import Act, act
from mainstay.desk.brief import Brief, briefs
from mainstay.desk.typed import Typed, said, zone_of
from mainstay.errors import Refused
from mainstay.staffing.coming import SHIFT, Coming, coming
from mainstay.tickets import access, sentences
from mainstay.tickets import handover as verbs
from mainstay.tickets.models import Event, Handover, ShiftHandover, State, Ticket
from mainstay.ui import ids, words
from mainstay.ui.doors import StaffRequest, staff_page
from mainstay.ui.shapes import QueueBand, QueueRow

LEADS = (Role.TRIAGE, Role.MANAGER)
MOST = 100
TRIED = (
    "solution_proposed", "solution_rejected", "workaround_provided", "root_cause_recorded", "root_cause_reported",
    "defect_linked", "waiting_on_third_party", "resumed", "escalated", "reopened", "asked_customer",
)  # fmt: skip
ALIVE = (State.OPEN,)
WAITING = (State.WAITING_CUSTOMER, State.WAITING_THIRD, State.PROPOSED, State.OUT_OF_SCOPE)


# ---- one ticket


@require_http_methods(["GET", "HEAD", "POST"])
def ticket(request: StaffRequest, number: int) -> HttpResponseBase:
    """All that the next person needs of a ticket, to read and to print; a POST gives it to them."""
    return _give(request, number) if request.method == "POST" else _view(request, number)


def _given(one: Act) -> str:
    to = dispatch_acts.engineer(one)
    verbs.hand_over(one.ticket, to=to, note=one.typed.raw("note"), by=one.by, at=one.at)
    return f"Handed over to {to.name}, with your note. You hear of it if they do not accept it."


_give = act("handover", _given)


@staff_page()
def _view(request: StaffRequest, number: int) -> HttpResponse:
    found, now, zone = access.for_staff(request.user, number), timezone.now(), zone_of(request.user)
    events = Event.objects.filter(ticket=found, kind__in=TRIED).select_related("text").order_by("-seq")[:20]
    tried = [sentences.told(event, zone=zone.key) for event in events]
    context = {
        "page_title": f"Handover of {found.pk}",
        "ticket": found,
        "b": briefs([found], now)[0],
        "promises": pages.lanes(found, pages.turns(found), now, zone),
        "tried": tried,
        "held": [one for one in facts.held(found) if one.value],
        "defects": list(found.defects.order_by("pk")),
        "given": Handover.objects.filter(ticket=found)
        .select_related("given_by", "to", "message")
        .order_by("-pk")[:5],
        "staff": _staff(request.user),
        "now": now,
        "zone": zone,
    }
    return frame.page(request, "desk/handover_ticket.html", context, here="queue")


def _staff(user: User) -> list[User]:
    active = User.objects.filter(is_active=True).exclude(roles=[]).exclude(pk=user.pk).order_by("name")
    return [one for one in active if one.may_act]


# ---- a shift


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def handover(request: StaffRequest) -> HttpResponse:
    """What was given to me, what I gave, and my shift to hand over; a POST gives it."""
    if request.method != "POST":
        return _shift(request)
    typed, at = Typed(request), timezone.now()
    try:
        to = _person(typed)
        chosen = [(one, typed.raw(f"words-{one.pk}")) for one in _chosen(request.user, typed)]
        given = verbs.hand_over_shift(
            chosen, to=to, note=typed.raw("note"), until=_until(typed, to, request.user, at),
            by=Actor.staff(request.user), at=at,
        )  # fmt: skip
    except Refused as error:
        return _shift(request, said(error))
    told = ngettext("%(n)s ticket is given to %(name)s.", "%(n)s tickets are given to %(name)s.", len(chosen))
    messages.success(request, told % {"n": len(chosen), "name": to.name})
    return HttpResponseRedirect(reverse("desk:shift", args=[given.pk]), status=303)


def _person(typed: Typed) -> User:
    number = typed.number("engineer", "a person of the desk")
    found = User.objects.filter(pk=number, is_active=True).exclude(roles=[]).first()
    if found is None or not found.may_act:
        raise Refused("engineer", "is nobody who can take it over; choose one from the list")
    return found


def _chosen(user: User, typed: Typed) -> list[Ticket]:
    numbers = ids.read_all(typed.many("ticket"))
    found = list(access.queue(user).filter(pk__in=numbers[: verbs.MOST + 1]))
    if len(found) < len(set(numbers)):
        raise Refused("ticket", "one that you chose was closed meanwhile; look at the list again")
    return found


def _until(typed: Typed, to: User, user: User, at: datetime) -> datetime:
    until = typed.when("until") or next(
        (one.until for one in coming(at, besides=user) if one.user == to), None
    )
    if until is None or until <= at:
        raise Refused("until", "must be a time to come: the end of the next shift")
    return until


def _shift(request: StaffRequest, refused: str = "", back: tuple[int, str] = (0, "")) -> HttpResponse:
    """The page; `back`: a handover that could not be given back, and the reason as it was typed."""
    now, user, zone = timezone.now(), request.user, zone_of(request.user)
    people = coming(now, besides=user)
    asked = request.POST.get("engineer", "") or request.GET.get("to", "")
    to = next((one for one in people if str(one.user.pk) == asked), people[0] if people else None)
    whose = request.GET.get("whose", "")
    whose = whose if whose == "all" and user.has_role(*LEADS) else "mine"
    until = to.until if to else now + SHIFT
    made, kept = briefs(_to_give(user, whose, to), now), request.POST if refused else None
    waiting = list(verbs.waiting().filter(Q(to=user) | Q(given_by=user))[:MOST])
    context = {
        "page_title": "Handover",
        "mine": [one for one in waiting if one.to_id == user.pk],
        "theirs": [one for one in waiting if one.to_id != user.pk],
        "late": list(verbs.waiting().filter(told_at__isnull=False).exclude(to=user)[:MOST])
        if user.has_role(*LEADS)
        else [],
        "people": people,
        "to": to,
        "whose": whose,
        "leads": user.has_role(*LEADS),
        "bands": _bands(made, until, now, zone),
        "briefs": [
            (one, request.POST.get(f"words-{one.ticket.pk}", ""), _picked(one, until, kept)) for one in made
        ],
        "note": request.POST.get("note", ""),
        "lately": ShiftHandover.objects.filter(Q(to=user) | Q(given_by=user))
        .select_related("given_by", "to")
        .order_by("-pk")[:5],
        "refused": refused,
        "back": back,
        "now": now,
        "zone": zone,
    }
    status = 422 if refused else 200
    return frame.page(request, "desk/handover.html", context, here="handover", status=status)


def _to_give(user: User, whose: str, to: Coming | None) -> list[Ticket]:
    """One's own tickets, or those of everybody who has some, without those of who takes over."""
    found = (
        access.queue(user, assignee=user) if whose == "mine" else access.queue(user, assignee__isnull=False)
    )
    return list((found.exclude(assignee=to.user) if to else found)[:MOST])


def _bands(made: Sequence[Brief], until: datetime, now: datetime, zone: Any) -> list[QueueBand]:
    """Severity 1 and 2 that are alive, what is promised before the next shift ends, what waits, and the rest."""
    titles = (
        _("Alive with severity 1 or 2"),
        _("Promised before the next shift ends, %(at)s") % {"at": words.when(until, now, zone)},
        _("We wait for somebody"),
        _("Everything else that is yours"),
    )
    kept: list[list[QueueRow]] = [[], [], [], []]
    for one in made:
        kept[_band(one.ticket, until)].append(one.row)
    return [
        QueueBand(code="", title=title, rows=tuple(rows))
        for title, rows in zip(titles, kept, strict=True)
        if rows
    ]


def _picked(one: Brief, until: datetime, typed: Any) -> bool:
    """Whether it goes with the shift: as was chosen, else what is alive and grave or promised before it ends."""
    return str(one.ticket.pk) in typed.getlist("ticket") if typed else _band(one.ticket, until) < 2


def _band(one: Ticket, until: datetime) -> int:
    if one.severity <= 2 and one.state in ALIVE:
        return 0
    if one.due_at is not None and one.due_at <= until:
        return 1
    return 2 if one.state in WAITING else 3


@require_safe
@staff_page()
def shift(request: StaffRequest, number: int) -> HttpResponse:
    """A shift as it was handed over: to read, to print and to accept."""
    given = get_object_or_404(ShiftHandover.objects.select_related("given_by", "to"), pk=number)
    now = timezone.now()
    rows = list(
        given.tickets.select_related("to", "message", *(f"ticket__{name}" for name in access.WITH)).order_by(
            "pk"
        )
    )
    context = {
        "page_title": f"Shift handed over to {given.to.name}",
        "given": given,
        "made": list(zip(rows, briefs([one.ticket for one in rows], now), strict=True)),
        "bands": [],
        "waiting": [
            one for one in rows if one.state == Handover.State.WAITING and one.to_id == request.user.pk
        ],
        "now": now,
    }
    return frame.page(request, "desk/handover_shift.html", context, here="handover")


# ---- their word


@require_POST
@staff_page()
def acceptance(request: StaffRequest) -> HttpResponse:
    """I have these, and know what there is to know; one or many."""
    numbers = ids.read_all(request.POST.getlist("handover"))
    found = Handover.objects.filter(pk__in=numbers[: verbs.MOST], to=request.user).order_by("ticket")
    done, missed = 0, ""
    for one in found:
        try:
            verbs.accept(one, by=Actor.staff(request.user), at=timezone.now())
            done += 1
        except Refused as error:
            missed = f"{one.ticket_id}: {error.field} {error.message}"
    told = ngettext("%(n)s ticket accepted.", "%(n)s tickets accepted.", done) % {"n": done}
    (messages.warning if missed else messages.success)(request, f"{told} {missed}".strip())
    return HttpResponseRedirect(reverse("desk:handover"), status=303)


@require_POST
@staff_page()
def refusal(request: StaffRequest, number: int) -> HttpResponse:
    """Give it back, with the reason."""
    found = Handover.objects.filter(pk=number).first()
    if found is None:
        raise Http404
    reason = Typed(request).raw("reason")
    try:
        with transaction.atomic():
            verbs.decline(found, reason=reason, by=Actor.staff(request.user), at=timezone.now())
    except Refused as error:
        return _shift(request, said(error), (number, reason))
    messages.success(request, _("%(n)s is given back.") % {"n": found.ticket_id})
    return HttpResponseRedirect(reverse("desk:handover"), status=303)
