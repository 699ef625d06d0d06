"""LESSON 15: where several rows could apply the choice is the most specific one, always the same, and can be said."""

from hypothesis import given, settings
from hypothesis import strategies as st

from mainstay.policy.conditions import covers, holds, weight
from mainstay.policy.reach import equals
from mainstay.policy.select import Selector, competitors, in_order, region_of, resolve


def row(target, severity="*", part="level", clock="first_response", **when):
    return {"clock": clock, "severity": severity, "target": target, "part": part, "kind": "promise"} | (
        {"when": when} if when else {}
    )


def chosen(rows, severity=1, **facts):
    found = Selector(rows).choose("first_response", severity, facts)
    return found and found["target"]


def test_more_conditions_win():
    rows = [
        row("1h"),
        row("2h", 1),
        row("3h", 1, environment="production"),
        row("4h", environment="production"),
    ]
    assert chosen(rows) == "2h"
    assert chosen(rows, environment="production") == "3h"
    assert chosen(rows, 2, environment="production") == "4h"
    assert chosen(rows, 2, environment="test") == "1h"


def test_of_as_many_conditions_the_order_decides():
    rows = [row("severity", 1), row("environment", environment="test"), row("channel", channel="phone"),
            row("flag", flag="by_phone")]  # fmt: skip
    facts = {"environment": "test", "channel": "phone", "flags": ["by_phone"]}
    assert chosen(rows, **facts) == "flag"
    assert chosen(rows, environment="test", channel="phone") == "channel"
    assert chosen(rows, environment="test") == "environment"
    assert chosen(rows) == "severity"


def test_the_part_that_a_row_is_kept_in_counts_as_a_condition():
    rows = [row("desk", 1, part="desk"), row("level", 1), row("package", 1, part="package")]
    assert chosen(rows) == "package"
    assert chosen(rows[:2]) == "level"
    assert chosen([row("desk", 1, part="desk", environment="test", channel="api"), rows[2]],
                  environment="test", channel="api") == "desk"  # fmt: skip


def test_what_a_contract_says_takes_the_place_of_all_that_it_covers():
    rows = [row("level", 1), row("at night", 1, received="outside_hours"), row("other", 2),
            row("agreed", 1, part="contract")]  # fmt: skip
    assert chosen(rows, received="outside_hours") == "agreed"
    assert chosen(rows, 2) == "other"
    narrow = [*rows[:3], row("agreed for tests", 1, part="contract", environment="test")]
    assert chosen(narrow, environment="production") == "level"
    assert chosen(narrow, environment="test") == "agreed for tests"


def test_a_row_may_ask_for_one_of_several_and_for_several_at_once():
    rows = [row("usual"), row("either", flag=["outage", "security"]), row("both", flag="outage+security")]
    assert chosen(rows, flags=["outage"]) == "either"
    assert chosen(rows, flags=["security", "outage"]) == "both"
    assert chosen(rows, flags=["by_phone"]) == "usual"


def test_several_generations_are_told_apart_by_the_day_of_the_purchase():
    rows = [row("new"), row("old", bought_before="2018-09-17")]
    assert chosen(rows, bought="2018-09-16") == "old"
    assert chosen(rows, bought="2018-09-17") == "new"
    assert chosen(rows) == "new"


def test_what_is_not_known_holds_nothing():
    rows = [row("usual"), row("production", environment="production")]
    assert chosen(rows) == "usual"
    assert chosen(rows[1:]) is None


def test_two_rows_that_say_as_much_are_found():
    one, other = row("1h", 1, environment=["production", "test"]), row("2h", 1, environment="test")
    assert list(equals([one, other])) == [(one, other)]
    assert not list(equals([one, row("2h", 1, environment="development")]))
    assert not list(equals([one, row("2h", 2, environment="test")]))
    flags = [row("1h", flag="a"), row("2h", flag="b")]
    assert len(list(equals(flags))) == 1
    assert not list(equals([*flags, row("3h", flag="a+b")]))  # which decides when both are set
    dates = [row("1h", bought_before="2018-01-01"), row("2h", bought_since="2018-01-01")]
    assert not list(equals(dates))


