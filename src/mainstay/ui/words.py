"""Words of time, the same everywhere: "in 52 min", "over by 22 min", "tomorrow 09:06", "1 h 21 min left".

Two measures are kept apart. Time on the wall (in, over, early, late) has days of 24 hours. Counted time (left,
used) has hours and no days, because a day of business time is not 24 hours long.
`static/mainstay/countdown.js` says the same words between two loads; a test holds them together.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from mainstay.ui.shapes import Promise

MINUTE, HOUR, DAY = 60, 3600, 86400
SECONDS_BELOW = 5 * MINUTE
MINUTES_BELOW = 90 * MINUTE
NEAR = 4 * HOUR


def brief(seconds: int) -> str:
    """Time on the wall in the shortest true form: "40 s", "4 min 10 s", "52 min", "2 h 04", "3 d 4 h"."""
    seconds = abs(seconds)
    if seconds < SECONDS_BELOW:
        return span(seconds)
    if seconds < MINUTES_BELOW:
        return f"{seconds // MINUTE} min"
    if seconds < DAY:
        return f"{seconds // HOUR} h {seconds % HOUR // MINUTE:02d}"
    return span(seconds)


def span(seconds: int) -> str:
    """Time on the wall in its two largest units: "6 d 3 h", "1 h 21 min", "10 min 52 s", "41 s"."""
    seconds = abs(seconds)
    units = ((DAY, days_sign(), HOUR, "h"), (HOUR, "h", MINUTE, "min"), (MINUTE, "min", 1, "s"))
    for size, name, small, small_name in units:
        if seconds >= size:
            rest = seconds % size // small
            return f"{seconds // size} {name}" + (f" {rest} {small_name}" if rest else "")
    return f"{seconds} s"


def days_sign() -> str:
    """The sign of a day; h, min and s are the same everywhere."""
    return pgettext("sign of a day", "d")


def counted(seconds: int) -> str:
    """Counted time, without days: "2 h 10", "147 h 05", "52 min", "40 s"."""
    seconds = abs(seconds)
    if seconds < SECONDS_BELOW:
        return span(seconds)
    if seconds < HOUR:
        return f"{seconds // MINUTE} min"
    return f"{seconds // HOUR} h {seconds % HOUR // MINUTE:02d}"


def counted_long(seconds: int) -> str:
    """Counted time with its units: "1 h 21 min", "12 min", "40 s"."""
    if abs(seconds) < HOUR:
        return counted(seconds)
    hours, minutes = divmod(abs(seconds) // MINUTE, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def hms(seconds: int) -> str:
    """To the second: "2:07:50", "24:00:00", "-0:22:00"."""
    sign, seconds = ("-" if seconds < 0 else ""), abs(seconds)
    return f"{sign}{seconds // HOUR}:{seconds % HOUR // MINUTE:02d}:{seconds % MINUTE:02d}"


def clock(at: datetime, zone: ZoneInfo, *, precise: bool = False) -> str:
    """The wall clock's reading in `zone`: "14:06", precise "14:06:22"."""
    return at.astimezone(zone).strftime("%H:%M:%S" if precise else "%H:%M")


def day(at: datetime, zone: ZoneInfo) -> str:
    """A day with its name: "Tue 24 Nov"."""
    local = at.astimezone(zone)
    return f"{_weekday(local)} {_date(local)}"


def when(at: datetime, now: datetime, zone: ZoneInfo, *, precise: bool = False) -> str:
    """An instant as a person says it from `now`: "14:06", "tomorrow 09:06", "Wed 14:16", "24 Dec 09:00"."""
    local, reading = at.astimezone(zone), clock(at, zone, precise=precise)
    today = now.astimezone(zone).date()
    ahead = (local.date() - today).days
    if ahead == 0:
        return reading
    if ahead == 1:
        return _("tomorrow %(time)s") % {"time": reading}
    if ahead == -1:
        return _("yesterday %(time)s") % {"time": reading}
    if 1 < ahead < 7:
        return f"{_weekday(local)} {reading}"
    day = _date(local) if local.year == today.year else date_format(local, "SHORT_DATE_FORMAT")
    return f"{day} {reading}"


def is_near(due: datetime, now: datetime, zone: ZoneInfo) -> bool:
    """Whether an instant is said as a countdown rather than as a time: today, or within four hours."""
    return due - now < timedelta(seconds=NEAR) or due.astimezone(zone).date() == now.astimezone(zone).date()


