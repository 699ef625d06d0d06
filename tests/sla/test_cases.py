"""The case format: worked examples come out to the letter, and every mistake is one sentence naming its field."""

from __future__ import annotations

import copy
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mainstay.errors import Refused
from mainstay.sla.cases import as_expected, parse_case, read_case
from mainstay.sla.cli import main

ROOT = Path(__file__).parents[2]
OWN = sorted(Path(__file__).with_name("cases").glob("*.json"))
CORPUS = Path(os.environ.get("MAINSTAY_CORPUS", ROOT.parent / "shared")) / "cases" / "clocks"
SHARED = sorted(CORPUS.glob("*.json"))


@pytest.mark.parametrize("file", OWN, ids=lambda file: file.stem)
def test_our_own_worked_examples_come_out_as_expected(file: Path) -> None:
    case = read_case(file.read_bytes())
    assert [as_expected(instance) for instance in case.explain()] == case.expect


@pytest.mark.skipif(
    not SHARED, reason=f"no worked examples in {CORPUS} (MAINSTAY_CORPUS); our own are tested"
)
def test_every_worked_example_of_the_corpus_comes_out_as_expected() -> None:
    for file in SHARED:
        case = read_case(file.read_bytes())
        assert [as_expected(instance) for instance in case.explain()] == case.expect, file.name


def example() -> dict[str, Any]:
    return copy.deepcopy(json.loads(OWN[0].read_text()))


def changed(path: str, value: Any) -> dict[str, Any]:
    """The example with the value at a path replaced ("events.1.at"), or removed when the value is ...."""
    case = example()
    *way, last = path.split(".")
    at: Any = case
    for step in way:
        at = at[int(step)] if isinstance(at, list) else at[step]
    if value is ...:
        del at[last]
    elif isinstance(at, list):
        at[int(last)] = value
    else:
        at[last] = value
    return case


