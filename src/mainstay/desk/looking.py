"""What another policy would change: its parts, remarks, open tickets, contracts. Looking writes nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from mainstay.accounts.actor import Actor
from mainstay.catalogue import publish
from mainstay.catalogue.models import DeskPolicy, Package, ServiceLevel
from mainstay.contracts.basis import Basis
from mainstay.contracts.compiled import Compiled
from mainstay.contracts.entitlement import INCLUDED
from mainstay.contracts.models import Contract
from mainstay.policy import check
from mainstay.policy.competing import Remark
from mainstay.policy.compile import years_of
from mainstay.policy.source import MOST_TOLD, Mistake
from mainstay.tickets import agreement, resolve
from mainstay.tickets.models import Change, State, Ticket

LOOKED_AT = 300  # tickets whose new promises are shown
SINCE = 40  # versions that were published meanwhile


@dataclass
class Looked:
    """What was found in a policy: mistakes of its file, or the parts, what they change, and for which tickets."""

    text: str = ""
    mistakes: list[Mistake] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    parts: dict[str, Any] | None = None
    changed: list[str] = field(default_factory=list)
    effects: list[agreement.Effect] = field(default_factory=list)
    contracts: list[tuple[str, int]] = field(default_factory=list)

    @property
    def first(self) -> list[Mistake]:
        """The mistakes as far as a page shows them."""
        return self.mistakes[:MOST_TOLD]

    @property
    def more(self) -> int:
        """How many mistakes there are beyond those."""
        return max(0, len(self.mistakes) - MOST_TOLD)

    @property
    def wrong(self) -> bool:
        """Whether the file cannot be used."""
        return any(one.is_error for one in self.mistakes)


def at_parts(parts: dict[str, Any], at: datetime, looked: Looked | None = None) -> Looked:
    """What parts that are right would change; `looked` holds what is known of them already."""
    found = looked or Looked()
    desk, packages = _unpublished(parts)
    found.parts = parts
    found.changed = publish.compared(parts)
    found.effects = _effects(desk, packages, at)
    found.contracts = _kept(packages, at)
    return found


def new_remarks(before: dict[str, Any], after: dict[str, Any], at: datetime) -> list[Remark]:
    """What is worth a look in a policy and was not in the one before it."""
    years = years_of(at.date(), at.date())
    known = {_wherever(one) for one in check.remarks(before, years)}
    return [one for one in check.remarks(after, years) if not one.is_error and _wherever(one) not in known]


def _wherever(remark: Remark) -> str:
    """A remark without the numbers of its rows: a row that only moved is not new."""
    return re.sub(r"\[\d+\]", "[]", f"{remark.field}: {remark.message}")


MOVED = "another version of this was published since this page was opened; what you typed is kept, look again"


def since(seen: str) -> list[str]:
    """What was published since a page was made (an ISO instant, as the page says it), a sentence each with who did."""
    try:
        after = datetime.fromisoformat(seen)
    except ValueError:
        return []
    if after.tzinfo is None:
        return []
    return [
        f"{version.published_by.name if version.published_by else _('somebody')}: {'; '.join(changed)}"
        for version, changed in publish.published_since(after.replace(microsecond=0), SINCE)
    ]


def without_contract() -> QuerySet[Ticket]:
    """The open tickets that a new policy may concern: those under a contract keep what was signed."""
    return Ticket.objects.filter(contract=None).exclude(state=State.CLOSED)


def let_hold_for_open(why: str, *, by: Actor, at: datetime) -> Change:
    """The policy in force judges the open tickets without a contract from now on."""
    return agreement.schedule(scope=without_contract(), why=why, by=by, at=at)


def published(changed: list[str]) -> str:
    """What was published, in one sentence."""
    if not changed:
        return "Nothing differs from what is running; nothing was published."
    return f"Published: {'; '.join(changed[:5])}" + ("; and more." if len(changed) > 5 else ".")


def _unpublished(parts: dict[str, Any]) -> tuple[DeskPolicy, dict[str, Package]]:
    """The parts as versions that nobody has published, to see what they would give."""
    desk = DeskPolicy(code=publish.DESK_POLICY, version=0, name=parts["name"], document=parts["desk"])
    levels = {
        code: ServiceLevel(
            code=code, version=0, name=says["name"], rank=says["rank"], document=publish.body(says)
        )
        for code, says in parts["levels"].items()
    }
    return desk, {
        code: Package(
            code=code, version=0, name=says["name"], level=levels[says["level"]], document=publish.body(says)
        )
        for code, says in parts["packages"].items()
    }  # fmt: skip


def _effects(desk: DeskPolicy, packages: dict[str, Package], at: datetime) -> list[agreement.Effect]:
    """The open tickets of which a promise would be another one."""
    compiled = Compiled()
    bases = {
        "included": Basis("included", None, packages.get(INCLUDED), desk),
        "none": Basis("none", None, None, desk),
    }
    if bases["included"].package is None:
        del bases["included"]
    found = agreement.preview(
        without_contract().filter(entitlement__in=bases),
        lambda ticket: resolve.again(ticket, bases[ticket.entitlement], keep=False, compiled=compiled),
        at=at,
        most=LOOKED_AT,
    )
    return [one for one in found if one.seen]


def _kept(packages: dict[str, Package], at: datetime) -> list[tuple[str, int]]:
    """How many contracts in force keep the version of a package that this policy would follow with another."""
    counted = []
    for code, box in packages.items():
        held = publish.newest(Package, code)
        same = held and (held.document, held.level.document) == (box.document, box.level.document)
        number = Contract.objects.filter(package__code=code, period__contains=at.date()).count()
        if number and not same:
            counted.append((box.name, number))
    return counted
