"""What judges a request: a contract version with its package, or what a subscription includes, or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mainstay.catalogue.compile import Agreed
from mainstay.catalogue.models import DeskPolicy, Package
from mainstay.contracts.models import Contract

Kind = Literal["contract", "included", "none"]


@dataclass(frozen=True)
class Basis:
    """What judges: a contract with its package and the desk policy it was signed under, or what a subscription
    includes, or nothing. The versions may be unpublished ones, to see what they would give."""

    kind: Kind
    contract: Contract | None
    package: Package | None
    desk: DeskPolicy


def agreed_in(contract: Contract | None) -> Agreed | None:
    """What a contract adds to its package, for the compiler."""
    if contract is None:
        return None
    return Agreed(contract.number, contract.version, contract.calendar, contract.overrides)
