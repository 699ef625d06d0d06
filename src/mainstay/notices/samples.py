"""A letter as it would look, with a request that is made up: for whoever words it."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from django.conf import settings
from django.utils import translation

from mainstay.accounts.models import User
from mainstay.notices import edited, house, wording
from mainstay.notices.edited import say
from mainstay.notices.letter import Button, Letter, as_html, as_text, written
from mainstay.notices.models import Delivery

PROMISES: Final = {
    **dict.fromkeys(("acknowledgement", "recognised", "severity_read", "severity_raised", "severity_lowered",
                     "escalated", "agreement", "agreement_corrected", "dispatched", "handed_over", "looking", "resumed",
                     "reopened", "into_scope", "paid_agreed", "served_once"), "promise"),
    "acknowledgement_unknown": "no_time", "answer": "again_by", "progress": "again_by", "workaround": "again_by",
    "question": "answer_by", "reminder_solution": "closes_on", "reminder_question": "closes_on",
}  # fmt: skip
QUOTED: Final = {
    "answer", "question", "progress", "workaround", "root_cause", "solution", "out_of_scope", "paid_offer",
    "appeal_rejected", "served_once", "offered", "closed", "reminder_question", "complaint_answered",
    "publication", "task",
}  # fmt: skip
BUTTONS: Final = {
    "solution": ("solved", "not_solved"), "reminder_solution": ("solved", "not_solved"),
    "paid_offer": ("accept_offer", "decline_offer"), "out_of_scope": ("see", "ask_again"),
    "closed": ("say_how", "see"), "acknowledgement_unknown": (), "approval": ("let_in",), "added": ("see", "leave"),
    **dict.fromkeys(("complaint", "complaint_answered"), ("see_organisation",)),
    "sign_in": ("sign_in",), "welcome": ("to_portal",), "publication": (), "task": (),
}  # fmt: skip
FACTS: Final = {
    **dict.fromkeys(
        ("acknowledgement", "recognised", "added"), ("number", "subject", "severity", "received", "agreement")
    ),
    **dict.fromkeys(("severity_read", "severity_raised", "severity_lowered", "escalated"), ("severity",)),
    "served_once": ("agreement",), "progress": ("expected",),
}  # fmt: skip
_DARK = re.compile(r"@media \(prefers-color-scheme: dark\)")


def letter(name: str, text: str, language: str) -> Letter:
    """The letter in these words, with sample values for everything that is filled in."""
    with translation.override(language):
        made = written(wording.compiled(text), lambda place: _value(place, language))
        if name in wording.house():
            made.subject = made.headline
        else:
            made.number = int(_value("number", language))
            made.subject = f"Re: {_value('subject', language)} [#{made.number}]"
        made.promise = _promise(name, language)
        made.pressing = name.startswith("reminder")
        if name in QUOTED:
            made.said_by = say("writes", name=_value("engineer", language))
            made.said = _value("words", language)
        made.facts = [_fact(one, language) for one in FACTS.get(name, ())]
        labels = BUTTONS.get(name, ("see",))
        made.buttons = [
            Button(say(one), f"{settings.BASE_URL}/r/…", yours=place == 0 and len(labels) > 1)
            for place, one in enumerate(labels)
        ]
        _ = made.text, made.html  # written out in this language
    return made


def _value(place: str, language: str) -> str:
    return house.ours().get(place) or wording.sample(place, language)


def values(name: str, language: str) -> list[tuple[str, str]]:
    """Every place that the letter may name, and what stands there in the sample."""
    return [(place, _value(place, language)) for place in edited.places(name)]


def _promise(name: str, language: str) -> list[str]:
    phrase = PROMISES.get(name)
    if phrase is None:
        return []
    due = _value("due", language)
    said = say(
        phrase, what=say("first_response"), target=_value("target", language), due=due,
        when=_value("closes", language),
    )  # fmt: skip
    return [said]


def _fact(name: str, language: str) -> tuple[str, str]:
    label = say({"subject": "subject_label"}.get(name, name))
    return label, _value({"severity": "severity_words", "expected": "due"}.get(name, name), language)


# ---- looking at it


def shown(made: Letter, *, dark: bool) -> str:
    """Its HTML as one scheme of colours shows it, whatever the reader's own is."""
    html = _DARK.sub("@media all" if dark else "@media not all", made.html)
    return html.replace("color-scheme: light dark", f"color-scheme: {'dark' if dark else 'light'}")


def send(name: str, text: str, language: str, *, to: User, at: datetime) -> Delivery:
    """The letter in these words to whoever words it. Raises `Refused` naming text."""
    made = letter(name, edited.checked(name, text), language)
    with translation.override(language):
        return Delivery.objects.create(
            channel=Delivery.Channel.EMAIL, template="test letter", recipient=to.email.lower(), user=to,
            subject=f"[Test] {made.subject}"[:998], text=as_text(made), html=as_html(made),
            automatic="auto-generated", created_at=at, next_try_at=at,
        )  # fmt: skip
