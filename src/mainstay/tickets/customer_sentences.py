"""Each event that matters to a customer as a sentence in plain words (T3); what is not here is ours alone."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from mainstay.tickets.spoken import Words, appointment, closed, moved, moved_to, progress, upper


def _agreement(w: Words) -> str | None:
    changes = moved(w, told=True)
    return _("What we promise has changed: %(changes)s") % {"changes": changes} if changes else None


def _triaged(w: Words) -> str:
    if w.severity:
        return w.say(_("%(severity)s, agreed by %(by)s"), severity=upper(w.severity))
    return w.say(_("%(by)s read your request: severity %(severity)s"), severity=w.after("now_severity"))


def _escalated(w: Words) -> str:
    if w.severity:
        return w.say(_("Escalated by %(by)s: %(severity)s"), severity=w.severity)
    return w.say(_("Escalated by %(by)s"))


def _concern(w: Words) -> str:
    said = {
        "escalation": _("%(by)s asked for an escalation"),
        "severity": _("%(by)s objected to the severity"),
        "complaint": _("%(by)s complained; a manager answers"),
    }
    return w.say(said.get(str(w.after("concern")), "%(by)s"))


CUSTOMER: dict[str, Callable[[Words], str | None]] = {
    "agreement_changed": _agreement,
    "target_agreed": lambda w: w.say(_("We agreed the %(clock)s with you"), clock=w.clock),
    "received": lambda w: _("We got your request"),
    "acknowledged": lambda w: _("We told you its number and our promises"),
    "triaged": _triaged,
    "severity_changed": lambda w: w.say(_("%(severity)s, decided by %(by)s"), severity=upper(w.severity)),
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
        _("%(what)s agreed for %(time)s"), what=appointment(w), time=w.when(w.after("starts_at"))
    ),
    "appointment_moved": lambda w: w.say(
        _("%(what)s changed: %(time)s"), what=appointment(w), time=moved_to(w)
    ),
    "appointment_cancelled": lambda w: w.say(
        _("%(what)s of %(time)s cancelled"), what=appointment(w), time=w.when(w.after("starts_at"))
    ),
    "appointment_wished": lambda w: w.say(
        _("%(by)s asked for another time: %(what)s of %(time)s"),
        what=appointment(w),
        time=w.when(w.after("starts_at")),
    ),
    "scheduled": lambda w: w.say(_("Planned for %(time)s"), time=w.when(w.after("scheduled_for"))),
    "staff_replied": lambda w: w.say(_("%(by)s answered")),
    "asked_customer": lambda w: w.say(_("%(by)s asked you a question")),
    "progress_reported": progress,
    "waiting_on_third_party": lambda w: _("We wait for a third party"),
    "resumed": lambda w: _("We work on it again"),
    "workaround_provided": lambda w: w.say(_("%(by)s gave you a workaround")),
    "root_cause_reported": lambda w: _("We reported the root cause"),
    "solution_proposed": lambda w: w.say(_("%(by)s proposed a solution")),
    "solution_rejected": lambda w: w.say(_("%(by)s: not solved")),
    "escalated": _escalated,
    "customer_replied": lambda w: w.say(_("%(by)s wrote")),
    "thanked": lambda w: w.say(_("%(by)s thanked us")),
    "rated": lambda w: w.say(_("%(by)s told us how it went: %(score)s of 5"), score=w.after("score")),
    "served_once": lambda w: _("We take it up this once, as a courtesy"),
    "package_offered": lambda w: w.say(_("%(by)s offered you %(name)s"), name=w.detail("name")),
    "beyond_allowance": lambda w: _("Beyond what your agreement includes"),
    "closed": closed,
    "reminded": lambda w: w.say(
        _("We reminded you; it closes by itself %(time)s"), time=w.when(w.after("closes_at"))
    ),
    "reopened": lambda w: _("Reopened"),
    "concern_raised": _concern,
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
"""Those that come with the reason that was given."""
OUR_WORDS = {"beyond_allowance"}
"""Of those, the ones whose reason nobody typed: it is kept in English, and told to those who read English."""
