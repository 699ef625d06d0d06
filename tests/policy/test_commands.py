"""`mainstay policy ...`: what people and scripts see."""

import hashlib
import json
import subprocess
import sys

import pytest

from mainstay.cli import main
from policy.promised import EXAMPLES

HIVEMQ = str(EXAMPLES / "hivemq.toml")
REDHAT = str(EXAMPLES / "redhat.toml")


def run(capsys, *words):
    """The exit status, standard output and standard error of `mainstay policy ...`."""
    status = main(["policy", *words])
    said = capsys.readouterr()
    return status, said.out, said.err


@pytest.fixture
def broken(tmp_path):
    file = tmp_path / "broken.toml"
    file.write_text((EXAMPLES / "hivemq.toml").read_text().replace('"by_phone"', '"by_fone"'))
    return str(file)


def test_a_policy_in_order_is_said_to_be(capsys):
    status, out, err = run(capsys, "check", HIVEMQ, REDHAT)
    assert (status, err) == (0, "")
    assert out.splitlines() == [
        f"{HIVEMQ}: HiveMQ support, 2 packages, 8 target rows: in order",
        f"{REDHAT}: Red Hat production support, 4 packages, 27 target rows: in order",
    ]


def test_a_mistake_is_told_as_a_compiler_would(capsys, broken):
    status, out, err = run(capsys, "check", broken, HIVEMQ)
    assert status == 2
    assert err == (
        f'{broken}:43: packages.extended.hours_rules[0].when.flag: "by_fone" is not among the flags: '
        'by_phone, round_the_clock; did you mean "by_phone"?\n'
    )
    assert "in order" in out  # the other file


@pytest.mark.parametrize("command", ["explain", "show", "compile", "check"])
def test_no_command_uses_a_broken_policy(capsys, broken, command):
    status, out, err = run(capsys, command, broken)
    assert (status, out) == (2, "")
    assert "did you mean" in err


def test_a_file_that_is_not_there(capsys):
    status, _, err = run(capsys, "check", "no/such.toml")
    assert (status, err) == (2, "no/such.toml: cannot be read: No such file or directory\n")


def test_it_says_which_rows_competed_and_why_one_won(capsys):
    facts = "severity=1 environment=production channel=phone flag=by_phone at=2026-03-07T08:00:00+01:00"
    status, out, _ = run(capsys, "explain", HIVEMQ, "--package", "extended", "--ticket", facts)
    assert status == 0
    assert "First response: 4h, promise, calendar always (UTC), due 2026-03-07T11:00:00Z" in out
    assert "* 4h (this package, severity 1)" in out
    assert "hours: the row names none; of the default hours, packages.extended.hours_rules[0] wins" in out
    _, out, _ = run(
        capsys, "explain", HIVEMQ, "--package", "extended", "--ticket", "severity=1 channel=email"
    )
    assert "calendar business (Europe/Berlin)" in out
    assert "asks for flag by phone" in out


def test_an_explanation_as_json_names_rows_lines_and_results(capsys):
    _, out, _ = run(
        capsys, "explain", str(EXAMPLES / "atlassian.toml"), "--package", "standard", "--json",
        "--ticket", "severity=L1 addon=identity",
    )  # fmt: skip
    found = json.loads(out)
    (clock,) = found["clocks"]
    assert (found["severity"], clock["target"], clock["calendar"]) == (1, "1h", "always")
    assert [(row["target"], row["result"], row["asks"]) for row in clock["rows"]] == [
        ("1h", "wins", "this package, severity 1, addon identity"),
        ("2h", "says less", "this package, severity 1"),
    ]
    lines = (EXAMPLES / "atlassian.toml").read_text().splitlines()
    assert all("targets" in lines[r["line"] - 1] or "promises" in lines[r["line"] - 1] for r in clock["rows"])


def test_without_a_severity_the_policy_says_which(capsys):
    iam = str(EXAMPLES / "iamcloud.toml")
    _, out, _ = run(capsys, "explain", iam, "--ticket", "channel=email")
    assert "severity 3 (Medium)" in out
    assert "write in the subject how urgent it is" in out


@pytest.mark.parametrize(
    ("ticket", "says"),
    [
        ("severity=9", "ticket.severity"),
        ("severity=Urgnt", 'did you mean "urgent"?'),
        ("chanel=phone", 'did you mean "channel"?'),
        ("channel=fone", 'did you mean "phone"?'),
        ("flag=round_clock", 'did you mean "round_the_clock"?'),
        ("region=north", "ticket.region"),
        ("bought=yesterday", "must be a date"),
        ("at=now", "must be an instant"),
        ("severity", "write facts such as"),
        ("place=Mars", "unknown time zone"),
        ("place=Europe/Berlin,DE-XX", "XX is no part of DE whose public holidays are known"),
        ("place=Europe/Berlin,XX", "XX is no country whose public holidays are known"),
        ("place=Europe/Berlin,DE-BY,x", "must be a country"),
        ("severity=1 severity=2", "ticket.severity: is said twice"),
        ("flag=,", "ticket.flag"),
        ("phase=old", "the policy names no phases"),
        ("addon=fast", "the policy names no addons"),
    ],
)
def test_a_ticket_that_the_policy_does_not_know_is_refused(capsys, ticket, says):
    status, _, err = run(capsys, "explain", REDHAT, "--package", "standard", "--ticket", ticket)
    assert status == 2
    assert says in err


