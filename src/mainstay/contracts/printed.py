"""Offers and contracts on paper: the same words as on the pages, set by Typst without network or other fonts (P5).

Everything that people typed goes into the document as data and is set as text; no word of it is ever markup.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from typing import Any

import typst
from django.conf import settings

from mainstay.contracts import said
from mainstay.contracts.days import day_words, days_words
from mainstay.contracts.models import Contract, Draft
from mainstay.contracts.said import Said


def offer(draft: Draft, *, at: datetime) -> bytes:
    """What we offer, as a PDF."""
    end = draft.last_day + timedelta(days=1) if draft.last_day else None
    head = {
        "title": "Offer",
        "number": draft.number,
        "under": f"made on {day_words(at.date())}; nothing is promised until it is signed",
        "facts": _facts(draft, days_words(draft.first_day, end)),
        "signatures": [],
    }
    return _set(head, said.of_draft(draft), at)


def contract(version: Contract) -> bytes:
    """A signed version, as a PDF; the same version gives the same bytes."""
    signed = version.signed_on or version.created_at.date()
    head = {
        "title": "Support contract",
        "number": f"{version.number}, version {version.version}",
        "under": f"signed on {day_words(signed)}",
        "facts": _facts(version, days_words(version.first_day, version.period.upper)),
        "signatures": list(version.signatories),
    }
    if version.reason:
        head["facts"] = [*_facts(version, days_words(version.first_day, version.period.upper)),
                         ["Why amended", version.reason]]  # fmt: skip
    return _set(head, said.of_contract(version), version.created_at)


def _facts(one: Contract | Draft, holds: str) -> list[list[str]]:
    environment = one.environment.name if one.environment else "all of its environments"
    found = [
        ["Customer", one.customer.name],
        ["Package", f"{one.package.name}, version {one.package.version} of the catalogue"],
        ["Service level", one.package.level.name],
        ["Covers", environment],
        ["Holds", holds],
        ["Telephone", one.phone_number],
        ["Technical Account Manager", one.tam.name if one.tam else ""],
        ["Team", one.team.name if one.team else ""],
    ]
    return [[name, words] for name, words in found if words]


def _set(head: dict[str, Any], says: Said, at: datetime) -> bytes:
    document = {
        **head,
        "vendor": settings.VENDOR_NAME,
        "severities": [
            [f"{one['rank']} {one['name']}", one["definition"], one["urgency"]] for one in says.severities
        ],
        "promises": [[one.clock, one.when, list(one.cells)] for one in says.promises],
        "hours": says.hours,
        "more": [list(pair) for pair in says.facts],
        "kpis": [list(pair) for pair in says.kpis],
        "price": says.price,
        "exclusions": [one["title"] for one in says.exclusions],
        "differs": list(says.differs),
        "ranks": len(says.severities),
    }
    return typst.compile(
        template(),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"document": json.dumps(document, ensure_ascii=False)},
        timestamp=int(at.timestamp()),
    )


@lru_cache(maxsize=1)
def template() -> bytes:
    return (files("mainstay.contracts") / "print" / "contract.typ").read_bytes()


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)
