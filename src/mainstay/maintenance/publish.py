"""Publications: written once in several languages, looked at, sent once to everybody whom they concern (P7)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from mainstay.accounts import acts
from mainstay.accounts.actor import Actor
from mainstay.customers import versions
from mainstay.customers.models import Contact, Environment, Product, Release
from mainstay.errors import Refused
from mainstay.maintenance import concerned
from mainstay.maintenance.models import Notice, Publication, PublicationText, Reading
from mainstay.notices.models import Delivery

Kind, State = Publication.Kind, Publication.State
LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z]{2,4})?")
LONGEST = 50_000


@dataclass(frozen=True)
class Said:
    """What a publication is about, as it was typed. `affected` and `fixed_in`: one on each line."""

    kind: str
    product: Product | None
    release: Release | None = None
    reference: str = ""
    severity: str = ""
    affected: str = ""
    fixed_in: str = ""
    language: str = "en"


def write(said: Said, *, by: Actor, at: datetime, publication: Publication | None = None) -> Publication:
    """A draft, or a draft as it is now. Raises `Refused` naming the field; what was sent never changes."""
    with transaction.atomic():
        made = _draft(publication) if publication else Publication(written_by_id=by.id, written_at=at)
        _fill(made, said)
        made.save()
    return made


def _fill(made: Publication, said: Said) -> None:
    if said.kind not in Kind.values:
        raise Refused("kind", f"may be {', '.join(Kind.values)}")
    if said.product is None:
        raise Refused("product", "is not chosen")
    if said.release is not None and said.release.product_id != said.product.pk:
        raise Refused("release", f"{said.release} is not a release of {said.product.name}")
    made.kind, made.product, made.release = said.kind, said.product, said.release
    made.reference = _line(said.reference, "reference", 60)
    made.severity = said.severity if said.kind == Kind.ADVISORY else ""
    made.affected = versions.checked_ranges(said.affected) if said.kind != Kind.END_OF_LIFE else []
    made.fixed_in = [_line(line, "fixed_in", 40) for line in said.fixed_in.splitlines() if line.strip()][:50]
    made.language = _language(said.language)
    _complete(made)


def _complete(made: Publication) -> None:
    """What a publication of its kind cannot do without."""
    if made.kind in {Kind.RELEASE, Kind.END_OF_LIFE} and made.release is None:
        raise Refused("release", "is not chosen; say which one it is")
    if made.kind == Kind.ADVISORY and made.severity not in Publication.Severity.values:
        raise Refused("severity", f"of an advisory may be {', '.join(Publication.Severity.values)}")
    if made.kind in {Kind.ADVISORY, Kind.PATCH} and not made.affected:
        raise Refused("affected", "is missing; write the ranges concerned, such as >= 6.0, < 6.4.9, or all")
    if made.kind == Kind.PATCH and not made.fixed_in:
        raise Refused("fixed_in", "is missing; write the version of the patch, such as 6.4.9")


def set_text(publication: Publication, *, language: str, title: str, text: str) -> PublicationText | None:
    """The words in one language; both empty take them away. Raises `Refused` naming the field."""
    language, title = _language(language), _line(title, "title", 200)
    text = text.replace("\x00", "").strip()
    with transaction.atomic():
        held = _draft(publication)
        if not title and not text:
            PublicationText.objects.filter(publication=held, language=language).delete()
            return None
        if not title:
            raise Refused("title", "is missing; it is the subject of the mail")
        if not text or len(text) > LONGEST:
            raise Refused("text", f"must be 1 to {LONGEST} characters")
        made, _ = PublicationText.objects.update_or_create(
            publication=held, language=language, defaults={"title": title, "text": text}
        )
        return made


def discard(publication: Publication) -> None:
    """Throw a draft away; what was sent stays."""
    with transaction.atomic():
        _draft(publication).delete()


def send(publication: Publication, *, by: Actor, at: datetime) -> Publication:
    """Ask for it to be sent to everybody whom it concerns now; the worker does it, a part at a time.

    Of what was sent before, those are told who have come to be concerned since; nobody hears twice.
    """
    with transaction.atomic():
        held = _locked(publication)
        if held.state == State.SENDING:
            raise Refused("publication", "is being sent already")
        if not held.texts.filter(language=held.language).exists():
            raise Refused("language", f"has no words in {held.language}, which everybody else gets")
        expected = concerned.environments(held).count()
        if not expected:
            raise Refused("publication", "concerns no system that we know of; nobody would hear of it")
        first = held.sent_at is None
        held.state, held.spread_to, held.expected, held.sent_by_id = State.SENDING, 0, expected, by.id
        held.sent_at = at
        held.save(update_fields=["state", "spread_to", "expected", "sent_by", "sent_at"])
        what = f"{held.get_kind_display()} {held.reference or held.pk} of {held.product.name}"
        done = "publication sent" if first else "publication sent to more"
        acts.record(done, what, by=by, at=at, after={"systems": expected})
    return held


# ---- the words in somebody's language


def words_for(texts: Iterable[PublicationText], wanted: str, fallback: str) -> PublicationText:
    """The words in a language, else in the language it belongs to (pt-br: pt), else in the fallback."""
    by_language = {one.language: one for one in texts}
    wanted = wanted.lower().replace("_", "-")
    for language in (wanted, wanted.partition("-")[0], fallback):
        if language in by_language:
            return by_language[language]
    return next(iter(by_language.values()))


def language_of(contact: Contact) -> str:
    """The language somebody reads: their own where they sign in, else their customer's."""
    own = contact.user.language if contact.user is not None else ""
    return own or contact.customer.language


