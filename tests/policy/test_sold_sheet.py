"""Levels and packages as forms: each example policy comes back from its form as it was (P2, N2)."""

from typing import Any

import pytest

from mainstay.errors import Refused
from mainstay.policy import controls, documents, sold_sheet
from mainstay.policy.controls import Section, Table
from mainstay.policy.read import read_file
from policy.promised import EXAMPLES

Parts = dict[str, Any]


@pytest.fixture(scope="module", params=sorted(EXAMPLES.glob("*.toml")), ids=lambda one: one.stem)
def parts(request: Any) -> Parts:
    return read_file(str(request.param))


def level_form(parts: Parts, says: Parts) -> list[Section]:
    return sold_sheet.level_sections(
        documents.ranks_in(parts["desk"]), documents.calendars_of(parts["desk"], says)
    )


def package_form(parts: Parts, says: Parts) -> list[Section]:
    levels = [(code, code) for code in parts["levels"]]
    addons = [(code, code) for code in parts["desk"].get("addons", {})]
    known = documents.calendars_of(parts["desk"], says)
    return sold_sheet.package_sections(documents.ranks_in(parts["desk"]), known, levels, addons)


def test_what_nobody_touched_stays_as_it_was(parts: Parts) -> None:
    for says in parts["levels"].values():
        form = level_form(parts, says)
        assert controls.put(form, controls.shown(form, says), says) == says
    for says in parts["packages"].values():
        form = package_form(parts, says)
        said = controls.shown(form, sold_sheet.spelled(says))
        assert sold_sheet.read_package(form, said, says) == says


def test_every_field_stands_in_the_form_and_is_read_back_from_it_alone(parts: Parts) -> None:
    empty = {"head_start_minutes": {}, "kpis": [], "targets": [], "tam": False, "format": 1}
    for says in parts["levels"].values():
        form = level_form(parts, says)
        made = controls.put(form, controls.shown(form, says), empty)
        staffing = {"round_the_clock": False, **made.pop("staffing")}
        monitoring = {
            **({"trends": False} if "trends" in says["monitoring"] else {}),
            **made.pop("monitoring"),
        }
        assert {**made, "staffing": staffing, "monitoring": monitoring, "tam": False} == {
            **says,
            "tam": False,
        }
    for says in parts["packages"].values():
        form = package_form(parts, says)
        elsewhere = {key: says[key] for key in ("hours", "calendars", "format") if key in says}
        made = sold_sheet.read_package(
            form, controls.shown(form, sold_sheet.spelled(says)), {"tam": False, **elsewhere}
        )
        spelled = {**sold_sheet.spelled(made), "channels": sorted(made["channels"])}
        assert spelled == {**sold_sheet.spelled(says), "channels": sorted(says["channels"])}


def test_there_is_a_control_for_every_key_that_a_document_may_hold() -> None:
    level = {one.path[0] if not isinstance(one, Table) else one.key
             for one in controls.controls(sold_sheet.level_sections([1], []))}  # fmt: skip
    package = {one.path[0] if not isinstance(one, Table) else one.key
               for one in controls.controls(sold_sheet.package_sections([1], [], [], []))}  # fmt: skip
    known = documents.LevelDocument.__required_keys__ | documents.LevelDocument.__optional_keys__
    assert known - level == {"format"}
    known = documents.PackageDocument.__required_keys__ | documents.PackageDocument.__optional_keys__
    assert known - package == {"format", "hours", "calendars", "requests_per_month"}, (
        "two have pages, one a spelling"
    )


@pytest.mark.parametrize(
    ("key", "said", "words"),
    [
        ("targets", [{"target": "4h", "when": "production"}], "cannot read"),
        ("kpis", [{"kpi": "uptime", "figure": "99", "credits": "gold"}], "cannot read"),
        ("closing_rules", [{"severity": "1", "closes": "perhaps"}], "must be yes, no, or nothing"),
        ("closing_solution_closes", "5bd, 6bd", "must be one time"),
    ],
)
def test_what_cannot_be_read_names_its_row_and_column(key: str, said: Any, words: str) -> None:
    form = sold_sheet.level_sections([1, 2, 3], [])
    table = next(one for one in controls.controls(form) if one.key == key)
    if isinstance(table, Table):
        said = [{one.key: row.get(one.key, "") for one in table.columns} for row in said]
    with pytest.raises(Refused, match=words) as refused:
        controls.put(form, {**controls.shown(form, {}), key: said}, {})
    if isinstance(table, Table):
        assert refused.value.field.startswith(f"{table.label} 1, ")


def test_two_rules_of_one_channel_are_refused() -> None:
    form = sold_sheet.package_sections([1], [], [], [])
    row = {"channel": "phone", "hours": "", "staffed": "", "severities": "1", "languages": "", "words": ""}
    with pytest.raises(Refused, match="twice"):
        controls.put(form, {**controls.shown(form, {}), "channel_rules": [row, row]}, {})
