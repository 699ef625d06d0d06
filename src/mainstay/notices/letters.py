"""What the customer's people are told of each step, and what happens next (A1, T3, S2, C1, V2).

One function for each letter that the table in `recipients` names: it chooses the words (`wording`) and fills in the
blocks. A letter holds our own words, the words that staff wrote for the customer, and facts of the ticket; never a
note, and never the body of what came in.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from django.conf import settings
from django.urls import reverse

from mainstay.contracts import wording as terms_words
from mainstay.notices import edited, links, offering, wording, words
from mainstay.notices.edited import say
from mainstay.notices.letter import Button, Letter, Offer, written
from mainstay.notices.recipients import Listener
from mainstay.notices.story import Owed, Story
from mainstay.tickets import participants, satisfaction
from mainstay.tickets.models import State
from mainstay.tickets.timers import window_ends

Write = Callable[[Story, Listener], Letter | None]


def write(name: str, story: Story, to: Listener) -> Letter | None:
    """The letter of that name for one person; None when there is nothing to tell them."""
    letter = LETTERS[name](story, to)
    if letter is None:
        return None
    letter.number = story.ticket.number
    letter.subject = _subject(story, to)
    if name not in {"acknowledgement", "recognised"}:
        letter.buttons = letter.buttons or [_view(story, to)]
    return letter


def _subject(story: Story, to: Listener) -> str:
    """In their thread when we know it is theirs; else nothing of what they wrote (MAIL-RULES)."""
    number = story.ticket.number
    if story.authenticated and to.known:
        return words.one_line(f"Re: {words.one_line(story.ticket.subject, 180)} [#{number}]")
    return say("subject", number=number)


# ---- words with their places


def _written(name: str, story: Story, to: Listener, **values: str) -> Letter:
    """A letter in the words that hold for it; its blocks are still empty."""

    def value(place: str) -> str:
        if place in values:
            return values[place]
        common = PLACES.get(place)
        return common(story, to) if common else ""

    return written(edited.wording_of(name, wording.language()), value)


def _known(story: Story, to: Listener, said: str) -> str:
    """What only somebody whom we know is told."""
    return said if to.known else ""


PLACES: Final[dict[str, Callable[[Story, Listener], str]]] = {
    "number": lambda story, to: str(story.ticket.number),
    "subject": lambda story, to: (
        words.one_line(story.ticket.subject, 200) if story.authenticated and to.known else ""
    ),
    "name": lambda story, to: _known(story, to, words.one_line(to.name, 150)),
    "customer": lambda story, to: _known(
        story, to, words.one_line(story.ticket.customer.name) if story.ticket.customer else ""
    ),
    "severity": lambda story, to: str(story.severity[0]),
    "severity_name": lambda story, to: story.severity[1],
    "agreement": lambda story, to: _known(story, to, _agreement(story)),
    "engineer": lambda story, to: (
        words.one_line(story.ticket.assignee.name) if story.ticket.assignee else say("an_engineer")
    ),
    "tam": lambda story, to: _known(story, to, _tam(story)[0]),
    "tam_address": lambda story, to: _known(story, to, _tam(story)[1]),
    "phone": lambda story, to: _known(
        story, to, story.ticket.contract.phone_number if story.ticket.contract else ""
    ),
    "vendor": lambda story, to: settings.VENDOR_NAME,
    "address": lambda story, to: settings.SUPPORT_ADDRESS,
    "portal": lambda story, to: settings.BASE_URL + "/",
}
"""What any letter may name, beside what is its own. Nothing of an unknown sender's words is in it."""


def _tam(story: Story) -> tuple[str, str]:
    customer = story.ticket.customer
    return (customer.tam.name, customer.tam.email) if customer and customer.tam else ("", "")


# ---- step 1


def acknowledgement(story: Story, to: Listener) -> Letter:
    """Number, severity, the contract in force, what is promised until when, and how to say more (A1)."""
    if not to.known:
        letter = _written("acknowledgement_unknown", story, to)
        letter.promise = _first_promises(story)
        return letter
    follows = str(story.ticket.follows_id or "")
    letter = _written(
        "acknowledgement", story, to, follows=follows, reduced=_reduced(story), articles=_articles(story)
    )
    letter.offers = _offers(story, to)
    return _first(letter, story, to)


def _articles(story: Story) -> str:
    """Where to look first: the articles that anybody may read, while there are some; else the portal (I3)."""
    many = offering.published()
    if not many:
        return settings.BASE_URL + "/"
    url = settings.BASE_URL + reverse("portal_articles")
    return say("an_article", url=url) if many == 1 else say("articles", many=many, url=url)


