"""Odd files: each gives one clear answer in seconds, whatever it holds, and says where and what would be right."""

import time

import pytest

from mainstay.cli import main
from mainstay.policy.read import Wrong, read
from policy.promised import EXAMPLES, Promised
from policy.test_bad_files import GOOD, mistakes

HIVEMQ = (EXAMPLES / "hivemq.toml").read_bytes()


def said_of(capsys, raw, tmp_path, command="check"):
    """The exit status and what is said of a file with these bytes."""
    file = tmp_path / "odd.toml"
    file.write_bytes(raw)
    words = [command, str(file), str(file)] if command == "diff" else [command, str(file)]
    status = main(["policy", *words])
    said = capsys.readouterr()
    return status, said.out, said.err.replace(str(file), "odd.toml")


@pytest.mark.parametrize("command", ["check", "show", "explain", "compile", "diff"])
@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "odd.toml:1: is empty; a policy begins with: format = 2\n"),
        (b"\xef\xbb\xbf", "odd.toml:1: is empty; a policy begins with: format = 2\n"),
        (HIVEMQ.replace(b"HiveMQ support", b"H\xfctte"),
         "odd.toml:8: is not UTF-8 text (byte 425); save the file as UTF-8\n"),
        (HIVEMQ.decode().encode("utf-16"), "odd.toml:1: is not UTF-8 text (byte 0); save the file as UTF-8\n"),
        (HIVEMQ + b"#" * 10_000_000, "odd.toml:1: is larger than 4,000,000 characters\n"),
        (b"\x89PNG\r\n\x1a\n", "odd.toml:1: is not UTF-8 text (byte 0); save the file as UTF-8\n"),
    ],
)  # fmt: skip
def test_bytes_that_are_no_policy_are_refused_in_one_line(capsys, tmp_path, raw, says, command):
    assert said_of(capsys, raw, tmp_path, command) == (2, "", says)


def test_a_file_from_another_editor_reads_the_same(capsys, tmp_path):
    plain = said_of(capsys, HIVEMQ, tmp_path, "compile")
    assert said_of(capsys, b"\xef\xbb\xbf" + HIVEMQ.replace(b"\n", b"\r\n"), tmp_path, "compile") == plain


def test_a_file_that_never_ends_or_has_no_name_is_refused(capsys):
    assert main(["policy", "check", "/dev/zero", ""]) == 2
    assert capsys.readouterr().err.splitlines() == [
        "/dev/zero:1: is larger than 4,000,000 characters",
        "file: has no name; say which file, such as policy.toml",
    ]


def rows(number, when, **more):
    """So many rows, each for another case."""
    said = "".join(f"{key} = {value}\n" for key, value in more.items())
    return "".join(
        f'[[packages.gold.targets]]\nclock = "first_response"\nseverity = {k % 3 + 1}\n'
        f'when = {{ {when.replace("#", str(k))} }}\ntarget = "{k % 100 + 1}h"\n{said}'
        for k in range(number)
    )


def test_ten_thousand_rows_are_looked_through_in_seconds():
    started = time.monotonic()
    assert mistakes(GOOD + rows(10_000, 'product = "p#"')) == []
    assert time.monotonic() - started < 30


def test_of_very_many_mistakes_the_first_are_told_and_how_many_more_there_are():
    with pytest.raises(Wrong) as wrong:
        read(GOOD + rows(1_000, 'chanel = "phone"'))
    told = wrong.value.lines()
    assert len(told) == 201
    assert 'did you mean "channel"?' in "".join(told)
    assert told[-1] == f"policy.toml: and {len(wrong.value.mistakes) - 200:,} mistakes more"


def test_rows_between_which_nothing_decides_do_not_take_for_ever():
    flags = "flags = { outage = 'x', " + ", ".join(f"f{k} = 'x'" for k in range(600)) + " }"
    text = GOOD.replace('flags = { outage = "the service is down" }', flags)
    started = time.monotonic()
    found = mistakes(text + rows(600, 'flag = "f#"'))
    assert 100 < len(found) <= 200
    assert all("says as much as" in message for _, _, message in found)
    assert time.monotonic() - started < 20