RESPONSE = "policy.clocks.first_response"
MISTAKES: list[tuple[str, Any, str]] = [
    ("calendars", ..., "calendars"),
    ("calendars", [], "calendars"),
    ("calendars.office", None, "calendars.office"),
    ("calendars.office.time_zone", "Mars/Olympus", "calendars.office.time_zone"),
    ("calendars.office.time_zone", ..., "calendars.office.time_zone"),
    ("calendars.office.week.mon", [["09:00", "12:00"], ["11:59", "17:00"]], "calendars.office.week.mon"),
    ("calendars.office.week", {}, "calendars.office.week"),
    ("calendars.office.week", ..., "calendars.office.week"),
    ("calendars.always.holidays", [], "calendars.always.holidays"),
    ("policy", ..., "policy"),
    ("policy", "strict", "policy"),
    ("policy.clocks", ..., "policy.clocks"),
    ("policy.clocks", [], "policy.clocks"),
    ("policy.clocks.first_reply", {}, "policy.clocks.first_reply"),
    ("policy.on_raise", "from_now", "policy.on_raise"),
    ("policy.on_lower", None, "policy.on_lower"),
    ("policy.on_change", "from_start", "policy.on_change"),
    (RESPONSE, "4h", RESPONSE),
    (f"{RESPONSE}.target", ..., f"{RESPONSE}.target"),
    (f"{RESPONSE}.target", "4h", f"{RESPONSE}.target"),
    (f"{RESPONSE}.target.1", "-30m", f"{RESPONSE}.target.1"),
    (f"{RESPONSE}.target.1", "0m", f"{RESPONSE}.target.1"),
    (f"{RESPONSE}.target.1", "soon", f"{RESPONSE}.target.1"),
    (f"{RESPONSE}.target.1", 1800, f"{RESPONSE}.target.1"),
    (f"{RESPONSE}.target.1", None, f"{RESPONSE}.target.1"),
    (f"{RESPONSE}.target.one", "1h", f"{RESPONSE}.target.one"),
    (f"{RESPONSE}.target.0", "1h", f"{RESPONSE}.target.0"),
    (f"{RESPONSE}.target.01", "1h", f"{RESPONSE}.target.01"),
    (f"{RESPONSE}.calendar", ..., f"{RESPONSE}.calendar"),
    (f"{RESPONSE}.calendar", {"1": "office"}, f"{RESPONSE}.calendar"),
    (f"{RESPONSE}.calendar", "office", f"{RESPONSE}.calendar"),
    (f"{RESPONSE}.calendar.1", "nowhere", f"{RESPONSE}.calendar.1"),
    (f"{RESPONSE}.calendar.1", ["office"], f"{RESPONSE}.calendar.1"),
    (f"{RESPONSE}.pauses_on", "out_of_scope", f"{RESPONSE}.pauses_on"),
    (f"{RESPONSE}.pauses_on", ["lunch"], f"{RESPONSE}.pauses_on[0]"),
    (f"{RESPONSE}.starts_on", "dispatched", f"{RESPONSE}.starts_on"),
    (f"{RESPONSE}.on_reopen", "restart", f"{RESPONSE}.on_reopen"),
    ("policy.clocks.resolution.on_reopen", "again", "policy.clocks.resolution.on_reopen"),
    ("events", ..., "events"),
    ("events", [], "events"),
    ("events", {}, "events"),
    ("events.0", "received", "events[0]"),
    ("events.0", {"at": "2026-03-02T05:30:00Z", "event": "triaged"}, "events[0].event"),
    ("events.0.severity", ..., "events[0].severity"),
    ("events.0.severity", 0, "events[0].severity"),
    ("events.0.severity", -1, "events[0].severity"),
    ("events.0.severity", True, "events[0].severity"),
    ("events.0.severity", 1.0, "events[0].severity"),
    ("events.0.severity", "1", "events[0].severity"),
    ("events.0.severity", 10**30, "events[0].severity"),
    ("events.0.at", ..., "events[0].at"),
    ("events.0.at", "2026-03-02T16:30:00", "events[0].at"),
    ("events.0.at", "2026-03-02", "events[0].at"),
    ("events.0.at", "yesterday", "events[0].at"),
    ("events.0.at", 1772427600, "events[0].at"),
    ("events.0.at", "2026-02-30T10:00:00Z", "events[0].at"),
    ("events.0.at", "2026-03-02T24:30:00Z", "events[0].at"),
    ("events.0.at", "0001-01-01T00:00:00+14:00", "events[0].at"),
    ("events.0.at", "9999-12-31T23:59:59-14:00", "events[0].at"),
    ("as_of", "2500-01-01T00:00:00Z", "as_of"),
    ("events.0.at", "20260302T163000Z", "events[0].at"),
    ("events.1.at", "2026-03-02T00:00:00+11:00", "events[1].at"),
    ("events.1.event", "teleported", "events[1].event"),
    ("events.1.event", ..., "events[1].event"),
    ("events.1.event", None, "events[1].event"),
    ("events.1.event", "received", "events[1].event"),
    ("events.1.note", "hello", "events[1].note"),
    ("events.1", {"at": "2026-03-02T16:45:00+11:00", "event": "closed"}, "events[1].reason"),
    (
        "events.1",
        {"at": "2026-03-02T16:45:00+11:00", "event": "closed", "reason": "bored"},
        "events[1].reason",
    ),
    ("events.1", {"at": "2026-03-02T16:45:00+11:00", "event": "agreement_changed"}, "events[1].policy"),
    (
        "events.1",
        {
            "at": "2026-03-02T16:45:00+11:00",
            "event": "agreement_changed",
            "policy": {"clocks": {"triage": {}}},
        },
        "events[1].policy.clocks.triage.calendar",
    ),
    (
        "events.1",
        {
            "at": "2026-03-02T16:45:00+11:00",
            "event": "agreement_changed",
            "policy": {"clocks": {}},
            "correction": 1,
        },
        "events[1].correction",
    ),
    ("as_of", ..., "as_of"),
    ("as_of", "now", "as_of"),
    ("as_of", None, "as_of"),
    ("case", 7, "case"),
    ("tickets", [], "tickets"),
    ("new\nline", 1, '"new\\nline"'),
]


