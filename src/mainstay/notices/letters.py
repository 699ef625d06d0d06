"""What the customer's people are told of each step, and what happens next (A1, T3, S2, C1, V2).

One function for each letter that the table in `recipients` names. A letter holds our own words, the words
that staff wrote for the customer, and facts of the ticket; never a note, and never the body of what came in.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from mainstay.notices import links, words
from mainstay.notices.letter import Button, Letter
from mainstay.notices.recipients import Listener
from mainstay.notices.story import Owed, Story
from mainstay.tickets import satisfaction
from mainstay.tickets.models import CloseReason, State
from mainstay.tickets.timers import window_ends

Write = Callable[[Story, Listener], Letter | None]


def write(name: str, story: Story, to: Listener) -> Letter | None:
    """The letter of that name for one person; None when there is nothing to tell them."""
    letter = LETTERS[name](story, to)
    if letter is None:
        return None
    letter.number = story.ticket.number
    letter.subject = _subject(story, to)
    letter.foot = letter.foot or _foot(story, to)
    if name not in {"acknowledgement", "recognised"}:
        letter.buttons = letter.buttons or [_view(story, to)]
    return letter


def _subject(story: Story, to: Listener) -> str:
    """In their thread when we know it is theirs; else nothing of what they wrote (MAIL-RULES)."""
    number = story.ticket.number
    if story.authenticated and to.known:
        return words.one_line(f"Re: {words.one_line(story.ticket.subject, 180)} [#{number}]")
    return _("[#%(number)s] Your request") % {"number": number}


# ---- step 1


def acknowledgement(story: Story, to: Listener) -> Letter:
    """Number, severity, the contract in force, what is promised until when, and how to say more (A1)."""
    letter = Letter(_("We have your request. Its number is %(number)s.") % {"number": story.ticket.number})
    letter.promise = _first_promises(story)
    if not to.known:
        letter.body = _stranger()
        letter.foot = [_("To add something, reply to this mail.")]
        return letter
    letter.facts = _facts(story)
    if story.ticket.follows_id:
        letter.body.append(
            _("It goes on from request %(number)s, which is closed.") % {"number": story.ticket.follows_id}
        )
    letter.after = [
        _("Next, we read it, agree its severity and find the engineer for it. You hear of each step here."),
        *_how_to_press(story),
    ]
    letter.buttons = [_view(story, to)]
    letter.foot = [
        _("To add something, reply to this mail."),
        _("Where to look first, and all your requests: %(url)s") % {"url": settings.BASE_URL + "/"},
    ]
    return letter


def recognised(story: Story, to: Listener) -> Letter:
    """We know now whose request it is; what is promised counts from when it came (CLOCKS: a correction)."""
    letter = acknowledgement(story, to)
    letter.headline = _("We know now which contract request %(number)s belongs to.") % {
        "number": story.ticket.number
    }
    letter.promise = [*letter.promise, _("It counts from when your request reached us.")]
    return letter


def _stranger() -> list[str]:
    return [
        _(
            "We do not know this address yet, so no times are promised until we have found the contract it"
            " belongs to. It helps us if you reply with your company's name or customer id."
        )
    ]


def _first_promises(story: Story) -> list[str]:
    owed = story.owed_of("first_response")
    if owed is None:
        return [_("No response time is promised for it; a person reads it and tells you what we can do.")]
    return [_promise(story, owed)]


def _promise(story: Story, owed: Owed) -> str:
    """One sentence: what, how long, until when, and whether it is owed or hoped for."""
    says = {"what": owed.name, "target": owed.target, "due": story.when(owed.due) if owed.due else ""}
    if owed.due is None:
        return _("%(what)s within %(target)s: stands still for now.") % says
    if owed.kind == "promise":
        return _("We promise the %(what)s within %(target)s: by %(due)s.") % says
    return _("We aim for the %(what)s within %(target)s: by %(due)s.") % says


def _facts(story: Story) -> list[tuple[str, str]]:
    ticket = story.ticket
    facts = [(_("Number"), str(ticket.number))]
    if story.authenticated:
        facts.append((_("Subject"), words.one_line(ticket.subject, 200)))
    facts.append((_("Severity"), _severity(story)))
    facts.append((_("Received"), story.when(ticket.opened_at)))
    facts.append((_("Agreement"), _agreement(story)))
    if ticket.customer_reference and story.authenticated:
        facts.append((_("Your reference"), words.one_line(ticket.customer_reference, 100)))
    return facts


def _severity(story: Story) -> str:
    rank, name, definition = story.severity
    return f"{rank}, {name}: {definition}" if definition else f"{rank} {name}".strip()


def _agreement(story: Story) -> str:
    says = story.terms
    if says is None or not says.package_name:
        return _("none in force; somebody decides how we can help, and nothing is lost meanwhile")
    if says.contract_number:
        return _("contract %(contract)s, %(package)s (%(level)s)") % {
            "contract": says.contract_number,
            "package": says.package_name,
            "level": says.level_name,
        }
    return _("%(package)s (%(level)s)") % {"package": says.package_name, "level": says.level_name}


def _how_to_press(story: Story) -> list[str]:
    """How it is made more pressing: by us with what they say, or at once by their TAM (I2)."""
    lines = [
        _(
            "More pressing than severity %(rank)s? Reply and say what does not work, for how many people and"
            " since when; we assess it again."
        )
        % {"rank": story.severity[0]}
    ]
    customer, contract = story.ticket.customer, story.ticket.contract
    if customer and customer.tam:
        lines.append(
            _("Your Technical Account Manager, %(name)s (%(address)s), can escalate it at once.")
            % {"name": customer.tam.name, "address": customer.tam.email}
        )
    if contract and contract.phone_number:
        lines.append(_("Your phone number for support: %(number)s.") % {"number": contract.phone_number})
    return lines


# ---- step 2


def severity(story: Story, to: Listener) -> Letter | None:
    """The severity, whether it changed, why, and what that does to what is promised (V2)."""
    event = story.event
    before, now = event.before.get("severity"), story.severity[0]
    if before is None and event.kind != "triaged":
        return None  # escalated without a change: an inside affair
    letter = Letter(_severity_headline(story, before))
    if event.kind == "escalated":
        letter.body = [_("It was escalated and has the attention of those who lead support.")]
    elif story.why:
        letter.said_by, letter.said = _("Why"), story.why
    letter.facts = [(_("Severity"), _severity(story))]
    if story.ticket.category and event.kind == "triaged":
        letter.facts.append((_("Kind"), str(story.ticket.get_category_display())))
    letter.promise = [_promise(story, one) for one in _to_come(story)]
    letter.body += _what_was_due(story) if before is not None or story.changes_terms else []
    if before is not None and now > before:
        letter.after.append(
            _("Do you see it otherwise? Reply and say what stands still; we look at it again.")
        )
    return letter


def _severity_headline(story: Story, before: int | None) -> str:
    rank, name, _definition = story.severity
    says = {"number": story.ticket.number, "rank": rank, "name": name, "before": before}
    if before is None:
        return _("We have read request %(number)s: it is severity %(rank)s (%(name)s).") % says
    if rank < before:
        return _("Request %(number)s is raised from severity %(before)s to %(rank)s (%(name)s).") % says
    return _("Request %(number)s is lowered from severity %(before)s to %(rank)s (%(name)s).") % says


def _to_come(story: Story) -> list[Owed]:
    return [one for one in story.owed() if one.due is not None]


def _what_was_due(story: Story) -> list[str]:
    """What was due before, where that has changed."""
    now = {one.clock: one.due for one in story.owed()}
    lines = []
    for one in story.owed(before=True):
        if one.due is not None and now.get(one.clock) != one.due:
            lines.append(
                _("Before, the %(what)s was due by %(due)s.") % {"what": one.name, "due": story.when(one.due)}
            )
    return lines


def agreement(story: Story, to: Listener) -> Letter | None:
    """Other terms hold: what was due, what is due now, and why. Nothing where no promise has moved."""
    moved = _what_was_due(story)
    if not moved:
        return None
    letter = Letter(_("What we promise for request %(number)s has changed.") % _number(story))
    if story.event.after.get("correction"):
        letter.body = [_("It counts from when your request reached us.")]
    if story.why:
        letter.said_by, letter.said = _("Why"), story.why
    letter.promise = [_promise(story, one) for one in _to_come(story)]
    letter.body += moved
    return letter


def question(story: Story, to: Listener) -> Letter:
    """What we need to know to go on; closes by itself if it never comes (R3, C1)."""
    letter = Letter(_("We need something from you to go on with request %(number)s.") % _number(story))
    _quote(letter, story)
    until = story.event.after.get("waiting_until")
    if until:
        letter.promise = [
            _("Please answer by %(when)s.") % {"when": story.when(datetime.fromisoformat(until))}
        ]
    letter.after = [_("Reply to this mail with your answer. Meanwhile the times for a solution stand still.")]
    letter.after += _closes(story)
    return letter


def _closes(story: Story) -> list[str]:
    if story.closes_at is None:
        return []
    return [
        _("If we hear nothing, the request closes by itself on %(when)s; we remind you before.")
        % {"when": story.when(story.closes_at)}
    ]


def out_of_scope(story: Story, to: Listener) -> Letter:
    """The clause, the courteous answer, and that one may ask for another decision (X1)."""
    letter = Letter(_("Request %(number)s is not covered by your agreement.") % _number(story))
    _quote(letter, story)
    letter.facts = _clause(story, letter.said)
    letter.after = [_("The times promised count no further until then.")]
    if _decision(story).get("paid_path"):
        letter.after.insert(0, str(_decision(story)["paid_path"]))
    letter.after.insert(0, _("Do you see it otherwise? Ask for another decision: somebody else looks at it."))
    letter.buttons = [_view(story, to), Button(_("Ask for another decision"), _link("appeal", story, to))]
    return letter


def _decision(story: Story) -> dict[str, object]:
    """The decision about the scope as this event left it, whatever became of it since."""
    changed = story.detail.get("scope_decision")
    held = changed[1] if isinstance(changed, list) and len(changed) == 2 else story.ticket.scope_decision
    return held if isinstance(held, dict) else {}


def _clause(story: Story, said: str = "") -> list[tuple[str, str]]:
    """What is not covered, and the clause in its own words where the answer does not hold them."""
    held = _decision(story)
    title, wording = str(held.get("title", "")), str(held.get("wording", ""))
    facts = [(_("Not covered"), title or str(story.event.after.get("rule", "")))]
    return [*facts, (_("The clause"), wording)] if wording and wording not in said else facts


def paid_offer(story: Story, to: Listener) -> Letter:
    """What we would do for which price, and both answers as one click each."""
    letter = Letter(_("We offer to do what request %(number)s asks as paid work.") % _number(story))
    _quote(letter, story)
    letter.facts = [(_("Price"), str(story.detail.get("price", ""))), *_clause(story, letter.said)[:1]]
    letter.buttons = [
        Button(_("Accept the offer"), _link("pay", story, to), yours=True),
        Button(_("No, thank you"), _link("decline", story, to)),
    ]
    letter.after = [_("Once you accept, work on it starts, and its times count again.")]
    return letter


def paid_agreed(story: Story, to: Listener) -> Letter:
    """What was agreed, and by whom; work starts."""
    letter = Letter(_("Request %(number)s goes on as paid work.") % _number(story))
    letter.facts = [
        (_("Price"), str(story.detail.get("price", ""))),
        (_("Agreed by"), words.one_line(story.by, 200)),
    ]
    letter.promise = [_promise(story, one) for one in _to_come(story)]
    return letter


def appeal_rejected(story: Story, to: Listener) -> Letter:
    """Somebody else has looked at it, and the decision stands."""
    letter = Letter(_("We have looked at request %(number)s again: the decision stands.") % _number(story))
    _quote(letter, story)
    letter.facts = _clause(story, letter.said)
    return letter


def served_once(story: Story, to: Listener) -> Letter:
    """Nothing covers it, and we take it up all the same, this once (P1)."""
    letter = Letter(_("We take up request %(number)s this once, as a courtesy.") % _number(story))
    _quote(letter, story)
    letter.facts = [(_("Agreement"), _agreement(story))]
    letter.promise = [_promise(story, one) for one in _to_come(story)]
    return letter


def offered(story: Story, to: Listener) -> Letter:
    """What would cover it, where to read more, and that it waits for their answer (P1)."""
    says = {**_number(story), "package": str(story.detail.get("name", ""))}
    letter = Letter(_("%(package)s would cover request %(number)s.") % says)
    _quote(letter, story)
    letter.facts = [(_("We offer"), str(says["package"]))]
    letter.facts += [
        (_("Which level fits you"), settings.BASE_URL + reverse("advisor")),
        (_("Prices"), settings.BASE_URL + reverse("prices")),
    ]
    letter.after = [_("Reply to this mail with your answer or your questions."), *_closes(story)]
    return letter


def into_scope(story: Story, to: Listener) -> Letter:
    """The decision is taken back."""
    letter = Letter(_("Request %(number)s is covered after all; work on it goes on.") % _number(story))
    letter.promise = [_promise(story, one) for one in _to_come(story)]
    return letter


# ---- step 3


def dispatched(story: Story, to: Listener) -> Letter:
    """Who works on it."""
    says = {**_number(story), "name": str(story.detail.get("to", "")) or _("an engineer")}
    if story.event.kind == "handed_over":
        letter = Letter(_("%(name)s now works on request %(number)s.") % says)
        letter.body = [_("All that was said and found so far has been handed over; nothing is asked twice.")]
    elif story.event.kind == "handover_declined" and not story.detail.get("to"):
        letter = Letter(_("We are looking for the right person for request %(number)s.") % says)
    else:
        letter = Letter(_("%(name)s works on request %(number)s.") % says)
    letter.promise = [_promise(story, one) for one in _to_come(story)]
    return letter


def scheduled(story: Story, to: Listener) -> Letter | None:
    """When work is planned."""
    planned = story.event.after.get("scheduled_for")
    if not planned:
        return None
    says = {**_number(story), "when": story.when(datetime.fromisoformat(planned))}
    letter = Letter(_("Work on request %(number)s is planned for %(when)s.") % says)
    letter.after = [_("Does that not suit you? Reply with times that do.")]
    return letter


# ---- step 4


def answer(story: Story, to: Listener) -> Letter:
    """An engineer's own words."""
    letter = Letter(_("An answer to request %(number)s") % _number(story))
    _quote(letter, story)
    letter.promise = _next_report(story)
    return letter


