"""What is done to an article: read, published, sent back, brought back, opened to others, covered, withdrawn (I3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from mainstay.accounts.actor import Actor
from mainstay.accounts.models import User
from mainstay.customers.models import Product
from mainstay.desk.articles import show, to
from mainstay.desk.typed import Typed, said
from mainstay.errors import Refused
from mainstay.knowledge import access, articles, pictures
from mainstay.knowledge.articles import Covers
from mainstay.knowledge.models import Article, Version
from mainstay.ui.doors import StaffRequest, View, staff_page

Do = Callable[[Article, Typed, Actor, datetime], str]
DoVersion = Callable[[Version, Typed, Actor, datetime], str]


def act(form: str, do: Do) -> View:
    """A page that does one thing to an article; refused, the article's page says why beside its form."""

    @require_POST
    @staff_page()
    def done(request: StaffRequest, number: int) -> HttpResponse:
        found = access.article(number)
        try:
            words = do(found, Typed(request), Actor.staff(request.user), timezone.now())
        except Refused as error:
            return show(request, found, form, said(error))
        messages.success(request, words)
        return to(found)

    return done


def act_on_version(do: DoVersion) -> View:
    """The same for one version of it."""

    @require_POST
    @staff_page()
    def done(request: StaffRequest, number: int, version: int) -> HttpResponse:
        found = access.article(number)
        one = found.versions.select_related("article").filter(pk=version).first()
        if one is None:
            raise Http404
        try:
            messages.success(request, do(one, Typed(request), Actor.staff(request.user), timezone.now()))
        except Refused as error:
            return show(request, found, f"draft-{one.pk}", said(error))
        still = Article.objects.filter(pk=found.pk).exists()
        return to(found) if still else HttpResponseRedirect(reverse("desk:articles"), status=303)

    return done


# ---- of one version


def _submission(one: Version, typed: Typed, by: Actor, at: datetime) -> str:
    articles.submit(one, by=by, at=at)
    return _("It waits for somebody else to read it.")


def _publication(one: Version, typed: Typed, by: Actor, at: datetime) -> str:
    held = articles.publish(one, by=by, at=at, remark=typed.text("remark"))
    if held.alone:
        return _("Published, without a second reader: nobody else works here. The version says so.")
    return _("Published: this is what readers find from now on.")


def _return(one: Version, typed: Typed, by: Actor, at: datetime) -> str:
    articles.send_back(one, reason=typed.text("remark"), by=by, at=at)
    return _("Sent back to its author with your reason.")


def _removal(one: Version, typed: Typed, by: Actor, at: datetime) -> str:
    articles.discard(one)
    return _("The draft is gone.")


def _restoration(one: Version, typed: Typed, by: Actor, at: datetime) -> str:
    made = articles.roll_back(one, reason=typed.text("reason"), by=by, at=at)
    return _("As version %(old)s it is version %(new)s now; somebody else reads it before readers find it.") % {
        "old": one.number, "new": made.number,
    }  # fmt: skip


submission, publication = act_on_version(_submission), act_on_version(_publication)
return_, removal = act_on_version(_return), act_on_version(_removal)
restoration = act_on_version(_restoration)


# ---- of the article


def _audience(found: Article, typed: Typed, by: Actor, at: datetime) -> str:
    held = articles.open_to(found, typed.text("audience"), reason=typed.text("reason"), by=by, at=at)
    return _("It is for %(audience)s now.") % {"audience": held.get_audience_display()}


def _coverage(found: Article, typed: Typed, by: Actor, at: datetime) -> str:
    rows = [
        Covers(one, typed.text(f"first-{one.code}"), typed.text(f"last-{one.code}"))
        for one in Product.objects.all()
        if typed.flag(f"p-{one.code}")
    ]
    articles.cover(found, rows, by=by, at=at)
    return _("What it covers is kept.")


def _care(found: Article, typed: Typed, by: Actor, at: datetime) -> str:
    number = typed.number("owner", "one of the list")
    owner = User.objects.filter(pk=number).first()
    articles.look_after(found, owner=owner, review_by=typed.day("review_by"), by=by, at=at)
    return _("Who keeps it true is written down.")


def _withdrawal(found: Article, typed: Typed, by: Actor, at: datetime) -> str:
    articles.withdraw(found, reason=typed.text("reason"), by=by, at=at)
    return _("Withdrawn: no reader finds it any more.")


def _return_of_article(found: Article, typed: Typed, by: Actor, at: datetime) -> str:
    articles.put_back(found, by=by, at=at)
    return _("It is found again.")


def _pictures(found: Article, typed: Typed, by: Actor, at: datetime) -> str:
    given = typed.files()
    if not given:
        raise Refused("files", "are missing; choose a picture")
    made = [pictures.attach(found, one, by=by, at=at) for one in given]
    said = ", ".join(f"![{one.name}](picture:{one.pk})" for one in made)
    return _("Attached. Where it is to be shown, write: %(said)s") % {"said": said}


audience, coverage = act("audience", _audience), act("coverage", _coverage)
care, withdrawal = act("care", _care), act("withdrawal", _withdrawal)
putting_back, add_pictures = act("withdrawal", _return_of_article), act("pictures", _pictures)
