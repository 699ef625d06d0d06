"""Each event as a sentence: one for staff, one for customers (T2, T3). The words are here and nowhere else."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from mainstay.accounts.models import User
from mainstay.allowances.carry import minutes_words
from mainstay.prepared import Arg, Prepared
from mainstay.tickets.models import Appointment, Category, CloseReason, Event, EventText
from mainstay.tickets.resolution import ROOT_CAUSES

CLOCKS = {
    "first_response": gettext_noop("first response"),
    "next_response": gettext_noop("next response"),
    "progress_update": gettext_noop("progress report"),
    "workaround": gettext_noop("workaround"),
    "resolution": gettext_noop("resolution"),
    "triage": gettext_noop("triage"),
    "dispatch": gettext_noop("dispatch"),
    "root_cause": gettext_noop("root-cause report"),
}
CONCERNS = {
    "escalation": "escalation asked for",
    "severity": "objection to the severity",
    "complaint": "complaint",
}
FLAGS = {
    "by_phone": "reported by phone",
    "round_the_clock": "the customer works on it round the clock",
}
"""The flags that every desk knows; those that rows of a policy ask for are beside them."""
LINKED = {"blocks": "what it waits for", "holds_up": "what waits for it", "caused_by": "of the same cause"}
FACTS = {
    "customer_id": "customer id",
    "contact_name": "contact's name",
    "contact_email": "contact's email",
    "contact_phone": "contact's phone",
    "business_impact": "business impact",
    "desired_severity": "desired severity",
    "related_tickets": "related tickets",
    "description": "description",
    "steps": "steps to reproduce",
    "frequency": "how often",
    "product_version": "product version",
    "environment": "environment",
    "debugging": "debugging details",
    "customer_reference": "customer's own reference",
    "since": "since when",
    "invoice": "invoice or licence number",
    "use_case": "what they want to achieve",
}


@dataclass(frozen=True)
class Told:
    """One event for people: when, the sentence, the reason given, the message it carries (its id)."""

    seq: int
    kind: str
    at: datetime
    sentence: str
    why: str
    message: int | None


def told(event: Event, *, zone: str, names: dict[int, str]) -> Told:
    """For staff: everything, with who did it. `names` are users by id, from `people_in`; times in `zone`."""
    text = getattr(event, "text", None) or EventText()
    by = text.by_name or ("a contact" if event.by_kind == "contact" else "Mainstay")
    words = _Words(event, text, by, zone, names)
    sentence = STAFF.get(event.kind, lambda w: w.event.kind.replace("_", " "))(words)
    return Told(event.seq, event.kind, event.at, sentence, text.why, (text.detail or {}).get("message"))


def called(names: list[str]) -> str:
    """Whom a rung of a ladder names: "support manager and vice president"."""
    said = [name.replace("_", " ") for name in names]
    return " and ".join([", ".join(said[:-1]), said[-1]] if said[1:] else said)


def reached(rung: dict[str, Any]) -> str:
    """What brings a rung about: "severity 1, 50 % of resolution used", "2h after it came to severity 1"."""
    clock, after = CLOCKS.get(rung["clock"], ""), rung["after"]
    severity = "" if rung["severity"] == "*" else f"severity {rung['severity']}, "
    if after.endswith("%"):
        return f"{severity}{after[:-1]} % of {clock} used"
    if clock:
        return f"{severity}{after} of {clock} used"
    return f"severity {rung['severity']} for {after}" if severity else f"open for {after}"


def told_customer(event: Event, *, zone: str) -> Told | None:
    """For the customer: what matters to them, in plain words; None for what is ours alone."""
    text = getattr(event, "text", None) or EventText()
    words = _Words(event, text, text.by_name, zone, {})
    says = CUSTOMER.get(event.kind)
    sentence = says(words) if says else None
    if sentence is None:
        return None
    why = text.why if event.kind in SAY_WHY else ""
    return Told(event.seq, event.kind, event.at, sentence, why, (text.detail or {}).get("message"))


def people_in(events: list[Event]) -> dict[int, str]:
    """Names of the staff that the events speak of, in one query."""
    numbers = {
        value
        for event in events
        for side in (event.before, event.after)
        if isinstance(value := side.get("assignee_id"), int)
    }
    return dict(_NAMES.all(people=sorted(numbers))) if numbers else {}


_NAMES = Prepared[tuple[int, str]](
    lambda: User.objects.filter(pk__any=Arg("people")).values_list("pk", "name")
)


@dataclass(frozen=True)
class _Words:
    event: Event
    text: EventText
    by: str
    zone: str
    names: dict[int, str]

    def after(self, name: str) -> Any:
        return self.event.after.get(name)

    def before(self, name: str) -> Any:
        return self.event.before.get(name)

    def detail(self, name: str) -> Any:
        return (self.text.detail or {}).get(name)

    def when(self, value: object) -> str:
        """An instant (ISO) in words, in the zone of the reader."""
        if not value:
            return ""
        local = datetime.fromisoformat(str(value)).astimezone(ZoneInfo(self.zone))
        return f"{date_format(local, 'D')} {date_format(local, 'MONTH_DAY_FORMAT')}, {local:%H:%M}"

    @property
    def severity(self) -> str:
        """ "severity 3 to 1", or nothing when it did not change."""
        if "severity" not in self.event.before:
            return ""
        return _("severity %(before)s to %(after)s") % {
            "before": self.before("severity"), "after": self.after("severity")
        }  # fmt: skip

    @property
    def clock(self) -> str:
        return _clock(str(self.after("clock")))

    def say(self, words: str, **more: object) -> str:
        """A translated sentence with who did it and whatever else it names."""
        return words % {"by": self.by, **more}


def _clock(name: str) -> str:
    return _(CLOCKS[name]) if name in CLOCKS else name


def _received(w: _Words) -> str:
    return f"Received by {w.after('channel')}, severity {w.after('severity')}, from {w.by}"


def _triaged(w: _Words) -> str:
    category = dict(Category.choices).get(str(w.after("category") or w.before("category")), "")
    severity = w.severity or f"severity stays {w.after('now_severity')}"
    return f"Triaged by {w.by}: {severity}" + (f", {category.lower()}" if category else "")


def _closed(w: _Words) -> str:
    reason = dict(CloseReason.choices).get(str(w.after("reason")), "")
    if w.after("into"):
        return w.say(_("Joined with request %(into)s by %(by)s"), into=w.after("into"))
    if w.after("accepted"):
        return w.say(_("Solution accepted by %(by)s; closed"))
    return w.say(_("Closed by %(by)s: %(reason)s"), reason=reason)


def _worked(w: _Words) -> str:
    told = f"{minutes_words(int(w.after('minutes') or 0))} of {w.after('day')}"
    counts = "" if w.after("billable") else ", not counted"
    if w.event.kind == "work_corrected":
        return f"{w.by} corrected work from {minutes_words(int(w.after('was') or 0))} to {told}{counts}"
    return f"{w.by} wrote down {told}{counts}: {w.detail('text')}"


def _progress(w: _Words) -> str:
    estimate = w.after("estimate")
    if not estimate:
        return w.say(_("Progress reported by %(by)s"))
    was = w.detail("estimate_was")
    if was and "estimate" in w.event.before:
        changed = _("Progress reported by %(by)s; expected solved %(time)s (was %(was)s)")
        return w.say(changed, time=w.when(estimate), was=w.when(was))
    return w.say(_("Progress reported by %(by)s; expected solved %(time)s"), time=w.when(estimate))


def _agreement(w: _Words) -> str:
    said = "Terms put right from the start" if w.after("correction") else "Other terms hold from now"
    moved = _moved(w)
    return f"{said}: {moved}" if moved else said


def _flag(w: _Words) -> str:
    return FLAGS.get(str(w.after("flag")), str(w.after("flag")).replace("_", " "))


def _moved(w: _Words, *, told: bool = False) -> str:
    """What was due and what is due now, clock by clock; `told`: only what a customer may know of."""
    said = []
    for clock, _n, kind, was, now in w.detail("moved") or []:
        if told and kind not in {"promise", "goal"}:
            continue
        name = {"clock": _clock(clock), "time": w.when(now)}
        before = _(" (was %(time)s)") % {"time": w.when(was)} if was and was != now else ""
        ends = _("%(clock)s stands still") if was == now else _("%(clock)s has no due instant any more")
        said.append((_("%(clock)s due %(time)s") if now else ends) % name + before)
    return "; ".join(said)


def _customer_agreement(w: _Words) -> str | None:
    moved = _moved(w, told=True)
    return _("What we promise has changed: %(changes)s") % {"changes": moved} if moved else None


def _appointment(w: _Words) -> str:
    return _upper(str(dict(Appointment.Kind.choices).get(str(w.after("what")), "")))


def _moved_to(w: _Words) -> str:
    """The time now, and the one before where it was another."""
    now, was = w.when(w.after("starts_at")), w.when(w.after("was"))
    if now == was:
        return now
    return _("%(time)s (was %(was)s)") % {"time": now, "was": was}


def _left_open(w: _Words) -> str:
    """What was left to be done, and why: for us alone."""
    titles = w.detail("left_open")
    return f"; left open: {'; '.join(titles)} ({w.detail('left_open_because')})" if titles else ""


def _snoozed(w: _Words) -> str:
    until = w.after("until")
    return f"{w.by} put it off for themselves until {w.when(until) if until else 'the customer answers'}"


BACK = {
    "time": "the time has come", "warned": "a promise is due soon", "breached": "a promise was missed",
    "thanked": "the customer answered", "customer_replied": "the customer answered",
    "solution_rejected": "the solution does not help", "dispatched": "it was given to them",
    "handed_over": "it was handed over to them", "handover_declined": "it was given back to them",
    "resumed": "waiting is over", "severity_changed": "its severity changed", "escalated": "it was escalated",
    "escalated_by_ladder": "it was escalated", "emergency_flagged": "it looks like an emergency",
    "delivery_failed": "a mail could not be delivered", "noted": "they were named in a note",
}  # fmt: skip
"""Why a ticket that was put off came back; anything else is what the customer wants."""


def back_because(kind: str) -> str:
    """Why a ticket that was put off is back, in words."""
    return BACK.get(kind, "the customer wants something of us")


def _snooze_ended(w: _Words) -> str:
    if not w.after("because"):
        return f"{w.by} brought it back"
    return f"Back for {w.detail('for')}: {back_because(str(w.after('because')))}"


STAFF: dict[str, Any] = {
    "received": _received,
    "acknowledged": lambda w: "Acknowledged to the sender",
    "acknowledgement_withheld": lambda w: "Not acknowledged",
    "emergency_flagged": lambda w: "Reads like an emergency: " + "; ".join(w.detail("reasons") or []),
    "emergency_seen": lambda w: f"{w.by} has seen the emergency",
    "triaged": _triaged,
    "severity_changed": lambda w: f"{w.severity.capitalize()} by {w.by}",
    "facts_corrected": lambda w: f"{w.by} put right: {FACTS.get(str(w.after('fact')), w.after('fact'))}",
    "information_completed": lambda w: f"{w.by}: the information is complete",
    "information_requested": lambda w: (
        f"{w.by} asked for "
        + (", ".join(FACTS.get(name, name) for name in w.after("asked") or []) or "information")
    ),
    "ruled_out_of_scope": lambda w: f"Out of scope by {w.by} ({w.after('rule')}); the clocks stand still",
    "paid_work_offered": lambda w: f"{w.by} offered to do it as paid work: {w.detail('price')}",
    "paid_work_agreed": lambda w: (
        f"{w.by} took the offer of paid work ({w.detail('price')}); in scope as paid"
    ),
    "paid_work_declined": lambda w: f"{w.by} did not take the offer of paid work",
    "scope_appealed": lambda w: f"{w.by} asked for another decision about the scope",
    "appeal_rejected": lambda w: f"Appeal decided by {w.by}: the decision stands",
    "brought_into_scope": lambda w: f"Back in scope by {w.by}; the clocks run on",
    "linked": lambda w: f"{w.by} linked {w.after('other')} as {LINKED.get(w.after('kind'), w.after('kind'))}",
    "unlinked": lambda w: f"{w.by} took away the link with {w.after('other')}",
    "customer_recognised": lambda w: f"{w.by} recognised the customer; their terms count from receipt",
    "agreement_changed": _agreement,
    "flag_set": lambda w: f"{w.by} noted: {_flag(w)}",
    "flag_cleared": lambda w: f"{w.by} took back: {_flag(w)}",
    "environment_named": lambda w: f"{w.by}: it is about {w.detail('environment') or 'no known system'}",
    "language_named": lambda w: f"{w.by}: the language is {w.after('language') or 'the customer’s own'}",
    "target_agreed": lambda w: (
        f"{w.by} agreed the {w.clock} for this ticket: {w.after('target') or 'as the terms say'}"
    ),
    "dispatched": lambda w: (
        f"Dispatched to {w.detail('to')} by {w.by}: {'; '.join(w.detail('because') or [])}"
    ),
    "handed_over": lambda w: f"Handed over to {w.detail('to')} by {w.by}",
    "handover_accepted": lambda w: (
        f"{w.detail('to')} took it over by working on it"
        if w.after("by_working")
        else f"{w.by} accepted the handover"
    ),
    "handover_declined": lambda w: f"{w.by} gave it back to {w.detail('to') or 'dispatch'}",
    "handover_unaccepted": lambda w: (
        f"{w.detail('to')} has not accepted the handover; those who lead were told"
    ),
    "unassigned": lambda w: f"{w.by} gave it back; nobody has it",
    "scheduled": lambda w: f"Planned for {w.when(w.after('scheduled_for'))} by {w.by}",
    "appointment_agreed": lambda w: f"{_appointment(w)} agreed by {w.by} for {w.when(w.after('starts_at'))}",
    "appointment_moved": lambda w: f"{_appointment(w)} changed by {w.by}: {_moved_to(w)}",
    "appointment_cancelled": lambda w: (
        f"{_appointment(w)} of {w.when(w.after('starts_at'))} cancelled by {w.by}"
        + (", as the ticket is closed" if w.after("with") else "")
    ),
    "appointment_wished": lambda w: (
        f"{w.by} asks for another time than {w.when(w.after('starts_at'))} ({_appointment(w)})"
    ),
    "task_opened": lambda w: f"Task for {w.detail('hands')} by {w.by}: {w.detail('title')}",
    "task_changed": lambda w: f"Task changed by {w.by}: {w.detail('title')}, {w.detail('hands')}",
    "task_done": lambda w: f"Task done by {w.by}: {w.detail('title')}",
    "task_dropped": lambda w: f"Task taken away by {w.by}: {w.detail('title')}",
    "task_reopened": lambda w: f"Task open again by {w.by}: {w.detail('title')}",
    "watched": lambda w: f"{w.by} watches it",
    "unwatched": lambda w: f"{w.by} watches it no longer",
    "snoozed": _snoozed,
    "snooze_ended": _snooze_ended,
    "nobody_suitable": lambda w: "Nobody suitable is on duty; the leads were told",
    "staff_replied": lambda w: f"Reply by {w.by}",
    "asked_customer": lambda w: f"Question by {w.by}; waiting for the customer",
    "noted": lambda w: f"Note by {w.by}",
    "progress_reported": _progress,
    "waiting_on_third_party": lambda w: (
        f"Waiting for a third party, says {w.by}"
        + (f", until {w.when(w.after('waiting_until'))}" if w.after("waiting_until") else "")
    ),
    "resumed": lambda w: f"Work resumed by {w.by}",
    "workaround_provided": lambda w: f"Workaround given by {w.by}",
    "root_cause_recorded": lambda w: (
        f"Root cause recorded by {w.by}: {ROOT_CAUSES.get(str(w.after('category')), '')}"
    ),
    "root_cause_reported": lambda w: (
        f"Root cause reported by {w.by}: {ROOT_CAUSES.get(str(w.after('category')), '')}"
    ),
    "defect_linked": lambda w: (
        f"Defect {w.after('reference')} linked by {w.by}"
        + (f", mended in {w.after('fixed_in')}" if w.after("fixed_in") else "")
    ),
    "solution_proposed": lambda w: f"Solution proposed by {w.by}" + _left_open(w),
    "solution_rejected": lambda w: f"{w.by}: not solved",
    "escalated": lambda w: f"Escalated by {w.by}" + (f": {w.severity}" if w.severity else ""),
    "escalated_by_ladder": lambda w: (
        f"Escalated to {called(w.after('to'))} by the ladder: {reached(w.event.after)}"
    ),
    "customer_replied": lambda w: f"Reply by {w.by}",
    "thanked": lambda w: f"{w.by} only thanks; nothing moves",
    "rated": lambda w: f"{w.by} says how it went: {w.after('score')} of 5",
    "served_once": lambda w: f"{w.by} decided to serve it this once",
    "package_offered": lambda w: f"{w.by} offered {w.detail('name')}; waiting for the customer",
    "beyond_allowance": lambda w: "Beyond what the agreement includes",
    "work_logged": _worked,
    "work_corrected": _worked,
    "closed": lambda w: _closed(w) + _left_open(w),
    "reminded": lambda w: f"Customer reminded; closes by itself {w.when(w.after('closes_at'))}",
    "merged_in": lambda w: f"{w.by} merged {w.after('other')} in: {w.detail('subject')}",
    "taken_apart": lambda w: f"{w.by} took {w.after('other')} out again",
    "unmerged": lambda w: f"{w.by} took it out of {w.after('from')} again; its clocks run as if never merged",
    "split_off": lambda w: f"{w.by} split {w.after('other')} off",
    "split_from": lambda w: f"{w.by} split it off from {w.after('other')}",
    "cause_joined": lambda w: f"{w.by}: the cause is {w.detail('title')}",
    "cause_left": lambda w: f"{w.by}: the cause is not {w.detail('title')} after all",
    "withdrawn": lambda w: f"{w.by} took it back before it went out",
    "solution_withdrawn": lambda w: f"{w.by} took the solution back before it went out",
    "reopened": lambda w: f"Reopened by {w.by}",
    "followed_up": lambda w: f"Followed by {w.after('by_ticket')}",
    "follow_up_taken_back": lambda w: f"{w.by} took back the follow-up {w.after('by_ticket')}",
    "warned": lambda w: f"Warning: {w.clock} due {w.when(w.after('due'))}",
    "breached": lambda w: f"Missed: {w.clock} was due {w.when(w.after('due'))}",
    "concern_raised": lambda w: f"{w.by}: {CONCERNS.get(w.after('concern'), '')}",
    "concern_answered": lambda w: f"{w.by} answered the {CONCERNS.get(w.after('concern'), 'concern')}",
    "concern_late": lambda w: f"Late: the {CONCERNS.get(w.after('concern'), 'concern')} is not answered",
    "participants_added": lambda w: (
        "Copied in: "
        + "; ".join(
            [f"{one} takes part" for one in w.detail("accepted") or []]
            + [f"{one} awaits approval" for one in w.detail("waiting") or []]
        )
    ),
    "participant_approved": lambda w: f"{w.by} approved {w.detail('address')}",
    "participant_left": lambda w: f"{w.by} takes no part in it any more",
    "delivery_failed": lambda w: f"Mail to {w.detail('address')} could not be delivered",
}


def _customer_triaged(w: _Words) -> str:
    if w.severity:
        return w.say(_("%(severity)s, agreed by %(by)s"), severity=_upper(w.severity))
    return w.say(_("%(by)s read your request: severity %(severity)s"), severity=w.after("now_severity"))


def _customer_escalated(w: _Words) -> str:
    if w.severity:
        return w.say(_("Escalated by %(by)s: %(severity)s"), severity=w.severity)
    return w.say(_("Escalated by %(by)s"))


def _customer_concern(w: _Words) -> str:
    said = {
        "escalation": _("%(by)s asked for an escalation"),
        "severity": _("%(by)s objected to the severity"),
        "complaint": _("%(by)s complained; a manager answers"),
    }
    return w.say(said.get(str(w.after("concern")), "%(by)s"))


def _upper(words: str) -> str:
    return words[:1].upper() + words[1:]


CUSTOMER: dict[str, Any] = {
    "agreement_changed": _customer_agreement,
    "target_agreed": lambda w: w.say(_("We agreed the %(clock)s with you"), clock=w.clock),
    "received": lambda w: _("We got your request"),
    "acknowledged": lambda w: _("We told you its number and our promises"),
    "triaged": _customer_triaged,
    "severity_changed": lambda w: w.say(_("%(severity)s, decided by %(by)s"), severity=_upper(w.severity)),
    "information_requested": lambda w: w.say(_("%(by)s asked you for information")),
    "ruled_out_of_scope": lambda w: _("Not covered by your contract"),
    "paid_work_offered": lambda w: w.say(
        _("We offered to do it as paid work: %(price)s"), price=w.detail("price")
    ),
    "paid_work_agreed": lambda w: w.say(_("%(by)s agreed to paid work; we work on it")),
    "paid_work_declined": lambda w: w.say(_("%(by)s did not take the offer")),
    "scope_appealed": lambda w: w.say(_("%(by)s asked for another decision")),
    "appeal_rejected": lambda w: w.say(_("%(by)s looked at it again: the decision stands")),
    "brought_into_scope": lambda w: _("Covered after all; we work on it"),
    "dispatched": lambda w: w.say(_("%(name)s works on it"), name=w.detail("to")),
    "handed_over": lambda w: w.say(_("%(name)s works on it now"), name=w.detail("to")),
    "handover_declined": lambda w: (
        w.say(_("%(name)s works on it again"), name=w.detail("to")) if w.detail("to") else None
    ),
    "appointment_agreed": lambda w: w.say(
        _("%(what)s agreed for %(time)s"), what=_appointment(w), time=w.when(w.after("starts_at"))
    ),
    "appointment_moved": lambda w: w.say(
        _("%(what)s changed: %(time)s"), what=_appointment(w), time=_moved_to(w)
    ),
    "appointment_cancelled": lambda w: w.say(
        _("%(what)s of %(time)s cancelled"), what=_appointment(w), time=w.when(w.after("starts_at"))
    ),
    "appointment_wished": lambda w: w.say(
        _("%(by)s asked for another time: %(what)s of %(time)s"),
        what=_appointment(w),
        time=w.when(w.after("starts_at")),
    ),
    "scheduled": lambda w: w.say(_("Planned for %(time)s"), time=w.when(w.after("scheduled_for"))),
    "staff_replied": lambda w: w.say(_("%(by)s answered")),
    "asked_customer": lambda w: w.say(_("%(by)s asked you a question")),
    "progress_reported": _progress,
    "waiting_on_third_party": lambda w: _("We wait for a third party"),
    "resumed": lambda w: _("We work on it again"),
    "workaround_provided": lambda w: w.say(_("%(by)s gave you a workaround")),
    "root_cause_reported": lambda w: _("We reported the root cause"),
    "solution_proposed": lambda w: w.say(_("%(by)s proposed a solution")),
    "solution_rejected": lambda w: w.say(_("%(by)s: not solved")),
    "escalated": _customer_escalated,
    "customer_replied": lambda w: w.say(_("%(by)s wrote")),
    "thanked": lambda w: w.say(_("%(by)s thanked us")),
    "rated": lambda w: w.say(_("%(by)s told us how it went: %(score)s of 5"), score=w.after("score")),
    "served_once": lambda w: _("We take it up this once, as a courtesy"),
    "package_offered": lambda w: w.say(_("%(by)s offered you %(name)s"), name=w.detail("name")),
    "beyond_allowance": lambda w: _("Beyond what your agreement includes"),
    "closed": _closed,
    "reminded": lambda w: w.say(
        _("We reminded you; it closes by itself %(time)s"), time=w.when(w.after("closes_at"))
    ),
    "reopened": lambda w: _("Reopened"),
    "concern_raised": _customer_concern,
    "concern_answered": lambda w: w.say(_("%(by)s answered what you asked for")),
    "participants_added": lambda w: (
        w.say(_("%(by)s added %(names)s"), names=", ".join(w.detail("accepted")))
        if w.event.by_kind == "contact" and w.detail("accepted")
        else None
    ),
    "participant_left": lambda w: w.say(_("%(by)s takes no part in it any more")),
    "unmerged": lambda w: _("A request of its own again; we work on it"),
    "merged_in": lambda w: w.say(_("Request %(number)s was joined with this one"), number=w.after("other")),
    "taken_apart": lambda w: w.say(
        _("Request %(number)s is a request of its own again"), number=w.after("other")
    ),
    "split_off": lambda w: w.say(_("A part of it goes on as request %(number)s"), number=w.after("other")),
    "followed_up": lambda w: w.say(_("Goes on in request %(number)s"), number=w.after("by_ticket")),
    "follow_up_taken_back": lambda w: w.say(
        _("Request %(number)s, which followed it, was taken back"), number=w.after("by_ticket")
    ),
}
SAY_WHY = {
    "agreement_changed",
    "triaged",
    "severity_changed",
    "escalated",
    "progress_reported",
    "reopened",
    "beyond_allowance",
    "appointment_moved",
    "appointment_cancelled",
    "appointment_wished",
}
