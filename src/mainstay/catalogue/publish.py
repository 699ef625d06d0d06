"""Publishing versions of the catalogue: always a new one, never an edit, with what changed in words (P2)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import Max

from mainstay.accounts import acts
from mainstay.accounts.actor import Actor
from mainstay.catalogue import documents
from mainstay.catalogue.documents import DeskDocument, LevelDocument, PackageDocument
from mainstay.catalogue.models import DeskPolicy, Package, ServiceLevel, Version
from mainstay.catalogue.remembered import once
from mainstay.errors import Refused

DESK_POLICY = "desk"
V = TypeVar("V", bound=Version)


# ---- verbs


def publish_level(
    *, code: str, name: str, rank: int, document: LevelDocument | object, by: Actor, at: datetime, reason: str
) -> ServiceLevel:
    """A new version of a service level. Packages and contracts keep the version they name."""
    checked = documents.check_level(document, ranks=severity_ranks())
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
    return _publish(
        Package, code, name, documents.check_package(document), Signed(by, at, reason), level=level
    )


def publish_desk_policy(
    *,
    document: DeskDocument | object,
    by: Actor,
    at: datetime,
    reason: str,
    code: str = DESK_POLICY,
    name: str = "Desk policy",
) -> DeskPolicy:
    """A new version of what holds for every customer. Severities may be added, but one that is in use by a
    current service level may not go."""
    checked = documents.check_desk_policy(document)
    ranks = documents.ranks_of(checked)
    for level in current_levels():
        for row in level.document["targets"]:
            if row["severity"] != "*" and row["severity"] not in ranks:
                raise Refused(
                    "severities", f"lack severity {row['severity']}, which {level.name} has targets for"
                )
    return _publish(DeskPolicy, code, name, checked, Signed(by, at, reason))


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


def _publish(model: type[V], code: str, name: str, document: Any, signed: Signed, **more: Any) -> V:
    if not re.fullmatch(r"[a-z][a-z0-9_-]{1,49}", code):
        raise Refused("code", "must be 2 to 50 small letters, digits and dashes, such as high-priority")
    if not name.strip() or len(name) > 100:
        raise Refused("name", "must be 1 to 100 characters")
    if not signed.reason.strip():
        raise Refused("reason", "is missing; say why this version is published")
    last = model._default_manager.filter(code=code).aggregate(last=Max("version"))["last"] or 0
    try:
        with transaction.atomic():
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


# ---- reading


def current(model: type[V], code: str) -> V:
    """The newest version. Raises `Refused` naming the code when there is none."""
    found = model._default_manager.filter(code=code).order_by("-version").first()
    if found is None:
        raise Refused("code", f"there is no {model._meta.verbose_name} {code!r}")
    return found


def history(model: type[V], code: str) -> list[V]:
    """All versions, the newest first."""
    return list(model._default_manager.filter(code=code).select_related("published_by").order_by("-version"))


def current_levels() -> list[ServiceLevel]:
    """The newest version of each level, the lowest rank first."""
    newest = ServiceLevel.objects.order_by("code", "-version").distinct("code")
    return sorted(newest, key=lambda level: (level.rank, level.code))


def current_packages() -> list[Package]:
    """The newest version of each package, the lowest level first."""
    newest = Package.objects.select_related("level").order_by("code", "-version").distinct("code")
    return sorted(newest, key=lambda package: (package.level.rank, package.code))


def current_desk_policy() -> DeskPolicy:
    """The desk policy in force. Raises `Refused` before the first one is published."""
    found = once(
        "desk policy", lambda: DeskPolicy.objects.filter(code=DESK_POLICY).order_by("-version").first()
    )
    if found is None:
        raise Refused("desk policy", "none is published yet; start with `mainstay up`")
    return found


def severity_ranks() -> list[int]:
    """The severities of the desk; 1 to 3 before it has any."""
    found = DeskPolicy.objects.filter(code=DESK_POLICY).order_by("-version").first()
    return documents.ranks_of(found.document) if found else [1, 2, 3]


# ---- differences in words


def differences(before: Version, after: Version) -> list[str]:
    """What changed between two versions, a sentence each; empty when nothing did."""
    sentences = []
    if before.name != after.name:
        sentences.append(f"name: {before.name} became {after.name}")
    if isinstance(before, ServiceLevel) and isinstance(after, ServiceLevel) and before.rank != after.rank:
        sentences.append(f"rank: {before.rank} became {after.rank}")
    if isinstance(before, Package) and isinstance(after, Package) and before.level_id != after.level_id:
        sentences.append(f"service level: {before.level} became {after.level}")
    was, now = dict(_facts(before.document)), dict(_facts(after.document))
    for fact in [*was, *(fact for fact in now if fact not in was)]:
        old, new = was.get(fact), now.get(fact)
        if old != new:
            sentences.append(_changed(fact, old, new))
    return sentences


def _changed(fact: str, old: str | None, new: str | None) -> str:
    if old is None:
        return f"{fact}: {new} is new"
    if new is None:
        return f"{fact}: {old} is gone"
    return f"{fact}: {old} became {new}"


def _facts(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Each thing a document says, as (what, how much), in its order."""
    for name, value in document.items():
        if name == "targets":
            yield from (_target_fact(row) for row in value)
        else:
            yield from _plain(name.replace("_", " "), value)


def _target_fact(row: dict[str, Any]) -> tuple[str, str]:
    severity = "every severity" if row["severity"] == "*" else f"severity {row['severity']}"
    when = row.get("when", {}).get("received")
    what = f"{row['clock'].replace('_', ' ')}, {severity}"
    if when:
        what += f", received {when.replace('_', ' ')}"
    hours = "round the clock" if row["calendar"] == "always" else "business time"
    return what, f"{row['target']} {hours}, {row['kind']}"


def _plain(what: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _plain(f"{what}, {key.replace('_', ' ')}", inner)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for inner in value:
            called = str(inner.get("code") or inner.get("kpi") or inner.get("rank"))
            rest = {key: part for key, part in inner.items() if key not in {"code", "kpi", "rank"}}
            yield from _plain(f"{what}, {called.replace('_', ' ')}", rest)
    elif isinstance(value, list):
        yield what, " ".join(_word(part) for part in value) or "nothing"
    else:
        yield what, _word(value)


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "-".join(str(part) for part in value)
    return str(value)