def progress(story: Story, to: Listener) -> Letter:
    """Status, when we expect it solved (and why that changed), what is asked of the customer (S2)."""
    letter = Letter(_("Where request %(number)s stands") % _number(story))
    _quote(letter, story)
    letter.facts = _estimate(story)
    step = str(story.detail.get("next_step", ""))
    letter.facts.append((_("What we need from you"), step or _("nothing for now")))
    letter.promise = _next_report(story)
    return letter


def _estimate(story: Story) -> list[tuple[str, str]]:
    estimate, was = story.ticket.estimate, str(story.detail.get("estimate_was", ""))
    changed = story.event.after.get("estimate")
    if changed:
        estimate = datetime.fromisoformat(changed)
    facts = [(_("Expected to be solved"), story.when(estimate) if estimate else _("not known yet"))]
    if was and story.why:
        before = story.when(datetime.fromisoformat(was))
        facts.append((_("Changed"), _("it was %(before)s: %(why)s") % {"before": before, "why": story.why}))
    return facts


def _next_report(story: Story) -> list[str]:
    owed = story.owed_of("progress_update")
    if owed is None or owed.due is None:
        return []
    if owed.kind == "promise":
        return [_("You hear from us again by %(due)s.") % {"due": story.when(owed.due)}]
    return [_("We aim to report again by %(due)s.") % {"due": story.when(owed.due)}]


