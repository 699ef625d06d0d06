"""Products and releases: what we support, and until when each release is looked after."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from mainstay.accounts.actor import Actor
from mainstay.accounts.models import Role
from mainstay.catalogue.publish import current_desk_policy
from mainstay.customers import lifecycle
from mainstay.customers.models import Product
from mainstay.customers.products import add_product, add_release
from mainstay.desk import frame
from mainstay.desk.lifecycle import dated_phases, phases_of
from mainstay.desk.typed import Typed, said, today_of
from mainstay.errors import Refused
from mainstay.ui.doors import StaffRequest, staff_page


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def products(request: StaffRequest) -> HttpResponse:
    """Every product with its releases, the newest first; a manager's POST adds a product."""
    if request.method != "POST":
        return _show(request)
    if not request.user.has_role(Role.MANAGER):
        raise Http404
    typed = Typed(request)
    try:
        made = add_product(
            code=typed.text("code"), name=typed.text("name"),
            by=Actor.staff(request.user), at=timezone.now(),
        )  # fmt: skip
    except Refused as error:
        return _show(request, "product", said(error))
    messages.success(request, f"{made.name} is a product now; engineers may have the skill {made.code}.")
    return HttpResponseRedirect(reverse("desk:products"), status=303)


@require_POST
@staff_page(Role.MANAGER)
def releases(request: StaffRequest, product: str) -> HttpResponse:
    """A release of a product."""
    found, typed = get_object_or_404(Product, code=product), Typed(request)
    try:
        made = add_release(
            found, version=typed.text("version"), released_on=typed.needs_day("released_on"),
            maintained_until=typed.day("maintained_until"), phases=phases_of(typed),
            by=Actor.staff(request.user), at=timezone.now(),
        )  # fmt: skip
    except Refused as error:
        return _show(request, found.code, said(error))
    until = f"until {made.maintained_until:%-d %B %Y}" if made.maintained_until else "without an end so far"
    messages.success(request, f"{made} is maintained {until}.")
    return HttpResponseRedirect(reverse("desk:products"), status=303)


def _show(request: StaffRequest, form: str = "", refused: str = "") -> HttpResponse:
    """`form` is the one that was refused: "product", or the code of the product whose release was."""
    today, policy = today_of(request.user, timezone.now()), current_desk_policy().document
    found = Product.objects.order_by("name", "pk").prefetch_related("releases")
    listed: list[dict[str, Any]] = [
        {
            "one": one,
            "releases": [
                (release, lifecycle.words(release, today, policy))
                for release in sorted(one.releases.all(), key=lambda r: r.released_on, reverse=True)
            ],
        }
        for one in found
    ]
    context = {
        "page_title": "Products",
        "listed": listed,
        "phases": [
            (f"phase_{code}", name, request.POST.get(f"phase_{code}", "")) for code, name in dated_phases()
        ],
        "form": form,
        "v": request.POST if refused else {},
        "refused": refused,
    }
    status = 422 if refused else 200
    return frame.page(request, "desk/products.html", context, here="products", status=status)
