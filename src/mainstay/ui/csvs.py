"""Tables as CSV files that spreadsheets open as tables and never as programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from django.http import HttpResponse

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


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
    number = text.replace(".", "", 1).lstrip("-").isdigit()
    return f"'{text}" if text.startswith(_FORMULA) and not number else text
