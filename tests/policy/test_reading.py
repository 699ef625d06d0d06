"""The file format: what may be said shortly, what it becomes, and that writing reads back the same."""

from copy import deepcopy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mainstay.catalogue import shipped
from mainstay.policy.compile import digest
from mainstay.policy.documents import DeskDocument, LevelDocument, PackageDocument
from mainstay.policy.read import policy_problems, read, read_file
from mainstay.policy.write import write
from policy.promised import EXAMPLES, parts_of

NAMES = sorted(path.stem for path in EXAMPLES.glob("*.toml"))
HEAD = """
format = 2
name = "Small"
flags = { outage = "the service is down" }
[[severities]]
name = "P0"
[[severities]]
name = "P1"
[[severities]]
name = "P2"
"""


def small(text):
    return read(HEAD + text)


def targets(text, package="gold"):
    """Rows of a package as short texts."""
    rows = small(text)["packages"][package]["targets"]
    return [
        " ".join(str(row[key]) for key in ("clock", "severity", "target", "calendar", "kind") if key in row)
        for row in rows
    ]


def test_there_are_eleven_examples():
    assert NAMES == [
        "atlassian", "edb", "fjordline", "genesys", "github", "halcyon", "hivemq", "iamcloud", "mainstay", "redhat",
        "saviynt",
    ]  # fmt: skip


# ---- short ways


def test_severities_may_be_named_and_one_cell_may_say_it_for_all():
    text = """
    [packages.gold]
    promises.first_response = { P0 = "15m always", p1 = "4h", 3 = "1bd goal" }
    goals.resolution = "5bd"
    internal.triage = { P0 = "15m", rest = "2h" }
    """
    assert targets(text) == [
        "first_response 1 15m always promise",
        "first_response 2 4h promise",
        "first_response 3 1bd goal",
        "resolution * 5bd goal",
        "triage 1 15m internal",
        "triage * 2h internal",
    ]


def test_rows_may_be_for_several_clocks_and_severities():
    text = """
    [packages.gold]
    [[packages.gold.targets]]
    clock = ["first_response", "next_response"]
    severity = ["P0", 2]
    target = "1h"
    calendar = "always"
    """
    assert targets(text) == [
        "first_response 1 1h always promise",
        "first_response 2 1h always promise",
        "next_response 1 1h always promise",
        "next_response 2 1h always promise",
    ]


def test_a_row_outside_packages_goes_to_those_that_it_names():
    text = """
    [packages.gold]
    [packages.silver]
    [[targets]]
    clock = "first_response"
    target = "1h"
    when = { package = ["gold", "silver"], environment = "production" }
    """
    parts = small(text)
    assert parts["packages"]["gold"]["targets"] == parts["packages"]["silver"]["targets"]
    assert parts["packages"]["gold"]["targets"][0]["when"] == {"environment": "production"}


@pytest.mark.parametrize(
    ("cell", "becomes"),
    [
        ("95% within 4h", {"target": "4h", "share": 95}),
        ("4h or as agreed", {"target": "4h", "agreed": True}),
        ("best effort", {"target": "none", "kind": "none", "words": "best effort"}),
        ("best effort 8h", {"target": "8h", "kind": "goal"}),
        (
            "none: fix in a future release",
            {"target": "none", "kind": "none", "words": "fix in a future release"},
        ),
        ("-", {"target": "none", "kind": "none"}),
        ("2w 24x7", {"target": "14d", "calendar": "always"}),
        ("1mo", {"target": "1mo"}),
        ("2eobd", {"target": "2eobd"}),
    ],
)
def test_what_a_cell_may_say(cell, becomes):
    (row,) = small(f'[packages.gold]\npromises.resolution = "{cell}"')["packages"]["gold"]["targets"]
    assert {key: row[key] for key in row if key not in ("clock", "severity")} == {
        "kind": "promise",
        **becomes,
    }


