"""Cases drawn at random over all rules: zones with odd clocks, events at one instant, changes of every kind."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

CLOCKS = [
    "first_response",
    "next_response",
    "progress_update",
    "workaround",
    "resolution",
    "triage",
    "dispatch",
    "root_cause",
]
REASONS = [
    "resolved",
    "closed_by_customer",
    "no_answer_to_solution",
    "no_information",
    "out_of_scope",
    "duplicate",
    "spam",
]
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ZONES = {  # each with a night around which its clocks change, or a day that it left out
    "Australia/Lord_Howe": "2026-04-04",
    "Pacific/Apia": "2011-12-29",
    "Europe/Dublin": "2026-10-24",
    "Asia/Kathmandu": "2026-05-01",
    "America/New_York": "2026-10-31",
    "America/Santiago": "2026-04-03",
    "Africa/Cairo": "2026-04-23",
    "America/Sao_Paulo": "2018-11-02",
    "America/St_Johns": "2010-11-05",
    "Europe/London": "2027-03-27",
    "Asia/Tokyo": "2026-02-27",
}
HOURS = [
    [["09:00", "17:00"]],
    [["00:00", "24:00"]],
    [["01:30", "23:15"]],
    [["00:00", "06:00"], ["22:00", "24:00"]],
    [["08:00", "12:00"], ["13:00", "18:00"]],
    [["02:00", "02:45"], ["09:00", "11:00"]],
]
TARGETS = [
    "5m",
    "90s",
    "30m",
    "60m",
    "1h",
    "2h",
    "4h",
    "8h",
    "16h",
    "1d",
    "24h",
    "2d",
    "1bd",
    "2bd",
    "3bd",
    "5bd",
    "eobd",
    "1eobd",
    "2eobd",
    "1mo",
]
KINDS = [
    "acknowledged",
    "triaged",
    "information_completed",
    "dispatched",
    "staff_replied",
    "staff_replied",
    "progress_reported",
    "workaround_provided",
    "solution_proposed",
    "solution_rejected",
    "customer_replied",
    "customer_replied",
    "waiting_on_customer",
    "waiting_on_third_party",
    "out_of_scope",
    "resumed",
    "severity_changed",
    "severity_changed",
    "severity_changed",
    "agreement_changed",
    "agreement_changed",
    "closed",
    "reopened",
    "root_cause_reported",
]
WAITING = ["waiting_on_customer", "waiting_on_third_party", "out_of_scope"]
RULES = ["from_start", "from_change", "proportional"]


def random_calendar(draw: random.Random, zone: str, near: datetime) -> dict:
    hours = draw.choice(HOURS)
    open_days = draw.choice([DAYS[:5], DAYS, DAYS[:6], ("wed", "sun"), ("sat", "sun", "mon")])
    made: dict = {"time_zone": zone, "week": dict.fromkeys(open_days, hours)}
    dates = [f"{near + timedelta(days=draw.randint(-1, 6)):%Y-%m-%d}" for _ in range(3)]
    if draw.random() < 0.6:
        made["holidays"] = dates[:1]
    if draw.random() < 0.5:
        made["special"] = {
            dates[draw.randint(0, 1)]: draw.choice([[["10:00", "12:00"]], [], [["01:00", "03:00"]]])
        }
    return made


def random_policy(draw: random.Random) -> dict:
    clocks = {}
    for clock in CLOCKS:
        if draw.random() < 0.25:
            continue
        names = draw.choice([["*"], ["1", "2"], ["1", "2", "3"], ["2", "*"], ["1", "3"]])
        promise: dict = {
            "target": {name: draw.choice(TARGETS) for name in names},
            "calendar": draw.choice(
                [{"*": "office"}, {"1": "always", "*": "office"}, {"2": "late", "*": "same"}]
            ),
        }
        if draw.random() < 0.3:
            promise["pauses_on"] = draw.sample(WAITING, draw.randint(0, 3))
        if clock == "resolution" and draw.random() < 0.4:
            promise["on_reopen"] = draw.choice(["continue", "restart"])
        if clock in ("first_response", "workaround", "resolution") and draw.random() < 0.3:
            promise["starts_on"] = draw.choice(["received", "triaged", "information_completed"])
        clocks[clock] = promise
    policy: dict = {"clocks": clocks}
    if draw.random() < 0.8:
        policy["on_raise"] = draw.choice(RULES)
    if draw.random() < 0.8:
        policy["on_lower"] = draw.choice(RULES)
    return policy


def random_case(seed: int) -> dict:
    draw = random.Random(seed)
    zone, night = draw.choice(list(ZONES.items()))
    near = datetime.fromisoformat(night).replace(tzinfo=UTC)
    office = random_calendar(draw, zone, near)
    calendars = {
        "office": office,
        "same": dict(office),
        "always": {"time_zone": draw.choice(["UTC", zone]), "always": True},
        "late": random_calendar(draw, draw.choice(list(ZONES)), near),
    }
    moment = near + timedelta(minutes=draw.randint(0, 1440))
    events: list[dict] = [{"at": "", "event": "received", "severity": draw.randint(1, 3)}]
    times = [moment]
    for _ in range(draw.randint(1, 16)):
        kind = draw.choice(KINDS)
        event: dict = {"at": "", "event": kind}
        if kind == "severity_changed":
            event["severity"] = draw.randint(1, 4)
        if kind == "closed":
            event["reason"] = draw.choice(REASONS)
        if kind == "agreement_changed":
            event["policy"] = random_policy(draw)
            if draw.random() < 0.4:
                event["correction"] = draw.random() < 0.7
        events.append(event)
        times.append(times[-1] + timedelta(minutes=draw.choice([0, 0, 1, 5, 30, 60, 121, 400, 700, 1440])))
    for event, time in zip(events, times, strict=True):
        event["at"] = f"{time:%Y-%m-%dT%H:%M:%SZ}"
    as_of = times[-1] + timedelta(minutes=draw.choice([-60, 0, 10, 200, 1500]))
    return {
        "case": f"random {seed}",
        "calendars": calendars,
        "policy": random_policy(draw),
        "events": events,
        "as_of": f"{as_of:%Y-%m-%dT%H:%M:%SZ}",
    }
