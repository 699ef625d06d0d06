"""What staff are told, in the desk and by mail.

A mail that may be answered carries the recipient's own reply address: what they reply goes to the customer, so
such a mail holds nothing but the customer's own words and plain facts. Inside words (a reason, a handover
note) only stand in mails that cannot be answered that way.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from mainstay.accounts.models import User
from mainstay.intake.email.decide import ESCALATE
from mainstay.notices import links, words
from mainstay.notices.letter import Button, Letter
from mainstay.notices.letters import appointed
from mainstay.notices.recipients import TAM, called
from mainstay.notices.story import Story
from mainstay.tickets import sentences
from mainstay.tickets.models import Appointment, Event, Message

LONGEST = 20_000  # characters of a customer's words in a mail; all of them are on the ticket
ANSWERABLE = {"customer_replied", "solution_rejected", "reopened", "dispatched"}


def may_answer(story: Story, role: str) -> bool:
    """Whether a reply to this mail is taken as an answer to the customer (or as the TAM's escalation)."""
    return story.event.kind in ANSWERABLE or (role == TAM and story.event.kind == "received")


def write(story: Story, to: User, role: str) -> Letter:
    """The letter for one member of staff, who hears it as `role` (see `recipients`)."""
    letter = LETTERS[story.event.kind](story)
    ticket = story.ticket
    letter.number = ticket.number
    letter.subject = words.one_line(
        f"[#{ticket.number}] {letter.headline}: {words.one_line(ticket.subject, 150)}"
    )
    letter.facts = [*_facts(story), *letter.facts]
    place = f"#m{story.detail['message']}" if template(story.event) == "mentioned" else ""
    letter.buttons = [Button(_("Open the ticket"), f"{settings.BASE_URL}/desk/tickets/{ticket.pk}{place}")]
    if role == TAM and story.event.kind in {"received", "breached"}:
        _let_escalate(letter, story, to)
    letter.foot = letter.foot or [_foot(story, role)]
    return letter


def _let_escalate(letter: Letter, story: Story, to: User) -> None:
    """By link, and for mails that may be answered, by words (I2)."""
    link = links.make("escalate", story.ticket, user_id=to.pk, seq=story.event.seq, at=story.at)
    letter.buttons.append(Button(_("Escalate"), link))
    if may_answer(story, TAM):
        letter.foot = [
            _(
                "To escalate by mail, reply with the first line “%(word)s: your reason”. Any other reply goes"
                " to the customer."
            )
            % {"word": ESCALATE}
        ]


def _foot(story: Story, role: str) -> str:
    if may_answer(story, role):
        return _("Reply to this mail to answer the customer: what you write is sent to them.")
    return _("Open the ticket to act; a reply to this mail does not reach the customer.")


def _facts(story: Story) -> list[tuple[str, str]]:
    ticket, rank = story.ticket, story.severity
    facts = [
        (_("Subject"), words.one_line(ticket.subject, 200)),
        (_("Customer"), ticket.customer.name if ticket.customer else _("not known yet")),
        (_("From"), words.one_line(_sender(story), 200)),
        (_("Severity"), f"{rank[0]} {rank[1]}".strip()),
    ]
    if story.terms and story.terms.level_name:
        facts.append((_("Level"), story.terms.level_name))
    facts.append((_("Assigned to"), ticket.assignee.name if ticket.assignee else _("nobody yet")))
    if ticket.due_at:
        due = f"{words.clock_words(ticket.due_clock)}, {story.when(ticket.due_at)}"
        facts.append((_("Due next"), due))
    return facts


def _sender(story: Story) -> str:
    ticket = story.ticket
    if ticket.requester:
        return f"{ticket.requester.name} <{ticket.requester.email}>"
    return ticket.requester_address or ticket.requester_name


# ---- by kind


def received(story: Story) -> Letter:
    return _with_their_words(_("New request"), story, story.opening)


def emergency_flagged(story: Story) -> Letter:
    letter = _with_their_words(_("This looks like an emergency"), story, story.message or story.opening)
    letter.pressing = True
    letter.promise = [words.one_line(reason) for reason in story.detail.get("reasons", [])]
    letter.after = [_("Its severity is untouched: triage it now, or say that you have seen it.")]
    return letter


def escalated(story: Story) -> Letter:
    letter = Letter(_("Escalated by %(name)s") % {"name": words.one_line(story.by)}, pressing=True)
    letter.said_by, letter.said = _("Reason"), story.why
    before = story.event.before.get("severity")
    if before is not None:
        letter.promise = [
            _("Severity %(before)s is now %(now)s.") % {"before": before, "now": story.severity[0]}
        ]
    return letter


def concern_raised(story: Story) -> Letter:
    """An escalation asked for, an objection to the severity or a complaint, in the customer's words."""
    what = {
        "escalation": _("%(name)s asks for an escalation"),
        "severity": _("%(name)s objects to the severity"),
        "complaint": _("%(name)s complains"),
    }
    said = what.get(str(story.event.after.get("concern")), "%(name)s")
    letter = Letter(said % {"name": words.one_line(story.by)}, pressing=True)
    letter.said_by, letter.said = _("In their words"), story.why
    letter.body = [_("It waits for your answer: open the ticket and look under its concerns.")]
    return letter


def concern_answered(story: Story) -> Letter:
    return Letter(
        _("%(name)s answered what the customer wanted decided") % {"name": words.one_line(story.by)}
    )


def concern_late(story: Story) -> Letter:
    letter = Letter(_("What the customer wanted decided is not answered in time"), pressing=True)
    letter.body = [_("It waits for an answer: open the ticket and look under its concerns.")]
    return letter


def escalated_by_ladder(story: Story) -> Letter:
    """What was reached, the policy's own words, and whom of those named there is nobody."""
    after = story.event.after
    letter = Letter(
        _("Escalated by the ladder: %(what)s") % {"what": sentences.reached(after)}, pressing=True
    )
    letter.said_by, letter.said = (_("What the policy says") if story.why else ""), story.why
    letter.promise = [_("Told: %(people)s") % {"people": sentences.called(after["to"])}]
    letter.body = [
        _(
            "The ladder names “%(name)s”, and there is nobody of that name: triage and management are told instead."
        )
        % {"name": words.one_line(name, 100)}
        for name in after["to"]
        if not called(name, story.ticket, story.event.at)
    ]
    return letter


def severity_changed(story: Story) -> Letter:
    says = {"before": story.event.before.get("severity", "?"), "now": story.severity[0]}
    letter = Letter(_("Severity changed from %(before)s to %(now)s") % says)
    letter.said_by, letter.said = _("Why"), story.why
    return letter


def dispatched(story: Story) -> Letter:
    letter = _with_their_words(_("Yours to work on"), story, story.opening)
    letter.body = [words.one_line(str(reason), 500) for reason in story.detail.get("because", [])]
    return letter


def handed_over(story: Story) -> Letter:
    letter = Letter(_("Handed over to you by %(name)s") % {"name": words.one_line(story.by)})
    letter.said_by, letter.said = _("Handover note, inside only"), story.why
    return letter


def handover_accepted(story: Story) -> Letter:
    """Who gave a ticket away hears that it has arrived (T2)."""
    if story.event.after.get("by_working"):
        name = words.one_line(str(story.detail.get("to", "")))
        return Letter(_("%(name)s has taken it over by working on it") % {"name": name})
    return Letter(_("%(name)s has accepted the handover") % {"name": words.one_line(story.by)})


def handover_declined(story: Story) -> Letter:
    letter = Letter(_("%(name)s gives it back") % {"name": words.one_line(story.by)})
    letter.said_by, letter.said = _("Why"), story.why
    return letter


def handover_unaccepted(story: Story) -> Letter:
    """Somebody was given a ticket and has not said that they have it (T2)."""
    says = {"name": words.one_line(str(story.detail.get("to", "")))}
    letter = Letter(_("%(name)s has not accepted the handover") % says, pressing=True)
    letter.after = [_("Ask them, or give it to somebody else: until then nobody may be working on it.")]
    return letter


def snooze_ended(story: Story) -> Letter:
    """Back for whoever had put it off, with what they wanted to be reminded of."""
    because = str(story.event.after["because"])
    letter = Letter(
        _("Back, as you wanted")
        if because == "time"
        else _("Back: %(because)s") % {"because": sentences.back_because(because)}
    )
    letter.said_by, letter.said = (_("Your reminder") if story.why else ""), story.why
    return letter


def scheduled(story: Story) -> Letter:
    letter = Letter(_("Work is planned"))
    planned = story.event.after.get("scheduled_for")
    letter.promise = [story.when(datetime.fromisoformat(planned))] if planned else []
    return letter


def appointment_agreed(story: Story) -> Letter:
    return _appointment(_("%(what)s agreed: %(time)s"), story)


def appointment_moved(story: Story) -> Letter:
    return _appointment(_("%(what)s moved: %(time)s"), story)


def appointment_cancelled(story: Story) -> Letter:
    return _appointment(_("%(what)s cancelled: %(time)s"), story)


def appointment_wished(story: Story) -> Letter:
    """The customer asks for another time; the one that is agreed stands until somebody moves it."""
    letter = _appointment(_("%(what)s: they ask for another time than %(time)s"), story)
    letter.said_by = _("In their words")
    return letter


def _appointment(headline: str, story: Story) -> Letter:
    """With our own time and theirs, what it is about and who takes part."""
    after = story.event.after
    start, ours = datetime.fromisoformat(after["starts_at"]), words.zone_of(after["our_zone"])
    kind = str(dict(Appointment.Kind.choices).get(after["what"], ""))
    said = {"what": kind[:1].upper() + kind[1:], "time": words.moment(start, ours, now=story.at)}
    letter = Letter(headline % said)
    why = _("The ticket is closed.") if after.get("with") else story.why
    letter.said_by, letter.said = (_("Why") if why else ""), why
    letter.facts = [(_("For the customer"), story.when(start)), *appointed(story)]
    return letter


def nobody_suitable(story: Story) -> Letter:
    letter = Letter(_("Nobody suitable is on duty"), pressing=True)
    letter.after = [_("Assign it by hand, or find somebody: it waits until then.")]
    return letter


def customer_replied(story: Story) -> Letter:
    return _with_their_words(_("The customer answered"), story, story.message)


def solution_rejected(story: Story) -> Letter:
    return _with_their_words(_("The solution does not help"), story, story.message)


def reopened(story: Story) -> Letter:
    return _with_their_words(_("Open again"), story, story.message)


def thanked(story: Story) -> Letter:
    letter = Letter(_("The customer thanked us"))
    letter.body = [_("It stays closed. If there is more in it than thanks, reopen it with one click.")]
    return letter


def rated(story: Story) -> Letter:
    """How content the customer was, with their words (C1)."""
    score = story.event.after.get("score")
    letter = Letter(_("The customer says how it went: %(score)s of 5") % {"score": score})
    letter.said = str(story.detail.get("words", ""))
    return letter


def closed(story: Story) -> Letter:
    return Letter(
        _("Closed: %(reason)s") % {"reason": story.ticket.get_close_reason_display() or _("reopened")}
    )


def ruled_out_of_scope(story: Story) -> Letter:
    letter = Letter(_("Ruled out of scope"))
    letter.facts = [(_("Clause"), str(story.ticket.scope_decision.get("title", "")))]
    letter.said_by, letter.said = _("Why"), story.why
    return letter


def paid_work_offered(story: Story) -> Letter:
    return Letter(_("Offered as paid work: %(price)s") % {"price": story.detail.get("price", "")})


def paid_work_agreed(story: Story) -> Letter:
    """They took the offer: work can start."""
    letter = Letter(_("The offer of paid work is taken; work can start"))
    letter.facts = [
        (_("Price"), str(story.detail.get("price", ""))), (_("Agreed by"), words.one_line(story.by, 200))
    ]  # fmt: skip
    return letter


def paid_work_declined(story: Story) -> Letter:
    return Letter(_("The offer of paid work is not taken"))


def scope_appealed(story: Story) -> Letter:
    """Another decision is asked for: by somebody else than who ruled."""
    letter = Letter(_("Another decision about the scope is asked for"))
    held = story.ticket.scope_decision
    letter.facts = [(_("Clause"), str(held.get("title", ""))), (_("Ruled by"), str(held.get("by_name", "")))]
    letter.said_by, letter.said = _("Their reason"), story.why
    return letter


def appeal_rejected(story: Story) -> Letter:
    return Letter(_("The appeal was decided: it stands"), said_by=_("Why"), said=story.why)


def beyond_allowance(story: Story) -> Letter:
    return Letter(_("Beyond what the agreement includes"), said_by=_("Why"), said=story.why)


def served_once(story: Story) -> Letter:
    return Letter(_("Served once, though nothing covers it"), said_by=_("Why"), said=story.why)


def package_offered(story: Story) -> Letter:
    says = {"package": words.one_line(str(story.detail.get("name", "")))}
    return Letter(_("%(package)s was offered") % says, said_by=_("Why"), said=story.why)


def brought_into_scope(story: Story) -> Letter:
    return Letter(_("In scope after all"), said_by=_("Why"), said=story.why)


def customer_recognised(story: Story) -> Letter:
    return Letter(_("The customer is known now"), said_by=_("Why"), said=story.why)


def agreement_changed(story: Story) -> Letter:
    letter = Letter(_("Other terms hold"), said_by=_("Why"), said=story.why)
    letter.body = [sentences.told(story.event, zone=story.zone.key).sentence]
    return letter


def resumed(story: Story) -> Letter:
    return Letter(_("Waiting is over"), said_by=_("Why") if story.why else "", said=story.why)


def warned(story: Story) -> Letter:
    letter = Letter(_("The %(what)s is due soon") % _clock(story), pressing=True)
    letter.promise = _due(story)
    return letter


def breached(story: Story) -> Letter:
    letter = Letter(_("The %(what)s is over its time") % _clock(story), pressing=True)
    letter.promise = _due(story)
    return letter


def participants_added(story: Story) -> Letter:
    letter = Letter(_("Somebody awaits your approval to take part"))
    waiting = [words.one_line(str(address), 320) for address in story.detail.get("waiting", [])]
    letter.body = [
        _("Copied in: %(people)s. They hear nothing until then.") % {"people": words.listed(waiting)}
    ]
    return letter


def template(event: Event) -> str:
    """Under which name a notice to staff is kept: the event's kind, but for who is named in a note."""
    return "mentioned" if "mentioned" in event.after else event.kind


def noted(story: Story) -> Letter:
    """Whoever is named in a note gets its words; of others only those that our own mail intake wrote are told."""
    if "mentioned" in story.event.after:
        letter = Letter(_("%(name)s names you in a note") % {"name": words.one_line(story.by)})
        note = story.reading.message(story.ticket, story.detail.get("message"))
        letter.said_by, letter.said = _("The note, inside only"), note.text[:LONGEST] if note else ""
        return letter
    letter = Letter(_("A report or an absence note came in"))
    letter.after = [_("It is on the ticket, as a note inside. It moved no clock and reopened nothing.")]
    return letter


def delivery_failed(story: Story) -> Letter:
    says = {"address": words.one_line(str(story.detail.get("address", "")))}
    letter = Letter(_("A mail to %(address)s could not be delivered") % says, pressing=True)
    letter.body = [words.one_line(str(story.detail.get("error", "")), 500)]
    letter.after = [_("Put the address right and send it again from the ticket, or reach them another way.")]
    return letter


def _clock(story: Story) -> dict[str, str]:
    return {"what": words.clock_words(str(story.event.after.get("clock", "")))}


def _due(story: Story) -> list[str]:
    after = story.event.after
    due = datetime.fromisoformat(after["due"])
    owed = {"promise": _("promised"), "goal": _("a goal"), "internal": _("our own")}
    kind = owed.get(str(after.get("owed")), "")
    return [
        _("%(kind)s within %(target)s: due %(due)s")
        % {"kind": kind, "target": after.get("target"), "due": story.when(due)}
    ]


def _with_their_words(headline: str, story: Story, message: Message | None) -> Letter:
    letter = Letter(headline)
    if message is None or message.kind != Message.Kind.IN:
        return letter
    letter.said_by = _("%(name)s writes:") % {"name": words.one_line(message.author_name)}
    letter.said = message.text if len(message.text) <= LONGEST else message.text[:LONGEST] + "…"
    if message.authenticated in {"none", "fail"}:
        letter.body = [_("The sender of this mail is not authenticated.")]
    return letter


LETTERS: dict[str, Callable[[Story], Letter]] = {
    one.__name__: one
    for one in (
        received, emergency_flagged, concern_raised, concern_answered, concern_late,
        escalated, escalated_by_ladder, severity_changed, dispatched, handed_over, handover_accepted,
        handover_declined, handover_unaccepted, snooze_ended, scheduled,
        appointment_agreed, appointment_moved, appointment_cancelled, appointment_wished,
        nobody_suitable, customer_replied, solution_rejected, reopened, thanked, rated, closed, ruled_out_of_scope,
        paid_work_offered, paid_work_agreed, paid_work_declined, scope_appealed, appeal_rejected,
        beyond_allowance, served_once, package_offered, brought_into_scope, customer_recognised,
        agreement_changed,
        resumed, warned, breached, participants_added, noted,
        delivery_failed,
    )
}  # fmt: skip