def test_a_place_of_a_region_needs_no_known_holidays(capsys, tmp_path):
    file = tmp_path / "regions.toml"
    text = (EXAMPLES / "redhat.toml").read_text()
    file.write_text(text.replace('["US", "CA", "MX"]', '["US", "CA", "MX", "GL"]'))
    status, out, _ = run(capsys, "explain", str(file), "--ticket", "place=America/Nuuk,GL")
    assert (status, "region north america" in out) == (0, True)


@pytest.mark.parametrize(
    "years", ["\N{SUPERSCRIPT TWO}", "2027-2026", "26", "1969", "2026-2027-2028", "-", "2026-2060"]
)
def test_years_that_are_none_are_refused(capsys, years):
    status, out, err = run(capsys, "compile", HIVEMQ, f"--years={years}")
    assert (status, out) == (2, "")
    assert err.startswith("years: ")
    assert err.count("\n") == 1


def test_the_table_for_customers_in_the_terminal_and_as_a_page(capsys, tmp_path):
    _, out, _ = run(capsys, "show", HIVEMQ, "--package", "extended")
    assert "First response  4 business hours  4 business hours  1 business day  2 business days" in out
    assert "Business hours: Mon-Fri 09:00-18:00, Europe/Berlin, without the public holidays of DE-BY." in out
    evil = tmp_path / "evil.toml"
    evil.write_text((EXAMPLES / "hivemq.toml").read_text().replace("Priority 1", "<script>alert(1)</script>"))
    _, page, _ = run(capsys, "show", str(evil), "--html")
    assert page.startswith("<!doctype html>")
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert page.count("<table>") == page.count("</table>") == 4


def test_every_example_can_be_shown_and_explained(capsys):
    for path in sorted(EXAMPLES.glob("*.toml")):
        assert run(capsys, "show", str(path))[0] == 0
        assert run(capsys, "show", str(path), "--html")[0] == 0
        assert run(capsys, "explain", str(path), "--ticket", "severity=1")[0] == 0


def test_two_policies_are_compared_in_words(capsys, tmp_path):
    other = tmp_path / "other.toml"
    text = (EXAMPLES / "hivemq.toml").read_text()
    other.write_text(
        text.replace('{ 1 = "4h", 2 = "4h"', '{ 1 = "2h", 2 = "4h goal"').replace("09:00-18", "08:00-18")
    )
    _, out, _ = run(capsys, "diff", HIVEMQ, str(other))
    assert out.splitlines() == [
        "hours, week: Mon-Fri 09:00-18:00 became Mon-Fri 08:00-18:00",
        "package Basic: hours, week: Mon-Fri 09:00-18:00 became Mon-Fri 08:00-18:00",
        "package Extended: hours, week: Mon-Fri 09:00-18:00 became Mon-Fri 08:00-18:00",
        "package Extended: first response, severity 1: 4h in the usual hours, promise became "
        "2h in the usual hours, promise",
        "package Extended: first response, severity 2: 4h in the usual hours, promise became "
        "4h in the usual hours, goal",
    ]
    assert run(capsys, "diff", HIVEMQ, HIVEMQ)[1] == "Nothing differs.\n"


def test_compiling_prints_the_document_and_its_hash(capsys):
    words = ("compile", HIVEMQ, "--package", "extended", "--ticket", "flag=by_phone",
             "--place", "Europe/Berlin,DE-BY", "--years", "2026-2027")  # fmt: skip
    _, out, _ = run(capsys, *words)
    document, name = out.splitlines()
    assert hashlib.sha256(document.encode()).hexdigest() == name
    said = json.loads(document)
    assert said["facts"] == {"flags": ["by_phone"]}
    assert said["policy"]["clocks"]["first_response"]["calendar"]["1"] == "always"
    assert "2027-12-25" in said["calendars"]["business"]["holidays"]
    assert run(capsys, *words)[1] == out
    whole, name = run(capsys, "compile", HIVEMQ, "--years", "2026")[1].splitlines()
    assert set(json.loads(whole)["calendars"]["extended"]) == {"business", "always"}
    bare, other = run(capsys, "compile", HIVEMQ)[1].splitlines()
    assert "calendars" not in json.loads(bare)
    assert name != other


def test_comments_and_the_order_of_writing_do_not_change_the_hash(capsys, tmp_path):
    moved = tmp_path / "moved.toml"
    text = (EXAMPLES / "hivemq.toml").read_text()
    head, basic, extended = text.partition("[packages.basic]")
    basic, extended, rest = (basic + extended).partition("[packages.extended]")
    moved.write_text(
        f"# other words\n{head}{extended}{rest}\n{basic}".replace("format = 2", "format = 2 # two")
    )
    text_, other = (run(capsys, "compile", file)[1].splitlines() for file in (HIVEMQ, str(moved)))
    ranks = [{c: x["rank"] for c, x in json.loads(one[0])["levels"].items()} for one in (text_, other)]
    assert ranks == [{"basic": 1, "extended": 2}, {"extended": 1, "basic": 2}]  # a rank follows the order
    assert len(text_[1]) == len(other[1]) == 64


def test_help_and_words_that_are_no_command(capsys):
    status, _, err = run(capsys, "chek", HIVEMQ)
    assert status == 2
    assert 'did you mean "check"?' in err
    assert run(capsys)[0] == 2
    assert run(capsys, "--help")[0] == 0


def test_a_quick_question_loads_neither_django_nor_a_database():
    asked = (
        "import sys; from mainstay.cli import main; "
        f"status = main(['policy', 'explain', {REDHAT!r}, '--ticket', 'severity=1']); "
        "sys.exit(status or any(name.split('.')[0] in ('django', 'psycopg') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", asked], capture_output=True, check=False).returncode == 0