def test_a_package_without_a_level_has_one_of_its_own():
    parts = small('[packages.gold]\nsummary = "All of it."\nwarn_at = 60\nstaffing.round_the_clock = true')
    assert parts["packages"]["gold"]["level"] == "gold"
    level = parts["levels"]["gold"]
    assert (level["name"], level["warn_at"], level["rank"]) == ("Gold", 60, 1)
    assert level["staffing"] == {"team": "shared", "round_the_clock": True}
    assert "warn_at" not in parts["packages"]["gold"]


def test_numbers_dates_and_weeks_are_kept_as_text():
    parts = small("""
    [packages.gold]
    price = { basis = "a year", percent = 20, floor = 10000, currency = "USD" }
    closing = { solution_closes = "2w" }
    [[packages.gold.targets]]
    clock = "first_response"
    target = "1h"
    when = { bought_before = 2018-09-17 }
    [[packages.gold.kpis]]
    kpi = "uptime"
    strength = "guarantee"
    per = "month"
    percent = 99.950
    credits = { bands = [{ below = 99.9, percent = 10 }] }
    """)
    gold = parts["packages"]["gold"]
    assert gold["price"] == {"basis": "a year", "percent": "20", "floor": "10000", "currency": "USD"}
    assert gold["closing"] == {"solution_closes": "14d"}
    assert gold["targets"][0]["when"] == {"bought_before": "2018-09-17"}
    assert gold["kpis"][0]["percent"] == "99.950"
    assert not list(floats(parts))


def floats(value):
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from floats(inner)
    elif isinstance(value, float):
        yield value


def test_closed_days_are_read_from_a_file_beside_the_policy_and_no_other(tmp_path):
    (tmp_path / "own.ics").write_bytes(
        b"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nBEGIN:VEVENT\nUID:1\nDTSTART;VALUE=DATE:20260601\nEND:VEVENT\n"
        b"END:VCALENDAR\n"
    )
    policy = tmp_path / "policy.toml"
    hours = 'hours = { week = "Mon 09:00-10:00", holidays = { ics = "own.ics" } }\n'
    policy.write_text(HEAD.replace("flags", hours + "flags") + "[packages.gold]\n")
    parts = read_file(str(policy))
    assert parts["desk"]["hours"]["holidays"] == [{"ics": "own.ics", "dates": ["2026-06-01"]}]
    assert read(write(parts)) == parts  # without the file
    policy.write_text(policy.read_text().replace("own.ics", "../own.ics"))
    with pytest.raises(Exception, match="does not stand beside the policy file"):
        read_file(str(policy))


# ---- writing


@pytest.mark.parametrize("name", NAMES)
def test_an_example_reads_back_the_same(name):
    parts = parts_of(name)
    again = read(write(parts), name="again")
    assert again == parts
    assert digest(again) == digest(parts)
    assert write(again) == write(parts)


def shipped_parts():
    return {
        "format": 2,
        "name": "Desk policy",
        "desk": deepcopy(shipped.DESK),
        "levels": {code: {**level, "name": name, "rank": rank} for code, name, rank, level in shipped.LEVELS},
        "packages": {code: {**box, "name": name, "level": code} for code, name, box in shipped.PACKAGES},
    }


def test_the_ninth_example_is_the_shipped_policy():
    assert parts_of("mainstay") == shipped_parts()


def test_the_short_keys_are_those_of_the_documents():
    """The reader knows keys by the typed documents, the checks by their shapes: they are the same."""
    parts = parts_of("github")
    for document, kind in ((DeskDocument, "desk"), (LevelDocument, "levels"), (PackageDocument, "packages")):
        broken = deepcopy(parts)
        holder = broken["desk"] if kind == "desk" else next(iter(broken[kind].values()))
        holder["zzz"] = 1
        (said,) = [str(one) for one in policy_problems(broken) if "zzz" in one.field]
        expected = said.partition("expected ")[2].partition(";")[0].split(", ")
        assert sorted(document.__required_keys__ | document.__optional_keys__) == expected


