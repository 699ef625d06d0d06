"""Articles for readers: found and read by anybody who may, in their language; what helped is recorded (I3).

Public articles need no account and keep their address. A GET records nothing; that an article was opened is said by a
script of the page, or by the answer to its question.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.http import require_POST, require_safe

from mainstay.accounts.models import User
from mainstay.customers.models import Contact, Environment, Product
from mainstay.errors import Refused
from mainstay.knowledge import access, languages, looks, markdown, search, suggest
from mainstay.knowledge.models import Coverage, Entry, Look, Shown
from mainstay.notices import links
from mainstay.portal import frame
from mainstay.tickets.models import State, Ticket
from mainstay.tickets.scope import seeing
from mainstay.ui import downloads
from mainstay.ui.doors import anybody_page, contact_page
from mainstay.ui.shapes import NavGroup, NavItem

MOST = 100


@require_safe
@anybody_page
def index(request: HttpRequest) -> HttpResponse:
    """What there is to read, by product, or what a search finds."""
    now, q = timezone.now(), request.GET.get("q", "").replace("\x00", "").strip()[:300]
    audiences, wanted = _audiences(request, now), wanted_languages(request)
    context = {
        "q": q,
        "hits": search.find(search.Question(q, audiences, languages=wanted), most=30) if q else [],
        "groups": [] if q else _groups(audiences, wanted),
        "now": now,
    }
    return _page(request, "portal/articles.html", context)


def _groups(audiences: access.Audiences, wanted: Iterable[str]) -> list[tuple[str, list[Entry]]]:
    """Everything that may be read, each article once in the reader's language, under its products."""
    found: dict[int, dict[str, Entry]] = {}
    for one in (
        access.entries(audiences).defer(*access.VECTORS, "version__body").order_by("-article_id")[: MOST * 5]
    ):
        found.setdefault(one.article_id, {})[one.language] = one
    groups: dict[str, list[Entry]] = {
        name: [] for name in Product.objects.order_by("name").values_list("name", flat=True)
    }
    groups[""] = []
    about: dict[int, list[str]] = {}
    for cover in Coverage.objects.filter(article__in=found).select_related("product"):
        about.setdefault(cover.article_id, []).append(cover.product.name)
    for number, in_languages in found.items():
        for name in about.get(number, [""]):
            groups[name].append(access.in_language(in_languages, wanted))
    return [(name, entries[:MOST]) for name, entries in groups.items() if entries]


@require_safe
@anybody_page
def article(request: HttpRequest, number: int) -> HttpResponse:
    """One article in the reader's language, else in its own, with its question at the end."""
    now = timezone.now()
    entry = access.entry(number, _audiences(request, now), wanted_languages(request))
    look = _known_look(request, now)
    shown = Shown.objects.filter(look=look, article=number).first() if look else None
    context = {
        **reading(entry),
        "look": request.GET.get("look", "") if look and look.place == Look.Place.FORM else "",
        "from_form": look is not None and look.place == Look.Place.FORM,
        "shown": shown,
        "asks_opening": bool(_contacts(request)) and (shown is None or shown.opened_at is None),
        "now": now,
    }
    response = _page(request, "portal/article.html", context)
    response.headers["Vary"] = "Accept-Language, Cookie"
    return response


def reading(entry: Entry) -> dict[str, Any]:
    """What a page needs to show an article."""
    others = access.entries((entry.audience,)).filter(article=entry.article_id)  # type: ignore[arg-type]
    return {
        "entry": entry,
        "version": entry.version,
        "html": as_html(entry),
        "covers": list(entry.article.coverage.select_related("product")),
        "others": [(one.language, languages.name(one.language)) for one in others if one.pk != entry.pk],
    }


def as_html(entry: Entry) -> SafeString:
    """An article's words; `markdown` cleans them."""
    pictures = reverse("article", args=[entry.article_id]) + "/pictures/"
    return mark_safe(markdown.as_html(entry.version.body, pictures))  # noqa: S308 - through the allow-list


@require_safe
@anybody_page
def picture(request: HttpRequest, number: int, picture: int) -> HttpResponseBase:
    """A picture that a published article shows."""
    found = access.picture(number, picture, _audiences(request, timezone.now()))
    return downloads.shown(found.sha256, found.content_type)


# ---- what came of it


@require_POST
@contact_page
def opening(request: HttpRequest, number: int) -> HttpResponse:
    """Somebody has it before them."""
    now = timezone.now()
    entry = access.entry(number, _audiences(request, now), wanted_languages(request))
    looks.opened(_look(request, entry, now), entry, at=now)
    return redirect("article", number=number)


@require_POST
@anybody_page
def answer(request: HttpRequest, number: int) -> HttpResponse:
    """Whether it answered the question, and why not."""
    now, typed = timezone.now(), frame.typed(request)
    entry = access.entry(number, _audiences(request, now), wanted_languages(request))
    given = typed.get("answer", "")
    if given not in {"yes", "no"}:
        raise Refused("answer", "is missing; say yes or no")
    helped, why = given == "yes", typed.get("why", "")
    if _contacts(request):
        looks.answer(_look(request, entry, now), entry, helped=helped, at=now, why=why)
    else:
        with seeing(None):
            looks.answer_openly(entry, helped=helped, at=now, why=why)
    messages.success(request, _("Thank you. It shows us which articles help, and which to mend."))
    key = typed.get("look", "")
    return redirect(reverse("article", args=[number]) + (f"?look={key}" if looks.is_key(key) else ""))


