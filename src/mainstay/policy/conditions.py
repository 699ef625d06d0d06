"""Conditions of rows: what may be asked of a ticket, when it holds, and which of two rows says more.

`when` maps a condition to a value or a list of values, any of which will do. `flag` and `addon` ask for sets: a
ticket may have several, and "by_phone+round_the_clock" asks for both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from mainstay.errors import Refused
from mainstay.policy.shapes import Problems, code, meant, one_or_more, text, word
from mainstay.sla.fields import path, shown

ENVIRONMENTS = ("production", "test", "development")
CATEGORIES = ("technical", "billing", "feature", "enquiry")
TICKET_CHANNELS = ("email", "portal", "phone", "api", "alert", "desk")
RECEIVED = ("outside_hours", "inside_hours")
SETS = ("flag", "addon")
FACT = {"flag": "flags", "addon": "addons", "bought_before": "bought", "bought_since": "bought"}
"""The fact that a condition is compared with, where it has another name."""

CONDITIONS = (
    "flag", "addon", "channel", "language", "region", "category", "product", "phase", "environment",
    "bought_before", "bought_since", "received",
)  # fmt: skip
WITH_PARTS = (*CONDITIONS, "package", "level")
"""What rules that stand outside packages may ask as well."""
OF_AGREEMENT = ("package", "level", "region", "addon", "bought_before", "bought_since")
"""What is the same for every request that one version of a contract judges."""
AT_RECEIPT = ("phase", "received")
"""What is known of a request as it comes in and kept in its terms alone."""
CLOSED = {
    "environment": ENVIRONMENTS,
    "category": CATEGORIES,
    "channel": TICKET_CHANNELS,
    "received": RECEIVED,
}
"""The conditions whose values are known beforehand."""
PARTS = ("contract", "package", "level", "desk")
ORDER = (
    "contract", "package", "level", "flag", "addon", "channel", "language", "region", "category", "product",
    "phase", "environment", "bought", "received", "severity",
)  # fmt: skip
"""Of two rows with as many conditions, the one that has the earlier of these says more."""

Facts = Mapping[str, Any]
Weight = tuple[int, tuple[int, ...]]


# ---- reading


def _bought(value: Any, field: str) -> Problems:
    if not day_of(value):
        yield Refused(field, f'must be a date such as "2018-09-17", not {shown(value)}')


def day_of(value: object) -> date | None:
    """The date that an ISO text names; None when it names none."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        return None


def _asked(value: Any, field: str) -> Problems:
    """A flag, an add-on, or several joined by "+"."""
    if not isinstance(value, str):
        yield Refused(field, f'must be a text such as "by_phone", not {shown(value)}')
        return
    for one in value.split("+"):
        yield from code(one.strip(), field)


def shape_of(condition: str) -> Any:
    """What the values of a condition must look like."""
    if condition in CLOSED:
        return one_or_more(word(CLOSED[condition]))
    if condition in SETS:
        return one_or_more(_asked)
    if condition.startswith("bought_"):
        return _bought
    return one_or_more(text(60))


def check_when(value: Any, field: str, *, known: Iterable[str] = CONDITIONS) -> Problems:
    """The problems of a `when`."""
    names = tuple(known)
    if not isinstance(value, dict):
        yield Refused(field, 'must be conditions and their values, such as {"environment": "production"}')
        return
    for name, asked in value.items():
        where = path(field, str(name))
        if name not in names:
            yield Refused(where, f"is not known here; expected {', '.join(names)}{meant(name, names)}")
        else:
            yield from shape_of(name)(asked, where)


# ---- meaning


def values(asked: Any) -> tuple[str, ...]:
    """The values of a condition, any of which will do."""
    return tuple(asked) if isinstance(asked, list) else (str(asked),)


def needs(value: str) -> frozenset[str]:
    """The members of a set that one value asks for: "a+b" for both."""
    return frozenset(one.strip() for one in value.split("+"))


def holds(when: Mapping[str, Any], facts: Facts) -> bool:
    """Whether every condition holds for a ticket with these facts; what is not known holds nothing."""
    return all(_holds(name, asked, facts) for name, asked in when.items())


def _holds(name: str, asked: Any, facts: Facts) -> bool:
    has = facts.get(FACT.get(name, name))
    if name in SETS:
        had = frozenset(has or ())
        return any(needs(value) <= had for value in values(asked))
    if not has:
        return False
    if name == "bought_before":
        return str(has) < str(asked)
    if name == "bought_since":
        return str(has) >= str(asked)
    return str(has) in values(asked)


def weight(row: Mapping[str, Any]) -> Weight:
    """How much a row says: the number of its conditions, then which they are. The larger one wins.

    The part that a row is kept in (a package, say) counts as a condition, so does a severity other than "*".
    """
    counts = dict.fromkeys(ORDER, 0)
    part = row.get("part", "desk")
    if part in counts:
        counts[part] += 1
    for name, asked in row.get("when", {}).items():
        size = min(len(needs(value)) for value in values(asked)) if name in SETS else 1
        counts["bought" if name.startswith("bought_") else name] += size
    if row.get("severity", "*") != "*":
        counts["severity"] += 1
    return sum(counts.values()), tuple(counts.values())


def covers(wide: Mapping[str, Any], narrow: Mapping[str, Any]) -> bool:
    """Whether `wide` holds wherever `narrow` does, their severities included; the parts do not matter."""
    if wide.get("severity", "*") not in ("*", narrow.get("severity", "*")):
        return False
    asked = narrow.get("when", {})
    return all(
        name in asked and _within(name, asked[name], wider) for name, wider in wide.get("when", {}).items()
    )


def _within(name: str, narrow: Any, wide: Any) -> bool:
    if name in SETS:
        return all(any(needs(w) <= needs(n) for w in values(wide)) for n in values(narrow))
    if name == "bought_before":
        return str(narrow) <= str(wide)
    if name == "bought_since":
        return str(narrow) >= str(wide)
    return set(values(narrow)) <= set(values(wide))


def meet(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether some ticket could have both rows hold."""
    severities = {row.get("severity", "*") for row in (one, other)}
    if len(severities - {"*"}) > 1:
        return False
    a, b = one.get("when", {}), other.get("when", {})
    for name in set(a) & set(b) - set(SETS) - {"bought_before", "bought_since"}:
        if not set(values(a[name])) & set(values(b[name])):
            return False
    before = [str(w["bought_before"]) for w in (a, b) if "bought_before" in w]
    since = [str(w["bought_since"]) for w in (a, b) if "bought_since" in w]
    return not (before and since and min(before) <= max(since))


def words(when: Mapping[str, Any]) -> str:
    """Conditions for people: "environment production, flag by phone"."""
    return ", ".join(_worded(name, asked) for name, asked in when.items())


def _worded(name: str, asked: Any) -> str:
    said = " or ".join(value.replace("+", " and ").replace("_", " ") for value in values(asked))
    if name == "bought_before":
        return f"bought before {said}"
    if name == "bought_since":
        return f"bought since {said}"
    if name == "received":
        return f"received {said}"
    return f"{name} {said}"
