"""Articles from within a ticket: found for the answer being written, and written from what was solved (I3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from mainstay.accounts.actor import Actor
from mainstay.desk import frame
from mainstay.desk.articles import to
from mainstay.desk.typed import Typed, said
from mainstay.errors import Refused
from mainstay.knowledge import access as knowledge
from mainstay.knowledge import articles, languages, markdown, search, suggest
from mainstay.knowledge.articles import Covers, Words
from mainstay.knowledge.models import Audience
from mainstay.tickets import access
from mainstay.tickets.models import Message, Ticket
from mainstay.ui.doors import StaffRequest, staff_page

MOST = 4
LONGEST = 4_000  # characters of an article that are put into an answer


@dataclass(frozen=True)
class Found:
    """An article for an answer: its link and words as whoever gets the answer may have them; else why not."""

    hit: search.Hit
    link: str
    text: str
    why_not: str = ""


@require_POST
@staff_page()
def find(request: StaffRequest, number: int) -> HttpResponse:
    """What may answer the ticket, or what the words in the field find; keeps nothing."""
    ticket, typed = access.for_staff(request.user, number), Typed(request)
    q = typed.text("find")[:300]
    return render(request, "desk/article_found.html", {"found": found(ticket, q), "q": q})


def found(ticket: Ticket, q: str) -> list[Found]:
    """Everything staff may read; what the ticket's people may not is shown, and cannot be inserted."""
    theirs = knowledge.of_customer(ticket.customer, timezone.now())
    wanted = (ticket.language, ticket.customer.language if ticket.customer else "", "en")
    environment = ticket.environment
    question = search.Question(
        q or _words(ticket), knowledge.EVERYTHING, title=q or ticket.subject,
        languages=tuple(one for one in wanted if one),
        product=environment.product_id if environment else None, version=_version(ticket),
    )  # fmt: skip
    hits = search.find(question, most=MOST) if q else suggest.while_typing(question, most=MOST)
    return [_offered(hit, theirs) for hit in hits]


def _offered(hit: search.Hit, theirs: knowledge.Audiences) -> Found:
    if hit.entry.audience not in theirs:
        why = {
            Audience.INTERNAL: _("for our own people only"),
            Audience.SUBSCRIBERS: _("for customers with support, which they have none of now"),
        }[Audience(hit.entry.audience)]
        return Found(hit, "", "", why)
    body = hit.entry.version.body
    link = f"{hit.title}\n{settings.BASE_URL}{reverse('article', args=[hit.number])}\n"
    words = "\n".join(" ".join(line.split()) for line in markdown.as_words(body).splitlines())
    return Found(hit, link, f"{hit.title}\n\n{words.strip()[:LONGEST]}\n")


def _words(ticket: Ticket) -> str:
    first = Message.objects.filter(ticket=ticket, kind=Message.Kind.IN).order_by("at", "pk")
    return first.values_list("text", flat=True).first() or ""


def _version(ticket: Ticket) -> str:
    said_ = ticket.facts.get("product_version")
    if isinstance(said_, dict) and said_.get("value"):
        return str(said_["value"])[:200]
    release = ticket.environment.release if ticket.environment else None
    return release.version if release else ""


# ---- an article from a ticket


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def from_ticket(request: StaffRequest, number: int) -> HttpResponse:
    """Which pieces of the ticket the draft begins with: each is chosen. Notes are not among them."""
    ticket = access.for_staff(request.user, number)
    given = pieces(ticket)
    if request.method != "POST":
        return _choose(request, ticket, given)
    typed = Typed(request)
    taken = [piece for piece in given if piece["name"] in typed.many("piece")]
    try:
        body = "\n\n".join(f"## {piece['heading']}\n\n{piece['text']}" for piece in taken)
        draft = articles.begin(
            Words(typed.text("title"), body or _("To be written.")), language=typed.text("language"),
            by=Actor.staff(request.user), at=timezone.now(), ticket=ticket.pk,
        )  # fmt: skip
    except Refused as error:
        return _choose(request, ticket, given, said(error))
    product = ticket.environment.product if ticket.environment else None
    if product is not None:
        articles.cover(draft.article, [Covers(product)], by=Actor.staff(request.user), at=timezone.now())
    messages.success(request, _("A draft for our own people only. Take out names, then say whom it is for."))
    return to(draft.article)


def pieces(ticket: Ticket) -> list[dict[str, str]]:
    """What was said to or by the customer, and what was recorded as the cause; never a note."""
    cause = ticket.root_cause
    listed = [
        ("cause", _("Cause"), str(cause.get("text", ""))),
        ("fix", _("What helps"), str(cause.get("fix", ""))),
    ]
    talk = access.conversation(ticket, inside=False)
    asked = talk.filter(kind=Message.Kind.IN).order_by("at", "pk").first()
    if asked is not None:
        listed.insert(0, ("asked", _("What happens"), asked.text))
    for message in talk.filter(kind=Message.Kind.OUT).order_by("-at", "-pk")[:5]:
        listed.append((f"said-{message.pk}", _("What to do"), message.text))
    return [
        {"name": name, "heading": heading, "text": text.strip()[:LONGEST]}
        for name, heading, text in listed
        if text.strip()
    ]


def _choose(
    request: StaffRequest, ticket: Ticket, given: list[dict[str, str]], refused: str = ""
) -> HttpResponse:
    posted: Any = request.POST if refused else None
    context = {
        "page_title": _("Write an article from this ticket"),
        "ticket": ticket,
        "pieces": given,
        "taken": posted.getlist("piece") if posted is not None else [],
        "title": posted.get("title", "") if posted is not None else ticket.subject,
        "language": posted.get("language", "") if posted is not None else ticket.language or "en",
        "languages": list(languages.NAMES.items()),
        "refused": refused,
        "now": timezone.now(),
    }
    return frame.page(
        request, "desk/article_from_ticket.html", context, here="articles", status=422 if refused else 200
    )
