"""Letters that are about no request, in the words that hold for them: the vendor's own, else the shipped ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from mainstay.accounts.models import User
from mainstay.catalogue.remembered import remembering
from mainstay.customers.models import Contact
from mainstay.notices import edited, recipients, wording, words
from mainstay.notices.letter import Letter, as_html, as_text, written
from mainstay.notices.models import Delivery


def letter(name: str, values: Mapping[str, str]) -> Letter:
    """The letter of that name in the language that is being written in; its blocks are still empty."""
    common = ours()
    made = written(
        edited.wording_of(name, wording.language()), lambda place: values.get(place) or common.get(place, "")
    )
    made.subject = words.one_line(made.headline, 300)
    return made


@contextmanager
def writing(language: str) -> Iterator[None]:
    """Within it letters are written in that language (ours, if we do not write theirs); words are asked for once."""
    with translation.override(words.language(language)), remembering():
        yield


def ours() -> dict[str, str]:
    """What any of these letters may name of us."""
    return {
        "vendor": settings.VENDOR_NAME, "address": settings.SUPPORT_ADDRESS, "portal": settings.BASE_URL + "/",
        "organisation": settings.BASE_URL + reverse("organisation"),
    }  # fmt: skip


def language_of(contact: Contact) -> str:
    """The language that somebody is written to in: their own where they sign in, else their customer's."""
    own = contact.user.language if contact.user is not None else ""
    return words.language(own or contact.customer.language)


def mail(made: Letter, to: Contact, *, template: str, at: datetime) -> Delivery:
    """The mail (unsaved) to somebody of a customer, in the language that is being written in; kept back where mail
    to them fails or their access has ended."""
    address = to.email.strip().lower()
    withheld = recipients.withheld(to, address)
    return Delivery(
        channel=Delivery.Channel.EMAIL, template=template[:40], recipient=address, contact=to,
        subject=words.one_line(made.subject, 300), text=as_text(made), html=as_html(made),
        automatic=recipients.GENERATED, created_at=at, next_try_at=at, error=withheld,
        state=Delivery.State.SUPPRESSED if withheld else Delivery.State.PENDING,
    )  # fmt: skip


def to_staff(
    people: Iterable[User], subject: str, text: str, *, template: str, at: datetime
) -> Iterator[Delivery]:
    """A notice in the desk and a mail (unsaved) to each of our people, once each."""
    for user in {one.pk: one for one in people}.values():
        for channel in (Delivery.Channel.DESK, Delivery.Channel.EMAIL):
            desk = channel == Delivery.Channel.DESK
            yield Delivery(
                channel=channel, template=template[:40], user=user,
                recipient=f"user:{user.pk}" if desk else user.email.lower(), subject=words.one_line(subject, 300),
                text=text, automatic=recipients.GENERATED, created_at=at, next_try_at=at,
                state=Delivery.State.SENT if desk else Delivery.State.PENDING, sent_at=at if desk else None,
            )  # fmt: skip
