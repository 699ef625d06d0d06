"""What is doubtful about KPIs that are offered, and why one promises or credits more than the catalogue (P5, P6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

from mainstay.contracts.kpi_lines import place_of
from mainstay.policy.compile import named_kpis
from mainstay.policy.kpi_cells import strength_of
from mainstay.policy.rows import FIGURES, PERIODS

Row = Mapping[str, Any]
Found = tuple[str, str, bool, str]
"""Place, reason, whether it stops, and the line's key: what `lint.Finding` holds."""
DAYS = {"month": 30, "quarter": 91, "year": 365}
WHOLE = Decimal(100)


# ---- what is doubtful


def findings(offered: Mapping[str, Any]) -> Iterator[Found]:
    """What to know of the KPIs that differ; nothing of it stops."""
    for code, row in named_kpis(offered.get("kpis", [])).items():
        for reason in _doubts(row):
            yield place_of(row), reason, False, f"kpis {code}"


def _doubts(row: Row) -> Iterator[str]:
    if strength_of(row) == 0:
        return
    if FIGURES[row["kpi"]] == "percent" and Decimal(row["percent"]) == 100:
        yield "a guarantee of 100 % is broken by one miss"
    credit = row.get("credits")
    if not credit:
        yield f"a {row['strength'].replace('_', ' ')} that credits nothing when it is missed"
        return
    yield from _of_bands(row, credit)
    if row["strength"] == "strict_guarantee" and "claim_within" in credit:
        yield "a strict guarantee credits by itself; the days to claim it in have no meaning"


def _of_bands(row: Row, credit: Row) -> Iterator[str]:
    side, owed = _side(row), _owed(row)
    limits = [Decimal(str(one[side])) for one in credit["bands"]]
    for limit in dict.fromkeys(limits):
        if limits.count(limit) > 1:
            yield f"two bands are {side} {limit}; the one that credits more is taken"
        if limit > owed if side == "below" else limit < owed:
            yield f"the band {side} {limit} credits only beyond the figure that is owed, {owed}"
    if all(limit < owed if side == "below" else limit > owed for limit in limits):
        first = max(limits) if side == "below" else min(limits)
        yield f"between {owed} and {first} it is missed and nothing is credited"
    graver = sorted(credit["bands"], key=lambda one: Decimal(str(one[side])), reverse=side == "below")
    worth = [_worth(one, row) for one in graver]
    if any(later < earlier for earlier, later in pairwise(worth)):
        yield "a worse figure has a band that credits less; the greater credit is taken"
    if max(worth) > _cap(row):
        yield f"the cap of {_cap(row)} % is below what a band credits"


# ---- what exceeds the catalogue


def exceeding(catalogue: Sequence[Row], offered: Mapping[str, Any]) -> dict[str, str]:
    """By line key why a KPI promises or credits more than the catalogue's."""
    usual = named_kpis(catalogue)
    found = {}
    for code, row in named_kpis(offered.get("kpis", [])).items():
        if why := _more(row, usual.get(code)):
            found[f"kpis {code}"] = why
    return found


def _more(row: Row, base: Row | None) -> str:
    if strength_of(row) == 0:
        return ""
    if base is None or strength_of(base) < strength_of(row):
        had = f"an {base['strength']}" if base and strength_of(base) == 0 else "less" if base else "none"
        return f"a {row['strength'].replace('_', ' ')} where the catalogue has {had}"
    if any(row.get(name) != base.get(name) for name in ("clock", "severity", "when")):
        return "measured of other requests than in the catalogue"
    mine, theirs = _owed(row), _owed(base)
    if (mine > theirs) if _side(row) == "below" else (mine < theirs):
        return f"stricter than the catalogue's {theirs}"
    if PERIODS.index(row["per"]) < PERIODS.index(base["per"]):
        return f"judged each {row['per']}, in the catalogue each {base['per']}"
    if row.get("least", 1) < base.get("least", 1):
        return f"judged from {row.get('least', 1)} tickets on, in the catalogue from {base['least']}"
    return _credits_more(row, base)


def _credits_more(row: Row, base: Row) -> str:
    """Whether some figure is credited more, a small credit is given, or it may be claimed for longer."""
    own, other = row.get("credits"), base.get("credits")
    if not own:
        return ""
    if not other:
        return "credits where the catalogue has none"
    side = _side(row)
    for limit in sorted({Decimal(str(one[side])) for given in (own, other) for one in given["bands"]}):
        mine, theirs = _credit_beyond(limit, row), _credit_beyond(limit, base)
        if mine > theirs:
            return f"credits {_plain(mine)} % {side} {limit}, the catalogue {_plain(theirs)} %"
    if Decimal(own.get("minimum", "0")) < Decimal(other.get("minimum", "0")):
        return f"gives credits below the catalogue's minimum of {other['minimum']}"
    if _claim_days(own) > _claim_days(other):
        return f"may be claimed for longer than the catalogue's {other['claim_within']}"
    return ""


def _credit_beyond(limit: Decimal, row: Row) -> Decimal:
    """What a figure just beyond a limit credits, in percent of the fee, under the cap."""
    side = _side(row)
    reached = [
        _worth(one, row)
        for one in row["credits"]["bands"]
        if (Decimal(str(one[side])) >= limit if side == "below" else Decimal(str(one[side])) <= limit)
    ]
    return min(max(reached, default=Decimal(0)), _cap(row))


def _worth(band: Row, row: Row) -> Decimal:
    if "percent" in band:
        return Decimal(band["percent"])
    return min(Decimal(str(band["days"])) * 100 / DAYS[row["per"]], WHOLE)


def _cap(row: Row) -> Decimal:
    return Decimal(row["credits"].get("cap_percent", "100"))


def _claim_days(credit: Row) -> int:
    said = credit.get("claim_within")
    if said is None:
        return 10_000
    number, unit = (said[:-2], "mo") if said.endswith("mo") else (said[:-1], said[-1])
    return int(number) * {"d": 1, "w": 7, "mo": 31}[unit]


def _side(row: Row) -> str:
    return "below" if FIGURES[row["kpi"]] == "percent" else "above"


def _owed(row: Row) -> Decimal:
    return Decimal(str(row[FIGURES[row["kpi"]]]))


def _plain(value: Decimal) -> str:
    return f"{round(value, 1).normalize():f}"
