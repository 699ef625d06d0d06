"""The lives of releases: which customers run what, what leaves maintenance when, and upgrade advice (P7)."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mainstay.accounts import acts
from mainstay.accounts.actor import Actor
from mainstay.accounts.models import Act, Role
from mainstay.catalogue.publish import current_desk_policy
from mainstay.customers import lifecycle, versions
from mainstay.customers.models import Environment, Product, Release
from mainstay.customers.products import change_release
from mainstay.desk import frame
from mainstay.desk.maintenance import PUBLISH
from mainstay.desk.tasks import owners, work_of
from mainstay.desk.typed import Typed, changed, said, today_of
from mainstay.errors import Refused
from mainstay.maintenance import tasks
from mainstay.ui import lifespans
from mainstay.ui.doors import StaffRequest, staff_page

MOST = 300
SOON = timedelta(days=366)


@require_safe
@staff_page()
def overview(request: StaffRequest) -> HttpResponse:
    """Every product's releases on a ruler of time, and the systems whose release leaves maintenance next."""
    today, policy = today_of(request.user, timezone.now()), current_desk_policy().document
    releases = list(Release.objects.select_related("product").order_by("product__name", "-released_on"))
    runs = Counter(Environment.objects.exclude(release=None).values_list("release_id", flat=True))
    products = {one.pk: one for one in Product.objects.order_by("name", "pk")}
    listed = [
        {"product": product, "drawn": lifespans.draw(lives, today)}
        for product in products.values()
        if (lives := _lives([r for r in releases if r.product_id == product.pk], runs, today, policy))
    ]
    context = {
        "page_title": "Lifecycle",
        "listed": listed,
        "leaving": leaving(today, policy),
        "unknown": Environment.objects.filter(release=None).exclude(product=None).count(),
        "today": today,
        "now": timezone.now(),
    }
    return frame.page(request, "desk/lifecycle.html", context, here="maintenance")


def _lives(releases: list[Release], runs: Counter[Any], today: date, policy: Any) -> list[lifespans.Life]:
    ordered = sorted(releases, key=lambda one: versions.key(one.version), reverse=True)
    return [
        lifespans.Life(
            one.version,
            [lifespans.Stretch(phase.since, phase.until, phase.is_reduced) for phase in lifecycle.life(one, policy)],
            _until(one, today, policy),
            f"{runs[one.pk]} {'system' if runs[one.pk] == 1 else 'systems'}",
            reverse("desk:release", args=[one.product.code, one.pk]),
            lifecycle.phase_of(one, today, policy).name,
        )
        for one in ordered
    ]  # fmt: skip


def _until(release: Release, today: date, policy: Any) -> str:
    """Until when it is looked after, in the room beside a line of the ruler."""
    end = lifecycle.last_day(release, policy)
    if end is None:
        return "no end set"
    return f"{'ended' if end < today else 'until'} {end.day} {end:%b %Y}"


def leaving(today: date, policy: Any) -> list[dict[str, Any]]:
    """Systems whose release has left maintenance or leaves it within a year: the first to leave at the top."""
    found = Environment.objects.exclude(release=None).select_related(
        "customer", "release__product", "product"
    )
    rows: list[dict[str, Any]] = []
    for one in found.order_by("pk")[:5000]:
        end = lifecycle.last_day(one.release, policy)  # type: ignore[arg-type]
        if end is not None and end <= today + SOON:
            rows.append({"one": one, "end": end, "ended": end < today})
    advised = dict(tasks.due().filter(kind="upgrade").values_list("environment_id", "pk"))
    for row in rows:
        row["task"] = advised.get(row["one"].pk)
    return sorted(rows, key=lambda row: (row["end"], row["one"].customer.name, row["one"].pk))[:MOST]


# ---- one release


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def release(request: StaffRequest, product: str, release: int) -> HttpResponse:
    """One release: its life, who runs it, what was changed; a manager's POST changes its days."""
    found = _found(product, release)
    if request.method != "POST":
        return _show(request, found)
    if not request.user.has_role(Role.MANAGER):
        raise Http404
    typed = Typed(request)
    try:
        changes = change_release(
            found, released_on=typed.needs_day("released_on"), maintained_until=typed.day("maintained_until"),
            phases=phases_of(typed), reason=typed.text("reason"), by=Actor.staff(request.user), at=timezone.now(),
        )  # fmt: skip
    except Refused as error:
        return _show(request, found, "days", said(error))
    messages.success(request, changed(str(found), changes))
    return _to(found)