def third_party(story: Story, to: Listener) -> Letter:
    """Somebody else has to act."""
    letter = Letter(_("Request %(number)s waits for somebody else.") % _number(story))
    letter.facts = [(_("We wait for"), words.one_line(story.why, 500))]
    until = story.event.after.get("waiting_until")
    if until:
        letter.facts.append((_("Until"), story.when(datetime.fromisoformat(until))))
    letter.after = [_("We keep after it; you need do nothing.")]
    return letter


def resumed(story: Story, to: Listener) -> Letter:
    """The wait for somebody else is over."""
    letter = Letter(_("Work on request %(number)s goes on.") % _number(story))
    letter.promise = [_promise(story, one) for one in _to_come(story)]
    return letter


def workaround(story: Story, to: Listener) -> Letter:
    """How to go on until the cause is mended."""
    letter = Letter(_("A way round the problem of request %(number)s") % _number(story))
    _quote(letter, story)
    letter.promise = _next_report(story)
    letter.after = [_("We go on working on the cause.")]
    return letter


def root_cause(story: Story, to: Listener) -> Letter:
    """What it was and what mended it."""
    letter = Letter(_("Root-cause report on request %(number)s") % _number(story))
    _quote(letter, story)
    return letter


def solution(story: Story, to: Listener) -> Letter:
    """The offer, and both answers as one click each (C1, LESSON 37)."""
    letter = Letter(_("We propose a solution for request %(number)s.") % _number(story))
    _quote(letter, story)
    letter.buttons = _verdict(story, to)
    letter.after = [
        _("Does it not solve it? Say so with the button, or reply with what still happens."),
        *_closes(story),
    ]
    return letter


