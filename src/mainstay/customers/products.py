"""Products and their releases: what the vendor sells, and until when each release is looked after."""

from __future__ import annotations

import re
from datetime import date, datetime

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
) -> Release:
    """A release; without an end it is maintained until one is set. Raises `Refused` naming the field."""
    version = " ".join(version.split())
    if not version or len(version) > 40 or not version.isprintable():
        raise Refused("version", "must be the release's number, 1 to 40 characters, such as 7.1")
    if maintained_until is not None and maintained_until < released_on:
        raise Refused("maintained_until", f"is before it is released, on {released_on.isoformat()}")
    try:
        with transaction.atomic():
            made = Release.objects.create(
                product=product, version=version, released_on=released_on, maintained_until=maintained_until
            )
            days = {"released_on": released_on, "maintained_until": maintained_until or ""}
            acts.record("release added", str(made), by=by, at=at, after=days)
            return made
    except IntegrityError:
        raise Refused("version", f"{product.name} {version} is there already") from None
