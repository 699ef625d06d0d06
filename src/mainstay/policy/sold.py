"""What is sold beside targets: people, requests, hours of work, prices, channels, add-ons, as shapes."""

from __future__ import annotations

from collections.abc import Collection

from mainstay.policy import shapes
from mainstay.policy.rows import PERIODS
from mainstay.policy.shapes import Shape, each, either, keyed, record, text, whole, word

_BEYOND = word(("serve", "decide"))
_people = record(
    {"included": whole(0, 1_000_000, "people")},
    {
        "per_units": whole(1, 10**9, "units for one more"),
        "of": text(60),
        "most": whole(1, 1_000_000, "people"),
        "roles": each(text(60)),
        "beyond": _BEYOND,
        "words": text(300),
    },
)
contacts = either(
    (int, whole(1, 1_000_000, "or left out for as many as they like")),
    (dict, _people),
    says="must be a number of people, or included and per_units",
)
requests = record(
    {"number": whole(1, 1_000_000, "requests"), "per": word((*PERIODS, "contract"))},
    {"beyond": _BEYOND, "words": text(300)},
)
included_hours = record(
    {"hours": whole(1, 100_000, "hours"), "per": word((*PERIODS, "contract"))},
    {"carry_over_months": whole(0, 120, "months"), "beyond": _BEYOND, "for": text(200), "words": text(300)},
)
price = record(
    {"basis": text(200)},
    {
        "amount": shapes.money,
        "currency": shapes.currency,
        "per": text(100),
        "percent": shapes.percent,
        "percent_of": text(200),
        "floor": shapes.money,
        "per_unit": shapes.money,
        "unit": text(100),
        "units_at_once": whole(1, 1_000_000, "units sold together"),
        "units_least": whole(1, 10**9, "units"),
        "units": whole(1, 10**9, "units bought; contacts may grow with them"),
        "words": text(500),
    },
)
channel_rules: Shape = record(
    {},
    {
        "hours": text(60),
        "staffed": text(60),
        "severities": each(whole(1, 9, "ranks"), least=1),
        "languages": each(text(40), least=1),
        "words": text(300),
    },
)
addons = keyed(
    shapes.code,
    record({"name": text(100)}, {"summary": text(1000), "price": price, "level": text(60)}),
)


def staffed_channels(known: Collection[str]) -> Shape:
    """Rules of channels by their names."""
    return keyed(word(known), channel_rules)
