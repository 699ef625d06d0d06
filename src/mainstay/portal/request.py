"""One request of a customer: its page, and what the customer may do with it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from mainstay.accounts.actor import Actor
from mainstay.customers.models import Contact
from mainstay.errors import Refused
from mainstay.intake import drafts, uploads
from mainstay.portal import agreed, files, frame, meetings, shown
from mainstay.prepared import Arg, Prepared, ahead
from mainstay.tickets import (
    access,
    appointments,
    closure,
    concerns,
    coverage,
    merging,
    resolution,
    satisfaction,
    seen,
)
from mainstay.tickets import clocks as clock_log
from mainstay.tickets import participants as taking_part
from mainstay.tickets.acknowledgement import Request
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Appointment, Concern, Event, Message, Participant, State, Ticket
from mainstay.ui import words
from mainstay.ui.clock_shapes import level, promise
from mainstay.ui.doors import contact_page

LAST = 100
TWICE = timedelta(minutes=2)
EVER = datetime(1970, 1, 1, tzinfo=UTC)


def _ticket(request: HttpRequest, number: int) -> Ticket:
    contacts: list[Contact] = request.contacts  # type: ignore[attr-defined]
    return seen.one(contacts, number)


@require_GET
@contact_page
def show(request: HttpRequest, number: int) -> HttpResponse:
    return _page(request, _ticket(request, number))


def _page(
    request: HttpRequest,
    ticket: Ticket,
    *,
    status: int = 200,
    text: str = "",
    refused: Refused | None = None,
    appeal: tuple[str, Refused | None] = ("", None),
    concern: tuple[str, str, Refused | None] = ("", "", None),
    meeting: tuple[int, str, Refused | None] = (0, "", None),
) -> HttpResponse:
    now = timezone.now()
    zone = frame.zone_of(request.contacts)  # type: ignore[attr-defined]
    line = seen.line(ticket)
    since = access.reads_from(request.contacts, ticket)  # type: ignore[attr-defined]
    contact = frame.acting(request, ticket)[1]
    form = f"reply-{ticket.pk}"
    values = {
        "ticket": ticket.pk,
        "customer": contact.customer_id,
        "contact": contact.pk,
        "user": request.user.pk,
    }
    with ahead(ASKED, **values, form=form, now=now, since=since or EVER):
        clocks = seen.clocks(ticket)
        said, earlier = _conversation(request, ticket, since)
        happened = _HAPPENED.all(ticket=ticket.pk, now=now, since=since or EVER)
        listed = _PEOPLE.all(ticket=ticket.pk)
        held = _CONCERNS.all(ticket=ticket.pk)
        draft = drafts.found(request.user, form) if not text else None  # type: ignore[arg-type]
        given = files.listed(request, form)
        may_add = _may_add(contact, ticket)
        met = meetings.of(ticket, now, zone, meeting)
    taken_back = {seq for event in happened for seq in clock_log.taken_back(event.after)}
    happened = [event for event in happened if event.seq not in taken_back]
    people = [one for one in listed if one.accepted][:LAST]
    return frame.page(
        request,
        "portal/request.html",
        {
            "form": form,
            "uploads": given,
            "draft_at": draft.updated_at if draft else None,
            "ticket": ticket,
            "now": now,
            "zone": zone,
            "level": level(ticket.level),
            "promises": [promise(clock, ticket, now) for clock in shown.latest(clocks)],
            "reduced": shown.reduced(ticket),
            "stands": shown.stands(ticket),
            "solution": shown.solution(said) if ticket.state == State.PROPOSED else "",
            "owed": [shown.owed(line, clocks, now, zone)],
            "needs": [need] if (need := shown.need(line)) else [],
            "entries": [shown.entry(message) for message in said],
            "earlier": earlier,
            "story": shown.story(list(reversed(happened)), str(zone)),
            "is_open": ticket.state != State.CLOSED,
            "awaiting": _waiting(listed) if _is_requester(request, ticket) else [],
            "may_accept": ticket.state == State.PROPOSED,
            "reopens": ticket.state == State.CLOSED and closure.reopens(ticket, at=now, channel="portal"),
            "may_rate": _asked(request, ticket) and satisfaction.may_answer(ticket, at=now),
            "scores": satisfaction.SCORES,
            "text": text or (draft.values.get("text", "") if draft else ""),
            "refused": refused,
            "concerns": held,
            "may_concern": _may_concern(ticket, concern, held, agreed.stand_in(contact)),
            "people": people,
            "may_add": may_add,
            "meetings": met,
            "may_leave": _may_leave(request, ticket, people),
            "appeal_text": appeal[0],
            "appeal_refused": appeal[1].message if appeal[1] else "",
        },
        here="requests",
        status=status,
    )


_HAPPENED = Prepared(
    lambda: (
        Event.objects.filter(ticket=Arg("ticket"), at__gte=Arg.instant("since"))
        .exclude(outbox__not_before__gt=Arg.instant("now"))  # what may still be taken back was not said yet
        .select_related("text")
        .order_by("-seq")[:LAST]
    )
)
_PEOPLE = Prepared(lambda: Participant.objects.filter(ticket=Arg("ticket")).order_by("since", "pk"))
_CONCERNS = Prepared(lambda: Concern.objects.filter(ticket=Arg("ticket")).order_by("at", "pk"))


def _waiting(listed: list[Participant]) -> list[Participant]:
    """Those who were copied in and await approval."""
    return sorted((one for one in listed if not one.accepted), key=lambda one: one.pk)


def _may_concern(
    ticket: Ticket,
    typed: tuple[str, str, Refused | None],
    held: list[Concern],
    instead: agreed.InTheirPlace | None,
) -> list[dict[str, Any]]:
    """What may be asked for now, with what was typed where it was refused."""
    waiting = {one.kind for one in held if one.answered_at is None}
    who = ticket.customer.tam.name if ticket.customer and ticket.customer.tam else ""
    to = _("%(name)s, your Technical Account Manager, is told at once.") % {"name": who}
    if instead is not None:
        to = _(
            "%(stand_in)s is told at once, who stands in for %(name)s, your Technical Account Manager, until %(until)s."
        ) % {"name": who, "stand_in": instead.name, "until": instead.until}
    offered = [
        (
            concerns.Kind.ESCALATION,
            _("Ask for an escalation"),
            to if who else _("A manager is told at once."),
        ),
        (
            concerns.Kind.SEVERITY,
            _("The severity is wrong"),
            _("Those who decided it look at it again and answer you."),
        ),
        (
            concerns.Kind.COMPLAINT,
            _("Complain"),
            _("A manager reads it who does not work on this request, and answers you."),
        ),
    ]
    return [
        {
            "kind": kind.value, "title": title, "help": text,
            "text": typed[1] if typed[0] == kind else "",
            "error": typed[2].message if typed[2] and typed[0] == kind else "",
        }
        for kind, title, text in offered
        if kind not in waiting and (ticket.state != State.CLOSED or kind == concerns.Kind.COMPLAINT)
    ]  # fmt: skip


def _may_add(contact: Contact, ticket: Ticket) -> list[Contact]:
    """People of the customer who do not take part yet."""
    if ticket.state == State.CLOSED:
        return []
    return _MAY_ADD.all(customer=contact.customer_id, contact=contact.pk, ticket=ticket.pk)


_MAY_ADD = Prepared(
    lambda: taking_part.others(Arg("customer"), Arg("contact")).exclude(
        pk__in=Participant.objects.filter(ticket=Arg("ticket"), accepted=True, contact__isnull=False).values(
            "contact"
        )
    )[:LAST]
)


def _may_leave(request: HttpRequest, ticket: Ticket, people: list[Participant]) -> bool:
    """Whether this person is one of those who take part, and did not ask themselves."""
    mine = {one.pk for one in request.contacts} - {ticket.requester_id}  # type: ignore[attr-defined]
    return any(one.contact_id in mine for one in people)


def _conversation(
    request: HttpRequest, ticket: Ticket, since: datetime | None
) -> tuple[list[Message], int | None]:
    """The last messages, or those before the one named in the address; and the first of them if there are more."""
    before = request.GET.get("before", "")
    if not before:
        return _page_of(_SAID.all(ticket=ticket.pk, since=since or EVER))
    found = access.conversation(ticket, inside=False, since=since)
    if before.isascii() and before.isdigit() and len(before) < 19:
        last = found.filter(pk=int(before)).first()
        if last is not None:
            found = found.filter(Q(at__lt=last.at) | Q(at=last.at, pk__lt=last.pk))
    return _page_of(list(found.order_by("-at", "-id")[: LAST + 1]))


def _page_of(newest: list[Message]) -> tuple[list[Message], int | None]:
    shown_ = newest[:LAST][::-1]
    return shown_, shown_[0].pk if len(newest) > LAST else None


_SAID = Prepared(
    lambda: access.conversation(Arg("ticket"), inside=False, since=Arg.instant("since")).order_by(
        "-at", "-id"
    )[: LAST + 1]
)


@require_POST
@contact_page
def reply(request: HttpRequest, number: int) -> HttpResponse:
    """Words from the customer: on an open ticket a reply, on a closed one a reopening or a follow-up."""
    ticket = _ticket(request, number)
    by, contact = frame.acting(request, ticket)
    text = frame.typed(request).get("text", "")
    at, form = timezone.now(), f"reply-{number}"
    try:
        files.receive(request, form)
        if files.act(request, form):
            return _page(request, ticket, text=text)
        if request.POST.get("act") == "keep":
            drafts.keep(request.user, form, {"text": text}, at=at)  # type: ignore[arg-type]
            messages.success(request, _("Kept. You find it here on every machine of yours."))
            return redirect("request", number=number)
        files.look_first(request, form)
        with transaction.atomic():  # what is refused leaves the files where they are
            answer = _say(request, ticket, text, by, contact, at)
    except Refused as refused:
        return _page(request, ticket, status=422, text=text, refused=refused)
    drafts.forget(request.user, form)  # type: ignore[arg-type]
    return answer


def _say(
    request: HttpRequest, ticket: Ticket, text: str, by: Actor, contact: Contact, at: datetime
) -> HttpResponse:
    """The words and their files: a reply, a reopening, or a follow-up."""
    number = ticket.pk
    attachments = uploads.take(request.user, f"reply-{number}")  # type: ignore[arg-type]
    said = Said(text.strip(), "portal", attachments=attachments, address=contact.email)
    if not said.text and not said.attachments:
        raise Refused("message", _("is empty; write what you want to say"))
    if already := _sent_already(ticket, said, contact, at):
        messages.info(request, _("That was sent already, a moment ago; it was not sent again."))
        return redirect("request", number=already)
    ticket = merging.standing(ticket)  # what is said on a merged request is said on the one it is part of
    if ticket.state != State.CLOSED:
        resolution.customer_replied(ticket, said=said, by=by, at=at)
    elif closure.reopens(ticket, at=at, channel="portal"):
        closure.reopen(ticket, said=said, by=by, at=at)
    else:
        follow = _follow_up(ticket, said, contact)
        ticket = closure.follow_up(ticket, follow, by=by, at=at)
        follows = {"number": ticket.pk, "earlier": number}
        messages.success(request, _("This is now request %(number)s, which follows %(earlier)s.") % follows)
        return redirect("request", number=ticket.pk)
    messages.success(request, _("Sent. You see it below, and so do we."))
    return redirect("request", number=ticket.pk)


def _sent_already(ticket: Ticket, said: Said, contact: Contact, at: datetime) -> int | None:
    """Where words went that a double click sends twice: the ticket is locked, so the second sees the first."""
    fresh = Ticket.objects.select_for_update(of=("self",)).get(pk=ticket.pk)
    ticket.state, ticket.closed_at = fresh.state, fresh.closed_at
    if not said.text or said.attachments:
        return None
    here = Message.objects.filter(Q(ticket=ticket) | Q(ticket__follows=ticket), kind=Message.Kind.IN)
    same = here.filter(author_contact=contact, text=said.text, at__gt=at - TWICE)
    return same.values_list("ticket_id", flat=True).last()


def _follow_up(ticket: Ticket, said: Said, contact: Contact) -> Request:
    return Request(
        subject=ticket.subject,
        said=said,
        customer=ticket.customer,
        contact=contact,
        address=contact.email,
        name=contact.name,
        environment=ticket.environment,
        follows=ticket,
    )


@require_POST
@contact_page
def accept(request: HttpRequest, number: int) -> HttpResponse:
    ticket = _ticket(request, number)
    by = frame.acting(request, ticket)[0]
    closure.accept(ticket, by=by, at=timezone.now())
    messages.success(request, _("Thank you. The request is closed as solved."))
    return redirect("request", number=number)


@require_POST
@contact_page
def refuse(request: HttpRequest, number: int) -> HttpResponse:
    ticket = _ticket(request, number)
    by = frame.acting(request, ticket)[0]
    closure.refuse(ticket, text=frame.typed(request).get("text", ""), by=by, at=timezone.now())
    messages.success(request, _("Noted: not solved. We work on it again, and the clock runs on."))
    return redirect("request", number=number)


@require_POST
@contact_page
def appeal(request: HttpRequest, number: int) -> HttpResponse:
    """Another decision about what is covered is asked for, with the reason (X1)."""
    ticket = _ticket(request, number)
    by = frame.acting(request, ticket)[0]
    text = frame.typed(request).get("reason", "")
    try:
        coverage.appeal(ticket, reason=text, by=by, at=timezone.now())
    except Refused as refused:
        return _page(request, ticket, status=422, appeal=(text, refused))
    messages.success(request, _("Somebody else than who decided looks at it, and answers you."))
    return redirect("request", number=number)


@require_POST
@contact_page
def offer(request: HttpRequest, number: int) -> HttpResponse:
    """The answer to an offer of paid work: taken or not."""
    ticket = _ticket(request, number)
    by = frame.acting(request, ticket)[0]
    typed = frame.typed(request)
    seen = typed.get("seq", "")
    number_seen = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else 0
    if typed.get("answer") not in {"accept", "decline"}:
        raise Refused("answer", _("is missing; take the offer or do not"))
    if typed["answer"] == "accept":
        coverage.accept_offer(ticket, by=by, at=timezone.now(), offer=number_seen)
        messages.success(request, _("Thank you. It is agreed, and work on it starts."))
    else:
        coverage.decline_offer(ticket, by=by, at=timezone.now(), offer=number_seen)
        messages.success(request, _("Noted: you do not take the offer."))
    return redirect("request", number=number)


@require_POST
@contact_page
def concern(request: HttpRequest, number: int) -> HttpResponse:
    """An escalation is asked for, the severity objected to, or a complaint made (T3, V2)."""
    ticket = _ticket(request, number)
    by, given, at = frame.acting(request, ticket)[0], frame.typed(request), timezone.now()
    kind, text = given.get("kind", ""), given.get("text", "")
    try:
        made = concerns.concern(ticket, kind=kind, text=text, by=by, at=at)
    except Refused as refused:
        return _page(request, ticket, status=422, concern=(kind, text, refused))
    zone = frame.zone_of(request.contacts)  # type: ignore[attr-defined]
    said = {"time": words.when(made.due_at, at, zone)}
    messages.success(request, _("It is with us. You have an answer by %(time)s.") % said)
    return redirect("request", number=number)


@require_POST
@contact_page
def another_time(request: HttpRequest, number: int, appointment: int) -> HttpResponse:
    """An appointment does not suit them; which times do, in their words."""
    ticket = _ticket(request, number)
    by, text = frame.acting(request, ticket)[0], frame.typed(request).get("wish", "")
    found = Appointment.objects.filter(ticket=ticket, pk=appointment).first()
    if found is None:
        raise Http404
    try:
        appointments.ask_for_another_time(found, text=text, by=by, at=timezone.now())
    except Refused as refused:
        return _page(request, ticket, status=422, meeting=(found.pk, text, refused))
    messages.success(
        request, _("Those who take part are told. Until you hear from them, it stands as agreed.")
    )
    return redirect("request", number=number)


@require_POST
@contact_page
def participants(request: HttpRequest, number: int) -> HttpResponse:
    """People of the same customer hear of it from now on."""
    ticket = _ticket(request, number)
    by, contact = frame.acting(request, ticket)
    wanted = [
        int(one)
        for one in request.POST.getlist("person")
        if one.isascii() and one.isdigit() and len(one) < 19
    ]
    people = list(taking_part.may_add(contact).filter(pk__in=wanted))
    whole = access.reads_from(request.contacts, ticket) is None and "whole" in request.POST  # type: ignore[attr-defined]
    taking_part.add(ticket, people, by=by, at=timezone.now(), whole=whole)
    messages.success(request, _("Added: %(names)s.") % {"names": ", ".join(one.name for one in people)})
    return redirect("request", number=number)


@require_POST
@contact_page
def leave(request: HttpRequest, number: int) -> HttpResponse:
    """Somebody who was added takes no part any more; they may not see it afterwards."""
    ticket = _ticket(request, number)
    part = taking_part.may_leave(ticket, request.contacts)  # type: ignore[attr-defined]
    if part is None:
        raise Http404
    taking_part.leave(ticket, part, by=frame.acting(request, ticket)[0], at=timezone.now())
    messages.success(request, _("Done. You hear no more of request %(number)s.") % {"number": number})
    return redirect("requests")


@require_POST
@contact_page
def close(request: HttpRequest, number: int) -> HttpResponse:
    ticket = _ticket(request, number)
    by = frame.acting(request, ticket)[0]
    closure.close_by_customer(ticket, text=frame.typed(request).get("text", ""), by=by, at=timezone.now())
    messages.success(request, _("The request is closed."))
    return redirect("request", number=number)


@require_POST
@contact_page
def reopen(request: HttpRequest, number: int) -> HttpResponse:
    ticket = _ticket(request, number)
    by = frame.acting(request, ticket)[0]
    at = timezone.now()
    if not closure.reopens(ticket, at=at, channel="portal"):
        raise Refused(
            "request", _("was closed too long ago to reopen; write below and a follow-up is raised")
        )
    closure.reopen(ticket, said=None, by=by, at=at, reason="reopened in the portal")
    messages.success(request, _("Reopened. We work on it again."))
    return redirect("request", number=number)


def _asked(request: HttpRequest, ticket: Ticket) -> bool:
    """Whether this person raised the request: they alone are asked how it went."""
    return ticket.requester_id in {one.pk for one in request.contacts}  # type: ignore[attr-defined]


@require_POST
@contact_page
def rate(request: HttpRequest, number: int) -> HttpResponse:
    """How it went, by whoever raised it (C1)."""
    ticket = _ticket(request, number)
    if not _asked(request, ticket):
        raise Http404
    by = frame.acting(request, ticket)[0]
    words = frame.typed(request).get("words", "")
    try:
        satisfaction.rate(ticket, score=frame.score_of(request), words=words, by=by, at=timezone.now())
    except Refused as refused:
        return _page(request, ticket, status=422, refused=refused)
    messages.success(request, _(frame.RATED))
    return redirect("request", number=number)


@require_POST
@contact_page
def approval(request: HttpRequest, number: int, participant: int) -> HttpResponse:
    """The requester lets somebody take part who was copied in and is of elsewhere."""
    ticket = _ticket(request, number)
    found = next((one for one in taking_part.waiting(ticket) if one.pk == participant), None)
    if found is None or not _is_requester(request, ticket):
        raise Http404
    by, _contact = frame.acting(request, ticket)
    taking_part.approve(ticket, found, by=by, at=timezone.now())
    messages.success(request, _("%(address)s takes part from now on.") % {"address": found.address})
    return redirect("request", number=number)


# What the page of a request asks of its parts, sent in one go.
ASKED = (
    seen.CLOCKS, _SAID, _HAPPENED, _PEOPLE, _CONCERNS, drafts.FOUND, uploads.OF_FORM, _MAY_ADD, meetings.AGREED,
)  # fmt: skip


def _is_requester(request: HttpRequest, ticket: Ticket) -> bool:
    contacts: list[Contact] = request.contacts  # type: ignore[attr-defined]
    return ticket.requester_id is not None and ticket.requester_id in {one.pk for one in contacts}
