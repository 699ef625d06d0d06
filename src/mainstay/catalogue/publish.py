"""Publishing versions of the catalogue: always a new one, never an edit, with what changed in words (P2)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from django.db import IntegrityError, connection, transaction
from django.db.models import Max

from mainstay.accounts import acts
from mainstay.accounts.actor import Actor
from mainstay.catalogue.differences import differences as differences
from mainstay.catalogue.models import DeskPolicy, Package, ServiceLevel, Sold, Version
from mainstay.catalogue.remembered import once
from mainstay.errors import Refused
from mainstay.policy import check as whole
from mainstay.policy import compile as policy
from mainstay.policy import documents
from mainstay.policy.calendars import compiled
from mainstay.policy.documents import DeskDocument, LevelDocument, PackageDocument
from mainstay.policy.read import policy_problems
from mainstay.policy.shapes import refuse
from mainstay.prepared import Arg, Prepared

DESK_POLICY = "desk"
_LOCK = 2_043  # the advisory lock of whoever publishes
V = TypeVar("V", bound=Version)


# ---- verbs


def publish_level(
    *, code: str, name: str, rank: int, document: LevelDocument | object, by: Actor, at: datetime, reason: str
) -> ServiceLevel:
    """A new version of a service level. Packages and contracts keep the version they name."""
    checked = documents.check_level(document, ranks=severity_ranks(), calendars=_calendars_for(code))
    if not 1 <= rank <= 99:
        raise Refused("rank", "must be a whole number from 1 (lowest) to 99")
    return _publish(ServiceLevel, code, name, checked, Signed(by, at, reason), rank=rank)


def publish_package(
    *,
    code: str,
    name: str,
    level: ServiceLevel,
    document: PackageDocument | object,
    by: Actor,
    at: datetime,
    reason: str,
) -> Package:
    """A new version of a package, with the version of the level it sells. Signed contracts keep theirs."""
    checked = documents.check_package(
        document, calendars=_calendars(current_desk_policy().document, document)
    )
    _compiles(current_desk_policy().document, level.document, checked, "")
    return _publish(Package, code, name, checked, Signed(by, at, reason), level=level)


def publish_desk_policy(
    *,
    document: DeskDocument | object,
    by: Actor,
    at: datetime,
    reason: str,
    code: str = DESK_POLICY,
    name: str = "Desk policy",
    over: int | None = None,
) -> DeskPolicy:
    """A new version of what holds for every customer. Severities may be added, but one that is in use by a
    current service level may not go. Raises `Refused` naming version, where `over` is given and another one holds."""
    checked = documents.check_desk_policy(document)
    ranks = documents.ranks_of(checked)
    for level in current_levels():
        for row in level.document["targets"]:
            if row["severity"] != "*" and row["severity"] not in ranks:
                raise Refused(
                    "severities", f"lack severity {row['severity']}, which {level.name} has targets for"
                )
    return _publish(DeskPolicy, code, name, checked, Signed(by, at, reason), over=over)


@dataclass(frozen=True)
class Signed:
    """Who publishes, when, and why."""

    by: Actor
    at: datetime
    reason: str

    def columns(self) -> dict[str, Any]:
        return {
            "published_at": self.at.replace(microsecond=0),
            "published_by_id": self.by.id if self.by.kind == "staff" else None,
            "reason": self.reason.strip()[:300],
        }


def first(model: type[V], rows: Iterable[tuple[str, str, Any, dict[str, Any]]], signed: Signed) -> None:
    """Version 1 of each (code, name, checked document, columns) whose code has no version yet."""
    have = set(model._default_manager.values_list("code", flat=True))
    model._default_manager.bulk_create(
        [
            model(code=code, version=1, name=name, document=document, **more, **signed.columns())
            for code, name, document, more in rows
            if code not in have
        ],
        ignore_conflicts=True,  # two may start at once
    )


def _calendars(*documents_of: Any) -> list[str]:
    return documents.calendars_of(*documents_of)


def _calendars_for(level: str) -> list[str]:
    """The calendars that rows of a level may name: the desk's, and those of the packages that sell it."""
    desk = DeskPolicy.objects.filter(code=DESK_POLICY).order_by("-version").first()
    boxes = [box.document for box in current_packages() if box.level.code == level]
    return _calendars(desk.document if desk else {}, *boxes)


def _compiles(desk: Any, level: Any, package: Any, field: str) -> None:
    """Raise `Refused` for what looks right part by part and still gives no terms, such as hours that never open."""
    place, years = policy.Place(), (2025, 2029)
    try:
        both = policy.compose(desk, level, package)
        business = policy.business_calendar(both, place=place, years=years)
        for name in policy.calendars_in(both):
            compiled(name, policy.calendars_in(both), policy.around(place, years, {}))
        policy.terms(both, policy.Named(), place=place, years=years, facts={}, business=business)
    except Refused as refused:
        raise Refused(f"{field}.{refused.field}" if field else refused.field, refused.message) from None


