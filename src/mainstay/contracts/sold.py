"""What a package sells, as a negotiation starts from it, and the lines that are negotiated (P5)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mainstay.catalogue.models import DeskPolicy, Package
from mainstay.policy import compile as policy
from mainstay.policy import conditions, documents

Difference = dict[str, Any]
"""How a contract differs from its package: see `policy.documents.check_overrides`."""


@dataclass(frozen=True)
class Line:
    """One line. `key` names it in forms, `place` in messages; `read` puts a typed text into a difference."""

    key: str
    group: str
    label: str
    catalogue: str
    usual: str
    write: Callable[[Difference], str]
    read: Callable[[Difference, str], None]
    words: Callable[[Difference], str]

    @property
    def long(self) -> bool:
        """Whether a cell may hold more than a line: a KPI with what it credits."""
        return self.key.startswith("kpis ")

    @property
    def place(self) -> str:
        return f"{self.group}, {self.label}" if self.label else self.group


@dataclass(frozen=True)
class Sold:
    """What a package sells under a desk policy: the documents a negotiation starts from."""

    package: Package
    desk_policy: DeskPolicy

    @property
    def desk(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.desk_policy.document
        return found

    @cached_property
    def parts(self) -> tuple[Mapping[str, Any], ...]:
        return self.desk, self.package.level.document, self.package.document

    @cached_property
    def effective(self) -> dict[str, Any]:
        return self.with_difference({})

    def with_difference(self, difference: Mapping[str, Any]) -> dict[str, Any]:
        """What would hold with that difference."""
        return policy.compose(self.desk, self.package.level.document, self.package.document, difference)

    @cached_property
    def ranks(self) -> list[int]:
        return [int(one["rank"]) for one in self.desk["severities"]]

    @cached_property
    def calendars(self) -> list[str]:
        return ["business", "always", *documents.calendars_of(*self.parts)]

    @cached_property
    def targets(self) -> dict[str, dict[str, Any]]:
        """The rows of desk, level and package by line key; of two for one case the more specific part's."""
        found: dict[str, dict[str, Any]] = {}
        for part in self.parts:
            for row in part.get("targets", []):
                if self._fits(row.get("when", {})):
                    found[target_key(row)] = row
        return found

    def _fits(self, when: Mapping[str, Any]) -> bool:
        mine = {"package": self.package.code, "level": self.package.level.code}
        return all(mine[name] in conditions.values(asked) for name, asked in when.items() if name in mine)

    @cached_property
    def business(self) -> dict[str, Any]:
        found: dict[str, Any] = policy.calendars_in(self.effective)["business"]
        return found


def target_key(row: Mapping[str, Any]) -> str:
    """What a row is about: "targets first_response 1", and its conditions if it has any."""
    when = json.dumps(row.get("when", {}), sort_keys=True) if row.get("when") else ""
    return f"targets {row['clock']} {row['severity']} {when}".rstrip()
