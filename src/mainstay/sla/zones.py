"""Time zones: how far local time is ahead of UTC, and the instant of a wall-clock reading."""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime
from zoneinfo import ZoneInfo

from mainstay.errors import Refused

from .fields import shown
from .instants import DAY, HIGHEST, LOWEST

_MARGIN = 400 * DAY


class Zone:
    """The UTC offsets of a zone as stretches, found by looking at each day and halving where they differ."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._info = ZoneInfo(name)
        # (low, high, starts, offsets) of what was looked at, replaced as a whole, so threads need no lock.
        self._known: tuple[int, int, list[int], list[int]] = (LOWEST, LOWEST, [], [])

    def stretches(self, low: int, high: int) -> list[tuple[int, int, int]]:
        """(start, end, offset in seconds) of each stretch of one offset within [low, high)."""
        _, _, starts, offsets = self._cover(low, high)
        found = []
        i = bisect_right(starts, low) - 1
        while i < len(starts) and starts[i] < high:
            end = starts[i + 1] if i + 1 < len(starts) else high
            found.append((max(starts[i], low), min(end, high), offsets[i]))
            i += 1
        return found

    def offset(self, t: int) -> int:
        """Seconds that local time is ahead of UTC at t."""
        low, high, starts, offsets = self._known
        if t < low or t >= high:
            _, _, starts, offsets = self._cover(t, t + 1)
        return offsets[bisect_right(starts, t) - 1]

    def first(self, reading: int) -> int:
        """The first instant with this wall-clock reading, or the end of the gap that swallowed it.

        A reading is given like an instant, as if the wall clock were UTC.
        """
        low, high, starts, offsets = self._known
        if low <= reading - 2 * DAY and reading + 2 * DAY <= high:
            i = bisect_right(starts, reading - 2 * DAY)
            if i == len(starts) or starts[i] > reading + 2 * DAY:  # no change of the clocks near
                return reading - offsets[i - 1]
        around = self.stretches(max(reading - 2 * DAY, LOWEST), min(reading + 2 * DAY, HIGHEST))
        for start, end, offset in around:
            if start <= reading - offset < end:
                return reading - offset
        return next(start for start, _, offset in around if start + offset > reading)

    def _cover(self, low: int, high: int) -> tuple[int, int, list[int], list[int]]:
        known = self._known
        if low < known[0] or high > known[1]:
            known = self._known = self._grown(known, max(LOWEST, low - _MARGIN), min(HIGHEST, high + _MARGIN))
        return known

    def _grown(
        self, known: tuple[int, int, list[int], list[int]], low: int, high: int
    ) -> tuple[int, int, list[int], list[int]]:
        known_low, known_high, starts, offsets = known
        if not starts:
            return (low, high, *self._scan(low, high))
        if low < known_low:
            earlier, before = self._scan(low, known_low)
            # The last stretch reaches over the old edge: the first one known began with it.
            starts, offsets, known_low = earlier + starts[1:], before + offsets[1:], low
        if high > known_high:
            later, after = self._scan(known_high, high)
            starts, offsets, known_high = starts + later[1:], offsets + after[1:], high
        return known_low, known_high, starts, offsets

    def _scan(self, low: int, high: int) -> tuple[list[int], list[int]]:
        starts, offsets = [low], [self._look(low)]
        for t in range(low, high, DAY):
            after = min(t + DAY, high)
            offset = self._look(after)
            if offset != offsets[-1]:
                starts.append(self._change(t, after, offset))
                offsets.append(offset)
        return starts, offsets

    def _change(self, before: int, after: int, offset: int) -> int:
        """The first instant in (before, after] from which `offset` holds."""
        while after - before > 1:
            middle = (before + after) // 2
            if self._look(middle) == offset:
                after = middle
            else:
                before = middle
        return after

    def _look(self, t: int) -> int:
        away = datetime.fromtimestamp(t, self._info).utcoffset()
        assert away is not None
        return away.days * DAY + away.seconds


_zones: dict[str, Zone] = {}


def zone_of(name: object, field: str) -> Zone:
    """The zone of an IANA name, one object for each. Raises Refused naming `field`."""
    if not isinstance(name, str) or not name:
        raise Refused(field, "must be the name of an IANA time zone, such as Australia/Sydney")
    known = _zones.get(name)
    if known is None:
        known = _zones[name] = _load(name, field)
    return known


def _load(name: str, field: str) -> Zone:
    # These lie beside the zones on some machines, but are not names in the IANA list.
    if name.startswith(("posix/", "right/")) or name in ("localtime", "posixrules", "Factory"):
        raise Refused(field, f"unknown time zone {shown(name)}")
    try:
        return Zone(name)
    except (KeyError, ValueError, OSError) as error:
        raise Refused(field, f"unknown time zone {shown(name)}") from error
