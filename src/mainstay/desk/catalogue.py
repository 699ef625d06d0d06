"""What we sell and promise: levels, packages and the desk policy as tables, their versions, and a new version."""

from __future__ import annotations

import json
import re
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from mainstay.accounts.actor import Actor
from mainstay.accounts.models import Role
from mainstay.catalogue import publish
from mainstay.catalogue.models import DeskPolicy, Package, ServiceLevel, Version
from mainstay.contracts import terms
from mainstay.contracts.models import Terms
from mainstay.desk import frame, shown
from mainstay.desk.typed import Typed
from mainstay.errors import Refused
from mainstay.policy import documents
from mainstay.policy.conditions import words as when_words
from mainstay.sla.policy import CLOCKS
from mainstay.ui.doors import StaffRequest, staff_page

KINDS: dict[str, type[Version]] = {"level": ServiceLevel, "package": Package, "policy": DeskPolicy}
WHENS = ("", *documents.RECEIVED)
SPARE = 2  # empty rows at the end of the table of targets


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


def table(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Targets as a table: a line for each clock (and case), a column for each severity."""
    severities = [*sorted({row["severity"] for row in rows if row["severity"] != "*"}), *(
        ["*"] if any(row["severity"] == "*" for row in rows) else []
    )]  # fmt: skip
    lines: dict[tuple[str, str], dict[Any, dict[str, Any]]] = {}
    for row in sorted(rows, key=lambda row: CLOCKS.index(row["clock"])):
        case = when_words(row.get("when", {}))
        lines.setdefault((row["clock"], case), {})[row["severity"]] = row
    return {
        "severities": severities,
        "lines": [
            (shown.CLOCK_NAMES[clock], case, [_cell(cells.get(s)) for s in severities])
            for (clock, case), cells in lines.items()
        ],
    }


def _cell(row: dict[str, Any] | None) -> dict[str, str] | None:
    if row is None:
        return None
    if row["target"] == "none":
        return {"words": row.get("words", "none"), "kind": "none"}
    calendar = {"always": " 24x7", "business": "", "": ""}.get(
        row.get("calendar", ""), f" {row.get('calendar')}"
    )
    more = (f", {row['share']} % within" if "share" in row else "") + (
        ", or as agreed" if row.get("agreed") else ""
    )
    return {"words": f"{row['target']}{calendar}{more}", "kind": row["kind"]}


def by_form(rows: list[dict[str, Any]]) -> bool:
    """Whether the form's table can hold these rows; else they are edited in words, so that nothing is lost."""
    columns = {"clock", "severity", "target", "calendar", "kind", "when"}
    return all(
        set(row) <= columns
        and row.get("calendar") in documents.CALENDARS
        and row["kind"] in ("promise", "goal", "internal")
        and set(row.get("when", {})) <= {"received"}
        and isinstance(row.get("when", {}).get("received", ""), str)
        for row in rows
    )


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def document(request: StaffRequest, kind: str, code: str) -> HttpResponse:
    """One document with its history; an administrator's POST publishes the next version."""
    model = KINDS.get(kind)
    if model is None or not model._default_manager.filter(code=code).exists():
        raise Http404
    if request.method != "POST":
        return _document(request, kind, code)
    if not request.user.has_role(Role.ADMINISTRATOR):
        raise Http404
    try:
        made = _publish(kind, code, Typed(request), Actor.staff(request.user))
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
    versions = publish.history(KINDS[kind], code)
    current: Any = versions[0]
    asked = request.GET.get("version", "")
    past: Any = next((one for one in versions[1:] if values is None and str(one.version) == asked), None)
    filled = past or current  # what the form begins with
    levels = publish.current_levels() if kind == "package" else []  # of a package's level the newest version
    formed = kind == "level" and by_form(filled.document["targets"])
    said = {key: value for key, value in current.document.items() if key != "targets" or not formed}
    body = {key: value for key, value in filled.document.items() if key != "targets" or not formed}
    rows = _typed_rows(values) if values is not None else filled.document.get("targets", [])
    context = {
        "page_title": current.name,
        "kind": kind,
        "current": current,
        "level": shown.level(current if kind == "level" else getattr(current, "level", None)),
        "table": table(current.document["targets"]) if current.document.get("targets") else None,
        "lines": plainly(
            "", {key: value for key, value in said.items() if key not in {"format", "summary", "targets"}}
        ),
        "versions": [
            (one, publish.differences(versions[n + 1], one) if n + 1 < len(versions) else [])
            for n, one in enumerate(versions)
        ],
        "target_rows": [*rows, *({} for _ in range(SPARE))] if formed else [],
        "clocks": [(clock, shown.CLOCK_NAMES[clock]) for clock in CLOCKS],
        "calendars": documents.CALENDARS,
        "kinds": documents.KINDS,
        "whens": [(when, when.replace("_", " ") or "at any time") for when in WHENS],
        "levels": levels,
        "v": values
        or {
            "name": filled.name,
            "rank": getattr(filled, "rank", ""),
            "level": next((one.pk for one in levels if one.code == filled.level.code), ""),
        },
        "past": past,
        "body": values.get("document", "")
        if values is not None
        else json.dumps(body, indent=2, ensure_ascii=False),
        "refused": _where(error),
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


def _where(error: Refused | None) -> str:
    """A refusal with the row counted from one, as people count."""
    if error is None:
        return ""
    row = re.match(r"targets\[(\d+)\](.*)", error.field)
    field = f"Row {int(row[1]) + 1} of the targets{row[2].replace('.', ', ')}" if row else error.field
    return f"{field}: {error.message}"


def _typed_rows(values: Any) -> list[dict[str, Any]]:
    """The rows of the form as a document holds them; rows without a target are left out."""
    columns = [
        values.getlist(f"t_{name}") for name in ("clock", "severity", "target", "calendar", "kind", "when")
    ]
    rows = []
    for clock, severity, target, calendar, kind, when in zip(*columns, strict=False):
        if not target.strip():
            continue
        text = severity.strip()
        rank: Any = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else text
        row = {"clock": clock, "severity": rank, "target": target.strip(), "calendar": calendar, "kind": kind}
        rows.append(row | ({"when": {"received": when}} if when else {}))
    return rows


def _publish(kind: str, code: str, typed: Typed, by: Actor) -> Version:
    body = typed.json("document")
    said: Any = {
        "code": code,
        "name": typed.text("name"),
        "reason": typed.text("reason"),
        "by": by,
        "at": timezone.now(),
    }
    if kind == "level":
        if not isinstance(body, dict):
            raise Refused("document", "must be the fields of the level, between { and }")
        if "targets" not in body:
            body["targets"] = _typed_rows(typed.data)
        return publish.publish_level(document=body, rank=typed.number("rank", "a whole number"), **said)
    if kind == "package":
        level = ServiceLevel.objects.filter(pk=typed.number("level", "a service level")).first()
        if level is None:
            raise Refused("level", "is not chosen")
        return publish.publish_package(document=body, level=level, **said)
    del said["name"]  # there is one, and its form does not ask for a name
    return publish.publish_desk_policy(document=body, **said)


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