def _look(request: HttpRequest, entry: Entry, at: datetime) -> Look:
    """The occasion: the form that it was shown at, else this day in the portal's articles."""
    known = _known_look(request, at)
    if known is not None:
        return known
    contact = _contacts(request)[0]
    return looks.show(looks.key_of_day(contact, at), Look.Place.PORTAL, [entry], at=at, contact=contact)


def _known_look(request: HttpRequest, at: datetime) -> Look | None:
    """Theirs only: the key of a form is of whoever had the form."""
    contacts = _contacts(request)
    if not contacts:
        return None
    given = request.POST.get("look") or request.GET.get("look", "")
    keys = [looks.at_form(given, one) for one in contacts if looks.is_key(given)]
    keys = keys or [looks.key_of_day(contacts[0], at)]
    return Look.objects.filter(key__in=keys, customer__in=[one.customer_id for one in contacts]).first()


# ---- while a request is written


@require_POST
@contact_page
def suggestions(request: HttpRequest) -> HttpResponse:
    """What may answer what is being typed; the part of the form alone."""
    return render(request, "portal/suggestions.html", suggested(request, frame.typed(request)))


def suggested(request: HttpRequest, given: dict[str, str]) -> dict[str, Any]:
    """What the form shows, and that it was shown."""
    now, contacts = timezone.now(), _contacts(request)
    contact = next((one for one in contacts if one.customer.code == given.get("customer")), contacts[0])
    product = _product(contact, given.get("environment", ""))
    question = search.Question(
        given.get("description", "")[:4000], _audiences(request, now), title=given.get("subject", "")[:300],
        languages=wanted_languages(request), product=product, version=given.get("product_version", ""),
    )  # fmt: skip
    hits, key = suggest.while_typing(question), given.get("look", "")
    if hits and looks.is_key(key):
        entries = [hit.entry for hit in hits]
        place = Look.Place.FORM
        looks.show(looks.at_form(key, contact), place, entries, at=now, contact=contact, product=product)
    return {"answers": hits, "look": key if looks.is_key(key) else "", "looked": True}


def _product(contact: Contact, environment: str) -> int | None:
    if not environment:
        return None
    found = Environment.objects.filter(customer=contact.customer_id, name=environment)
    return found.values_list("product", flat=True).first()


# ---- the link of an acknowledgement


def from_mail(
    request: HttpRequest, link: links.Link, ticket: Ticket, contact: Contact | None, solve: Any
) -> HttpResponse:
    """The article with one button, "this solved it"; GET records nothing. `solve` closes the request as theirs.

    Whether they may still read it is asked now, not when the mail was written.
    """
    now = timezone.now()
    audiences = access.of_customer(ticket.customer, now)
    try:
        entry = access.entry(link.article, audiences, _languages_of(contact, ticket))
    except Http404:
        return render(
            request,
            "portal/link_dead.html",
            {"message": "leads to an article that is there no more"},
            status=410,
        )
    context = {
        **reading(entry),
        "ticket": ticket,
        "refused": None,
        "now": now,
        "closed": ticket.state == State.CLOSED,
    }
    if request.method != "POST":
        return render(request, "portal/article_link.html", context)
    helped, why = request.POST.get("answer") != "no", frame.typed(request).get("why", "")
    try:
        if helped and ticket.state != State.CLOSED:
            solve(
                _("Article %(number)s, “%(title)s”, solved it.")
                % {"number": link.article, "title": entry.version.title}
            )
        _record_mail(link, entry, ticket, helped, why, now)
    except Refused as refused:
        return render(request, "portal/article_link.html", {**context, "refused": refused}, status=422)
    done = (
        _("Thank you. The request is closed: the article solved it.")
        if helped
        else _("Noted. We go on with your request.")
    )
    messages.success(request, done)
    return render(request, "portal/link_done.html", {"ticket": ticket, "done": done})


def _record_mail(
    link: links.Link, entry: Entry, ticket: Ticket, helped: bool, why: str, at: datetime
) -> None:
    look = Look.objects.filter(key=looks.key_of_ticket(ticket.pk)).first()
    if look is not None:
        looks.answer(look, entry, helped=helped, at=at, why=why)


def _languages_of(contact: Contact | None, ticket: Ticket) -> list[str]:
    own = contact.user.language if contact is not None and contact.user is not None else ""
    return [one for one in (own, ticket.customer.language if ticket.customer else "") if one]


# ---- what all share


def _contacts(request: HttpRequest) -> list[Contact]:
    return list(getattr(request, "contacts", ()))


def _audiences(request: HttpRequest, at: datetime) -> access.Audiences:
    """Staff read these pages as an entitled customer does."""
    user = request.user
    if isinstance(user, User) and user.is_staff_member:
        return access.CUSTOMERS
    return access.of_contacts(_contacts(request), at)


def wanted_languages(request: HttpRequest) -> tuple[str, ...]:
    """What somebody reads: as they chose on the page, as they are known, as their browser says."""
    chosen = request.GET.get("language", request.POST.get("language", ""))[:8]
    known = [request.user.language] if isinstance(request.user, User) else []
    known += [one.customer.language for one in _contacts(request)]
    asked = [code for code, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", ""))]
    return tuple(dict.fromkeys(one for one in (chosen, *known, *asked[:5]) if one))


def _page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    if _contacts(request):
        return frame.page(request, template, context, here="articles")
    lines = ((_("Articles"), "portal_articles"), (_("Sign in"), "sign_in"))
    nav = NavGroup(items=tuple(NavItem(label=label, url=reverse(name)) for label, name in lines))
    return render(request, template, {"nav": [nav], "home_url": reverse("portal_articles"), **context})