@require_POST
@staff_page(*PUBLISH)
def advice(request: StaffRequest, product: str, release: int) -> HttpResponse:
    """Advise all who run this release to upgrade: a task for each system, told to its customer."""
    found, typed = _found(product, release), Typed(request)
    try:
        number = typed.number("release", "one of the list")
        target = found.product.releases.select_related("product").filter(pk=number).first()
        if target is None or target.pk == found.pk:
            raise Refused("release", "is not another release of this product")
        systems = list(_runs(found)[: MOST * 3])
        made = tasks.advise(
            systems, work_of(typed), release=target, by=Actor.staff(request.user), at=timezone.now()
        )
    except Refused as error:
        return _show(request, found, "advice", said(error))
    messages.success(
        request,
        f"Advised to take {target}: {len(made)} {'system' if len(made) == 1 else 'systems'}, each a task.",
    )
    return _to(found)


def phases_of(typed: Typed) -> dict[str, date | None]:
    """The last day of each phase of the desk policy but the last, which ends with maintenance."""
    return {code: typed.day(f"phase_{code}") for code, _ in dated_phases()}


def dated_phases() -> list[tuple[str, str]]:
    """The phases that a release has a day for: code and name."""
    known = lifecycle.phases_in(current_desk_policy().document)
    return [(str(one["code"]), str(one.get("name") or one["code"])) for one in known[:-1]]


def _found(product: str, number: int) -> Release:
    return get_object_or_404(Release.objects.select_related("product"), pk=number, product__code=product)


def _to(found: Release) -> HttpResponse:
    return HttpResponseRedirect(reverse("desk:release", args=[found.product.code, found.pk]), status=303)


def _runs(found: Release) -> Any:
    return Environment.objects.filter(release=found).select_related("customer", "product", "release__product")


def _show(request: StaffRequest, found: Release, form: str = "", refused: str = "") -> HttpResponse:
    today, policy = today_of(request.user, timezone.now()), current_desk_policy().document
    others = [one for one in found.product.releases.select_related("product") if one.pk != found.pk]
    target = lifecycle.newest(others, today, policy)
    lives = _lives([found], Counter(_runs(found).values_list("release_id", flat=True)), today, policy)
    systems = list(_runs(found).order_by("customer__name", "name")[:MOST])
    days = {
        "released_on": found.released_on.isoformat(),
        "maintained_until": found.maintained_until.isoformat() if found.maintained_until else "",
    }
    v = request.POST if form == "days" else days
    ordered = sorted(others, key=lambda one: versions.key(one.version), reverse=True)
    context = {
        "page_title": str(found),
        "one": found,
        "stands": lifecycle.words(found, today, policy),
        "drawn": lifespans.draw(lives, today),
        "life": lifecycle.life(found, policy),
        "systems": systems,
        "history": [(act, acts.differences(act.before, act.after)) for act in _history(found)],
        "phases": [
            (f"phase_{code}", name, v.get(f"phase_{code}", found.phases.get(code, "") if form != "days" else ""))
            for code, name in dated_phases()
        ],
        "v": v,
        "typed": request.POST if form == "advice" else _advice(found, target),
        "targets": [(str(one.pk), str(one)) for one in ordered],
        "owners": owners(),
        "form": form,
        "refused": refused,
        "homeless": refused and form == "advice" and not (systems and others),
        "may_publish": request.user.may_act and request.user.has_role(*PUBLISH),
        "now": timezone.now(),
    }  # fmt: skip
    return frame.page(
        request, "desk/release_page.html", context, here="products", status=422 if refused else 200
    )


def _advice(found: Release, target: Release | None) -> dict[str, str]:
    """What the form of an advice begins with."""
    end = found.maintained_until
    title = f"Upgrade from {found.version} to {target.version}" if target else ""
    why = f"{found} leaves maintenance on {end.day} {end:%B %Y}. " if end else ""
    text = f"{why}We advise to upgrade to {target}. We gladly help to plan it." if target else ""
    return {
        "release": str(target.pk) if target else "", "title": title, "text": text, "told": "1",
        "due_on": end.isoformat() if end else "",
    }  # fmt: skip


def _history(found: Release) -> Any:
    kinds = ["release added", "release changed"]
    return Act.objects.filter(kind__in=kinds, what=str(found)).order_by("-pk")[:50]