def due_in(due: datetime, now: datetime, zone: ZoneInfo) -> str:
    """How a due instant stands: "in 52 min", "over by 22 min", "tomorrow 09:06"."""
    delta = int((due - now).total_seconds())
    if now > due:
        return _("over by %(time)s") % {"time": brief(delta)}
    return _("in %(time)s") % {"time": brief(delta)} if is_near(due, now, zone) else when(due, now, zone)


def aside(promise: Promise, now: datetime, zone: ZoneInfo) -> str:
    """What stands beside the lead words: the due time of a countdown ("13:44"), the distance of a time ("in 1 d")."""
    if promise.due is None or promise.stopped_at is not None or promise.k in ("wait", "third", "met", "was"):
        return ""
    if is_near(promise.due, now, zone):
        return when(promise.due, now, zone)
    hours = int((promise.due - now).total_seconds()) // HOUR
    return _("in %(time)s") % {"time": f"{hours} h" if hours < 24 else f"{hours // 24} {days_sign()}"}


def left(seconds: int) -> str:
    """Counted time that remains: "1 h 21 min left"; used up: "over by 22 min"."""
    if seconds < 0:
        return _("over by %(time)s") % {"time": counted_long(seconds)}
    return _("%(time)s left") % {"time": counted_long(seconds)}


def paused(promise: Promise) -> str:
    """A clock that stands still: "paused, 2 h 10 left"."""
    amount = counted(promise.left)
    if promise.left < 0:
        return _("paused, over by %(time)s") % {"time": amount}
    return _("paused, %(time)s left") % {"time": amount}


def lead(promise: Promise, now: datetime, zone: ZoneInfo) -> str:
    """The first words of a promise: "in 52 min", "paused, 2 h 10 left", "met 11:13:48"."""
    if promise.k in ("wait", "third"):
        return paused(promise)
    if promise.k == "was":
        return _("ended")
    if promise.stopped_at is not None:
        return _ended(promise, promise.stopped_at, now, zone)
    return _open(promise, now, zone)


def parted(promise: Promise, now: datetime, zone: ZoneInfo) -> tuple[str, str] | None:
    """The first words in two, where one narrow line cannot hold them: what holds it in a word, then how much or when.

    ("paused", "16 h left"), ("met", "yesterday 05:02"), ("goal passed", "3 h ago"); None: they are short enough.
    """
    if promise.k in ("wait", "third"):
        over = _("over by %(time)s") if promise.left < 0 else _("%(time)s left")
        return _("paused"), over % {"time": counted(promise.left)}
    if promise.k != "was" and promise.stopped_at is not None:
        return _("late") if promise.breached else _("met"), when(promise.stopped_at, now, zone)
    if promise.k == "goal" and promise.due is not None and now > promise.due:
        return _("goal passed"), _("%(time)s ago") % {"time": brief(int((now - promise.due).total_seconds()))}
    return None


def lane_words(promise: Promise, now: datetime, zone: ZoneInfo) -> tuple[str, str]:
    """A promise on its ticket: what is left, and the exact due instant or how early or late it was met."""
    if promise.stopped_at is not None and promise.k != "was":
        return _ended(promise, promise.stopped_at, now, zone), _margin(promise, promise.stopped_at)
    if promise.k in ("wait", "third"):
        return paused(promise), promise.note
    if promise.due is None or promise.k == "was":
        return lead(promise, now, zone), promise.note
    due = _("due %(time)s") % {"time": when(promise.due, now, zone, precise=True)}
    words = _open(promise, now, zone) if now > promise.due else left(promise.left)
    return words, f"{due}, {promise.note}" if promise.note else due


def _open(promise: Promise, now: datetime, zone: ZoneInfo) -> str:
    if promise.due is None:
        return left(promise.left)
    if promise.kind == "goal" and now > promise.due:
        return _("goal passed %(time)s ago") % {"time": brief(int((now - promise.due).total_seconds()))}
    return due_in(promise.due, now, zone)


def _ended(promise: Promise, at: datetime, now: datetime, zone: ZoneInfo) -> str:
    today = at.astimezone(zone).date() == now.astimezone(zone).date()  # seconds decide today, not last week
    said = when(at, now, zone, precise=today)
    return (_("late %(time)s") if promise.breached else _("met %(time)s")) % {"time": said}


def _margin(promise: Promise, at: datetime) -> str:
    if promise.due is None:
        return promise.note
    delta = int((promise.due - at).total_seconds())
    return (_("%(time)s early") if delta >= 0 else _("%(time)s late")) % {"time": span(delta)}


def _weekday(local: datetime) -> str:
    return date_format(local, "D")


def _date(local: datetime) -> str:
    return date_format(local, "MONTH_DAY_FORMAT")
