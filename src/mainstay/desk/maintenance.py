"""Publications: written, looked at with all whom they concern, sent, and who has read them (P7)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mainstay.accounts.actor import Actor
from mainstay.accounts.models import Role
from mainstay.catalogue.publish import current_desk_policy
from mainstay.customers import lifecycle, versions
from mainstay.customers.models import Customer, Environment, Product, Release
from mainstay.desk import frame
from mainstay.desk.tasks import owners, work_of
from mainstay.desk.typed import Typed, said
from mainstay.errors import Refused
from mainstay.maintenance import concerned, publish, tasks, telling
from mainstay.maintenance.models import Notice, Publication, Reading
from mainstay.notices.letter import as_text
from mainstay.ui.doors import StaffRequest, staff_page

PUBLISH = (Role.MANAGER, Role.TAM)
MOST = 200


@require_safe
@staff_page()
def publications(request: StaffRequest) -> HttpResponse:
    """Every publication, the newest first, with how many have read it."""
    found = list(Publication.objects.select_related("product", "release").prefetch_related("texts")[:MOST])
    counts = publish.counts(found)
    context = {
        "page_title": "Maintenance",
        "listed": [(one, title(one), *counts[one.pk]) for one in found],
        "now": timezone.now(),
    }
    return frame.page(request, "desk/maintenance.html", context, here="maintenance")


def title(publication: Publication) -> str:
    """What it is called in the language everybody else gets; what it is about while nothing is written."""
    texts = list(publication.texts.all())
    if texts:
        return publish.words_for(texts, publication.language, publication.language).title
    about = publication.release or publication.product.name
    return f"{publication.get_kind_display().capitalize()} of {about}, without words so far"


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def new(request: StaffRequest) -> HttpResponse:
    """A new publication: first what it is about, then its words."""
    if request.method != "POST":
        return _form(request, request.GET, "")
    try:
        made = publish.write(_about(Typed(request)), by=Actor.staff(request.user), at=timezone.now())
    except Refused as error:
        return _form(request, request.POST, said(error))
    messages.success(request, "Drafted. Now write its words, in as many languages as you have.")
    return _to(made)


def _form(request: StaffRequest, values: Any, refused: str) -> HttpResponse:
    context = {"page_title": "Write a publication", "v": values, "refused": refused, **_choices()}
    return frame.page(
        request, "desk/publication_new.html", context, here="maintenance", status=422 if refused else 200
    )


def _choices() -> dict[str, Any]:
    releases = Release.objects.select_related("product").order_by("product__name", "-released_on")
    return {
        "kinds": Publication.Kind.choices,
        "severities": Publication.Severity.choices,
        "products": list(Product.objects.order_by("name").values_list("code", "name")),
        "releases": [(str(one.pk), str(one)) for one in releases],
    }


def _about(typed: Typed) -> publish.Said:
    return publish.Said(
        kind=typed.text("kind"), product=Product.objects.filter(code=typed.text("product")).first(),
        release=_release(typed), reference=typed.text("reference"), severity=typed.text("severity"),
        affected=typed.raw("affected"), fixed_in=typed.raw("fixed_in"), language=typed.text("language") or "en",
    )  # fmt: skip


def _release(typed: Typed) -> Release | None:
    if not typed.text("release"):
        return None
    number = typed.number("release", "one of the list")
    found = Release.objects.select_related("product").filter(pk=number).first()
    if found is None:
        raise Refused("release", "is not one of the list")
    return found


# ---- one publication


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def publication(request: StaffRequest, number: int) -> HttpResponse:
    """One publication with all whom it concerns; a POST changes what a draft is about."""
    found = _found(number)
    if request.method != "POST":
        return _show(request, found)
    try:
        publish.write(
            _about(Typed(request)), publication=found, by=Actor.staff(request.user), at=timezone.now()
        )
    except Refused as error:
        return _show(request, found, "about", said(error))
    messages.success(request, "What it is about is kept.")
    return _to(found)


@require_POST
@staff_page()
def texts(request: StaffRequest, number: int) -> HttpResponse:
    """The words in one language."""
    found, typed = _found(number), Typed(request)
    try:
        made = publish.set_text(
            found, language=typed.text("language"), title=typed.text("title"), text=typed.raw("text")
        )
    except Refused as error:
        return _show(request, found, f"text-{typed.text('was')}", said(error))
    messages.success(request, f"The words in {made.language} are kept." if made else "The words are gone.")
    return _to(found)


@require_POST
@staff_page(*PUBLISH)
def sending(request: StaffRequest, number: int) -> HttpResponse:
    """Send it to everybody whom it concerns."""
    found = _found(number)
    try:
        held = publish.send(found, by=Actor.staff(request.user), at=timezone.now())
    except Refused as error:
        return _show(request, found, "sending", said(error))
    messages.success(
        request,
        f"On its way to the people of {_many(held.expected, 'system')}; this page shows how far it is.",
    )
    return _to(found)


@require_POST
@staff_page(*PUBLISH)
def letters(request: StaffRequest, number: int) -> HttpResponse:
    """Make the letters that could not be made once more."""
    found = _found(number)
    again = telling.write_again(found, timezone.now())
    if not again:
        return _show(request, found, "letters", _("No letter waits: all of them are written."))
    messages.success(
        request,
        ngettext("%(n)s letter is made again.", "%(n)s letters are made again.", again) % {"n": again},
    )
    return _to(found)


@require_POST
@staff_page()
def removal(request: StaffRequest, number: int) -> HttpResponse:
    """Throw a draft away."""
    found = _found(number)
    try:
        publish.discard(found)
    except Refused as error:
        return _show(request, found, "about", said(error))
    messages.success(request, "The draft is gone.")
    return HttpResponseRedirect(reverse("desk:maintenance"), status=303)


@require_POST
@staff_page(*PUBLISH)
def advice(request: StaffRequest, number: int) -> HttpResponse:
    """Advise all whom it concerns to upgrade: a task for each system, told to its customer."""
    found, typed = _found(number), Typed(request)
    try:
        release = _release(typed)
        if release is None or release.product_id != found.product_id:
            raise Refused("release", "is not chosen; say which one to upgrade to")
        made = tasks.advise(
            list(concerned.environments(found)[: MOST * 5]), work_of(typed), release=release, publication=found,
            by=Actor.staff(request.user), at=timezone.now(),
        )  # fmt: skip
    except Refused as error:
        return _show(request, found, "advice", said(error))
    messages.success(request, f"Advised to take {release}: {_many(len(made), 'system')}, each a task.")
    return _to(found)


def _found(number: int) -> Publication:
    found = Publication.objects.select_related("product", "release", "written_by", "sent_by")
    return get_object_or_404(found.prefetch_related("texts"), pk=number)


def _to(publication: Publication) -> HttpResponse:
    return HttpResponseRedirect(reverse("desk:publication", args=[publication.pk]), status=303)


def _show(request: StaffRequest, found: Publication, form: str = "", refused: str = "") -> HttpResponse:
    """`form` is the one that was refused: its fields keep what was typed."""
    now, systems = timezone.now(), concerned.environments(found)
    listed = list(systems[: MOST + 1])
    draft = found.state == Publication.State.DRAFT
    known = sorted(found.product.releases.select_related("product"), key=_newest_first)
    target = _target(found, known, now)
    context = {
        "page_title": title(found),
        "one": found,
        "title": title(found),
        "draft": draft,
        "facts": telling.facts(found),
        "texts": [_text(found, one, listed) for one in found.texts.all()],
        "systems": _systems(found, listed[:MOST]),
        "count": (count := systems.count()),
        "reach": reach(count, listed),
        "more": len(listed) > MOST,
        "releases_hit": concerned.releases(found),
        "progress": publish.progress(found),
        "people": [] if draft else people(found),
        "unwritten": [] if draft else telling.unwritten(found),
        "advised": list(found.tasks.select_related("customer", "environment", "owner")[:MOST]),
        "v": _values(found, request.POST if form == "about" else None),
        "typed": request.POST if refused else {},
        "advice": _advice(found, target),
        "targets": [(str(one.pk), str(one)) for one in known],
        "owners": owners(),
        "form": form,
        "refused": refused,
        "homeless": refused and not _at_home(form, draft, bool(listed)),
        "may_publish": request.user.may_act and request.user.has_role(*PUBLISH),
        "now": now,
        **_choices(),
    }  # fmt: skip
    status = 422 if refused else 200
    return frame.page(request, "desk/publication.html", context, here="maintenance", status=status)


def reach(count: int, listed: list[Environment]) -> str:
    """Whom it will reach, in numbers: "2 systems of 1 customer, 3 people"."""
    told = concerned.people(one.customer_id for one in listed)
    if count > len(listed):
        return _many(count, "system")
    people = sum(len(some) for some in told.values())
    of = _many(len({one.customer_id for one in listed}), "customer")
    return f"{_many(count, 'system')} of {of}, {people} {'person' if people == 1 else 'people'}"


def _many(count: int, one: str) -> str:
    return f"{count} {one}" if count == 1 else f"{count:,} {one}s"


def _at_home(form: str, draft: bool, concerned: bool) -> bool:
    """Whether the form that was refused is on the page, and says so itself."""
    return concerned if form == "advice" else draft or form in ("sending", "letters")


def _values(found: Publication, typed: Any) -> Any:
    if typed is not None:
        return typed
    return {
        "kind": found.kind, "product": found.product.code, "release": str(found.release_id or ""),
        "reference": found.reference, "severity": found.severity, "affected": "\n".join(found.affected),
        "fixed_in": "\n".join(found.fixed_in), "language": found.language,
    }  # fmt: skip


def _text(found: Publication, text: Any, listed: list[Environment]) -> dict[str, Any]:
    """The words in one language, and the mail as it is sent to somebody who reads it."""
    systems = [(one.name, concerned.why(found, one)) for one in listed[:1]]
    return {
        "one": text,
        "form": f"text-{text.language}",
        "mail": as_text(telling.compose(found, text, systems)),
    }


def _systems(found: Publication, listed: list[Environment]) -> list[dict[str, Any]]:
    told = set(Notice.objects.filter(publication=found).values_list("environment_id", flat=True))
    return [
        {"one": one, "why": concerned.why(found, one), "told": one.pk in told}
        for one in sorted(listed, key=lambda one: (one.customer.name, one.name))
    ]


def people(found: Publication) -> list[dict[str, Any]]:
    """Who was told, about which systems, how the mail fared, and when they read it; readers first asked for."""
    readings = {one.contact_id: one for one in Reading.objects.filter(publication=found)}
    rows: dict[tuple[int | None, str], dict[str, Any]] = {}
    notices = Notice.objects.filter(publication=found).select_related("environment", "delivery", "customer")
    for notice in notices.order_by("customer__name", "name", "pk")[: MOST * 5]:
        row = rows.setdefault(
            (notice.contact_id, notice.name),
            {"name": notice.name, "customer": notice.customer, "systems": [], "delivery": notice.delivery,
             "told_at": notice.told_at, "reading": readings.pop(notice.contact_id, None)},
        )  # fmt: skip
        row["systems"].append(notice.environment.name)
    also: list[dict[str, Any]] = [
        {"name": one.name, "customer": Customer.objects.get(pk=one.customer_id), "systems": [], "delivery": None,
         "told_at": None, "reading": one}
        for one in list(readings.values())[:MOST]
    ]  # fmt: skip
    return [*rows.values(), *also]


def _target(found: Publication, known: list[Release], now: datetime) -> Release | None:
    """What they had best upgrade to: the release it is about, else the newest one that is looked after."""
    if found.kind == Publication.Kind.RELEASE:
        return found.release
    return lifecycle.newest(known, now.date(), current_desk_policy().document)


def _newest_first(release: Release) -> tuple[Any, ...]:
    return tuple((-kind, -number) for kind, number, _ in versions.key(release.version))


def _advice(found: Publication, target: Release | None) -> dict[str, str]:
    """What the form of an advice begins with."""
    if target is None:
        return {"told": "1"}
    about = f"{found.get_kind_display()} {found.reference}".strip()
    text = f"Because of the {about}, we advise to upgrade to {target}. We gladly help to plan it."
    return {"release": str(target.pk), "title": f"Upgrade to {target}", "text": text, "told": "1"}
