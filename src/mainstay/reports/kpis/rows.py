"""A KPI row of a policy, package or contract, read strictly into a definition (P6).

The row is the one that policy files have; what a row leaves out has the meaning that docs/kpis.md gives it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from mainstay.errors import Refused
from mainstay.policy.conditions import SETS
from mainstay.policy.rows import MEASURED_BY, OF_SYSTEMS, SYSTEMS_BY
from mainstay.reports.kpis import periods
from mainstay.sla.policy import CLOCKS

STRENGTHS = {"objective": "objective", "guarantee": "guarantee", "strict_guarantee": "strict guarantee"}
UNITS = {
    "responses_in_time": "percent",
    "in_time": "percent",
    "uptime": "percent",
    "satisfaction": "percent",
    "missed": "count",
    "response_p95": "milliseconds",
    "backlog_age": "days",
}
"""What each KPI is measured in. Percent: at least so much is owed; the others: at most."""
BY_CLOCKS = ("responses_in_time", "in_time", "missed")
_CLAIM = re.compile(r"(\d{1,3})(d|w|mo)", re.ASCII)
_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}", re.ASCII)


@dataclass(frozen=True)
class Band:
    """A figure beyond `limit` credits `percent` of the fee, or `days` of service."""

    limit: Decimal
    percent: Decimal | None
    days: Decimal | None


@dataclass(frozen=True)
class Terms:
    """What a missed guarantee credits. `claim` is ("30", "d"): how long after the period it may be claimed."""

    bands: tuple[Band, ...]
    cap_percent: Decimal | None = None
    minimum: Decimal | None = None
    claim: tuple[int, str] | None = None
    of: str = "fee of the period"


@dataclass(frozen=True)
class Definition:
    """One measure of a contract. `severities` empty: all of them; `when` empty: every ticket."""

    code: str
    kpi: str
    strength: str
    per: str
    owed: Decimal
    clock: str = ""
    severities: tuple[int, ...] = ()
    when: tuple[tuple[str, tuple[str, ...]], ...] = ()
    year_starts: str = periods.JANUARY
    least: int = 0
    notice_hours: int | None = None
    """How long before it maintenance has to be announced; None: nothing is agreed. Windows are recorded with it."""
    credits: Terms | None = None

    @property
    def unit(self) -> str:
        return UNITS[self.kpi]

    @property
    def more_is_better(self) -> bool:
        return self.unit == "percent"


def read(row: Mapping[str, Any], field: str = "kpis", code: str = "") -> Definition:
    """The definition of a row. `code` is its name where the row gives none. Raises `Refused` with the place."""
    kpi = _one_of(row.get("kpi"), tuple(UNITS), f"{field}.kpi")
    named = str(row.get("code") or code or kpi)
    if not _CODE.fullmatch(named):
        raise Refused(f"{field}.code", f"must be small letters, digits, - and _, not {named[:60]!r}")
    per = _one_of(row.get("per", "month"), tuple(periods.MONTHS), f"{field}.per")
    starts = row.get("year_starts", periods.JANUARY)
    periods.check_starts(starts, f"{field}.year_starts")
    return Definition(
        code=named,
        kpi=kpi,
        strength=_one_of(row.get("strength"), tuple(STRENGTHS), f"{field}.strength"),
        per=per,
        owed=_owed(row, kpi, field),
        clock=_clock(row, kpi, field),
        severities=_severities(row.get("severity", "*"), f"{field}.severity"),
        when=_when(row.get("when", {}), kpi, f"{field}.when"),
        year_starts=starts,
        least=_whole(row.get("least", 0), f"{field}.least"),
        notice_hours=_whole(row["notice_hours"], f"{field}.notice_hours") if "notice_hours" in row else None,
        credits=_credits(row["credits"], UNITS[kpi], f"{field}.credits") if row.get("credits") else None,
    )


def number(value: object, field: str) -> Decimal:
    """A decimal number written as text ("99.95") or a whole number."""
    try:
        found = Decimal(str(value)) if isinstance(value, str | int) and not isinstance(value, bool) else None
    except InvalidOperation:
        found = None
    if found is None or not found.is_finite() or not 0 <= found <= 10**9:
        raise Refused(field, f'must be a number such as "99.95", not {str(value)[:40]!r}')
    return found


def _owed(row: Mapping[str, Any], kpi: str, field: str) -> Decimal:
    unit = UNITS[kpi]
    if unit not in row:
        raise Refused(f"{field}.{unit}", f"is missing; {kpi} is measured in it")
    owed = number(row[unit], f"{field}.{unit}")
    if unit == "percent" and not 0 < owed <= 100:
        raise Refused(f"{field}.percent", f"must be above 0 and at most 100, not {owed}")
    return owed


def _clock(row: Mapping[str, Any], kpi: str, field: str) -> str:
    if kpi not in BY_CLOCKS:
        return ""
    given = row.get("clock", "first_response" if kpi != "in_time" else None)
    return _one_of(given, CLOCKS, f"{field}.clock")


def _severities(given: object, field: str) -> tuple[int, ...]:
    if given in (None, "*", []):
        return ()
    listed = given if isinstance(given, list) else [given]
    if not all(isinstance(one, int) and not isinstance(one, bool) and 1 <= one <= 9 for one in listed):
        raise Refused(field, f'must be a rank such as 1, a list of them, or "*", not {str(given)[:40]!r}')
    return tuple(sorted(set(listed)))


def _when(given: object, kpi: str, field: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    known = SYSTEMS_BY if kpi in OF_SYSTEMS else MEASURED_BY
    if not isinstance(given, Mapping):
        raise Refused(field, "must be conditions and their values")
    found = []
    for name, values in sorted(given.items()):
        if name not in known:
            raise Refused(f"{field}.{name}", f"cannot be measured; {kpi} knows {', '.join(known)}")
        listed = values if isinstance(values, list) else [values]
        said = sorted(str(one).replace(" ", "") if name in SETS else str(one) for one in listed)
        found.append((name, tuple(said)))
    return tuple(found)


def _credits(given: object, unit: str, field: str) -> Terms:
    if not isinstance(given, Mapping) or not isinstance(given.get("bands"), list) or not given["bands"]:
        raise Refused(f"{field}.bands", "must list at least one band")
    side = "below" if unit == "percent" else "above"
    cap, least = given.get("cap_percent"), given.get("minimum")
    return Terms(
        bands=tuple(_band(one, side, f"{field}.bands[{i}]") for i, one in enumerate(given["bands"])),
        cap_percent=None if cap is None else number(cap, f"{field}.cap_percent"),
        minimum=None if least is None else number(least, f"{field}.minimum"),
        claim=_claim(given.get("claim_within"), f"{field}.claim_within"),
        of=str(given.get("of") or "fee of the period")[:100],
    )


def _band(given: object, side: str, field: str) -> Band:
    if not isinstance(given, Mapping) or side not in given:
        raise Refused(
            field, f'must say {side} which figure it holds, such as {{"{side}": "99.0", "percent": "10"}}'
        )
    if ("percent" in given) == ("days" in given):
        raise Refused(field, "must credit either percent or days")
    percent = number(given["percent"], f"{field}.percent") if "percent" in given else None
    if percent is not None and percent > 100:
        raise Refused(f"{field}.percent", f"must be at most 100, not {percent}")
    days = number(given["days"], f"{field}.days") if "days" in given else None
    return Band(number(given[side], f"{field}.{side}"), percent, days)


def _claim(given: object, field: str) -> tuple[int, str] | None:
    if given is None:
        return None
    found = _CLAIM.fullmatch(str(given))
    if found is None:
        raise Refused(field, f'must be days, weeks or months such as "30d", not {str(given)[:20]!r}')
    return int(found[1]), found[2]


def _whole(given: object, field: str) -> int:
    if not isinstance(given, int) or isinstance(given, bool) or not 0 <= given <= 1_000_000:
        raise Refused(field, f"must be a whole number of tickets, not {str(given)[:40]!r}")
    return given


def _one_of(given: object, known: tuple[str, ...], field: str) -> str:
    if given not in known:
        raise Refused(field, f"must be one of {', '.join(known)}, not {str(given)[:60]!r}")
    return str(given)
