"""The price list on paper, set by Typst without network or other fonts; what people typed is set as text only."""

from __future__ import annotations

import json
from datetime import datetime
from functools import lru_cache
from importlib.resources import files

import typst
from django.conf import settings
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from mainstay.allowances.models import Price
from mainstay.allowances.prices import Line, PriceList
from mainstay.contracts import wording


def price_list(listed: PriceList, *, at: datetime) -> bytes:
    """The list as a PDF in the language that is spoken now; the same list made at the same instant gives the same
    bytes."""
    day = date_format(listed.day, "DATE_FORMAT")
    document = {
        "title": _("Support packages and prices"),
        "vendor": settings.VENDOR_NAME,
        "under": _("%(vendor)s, as of %(day)s") % {"vendor": settings.VENDOR_NAME, "day": day},
        "currencies": list(listed.currencies),
        "lines": [_line(one) for one in listed.lines],
        "package": _("Package"),
        "foot": _("What suits you and what it costs in the end is agreed case by case."),
    }
    return typst.compile(
        _template(),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"document": json.dumps(document, ensure_ascii=False)},
        timestamp=int(at.timestamp()),
    )


def _line(one: Line) -> dict[str, object]:
    by = _("Priced by")
    return {
        "name": one.package.name,
        "level": one.package.level.name,
        "summary": wording.known(one.package.document["summary"]),
        "basis": f"{by}: {wording.known(one.basis)}",
        "prices": [_price(price) for price in one.prices],
    }


def _price(price: Price | None) -> str:
    if price is None:
        return "–"
    amount = str(number_format(price.amount, 2, use_l10n=True, force_grouping=True))
    return f"{amount}\n{price.note}" if price.note else amount


@lru_cache(maxsize=1)
def _template() -> bytes:
    return (files("mainstay.allowances") / "print" / "prices.typ").read_bytes()


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)
