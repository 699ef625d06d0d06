"""How fast a policy of 200 rows is compiled, and how many target rows are chosen a second, on one core.

The rows ask for seven facts in all; every choice is of a ticket with other facts, as they come. Rates are by
processor time, so that they are those of one core even while others work beside it.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

from mainstay.policy import calendars, closed_days
from mainstay.policy.check import remarks
from mainstay.policy.compile import Named, Place, compose, terms
from mainstay.policy.read import read
from mainstay.policy.select import Selector
from mainstay.sla import cases
from mainstay.sla.policy import CLOCKS

ROWS, TIMES, TICKETS = 200, 20, 200_000
PLACE = Place("Australia/Sydney", "AU", "NSW")
YEARS = (2025, 2029)
FACTS: dict[str, list[str]] = {
    "environment": ["production", "test", "development"],
    "channel": ["email", "portal", "phone", "api", "alert"],
    "category": ["technical", "billing", "feature", "enquiry"],
    "region": ["emea", "americas", "apac"],
    "language": ["en", "de", "ja"],
    "received": ["inside_hours", "outside_hours"],
}


def policy() -> str:
    """A policy of 200 rows: five clocks, four severities, ten cases with up to two conditions."""
    cases_: list[dict[str, str]] = [{}]
    cases_ += [
        {"environment": "test"},
        {"channel": "phone"},
        {"received": "outside_hours"},
        {"flag": "outage"},
    ]
    cases_ += [{"environment": "production", "channel": "phone"}, {"region": "emea", "language": "de"},
               {"category": "billing", "channel": "email"}, {"flag": "outage+by_phone"},
               {"region": "apac", "received": "outside_hours"}]  # fmt: skip
    lines = [
        'format = 2\nname = "Bench"\nlanguages = ["en", "de", "ja"]\nflags = { outage = "down" }',
        '[regions]\nemea = ["DE", "GB"]\namericas = ["US"]\napac = ["AU", "JP"]',
        *(f'[[severities]]\nname = "S{rank}"' for rank in range(1, 5)),
        "[calendars.weekend]",
        'span = [{ from = "Fri 17:00 America/Los_Angeles", until = "Mon 10:00 Australia/Sydney" }]',
        '[calendars.five_days]\nexcept = ["always", "weekend"]',
        '[packages.gold]\nchannels = ["email", "portal", "phone", "api", "alerts"]',
    ]
    for k, when in enumerate(cases_):
        for clock in CLOCKS[:5]:
            calendar = ("business", "always", "five_days")[k % 3]
            asked = ", ".join(f'{name} = "{value}"' for name, value in when.items())
            cells = ", ".join(f'{s} = "{s * 10 + k}m {calendar}"' for s in range(1, 5))
            lines.append(
                f'[[packages.gold.targets]]\nclock = "{clock}"\n' + (f"when = {{ {asked} }}\n" if asked else "")
                + f"targets = {{ {cells} }}"
            )  # fmt: skip
    return "\n".join(lines)


def tickets(number: int) -> list[tuple[str, int, dict[str, Any]]]:
    """Clocks, severities and facts in no order."""
    dice = random.Random(7)  # noqa: S311
    found = []
    for _ in range(number):
        facts: dict[str, Any] = {name: dice.choice(values) for name, values in FACTS.items()}
        facts["flags"] = [flag for flag in ("outage", "by_phone") if dice.random() < 0.3]
        found.append((dice.choice(CLOCKS[:5]), dice.randint(1, 4), facts))
    return found


def best(work: Callable[[], object], times: int) -> float:
    """The processor time of the middle run, in seconds."""
    taken = []
    for _ in range(times):
        began = time.process_time()
        work()
        taken.append(time.process_time() - began)
    return sorted(taken)[times // 2]


def say(what: str, figure: str, kept: bool | None = None) -> None:
    print(f"{what:<66}{figure:>14}{'' if kept is None else '   ok' if kept else '   MISSED'}")


def main() -> None:
    text = policy()
    parts = read(text)
    package = parts["packages"]["gold"]
    assert len(package["targets"]) == ROWS

    def compiled() -> dict[str, Any]:
        whole = compose(parts["desk"], parts["levels"]["gold"], package)
        made = terms(whole, Named(), place=PLACE, years=YEARS, facts={"channel": "phone"})
        assert "five_days" in made["calendars"]
        cases.parse_policy(made["policy"], cases.parse_calendars(made["calendars"]))
        return made

    closed_days.public_holidays(
        "AU", "NSW", *YEARS
    )  # the holidays of a place are worked out once for a process
    compiled()
    taken = best(compiled, TIMES) * 1000
    say(f"compile {ROWS} rows to terms, a calendar across zones in them", f"{taken:.1f} ms", taken < 50)

    def first() -> None:
        for cache in (closed_days.public_holidays, closed_days.named_holidays, closed_days.known_country):
            cache.cache_clear()
        calendars.calendar_of.__globals__["_kept"].clear()
        compiled()

    say("the same where nothing is known yet, public holidays included", f"{best(first, 3) * 1000:.1f} ms")
    say(f"read {ROWS} rows from the file", f"{best(lambda: read(text), 5) * 1000:.1f} ms")
    say(
        "check them against each other",
        f"{best(lambda: list(remarks(parts, (2026, 2028))), 3) * 1000:.1f} ms",
    )

    selector = Selector([{**row, "part": "package"} for row in package["targets"]])
    asked = tickets(TICKETS)
    choose = selector.choose
    for clock, severity, facts in asked[:1000]:
        choose(clock, severity, facts)
    began = time.process_time()
    chosen = sum(choose(clock, severity, facts) is not None for clock, severity, facts in asked)
    rate = len(asked) / (time.process_time() - began)
    assert chosen == len(asked)
    say(f"choose the target row of {TICKETS:,} tickets among {ROWS}", f"{rate:,.0f} /s", rate >= 100_000)


if __name__ == "__main__":
    main()