def _verdict(story: Story, to: Listener) -> list[Button]:
    return [
        Button(_("It is solved"), _link("accept", story, to), yours=True),
        Button(_("Not solved"), _link("refuse", story, to)),
    ]


# ---- step 5


def reminder(story: Story, to: Listener) -> Letter | None:
    """Asked again before it closes by itself."""
    state = story.ticket.state
    if state not in {State.PROPOSED, State.WAITING_CUSTOMER}:
        return None  # answered meanwhile
    letter = Letter(_("Request %(number)s still waits for you.") % _number(story))
    if state == State.PROPOSED:
        letter.body = [_("We proposed a solution and have not heard whether it helps.")]
        letter.buttons = _verdict(story, to)
    else:
        letter.body = [_("We asked you something and need the answer to go on:")]
        if to.since is None or to.since <= story.ticket.state_since:
            letter.said = story.ticket.waiting_for
        else:
            letter.body = [_("We asked something and need the answer to go on.")]
    if story.closes_at:
        letter.promise = [_("It closes by itself on %(when)s.") % {"when": story.when(story.closes_at)}]
        letter.pressing = True
    return letter


CLOSED_WORDS: dict[str, str] = {
    CloseReason.RESOLVED: "Request %(number)s is solved and closed.",
    CloseReason.CLOSED_BY_CUSTOMER: "Request %(number)s is closed, as you asked, without a solution.",
    CloseReason.NO_ANSWER: "Request %(number)s is closed: the solution we proposed got no answer.",
    CloseReason.NO_INFORMATION: "Request %(number)s is closed: what we needed to know did not reach us.",
    CloseReason.NOT_ENTITLED: "Request %(number)s is closed: no agreement of ours covers it.",
    CloseReason.OUT_OF_SCOPE: "Request %(number)s is closed: your agreement does not cover it.",
    CloseReason.DUPLICATE: "Request %(number)s is closed: another request of yours is about the same.",
}


