"""The only doors to articles for readers: what one may not read does not exist (404; ATTACKS 43, 51).

Everybody reads what is public; a customer with a current subscription or contract also what is for subscribers (P1);
staff read all of it, drafts too. Each search, list, suggestion, mail and picture asks here first; row-level security
holds internal articles back a second time.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet
from django.http import Http404

from mainstay.contracts.entitlement import basis_at
from mainstay.customers.models import Contact, Customer
from mainstay.knowledge.models import Article, Audience, Entry, Picture

OPEN = (Audience.PUBLIC,)
CUSTOMERS = (Audience.PUBLIC, Audience.SUBSCRIBERS)
EVERYTHING = (Audience.PUBLIC, Audience.SUBSCRIBERS, Audience.INTERNAL)

VECTORS = ("words", "title", "lead", "terms")
"""What of an entry only search reads."""

Audiences = tuple[Audience, ...]


def of_customer(customer: Customer | None, at: datetime) -> Audiences:
    """What the people of a customer may read: all but what is internal while something entitles them."""
    if customer is None or basis_at(customer, at, None, []).kind == "none":
        return OPEN
    return CUSTOMERS


def of_contacts(contacts: Iterable[Contact], at: datetime) -> Audiences:
    """What somebody may read, whoever of their customers entitles them; nobody signed in reads what is public."""
    entitled = any(of_customer(contact.customer, at) == CUSTOMERS for contact in contacts)
    return CUSTOMERS if entitled else OPEN


def entries(audiences: Audiences) -> QuerySet[Entry]:
    """What is published for these audiences."""
    found = Entry.objects.filter(audience__in=audiences).select_related("version", "article")
    return found.defer(*VECTORS)


def entry(number: int, audiences: Audiences, languages: Iterable[str]) -> Entry:
    """An article in the first of the languages that it has, else in its own; Http404 if it may not be read."""
    found = {one.language: one for one in entries(audiences).filter(article=number)}
    if not found:
        raise Http404
    return in_language(found, languages)


def in_language(found: dict[str, Entry], languages: Iterable[str]) -> Entry:
    """Of an article's languages the first that is wanted (pt-br, then pt), else the article's own."""
    for wanted in languages:
        plain = wanted.lower().replace("_", "-")
        for language in (plain, plain.partition("-")[0]):
            if language in found:
                return found[language]
    first = next(iter(found.values()))
    return found.get(first.article.language, first)


def picture(article: int, number: int, audiences: Audiences) -> Picture:
    """A picture that a published article shows to these audiences; Http404 otherwise."""
    shows = entries(audiences).filter(article=article, version__pictures__contains=[number])
    found = Picture.objects.filter(article=article, pk=number).first()
    if found is None or not shows.exists():
        raise Http404
    return found


def article(number: int) -> Article:
    """An article for staff, whatever its state; Http404 where there is none."""
    found = Article.objects.select_related("owner").filter(pk=number).first()
    if found is None:
        raise Http404
    return found
