"""docs/promises.md stays honest: every row of the mission is there, and what it names exists."""

import ast
import os
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROWS = {
    "P": 7, "I": 6, "R": 3, "A": 1, "T": 3, "D": 1, "S": 2, "C": 1, "V": 2, "X": 1, "M": 5, "N": 4,
}  # fmt: skip
WANTED = {f"{letter}{n}" for letter, most in ROWS.items() for n in range(1, most + 1)}
LINE = re.compile(r"^\| ([A-Z]\d) \| (.*?) \| (.*?) \| (.*?) \|$", re.MULTILINE)


def promises() -> dict[str, tuple[str, str, str]]:
    text = (ROOT / "docs" / "promises.md").read_text()
    return {row: (what, modules, tests) for row, what, modules, tests in LINE.findall(text)}


def test_every_row_of_the_mission_is_listed() -> None:
    assert set(promises()) == WANTED


def test_the_rows_are_those_of_the_mission() -> None:
    mission = Path(os.environ.get("MAINSTAY_CORPUS", ROOT.parent / "shared")) / "MISSION.md"
    if not mission.exists():
        print("the mission is not beside the project; its rows are those listed here")
        return
    rows = set(re.findall(r"^\| ([A-Z]\d) \|", mission.read_text(), re.MULTILINE))
    assert rows == WANTED


@pytest.mark.parametrize("row", sorted(WANTED))
def test_what_a_row_names_exists(row: str) -> None:
    _, modules, tests = promises()[row]
    if modules == "not yet":
        assert tests == "-"
        return
    for module in re.findall(r"`([^`]+)`", modules):
        assert (ROOT / "src" / "mainstay" / module).exists(), f"{row} names {module}, which is not there"
    named = re.findall(r"`([^`]+)`", tests)
    assert named, f"{row} names no test"
    for test in named:
        path, _, function = test.partition("::")
        file = ROOT / "tests" / path
        assert file.exists(), f"{row} names {path}, which is not there"
        if function:
            names = {
                node.name
                for node in ast.walk(ast.parse(file.read_text()))
                if isinstance(node, ast.FunctionDef)
            }
            assert function in names, f"{row} names {function}, which is not in {path}"
