"""Articles in the desk: found, read, written with a preview, read by somebody else, compared, brought back (I3)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mainstay.accounts.actor import Actor
from mainstay.catalogue.publish import current_desk_policy
from mainstay.customers.models import Product
from mainstay.desk import frame
from mainstay.desk.tasks import owners
from mainstay.desk.typed import Typed, said
from mainstay.errors import Refused
from mainstay.knowledge import access, articles, history, languages, lists, looks, markdown, search, synonyms
from mainstay.knowledge.articles import Words
from mainstay.knowledge.models import Article, Audience, Picture, Version
from mainstay.ui import downloads, ids
from mainstay.ui.doors import StaffRequest, staff_page

MOST = 200
VIEWS = ("all", "drafts", "review", "stale", "internal", "withdrawn")


@require_safe
@staff_page()
def index(request: StaffRequest) -> HttpResponse:
    """Every article, or those that a search finds; what waits for a reader has its own view."""
    now, q = timezone.now(), request.GET.get("q", "").replace("\x00", "").strip()[:300]
    view = request.GET.get("view", "all")
    view = view if view in VIEWS else "all"
    context = {
        "page_title": _("Articles"),
        "view": view,
        "q": q,
        "hits": _found(request, q) if q else [],
        "listed": [] if q else _listed(view, now),
        "waiting": Version.objects.filter(state=Version.State.REVIEW).count(),
        "now": now,
    }
    return frame.page(request, "desk/articles.html", context, here="articles")


def _listed(view: str, now: datetime) -> list[lists.Listed]:
    found = lists.of_view(view)[: MOST * 5 if view == "stale" else MOST]
    rows = lists.listed(found, now.date(), current_desk_policy().document)
    return [row for row in rows if row.stale][:MOST] if view == "stale" else rows


def _found(request: StaffRequest, q: str) -> list[search.Hit]:
    return search.find(search.Question(q, access.EVERYTHING, languages=(request.user.language,)), most=50)


# ---- one article


@require_safe
@staff_page()
def article(request: StaffRequest, number: int) -> HttpResponse:
    """What is published, what is being written, whom it is for, and what readers said."""
    return show(request, access.article(number))


def show(request: StaffRequest, found: Article, form: str = "", refused: str = "") -> HttpResponse:
    """`form` is the one that was refused: its fields keep what was typed."""
    now = timezone.now()
    versions = list(found.versions.select_related("author", "reviewer"))
    live = [_shown(found, one) for one in versions if one.state == Version.State.PUBLISHED]
    drafts = [_shown(found, one, request) for one in versions if one.open]
    covers = list(found.coverage.select_related("product"))
    ended = lists.Ended(now.date(), current_desk_policy().document)
    context = {
        "page_title": title(found, versions),
        "title": title(found, versions),
        "one": found,
        "live": sorted(live, key=lambda row: row["one"].language != found.language),
        "drafts": drafts,
        "covers": covers,
        "stale": lists.stale(found, covers, ended),
        "audiences": Audience.choices,
        "products": coverage_rows(covers, request.POST if form == "coverage" else None),
        "owners": owners(),
        "pictures": list(found.pictures.all()),
        "feedback": looks.feedback(found),
        "merits": list(found.merits.select_related("product").order_by("product__name")),
        "older": [one for one in versions if not one.open],
        "typed": request.POST if refused else {},
        "form": form,
        "refused": refused,
        "now": now,
        "public_url": request.build_absolute_uri(reverse("article", args=[found.pk])),
    }
    return frame.page(request, "desk/article.html", context, here="articles", status=422 if refused else 200)


def title(found: Article, versions: list[Version]) -> str:
    """What it is called in its own language, the newest words first."""
    mine = [one for one in versions if one.language == found.language] or versions
    return mine[0].title if mine else str(found)


def _shown(found: Article, one: Version, request: StaffRequest | None = None) -> dict[str, Any]:
    return {
        "one": one,
        "language": languages.name(one.language),
        "html": as_html(found, one.body),
        "may_publish": request is not None and articles.may_publish(one, request.user),
        "form": f"draft-{one.pk}",
    }


def as_html(found: Article | None, body: str) -> SafeString:
    """An article's words for a page of the desk; `markdown` cleans them."""
    pictures = reverse("desk:article", args=[found.pk]) + "/pictures/" if found else ""
    return mark_safe(markdown.as_html(body, pictures))  # noqa: S308 - through the allow-list


def coverage_rows(covers: list[Any], typed: Any) -> list[dict[str, Any]]:
    """Each product with its releases and what is covered of it, as the form has it."""
    held = {one.product_id: one for one in covers}
    rows = []
    for product in Product.objects.prefetch_related("releases").order_by("name"):
        one = held.get(product.pk)
        rows.append(
            {
                "product": product,
                "releases": [(one.version, one.version) for one in product.releases.order_by("released_on")],
                "on": f"p-{product.code}" in typed if typed is not None else one is not None,
                "first": typed.get(f"first-{product.code}", "") if typed is not None else one.first if one else "",
                "last": typed.get(f"last-{product.code}", "") if typed is not None else one.last if one else "",
            }
        )  # fmt: skip
    return rows


