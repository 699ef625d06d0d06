"""A contract beside its package, line by line: what the catalogue says, what we offer, what they asked (P5).

Offer and wish are each a difference document. A line knows its place in it: how to write the cell that stands there
now and how to put there what somebody typed. An empty cell is what the catalogue says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mainstay.contracts import cells, clock_lines, kpi_lines
from mainstay.contracts.sold import Difference, Line, Sold
from mainstay.contracts.target_lines import case_of, kept_beside, target_label, target_lines
from mainstay.errors import Refused
from mainstay.policy import documents
from mainstay.policy.rows import CLOSING, REMINDERS

_SHOWN = ("targets", "kpis", "channels", "contacts", "requests", "included_hours", "closing", "addons",
          "languages", "environments", "price", *clock_lines.SHOWN)  # fmt: skip


# ---- everything else


def _calendar_line(sold: Sold) -> Line:
    place = "Business hours"

    def own(difference: Difference) -> Mapping[str, Any]:
        found: Mapping[str, Any] = difference.get("calendars", {}).get("business", {})
        return found

    def read(difference: Difference, text: str) -> None:
        calendar = cells.read_calendar(text, {**sold.business}, place)
        if calendar != sold.business:
            difference["calendars"] = {**difference.get("calendars", {}), "business": calendar}

    def text(difference: Difference) -> str:
        return cells.calendar_text(calendar) if (calendar := own(difference)) else ""

    usual = cells.calendar_text(sold.business)
    return Line("calendar", place, "", usual, usual, text, read, text)


def _plain(
    name: str, group: str, usual: Any, write: Callable[[Any], str], read: Callable[[str], Any]
) -> Line:
    """A line that is one key of the difference."""

    def put(difference: Difference, text: str) -> None:
        value = read(text)
        if value != usual:
            difference[name] = value

    def text(difference: Difference) -> str:
        return write(difference[name]) if name in difference else ""

    words = write(usual) if usual else ""
    return Line(name, group, "", words, words, text, put, text)


def _closing_line(sold: Sold, name: str) -> Line:
    usual = sold.effective["closing"][name]
    label = name.replace("_", " ")

    def put(difference: Difference, text: str) -> None:
        value: Any = cells.read_list(text) if name in REMINDERS else text
        if value != usual:
            difference["closing"] = {**difference.get("closing", {}), name: value}

    def show(value: Any) -> str:
        return cells.list_text(value) if isinstance(value, list) else str(value)

    def text(difference: Difference) -> str:
        closing = difference.get("closing", {})
        return show(closing[name]) if name in closing else ""

    return Line(f"closing {name}", "Closing", label, show(usual), show(usual), text, put, text)


def _other_lines(sold: Sold) -> list[Line]:
    says = sold.effective
    price = dict(says["price"])
    monthly = says.get("requests_per_month")
    requests = says.get("requests") or ({"number": monthly, "per": "month"} if monthly else None)
    lists = (("channels", "Channels"), ("languages", "Languages"), ("environments", "Kinds of environment"),
             ("addons", "Add-ons"))  # fmt: skip
    return [
        *(
            _plain(name, group, says.get(name), cells.list_text, cells.read_list) if name != "addons"
            else _plain(name, group, [], cells.list_text, cells.read_list)
            for name, group in lists
        ),
        _plain("contacts", "Named contacts", says.get("contacts"), cells.people_text,
               lambda text: cells.read_people(text, "Named contacts", says.get("contacts"))),
        _plain("requests", "Requests", requests, lambda given: cells.quota_text(given, "number"),
               lambda text: cells.read_quota(text, "number", "Requests")),
        _plain("included_hours", "Included hours", says.get("included_hours"),
               lambda given: cells.quota_text(given, "hours"),
               lambda text: cells.read_quota(text, "hours", "Included hours", says.get("included_hours"))),
        _plain("price", "Price", price, cells.price_text, lambda text: cells.read_price(text, price, "Price")),
        *(_closing_line(sold, name) for name in CLOSING),
    ]  # fmt: skip


def lines_of(sold: Sold, *given: Difference) -> list[Line]:
    """Every line there is, those that only a difference has among them."""
    return [
        *target_lines(sold, given), *kpi_lines.kpi_lines(sold, given), _calendar_line(sold), *_other_lines(sold),
        *clock_lines.clock_lines(sold),
    ]  # fmt: skip


# ---- a difference from what was typed


def rest_of(difference: Mapping[str, Any]) -> Difference:
    """What of a difference no line shows: other calendars, default hours, monitoring, ..."""
    found = {key: value for key, value in difference.items() if key not in _SHOWN}
    others = {name: one for name, one in found.pop("calendars", {}).items() if name != "business"}
    return {**found, **({"calendars": others} if others else {})}


def check_rest(rest: Mapping[str, Any]) -> None:
    """Raises `Refused` naming what stands in a line of its own: written beside the lines it would be lost."""
    for name in rest:
        if name in _SHOWN:
            raise Refused("rest", f"{name.replace('_', ' ')} has lines of its own above; write it there")


def read_difference(
    sold: Sold, typed: Mapping[str, str], *, rest: Mapping[str, Any] | None = None
) -> Difference:
    """The difference document that typed cells (by line key) make, checked; `rest` is what no line shows.

    Raises `Refused` naming the line and what would be right.
    """
    start = dict(rest or {})
    seen = [case_of(key) for key in typed if key.startswith("targets ")]
    found: Difference = {key: value for key, value in start.items() if key not in _SHOWN}
    named = {"targets": [case for case in seen if case], "kpis": kpi_lines.typed_rows(typed)}
    known = lines_of(sold, named)
    kpi_lines.check_known(typed, known)
    for line in known:
        text = " ".join(typed.get(line.key, "").split())
        if len(text) > 500:
            raise Refused(line.place, "is longer than 500 characters")
        if text:
            line.read(found, text)
    if "targets" in found:
        found["targets"] = kept_beside(sold, found["targets"])
    return checked(sold, found)


def checked(sold: Sold, difference: Difference) -> Difference:
    """The difference, if it is one. Raises `Refused` naming the line, or the path where there is none."""
    try:
        documents.check_overrides(
            difference, ranks=sold.ranks, calendars=[name for name in sold.calendars if name != "always"]
        )
    except Refused as error:
        raise Refused(place_of(error.field, difference), error.message) from None
    return difference


def place_of(path: str, difference: Mapping[str, Any]) -> str:
    """A path of a difference document as the negotiation shows it: the line's own words."""
    head, _, rest = path.partition("[")
    if head in ("targets", "kpis") and rest:
        number, _, inside = rest.partition("]")
        row = difference[head][int(number)]
        return target_label(row) if head == "targets" else kpi_lines.place_of(row, inside)
    if path.startswith("calendars.business"):
        return "Business hours" + path.removeprefix("calendars.business").replace(".", ", ")
    return path.replace("_", " ").replace(".", ", ").capitalize()


# ---- side by side


@dataclass(frozen=True)
class Beside:
    """A line with all three of its cells; `more` is why the offer exceeds the catalogue."""

    line: Line
    offered: str
    asked: str
    offered_words: str
    asked_words: str
    more: str = ""
    findings: Sequence[str] = field(default_factory=tuple)
    notes: Sequence[Any] = field(default_factory=tuple)

    @property
    def differs(self) -> bool:
        """Whether our offer is something else than the catalogue."""
        return bool(self.offered)

    @property
    def apart(self) -> bool:
        """Whether they asked for something that we do not offer."""
        return bool(self.asked) and self.asked != self.offered

    @property
    def touched(self) -> bool:
        return bool(self.offered or self.asked or self.notes or self.findings)


def side_by_side(sold: Sold, offered: Difference, asked: Difference) -> list[Beside]:
    """All lines with what we offer and what they asked."""
    return [
        Beside(
            line,
            line.write(offered),
            line.write(asked),
            line.words(offered),
            line.words(asked),
        )
        for line in lines_of(sold, offered, asked)
    ]