def test_a_row_of_another_clock_does_not_decide_between_two():
    text = GOOD + (
        '[[packages.gold.targets]]\nclock = "next_response"\nseverity = 1\ntarget = "2h"\n'
        'when = { environment = "test", product = "p", phase = "x" }\n'
        '[[packages.gold.targets]]\nclock = "next_response"\ntarget = "9h"\n'
        '[[packages.gold.targets]]\nclock = "first_response"\nseverity = 1\ntarget = "3h"\n'
        'when = { environment = "test", product = "p" }\n'
        '[[packages.gold.targets]]\nclock = "first_response"\nseverity = 1\ntarget = "5h"\n'
        'when = { environment = ["test", "development"], product = ["p", "q"] }\n'
    ).replace(', phase = "x"', ', channel = "phone"')
    assert any("says as much as" in message for _, _, message in mistakes(text))


@pytest.mark.parametrize("inner", ['any = ["c{}", "c{}"]', 'any = ["c{}", "business"]'])
def test_calendars_within_calendars_without_end_are_refused(inner):
    chain = "".join(f"[calendars.c{k}]\n{inner.format(k + 1, k + 1)}\n" for k in range(400))
    found = mistakes(f'{GOOD}{chain}[calendars.c400]\nweek = "24x5"\n')
    assert found
    assert all("more than 12 times; name them directly" in message for _, _, message in found)


def test_hours_that_are_wrong_for_everybody_are_told_once():
    ((line, path, message),) = mistakes(
        GOOD.replace('"Mon-Fri 09:00-17:00"', '{ time_zone = "Berlin", week = "24x5" }')
    )
    assert (line, path) == (3, "hours.time_zone")
    assert message == (
        'unknown time zone "Berlin"; write one such as Europe/Berlin, or "customer"; '
        'did you mean "Europe/Berlin"?'
    )


@pytest.mark.parametrize(
    ("given", "usual"),
    [
        ("Mon\N{EN DASH}Fri 09:00\N{EN DASH}18:00", "Mon-Fri 09:00-18:00"),
        ("24x7x365", "24x7"),
        ("24/7", "24x7"),
    ],
)
def test_hours_may_be_written_as_they_are_printed(given, usual):
    assert read(GOOD.replace("Mon-Fri 09:00-17:00", given)) == read(
        GOOD.replace("Mon-Fri 09:00-17:00", usual)
    )


def test_a_severity_that_is_not_to_be_had_is_why_its_row_is_never_reached():
    text = (
        GOOD + '[[severity_rules]]\nrule = "unavailable"\nseverity = "Urgent"\nwhen = { package = "gold" }\n'
    )
    assert any(
        message.endswith("is never reached: a severity rule says that its severity is not to be had here")
        for _, _, message in mistakes(text + 'then = "High"\n')
    )


# ---- severities by name and several at once


SEVERAL = """\
hours_rules = [{ severity = ["Urgent", 2], calendar = "always", when = { flag = "outage" } }]
closing_rules = [{ severity = ["Urgent", "High"], closes = false }]
escalations = [{ severity = ["Urgent", "High"], after = "2h", to = "tam" }]
severity_rules = [{ rule = "unavailable", severity = ["Urgent", "High"], when = { package = "gold" }, then = "Low" }]
accept_within_minutes = { Urgent = 10, rest = 30 }
"""


def test_a_rule_may_name_several_severities_wherever_it_may_name_one():
    parts = read(SEVERAL + GOOD)
    desk = parts["desk"]
    for key in ("hours_rules", "closing_rules", "escalations", "severity_rules"):
        assert [row["severity"] for row in desk[key]] == [1, 2]
    gold = Promised(None, "gold", parts=parts)
    sunday = "2026-03-08T10:00:00Z"
    assert gold.due("first_response", 2, sunday, flags=["outage"]) == "2026-03-08T14:00:00Z"
    assert gold.due("first_response", 3, sunday, flags=["outage"]) == "2026-03-09T17:00:00Z"
    said = gold.terms()
    assert said["closing_by_severity"] == {"1": {"closes": False}, "2": {"closes": False}}


def test_minutes_by_severity_may_be_given_by_name_and_for_the_rest():
    assert read(SEVERAL + GOOD)["desk"]["accept_within_minutes"] == {"1": 10, "2": 30, "3": 30}


def test_a_wrong_severity_among_several_is_named_with_its_line():
    ((line, path, message),) = mistakes(SEVERAL.replace("Urgent", "Urgnt", 1) + GOOD)
    assert (line, path) == (1, "hours_rules[0].severity[0]")
    assert 'did you mean "urgent"?' in message


def test_a_word_without_an_end_is_told_shortly():
    ((_, path, message),) = mistakes(GOOD.replace("Mon-Fri 09:00-17:00", "a" * 3000))
    assert path == "hours.week"
    assert len(message) < 300
