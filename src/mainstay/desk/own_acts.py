"""Acts on a ticket that are for whoever does them: they move nothing for the customer and nothing for others."""

from __future__ import annotations

from django.utils.translation import gettext as _

from mainstay.desk import snoozed
from mainstay.desk.acting import Act, Do
from mainstay.tickets import snoozing, watching


def snooze(one: Act) -> str:
    until = snoozed.put_off(one.ticket, one.typed, by=one.by, at=one.at)
    return _("Put off until %(time)s. It stands under Snoozed, and every clock runs on.") % {"time": until}


def snooze_end(one: Act) -> str:
    snoozing.bring_back(one.ticket, by=one.by, at=one.at)
    return _("It is back among yours.")


def watch(one: Act) -> str:
    watching.watch(one.ticket, by=one.by, at=one.at)
    return _("You hear of what the customer writes on it.")


def unwatch(one: Act) -> str:
    watching.unwatch(one.ticket, by=one.by, at=one.at)
    return _("You do not watch it any more.")


ACTS: tuple[tuple[str, str, Do], ...] = (
    ("snooze", "snooze", snooze),
    ("snooze_end", "snooze/end", snooze_end),
    ("watch", "watch", watch),
    ("unwatch", "watch/end", unwatch),
)