def _offers(story: Story, to: Listener) -> list[Offer]:
    """Up to three articles that may answer it already; each link opens a page that asks whether it did (I3)."""
    hits = story.reading.answers(story.ticket)
    return [Offer(hit.title, _link("solved", story, to, article=hit.number), hit.summary) for hit in hits]


def recognised(story: Story, to: Listener) -> Letter:
    """We know now whose request it is; what is promised counts from when it came (CLOCKS: a correction)."""
    letter = _first(
        _written("recognised", story, to, reduced=_reduced(story), articles=_articles(story)), story, to
    )
    letter.promise.append(say("since_receipt"))
    return letter


def _first(letter: Letter, story: Story, to: Listener) -> Letter:
    letter.promise = _first_promises(story)
    letter.facts = _facts(story)
    letter.buttons = [_view(story, to)]
    return letter


def _reduced(story: Story) -> str:
    """The phase of reduced support that its release is in, with the clause; empty where all holds as agreed (X1)."""
    return terms_words.reduced(story.terms.reduced) if story.terms else ""


def _first_promises(story: Story) -> list[str]:
    owed = story.owed_of("first_response")
    return [say("no_time") if owed is None else _promise(story, owed)]


def _promise(story: Story, owed: Owed) -> str:
    """One sentence: what, how long, until when, and whether it is owed or hoped for."""
    if owed.due is None:
        return say("still", what=owed.name, target=owed.target)
    phrase = "promise" if owed.kind == "promise" else "goal"
    return say(phrase, what=owed.name, target=owed.target, due=story.when(owed.due))


def _facts(story: Story) -> list[tuple[str, str]]:
    ticket = story.ticket
    facts = [(say("number"), str(ticket.number))]
    if story.authenticated:
        facts.append((say("subject_label"), words.one_line(ticket.subject, 200)))
    facts.append((say("severity"), _severity(story)))
    facts.append((say("received"), story.when(ticket.opened_at)))
    facts.append((say("agreement"), _agreement(story)))
    if ticket.customer_reference and story.authenticated:
        facts.append((say("reference"), words.one_line(ticket.customer_reference, 100)))
    return facts


def _severity(story: Story) -> str:
    rank, name, definition = story.severity
    return f"{rank}, {name}: {definition}" if definition else f"{rank} {name}".strip()


def _agreement(story: Story) -> str:
    says = story.terms
    if says is None or not says.package_name:
        return say("no_agreement")
    phrase = "by_contract" if says.contract_number else "by_package"
    return say(phrase, contract=says.contract_number, package=says.package_name, level=says.level_name)


# ---- step 2


def severity(story: Story, to: Listener) -> Letter | None:
    """The severity, whether it changed, why, and what that does to what is promised (V2)."""
    event = story.event
    before, now = event.before.get("severity"), story.severity[0]
    if before is None and event.kind != "triaged":
        return None  # escalated without a change: an inside affair
    was_due = _what_was_due(story) if before is not None or story.changes_terms else ""
    letter = _written(_how(story, before, now), story, to, before=str(before or ""), was_due=was_due)
    if event.kind != "escalated" and story.why:
        letter.said_by, letter.said = say("why"), story.why
    letter.facts = [(say("severity"), _severity(story))]
    if story.ticket.category and event.kind == "triaged":
        letter.facts.append((say("kind"), say(story.ticket.category)))
    letter.promise = _promises(story)
    return letter


def _how(story: Story, before: int | None, now: int) -> str:
    if story.event.kind == "escalated":
        return "escalated"
    if before is None:
        return "severity_read"
    return "severity_raised" if now < before else "severity_lowered"


def _promises(story: Story) -> list[str]:
    """What is owed from now on, a sentence each."""
    return [_promise(story, one) for one in story.owed() if one.due is not None]


def _what_was_due(story: Story) -> str:
    """What was due before, where that has changed; a line each."""
    now = {one.clock: one.due for one in story.owed()}
    return "\n".join(
        say("was_due", what=one.name, due=story.when(one.due))
        for one in story.owed(before=True)
        if one.due is not None and now.get(one.clock) != one.due
    )


def agreement(story: Story, to: Listener) -> Letter | None:
    """Other terms hold: what was due, what is due now, and why. Nothing where no promise has moved."""
    moved = _what_was_due(story)
    if not moved:
        return None
    name = "agreement_corrected" if story.event.after.get("correction") else "agreement"
    letter = _written(name, story, to, was_due=moved, reduced=_reduced(story))
    if story.why:
        letter.said_by, letter.said = say("why"), story.why
    letter.promise = _promises(story)
    return letter


