"""Small words for telling a ticket's story in the tests of the clocks."""

from __future__ import annotations

from typing import Any

from mainstay.sla.cases import Case, as_expected, parse_case

OFFICE = {
    "time_zone": "Australia/Sydney",
    "week": {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
}
ALWAYS = {"time_zone": "UTC", "always": True}
CALENDARS = {"office": OFFICE, "always": ALWAYS, "office again": dict(OFFICE)}


def promise(target: Any, calendar: Any = "office", **more: Any) -> dict[str, Any]:
    """A promise; a plain text stands for every severity."""
    return {
        "target": target if isinstance(target, dict) else {"*": target},
        "calendar": calendar if isinstance(calendar, dict) else {"*": calendar},
        **more,
    }


def policy(on_raise: str | None = None, on_lower: str | None = None, **clocks: Any) -> dict[str, Any]:
    """A policy of promises by clock; a plain text is a target on the office calendar."""
    made: dict[str, Any] = {"clocks": {n: promise(c) if isinstance(c, str) else c for n, c in clocks.items()}}
    if on_raise:
        made["on_raise"] = on_raise
    if on_lower:
        made["on_lower"] = on_lower
    return made


def story(terms: dict[str, Any], *events: tuple[Any, ...], as_of: str, severity: int = 3) -> Case:
    """A case from lines such as ("Mon 10:00", "closed", {"reason": "spam"}); the week begins on Mon 2 March 2026."""
    entries = []
    for at, kind, *more in events:
        entries.append({"at": moment(at), "event": kind, **(more[0] if more else {})})
    entries[0].setdefault("severity", severity)
    return parse_case({"calendars": CALENDARS, "policy": terms, "events": entries, "as_of": moment(as_of)})


def moment(text: str) -> str:
    """ "Tue 09:30" in Sydney's summer time; "+Tue 09:30" is a week later."""
    weeks = text.count("+")
    day, time = text.replace("+", "").split()
    number = 2 + ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun").index(day) + 7 * weeks
    return f"2026-03-{number:02}T{time}:00+11:00"


def shown(case: Case, clock: str, n: int = 1) -> dict[str, Any] | None:
    """One instance in the format of `expect`, or None."""
    found = [as_expected(i) for i in case.explain() if i.clock == clock and i.n == n]
    return found[0] if found else None


def brief(case: Case, clock: str, n: int = 1) -> tuple[Any, ...] | None:
    """(state, due in Sydney as "Mon 09:00" or None, breached, used in minutes)."""
    found = [i for i in case.explain() if i.clock == clock and i.n == n]
    if not found:
        return None
    i = found[0]
    return i.state, None if i.due is None else said(i.due), i.breached, i.used / 60


def said(t: int) -> str:
    days, second = divmod(t + 11 * 3600 - 1772409600, 86400)  # since Mon 2 March 2026, 00:00 in Sydney
    name = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[days % 7]
    plus = "+" * (days // 7)
    seconds = f":{second % 60:02}" if second % 60 else ""
    return f"{plus}{name} {second // 3600:02}:{second % 3600 // 60:02}{seconds}"
