"""Products and their releases: what the vendor sells, and until when each release is looked after."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from mainstay.accounts import acts
from mainstay.accounts.actor import Actor
from mainstay.customers.models import Product, Release
from mainstay.errors import Refused


def add_product(*, code: str, name: str, by: Actor, at: datetime) -> Product:
    """A product; its code is the skill that engineers have. Raises `Refused` naming code or name."""
    code, name = code.strip().lower(), " ".join(name.split())
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{1,49}", code):
        raise Refused("code", "must be 2 to 50 letters, digits and hyphens, such as atlas")
    if not name or len(name) > 100 or not name.isprintable():
        raise Refused("name", "must be the product's name, 1 to 100 characters")
    try:
        with transaction.atomic():
            made = Product.objects.create(code=code, name=name)
            acts.record("product added", f"{name} ({code})", by=by, at=at)
            return made
    except IntegrityError:
        raise Refused("code", f"{code} is taken") from None


def add_release(
    product: Product,
    *,
    version: str,
    released_on: date,
    maintained_until: date | None,
    by: Actor,
    at: datetime,
    phases: Mapping[str, date | None] | None = None,
) -> Release:
    """A release; without an end it is maintained until one is set. `phases`: the last day of each earlier phase.

    Raises `Refused` naming the field.
    """
    made = Release(product=product, version=_version(version))
    _live(made, released_on, maintained_until, phases or {})
    try:
        with transaction.atomic():
            made.save(force_insert=True)
            acts.record("release added", str(made), by=by, at=at, after=_days(made))
            return made
    except IntegrityError:
        raise Refused("version", f"{product.name} {made.version} is there already") from None


def change_release(
    release: Release,
    *,
    released_on: date,
    maintained_until: date | None,
    phases: Mapping[str, date | None],
    reason: str,
    by: Actor,
    at: datetime,
) -> list[str]:
    """The days of a release as they are now; gives what changed, a sentence each. A change needs its reason.

    What it was before stays in the log of the organisation. Raises `Refused` naming the field.
    """
    reason = " ".join(reason.split())[:300]
    with transaction.atomic():
        held = Release.objects.select_for_update(of=("self",)).select_related("product").get(pk=release.pk)
        before = _days(held)
        _live(held, released_on, maintained_until, phases)
        after = _days(held)
        changes = acts.differences(before, after)
        if changes and not reason:
            raise Refused("reason", "is missing; customers plan by these days, so say why they change")
        if changes:
            held.save(update_fields=["released_on", "maintained_until", "phases"])
            acts.record(
                "release changed", str(held), by=by, at=at, before=before, after={**after, "why": reason}
            )
    return changes


def _version(version: str) -> str:
    version = " ".join(version.split())
    if not version or len(version) > 40 or not version.isprintable():
        raise Refused("version", "must be the release's number, 1 to 40 characters, such as 7.1")
    return version


def _live(
    release: Release, released_on: date, maintained_until: date | None, phases: Mapping[str, date | None]
) -> None:
    """Set the days, in the order of the phases: none ends before the one before it, nor after the last day."""
    if maintained_until is not None and maintained_until < released_on:
        raise Refused("maintained_until", f"is before it is released, on {released_on.isoformat()}")
    kept, earlier = {}, released_on
    for code, day in phases.items():
        if day is None:
            continue
        if day < earlier:
            raise Refused(f"phase_{code}", f"ends before {earlier.isoformat()}, where it begins")
        if maintained_until is not None and day > maintained_until:
            raise Refused(f"phase_{code}", f"ends after maintenance does, on {maintained_until.isoformat()}")
        kept[code], earlier = day.isoformat(), day
    release.released_on, release.maintained_until, release.phases = released_on, maintained_until, kept


def _days(release: Release) -> dict[str, Any]:
    said = {f"{code}_until": day for code, day in release.phases.items()}
    return {"released_on": release.released_on, **said, "maintained_until": release.maintained_until or ""}