def question(story: Story, to: Listener) -> Letter:
    """What we need to know to go on; closes by itself if it never comes (R3, C1)."""
    letter = _quoting(story, _written("question", story, to, closes=_closes(story)))
    until = story.event.after.get("waiting_until")
    if until:
        letter.promise = [say("answer_by", when=story.when(datetime.fromisoformat(until)))]
    return letter


def _closes(story: Story) -> str:
    return "" if story.closes_at is None else story.when(story.closes_at)


def out_of_scope(story: Story, to: Listener) -> Letter:
    """The clause, the courteous answer, and that one may ask for another decision (X1)."""
    paid = str(_decision(story).get("paid_path") or "")
    letter = _quoting(story, _written("out_of_scope", story, to, paid_path=paid))
    letter.facts = _clause(story, letter.said)
    letter.buttons = [_view(story, to), Button(say("ask_again"), _link("appeal", story, to))]
    return letter


def _decision(story: Story) -> dict[str, object]:
    """The decision about the scope as this event left it, whatever became of it since."""
    changed = story.detail.get("scope_decision")
    held = changed[1] if isinstance(changed, list) and len(changed) == 2 else story.ticket.scope_decision
    return held if isinstance(held, dict) else {}


def _clause(story: Story, said: str = "") -> list[tuple[str, str]]:
    """What is not covered, and the clause in its own words where the answer does not hold them."""
    held = _decision(story)
    title, clause = str(held.get("title", "")), str(held.get("wording", ""))
    facts = [(say("not_covered"), title or str(story.event.after.get("rule", "")))]
    return [*facts, (say("clause"), clause)] if clause and clause not in said else facts


def paid_offer(story: Story, to: Listener) -> Letter:
    """What we would do for which price, and both answers as one click each."""
    letter = _quoting(story, _written("paid_offer", story, to))
    letter.facts = [(say("price"), str(story.detail.get("price", ""))), *_clause(story, letter.said)[:1]]
    letter.buttons = [
        Button(say("accept_offer"), _link("pay", story, to), yours=True),
        Button(say("decline_offer"), _link("decline", story, to)),
    ]
    return letter


def paid_agreed(story: Story, to: Listener) -> Letter:
    """What was agreed, and by whom; work starts."""
    letter = _written("paid_agreed", story, to)
    letter.facts = [
        (say("price"), str(story.detail.get("price", ""))),
        (say("agreed_by"), words.one_line(story.by, 200)),
    ]
    letter.promise = _promises(story)
    return letter


def appeal_rejected(story: Story, to: Listener) -> Letter:
    """Somebody else has looked at it, and the decision stands."""
    letter = _quoting(story, _written("appeal_rejected", story, to))
    letter.facts = _clause(story, letter.said)
    return letter


def served_once(story: Story, to: Listener) -> Letter:
    """Nothing covers it, and we take it up all the same, this once (P1)."""
    letter = _quoting(story, _written("served_once", story, to))
    letter.facts = [(say("agreement"), _agreement(story))]
    letter.promise = _promises(story)
    return letter


def offered(story: Story, to: Listener) -> Letter:
    """What would cover it, where to read more, and that it waits for their answer (P1)."""
    package = words.one_line(str(story.detail.get("name", "")))
    letter = _quoting(story, _written("offered", story, to, package=package, closes=_closes(story)))
    letter.facts = [
        (say("we_offer"), package),
        (say("which_level"), settings.BASE_URL + reverse("advisor")),
        (say("prices"), settings.BASE_URL + reverse("prices")),
    ]
    return letter


def into_scope(story: Story, to: Listener) -> Letter:
    """The decision is taken back."""
    letter = _written("into_scope", story, to)
    letter.promise = _promises(story)
    return letter


# ---- step 3


def dispatched(story: Story, to: Listener) -> Letter:
    """Who works on it."""
    engineer = words.one_line(str(story.detail.get("to", ""))) or say("an_engineer")
    name = "handed_over" if story.event.kind == "handed_over" else "dispatched"
    if story.event.kind == "handover_declined" and not story.detail.get("to"):
        name = "looking"
    letter = _written(name, story, to, engineer=engineer)
    letter.promise = _promises(story)
    return letter


def scheduled(story: Story, to: Listener) -> Letter | None:
    """When work is planned."""
    planned = story.event.after.get("scheduled_for")
    if not planned:
        return None
    return _written("scheduled", story, to, planned=story.when(datetime.fromisoformat(planned)))


# ---- appointments