def closed(story: Story, to: Listener) -> Letter:
    """Why it ended, in words, and until when a reply brings it back (C1)."""
    reason = str(story.event.after.get("reason", ""))
    headline = CLOSED_WORDS.get(reason, "Request %(number)s is closed.")
    if story.event.after.get("accepted"):
        headline = "Request %(number)s is solved, as you told us, and closed."
    letter = Letter(_(headline) % _number(story))
    if story.message is not None and story.message.kind == story.message.Kind.OUT:
        _quote(letter, story)
    if story.ticket.merged_into_id:
        letter.facts = [(_("The other request"), str(story.ticket.merged_into_id))]
    letter.after = _coming_back(story)
    if satisfaction.asks(story.event) and to.address == story.ticket.requester_address.lower():
        letter.after.append(_("One question, asked once: how did it go? The button takes one click more."))
        letter.buttons = [
            Button(_("Say how it went"), _link("rate", story, to), yours=True),
            _view(story, to),
        ]
    return letter


def _coming_back(story: Story) -> list[str]:
    if story.ticket.closed_at is None:
        return []
    until = story.when(window_ends(story.ticket))
    return [
        _(
            "Does it come back, or was it too early? Reply until %(until)s and the request is open again;"
            " a later reply starts a new one that goes on from it."
        )
        % {"until": until}
    ]


def reopened(story: Story, to: Listener) -> Letter:
    """It is open again, and what runs on."""
    letter = Letter(_("Request %(number)s is open again.") % _number(story))
    letter.promise = [_promise(story, one) for one in _to_come(story)]
    return letter


# ---- what all share


def _number(story: Story) -> dict[str, object]:
    return {"number": story.ticket.number}


def _quote(letter: Letter, story: Story) -> None:
    """The words a member of staff wrote for the customer."""
    if story.message is None or story.message.kind != story.message.Kind.OUT:
        return
    letter.said_by = _("%(name)s writes:") % {"name": words.one_line(story.message.author_name)}
    letter.said = story.message.text


def _view(story: Story, to: Listener) -> Button:
    return Button(_("See the request"), _link("view", story, to))


def _link(action: links.Action, story: Story, to: Listener) -> str:
    who = {"contact_id": to.contact.pk} if to.contact else {}
    return links.make(action, story.ticket, address=to.address, seq=story.event.seq, at=story.at, **who)


def _foot(story: Story, to: Listener) -> list[str]:
    return [_("Reply to this mail to answer or to add something.")]


LETTERS: dict[str, Write] = {
    one.__name__: one
    for one in (
        acknowledgement, recognised, severity, agreement, question, out_of_scope, paid_offer, paid_agreed,
        appeal_rejected, into_scope, served_once, offered,
        dispatched, scheduled, answer, progress, third_party, resumed, workaround, root_cause, solution, reminder,
        closed, reopened,
    )
}  # fmt: skip
