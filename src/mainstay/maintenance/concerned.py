"""Whom a publication concerns: systems by product and release, and the people there who are told (P7)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from mainstay.customers import versions
from mainstay.customers.models import Contact, Environment, Release
from mainstay.maintenance.models import Publication
from mainstay.tickets import access

Kind = Publication.Kind


def releases(publication: Publication) -> list[Release]:
    """The releases of the product that the publication concerns."""
    known = Release.objects.filter(product=publication.product_id).select_related("product")
    found = [one for one in known if _concerns(publication, one)]
    return sorted(found, key=lambda one: versions.key(one.version))


def _concerns(publication: Publication, release: Release) -> bool:
    if publication.kind == Kind.END_OF_LIFE:
        return release.pk == publication.release_id
    if publication.affected:
        return versions.affected(release.version, publication.affected)
    if publication.kind == Kind.RELEASE and publication.release is not None:
        return versions.key(release.version) < versions.key(publication.release.version)
    return False


def environments(publication: Publication) -> QuerySet[Environment]:
    """The systems concerned: those that run such a release, and those of which nobody has said what they run."""
    runs = Q(release__in=[one.pk for one in releases(publication)])
    unknown = Q(product=publication.product_id, release=None)
    found = Environment.objects.filter(runs | unknown).order_by("pk")
    return found.select_related("customer", "product", "release__product")


def why(publication: Publication, environment: Environment) -> str:
    """Why it concerns this system, in words."""
    if environment.release is None:
        return f"runs {publication.product.name}; nobody has said which release"
    runs = f"runs {environment.release}"
    if publication.kind == Kind.END_OF_LIFE:
        return f"{runs}, whose maintenance ends"
    if publication.affected:
        hit = next(
            line for line in publication.affected if versions.affected(environment.release.version, [line])
        )
        return f"{runs}, within {hit}"
    newer = publication.release.version if publication.release else "the new one"
    return f"{runs}, older than {newer}"


_WHY = (
    (
        r"runs (?P<what>.+); nobody has said which release",
        gettext_noop("runs %(what)s; nobody has said which release"),
    ),
    (r"runs (?P<what>.+), whose maintenance ends", gettext_noop("runs %(what)s, whose maintenance ends")),
    (r"runs (?P<what>.+), within (?P<hit>.+)", gettext_noop("runs %(what)s, within %(hit)s")),
    (r"runs (?P<what>.+), older than (?P<newer>.+)", gettext_noop("runs %(what)s, older than %(newer)s")),
)
"""What `why` writes into the record, and the same for a reader's language."""


def said(because: str) -> str:
    """A recorded reason in the reader's language; any other text as it was written."""
    for shape, words in _WHY:
        if found := re.fullmatch(shape, because):
            return _(words) % found.groupdict()
    return because


def people(customers: Iterable[int]) -> dict[int, list[Contact]]:
    """Who is told at each customer: those who see all of it; where nobody does, all of its contacts."""
    everybody: dict[int, list[Contact]] = defaultdict(list)
    found = Contact.objects.filter(customer__in=set(customers), ended_at=None).filter(
        Q(user=None) | Q(user__is_active=True)
    )
    for contact in found.select_related("customer", "user").order_by("pk"):
        everybody[contact.customer_id].append(contact)
    return {
        number: [one for one in contacts if access.sees_whole(one)] or contacts
        for number, contacts in everybody.items()
    }
