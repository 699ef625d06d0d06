"""Who may open a page: each view goes through one of these, which also set what its queries can see."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.db.models import OuterRef
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from mainstay.accounts import standing_in
from mainstay.accounts.models import User
from mainstay.tickets.scope import seeing

View = Callable[..., HttpResponseBase]


class StaffRequest(HttpRequest):
    """A request of somebody who works for the vendor."""

    user: User


def staff_page(*roles: str) -> Callable[[View], View]:
    """Staff only, holding one of `roles` (none named: any). Reading is for all of them, auditors included;
    a POST needs somebody who may act. Everyone else gets 404, the signed-out the sign-in page."""

    def decorate(view: View) -> View:
        @wraps(view)
        def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            user = request.user
            if not isinstance(user, User) or not user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            reads = request.method in {"GET", "HEAD"}
            if not user.is_staff_member or (not reads and not user.may_act):
                raise Http404
            if roles and not user.has_role(*roles) and not (reads and user.has_role("auditor")):
                raise Http404
            with seeing(None):
                return _whole(view(request, *args, **kwargs))

        return opened

    return decorate


def contact_page(view: View) -> View:
    """People of customers only; their queries see their own customers' tickets and no other rows.

    Each of `contacts` has with it who stands in for the customer's TAM now (`tam_stand_in`).
    """

    @wraps(view)
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        user = request.user
        if not isinstance(user, User) or not user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        found = user.contacts.filter(ended_at=None).select_related("customer__tam").order_by("id")
        whoever = standing_in.whoever(OuterRef("customer__tam"), timezone.now())
        contacts = list(found.annotate(tam_stand_in=whoever))
        if not user.is_active or not contacts:
            raise Http404
        request.contacts = contacts  # type: ignore[attr-defined]
        with seeing([contact.customer_id for contact in contacts]):
            return _whole(view(request, *args, **kwargs))

    return opened


def anybody_page(view: View) -> View:
    """Everybody, signed in or not: queries see what is of no customer, and to contacts also what is theirs.
    `contacts` are who somebody is, one for each customer; none for the others."""

    @wraps(view)
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        user, contacts = request.user, []
        if isinstance(user, User) and user.is_authenticated and user.is_active:
            contacts = list(user.contacts.select_related("customer").order_by("id"))
        request.contacts = contacts  # type: ignore[attr-defined]
        with seeing([contact.customer_id for contact in contacts]):
            return _whole(view(request, *args, **kwargs))

    return opened


def _whole(response: HttpResponseBase) -> HttpResponseBase:
    """Templates are rendered inside the scope, not after it."""
    render = getattr(response, "render", None)
    if callable(render):
        render()
    return response
