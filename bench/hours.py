"""How fast business time and a whole ticket's clocks are, beside two libraries, in one run on one core.

Ten years of instants in one zone with yearly holidays; UTC instants in and out. Rates are by processor
time, so that they are those of one core even while others work beside it. Takes about fifteen seconds.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from datetime import time as clock_time
from itertools import pairwise
from typing import Any

from mainstay.sla.calendars import calendar_of
from mainstay.sla.cases import parse_case
from mainstay.sla.hours import WEEKDAYS, at, instant

SECONDS_EACH = 1.0
HOLIDAYS = ("01-01", "01-26", "04-25", "06-08", "12-25", "12-26")
FIRST, LAST = instant(datetime(2020, 1, 1, tzinfo=UTC)), instant(datetime(2030, 1, 1, tzinfo=UTC))
YEARS = range(2019, 2032)
OFFICE = {
    "time_zone": "Australia/Sydney",
    "week": {day: [["09:00", "17:00"]] for day in WEEKDAYS[:5]},
    "holidays": [f"{year}-{day}" for year in YEARS for day in HOLIDAYS],
}


def rate(work: Callable[[Any], object], inputs: list[Any]) -> float:
    """Calls a second: as many of the inputs as fit into about a second."""
    done, began = 0, time.process_time()
    while (passed := time.process_time() - began) < SECONDS_EACH:
        for given in inputs:
            work(given)
        done += len(inputs)
    return done / passed


def say(what: str, per_second: float, goal: int | None = None) -> None:
    against = "" if goal is None else f"   goal {goal:>9,}  {'ok' if per_second >= goal else 'MISSED'}"
    print(f"{what:<58}{per_second:>12,.0f} /s{against}")


def ours(moments: list[int]) -> None:
    calendar = calendar_of(OFFICE)
    calendar.elapsed(FIRST, LAST)
    spans = [(min(pair), max(pair)) for pair in pairwise(moments)]
    add, elapsed = calendar.add, calendar.elapsed
    say("mainstay add 8 business hours, integers", rate(lambda t: add(t, 28_800), moments), 500_000)
    say("mainstay elapsed over up to ten years, integers", rate(lambda s: elapsed(*s), spans), 500_000)
    add_to, between = calendar.add_to, calendar.elapsed_between
    say(
        "mainstay add 8 business hours, UTC datetimes",
        rate(lambda t: add_to(t, 28_800), as_utc(moments)),
        500_000,
    )
    both = [(at(a), at(b)) for a, b in spans]
    say("mainstay elapsed over up to ten years, UTC datetimes", rate(lambda s: between(*s), both), 500_000)


def as_utc(moments: Iterable[int]) -> list[datetime]:
    return [at(moment) for moment in moments]


def theirs(moments: list[int]) -> None:
    """The peers take local datetimes; none of them knows of both changes of the clocks."""
    local = [moment.replace(tzinfo=None) for moment in as_utc(moments[:40])]
    spans = [(min(pair), max(pair)) for pair in pairwise(local[:5])]
    try:
        import businesstimedelta as peer

        days = {date.fromisoformat(day): "holiday" for day in OFFICE["holidays"]}  # type: ignore[attr-defined]
        work = peer.WorkDayRule(
            start_time=clock_time(9), end_time=clock_time(17), working_days=[0, 1, 2, 3, 4]
        )
        rules = peer.Rules([work, peer.HolidayRule(days)])
        day = peer.BusinessTimeDelta(rules, hours=8)
        say("businesstimedelta add 8 business hours", rate(lambda t: t + day, local))
        say("businesstimedelta elapsed over up to ten years", rate(lambda s: rules.difference(*s), spans))
    except ImportError:
        print("businesstimedelta is not installed")
    try:
        import businesstime

        hours = businesstime.BusinessTime(business_hours=(clock_time(9), clock_time(17)))
        say(
            "businesstime elapsed over up to ten years (it cannot add)",
            rate(lambda s: hours.businesstimedelta(*s), spans),
        )
    except ImportError:
        print("businesstime is not installed")


def busy_ticket() -> dict[str, object]:
    """Forty events and five clocks: answers, reports, waiting, a raise, a rejected solution."""
    kinds = ["received", "acknowledged", "triaged", "dispatched"]
    turn = [
        "staff_replied",
        "customer_replied",
        "progress_reported",
        "waiting_on_customer",
        "customer_replied",
    ]
    kinds += [*turn * 3, "severity_changed", *turn * 2, "solution_proposed", "solution_rejected", *turn]
    kinds += ["workaround_provided", "customer_replied", "staff_replied"]
    began = instant(datetime(2026, 3, 2, 1, tzinfo=UTC))
    events: list[dict[str, object]] = [
        {"at": f"{at(began + i * 9_240):%Y-%m-%dT%H:%M:%SZ}", "event": kind}
        for i, kind in enumerate(kinds[:40])
    ]
    events[0]["severity"] = 3
    next(e for e in events if e["event"] == "severity_changed")["severity"] = 2
    calendar = {"1": "always", "*": "office"}
    targets = {
        "first_response": {"1": "30m", "2": "4h", "3": "8h"},
        "next_response": {"1": "1h", "2": "6h", "3": "2bd"},
        "progress_update": {"1": "2h", "2": "1bd", "3": "3bd"},
        "workaround": {"1": "4h", "2": "2bd", "3": "5bd"},
        "resolution": {"1": "8h", "2": "5bd", "3": "15bd"},
    }
    return {
        "calendars": {"office": OFFICE, "always": {"time_zone": "UTC", "always": True}},
        "policy": {"clocks": {name: {"target": row, "calendar": calendar} for name, row in targets.items()}},
        "events": events,
        "as_of": f"{at(began + 40 * 9_240):%Y-%m-%dT%H:%M:%SZ}",
    }


def unremembered(case: Any) -> object:
    """As for a ticket with starts that its calendars have not met: nothing is taken from an earlier call."""
    for promise in case.policy.promises.values():
        for calendar in promise.calendars.values():
            calendar.nominal.clear()
    return case.explain()


def main() -> None:
    chosen = random.Random(2026)  # noqa: S311 - a bench wants the same numbers each time
    moments = [chosen.randrange(FIRST, LAST) for _ in range(20_000)]
    ours(moments)
    case = parse_case(busy_ticket())
    what = f"explain {len(case.events)} events, 5 clocks, {len(case.explain())} instances"
    say(f"{what}, never seen", rate(unremembered, [case] * 50), 5_000)
    say(f"{what}, again", rate(lambda c: c.explain(), [case] * 50))  # as after each event of a ticket
    theirs(moments)


if __name__ == "__main__":
    main()