@pytest.mark.parametrize(("path", "value", "field"), MISTAKES)
def test_a_mistake_is_refused_by_the_name_of_its_field(path: str, value: Any, field: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_case(changed(path, value))
    assert refused.value.field == field
    assert "\n" not in str(refused.value)


NO_CASES = [
    b"",
    b"   ",
    b"[]",
    b"7",
    b"null",
    b'"case"',
    b"{",
    b"{}",
    b"\xff\xfe{}",
    b'{"as_of": NaN}',
    b"[" * 100_000,
    b'{"a":' * 50_000,
    b'{"events": ' + b"9" * 5000 + b"}",
    b'{"case": "a", "case": "b"}',
    b'{"as_of": 1e999}',
    b'{"calendars": ' + b"[" * 900 + b"]" * 900 + b"}",
    b'{"calendars": {"\\ud800": 1}, "policy": 1, "events": 1, "as_of": 1}',
]


@pytest.mark.parametrize("data", NO_CASES, ids=range(len(NO_CASES)))
def test_bytes_that_are_no_case_are_one_clear_error(data: bytes) -> None:
    with pytest.raises(Refused):
        read_case(data)


def test_fractions_of_a_second_are_cut() -> None:
    case = changed("events.0.at", "2026-03-02T16:30:00.999999+11:00")
    assert [as_expected(i) for i in parse_case(case).explain()] == case["expect"]


def test_a_byte_order_mark_does_no_harm() -> None:
    assert read_case(b"\xef\xbb\xbf" + OWN[0].read_bytes()).expect


def explained(*arguments: str) -> tuple[int, str, str]:
    ran = subprocess.run(
        [sys.executable, "-m", "mainstay.sla", "explain", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    return ran.returncode, ran.stdout, ran.stderr


def test_the_command_prints_one_line_of_json_for_each_case(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", str(OWN[0]), str(OWN[0])]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert json.loads(lines[0]) == example()["expect"]
    assert list(json.loads(lines[0])[0]) == [
        "clock",
        "n",
        "state",
        "due",
        "breached",
        "used",
        "earlier_breaches",
    ]


def test_the_command_explains_the_good_cases_and_exits_2_for_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text(json.dumps(changed("events.0.severity", 0)))
    assert main(["explain", str(bad), str(OWN[0]), str(tmp_path / "none.json"), str(tmp_path)]) == 2
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 1
    first, *others = err.splitlines()
    assert first.startswith(f"{bad}: events[0].severity: must be a whole number")
    assert len(others) == 2


def test_the_command_reads_standard_input_and_answers_fast() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "mainstay.sla", "explain", "-"],
        input=OWN[0].read_bytes(),
        capture_output=True,
        check=True,
    )
    assert json.loads(ran.stdout) == example()["expect"]


@pytest.mark.parametrize("arguments", [[], ["explain"], ["explain", "--txt", "x"]])
def test_a_wrong_command_line_is_told_how_it_is_used(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert "usage: mainstay clocks explain" in capsys.readouterr().err


def test_the_text_tells_each_interval_with_event_row_and_target(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Given:
        buffer = io.BytesIO(OWN[0].read_bytes())

    monkeypatch.setattr(sys, "stdin", Given())
    assert main(["explain", "-", "--text"]) == 0
    text = capsys.readouterr().out
    for words in (
        "by received (event 0)",
        "[Mon 09:00-17:00]",
        'target 30m (row "1") is 0:30:00',
        "from_change",
        "= target",
    ):
        assert words in text


def test_the_reader_may_leave_early() -> None:
    command = f"{sys.executable} -m mainstay.sla explain {str(OWN[0]) + ' '} {(str(OWN[0]) + ' ') * 400} | head -c 10"
    ran = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert ran.stderr == ""


def test_the_command_mainstay_explains_a_case(capsys: pytest.CaptureFixture[str]) -> None:
    from mainstay.cli import main as mainstay

    assert mainstay(["clocks", "explain", str(OWN[0])]) == 0
    assert json.loads(capsys.readouterr().out) == example()["expect"]
