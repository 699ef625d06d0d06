"""docs/mail.md stays honest: each sentence names a test that is there, each attack by mail has one under its number."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
PAGE = (TESTS.parent / "docs" / "mail.md").read_text()
PROMISES = re.findall(r"^\| ([^|]+[.:]) \| ([^|]+) \|$", PAGE, re.MULTILINE)
ATTACKS = {
    int(row): tests for row, tests in re.findall(r"^\| (\d+) \| [^|]+ \| ([^|]+) \|$", PAGE, re.MULTILINE)
}
MONITORING = 23


@cache
def functions(path: str) -> frozenset[str]:
    """The names of the tests in a file; none when there is no such file."""
    file = TESTS / path
    nodes = ast.walk(ast.parse(file.read_text())) if file.is_file() else ()
    return frozenset(node.name for node in nodes if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize(("sentence", "shown"), PROMISES)
def test_each_sentence_names_tests_that_exist(sentence: str, shown: str) -> None:
    if sentence.startswith("Not yet"):
        assert shown == "-"
        return
    named = re.findall(r"`([^`]+)`", shown)
    assert named, f"{sentence} names no test"
    for test in named:
        path, _, function = test.partition("::")
        assert function in functions(path), f"{test} is not there"


def test_the_page_is_read_whole() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and "`" in line.rpartition(" | ")[2]]
    assert len(rows) == sum(shown != "-" for _, shown in PROMISES) + len(ATTACKS)


@pytest.mark.parametrize("row", [row for row in range(1, 41) if row != MONITORING])
def test_each_attack_by_mail_is_a_test_under_its_number(row: int) -> None:
    named = re.findall(r"`([^`]+)`", ATTACKS[row])
    assert named
    for path in named:
        assert [one for one in functions(path) if re.search(rf"attack_{row}(?!\d)", one)], (
            f"{path}: none for {row}"
        )
