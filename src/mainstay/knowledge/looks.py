"""What was shown to somebody who wanted help, opened, and helped: the facts that deflection is counted from (I3).

An occasion is a `Look`. Nothing of what was typed is kept, and who it was only until the occasion is settled, a day
later (`reports.deflection`); on the open pages nobody is known at all. A GET records nothing: mail scanners follow
links. That an article was opened is said by a script of the page, or by an answer to its question.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils.crypto import get_random_string, salted_hmac

from mainstay import rows
from mainstay.customers.models import Contact
from mainstay.errors import Refused
from mainstay.knowledge.models import Article, Entry, Look, Shown

Place = Look.Place
MOST_OPEN = 200  # answers on open pages that are counted for one article in a day
LONGEST = 40


def key_of_form() -> str:
    """A key for one form, by chance."""
    return get_random_string(24)


def is_key(text: str) -> bool:
    """Whether a text may be the key of a form."""
    return 0 < len(text) <= LONGEST and text.isascii() and text.isalnum()


def at_form(key: str, contact: Contact) -> str:
    """A form's key as it is kept: each customer's own, so that nobody meets another's by sending theirs."""
    digest = salted_hmac("mainstay.knowledge.looks", f"{contact.customer_id} {key}", algorithm="sha256")
    return digest.hexdigest()[:40]


def key_of_day(contact: Contact, at: datetime) -> str:
    """The key of what somebody reads in the portal's articles on one day; it does not say who."""
    return salted_hmac(
        "mainstay.knowledge.looks", f"{contact.pk} {at.date()}", algorithm="sha256"
    ).hexdigest()[:40]


def key_of_ticket(number: int) -> str:
    """The key of what an acknowledgement offers."""
    return f"ticket {number}"


def show(
    key: str, place: str, entries: Iterable[Entry], *, at: datetime, contact: Contact | None = None,
    product: int | None = None,
) -> Look:  # fmt: skip
    """These articles are before somebody's eyes now. Those shown at the same occasion before stay as they are."""
    with transaction.atomic():
        look, _ = Look.objects.get_or_create(
            key=key,
            defaults={"place": place, "at": at, "product_id": product, "contact": contact,
                      "customer_id": contact.customer_id if contact else None},
        )  # fmt: skip
        rows = [Shown(look=look, article_id=one.article_id, language=one.language, at=at) for one in entries]
        Shown.objects.bulk_create(rows, ignore_conflicts=True)
    return look


@dataclass(frozen=True)
class Offer:
    """What the acknowledgement of one ticket offers."""

    ticket: int
    product: int | None
    entries: Sequence[Entry]


def offer_all(offers: Iterable[Offer], *, at: datetime) -> None:
    """What acknowledgements offer, many at once; twice is once."""
    wanted = {offer.ticket: offer for offer in offers if offer.entries}
    if not wanted:
        return
    rows.insert(
        Look,
        [
            Look(
                key=key_of_ticket(number),
                place=Place.MAIL,
                at=at,
                ticket=number,
                product_id=one.product,
                outcome=Look.Outcome.SENT,
                settled_at=at,
            )
            for number, one in wanted.items()
        ],
        conflict="DO NOTHING",
    )
    keys = Look.objects.filter(key__in=[key_of_ticket(number) for number in wanted])
    looks = dict(keys.values_list("ticket", "pk"))
    rows.insert(
        Shown,
        [
            Shown(look_id=looks[number], article_id=entry.article_id, language=entry.language, at=at)
            for number, one in wanted.items()
            for entry in one.entries
        ],
        conflict="DO NOTHING",
    )


def opened(look: Look, entry: Entry, *, at: datetime) -> Shown:
    """Somebody has the article before them; the first time counts."""
    shown, _ = Shown.objects.get_or_create(
        look=look,
        article_id=entry.article_id,
        defaults={"language": entry.language, "at": at, "opened_at": at},
    )
    if shown.opened_at is None:
        shown.opened_at = at
        shown.save(update_fields=["opened_at"])
    return shown


def answer(look: Look, entry: Entry, *, helped: bool, at: datetime, why: str = "") -> Shown:
    """Whether it answered the question, and why not; the last answer of an occasion counts."""
    why = " ".join(why.replace("\x00", "").split())
    if len(why) > 1000:
        raise Refused("why", "must be at most 1,000 characters")
    with transaction.atomic():
        shown = Shown.objects.select_for_update(of=("self",)).get(pk=opened(look, entry, at=at).pk)
        before = shown.answer
        shown.answer = Shown.Answer.YES if helped else Shown.Answer.NO
        shown.why, shown.answered_at = why, at
        shown.save(update_fields=["answer", "why", "answered_at"])
        if before != shown.answer:
            _count(entry.article_id, look.product_id, before, shown.answer)
    return shown


def _count(article: int, product: int | None, before: str, now: str) -> None:
    """What ranking asks: one answer more, and where it replaces another that one less."""
    yes, no = int(now == "yes") - int(before == "yes"), int(now == "no") - int(before == "no")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO knowledge_merit (article_id, product_id, helped, failed) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT ON CONSTRAINT merit_once DO UPDATE SET"
            " helped = greatest(0, knowledge_merit.helped + %s), failed = greatest(0, knowledge_merit.failed + %s)",
            [article, product, max(yes, 0), max(no, 0), yes, no],
        )


def answer_openly(entry: Entry, *, helped: bool, at: datetime, why: str = "") -> Shown | None:
    """An answer of somebody whom nobody knows; beyond a number in a day it is not counted (then None)."""
    today = Shown.objects.filter(
        article=entry.article_id, look__place=Place.OPEN, answered_at__gt=at - timedelta(days=1)
    )
    if today.count() >= MOST_OPEN:
        return None
    look = Look.objects.create(place=Place.OPEN, key=key_of_form(), at=at, settled_at=at)
    return answer(look, entry, helped=helped, at=at, why=why)


def sent(key: str, contact: Contact, ticket: int) -> None:
    """The form at which articles were shown became a request."""
    if is_key(key):
        Look.objects.filter(key=at_form(key, contact), place=Place.FORM, ticket=None).update(
            ticket=ticket, outcome=Look.Outcome.SENT
        )


def feedback(article: Article, most: int = 20) -> list[Shown]:
    """What people answered, the newest first."""
    said = Shown.objects.filter(article=article).exclude(answer="").select_related("look__product")
    return list(said.order_by("-answered_at")[:most])
