"""Tables as files: what somebody wrote is never run by the spreadsheet that opens them."""

import csv
import io
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from cast import Cast
from mainstay.catalogue.models import Package, ServiceLevel
from mainstay.ui import csvs

SRC = Path(csvs.__file__).parents[1]
STARTS = [
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    " =",
    "\t=",
    "\uff1d",
    "\uff0b",
    "\uff0d",
    "\uff20",
    "x;=",
    "x\t@",
]
EVIL = [f"{start}cmd|' /C calc'!A0" for start in STARTS] + [
    '=HYPERLINK("http://evil.example";"x")',
    "--1",
    "=",
    "-",
    "+1",
]


def cells(content: bytes, delimiter: str = ",") -> list[str]:
    """What a program that splits at `delimiter` would take for cells."""
    text = content.decode("utf-8-sig")
    return [one for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) for one in row]


def runs(cell: str) -> bool:
    """Whether a spreadsheet would look at it as a formula; a number is none."""
    start = cell.lstrip(" ")[:1]
    return start in set("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20") - {""} and not re.fullmatch(
        r"-?\d+(\.\d+)?", cell
    )


@pytest.mark.parametrize("evil", EVIL)
def test_no_cell_is_a_formula__attack_38(evil: str) -> None:
    content = csvs.download("x.csv", [["a", evil, f"{evil},{evil}", "z"]]).content
    for delimiter in ",;\t":
        assert not [one for one in cells(content, delimiter) if runs(one)]
    assert cells(content)[1].replace("'", "") == evil.replace("'", "")  # nothing else is changed


@pytest.mark.parametrize("plain", ["-90", "13500.50", "-0.5", "0", "", "a = b", "it's; fine", "2026-03-02"])
def test_numbers_and_plain_words_stay_as_they_are(plain: str) -> None:
    assert cells(csvs.download("x.csv", [[plain, "z"]]).content) == [plain, "z"]


@pytest.mark.parametrize("evil", EVIL[:7])
def test_the_price_list_as_a_file_runs_nothing__attack_38(cast: Cast, evil: str) -> None:
    Package.objects.update(name=evil)
    ServiceLevel.objects.update(name=evil)
    client = Client()
    client.force_login(cast.hana)
    answer = client.get("/desk/prices.csv")
    assert answer["Content-Disposition"].startswith("attachment")
    found = cells(answer.content)
    assert sum(evil.strip() in one for one in found) >= 2
    assert not [one for one in found if runs(one)]


def test_every_file_of_cells_is_written_here_and_tried__attack_38() -> None:
    writers = {
        path.relative_to(SRC).as_posix() for path in SRC.rglob("*.py") if _WRITES.search(path.read_text())
    }
    assert writers == {"ui/csvs.py"}
    assert {one for one in _routes(get_resolver()) if re.search(r"csv|xlsx|ods|tsv", one)} == {
        "desk/prices.csv",  # above
        "desk/customers/<str:code>/allowances.csv",  # tests/allowances/test_work.py
    }


_WRITES = re.compile(r"csv\.writer|DictWriter|text/csv;|openpyxl|xlsxwriter")


def _routes(found: Any, before: str = "") -> list[str]:
    routes: list[str] = []
    for one in found.url_patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLResolver):
            routes += _routes(one, route)
        elif isinstance(one, URLPattern):
            routes.append(route)
    return routes
