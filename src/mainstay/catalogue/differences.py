"""What changed between two published versions, in words."""

from __future__ import annotations

from typing import Any

from mainstay.catalogue.models import Package, ServiceLevel, Sold, Version
from mainstay.policy.diff import documents


def differences(before: Version, after: Version) -> list[str]:
    """What changed between two versions, a sentence each; empty when nothing did."""
    said = documents(_whole(before), _whole(after))
    if isinstance(before, Sold) and isinstance(after, Sold) and before.withdrawn != after.withdrawn:
        said.insert(0, "withdrawn: nobody new gets it" if after.withdrawn else "back in the catalogue")
    return said


def _whole(version: Version) -> dict[str, Any]:
    """A version as the part of a policy that it is: its document with name, rank and level."""
    found: dict[str, Any] = {"name": version.name}
    if isinstance(version, ServiceLevel):
        found["rank"] = version.rank
    if isinstance(version, Package):
        found["service level"] = str(version.level)
    return {**found, **version.document}
