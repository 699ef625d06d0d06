"""How long a release is looked after, and how: the phases of its life on a given day (P7, X1).

The desk policy says which phases there are, in their order (`lifecycle`: code, name, what is covered, whether
promises become goals or targets fall away, and how long it lasts where a release has no day of its own); a release
says on which day each of its phases ends. A phase without an end lasts as long as the release is maintained.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from mainstay.customers import versions
from mainstay.customers.models import Release
from mainstay.sla.targets import parse_target

MAINTAINED, COMING, ENDED = "maintained", "coming", "ended"
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Phase:
    """A stretch of a release's life, both days included; `until` None: no end is set.

    `targets`: "" as agreed, "goal" nothing is promised any more, "none" there are no targets.
    """

    code: str
    name: str
    since: date
    until: date | None
    covers: tuple[str, ...] = ()
    targets: str = ""

    @property
    def is_reduced(self) -> bool:
        """Less than all that was agreed."""
        return self.targets in {"goal", "none"}

    @property
    def supported(self) -> bool:
        """Whether the release is within its designated lifecycle (X1)."""
        return self.code != ENDED


def phases_in(policy: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    """The phases that a desk policy's document names, in their order; none when it names none."""
    said = (policy or {}).get("lifecycle") or []
    rows = said.get("phases", []) if isinstance(said, Mapping) else said
    return [row for row in rows if isinstance(row, Mapping) and row.get("code")]


def life(release: Release, policy: Mapping[str, Any] | None = None) -> list[Phase]:
    """The phases of a release's life in their order, without a gap, from its first day to the end it has."""
    rows = phases_in(policy) or [{"code": MAINTAINED, "name": gettext_noop("Maintained")}]
    end, since = release.maintained_until, release.released_on
    found: list[Phase] = []
    for place, row in enumerate(rows):
        until = _until(release, row, since)
        if until is None and any(release.phases.get(later["code"]) for later in rows[place:]):
            continue  # not lived through: a later one has its day
        capped = min((day for day in (until, end) if day is not None), default=None)
        if capped is None or capped >= since:
            found.append(_phase(row, since, capped))
        if until is None or (end is not None and until >= end):
            break
        since = max(since, until + DAY)
    return found


def _until(release: Release, row: Mapping[str, Any], since: date) -> date | None:
    """The last day of a phase: the release's own, else as long as the policy says it lasts."""
    own = release.phases.get(row["code"])
    if own:
        return date.fromisoformat(str(own))
    return _later(since, str(row["lasts"])) - DAY if row.get("lasts") else None


def _later(day: date, lasts: str) -> date:
    """A day so much later: "18mo" on the same day of the month, or its last; everything else in days."""
    target = parse_target(lasts)
    if target.unit != "mo":
        days = target.number if target.unit != "s" else target.number // 86400
        return day + timedelta(days=days)
    months = day.month - 1 + target.number
    year, month = day.year + months // 12, months % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def phase_of(release: Release, day: date, policy: Mapping[str, Any] | None = None) -> Phase:
    """The phase that a release is in on a day; "coming" before its first day, "ended" after its last."""
    lived = life(release, policy)
    if day < release.released_on:
        return Phase(COMING, gettext_noop("Not released yet"), day, release.released_on - DAY)
    for phase in lived:
        if phase.until is None or day <= phase.until:
            return phase
    last = (lived[-1].until if lived else None) or release.maintained_until or release.released_on
    return Phase(ENDED, gettext_noop("Out of maintenance"), last + DAY, None, (), "none")


def last_day(release: Release, policy: Mapping[str, Any] | None = None) -> date | None:
    """The last day on which the release is looked after at all; None: no end is set."""
    lived = life(release, policy)
    return lived[-1].until if lived else release.maintained_until


def reason(release: Release, day: date, policy: Mapping[str, Any] | None = None) -> str:
    """Why a release is outside its designated lifecycle, in words; empty while it is within it."""
    if phase_of(release, day, policy).code != ENDED:
        return ""
    end = last_day(release, policy)
    return (
        f"release {release.version} left maintenance on {end.isoformat() if end else 'an earlier day'} (X1)"
    )


def reduction(release: Release, day: date, policy: Mapping[str, Any] | None = None) -> str:
    """Why less than all that was agreed holds for a release, in words; empty while all of it does."""
    phase = phase_of(release, day, policy)
    if not phase.is_reduced or phase.code == ENDED:
        return ""
    until = f" until {phase.until.isoformat()}" if phase.until else ""
    does = "no times are promised" if phase.targets == "none" else "promises are goals"
    return f"release {release.version} is in its phase {phase.name}{until}: {does} (X1)"


def words(release: Release, day: date, policy: Mapping[str, Any] | None = None) -> str:
    """How a release stands, for people: "Full support until 30 June 2026", "Out of maintenance since ..."."""
    phase = phase_of(release, day, policy)
    if phase.code == ENDED:
        return _("%(phase)s since %(day)s") % {"phase": _(phase.name), "day": _said(phase.since)}
    if phase.code == COMING:
        return _("Released on %(day)s") % {"day": _said(release.released_on)}
    if phase.until:
        return _("%(phase)s until %(day)s") % {"phase": _(phase.name), "day": _said(phase.until)}
    return _("%(phase)s, no end is set") % {"phase": _(phase.name)}


def named(text: str, releases: Iterable[Release]) -> Release | None:
    """The release that a text such as "Atlas 6.4.2" speaks of: the longest series that holds a version in it."""
    known = {release.version: release for release in releases}
    for version in versions.named_in(text):
        found = versions.series_of(version, known)
        if found is not None:
            return known[found]
    return None


def newest(releases: Sequence[Release], day: date, policy: Mapping[str, Any] | None = None) -> Release | None:
    """What to upgrade to: the newest release that is out and not reduced; else the newest that is supported."""
    out = [one for one in releases if one.released_on <= day and phase_of(one, day, policy).supported]
    whole = [one for one in out if not phase_of(one, day, policy).is_reduced]
    return max(whole or out, key=lambda one: versions.key(one.version), default=None)


def _phase(row: Mapping[str, Any], since: date, until: date | None) -> Phase:
    targets = str(row.get("targets", ""))
    name = str(row.get("name") or row["code"])
    return Phase(str(row["code"]), name, since, until, tuple(row.get("covers", ())), targets)


def _said(day: date | None) -> str:
    return date_format(day, "DATE_FORMAT") if day else ""