def appointment(story: Story, to: Listener) -> Letter:
    """A time that is agreed, with the file for their calendar."""
    return _appointed("appointment", story, to)


def appointment_moved(story: Story, to: Listener) -> Letter:
    """Another time, place or people."""
    return _appointed("appointment_moved", story, to)


def appointment_cancelled(story: Story, to: Listener) -> Letter:
    """It will not be."""
    return _appointed("appointment_cancelled", story, to)


def _appointed(name: str, story: Story, to: Listener) -> Letter:
    after = story.event.after
    start, our_zone = datetime.fromisoformat(after["starts_at"]), words.zone_of(after["our_zone"])
    same = start.astimezone(our_zone).utcoffset() == start.astimezone(story.zone).utcoffset()
    letter = _written(
        name, story, to, what=say(str(after["what"])), when=story.when(start),
        ours="" if same else words.moment(start, our_zone, now=story.at),
        instead_of=story.when(datetime.fromisoformat(after["was"])) if after.get("was") else "",
        because=say("with_closing") if after.get("with") else words.one_line(story.why, 500),
    )  # fmt: skip
    letter.facts = appointed(story)
    return letter


def appointed(story: Story) -> list[tuple[str, str]]:
    """What it is about, how long, where, and who takes part."""
    after = story.event.after
    length = datetime.fromisoformat(after["ends_at"]) - datetime.fromisoformat(after["starts_at"])
    people = [words.one_line(name, 150) for name, _address in story.detail.get("people", [])]
    facts = [
        (say("about"), words.one_line(story.detail.get("about", ""), 200)),
        (say("length"), say("minutes_long", n=int(length.total_seconds()) // 60)),
        (say("place"), words.one_line(story.detail.get("place", ""), 500)),
        (say("taking_part"), words.listed(people)),
    ]
    return [(name, value) for name, value in facts if value]


# ---- step 4


def answer(story: Story, to: Listener) -> Letter:
    """An engineer's own words."""
    letter = _quoting(story, _written("answer", story, to))
    letter.promise = _next_report(story)
    return letter


def progress(story: Story, to: Listener) -> Letter:
    """Status, when we expect it solved (and why that changed), what is asked of the customer (S2)."""
    letter = _quoting(story, _written("progress", story, to))
    letter.facts = _estimate(story)
    step = str(story.detail.get("next_step", ""))
    letter.facts.append((say("needed"), step or say("nothing_now")))
    letter.promise = _next_report(story)
    return letter


def _estimate(story: Story) -> list[tuple[str, str]]:
    estimate, was = story.ticket.estimate, str(story.detail.get("estimate_was", ""))
    changed = story.event.after.get("estimate")
    if changed:
        estimate = datetime.fromisoformat(changed)
    facts = [(say("expected"), story.when(estimate) if estimate else say("not_known"))]
    if was and story.why:
        before = story.when(datetime.fromisoformat(was))
        facts.append((say("changed"), say("it_was", before=before, why=story.why)))
    return facts


def _next_report(story: Story) -> list[str]:
    owed = story.owed_of("progress_update")
    if owed is None or owed.due is None:
        return []
    return [say("again_by" if owed.kind == "promise" else "again_aimed", due=story.when(owed.due))]


def third_party(story: Story, to: Listener) -> Letter:
    """Somebody else has to act."""
    letter = _written("third_party", story, to)
    letter.facts = [(say("wait_for"), words.one_line(story.why, 500))]
    until = story.event.after.get("waiting_until")
    if until:
        letter.facts.append((say("until"), story.when(datetime.fromisoformat(until))))
    return letter


def resumed(story: Story, to: Listener) -> Letter:
    """The wait for somebody else is over."""
    letter = _written("resumed", story, to)
    letter.promise = _promises(story)
    return letter


def workaround(story: Story, to: Listener) -> Letter:
    """How to go on until the cause is mended."""
    letter = _quoting(story, _written("workaround", story, to))
    letter.promise = _next_report(story)
    return letter


def root_cause(story: Story, to: Listener) -> Letter:
    """What it was and what mended it."""
    return _quoting(story, _written("root_cause", story, to))


def solution(story: Story, to: Listener) -> Letter:
    """The offer, and both answers as one click each (C1, LESSON 37)."""
    letter = _quoting(story, _written("solution", story, to, closes=_closes(story)))
    letter.buttons = _verdict(story, to)
    return letter


def _verdict(story: Story, to: Listener) -> list[Button]:
    return [
        Button(say("solved"), _link("accept", story, to), yours=True),
        Button(say("not_solved"), _link("refuse", story, to)),
    ]


# ---- step 5


def reminder(story: Story, to: Listener) -> Letter | None:
    """Asked again before it closes by itself."""
    state = story.ticket.state
    if state == State.PROPOSED:
        letter = _written("reminder_solution", story, to)
        letter.buttons = _verdict(story, to)
    elif state == State.WAITING_CUSTOMER:
        letter = _written("reminder_question", story, to)
        if to.since is None or to.since <= story.ticket.state_since:
            letter.said = story.ticket.waiting_for
    else:
        return None  # answered meanwhile
    if story.closes_at:
        letter.promise = [say("closes_on", when=_closes(story))]
        letter.pressing = True
    return letter


def closed(story: Story, to: Listener) -> Letter:
    """Why it ended, in words, and until when a reply brings it back (C1)."""
    rate = satisfaction.asks(story.event) and to.address == story.ticket.requester_address.lower()
    until = story.when(window_ends(story.ticket)) if story.ticket.closed_at else ""
    says = {"ended": _ended(story), "until": until, "rating": say("rating") if rate else ""}
    letter = _quoting(story, _written("closed", story, to, **says))
    if story.ticket.merged_into_id:
        letter.facts = [(say("other_request"), str(story.ticket.merged_into_id))]
    if rate:
        letter.buttons = [Button(say("say_how"), _link("rate", story, to), yours=True), _view(story, to)]
    return letter


def _ended(story: Story) -> str:
    reason = "accepted" if story.event.after.get("accepted") else str(story.event.after.get("reason", ""))
    return say(f"closed_{reason}" if wording.known(f"closed_{reason}") else "closed_")


def reopened(story: Story, to: Listener) -> Letter:
    """It is open again, and what runs on."""
    letter = _written("reopened", story, to)
    letter.promise = _promises(story)
    return letter


# ---- people


def approval(story: Story, to: Listener) -> Letter | None:
    """Somebody of elsewhere was copied in: the requester, and nobody else, is asked whether they may take part."""
    waiting = [words.one_line(str(one), 320) for one in story.detail.get("waiting", [])]
    if not waiting or not to.known or to.address != story.ticket.requester_address.lower():
        return None
    letter = _written("approval", story, to, waiting=words.listed(waiting))
    letter.facts = [(say("copied_in_by"), words.one_line(story.by, 200))]
    letter.buttons = [Button(say("let_in"), _link("let_in", story, to), yours=True), _view(story, to)]
    return letter


def added(story: Story, to: Listener) -> Letter | None:
    """Somebody of the customer was added by a colleague: who did it, what they get now, how to leave (T3)."""
    if to.contact is None or to.contact.pk not in story.detail.get("added", ()):
        return None
    by = words.one_line(story.by, 200)
    letter = _written("added", story, to, by=by, earlier=say("earlier") if story.detail.get("whole") else "")
    letter.facts = _facts(story)
    letter.buttons = [_view(story, to), Button(say("leave"), _link("leave", story, to))]
    return letter


def quiet(name: str, story: Story, to: Listener) -> str:
    """Why somebody gets no letter that nobody asked for; empty: they do. Of their own requests they always hear."""
    if name != "added" or to.contact is None:
        return ""
    if to.contact.unsubscribed_at is not None:
        return "this person wants no mail that they did not ask for"
    return "this person left the request before" if participants.has_left(story.ticket, to.address) else ""


# ---- what all share


def _quoting(story: Story, letter: Letter) -> Letter:
    """With the words a member of staff wrote for the customer."""
    if story.message is not None and story.message.kind == story.message.Kind.OUT:
        letter.said_by = say("writes", name=words.one_line(story.message.author_name))
        letter.said = story.message.text
    return letter


def _view(story: Story, to: Listener) -> Button:
    return Button(say("see"), _link("view", story, to))


def _link(action: links.Action, story: Story, to: Listener, article: int = 0) -> str:
    who = {"contact_id": to.contact.pk} if to.contact else {}
    return links.make(
        action, story.ticket, address=to.address, seq=story.event.seq, article=article, at=story.at, **who
    )


LETTERS: dict[str, Write] = {
    one.__name__: one
    for one in (
        acknowledgement, recognised, severity, agreement, question, out_of_scope, paid_offer, paid_agreed,
        appeal_rejected, into_scope, served_once, offered,
        dispatched, scheduled, appointment, appointment_moved, appointment_cancelled,
        answer, progress, third_party, resumed, workaround, root_cause, solution, reminder,
        closed, reopened, approval, added,
    )
}  # fmt: skip