def _publish(
    model: type[V],
    code: str,
    name: str,
    document: Any,
    signed: Signed,
    *,
    over: int | None = None,
    **more: Any,
) -> V:
    if not re.fullmatch(r"[a-z][a-z0-9_-]{1,49}", code):
        raise Refused("code", "must be 2 to 50 small letters, digits and dashes, such as high-priority")
    if not name.strip() or len(name) > 100:
        raise Refused("name", "must be 1 to 100 characters")
    if not signed.reason.strip():
        raise Refused("reason", "is missing; say why this version is published")
    try:
        with transaction.atomic():
            _one_at_a_time()
            last = model._default_manager.filter(code=code).aggregate(last=Max("version"))["last"] or 0
            if over is not None and over != last:
                raise Refused("version", f"another version of {code} was published meanwhile; look again")
            made = model._default_manager.create(
                code=code, version=last + 1, name=name.strip(), document=document, **more, **signed.columns()
            )
            done = f"{model._meta.verbose_name} published"
            acts.record(done, str(made), by=signed.by, at=signed.at, after={"reason": made.reason})
            return made
    except IntegrityError:
        raise Refused(
            "version", f"somebody has just published another version of {code}; look again"
        ) from None


# ---- the whole policy


def export_parts() -> dict[str, Any]:
    """The running configuration as one policy: desk, levels and packages as they are current (docs/policy.md)."""
    desk = current_desk_policy()
    return {
        "format": 2,
        "name": desk.name,
        "desk": desk.document,
        "levels": {
            one.code: {**one.document, "name": one.name, "rank": one.rank} for one in current_levels()
        },
        "packages": {
            one.code: {**one.document, "name": one.name, "level": one.level.code} for one in current_packages()
        },
    }  # fmt: skip


def load_parts(
    parts: Mapping[str, Any], *, by: Actor, at: datetime, reason: str, over: Mapping[str, Any] | None = None
) -> list[str]:
    """Publish a new version of every part that differs, and withdraw what the policy does not have any more.

    All of it or nothing: a broken policy never replaces a working one. Raises `Refused` naming the part and
    field, such as levels.high.targets[3].severity; version, where `over` is given and another policy runs by now.
    Returns what changed, a sentence each; signed contracts keep the versions they name.
    """
    check_parts(parts, at)
    signed = Signed(by, at, reason)
    with transaction.atomic():
        _one_at_a_time()
        if over is not None and export_parts() != over:
            raise Refused("version", "another one was published meanwhile; look again")
        levels: dict[str, ServiceLevel] = {}
        changed: list[str] = []
        for step in _steps(parts):
            more = dict(step.more)
            if step.model is Package:
                more["level"] = levels.get(more["level"].code) or more["level"]
            made = _publish(step.model, step.code, step.name, step.document, signed, **more)
            if isinstance(made, ServiceLevel):
                levels[made.code] = made
            changed += _said(step.held, made)
    return changed


def published_since(at: datetime, most: int) -> list[tuple[Version, list[str]]]:
    """The versions that were published at that second or later, the oldest first, each with what it changed."""
    models: tuple[type[Version], ...] = (DeskPolicy, ServiceLevel, Package)
    found: list[tuple[Version, list[str]]] = []
    for model in models:
        rows = model._default_manager.filter(published_at__gte=at).select_related("published_by")
        for one in rows.order_by("published_at", "pk")[:most]:
            before = model._default_manager.filter(code=one.code, version=one.version - 1).first()
            found.append((one, _said(before, one)))
    return sorted(found, key=lambda said: (said[0].published_at, said[0].pk))[:most]


def _one_at_a_time() -> None:
    """Whoever publishes waits for the one before, to the end of its transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def compared(parts: Mapping[str, Any]) -> list[str]:
    """What `load_parts` would change, a sentence each; nothing is written."""
    found: list[str] = []
    for step in _steps(parts):
        version = (step.held.version if step.held else 0) + 1
        made = step.model(
            code=step.code, name=step.name, document=step.document, version=version, **step.more
        )
        found += _said(step.held, made)
    return found


@dataclass(frozen=True)
class _Step:
    """One version that a policy brings: of what, and in place of which. A package's level may be one to come."""

    model: type[Any]
    code: str
    name: str
    document: Any
    held: Any
    more: dict[str, Any]


