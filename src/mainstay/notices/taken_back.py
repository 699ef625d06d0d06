"""A signed version that is taken back before it begins, and who hears of it: the customer's managers, and ours (P5)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from mainstay.accounts.actor import Actor
from mainstay.accounts.models import User
from mainstay.contracts.days import day_words
from mainstay.contracts.models import Contract, Draft
from mainstay.notices import words
from mainstay.notices.letter import Button, Letter
from mainstay.notices.models import Delivery
from mainstay.tickets import bound


def take_back(contract: Contract, *, reason: str, by: Actor, at: datetime) -> Contract | None:
    """`tickets.bound.take_back`, and everybody told, or nothing of it. Gives the version that goes on, if one does."""
    with transaction.atomic():
        restored = bound.take_back(contract, reason=reason, by=by, at=at)
        held = Contract.every.select_related("customer__tam", "tam", "signed_by").get(pk=contract.pk)
        Delivery.objects.bulk_create([*_customers(held, restored, at), *_ours(held, by, at)])
    return restored


def _customers(held: Contract, restored: Contract | None, at: datetime) -> Iterator[Delivery]:
    for contact in held.customer.contacts.filter(is_admin=True, failing_since=None).order_by("pk"):
        with translation.override(words.language(held.customer.language)):
            letter = _letter(held, restored)
            yield Delivery(
                channel=Delivery.Channel.EMAIL, template="contract_taken_back", recipient=contact.email,
                contact=contact, subject=letter.subject, text=letter.text, html=letter.html, created_at=at,
                next_try_at=at,
            )  # fmt: skip


def _letter(held: Contract, restored: Contract | None) -> Letter:
    said = {
        "number": held.number,
        "version": held.version,
        "day": day_words(held.first_day) if held.first_day else "",
    }
    headline = (
        _("Version %(version)s of contract %(number)s, which was to begin on %(day)s, is taken back.") % said
    )
    body = [_("The reason: %(why)s") % {"why": held.taken_back["why"]}]
    if restored is not None:
        body.append(
            _("What held before goes on, word for word, as version %(version)s.")
            % {"version": restored.version}
        )
    return Letter(
        headline,
        subject=_("Contract %(number)s: version %(version)s is taken back") % said,
        body=body,
        buttons=[Button(_("Your contract"), settings.BASE_URL + reverse("portal_contracts"))],
        foot=[_("Reply to this mail, and a person reads it.")],
    )


def _ours(held: Contract, by: Actor, at: datetime) -> Iterator[Delivery]:
    """Who negotiated or signed it for us, and the TAM; not whoever takes it back."""
    draft = Draft.objects.filter(contract=held).select_related("owner").first()
    asked = [draft.owner if draft else None, held.signed_by, held.tam or held.customer.tam]
    people: dict[int, User] = {one.pk: one for one in asked if one is not None and one.is_staff_member}
    for user in (one for one in people.values() if not (by.kind == "staff" and one.pk == by.id)):
        text = f"{held} of {held.customer.name} was taken back by {by.name}: {held.taken_back['why']}"
        for channel in (Delivery.Channel.DESK, Delivery.Channel.EMAIL):
            desk = channel == Delivery.Channel.DESK
            yield Delivery(
                channel=channel, template="contract_taken_back", user=user,
                recipient=f"user:{user.pk}" if desk else user.email.lower(),
                subject=f"Contract {held.number} of {held.customer.name}: version {held.version} is taken back"[:998],
                text=f"{text}\n\n{settings.BASE_URL}{reverse('desk:contract', args=[held.pk])}\n",
                automatic="auto-generated", created_at=at, next_try_at=at,
                state=Delivery.State.SENT if desk else Delivery.State.PENDING, sent_at=at if desk else None,
            )  # fmt: skip
