"""What changed between two published versions, in words."""

from __future__ import annotations

from mainstay.catalogue.models import Package, ServiceLevel, Sold, Version
from mainstay.policy.diff import documents


def differences(before: Version, after: Version) -> list[str]:
    """What changed between two versions, a sentence each; empty when nothing did."""
    sentences = []
    if before.name != after.name:
        sentences.append(f"name: {before.name} became {after.name}")
    if isinstance(before, ServiceLevel) and isinstance(after, ServiceLevel) and before.rank != after.rank:
        sentences.append(f"rank: {before.rank} became {after.rank}")
    if isinstance(before, Sold) and isinstance(after, Sold) and before.withdrawn != after.withdrawn:
        sentences.append("withdrawn: nobody new gets it" if after.withdrawn else "back in the catalogue")
    if isinstance(before, Package) and isinstance(after, Package) and before.level_id != after.level_id:
        sentences.append(f"service level: {before.level} became {after.level}")
    return sentences + documents(before.document, after.document)
