"""What the product ships by now and did not when this desk was set up: told on the policy page, taken over by one act.

Nothing is taken over by itself. What the vendor has changed stays; what it has not becomes as it is shipped now, by
new versions like any others. What was taken is kept, so that the next edition is compared with it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from mainstay.accounts import acts
from mainstay.accounts.actor import Actor
from mainstay.accounts.models import Role
from mainstay.advisor import publish as advisor
from mainstay.advisor.models import AdvisorRules
from mainstay.catalogue import publish, shipped
from mainstay.catalogue.compile import digest
from mainstay.catalogue.models import DeskPolicy, Package, ServiceLevel, TakenOver
from mainstay.desk import changes, looking
from mainstay.desk.typed import Typed, said
from mainstay.errors import Refused
from mainstay.policy.merging import merged
from mainstay.ui.doors import StaffRequest, staff_page

WHY = "taken over as shipped"
Edition = dict[str, Any]


@dataclass
class Newer:
    """What taking over would do: policy and rules as they would be, in words; what stays ours; what forbids it."""

    edition: Edition
    running: dict[str, Any]
    advises: dict[str, Any]
    parts: dict[str, Any]
    rules: dict[str, Any]
    policy_says: list[str] = field(default_factory=list)
    advisor_says: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    forbidden: str = ""

    @property
    def hash(self) -> str:
        """Names what is looked at: the edition, and what would be published."""
        return digest({"edition": self.edition, "parts": self.parts, "rules": self.rules})


def newer(at: datetime) -> Newer | None:
    """What is shipped now and was not, against what is running; None where the desk is up to date with it."""
    base, theirs = _base(), _shipped()
    if base == theirs:
        return None
    running = publish.export_parts()
    rules = advisor.current().version.document
    kept: list[str] = []
    parts = _policy(base["policy"], running, theirs["policy"], kept)
    both = merged(base["advisor"], rules, theirs["advisor"])
    kept += [f"{_('advisor')}, {one}" for one in both.kept]
    found = Newer(theirs, running, rules, parts, both.document, kept=kept)
    try:
        publish.check_parts(parts, at)
        found.policy_says = publish.compared(parts)
        found.advisor_says = advisor.preview(both.document).changes if both.document != rules else []
    except Refused as refused:
        found.forbidden = said(refused)
    return found if found.policy_says or found.advisor_says or found.kept or found.forbidden else None


def context(at: datetime) -> dict[str, Any]:
    """What the policy page shows of it: the changes, and the open tickets of which a promise would be another one."""
    found = newer(at)
    if found is None:
        return {}
    moved = [] if found.forbidden else looking.at_parts(found.parts, at).effects
    return {"newer": found, "newer_rows": changes.rows(moved)}


@require_POST
@staff_page(Role.ADMINISTRATOR)
def take_over(request: StaffRequest) -> HttpResponse:
    """Publish what is newer, as it was looked at; with `open`, for open tickets without a contract too. With `keep`
    nothing is published, and it is not told again."""
    if not request.user.may_act:
        raise Http404
    at, by, typed = timezone.now(), Actor.staff(request.user), Typed(request)
    found = newer(at)
    back = HttpResponseRedirect(reverse("desk:policy"), status=303)
    if found is None or (found.forbidden and not typed.flag("keep")) or found.hash != typed.text("looked"):
        return _look_again(request, typed)
    keep = typed.flag("keep")
    try:
        changed = _take(found, keep=keep, by=by, at=at)
    except Refused:
        return _look_again(request, typed)
    if keep:
        messages.success(request, _("Yours stays as it is; this edition is not told again."))
        return back
    messages.success(request, looking.published([*changed, *found.advisor_says]))
    if typed.flag("open") and changed:
        change = looking.let_hold_for_open(WHY, by=by, at=at)
        return HttpResponseRedirect(reverse("desk:change", args=[change.pk]), status=303)
    return back


def _take(found: Newer, *, keep: bool, by: Actor, at: datetime) -> list[str]:
    """Publish what was looked at over what was running then. Raises `Refused` where something else runs by now."""
    with transaction.atomic():
        changed = (
            [] if keep else publish.load_parts(found.parts, by=by, at=at, reason=WHY, over=found.running)
        )
        if found.advisor_says and not keep:
            if advisor.current().version.document != found.advises:
                raise Refused("version", "other rules of the advisor were published meanwhile; look again")
            advisor.publish_rules(document=found.rules, reason=WHY, by=by, at=at)
        TakenOver.objects.create(at=at, by_id=by.id, edition=found.edition)
        told = {"changed": 0 if keep else len(changed) + len(found.advisor_says), "kept": len(found.kept)}
        done = "shipped edition left aside" if keep else "shipped edition taken over"
        acts.record(done, "policy and advisor", by=by, at=at, after=told)
    return changed


def _look_again(request: StaffRequest, typed: Typed) -> HttpResponse:
    """Back to the page as it is by now, told what was published since; what was ticked stays ticked."""
    messages.error(request, _("This is not what you looked at: somebody changed it meanwhile. Look again."))
    for one in looking.since(typed.text("seen")):
        messages.warning(request, one)
    kept = "?open=1" if typed.flag("open") else ""
    return HttpResponseRedirect(f"{reverse('desk:policy')}{kept}#newer", status=303)


# ---- editions


def _shipped() -> Edition:
    """What comes with the product now."""
    found: Edition = json.loads(json.dumps({"policy": shipped.parts(), "advisor": advisor.shipped()}))
    return found


def _base() -> Edition:
    """What was shipped when something was taken over last, else when the desk was set up; a part that never was of
    the shipped ones is not in it."""
    taken = TakenOver.objects.order_by("-pk").first()
    if taken is not None:
        return dict(taken.edition)
    first: dict[Any, dict[str, Any]] = {
        model: {one.code: one for one in model._default_manager.filter(version=1, reason=shipped.AS_SHIPPED)}
        for model in (DeskPolicy, ServiceLevel, Package)
    }
    rules = AdvisorRules.objects.filter(version=1, reason=shipped.AS_SHIPPED).first()
    theirs = _shipped()
    desk: Any = first[DeskPolicy].get(publish.DESK_POLICY)
    policy = {
        **theirs["policy"],
        "desk": desk.document if desk else theirs["policy"]["desk"],
        "levels": {
            code: {**one.document, "name": one.name, "rank": one.rank} for code, one in first[ServiceLevel].items()
        },
        "packages": {
            code: {**one.document, "name": one.name, "level": one.level.code}
            for code, one in first[Package].items()
        },
    }  # fmt: skip
    return {"policy": policy, "advisor": rules.document if rules else theirs["advisor"]}


def _policy(
    base: dict[str, Any], ours: dict[str, Any], theirs: dict[str, Any], kept: list[str]
) -> dict[str, Any]:
    """The running policy with what is newer. A level or package that we withdrew stays so; a new one comes."""
    made = merged(base["desk"], ours["desk"], theirs["desk"])
    kept += made.kept
    found = {**ours, "desk": made.document, "levels": {}, "packages": {}}
    for kind in ("levels", "packages"):
        for code in dict.fromkeys([*ours[kind], *theirs[kind]]):
            was, now, then = (one[kind].get(code) for one in (base, ours, theirs))
            if now is None:
                if was is None:
                    found[kind][code] = then
            elif was is None or then is None:
                found[kind][code] = now
            else:
                one = merged(was, now, then)
                found[kind][code] = one.document
                kept += [f"{now['name']}, {where}" for where in one.kept]
    return found
