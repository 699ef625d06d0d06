"""What one may do to a ticket: each act is a resource that takes a POST, calls one verb and goes back.

A refused act shows the page again with what was typed (422). `seq` is what the page knew: if the ticket went on
since, the act is done all the same, and the person is told what happened meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from mainstay.accounts.actor import Actor
from mainstay.accounts.models import User
from mainstay.customers.models import Contact, Customer
from mainstay.desk import beside, mentioning, shown
from mainstay.desk import ticket as pages
from mainstay.desk.panels import Refusal
from mainstay.desk.typed import Typed, zone_of
from mainstay.errors import Refused
from mainstay.sla import severity as guide
from mainstay.tickets import (
    access,
    causes,
    closure,
    coverage,
    dispatch,
    drafts,
    merging,
    participants,
    resolution,
    sentences,
    triage,
    withdrawal,
    work,
)
from mainstay.tickets import presence as here
from mainstay.tickets.messages import Said
from mainstay.tickets.models import CloseReason, Event, Message, Participant, Ticket
from mainstay.ui import words
from mainstay.ui.doors import StaffRequest, staff_page

TWICE = timedelta(minutes=2)
LONGEST_URL = 200  # as the column has it


@dataclass(frozen=True)
class Act:
    """One act on its way: the ticket, what was typed, who does it and when."""

    ticket: Ticket
    typed: Typed
    user: User
    at: datetime

    @property
    def by(self) -> Actor:
        return Actor.staff(self.user)

    def said(self) -> Said:
        return Said(self.typed.raw("text").strip(), "desk", attachments=self.typed.files())

    def told(self, at: datetime) -> str:
        return words.when(at, self.at, self.typed.zone)


Do = Callable[[Act], str]

SPENT = {
    "reply": "Reply", "note": "Note", "report": "Progress report", "question": "Question",
    "workaround": "Workaround", "solution": "Solution",
}  # fmt: skip
"""What the time that is written down with a message was for."""

WRITES = frozenset(drafts.KINDS)
"""Acts of the composer: what was typed is kept as a draft until they are done, and what goes out is held a while."""

# What others did that one should have read before doing it oneself, and the acts that it matters to.
SAID = frozenset({
    "received", "customer_replied", "thanked", "staff_replied", "asked_customer", "information_requested",
    "progress_reported", "workaround_provided", "solution_proposed", "solution_rejected", "noted", "closed",
    "reopened", "ruled_out_of_scope", "brought_into_scope", "merged_in", "withdrawn", "solution_withdrawn",
})  # fmt: skip
DECIDED = frozenset({
    "triaged", "severity_changed", "dispatched", "handed_over", "escalated", "customer_recognised", "closed",
    "reopened", "ruled_out_of_scope", "brought_into_scope", "waiting_on_third_party", "merged_in",
})  # fmt: skip
MATTERS: dict[str, frozenset[str]] = {
    **dict.fromkeys(WRITES - {"note"}, SAID),
    **dict.fromkeys(("closure", "scope", "serving", "offer", "declining"), SAID | DECIDED),
    **dict.fromkeys(("triage", "severity", "assignment", "handover", "recognition", "waiting"), DECIDED),
}

# Acts without a message that people would hear of twice: their event, the field that says why, and whether the
# ticket stands as it would stand afterwards.
DOES: dict[str, tuple[str, str, Callable[[Act], bool]]] = {
    "triage": ("triaged", "reason", lambda one: one.typed.text("severity") == str(one.ticket.severity)
               and one.typed.text("category") == one.ticket.category),
    "escalation": ("escalated", "reason", lambda one: True),
    "schedule": ("scheduled", "reason", lambda one: one.typed.when("start") == one.ticket.scheduled_for),
    "waiting": ("waiting_on_third_party", "for",
                lambda one: one.typed.when("until") == one.ticket.waiting_until),
}  # fmt: skip


def act(name: str, do: Do) -> Callable[..., HttpResponseBase]:
    """The view of one act. `do` calls the verb and returns what to tell the person."""

    @require_POST
    @staff_page()
    def view(request: StaffRequest, number: int) -> HttpResponse:
        ticket = access.for_staff(request.user, number)
        try:
            with transaction.atomic():
                locked = Ticket.objects.select_for_update(of=("self",)).get(pk=ticket.pk)
                one = Act(locked, Typed(request), request.user, timezone.now())
                said = _sent_already(one, name)
                if not said:
                    _stop_where_others_went_on(one, name)
                    said = do(one)
                held = _written(one, name, after=ticket.last_seq) if name in WRITES else None
        except Refused as error:
            refusal = Refusal(name, error.field, error.message, request.POST)
            return pages.show(request, beside.ticket(request.user, number), refused=refusal, status=422)
        if held is None:
            messages.success(request, said)
        if name in WRITES and name != "note" and (plain := mentioning.plain(one.typed.raw("text"))):
            messages.info(request, plain)
        _tell_meanwhile(request, ticket)
        sent = f"?sent={held.seq}" if held is not None else ""
        return HttpResponseRedirect(shown.ticket_url(number) + sent, status=303)

    return view


def _written(one: Act, name: str, *, after: int) -> Event | None:
    """It was said: the draft is done with, and what goes out is held while it may be taken back."""
    drafts.drop(one.ticket, user=one.user)
    if one.typed.flag("spent"):
        label = SPENT[name]
        work.log_work(
            one.ticket, minutes=one.typed.number("minutes", "whole minutes"), text=label, billable=True, user=one.user,
            day=one.at.astimezone(one.typed.zone).date(), by=one.by, at=one.at, timed=True,
        )  # fmt: skip
    if name == "note":
        return None
    return withdrawal.hold(one.ticket, after=after, seconds=settings.UNDO_SECONDS, at=one.at)


def _stop_where_others_went_on(one: Act, name: str) -> None:
    """Refused, naming meanwhile, when others did what matters to this act since the page was made.

    The page comes back with what was typed and with what happened; pressing again does it.
    """
    seen, matters = one.typed.text("seq"), MATTERS.get(name)
    if matters is None or not (seen.isascii() and seen.isdigit()) or len(seen) > 9:
        return
    since = Event.objects.filter(ticket=one.ticket, seq__gt=int(seen), kind__in=matters)
    theirs = since.exclude(by_kind="staff", by_id=one.user.pk).select_related("text").order_by("seq")
    events = list(theirs[:6])
    if events:
        names, zone = sentences.people_in(events), one.typed.zone.key
        told = "; ".join(sentences.told(event, zone=zone, names=names).sentence for event in events)
        raise Refused(
            "meanwhile", f"{told}. Nothing was sent. Read it, then send again as it is, or change it first"
        )


def _sent_already(one: Act, name: str) -> str:
    """What a double click sends twice is done once: the ticket is locked, so the second sees the first."""
    text, kind = one.typed.raw("text").strip(), "note" if name == "note" else "out"
    mine = Message.objects.filter(ticket=one.ticket, author_user=one.user, kind=kind, at__gt=one.at - TWICE)
    same = Q(text=text) | Q(text__startswith=f"Root cause: {text}") if name == "cause" else Q(text=text)
    if text and not one.typed.uploads and mine.filter(same).exists():
        return "That was sent already, a moment ago; it was not sent again."
    if name in DOES and _done_already(one, name):
        return "That was done already, a moment ago; it was not done again."
    return ""


def _done_already(one: Act, name: str) -> bool:
    """Whether this person did the same, for the same reason, since the page that they see was made."""
    kind, reason, stands = DOES[name]
    seen = one.typed.text("seq")
    if not (seen.isascii() and seen.isdigit()) or len(seen) > 9:
        return False
    done = Event.objects.filter(ticket=one.ticket, kind=kind, by_kind="staff", by_id=one.user.pk)
    same = done.filter(seq__gt=int(seen), at__gt=one.at - TWICE, text__why=one.typed.text(reason))
    return same.exists() and stands(one)


def _tell_meanwhile(request: StaffRequest, ticket: Ticket) -> None:
    """What others did between opening the page and this act. `ticket` is as it was just before the act."""
    seen = request.POST.get("seq", "")
    if not (seen.isascii() and seen.isdigit()) or len(seen) > 9 or int(seen) >= ticket.last_seq:
        return
    found = Event.objects.filter(ticket=ticket, seq__gt=int(seen), seq__lte=ticket.last_seq)
    events = list(found.select_related("text").order_by("seq")[:10])
    names, zone = sentences.people_in(events), zone_of(request.user).key
    told = "; ".join(sentences.told(event, zone=zone, names=names).sentence for event in events)
    messages.info(request, f"Since you opened it: {told}.")


# ---- triage


def triaged(one: Act) -> str:
    answers = {question.name: one.typed.text(f"a_{question.name}") for question in guide.GUIDE}
    if not one.typed.text("severity"):
        raise Refused("severity", "is not chosen; choose one by the definitions")
    if not one.typed.text("category"):
        raise Refused("category", "is not chosen; choose the kind of request")
    triage.triage(
        one.ticket, severity=one.typed.text("severity"), category=one.typed.text("category"),
        reason=one.typed.text("reason"), assessment=answers, by=one.by, at=one.at,
    )  # fmt: skip
    return f"Triaged: severity {one.ticket.severity}, {one.ticket.get_category_display().lower()}."


def severity(one: Act) -> str:
    before = one.ticket.severity
    triage.change_severity(
        one.ticket, severity=one.typed.text("severity"), reason=one.typed.text("reason"), by=one.by, at=one.at
    )
    return f"Severity {before} became {one.ticket.severity}; every clock was reckoned anew."


def question(one: Act) -> str:
    names = one.typed.text("names").split() or one.typed.many("names")
    if names:
        triage.ask_information(one.ticket, names=names, text=one.typed.raw("text"), by=one.by, at=one.at)
    else:
        until = one.typed.when("until")
        resolution.reply(one.ticket, said=one.said(), wait=True, until=until, by=one.by, at=one.at)
    return "The question is on its way; the ticket waits for the customer."


def completed(one: Act) -> str:
    triage.complete_information(one.ticket, by=one.by, at=one.at)
    return "Noted: what is needed to start is there."


def scope(one: Act) -> str:
    if one.ticket.state == "out_of_scope":
        coverage.bring_into_scope(one.ticket, reason=one.typed.text("reason"), by=one.by, at=one.at)
        return "Back in scope: the clocks run on."
    coverage.rule_out_of_scope(
        one.ticket, rule=one.typed.text("rule"), reason=one.typed.text("reason"), text=one.typed.raw("text"),
        by=one.by, at=one.at,
    )  # fmt: skip
    return "Ruled out of scope; the customer is told, and the clocks stand still from now."


def paid_offer(one: Act) -> str:
    price = one.typed.text("price")
    coverage.offer_paid_work(one.ticket, text=one.typed.raw("text"), price=price, by=one.by, at=one.at)
    return "The offer is on its way; the customer takes it in the portal or by the link."


def appeal(one: Act) -> str:
    if one.typed.flag("as_written"):
        coverage.appeal_as_written(one.ticket, by=one.by, at=one.at)
    else:
        coverage.appeal(one.ticket, reason=one.typed.raw("reason"), by=one.by, at=one.at)
    return "Recorded: they ask for another decision. Somebody else than who ruled decides."


def judgement(one: Act) -> str:
    if one.typed.text("decision") == "covered":
        coverage.bring_into_scope(one.ticket, reason=one.typed.text("reason"), by=one.by, at=one.at)
        return "Covered after all: the clocks run on."
    if one.typed.text("decision") != "stands":
        raise Refused("decision", "is not chosen: covered after all, or the decision stands")
    coverage.reject_appeal(
        one.ticket, reason=one.typed.text("reason"), text=one.typed.raw("text"), by=one.by, at=one.at
    )
    return "The decision stands; the customer is told why."


def links(one: Act) -> str:
    other = one.typed.number("other", "the number of the other ticket")
    if one.typed.flag("remove"):
        triage.unlink(one.ticket, other, by=one.by, at=one.at)
        return f"The link with {other} is gone."
    triage.link(one.ticket, other, kind=one.typed.text("kind"), by=one.by, at=one.at)
    return f"Linked with {other}."


def emergency(one: Act) -> str:
    triage.see_emergency(one.ticket, by=one.by, at=one.at)
    return "The emergency flag was seen by you."


def recognition(one: Act) -> str:
    code = one.typed.text("customer")
    customer = Customer.objects.filter(code__iexact=code).first() if code else None
    if customer is None:
        raise Refused("customer", f"{code!r} is no customer's code" if code else "is not chosen")
    address = one.typed.text("contact")
    contact = Contact.objects.filter(customer=customer, email__iexact=address).first() if address else None
    if address and contact is None:
        raise Refused("contact", f"{address} is not a contact of {customer.name}; add them there first")
    triage.recognise(
        one.ticket, customer=customer, contact=contact, reason=one.typed.text("reason"), by=one.by, at=one.at
    )
    return f"This is {customer.name}; their terms count from receipt."


# ---- dispatch


def assignment(one: Act) -> str:
    to, because = engineer(one), one.typed.many("because")
    dispatch.assign(one.ticket, to=to, reason=one.typed.text("reason"), because=because, by=one.by, at=one.at)
    return "You have this ticket now." if to.pk == one.user.pk else f"{to.name} has this ticket now."


def schedule(one: Act) -> str:
    start = one.typed.needs_when("start")
    dispatch.schedule(one.ticket, start=start, reason=one.typed.text("reason"), by=one.by, at=one.at)
    return f"Planned for {one.told(start)}."


def engineer(one: Act) -> User:
    """The person of the desk that a form names."""
    number = one.typed.number("engineer", "a person of the desk")
    found = User.objects.filter(pk=number, is_active=True).exclude(roles=[]).first()
    if found is None:
        raise Refused("engineer", "is nobody of the desk; choose one from the list")
    return found


# ---- resolution


def reply(one: Act) -> str:
    resolution.reply(one.ticket, said=one.said(), by=one.by, at=one.at)
    return "Your reply is on its way to the customer."


def note(one: Act) -> str:
    resolution.note(one.ticket, said=one.said(), by=one.by, at=one.at)
    return " ".join(
        ["The note is kept; only staff see it.", *mentioning.told(one.typed.raw("text"), one.user)]
    )


def report(one: Act) -> str:
    resolution.report_progress(
        one.ticket, status=one.typed.raw("text"), estimate=one.typed.when("estimate"),
        next_step=one.typed.text("next_step"), change_reason=one.typed.text("change_reason"),
        files=one.typed.files(), by=one.by, at=one.at,
    )  # fmt: skip
    return "The progress report is on its way to the customer."


def waiting(one: Act) -> str:
    until = one.typed.when("until")
    resolution.wait_for_third_party(one.ticket, for_=one.typed.text("for"), until=until, by=one.by, at=one.at)
    return "Waiting for a third party" + (f" until {one.told(until)}." if until else ".")


def resumption(one: Act) -> str:
    resolution.resume(one.ticket, reason=one.typed.text("reason"), by=one.by, at=one.at)
    return "Work goes on; the clocks run."


def workaround(one: Act) -> str:
    resolution.provide_workaround(
        one.ticket, text=one.typed.raw("text"), files=one.typed.files(), by=one.by, at=one.at
    )
    return "The workaround is on its way to the customer."


def cause(one: Act) -> str:
    tell = one.typed.flag("tell")
    resolution.record_root_cause(
        one.ticket, category=one.typed.text("category"), text=one.typed.raw("text"), fix=one.typed.raw("fix"),
        tell=tell, by=one.by, at=one.at,
    )  # fmt: skip
    return "The root cause is recorded" + (" and told to the customer." if tell else ".")


def defects(one: Act) -> str:
    if len(one.typed.text("url")) > LONGEST_URL:
        raise Refused("url", f"is longer than {LONGEST_URL} characters")
    resolution.link_defect(
        one.ticket, reference=one.typed.text("reference"), url=one.typed.text("url"),
        fixed_in=one.typed.text("fixed_in"), by=one.by, at=one.at,
    )  # fmt: skip
    return f"Defect {one.typed.text('reference')} is linked."


def solution(one: Act) -> str:
    resolution.propose_solution(
        one.ticket, text=one.typed.raw("text"), files=one.typed.files(), left_open=one.typed.text("left_open"),
        by=one.by, at=one.at,
    )  # fmt: skip
    return "The solution is proposed; it closes when accepted, or by itself after reminders."


def escalation(one: Act) -> str:
    if not resolution.may_escalate(one.user, one.ticket, one.at):
        raise Http404
    resolution.escalate(one.ticket, reason=one.typed.text("reason"), by=one.by, at=one.at)
    return f"Escalated: severity {one.ticket.severity}. The people concerned are told at once."


# ---- together and apart


def merged(one: Act) -> str:
    other = one.typed.number("other", "the number of the ticket that this one shall be part of")
    merging.merge(one.ticket, other, reason=one.typed.text("reason"), by=one.by, at=one.at)
    return f"Merged into {other}: what is said on it lands there, and the earlier promise stands."


def unmerged(one: Act) -> str:
    was = one.ticket.merged_into_id
    merging.unmerge(one.ticket, by=one.by, at=one.at)
    return f"Taken out of {was} again; it stands as before."


def splitting(one: Act) -> str:
    named = [int(word) for word in one.typed.many("messages") if word.isascii() and word.isdigit()]
    made = merging.split(
        one.ticket, named=named, subject=one.typed.text("subject"), reason=one.typed.text("reason"), by=one.by,
        at=one.at,
    )  # fmt: skip
    return f"Split off as {made.pk}, received when it was said; merging it back undoes this."


def common(one: Act) -> str:
    if one.typed.flag("remove"):
        causes.leave(one.ticket, by=one.by, at=one.at)
        return "Taken out of the common cause."
    named = one.typed.text("cause")
    number = int(named) if named.isascii() and named.isdigit() and len(named) < 19 else 0
    found = causes.known().filter(pk=number).first()
    if named and found is None:
        raise Refused("cause", "is none that is open; choose one from the list")
    cause = found or causes.begin(one.typed.text("title"), at=one.at)
    causes.join(one.ticket, cause, by=one.by, at=one.at)
    return f"The cause is {cause.title}."


# ---- closure


def closing(one: Act) -> str:
    reason = one.typed.text("reason")
    closure.close(
        one.ticket, reason=reason, text=one.typed.raw("text"), left_open=one.typed.text("left_open"), by=one.by,
        at=one.at,
    )  # fmt: skip
    return f"Closed: {CloseReason(reason).label}."


def reopening(one: Act) -> str:
    reason = one.typed.text("reason")
    if not reason:
        raise Refused("reason", "is missing; say why it is opened again")
    closure.reopen(one.ticket, said=None, reason=reason, by=one.by, at=one.at)
    return "Reopened; it is in the queue again."


ACTS: tuple[tuple[str, str, Do], ...] = (
    ("triage", "triage", triaged),
    ("severity", "severity", severity),
    ("question", "question", question),
    ("completion", "information", completed),
    ("scope", "scope", scope),
    ("paid_offer", "offer", paid_offer),
    ("appeal", "appeal", appeal),
    ("judgement", "appeal-decision", judgement),
    ("links", "links", links),
    ("merging", "merge", merged),
    ("unmerging", "merge/undoing", unmerged),
    ("splitting", "split", splitting),
    ("common", "common-cause", common),
    ("emergency", "emergency", emergency),
    ("recognition", "customer", recognition),
    ("assignment", "assignment", assignment),
    ("schedule", "schedule", schedule),
    ("reply", "replies", reply),
    ("note", "notes", note),
    ("report", "progress", report),
    ("waiting", "waiting", waiting),
    ("resumption", "resumption", resumption),
    ("workaround", "workaround", workaround),
    ("cause", "root-cause", cause),
    ("defects", "defects", defects),
    ("solution", "solution", solution),
    ("escalation", "escalation", escalation),
    ("closure", "closure", closing),
    ("reopening", "reopening", reopening),
)
"""(name, last part of the address, what it does)"""


# ---- acts on a part of a ticket


@require_POST
@staff_page()
def draft(request: StaffRequest, number: int) -> HttpResponse:
    """What is being written, kept on the server; says when."""
    ticket, typed = access.for_staff(request.user, number), Typed(request)
    said = {name: typed.raw(name) for name in drafts.FIELDS}
    try:
        kept = drafts.keep(ticket, user=request.user, kind=typed.text("kind"), said=said, at=timezone.now())
    except Refused as error:
        return JsonResponse({"field": error.field, "message": error.message}, status=422)
    return JsonResponse({"at": int(kept.at.timestamp() * 1000) if kept else 0})


@require_POST
@staff_page()
def presence(request: StaffRequest, number: int) -> HttpResponse:
    """Who else is here, and what was said since the page was made; says that this person is here, too."""
    ticket, typed, at = access.for_staff(request.user, number), Typed(request), timezone.now()
    others = here.look(ticket, request.user, typing=typed.flag("typing"), at=at)
    seen = typed.text("seq")
    seq = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else ticket.last_seq
    news = _news(request.user, ticket, seq, typed.zone.key) if seq < ticket.last_seq else ""
    context = {"others": others, "news": news, "url": shown.ticket_url(number)}
    return render(request, "desk/presence.html", context)


def _news(user: User, ticket: Ticket, seq: int, zone: str) -> str:
    """The last thing that somebody else said or decided since the event `seq`; empty: nothing."""
    since = Event.objects.filter(ticket=ticket, seq__gt=seq, kind__in=SAID | DECIDED)
    last = since.exclude(by_kind="staff", by_id=user.pk).select_related("text").order_by("-seq").first()
    return sentences.told(last, zone=zone, names=sentences.people_in([last])).sentence if last else ""


@require_POST
@staff_page()
def undo(request: StaffRequest, number: int, seq: int) -> HttpResponse:
    """Take back what was just said: nobody outside heard of it, and its words stand in the composer again."""
    ticket, at = access.for_staff(request.user, number), timezone.now()
    try:
        said = withdrawal.withdraw(ticket, seq, by=Actor.staff(request.user), at=at)
    except Refused as error:
        messages.error(request, f"It {error.message}.")
        return HttpResponseRedirect(shown.ticket_url(number), status=303)
    drafts.keep(ticket, user=request.user, kind=said["kind"], said=said, at=at)
    messages.success(request, "Taken back: nobody heard of it. Files have to be attached again.")
    return HttpResponseRedirect(f"{shown.ticket_url(number)}#composer", status=303)


@require_POST
@staff_page()
def suggestion(request: StaffRequest, number: int) -> HttpResponse:
    """What the guide suggests from the answers given: the page with all that was typed; nothing is changed."""
    typed = Refusal("triage", "", "", request.POST)
    return pages.show(request, beside.ticket(request.user, number), refused=typed)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def fact(request: StaffRequest, number: int, name: str) -> HttpResponseBase:
    """Put one fact of the request right, or empty it; GET gives the form for it."""
    if request.method != "POST":
        return pages.fact(request, number, name)

    def do(one: Act) -> str:
        if name not in triage.FACTS:
            raise Http404
        triage.correct_fact(one.ticket, name=name, value=one.typed.raw("value"), by=one.by, at=one.at)
        return f"{sentences.FACTS.get(name, name).capitalize()} is put right."

    return act(f"fact-{name}", do)(request, number)


@require_POST
@staff_page()
def approval(request: StaffRequest, number: int, participant: int) -> HttpResponseBase:
    """Let somebody who asked take part in the ticket."""

    def do(one: Act) -> str:
        found = Participant.objects.filter(ticket=one.ticket, pk=participant).first()
        if found is None:
            raise Http404
        participants.approve(one.ticket, found, by=one.by, at=one.at)
        return f"{found.address} takes part now and gets mail."

    return act("approval", do)(request, number)
