"""The clock definition read literally and slowly, independent of `mainstay.sla`.

Business time is counted minute by minute: a minute is open when its local wall-clock reading lies in an interval
of its local date. The fold keeps, for each instance, the stretches in which it ran, and asks of them whatever a
rule asks. Instants are whole minutes here (`m` = minutes since 1970), so cases must have no seconds.
"""

from __future__ import annotations

import calendar as months
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class SlowCalendar:
    def __init__(self, document: dict) -> None:
        self.document = document
        self.zone = ZoneInfo(document["time_zone"])
        self._open_of_day: dict[int, list[bool]] = {}

    def hours(self, day: date) -> list[list[str]]:
        if self.document.get("always"):
            return [["00:00", "24:00"]]
        if day.isoformat() in self.document.get("special", {}):
            return self.document["special"][day.isoformat()]
        if day.isoformat() in self.document.get("holidays", []):
            return []
        return self.document["week"].get(DAYS[day.weekday()], [])

    def local(self, m: int) -> datetime:
        return datetime.fromtimestamp(m * 60, self.zone)

    def open(self, m: int) -> bool:
        day = m // 1440
        if day not in self._open_of_day:
            self._open_of_day[day] = [self._reads_open(day * 1440 + i) for i in range(1440)]
        return self._open_of_day[day][m % 1440]

    def _reads_open(self, m: int) -> bool:
        local = self.local(m)
        reading = f"{local:%H:%M}"
        return any(start <= reading < end for start, end in self.hours(local.date()))

    def elapsed(self, a: int, b: int) -> int:
        """Seconds in [a, b), both in minutes."""
        return 60 * sum(self.open(m) for m in range(a, b))

    def add(self, start: int, seconds: int) -> int:
        """The earliest instant in seconds; start in minutes."""
        if seconds == 0:
            return start * 60
        m = start
        while True:
            if self.open(m):
                if seconds <= 60:
                    return m * 60 + seconds
                seconds -= 60
            m += 1

    def next_open(self, m: int) -> int:
        while not self.open(m):
            m += 1
        return m

    def first_reading(self, day: date, reading: str) -> int:
        """The first minute that reads so on that date, or the first after the gap that swallowed it."""
        noon = int(datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp()) // 60
        around = range(noon - 2160, noon + 2880)
        wanted = f"{day.isoformat()} {reading}"
        for m in around:
            if f"{self.local(m):%Y-%m-%d %H:%M}" == wanted:
                return m
        return next(m for m in around if f"{self.local(m):%Y-%m-%d %H:%M}" > wanted)

    def open_dates_after(self, m: int):
        """Each later local date with open time, with its open minutes."""
        first = self.local(m).date()
        found: dict[date, list[int]] = {}
        while True:
            day = self.local(m).date()
            if day > first and self.open(m):
                found.setdefault(day, []).append(m)
            for done in [
                d for d in found if d < day - timedelta(days=1)
            ]:  # a date may come back after midnight
                yield done, found.pop(done)
            m += 1

    def target_seconds(self, text: str, start: int) -> int:
        for unit, size in (("eobd", 0), ("bd", 0), ("mo", 0), ("s", 1), ("m", 60), ("h", 3600), ("d", 86400)):
            if text.endswith(unit):
                number = int(text.removesuffix(unit) or "1")
                if size:
                    return number * size
                return self.elapsed(start, self.nominal(unit, number, start))
        raise AssertionError(text)

    def nominal(self, unit: str, number: int, start: int) -> int:
        if unit == "mo":
            local = self.local(start)
            count = local.month - 1 + number
            year, month = local.year + count // 12, count % 12 + 1
            day = date(year, month, min(local.day, months.monthrange(year, month)[1]))
            return self.next_open(self.first_reading(day, f"{local:%H:%M}"))
        opens = self.next_open(start)
        later = self.open_dates_after(opens)
        for _ in range(number):
            day, minutes = next(later)
        if unit == "eobd":
            return minutes[-1] + 1
        return self.next_open(self.first_reading(day, f"{self.local(opens):%H:%M}"))


STAFF = ("staff_replied", "progress_reported", "workaround_provided", "solution_proposed")
ORDER = [
    "first_response",
    "next_response",
    "progress_update",
    "workaround",
    "resolution",
    "triage",
    "dispatch",
    "root_cause",
]
SIZES = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@cache
def value(text: str) -> tuple[str, int]:
    for unit in ("eobd", "bd", "mo"):
        if text.endswith(unit):
            return unit, int(text.removesuffix(unit) or "1")
    return "s", int(text[:-1]) * SIZES[text[-1]]