def _steps(parts: Mapping[str, Any]) -> list[_Step]:
    """Everything that differs, in an order that holds references: desk, levels, packages, then what goes."""
    found: list[_Step] = []
    _differs(found, DeskPolicy, DESK_POLICY, str(parts["name"]), parts["desk"])
    levels: dict[str, ServiceLevel] = {}
    for code, says in parts["levels"].items():
        _differs(found, ServiceLevel, code, says["name"], body(says), rank=says["rank"])
        held: Any = newest(ServiceLevel, code)
        same = held is not None and not any((one.model, one.code) == (ServiceLevel, code) for one in found)
        version = (held.version if held else 0) + 1
        to_come = ServiceLevel(
            code=code, name=says["name"], version=version, document=body(says), rank=says["rank"]
        )
        levels[code] = held if held is not None and same else to_come
    for code, says in parts["packages"].items():
        _differs(found, Package, code, says["name"], body(says), level=levels[says["level"]])
    sold: tuple[tuple[Any, Any], ...] = ((Package, parts["packages"]), (ServiceLevel, parts["levels"]))
    for model, kept in sold:
        for held in model._default_manager.order_by("code", "-version").distinct("code"):
            if held.code not in kept and not held.withdrawn:
                more = {"level": held.level} if isinstance(held, Package) else {"rank": held.rank}
                found.append(
                    _Step(model, held.code, held.name, held.document, held, {**more, "withdrawn": True})
                )
    return found


def _differs(found: list[_Step], model: type[Any], code: str, name: str, document: Any, **more: Any) -> None:
    held: Any = newest(model, code)
    gone = isinstance(held, Sold) and held.withdrawn
    same = held is not None and not gone and (held.name, held.document) == (name, document)
    if not same or any(getattr(held, field) != value for field, value in more.items()):
        found.append(_Step(model, code, name, document, held, more))


def _said(held: Any, made: Any) -> list[str]:
    """What a new version changes, for people."""
    what = made.name if isinstance(made, DeskPolicy) else f"{made._meta.verbose_name} {made.name}"
    if held is None:
        return [f"{what} is new"]
    if getattr(made, "withdrawn", False):
        return [f"{what} is withdrawn; contracts that name it keep it"]
    return [f"{what}: {said}" for said in differences(held, made)] or [f"{what}, version {made.version}"]


def check_parts(parts: Mapping[str, Any], at: datetime) -> None:
    """Raise `Refused` for the first thing that is wrong with a whole policy, named by its place."""
    for key in ("name", "desk", "levels", "packages"):
        if key not in parts:
            raise Refused(key, "is missing")
    refuse(policy_problems(parts))
    whole.check(dict(parts), policy.years_of(at.date(), at.date()))


def body(says: Mapping[str, Any]) -> dict[str, Any]:
    """A part without what is kept in columns of its own."""
    return {key: value for key, value in says.items() if key not in {"name", "rank", "level"}}


def newest(model: type[V], code: str) -> V | None:
    """The newest version, withdrawn or not; None when there is none."""
    return model._default_manager.filter(code=code).order_by("-version").first()


# ---- reading


def current(model: type[V], code: str) -> V:
    """The newest version. Raises `Refused` naming the code when there is none."""
    found: V | None = _newest(model).first(code=code)
    if found is None:
        raise Refused("code", f"there is no {model._meta.verbose_name} {code!r}")
    return found


@cache
def _newest(model: type[Version]) -> Prepared[Any]:
    of = ["level"] if model is Package else []
    return Prepared(
        lambda: (
            model._default_manager.filter(code=Arg.text("code")).order_by("-version").select_related(*of)[:1]
        )
    )


def history(model: type[V], code: str) -> list[V]:
    """All versions, the newest first."""
    return list(model._default_manager.filter(code=code).select_related("published_by").order_by("-version"))


def current_levels() -> list[ServiceLevel]:
    """The newest version of each level that is not withdrawn, the lowest rank first."""
    newest = ServiceLevel.objects.order_by("code", "-version").distinct("code")
    return sorted((one for one in newest if not one.withdrawn), key=lambda level: (level.rank, level.code))


def current_packages() -> list[Package]:
    """The newest version of each package that is not withdrawn, the lowest level first."""
    newest = Package.objects.select_related("level").order_by("code", "-version").distinct("code")
    return sorted((one for one in newest if not one.withdrawn), key=lambda box: (box.level.rank, box.code))


def current_desk_policy() -> DeskPolicy:
    """The desk policy in force. Raises `Refused` before the first one is published."""
    found: DeskPolicy | None = once("desk policy", lambda: _newest(DeskPolicy).first(code=DESK_POLICY))
    if found is None:
        raise Refused("desk policy", "none is published yet; start with `mainstay up`")
    return found


def severity_ranks() -> list[int]:
    """The severities of the desk; 1 to 3 before it has any."""
    found = DeskPolicy.objects.filter(code=DESK_POLICY).order_by("-version").first()
    return documents.ranks_of(found.document) if found else [1, 2, 3]
