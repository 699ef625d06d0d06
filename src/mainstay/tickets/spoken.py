"""An event on its way to a sentence, and the sentences that staff and customers read alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from mainstay.tickets.models import Appointment, CloseReason, Event, EventText
from mainstay.tickets.names import CLOCKS


def speaks_english() -> bool:
    """Whether what is being said now is read in English."""
    return (get_language() or "en").partition("-")[0] == "en"


@dataclass(frozen=True)
class Words:
    """An event, its personal words, who did it, and the reader's zone."""

    event: Event
    text: EventText
    by: str
    zone: str

    def after(self, name: str) -> Any:
        return self.event.after.get(name)

    def before(self, name: str) -> Any:
        return self.event.before.get(name)

    def detail(self, name: str) -> Any:
        return (self.text.detail or {}).get(name)

    def when(self, value: object) -> str:
        """An instant (ISO) in words, in the zone of the reader."""
        if not value:
            return ""
        local = datetime.fromisoformat(str(value)).astimezone(ZoneInfo(self.zone))
        return f"{date_format(local, 'D')} {date_format(local, 'MONTH_DAY_FORMAT')}, {local:%H:%M}"

    @property
    def severity(self) -> str:
        """ "severity 3 to 1", or nothing when it did not change."""
        if "severity" not in self.event.before:
            return ""
        return _("severity %(before)s to %(after)s") % {
            "before": self.before("severity"), "after": self.after("severity")
        }  # fmt: skip

    @property
    def clock(self) -> str:
        return _clock(str(self.after("clock")))

    def say(self, words: str, **more: object) -> str:
        """A translated sentence with who did it and whatever else it names."""
        return words % {"by": self.by, **more}


def _clock(name: str) -> str:
    return _(CLOCKS[name]) if name in CLOCKS else name


def closed(w: Words) -> str:
    """By whom and why; or with what it was joined."""
    reason = dict(CloseReason.choices).get(str(w.after("reason")), "")
    if w.after("into"):
        return w.say(_("Joined with request %(into)s by %(by)s"), into=w.after("into"))
    if w.after("accepted"):
        return w.say(_("Solution accepted by %(by)s; closed"))
    return w.say(_("Closed by %(by)s: %(reason)s"), reason=reason)


def progress(w: Words) -> str:
    """A report with its estimate, and the one before where it changed."""
    estimate = w.after("estimate")
    if not estimate:
        return w.say(_("Progress reported by %(by)s"))
    was = w.detail("estimate_was")
    if was and "estimate" in w.event.before:
        changed = _("Progress reported by %(by)s; expected solved %(time)s (was %(was)s)")
        return w.say(changed, time=w.when(estimate), was=w.when(was))
    return w.say(_("Progress reported by %(by)s; expected solved %(time)s"), time=w.when(estimate))


def moved(w: Words, *, told: bool = False) -> str:
    """What was due and what is due now, clock by clock; `told`: only what a customer may know of."""
    said = []
    for clock, _n, kind, was, now in w.detail("moved") or []:
        if told and kind not in {"promise", "goal"}:
            continue
        name = {"clock": _clock(clock), "time": w.when(now)}
        before = _(" (was %(time)s)") % {"time": w.when(was)} if was and was != now else ""
        ends = _("%(clock)s stands still") if was == now else _("%(clock)s has no due instant any more")
        said.append((_("%(clock)s due %(time)s") if now else ends) % name + before)
    return "; ".join(said)


def appointment(w: Words) -> str:
    """Of which kind it is, to begin a sentence with."""
    return upper(str(dict(Appointment.Kind.choices).get(str(w.after("what")), "")))


def moved_to(w: Words) -> str:
    """The time now, and the one before where it was another."""
    now, was = w.when(w.after("starts_at")), w.when(w.after("was"))
    if now == was:
        return now
    return _("%(time)s (was %(was)s)") % {"time": now, "was": was}


def upper(words: str) -> str:
    """With a capital, the rest as it is."""
    return words[:1].upper() + words[1:]
