"""Tables as CSV files that spreadsheets open as tables and never as programs."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable

from django.http import HttpResponse

# at the start of a cell, and where a program that splits at semicolons or tabs would see one start
_FORMULA = re.compile(r"(\A|[;\t])(?=\s{0,20}[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n])")
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?\Z")


def download(name: str, rows: Iterable[Iterable[object]]) -> HttpResponse:
    """UTF-8 with its mark, commas; a cell that a spreadsheet would run as a formula begins with an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out)
    for row in rows:
        writer.writerow([_cell(one) for one in row])
    response = HttpResponse(out.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return text if _NUMBER.match(text) else _FORMULA.sub(r"\1'", text)