WORDS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=30
).filter(str.strip)
TARGETS = st.one_of(
    st.sampled_from(["30m", "4h", "2bd", "eobd", "1mo", "90s", "14d"]).map(
        lambda t: {"target": t, "kind": "promise"}
    ),
    st.just({"target": "none", "kind": "none"}),
)
EXTRAS = st.fixed_dictionaries(
    {},
    optional={"calendar": st.sampled_from(["business", "always"]), "share": st.integers(1, 100),
              "agreed": st.booleans(), "kind": st.sampled_from(["goal", "internal"])},
)  # fmt: skip
WHENS = st.fixed_dictionaries(
    {},
    optional={
        "environment": st.sampled_from(["production", ["test", "development"]]),
        "flag": st.sampled_from(["by_phone", "by_phone+outage", ["by_phone", "outage"]]),
        "product": WORDS,
        "bought_since": st.just("2020-02-29"),
    },
)


@st.composite
def rows(draw):
    row = {"clock": draw(st.sampled_from(["first_response", "workaround"])), **draw(TARGETS)}
    row["severity"] = draw(st.sampled_from(["*", 1, 2, 3]))
    if row["target"] != "none":
        row |= draw(EXTRAS)
    if draw(st.booleans()):
        row["when"] = draw(WHENS)
    if draw(st.booleans()):
        row["words"] = draw(WORDS)
    return row


def different(listed):
    seen = {}
    for row in listed:
        case = sorted((name, str(asked)) for name, asked in row.get("when", {}).items())
        seen.setdefault((row["clock"], row["severity"], str(case)), row)
    return list(seen.values())


HOURS = st.one_of(
    st.just({"week": {"mon": [["09:00", "17:00"]]}, "holidays": "customer"}),
    st.just({"week": {"mon": [["22:00", "24:00"]], "tue": [["00:00", "06:00"]], "sat": []}, "holidays": "none"}),
    st.just({"week": {"sun": [["00:00", "24:00"]]}, "holidays": ["DE-BY", "12-24", {"of": "US", "only": ["x"]}],
             "time_zone": "Asia/Tokyo", "special": {"12-31": [], "2026-01-02": [["09:00", "10:00"]]}}),
)  # fmt: skip
CALENDARS = st.dictionaries(
    st.sampled_from(["a", "b-c", "always_on"]),
    st.sampled_from([
        {"always": True},
        {"time_zone": "UTC", "week": {"mon": [["09:00", "17:00"]]}},
        {"span": [{"from": "Fri 17:00 America/Los_Angeles", "until": "Mon 10:00 Australia/Sydney"}]},
        {"any": ["business", "always"], "words": 'with "quotes"\nand lines'},
        {"choose": [{"calendar": "business", "when": {"region": "x y"}}, {"calendar": "always"}]},
    ]),
    max_size=3,
)  # fmt: skip


@settings(max_examples=150)
@given(
    desk=st.lists(rows(), max_size=4).map(different),
    level=st.lists(rows(), max_size=6).map(different),
    hours=HOURS,
    calendars=CALENDARS,
    name=WORDS,
    benefits=st.lists(WORDS, max_size=2),
)
def test_whatever_is_well_formed_reads_back_the_same(desk, level, hours, calendars, name, benefits):
    parts = shipped_parts()
    parts["desk"]["targets"] = desk
    parts["desk"]["calendars"] = calendars
    parts["levels"]["high"]["targets"] = level
    parts["levels"]["high"]["summary"] = name
    parts["packages"]["high"] |= {"hours": hours, "benefits": benefits, "hours_rules": [
        {"calendar": "always", "severity": 1, "when": {"flag": "by_phone"}}, {"calendar": "business"}]}  # fmt: skip
    assert list(policy_problems(parts)) == []
    assert read(write(parts)) == parts