def test_every_row_that_competed_is_told():
    rows = [row("level", 1), row("at night", 1, received="outside_hours"), row("package", 1, part="package"),
            row("other", 2), row("agreed", 1, part="contract")]  # fmt: skip
    told = {one.row["target"]: one.why for one in competitors(rows, "first_response", 1, {})}
    assert told == {
        "agreed": "wins",
        "level": "replaced by the contract",
        "package": "replaced by the contract",
        "at night": "does not hold",
    }
    told = {one.row["target"]: one.why for one in competitors(rows[:3], "first_response", 1, {})}
    assert told == {"package": "wins", "level": "says less", "at night": "does not hold"}


def test_a_part_of_a_country_comes_before_the_country():
    regions = {"west": ["US"], "california": ["US-CA"]}
    assert region_of(regions, "US", "CA") == "california"
    assert region_of(regions, "US", "NY") == region_of(regions, "US") == "west"
    assert region_of(regions, "DE") == region_of(regions, "") == ""


# ---- against a slow definition

WHEN = st.fixed_dictionaries(
    {},
    optional={
        "environment": st.sampled_from(["production", "test", ["test", "development"]]),
        "channel": st.sampled_from(["phone", ["email", "portal"]]),
        "flag": st.sampled_from(["a", "b", "a+b", ["a", "b"]]),
        "bought_before": st.sampled_from(["2018-01-01", "2020-01-01"]),
        "received": st.sampled_from(["inside_hours", "outside_hours"]),
    },
)
ROWS = st.lists(
    st.builds(
        lambda severity, part, when, n: row(f"{n}h", severity, part, **when),
        st.sampled_from(["*", 1, 2]),
        st.sampled_from(["desk", "level", "package", "contract"]),
        WHEN,
        st.integers(1, 99),
    ),
    max_size=8,
)
FACTS = st.fixed_dictionaries(
    {},
    optional={
        "environment": st.sampled_from(["production", "test", "development"]),
        "channel": st.sampled_from(["phone", "email", "portal", "api"]),
        "flags": st.lists(st.sampled_from(["a", "b", "c"]), unique=True),
        "bought": st.sampled_from(["2017-05-05", "2019-01-01", "2021-01-01"]),
        "received": st.sampled_from(["inside_hours", "outside_hours"]),
    },
)


def slowly(rows, severity, facts):
    """The definition, word by word."""
    agreed = [one for one in rows if one["part"] == "contract"]
    holding = [
        one
        for one in rows
        if one["severity"] in ("*", severity)
        and holds(one.get("when", {}), facts)
        and (one["part"] == "contract" or not any(covers(over, one) for over in agreed))
    ]
    best = None
    for one in holding:
        if best is None or weight(one) > weight(best):
            best = one
    return best


@settings(max_examples=400)
@given(ROWS, st.sampled_from([1, 2, 3]), FACTS)
def test_the_selector_chooses_as_the_definition_does(rows, severity, facts):
    assert Selector(rows).choose("first_response", severity, facts) is slowly(rows, severity, facts)


@settings(max_examples=200)
@given(ROWS, FACTS)
def test_resolving_all_gives_what_choosing_one_by_one_gives(rows, facts):
    selector = Selector(rows)
    for (clock, severity), found in resolve(rows, facts).items():
        rank = severity if severity == "*" else int(severity)
        assert found is selector.choose(clock, rank, facts)


@settings(max_examples=200)
@given(ROWS, FACTS)
def test_a_row_that_covers_another_holds_wherever_it_does(rows, facts):
    for one in rows:
        for other in rows:
            if covers(one, other) and holds(other.get("when", {}), facts):
                assert holds(one.get("when", {}), facts)


@settings(max_examples=100)
@given(ROWS)
def test_the_order_does_not_depend_on_the_order_of_writing_but_for_equals(rows):
    weights = [weight(one) for one in in_order(rows)]
    assert weights == sorted(weights, reverse=True)