@require_safe
@staff_page()
def version(request: StaffRequest, number: int, version: int) -> HttpResponse:
    """One version: what it changed, who wrote it, who read it, and why."""
    found = access.article(number)
    one = found.versions.filter(pk=version).first()
    if one is None:
        raise Http404
    old = history.before(one)
    context = {
        "page_title": f"{one.title}, {_('version')} {one.number}",
        "article": found,
        "one": one,
        "language": languages.name(one.language),
        "old": old,
        "lines": history.differences(old, one) if old else [],
        "html": as_html(found, one.body),
        "now": timezone.now(),
        "form": "",
    }
    return frame.page(request, "desk/article_version.html", context, here="articles")


@require_safe
@staff_page()
def picture(request: StaffRequest, number: int, picture: int) -> HttpResponseBase:
    """A picture of an article, also one that only a draft shows."""
    found = Picture.objects.filter(article=number, pk=picture).first()
    if found is None:
        raise Http404
    return downloads.shown(found.sha256, found.content_type)


# ---- writing


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def new(request: StaffRequest) -> HttpResponse:
    """A new article; its first draft."""
    if request.method != "POST":
        return editor(request, None, None, {"language": request.user.language or "en", "audience": "public"})
    typed = Typed(request)
    try:
        made = articles.begin(
            words_of(typed), language=typed.text("language"), audience=typed.text("audience"),
            by=Actor.staff(request.user), at=timezone.now(),
        )  # fmt: skip
    except Refused as error:
        return editor(request, None, None, request.POST, said(error))
    messages.success(request, _("The draft is kept. Have it read when it is ready."))
    return to(made.article)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def write(request: StaffRequest, number: int) -> HttpResponse:
    """The draft in one language: what is there, else what is published, else empty; a POST keeps it."""
    found, typed = access.article(number), Typed(request)
    if request.method != "POST":
        return editor(request, found, *_begins(found, request.GET.get("language", found.language)))
    try:
        made = articles.write(
            found, words_of(typed), language=typed.text("language"), by=Actor.staff(request.user),
            at=timezone.now(), seen=_seen(typed),
        )  # fmt: skip
    except Refused as error:
        return editor(request, found, None, request.POST, said(error))
    messages.success(request, _("The draft is kept."))
    if typed.flag("submit"):
        articles.submit(made, by=Actor.staff(request.user), at=timezone.now())
        messages.success(request, _("It waits for somebody else to read it."))
    return to(found)


def _seen(typed: Typed) -> datetime | None:
    try:
        return datetime.fromisoformat(typed.text("seen")) if typed.text("seen") else None
    except ValueError:
        raise Refused("seen", "is not what the form held; open the draft again") from None


def _begins(found: Article, language: str) -> tuple[Version | None, dict[str, str]]:
    """What the form of a language begins with."""
    known = {one.state: one for one in found.versions.filter(language=language)}
    draft = known.get(Version.State.REVIEW) or known.get(Version.State.DRAFT)
    from_ = draft or known.get(Version.State.PUBLISHED)
    if from_ is None:
        return None, {"language": language}
    fields = {"language": language, "title": from_.title, "summary": from_.summary, "body": from_.body}
    return draft, {**fields, "reason": draft.reason if draft else "",
                   "seen": draft.written_at.isoformat() if draft else ""}  # fmt: skip


def words_of(typed: Typed) -> Words:
    """An article as it was typed."""
    return Words(typed.text("title"), typed.raw("body"), typed.text("summary"), typed.text("reason"))


def editor(
    request: StaffRequest, found: Article | None, draft: Version | None, values: Any, refused: str = ""
) -> HttpResponse:
    """The form with its preview; the preview is made anew while one types."""
    names = [(code, name) for code, name in languages.NAMES.items()]
    language = values.get("language", "")
    if language and language not in languages.NAMES:
        names.append((language, language))
    context = {
        "page_title": _("Write an article"),
        "one": found,
        "draft": draft,
        "v": values,
        "languages": names,
        "audiences": Audience.choices,
        "pictures": list(found.pictures.all()) if found else [],
        "html": as_html(found, str(values.get("body", ""))),
        "refused": refused,
        "now": timezone.now(),
    }
    return frame.page(
        request, "desk/article_write.html", context, here="articles", status=422 if refused else 200
    )


@require_POST
@staff_page()
def preview(request: StaffRequest) -> HttpResponse:
    """What is being written as readers will see it; keeps nothing."""
    typed = Typed(request)
    number = ids.read(typed.text("article"))
    found = access.article(number) if number is not None else None
    return render(request, "desk/article_preview.html", {"html": as_html(found, typed.raw("body"))})


# ---- words that mean the same


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def synonym_list(request: StaffRequest) -> HttpResponse:
    """The vendor's own list, a group on each line."""
    refused, text = "", synonyms.as_text()
    if request.method == "POST":
        text = Typed(request).raw("synonyms")
        try:
            count = synonyms.replace(text, by=Actor.staff(request.user), at=timezone.now())
            messages.success(request, _("The list is kept, %(count)s groups.") % {"count": count})
            return HttpResponseRedirect(reverse("desk:synonyms"), status=303)
        except Refused as error:
            refused = said(error)
    context = {"page_title": _("Synonyms"), "text": text, "refused": refused, "now": timezone.now(),
               "typos": search.catches_typos()}  # fmt: skip
    return frame.page(request, "desk/synonyms.html", context, here="articles", status=422 if refused else 200)


def to(found: Article) -> HttpResponse:
    """Back to the article's page."""
    return HttpResponseRedirect(reverse("desk:article", args=[found.pk]), status=303)
