"""Saved views: queries of the queue under a name, one's own, a team's or everybody's; kept, named anew, put in
order, removed and brought back. Their address is the queue's."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from mainstay.accounts.models import Role, Team, User
from mainstay.desk import frame
from mainstay.desk.models import SavedView
from mainstay.desk.typed import Typed
from mainstay.errors import Refused
from mainstay.prepared import Arg, Prepared
from mainstay.tickets import access, finding, query
from mainstay.ui import ids
from mainstay.ui.doors import StaffRequest, staff_page

MOST = 30  # for one person to keep


def seen_by(user: User | Arg) -> QuerySet[SavedView]:
    """Theirs, their teams', everybody's; in their order."""
    teams = Team.objects.filter(members=user).values("pk")
    mine = Q(owner=user) | Q(everybody=True) | Q(team__in=teams)
    return SavedView.objects.filter(mine, removed_at__isnull=True)


def shown_to(user: User) -> list[SavedView]:
    """The same as they stand beside the queue: a statement that is kept."""
    return _SHOWN.all(user=user.pk)


_SHOWN = Prepared(lambda: seen_by(Arg("user")))


def changed_by(user: User) -> QuerySet[SavedView]:
    """Those that this person may change: their own; whoever leads a desk also those that are shared."""
    shared = Q(everybody=True) | Q(team__isnull=False)
    return SavedView.objects.filter(Q(owner=user) | shared if user.has_role(Role.MANAGER) else Q(owner=user))


_KEPT: dict[int, tuple[str, str, datetime, dict[int, int]]] = {}
"""Counts of this process by person: of which views, at which version of the tickets, when, and how many."""


def counts(views: list[SavedView], user: User, version: str, at: datetime) -> dict[int, int]:
    """How many open tickets each view holds, in one statement; a view that cannot be read any more has none.

    Counted anew when any ticket has changed, and once a minute where a view speaks of time.
    """
    if not views:
        return {}
    which = repr([(one.pk, one.query) for one in views])
    kept = _KEPT.get(user.pk)
    if kept and kept[:2] == (which, version) and at - kept[2] < timedelta(minutes=1):
        return kept[3]
    wanted = {}
    for one in views:
        try:
            asked = finding.asked(query.parse(one.query), me=user, at=at)
        except Refused:
            continue
        if asked.among in {"", "open"}:
            wanted[f"v{one.pk}"] = Count("pk", filter=asked.where(is_open=True) & Q(pk__isnull=False))
    found = access.queue(user).order_by().aggregate(**wanted) if wanted else {}
    result = {int(name[1:]): n for name, n in found.items()}
    if len(_KEPT) > 500:
        _KEPT.clear()
    _KEPT[user.pk] = (which, version, at, result)
    return result


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def saved_views(request: StaffRequest) -> HttpResponse:
    """Those that this person sees; a POST keeps another."""
    if request.method != "POST":
        return _page(request)
    typed = Typed(request)
    try:
        made = _keep(typed, request.user)
    except Refused as error:
        return _page(request, error, 422)
    messages.success(request, _("The view %(name)s is kept.") % {"name": made.name})
    return HttpResponseRedirect(f"{reverse('desk:queue')}?view={made.code}", status=303)


def _keep(typed: Typed, user: User) -> SavedView:
    name, asked = _name(typed), typed.text("query")
    if not query.parse(asked):
        raise Refused("query", "is empty; ask for something first, then keep it")
    finding.asked(query.parse(asked), me=user, at=timezone.now())
    if SavedView.objects.filter(owner=user, removed_at__isnull=True).count() >= MOST:
        raise Refused("name", f"would be the {MOST + 1}th; remove one of yours first")
    team, everybody = _shared(typed, user)
    last = SavedView.objects.order_by("-position").values_list("position", flat=True).first() or 0
    return SavedView.objects.create(
        owner=user, name=name, query=asked, team=team, everybody=everybody, position=last + 1
    )


def _name(typed: Typed) -> str:
    name = " ".join(typed.text("name").split())
    if not name or len(name) > 60:
        raise Refused(
            "name", "is longer than 60 characters" if name else "is missing; say what the view shows"
        )
    return name


def _shared(typed: Typed, user: User) -> tuple[Team | None, bool]:
    """Nobody else, a team that one belongs to, everybody."""
    chosen = typed.text("shared")
    if chosen in {"", "everybody"}:
        return None, chosen == "everybody"
    team = Team.objects.filter(code=chosen, members=user).first()
    if team is None:
        raise Refused("shared", "is no team of yours")
    return team, False


def sharing(user: User) -> list[tuple[str, str]]:
    """With whom this person may share, for a form."""
    teams = Team.objects.filter(members=user).order_by("name").values_list("code", "name")
    return [("", _("only me")), *teams, ("everybody", _("everybody at the desk"))]


def _page(
    request: StaffRequest, error: Refused | None = None, status: int = 200, which: int = 0
) -> HttpResponse:
    """The page; with `error` what was typed is kept: of a new view, or of the one that is `which`."""
    mine = set(changed_by(request.user).values_list("pk", flat=True))
    removed = ids.read(request.GET.get("removed", ""))
    gone = changed_by(request.user).filter(pk=removed) if removed is not None else None
    context: dict[str, Any] = {
        "page_title": _("Views"),
        "removed": gone.filter(removed_at__isnull=False).first() if gone is not None else None,
        "saved": list(seen_by(request.user).select_related("owner", "team")),
        "mine": mine,
        "which": which,
        "v": request.GET if which else request.POST or request.GET,
        "renamed": request.POST.get("name", ""),
        "error": f"{error.field.capitalize()}: {error.message}" if error else "",
        "sharing": sharing(request.user),
    }
    return frame.page(request, "desk/saved_views.html", context, here="queue", status=status)


@require_POST
@staff_page()
def change(request: StaffRequest, number: int) -> HttpResponse:
    """Name it anew, move it up, remove it, bring it back."""
    typed = Typed(request)
    try:
        with transaction.atomic():
            found = changed_by(request.user).select_for_update(of=("self",)).filter(pk=number).first()
            if found is None:
                raise Http404
            said = _changed(found, typed, request.user)
    except Refused as error:
        return _page(request, error, 422, which=number)
    if said:
        messages.success(request, said)
    back = (
        f"{reverse('desk:saved_views')}?removed={found.pk}"
        if found.removed_at
        else reverse("desk:saved_views")
    )
    return HttpResponseRedirect(back, status=303)


def _changed(found: SavedView, typed: Typed, user: User) -> str:
    act = typed.text("act")
    if act == "rename":
        found.name = _name(typed)
    elif act == "up":
        above = seen_by(user).filter(position__lt=found.position).order_by("-position").first()
        if above is not None:
            above.position, found.position = found.position, above.position
            above.save(update_fields=["position"])
    elif act in {"remove", "restore"}:
        found.removed_at = timezone.now() if act == "remove" else None
    else:
        raise Refused("act", "is not chosen; name the view anew, move it up, remove it or bring it back")
    found.save(update_fields=["name", "position", "removed_at"])
    words = {
        "rename": _("Named anew."),
        "remove": _("%(name)s is removed."),
        "restore": _("%(name)s is back."),
    }
    return words.get(act, "") % {"name": found.name}
