"""Today's hours as strips of one day, with the needle at now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.safestring import SafeString

from mainstay.ui import axis, words
from mainstay.ui.draw import now_label, tick
from mainstay.ui.shapes import Opening
from mainstay.ui.svg import el, pct, rect, vline


def hours(openings: Sequence[Opening], now: datetime, zone: ZoneInfo) -> dict[str, object]:
    """Context of the hours strip: a ruler of the day and a line for each opening."""
    local = now.astimezone(zone)
    needle = (local.hour * 3600 + local.minute * 60 + local.second) / 864
    edges = {edge for opening in openings for pair in opening.open for edge in pair if 0 < edge < axis.DAY}
    ticks = sorted(edges | {h * 3600 for h in (3, 6, 9, 12, 15, 18, 21) if not _close(h * 3600, edges)})
    labels = [tick(s / 864, _hour(s), "gone" if abs(s / 864 - needle) < 5 else "") for s in ticks]
    head = el("svg", [*labels, now_label(needle, words.clock(now, zone))], cls="axis", aria_hidden="true")
    rows = [(opening, _hours_row(opening, needle)) for opening in openings]
    return {"axis": head, "rows": rows}


def _close(seconds: int, edges: set[int]) -> bool:
    return any(abs(seconds - edge) < 2 * 3600 for edge in edges)


def _hour(seconds: int) -> str:
    hour, minute = divmod(seconds // 60, 60)
    return f"{hour:02d}:{minute:02d}" if minute else f"{hour:02d}"


def _hours_row(opening: Opening, needle: float) -> SafeString:
    shut = el("line", cls="shut", x1="0", x2="100%", y1=15, y2=15)
    on = [rect("on", pct(a / 864), pct((b - a) / 864), 9, 12) for a, b in opening.open]
    words_ = f"{opening.name}: {opening.words}"
    return el("svg", [shut, *on, vline("nd", pct(needle))], cls="hl", role="img", aria_label=words_)
