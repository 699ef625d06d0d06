"""A calendar as a form: what is shown reads back, what is typed is read, what is wrong is named (P2, N2)."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from mainstay.errors import Refused
from mainstay.policy import coming_weeks
from mainstay.policy.calendar_sheet import DAYS, PLACE, read, shown
from mainstay.policy.calendars import CUSTOMER, Where
from mainstay.policy.compile import Place, around
from mainstay.policy.read import read_file

EXAMPLES = sorted(Path("src/mainstay/policy/examples").glob("*.toml"))
OFFICE = {
    "week": {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
    "holidays": "customer",
}
ENGLAND = Place("Europe/London", "GB", "ENG")


def fields(**typed: Any) -> dict[str, Any]:
    return {**shown({"time_zone": "customer", **OFFICE}), **typed}


def row(**typed: str) -> dict[str, str]:
    return {**dict.fromkeys(PLACE, ""), "which": "all", **typed}


def calendars_of(name: Path) -> list[tuple[dict[str, Any], bool]]:
    parts = read_file(str(name))
    owners = [parts["desk"], *parts["packages"].values()]
    found = [(one["hours"], True) for one in owners]
    return found + [(says, False) for one in owners for says in one.get("calendars", {}).values()]


@pytest.mark.parametrize("name", EXAMPLES, ids=lambda one: one.stem)
def test_every_calendar_of_the_example_policies_comes_back_as_it_was(name: Path) -> None:
    for says, hours in calendars_of(name):
        assert read(shown(says), says, hours=hours) == says


@pytest.mark.parametrize("name", EXAMPLES, ids=lambda one: one.stem)
def test_typed_from_the_beginning_they_say_the_same(name: Path) -> None:
    seen = around(ENGLAND, (2026, 2027), {})
    for says, hours in calendars_of(name):
        if any(isinstance(one, dict) and "ics" in one for one in says.get("holidays", [])):
            continue  # a file is chosen, not typed
        again = read(shown(says), hours=hours)
        if {"week", "always", "span"} & set(says):
            defined = {"was": says, "now": again}
            was, now = (
                coming_weeks.coming(
                    one, defined, seen, first=datetime(2026, 12, 21, tzinfo=UTC).date(), weeks=3
                )
                for one in defined
            )
            assert was.weeks == now.weeks
        else:
            assert {key: value for key, value in again.items() if key != "words"} == {
                key: value for key, value in says.items() if key != "words"
            }


def test_hours_are_read_as_people_write_them() -> None:
    made = read(fields(mon="08:00 – 12:00; 13:00 to 17:00", fri="22:00-06:00", sat=""), hours=True)
    assert made["week"]["mon"] == [["08:00", "12:00"], ["13:00", "17:00"]]
    assert made["week"]["fri"] == [["22:00", "24:00"]]
    assert made["week"]["sat"] == [["00:00", "06:00"]]


def test_holidays_of_several_places_own_days_and_files_are_one_list() -> None:
    typed = fields(
        customer="1",
        places=[
            row(country="de", part="by"),
            row(country="US", which="only", names="Thanksgiving; Christmas Day"),
            row(),
        ],
        own="12-24\n\n12-28 .. 01-03",
    )
    assert read(typed, hours=True, files=[("ours.ics", ["2026-05-15"])])["holidays"] == [
        "customer", "DE-BY", {"of": "US", "only": ["Thanksgiving", "Christmas Day"]}, "12-24", "12-28..01-03",
        {"ics": "ours.ics", "dates": ["2026-05-15"]},
    ]  # fmt: skip
    assert read(fields(customer=""), hours=True)["holidays"] == "none"


def test_a_file_stays_until_it_is_taken_out() -> None:
    says = {
        "time_zone": "UTC",
        "week": OFFICE["week"],
        "holidays": [{"ics": "a.ics", "dates": ["2026-05-15"]}],
    }
    assert read({**shown(says), "own": "12-24"}, says)["holidays"][-1] == {
        "ics": "a.ics",
        "dates": ["2026-05-15"],
    }
    assert read({**shown(says), "kept": []}, says)["holidays"] == "none"


@pytest.mark.parametrize(
    ("typed", "field", "says"),
    [
        ({"mon": "nine to five"}, "Monday", "write hours such as"),
        ({"tue": "09:00-12:00 11:00-13:00"}, "Tuesday", "overlap"),
        ({"wed": "09:00-25:00"}, "Wednesday", "cannot be read"),
        ({"thu": "22:00-06:00", "fri": "05:00-17:00"}, "week", "overlapping hours on Fri"),
        (dict.fromkeys(DAYS, ""), "week", "opens at no time"),
        ({"time_zone": "Mars/One"}, "time_zone", "is no time zone"),
        ({"kind": "sometimes"}, "kind", "must be one of"),
        ({"places": [row(country="XX")]}, "public holidays, row 1", "is no country"),
        ({"places": [row(country="DE", part="NSW")]}, "public holidays, row 1", "its parts are BB, BE"),
        ({"places": [row(part="BY")]}, "public holidays, row 1", "names no country"),
        ({"places": [row(country="DE", names="Ostern")]}, "public holidays, row 1", "choose only or without"),
        ({"places": [row(country="DE", which="only")]}, "public holidays, row 1", "names no holiday"),
        ({"places": [row(country="DE", which="some", names="x")]}, "public holidays, row 1", "all, only or without"),
        ({"own": "12-24\nChristmas"}, "own days, line 2", "12-24 for every year"),
        ({"own": "DE"}, "own days, line 1", "cannot be read"),
        ({"special": "12-24"}, "days with other hours, line 1", "09:00-12:00"),
        ({"special": "12-24 closed\n12-24 09:00-10:00"}, "days with other hours, line 2", "there twice"),
        ({"special": "soon closed"}, "days with other hours, line 1", "12-31 closed"),
        ({"kind": "any", "members": "business"}, "members", "two calendars or more"),
        ({"kind": "span", "spans": "from Friday on"}, "stretches, line 1", "Fri 17:00 America/Los_Angeles"),
        ({"kind": "span"}, "stretches", "are missing"),
        ({"kind": "choose"}, "choices", "are missing"),
        ({"kind": "choose", "choices": "japan when language"}, "choices, line 1", "write such as environment"),
        ({"kind": "choose", "choices": "japan when tongue = ja"}, "choices, line 1.tongue", "is not known here"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_its_field(typed: dict[str, Any], field: str, says: str) -> None:
    with pytest.raises(Refused) as refused:
        read(fields(**typed))
    assert refused.value.field == field
    assert says in refused.value.message


# ---- the weeks to come


def christmas(says: dict[str, Any], place: Place = ENGLAND) -> coming_weeks.Coming:
    first = datetime(2026, 12, 23, tzinfo=UTC).date()
    seen = around(place, (2026, 2027), {})
    return coming_weeks.coming("it", {"it": says}, seen, first=first, weeks=2)


def test_holidays_are_closed_by_their_names_and_special_days_have_other_hours() -> None:
    days = [
        day
        for week in christmas({**OFFICE, "special": {"2026-12-24": [["09:00", "12:00"]]}}).weeks
        for day in week
    ]
    assert [(one.date.day, one.words, one.called) for one in days[2:6]] == [
        (23, "09:00-17:00", ""), (24, "09:00-12:00", "other hours"), (25, "closed", "Christmas Day"),
        (26, "closed", "Boxing Day"),
    ]  # fmt: skip
    assert days[7].words == "closed"  # Boxing Day is observed on Monday 28
    assert "Boxing Day" in days[7].called


def test_a_promise_received_on_a_friday_afternoon_is_worked_out() -> None:
    shown_ = christmas(OFFICE)
    friday = datetime(2026, 12, 18, 16, 30, tzinfo=ZoneInfo("Europe/London"))
    found = coming_weeks.worked(shown_, "4h", friday)
    assert f"{found.due:%a %d %H:%M}" == "Mon 21 12:30"
    assert [(f"{a:%a %H:%M}", f"{b:%H:%M}") for a, b in found.counted] == [
        ("Fri 16:30", "17:00"),
        ("Mon 09:00", "12:30"),
    ]
    assert f"{coming_weeks.worked(shown_, '2bd', friday).due:%a %d %H:%M}" == "Tue 22 16:30"
    with pytest.raises(Refused, match="cannot read"):
        coming_weeks.worked(shown_, "soon", friday)


def test_calendars_of_several_zones_are_told_in_the_customers() -> None:
    says = {"span": [{"from": "Mon 09:00 Asia/Tokyo", "until": "Mon 17:00 Europe/London"}]}
    monday = christmas(says).weeks[0][0]
    assert (monday.date.day, monday.words) == (21, "00:00-17:00")
    assert christmas(says).weeks[0][6].words == "closed"


def test_where_the_customer_is_decides_its_holidays() -> None:
    bavaria = Place("Europe/Berlin", "DE", "BY")
    called = {day.called for week in christmas(OFFICE, bavaria).weeks for day in week}
    assert any("Christmas" in one for one in called)
    assert named({"holidays": [CUSTOMER, "12-24"]}) == "a day of our own"


def named(says: dict[str, Any]) -> str:
    seen = around(Place("Europe/Berlin", *Where("DE", "BY")), (2026, 2026), {})
    return coming_weeks.named("it", {"it": says}, seen)["2026-12-24"]
