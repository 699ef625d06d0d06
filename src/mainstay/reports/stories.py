"""Made-up lives of tickets, for loads: what happened when, in the order it would happen."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

COMPANIES = [
    "Harbour Freight Lines", "Northern Rail", "Juniper Foods", "Alder Insurance", "Delta Water", "Orchid Clinics",
    "Granite Bank", "Summit Schools", "Meridian Post", "Copper Energy", "Willow Retail", "Beacon Airports",
]  # fmt: skip
FIRST_NAMES = ["Ana", "Bo", "Chidi", "Dara", "Emre", "Freya"]
THINGS = [
    "Sign-in", "Directory sync", "Token renewal", "Report export", "Audit log", "Password reset", "Access review",
    "Gateway node", "Certificate import", "Group membership", "Approval mail", "Session cookie", "Backup job",
]  # fmt: skip
TROUBLES = [
    "is refused since this morning", "is slow with more than 4,000 users", "stops after the update",
    "shows the wrong time zone", "fails with error 0x{n:04x}", "sends every mail twice", "loses its settings",
    "times out behind the proxy", "returns an empty page", "writes the old name back",
]  # fmt: skip
SENTENCES = [
    "We see this on two of our nodes since the last change.",
    "The log says: connection reset by peer, then a retry after thirty seconds.",
    "It worked last week and nobody changed anything on our side.",
    "Could you tell us which setting decides this?",
    "About forty people are affected, they can work in another way for now.",
    "Steps: open the page, choose a person, press save, wait.",
    "We attached what the console printed.",
    "Please find the version and the environment in our first message.",
    "The new build behaves better, but not in every case.",
    "We have found the cause and are testing the change in our lab.",
]


@dataclass(frozen=True)
class Beat:
    """One thing that happened: an event's kind, who, when, its words and what changed on the ticket."""

    kind: str
    at: datetime
    by: str  # contact, staff, system
    words: str = ""
    side: str = "in"
    changes: dict[str, Any] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Story:
    subject: str
    channel: str
    opened_at: datetime
    beats: list[Beat]


def tell(chance: random.Random, now: datetime, open_share: float = 0.01) -> Story:
    """One ticket's life; about one in a hundred is still open, and young. On average three messages."""
    is_open = chance.random() < open_share
    days = chance.random() * (12 if is_open else 700) + (0 if is_open else 14)
    opened = (now - timedelta(days=days)).replace(microsecond=0)
    subject = f"{chance.choice(THINGS)} {chance.choice(TROUBLES).format(n=chance.randrange(65536))}"
    return Story(subject, chance.choice(["email", "email", "email", "portal", "phone"]), opened,
                 _Life(chance, opened, now).beats(is_open))  # fmt: skip


class _Life:
    def __init__(self, chance: random.Random, opened: datetime, now: datetime) -> None:
        self.chance, self.at, self.now = chance, opened, now
        self.told: list[Beat] = []

    def beats(self, is_open: bool) -> list[Beat]:
        self._add(0, "received", "contact", words=self._words(4))
        self._add(1, "acknowledged", "system", changes={"step": "triage"})
        steps = [self._triage, self._dispatch, self._answer, self._more, self._solve]
        for step in steps[: self.chance.randint(0, 4)] if is_open else steps:
            step()
        if not is_open:
            self._close()
        return [beat for beat in self.told if beat.at <= self.now]

    def _add(self, minutes: float, kind: str, by: str, **rest: Any) -> None:
        self.at += timedelta(seconds=int(minutes * 60))
        changes = rest.pop("changes", {})
        if "state" in changes:
            changes = {**changes, "state_since": self.at}
        if kind == "closed":
            changes = {**changes, "closed_at": self.at}
        self.told.append(Beat(kind, self.at, by, changes=changes, **rest))

    def _wait(self, hours: float) -> float:
        return self.chance.expovariate(1 / (hours * 60)) + 1

    def _words(self, most: int) -> str:
        return " ".join(self.chance.choices(SENTENCES, k=self.chance.randint(1, most)))

    def _triage(self) -> None:
        severity = self.chance.choices([1, 2, 3], [1, 4, 10])[0]
        self._add(
            self._wait(0.5), "triaged", "staff",
            changes={"severity": severity, "category": self.chance.choice(["technical", "technical", "enquiry"]),
                     "step": "dispatch"},
            more={"now_severity": severity},
        )  # fmt: skip

    def _dispatch(self) -> None:
        self._add(self._wait(0.5), "dispatched", "staff", changes={"assignee": True, "step": "resolution"})

    def _answer(self) -> None:
        self._add(self._wait(1.5), "staff_replied", "staff", words=self._words(3), side="out")

    def _more(self) -> None:
        if self.chance.random() < 0.5:
            self._add(
                self._wait(4), "asked_customer", "staff", words=self._words(2), side="out",
                changes={"state": "waiting_on_customer"},
            )  # fmt: skip
            self._add(self._wait(10), "customer_replied", "contact", words=self._words(3),
                      changes={"state": "open"}, more={"words": True})  # fmt: skip

    def _solve(self) -> None:
        self._add(
            self._wait(20), "solution_proposed", "staff", words=self._words(4), side="out",
            changes={"state": "solution_proposed", "step": "closure"},
        )  # fmt: skip

    def _close(self) -> None:
        reason = self.chance.choices(["resolved", "no_answer_to_solution"], [4, 1])[0]
        self._add(
            self._wait(24), "closed", "contact" if reason == "resolved" else "system",
            changes={"state": "closed", "close_reason": reason}, more={"reason": reason},
        )  # fmt: skip
