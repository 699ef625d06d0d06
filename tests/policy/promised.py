"""What an example policy promises, through the real clocks: a ticket's facts and events in, due instants out."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import mainstay.policy
from mainstay.policy.compile import Named, Place, compose, terms
from mainstay.policy.read import read_file
from mainstay.sla.cases import parse_case, written

EXAMPLES = Path(mainstay.policy.__file__).parent / "examples"
YEARS = (2025, 2028)


def parts_of(name):
    """The parts of an example."""
    return read_file(str(EXAMPLES / f"{name}.toml"))


class Promised:
    """One package of one example, for a customer somewhere."""

    def __init__(self, name, package, place=None, parts=None):
        self.parts = parts or parts_of(name)
        self.package = package
        said = self.parts["packages"][package]
        level = self.parts["levels"][said["level"]]
        self.whole = compose(self.parts["desk"], level, said)
        self.place = place or Place("UTC")
        self.facts = {"package": package, "level": said["level"]}

    def terms(self, **facts):
        return terms(self.whole, Named(), place=self.place, years=YEARS, facts={**self.facts, **facts})

    def clocks(self, events, facts=None, then=None, until="2026-12-31T00:00:00Z"):
        """Each clock of a ticket: (clock, n) -> instance. `events` are (at, event, severity or more); `then` maps an
        event's index to the facts from then on (an agreement_changed in front of it)."""
        first = self.terms(**(facts or {}))
        calendars, listed = dict(first["calendars"]), []
        for k, (at, event, *more) in enumerate(events):
            if then and k in then:
                later = self.terms(**then[k])
                calendars |= {f"{name} later": one for name, one in later["calendars"].items()}
                listed.append({"at": at, "event": "agreement_changed", "policy": renamed(later["policy"])})
            entry = {"at": at, "event": event}
            for one in more:
                entry |= one if isinstance(one, dict) else {"severity": one}
            listed.append(entry)
        case = {"calendars": calendars, "policy": first["policy"], "events": listed, "as_of": until}
        return {(one.clock, one.n): one for one in parse_case(case).explain()}

    def due(self, clock, severity, at, **facts):
        """When a clock of a ticket received (and triaged) at an instant is due, as UTC text; None: no such clock."""
        events = [(at, "received", severity), (at, "triaged")]
        found = self.clocks(events, facts, until=at).get((clock, 1))
        return None if found is None else written(found.due)


def renamed(policy):
    """A policy that names its calendars as those of later terms."""
    clocks = {
        clock: {**said, "calendar": {key: f"{name} later" for key, name in said["calendar"].items()}}
        for clock, said in policy["clocks"].items()
    }
    return {**policy, "clocks": clocks}


def local(text, zone):
    """ "2026-03-02 09:00" somewhere, as an instant with its offset."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).isoformat()


def utc(text, zone):
    """The same in UTC, as the case format writes it."""
    moment = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))
    return f"{moment.astimezone(ZoneInfo('UTC')):%Y-%m-%dT%H:%M:%SZ}"
