"""Offers and contracts on paper: the same words as on the pages, set by Typst without network or other fonts (P5).

Everything that people typed goes into the document as data and is set as text; no word of it is ever markup.
"""

from __future__ import annotations

import json
import re
from datetime import date, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from typing import Any

import typst
from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from mainstay.contracts import said
from mainstay.contracts.days import today
from mainstay.contracts.models import Contract, Draft
from mainstay.contracts.said import Said
from mainstay.contracts.wording import known
from mainstay.policy.spoken import spoken


def offer(draft: Draft, *, at: datetime) -> bytes:
    """What we offer, as a PDF in the customer's language."""
    with translation.override(_language(draft.customer.language)):
        return _offer(draft, at)


def _offer(draft: Draft, at: datetime) -> bytes:
    end = draft.last_day + timedelta(days=1) if draft.last_day else None
    head = {
        "title": _("Offer"),
        "number": draft.number,
        "under": _("made on %(day)s; nothing is promised until it is signed")
        % {"day": _day(today(draft.customer, at))},
        "facts": _facts(draft, _days(draft.first_day, end)),
        "signatures": [],
    }
    return _set(head, said.of_draft(draft), at)


def contract(version: Contract) -> bytes:
    """A signed version, as a PDF in the customer's language; the same version gives the same bytes."""
    with translation.override(_language(version.customer.language)):
        return _contract(version)


def _contract(version: Contract) -> bytes:
    signed = version.signed_on or today(version.customer, version.created_at)
    facts = _facts(version, _days(version.first_day, version.period.upper))
    number = _("%(number)s, version %(version)s") % {"number": version.number, "version": version.version}
    head = {
        "title": _("Support contract"),
        "number": number,
        "under": _("signed on %(day)s") % {"day": _day(signed)},
        "facts": [*facts, [_("Why amended"), version.reason]] if version.reason else facts,
        "signatures": list(version.signatories),
    }
    return _set(head, said.of_contract(version), version.created_at)


def _facts(one: Contract | Draft, holds: str) -> list[list[str]]:
    environment = one.environment.name if one.environment else _("all of its environments")
    package = _("%(package)s, version %(version)s of the catalogue")
    found = [
        [_("Customer"), one.customer.name],
        [_("Package"), package % {"package": one.package.name, "version": one.package.version}],
        [_("Service level"), one.package.level.name],
        [_("Covers"), environment],
        [_("Holds"), holds],
        [_("Telephone"), one.phone_number],
        [_("Technical Account Manager"), one.tam.name if one.tam else ""],
        [_("Team"), one.team.name if one.team else ""],
    ]
    return [[name, words] for name, words in found if words]


def _language(wanted: str) -> str:
    """The language it is printed in: the customer's, if we speak it, else English."""
    return wanted if wanted in dict(settings.LANGUAGES) else "en"


def _day(day: date) -> str:
    return date_format(day, "DATE_FORMAT")


def _days(first: date | None, end: date | None) -> str:
    """The days on which it holds, both included."""
    begin = _day(first) if first else ""
    if end is None:
        return _("from %(first)s without an end") % {"first": begin}
    return _("from %(first)s to %(last)s") % {"first": begin, "last": _day(end - timedelta(days=1))}


def _labels(vendor: str, customer: str) -> dict[str, str]:
    """The words of the template."""
    return {
        "promised": _("What is promised"),
        "owed": _(
            "A promise is owed; a goal is measured and shown. Business time counts only the hours below."
        ),
        "severity": _("Severity"),
        "hours": _("Business hours"),
        "figures": _("Figures agreed"),
        "ladder": _("Who is told as time goes by"),
        "differs": _("Agreed otherwise than in the catalogue"),
        "price": _("Price"),
        "severities": _("Severities"),
        "exclusions": _("What is not covered"),
        "signed": _("Signed"),
        "place": _("place, day"),
        "for_us": _("For %(name)s") % {"name": vendor},
        "for_them": _("For %(name)s") % {"name": customer},
        "of": _("of"),
    }


def _set(head: dict[str, Any], says: Said, at: datetime) -> bytes:
    language = translation.get_language() or "en"
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
        "ladder": [[when[:1].upper() + when[1:], who] for when, who in says.ladder],
        "shares": says.shares,
        "price": says.price,
        "exclusions": [known(spoken(one, language)["title"]) for one in says.exclusions],
        "differs": list(says.differs),
        "ranks": len(says.severities),
        "language": language,
        "words": _labels(settings.VENDOR_NAME, head["facts"][0][1]),
    }
    document["unprintable"] = _unprintable(document)
    return typst.compile(
        template(),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={
            "document": json.dumps(
                _spelled(document) if document["unprintable"] else document, ensure_ascii=False
            )
        },
        timestamp=int(at.timestamp()),
    )


# ---- characters that no font has

_PRINTABLE = re.compile(
    "[\\x00-\u052f\u10a0-\u10ff\u1d00-\u1fff\u2000-\u206f\u2070-\u209f\u20a0-\u20bf\u2100-\u23ff\u2500-\u27bf]"
)
"""What the fonts in the wheel have: Latin, Greek, Cyrillic, Georgian, signs."""


def _unprintable(document: Any) -> str:
    """What is said on paper where characters could not be set; empty where all can, or further fonts are given."""
    if settings.FONTS:
        return ""
    missing = {char for char in json.dumps(document, ensure_ascii=False) if not _PRINTABLE.match(char)}
    if not missing:
        return ""
    return _(
        "Some characters could not be printed, as no font here has them; they are written by their numbers, such as"
        " %(example)s. The contract with all its characters is kept in electronic form."
    ) % {"example": _number(min(missing))}


def _number(char: str) -> str:
    return f"U+{ord(char):04X}"


def _spelled(value: Any) -> Any:
    """The same with each character that no font has as its number, so that nothing is an empty box."""
    if isinstance(value, dict):
        return {key: _spelled(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_spelled(inner) for inner in value]
    if not isinstance(value, str) or all(_PRINTABLE.match(char) for char in value):
        return value
    return " ".join(
        "".join(char if _PRINTABLE.match(char) else f" {_number(char)} " for char in value).split()
    )


@lru_cache(maxsize=1)
def template() -> bytes:
    return (files("mainstay.contracts") / "print" / "contract.typ").read_bytes()


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    more = [str(settings.FONTS)] if settings.FONTS else []
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=more)
