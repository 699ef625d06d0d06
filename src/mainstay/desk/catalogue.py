"""What we sell and promise: levels, packages and the desk policy as tables, their versions, and a new version."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from mainstay.accounts.actor import Actor
from mainstay.accounts.models import Role
from mainstay.catalogue import publish
from mainstay.catalogue.models import DeskPolicy, Package, ServiceLevel, Sold, Version
from mainstay.contracts import terms
from mainstay.contracts.models import Terms
from mainstay.desk import frame, looking, shown
from mainstay.desk.setup import flow, sold
from mainstay.desk.targets import table
from mainstay.desk.typed import Typed
from mainstay.errors import Refused
from mainstay.ui.doors import StaffRequest, staff_page

KINDS: dict[str, type[Version]] = {"level": ServiceLevel, "package": Package, "policy": DeskPolicy}


@require_safe
@staff_page()
def catalogue(request: StaffRequest) -> HttpResponse:
    """The current levels side by side, packages, and the desk policy."""
    levels = publish.current_levels()
    context = {
        "page_title": "Catalogue",
        "levels": [(level, shown.level(level), table(level.document["targets"])) for level in levels],
        "severities": publish.current_desk_policy().document["severities"],
        "packages": [(one, shown.level(one.level)) for one in publish.current_packages()],
        "policy": publish.current_desk_policy(),
    }
    return frame.page(request, "desk/catalogue.html", context, here="catalogue")


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def document(request: StaffRequest, kind: str, code: str) -> HttpResponse:
    """One document with its history; an administrator's POST publishes the next version."""
    model = KINDS.get(kind)
    held = publish.newest(model, code) if model else None
    if held is None:
        raise Http404
    if isinstance(held, Sold) and not held.withdrawn:
        return flow.serve(request, sold.SHEETS[kind](code, held.name))
    if request.method != "POST":
        return _document(request, kind, code)
    if isinstance(held, Sold) or not request.user.has_role(Role.ADMINISTRATOR):
        raise Http404
    try:
        made = _publish(Typed(request), held, Actor.staff(request.user))
    except Refused as error:
        return _document(request, kind, code, values=request.POST, error=error, status=422)
    messages.success(request, f"{made} is published. Signed contracts keep the version they name.")
    return HttpResponseRedirect(reverse("desk:document", args=[kind, code]), status=303)


def _document(
    request: StaffRequest,
    kind: str,
    code: str,
    *,
    values: Any = None,
    error: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    """The desk policy with its editor; what was withdrawn, to be read."""
    versions = publish.history(KINDS[kind], code)
    current: Any = versions[0]
    asked = request.GET.get("version", "")
    past: Any = next((one for one in versions[1:] if values is None and str(one.version) == asked), None)
    filled = past or current  # what the form begins with
    context = {
        "page_title": current.name,
        "kind": kind,
        "current": current,
        "table": table(current.document["targets"]) if current.document.get("targets") else None,
        "lines": plainly(
            "",
            {k: value for k, value in current.document.items() if k not in {"format", "summary", "targets"}},
        ),
        "versions": [
            (one, publish.differences(versions[n + 1], one) if n + 1 < len(versions) else [])
            for n, one in enumerate(versions)
        ],
        "v": values or {},
        "past": past,
        "body": values.get("document", "")
        if values is not None
        else json.dumps(filled.document, indent=2, ensure_ascii=False),
        "refused": f"{error.field}: {error.message}" if error else "",
    }
    return frame.page(request, "desk/document.html", context, here="catalogue", status=status)


def plainly(what: str, value: Any) -> list[tuple[str, str]]:
    """A document's fields as lines for people: ("monitoring, depth", "continuous")."""
    if isinstance(value, dict):
        return [line for key, inner in value.items() for line in plainly(_joined(what, str(key)), inner)]
    if isinstance(value, list) and value and isinstance(value[0], dict):
        names = [
            str(one.get("code") or one.get("kpi") or one.get("rank") or number)
            for number, one in enumerate(value, start=1)
        ]
        rest = [{k: v for k, v in one.items() if k not in {"code", "kpi", "rank"}} for one in value]
        return [
            line for name, one in zip(names, rest, strict=True) for line in plainly(_joined(what, name), one)
        ]
    if isinstance(value, list):
        return [(what, " ".join("-".join(v) if isinstance(v, list) else str(v) for v in value) or "nothing")]
    return [
        (what, {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value))
    ]


def _joined(what: str, more: str) -> str:
    more = more.replace("_", " ")
    return f"{what}, {more}" if what else more


def _publish(typed: Typed, held: Version, by: Actor) -> Version:
    if typed.text("over") != str(held.version):
        raise Refused("version", looking.MOVED)
    return publish.publish_desk_policy(
        document=typed.json("document"),
        reason=typed.text("reason"),
        by=by,
        at=timezone.now(),
        over=held.version,
    )


@require_safe
@staff_page()
def terms_page(request: StaffRequest, digest: str) -> HttpResponse:
    """The frozen terms that judge tickets, for reading: targets in words, and the document."""
    try:
        found = terms.load(digest)
    except Terms.DoesNotExist:
        raise Http404 from None
    lines = []
    for clock, promise in found.policy.promises.items():
        for severity, target in promise.targets.items():
            calendar = promise.calendars.get(severity) or promise.calendars["*"]
            kind = found.document["kinds"].get(clock, {}).get(severity, "")
            lines.append(
                (
                    shown.CLOCK_NAMES[clock],
                    severity,
                    terms.in_words(target, calendar),
                    kind,
                    calendar.time_zone,
                )
            )
    document = dict(found.document)
    context = {
        "page_title": "Terms",
        "found": found,
        "lines": lines,
        "pretty": json.dumps(document, indent=1, ensure_ascii=False)[:200_000],
    }
    return frame.page(request, "desk/terms.html", context, here="catalogue")