# ---- who was told, who has read


def read(publication: Publication, contact: Contact, *, how: str, at: datetime) -> Reading:
    """This person has read it; the first time counts."""
    found, _ = Reading.objects.get_or_create(
        publication=publication, contact=contact,
        defaults={"customer_id": contact.customer_id, "name": contact.name, "how": how, "at": at},
    )  # fmt: skip
    return found


@dataclass(frozen=True)
class Progress:
    """How far it is: systems, people and mails. `done`: everybody's letter is written, or is parked."""

    systems: int
    covered: int
    people: int
    written: int
    mailed: int
    failed: int
    withheld: int
    read: int
    parked: int = 0

    @property
    def done(self) -> bool:
        return self.written + self.parked >= self.people


def progress(publication: Publication) -> Progress:
    """How far the sending is and who has read, in four queries."""
    notices = Notice.objects.filter(publication=publication)
    counted = notices.aggregate(
        covered=Count("environment", distinct=True),
        people=Count("contact", distinct=True),
        written=Count("contact", distinct=True, filter=Q(told_at__isnull=False)),
    )
    mails = Delivery.objects.filter(pk__in=notices.values("delivery")).aggregate(
        mailed=Count("pk", filter=Q(state=Delivery.State.SENT)),
        failed=Count("pk", filter=Q(state=Delivery.State.FAILED)),
        withheld=Count("pk", filter=Q(state=Delivery.State.SUPPRESSED)),
    )
    read = Reading.objects.filter(publication=publication).count()
    parked = publication.unwritten.filter(again_at=None).count()
    return Progress(systems=publication.expected, read=read, parked=parked, **counted, **mails)


def counts(publications: Iterable[Publication]) -> dict[int, tuple[int, int, int]]:
    """Of each publication: people with their letter, people in all, and how many have read it; in two queries."""
    numbers = [one.pk for one in publications]
    told = Notice.objects.filter(publication__in=numbers).order_by().values("publication").annotate(
        people=Count("contact", distinct=True),
        written=Count("contact", distinct=True, filter=Q(told_at__isnull=False)),
    )  # fmt: skip
    readings = Reading.objects.filter(publication__in=numbers).order_by().values("publication")
    read = {row["publication"]: row["n"] for row in readings.annotate(n=Count("pk"))}
    found = {row["publication"]: (row["written"], row["people"]) for row in told}
    return {number: (*found.get(number, (0, 0)), read.get(number, 0)) for number in numbers}


def told_to(contacts: Iterable[Contact]) -> QuerySet[Publication]:
    """The publications that concern the systems of these people's customers, the newest first."""
    customers = {contact.customer_id for contact in contacts}
    heard = Notice.objects.filter(customer__in=customers).values("publication")
    found = Publication.objects.filter(pk__in=heard).exclude(state=State.DRAFT)
    return found.select_related("product", "release").prefetch_related("texts").order_by("-pk")


def concerning(environment: Environment, most: int = 20) -> list[tuple[Publication, str]]:
    """What was published and concerns a system, the newest first, with why."""
    found = Notice.objects.filter(environment=environment).select_related("publication__product")
    rows = found.order_by("-publication_id", "pk").distinct("publication_id")[:most]
    return [(row.publication, row.because) for row in rows]


# ---- what all share


def _locked(publication: Publication) -> Publication:
    held = Publication.objects.select_for_update(of=("self",)).filter(pk=publication.pk).first()
    if held is None:
        raise Refused("publication", "is there no more")
    return held


def _draft(publication: Publication) -> Publication:
    held = _locked(publication)
    if held.state != State.DRAFT:
        raise Refused("publication", "was sent; what people have read does not change. Write a new one")
    return held


def _language(language: str) -> str:
    language = language.strip().lower().replace("_", "-")
    if not LANGUAGE.fullmatch(language) or len(language) > 8:
        raise Refused("language", "must be a language's letters, such as en, de or pt-br")
    return language


def _line(text: str, field: str, most: int) -> str:
    line = " ".join(text.split())
    if len(line) > most or not line.isprintable():
        raise Refused(field, f"must be one line of at most {most} characters")
    return line
