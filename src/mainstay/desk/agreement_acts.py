"""What holds for a ticket, said by people: flags, the system, the language, a value agreed; and what that moved."""

from __future__ import annotations

from mainstay.customers.models import Environment
from mainstay.desk.acting import Act, Do
from mainstay.errors import Refused
from mainstay.tickets import agreement, sentences
from mainstay.tickets.models import Event


def flag(one: Act) -> str:
    code, reason = one.typed.text("flag"), one.typed.text("reason")
    if not code:
        raise Refused("flag", "is not chosen; choose what holds for this ticket")
    verb = agreement.clear_flag if one.typed.flag("remove") else agreement.set_flag
    return _told(one, verb(one.ticket, flag=code, reason=reason, by=one.by, at=one.at))


def environment(one: Act) -> str:
    named = one.typed.text("environment")
    found = None
    if named:
        number = one.typed.number("environment", "a system of the customer")
        found = Environment.objects.filter(pk=number, customer=one.ticket.customer_id).first()
        if found is None:
            raise Refused("environment", "is not a system of this customer; choose one of the list")
    return _told(
        one,
        agreement.name_environment(
            one.ticket, environment=found, reason=one.typed.text("reason"), by=one.by, at=one.at
        ),
    )


def language(one: Act) -> str:
    return _told(
        one,
        agreement.name_language(
            one.ticket, language=one.typed.text("language"), reason=one.typed.text("reason"), by=one.by, at=one.at
        ),
    )  # fmt: skip


def agreed(one: Act) -> str:
    return _told(
        one,
        agreement.agree_target(
            one.ticket, clock=one.typed.text("clock"), target=one.typed.text("target"),
            calendar=one.typed.text("calendar"), reason=one.typed.text("reason"), by=one.by, at=one.at,
        ),
    )  # fmt: skip


def _told(one: Act, event: Event) -> str:
    """What was recorded, and what was due and is due now because of it."""
    told = sentences.told(event, zone=one.typed.zone.key).sentence
    if event.kind != "agreement_changed":
        return f"{told}. No promise is another one by it."
    return f"{told}."


ACTS: tuple[tuple[str, str, Do], ...] = (
    ("flag", "flags", flag),
    ("environment", "environment", environment),
    ("language", "language", language),
    ("agreed", "agreed", agreed),
)