class SlowInstance:
    def __init__(self, clock: str, n: int, started: int, target: str, calendar: SlowCalendar) -> None:
        self.clock, self.n, self.started = clock, n, started
        self.calendar = calendar
        self.target = calendar.target_seconds(target, started)
        self.since = started  # from when used time counts
        self.ran: list[tuple[int, int]] = []
        self.state = "running"
        self.last = started  # up to when `ran` is told
        self.stop: int | None = None
        self.earlier: list[int] = []

    def tell(self, m: int) -> None:
        if self.state == "running" and m > self.last:
            self.ran.append((self.last, m))
        self.last = m

    def counted(self) -> list[tuple[int, int]]:
        return [(max(a, self.since), b) for a, b in self.ran if b > self.since]

    def used(self) -> int:
        return sum(self.calendar.elapsed(a, b) for a, b in self.counted())

    def due(self, resumed: int) -> int:
        """When used time reaches the target, in seconds; told so far, and then from `resumed` on."""
        left = self.target
        for a, b in self.counted():
            amount = self.calendar.elapsed(a, b)
            if amount >= left:
                return self.calendar.add(a, left)
            left -= amount
        return self.calendar.add(resumed, left)


class SlowTicket:
    def __init__(self, case: dict, calendars: dict[str, SlowCalendar]) -> None:
        self.calendars, self.policy = calendars, case["policy"]
        self.all: list[SlowInstance] = []
        self.state = None
        self.closed = False
        self.past: list[dict] = []  # what happened while it counted

    def had(self, *kinds: str) -> bool:
        return any(e["event"] in kinds for e in self.past)

    def cell(self, policy: dict, clock: str, severity: int):
        promise = policy["clocks"].get(clock)
        if promise is None:
            return None
        s = str(severity)
        target = promise["target"].get(s, promise["target"].get("*"))
        if target is None:
            return None
        name = promise["calendar"].get(s, promise["calendar"].get("*"))
        return target, self.calendars[name]

    def pauses(self, clock: str) -> list[str]:
        if clock == "root_cause":
            return []
        default = (
            ["waiting_on_customer", "out_of_scope"]
            if clock in ("resolution", "workaround", "progress_update")
            else ["out_of_scope"]
        )
        return self.policy["clocks"].get(clock, {}).get("pauses_on", default)

    def alive(self, clock: str) -> SlowInstance | None:
        return next((i for i in self.all if i.clock == clock and i.state in ("running", "paused")), None)

    def start(self, clock: str, m: int) -> None:
        cell = self.cell(self.policy, clock, self.severity)
        if cell is None or self.alive(clock):
            return
        n = 1 + sum(i.clock == clock for i in self.all)
        instance = SlowInstance(clock, n, m, *cell)
        if self.state in self.pauses(clock):
            instance.state = "paused"
        self.all.append(instance)

    def finish(self, clock: str, m: int, state: str) -> None:
        instance = self.alive(clock)
        if instance:
            instance.state, instance.stop = state, m

    def settle(self) -> None:
        for i in self.all:
            if i.state in ("running", "paused"):
                i.state = "paused" if self.state in self.pauses(i.clock) else "running"

    def starts_on(self, clock: str) -> str:
        return self.policy["clocks"].get(clock, {}).get("starts_on", "received")

    def met(self, clock: str) -> bool:
        if clock == "first_response":
            return self.had(*STAFF)
        if clock == "workaround":
            return self.had("workaround_provided", "solution_proposed")
        since = max(
            (k for k, e in enumerate(self.past) if e["event"] in ("reopened", "solution_rejected")), default=0
        )
        return any(e["event"] == "solution_proposed" for e in self.past[since:])

    def happen(self, event: dict, m: int) -> None:
        kind = event["event"]
        for i in self.all:
            i.tell(m)
        if self.closed and kind not in (
            "reopened",
            "root_cause_reported",
            "severity_changed",
            "agreement_changed",
        ):
            return
        was_first = not self.had(kind)
        answered = self.had(*STAFF)
        ever_closed = self.had("closed")
        if kind == "received":
            self.severity = event["severity"]
        if kind in ("waiting_on_customer", "waiting_on_third_party", "out_of_scope"):
            self.state = kind
        if kind in ("resumed", "solution_rejected", "reopened", "closed"):
            self.state = None
        if kind == "customer_replied" and self.state == "waiting_on_customer":
            self.state = None
        if kind not in ("severity_changed", "agreement_changed", "closed"):
            self.settle()
        if kind in ("severity_changed", "agreement_changed"):
            self.changed(event, m)
            self.settle()
        if kind in STAFF:
            self.finish("first_response", m, "stopped")
            self.finish("next_response", m, "stopped")
            if kind in ("workaround_provided", "solution_proposed"):
                self.finish("workaround", m, "stopped")
            if kind == "solution_proposed":
                self.finish("resolution", m, "stopped")
                self.finish("progress_update", m, "cancelled")
            else:
                self.finish("progress_update", m, "stopped")
                self.start("progress_update", m)
        if kind == "triaged":
            self.finish("triage", m, "stopped")
        if kind == "dispatched":
            self.finish("dispatch", m, "stopped")
        if kind in ("received", "triaged", "information_completed") and was_first and not ever_closed:
            for clock in ("first_response", "workaround", "resolution"):
                if self.starts_on(clock) == kind and not self.met(clock):
                    self.start(clock, m)
        if kind == "received":
            self.start("triage", m)
        if kind == "triaged" and was_first and not ever_closed and not self.had("dispatched"):
            self.start("dispatch", m)
        if kind == "customer_replied" and answered:
            self.start("next_response", m)
        if kind in ("solution_rejected", "reopened"):
            self.closed = False
            self.finish("root_cause", m, "cancelled")
            if answered:
                self.start("progress_update", m)
            self.resolution_again(m)
        if kind == "closed":
            solved = event["reason"] in ("resolved", "no_answer_to_solution")
            for clock in ORDER:
                self.finish(clock, m, "stopped" if solved and clock == "resolution" else "cancelled")
            self.closed = True
            if solved:
                self.start("root_cause", m)
        if kind == "root_cause_reported":
            self.finish("root_cause", m, "stopped")
        self.past.append(event)

    def resolution_again(self, m: int) -> None:
        if self.alive("resolution"):
            return
        before = [i for i in self.all if i.clock == "resolution"]
        if before and self.policy["clocks"].get("resolution", {}).get("on_reopen", "continue") == "continue":
            before[-1].state, before[-1].stop, before[-1].last = "running", None, m
        else:
            self.start("resolution", m)

    def changed(self, event: dict, m: int) -> None:
        policy, severity = self.policy, self.severity
        if event["event"] == "severity_changed":
            self.severity = event["severity"]
        else:
            self.policy = event["policy"]
        for clock in ORDER:
            old, new = self.cell(policy, clock, severity), self.cell(self.policy, clock, self.severity)
            if old == new or (
                old and new and value(old[0]) == value(new[0]) and old[1].document == new[1].document
            ):
                continue
            instance = self.alive(clock)
            if instance is None:
                if new and not old and not self.closed and self.may_start(clock):
                    self.start(clock, m)
                continue
            if instance.used() > instance.target:
                due = instance.due(m)
                if due not in instance.earlier:
                    instance.earlier.append(due)
            if new is None:
                self.finish(clock, m, "cancelled")
                continue
            self.rereckon(instance, *new, self.rule(event, instance, severity, new, m), m)

    def may_start(self, clock: str) -> bool:
        on = self.starts_on(clock)
        if clock == "resolution":
            return not self.met(clock) and self.had(on, "solution_rejected", "reopened")
        if clock in ("first_response", "workaround"):
            return self.had(on) and not self.met(clock) and not self.had("closed")
        return False

    def rule(self, event: dict, instance: SlowInstance, severity: int, new, m: int) -> str:
        raised = self.severity < severity
        if event["event"] == "agreement_changed":
            if event.get("correction"):
                return "from_start"
            raised = new[1].target_seconds(new[0], m) < instance.target
        if raised:
            return self.policy.get("on_raise", "from_change")
        return self.policy.get("on_lower", "from_start")

    def rereckon(self, i: SlowInstance, text: str, calendar: SlowCalendar, rule: str, m: int) -> None:
        if rule == "from_start":
            i.target, i.calendar, i.since = calendar.target_seconds(text, i.started), calendar, i.started
            return
        target = calendar.target_seconds(text, m)
        if rule == "proportional":
            target = max(0, i.target - i.used()) * target // i.target if i.target else 0
        elif i.due(m) < calendar.add(m, target):
            return
        i.target, i.calendar, i.since = target, calendar, m


def minutes(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) // 60


def written(seconds: int) -> str:
    return f"{datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%SZ}"


_kept: dict[str, SlowCalendar] = {}


def slow_calendar(document: dict) -> SlowCalendar:
    """One for one content, so that its open minutes are worked out once."""
    return _kept.setdefault(repr(sorted(document.items())), SlowCalendar(document))


def expect(case: dict) -> list[dict]:
    """What the case must give."""
    ticket = SlowTicket(case, {name: slow_calendar(c) for name, c in case["calendars"].items()})
    as_of = minutes(case["as_of"])
    for event in case["events"]:
        if minutes(event["at"]) <= as_of:
            ticket.happen(event, minutes(event["at"]))
    answer = []
    for i in sorted(ticket.all, key=lambda i: (i.started, ORDER.index(i.clock))):
        if i.stop is None:
            i.tell(as_of)
        due = None
        if i.state in ("running", "stopped"):
            due = written(i.due(as_of if i.stop is None else i.stop))
        answer.append(
            {
                "clock": i.clock,
                "n": i.n,
                "state": i.state,
                "due": due,
                "breached": i.used() > i.target,
                "used": i.used(),
                "earlier_breaches": [written(t) for t in i.earlier],
            }
        )
    return answer
