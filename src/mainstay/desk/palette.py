"""One field that finds anything: tickets, customers, contracts, articles, pages; by Ctrl+K, or as a page of its own."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q
from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from mainstay.accounts.models import User
from mainstay.contracts.models import Contract
from mainstay.customers.models import Customer
from mainstay.desk import frame, shown
from mainstay.desk.places import PLACES
from mainstay.knowledge import search as knowledge
from mainstay.knowledge.access import EVERYTHING
from mainstay.tickets import access, listed, search
from mainstay.tickets.models import State
from mainstay.ui import ids
from mainstay.ui.doors import StaffRequest, staff_page

EACH = 6


@dataclass(frozen=True)
class Way:
    """Something that was found: what it is called, what it is, where it leads."""

    put: str
    says: str
    url: str


@require_safe
@staff_page()
def find(request: StaffRequest) -> HttpResponse:
    """What was found, as a page: for whoever has no script or wants it printed."""
    asked = _asked(request)
    context = {
        "page_title": _("Find"),
        "query": asked,
        "query_url": reverse("desk:find"),
        "query_hint": _("number, words, customer, contract, page"),
        "ways": ways(request.user, asked),
    }
    return frame.page(request, "desk/found.html", context)


@require_safe
@staff_page()
def choices(request: StaffRequest) -> HttpResponse:
    """The same for the palette's script."""
    found = ways(request.user, _asked(request))
    return JsonResponse({"choices": [{"put": one.put, "says": one.says, "url": one.url} for one in found]})


def _asked(request: StaffRequest) -> str:
    return " ".join(request.GET.get("q", "").replace("\x00", "").split())[:120]


def ways(user: User, asked: str) -> list[Way]:
    """All that goes by these words: a ticket's number first, then names, then what has the words."""
    if not asked:
        return []
    named = [*_numbered(user, asked), *_pages(user, asked), *_customers(asked), *_contracts(asked)]
    return [*named, *_tickets(user, asked), *_articles(user, asked)]


def _articles(user: User, asked: str) -> list[Way]:
    question = knowledge.Question(asked, EVERYTHING, title=asked, languages=(user.language,))
    hits = knowledge.find(question, most=EACH)
    return [Way(hit.title, _("article"), reverse("desk:article", args=[hit.number])) for hit in hits]


def _numbered(user: User, asked: str) -> list[Way]:
    number = ids.read(asked.lstrip("#"))
    return _of(listed.read(access.visible_to_staff(user).filter(pk=number), 1)) if number is not None else []


def _tickets(user: User, asked: str) -> list[Way]:
    words = search.expression(asked.split())
    if not words:
        return []
    opened = access.queue(user).filter(search.matching(words, is_open=True))
    found = listed.read(opened, EACH)
    if len(found) < EACH:
        closed = search.matching(words, is_open=False, most=EACH)
        rows = access.visible_to_staff(user).filter(closed).order_by("-pk")
        found += listed.read(rows, EACH - len(found))
    return _of([one for one in found if str(one.pk) != asked.lstrip("#")])


def _of(found: list[listed.Listed]) -> list[Way]:
    return [
        Way(
            f"{one.pk} {one.subject}",
            _state(one) + (one.customer or shown.who_wrote(one)),
            shown.ticket_url(one.pk),
        )
        for one in found
    ]


def _state(one: listed.Listed) -> str:
    return _("closed") + ", " if one.state == State.CLOSED else ""


def _pages(user: User, asked: str) -> list[Way]:
    words = asked.lower().split()
    others = {one.name: one.words for one in PLACES}
    items = [
        (item, others[name]) for _group, found in frame.everything(user, {}) for item, _says, name in found
    ]
    said = [(str(item.label), item.url, item.key.upper(), more) for item, more in items]
    if user.may_act:
        said.append((_("New ticket"), reverse("desk:new"), "C", ""))
    named = [one for one in said if all(word in one[0].lower() for word in words)]
    meant = [
        one
        for one in said
        if one not in named and all(word in f"{one[0]} {one[3]}".lower() for word in words)
    ]
    found = [*named, *meant]  # those of that name first, then those that are called so elsewhere
    return [
        Way(name, _("page") + (f" · {key}" if key else ""), url) for name, url, key, _more in found[:EACH]
    ]


def _customers(asked: str) -> list[Way]:
    named = Q(code__istartswith=asked) | Q(name__istartswith=asked) | Q(name__icontains=f" {asked}")
    rows = Customer.objects.filter(named).order_by("name").values_list("code", "name")[:EACH]
    return [
        Way(name, _("customer") + f" {code}", reverse("desk:customer", args=[code])) for code, name in rows
    ]


def _contracts(asked: str) -> list[Way]:
    rows = Contract.objects.filter(number__istartswith=asked).order_by("number", "-version", "part")
    newest: dict[str, Way] = {}
    for number, pk, customer in rows.values_list("number", "pk", "customer__name")[: EACH * 6]:
        says, url = _("contract of %(name)s") % {"name": customer}, reverse("desk:contract", args=[pk])
        newest.setdefault(number, Way(number, says, url))
    return list(newest.values())[:EACH]
