"""The price list: what each package costs in each currency from a day on (P2). Rows are only ever added."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from django.db import transaction
from django.db.models import Q

from mainstay.accounts import acts
from mainstay.accounts.actor import Actor
from mainstay.allowances.models import Price
from mainstay.catalogue import publish
from mainstay.catalogue.models import Package
from mainstay.errors import Refused


@dataclass(frozen=True)
class Line:
    """One package of the list: its basis in words, and its price in each currency of the list, if it has one."""

    package: Package
    basis: str
    prices: tuple[Price | None, ...]

    @property
    def priced(self) -> bool:
        return any(one is not None for one in self.prices)


@dataclass(frozen=True)
class PriceList:
    """What holds on `day`."""

    day: date
    currencies: tuple[str, ...]
    lines: tuple[Line, ...]
    to_come: tuple[Price, ...]


def price_list(day: date, currency: str = "") -> PriceList:
    """Every package as it is sold now with its prices on a day; in all currencies, or in one."""
    held = _in_force(day)
    currencies = tuple(sorted({code for _, code in held}))
    if currency:
        currencies = tuple(one for one in currencies if one == currency)
    lines = [
        Line(one, _basis(one), tuple(held.get((one.code, code)) for code in currencies))
        for one in publish.current_packages()
    ]
    to_come = Price.objects.filter(from_day__gt=day).order_by("from_day", "package", "currency", "pk")
    return PriceList(day, currencies, tuple(lines), tuple(to_come[:200]))


def _in_force(day: date) -> dict[tuple[str, str], Price]:
    """By package and currency: the row with the latest day; of one day, the one written last. Those named in a
    package's own document count where the list has none."""
    rows = Price.objects.filter(from_day__lte=day).order_by("package", "currency", "-from_day", "-pk")
    held = {(one.package, one.currency): one for one in rows.distinct("package", "currency")}
    for package in publish.current_packages():
        says = package.document["price"]
        if says.get("amount") and says.get("currency"):
            key = (package.code, says["currency"])
            held.setdefault(
                key,
                Price(package=key[0], currency=key[1], amount=Decimal(says["amount"]), from_day=day, note=""),
            )
    return held


def _basis(package: Package) -> str:
    """The basis with whatever else the document says of the price: a percentage, a floor, by the unit."""
    says = package.document["price"]
    more = []
    if says.get("percent"):
        more.append(f"{says['percent']} % of {says.get('percent_of', 'the licence fee')}")
    if says.get("floor"):
        more.append(f"at least {says['floor']} {says.get('currency', '')}".strip())
    if says.get("per_unit"):
        more.append(f"{says['per_unit']} {says.get('currency', '')} for each unit".replace("  ", " "))
    return ", ".join([str(says["basis"]), *more])


def set_price(
    *, package: str, currency: str, amount: str, from_day: date, note: str, by: Actor, at: datetime
) -> Price:
    """A package's price in a currency from a day on. What holds now goes on until then, and stays written.

    Raises `Refused` naming package, currency, amount or note.
    """
    sold = publish.current(Package, package)
    currency, note = currency.strip().upper(), " ".join(note.split())
    if not re.fullmatch(r"[A-Z]{3}", currency):
        raise Refused("currency", "must be three letters such as EUR")
    if len(note) > 200 or not note.isprintable():
        raise Refused("note", "must be at most 200 characters")
    with transaction.atomic():
        made = Price.objects.create(
            package=sold.code, currency=currency, amount=_amount(amount), from_day=from_day, note=note,
            by_name=by.name[:200], at=at,
        )  # fmt: skip
        after = {"price": f"{made.amount} {currency}", "from": from_day}
        acts.record("price set", sold.name, by=by, at=at, after=after)
    return made


def _amount(text: str) -> Decimal:
    plain = text.strip().replace(" ", "").replace("\u202f", "").replace("\u00a0", "")
    try:
        found = Decimal(plain) if re.fullmatch(r"\d{1,12}(\.\d{1,2})?", plain, re.ASCII) else None
    except InvalidOperation:
        found = None
    if found is None:
        raise Refused("amount", f"must be an amount such as 1200 or 1200.50, not {text[:40]!r}")
    return found


def history(package: str) -> Sequence[Price]:
    """Every price a package had, has or will have, the newest first."""
    return list(Price.objects.filter(Q(package=package)).order_by("-from_day", "-pk"))


def as_rows(listed: PriceList) -> Iterable[tuple[str, ...]]:
    """The list as rows for a file: one for each price, with its head."""
    yield "package", "name", "service level", "basis", "currency", "amount", "from"
    for line in listed.lines:
        priced = [one for one in line.prices if one is not None]
        of = (line.package.code, line.package.name, line.package.level.name, line.basis)
        for one in priced:
            yield *of, one.currency, f"{one.amount:.2f}", one.from_day.isoformat() if one.pk else ""
        if not priced:
            yield *of, "", "", ""
