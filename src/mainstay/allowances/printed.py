"""The price list on paper, set by Typst without network or other fonts; what people typed is set as text only."""

from __future__ import annotations

import json
from datetime import datetime
from functools import lru_cache
from importlib.resources import files

import typst
from django.conf import settings

from mainstay.allowances.prices import Line, PriceList


def price_list(listed: PriceList, *, at: datetime) -> bytes:
    """The list as a PDF; the same list made at the same instant gives the same bytes."""
    document = {
        "title": "Support packages and prices",
        "vendor": settings.VENDOR_NAME,
        "under": f"{settings.VENDOR_NAME}, as of {listed.day:%-d %B %Y}",
        "currencies": list(listed.currencies),
        "lines": [_line(one) for one in listed.lines],
        "foot": "What suits you and what it costs in the end is agreed case by case.",
    }
    return typst.compile(
        _template(),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"document": json.dumps(document, ensure_ascii=False)},
        timestamp=int(at.timestamp()),
    )


def _line(one: Line) -> dict[str, object]:
    return {
        "name": one.package.name,
        "level": one.package.level.name,
        "summary": one.package.document["summary"],
        "basis": f"Priced by: {one.basis}",
        "prices": [
            f"{price.amount:,.2f}" + (f"\n{price.note}" if price.note else "") if price else "–"
            for price in one.prices
        ],
    }


@lru_cache(maxsize=1)
def _template() -> bytes:
    return (files("mainstay.allowances") / "print" / "prices.typ").read_bytes()


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)
