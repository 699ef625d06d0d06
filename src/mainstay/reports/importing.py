"""`mainstay kpi import CUSTOMER FILE.csv`: measured response times of a customer's systems."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from django.utils import timezone

from mainstay.accounts.actor import Actor
from mainstay.errors import Refused
from mainstay.reports import outages
from mainstay.reports.cli import customer_of
from mainstay.tickets import scope
from mainstay.tickets.events import whole


def main(argv: list[str]) -> int:
    """Prints how many measurements are new and how many were there already. All lines, or none."""
    parser = argparse.ArgumentParser(prog="mainstay kpi import", description=__doc__)
    parser.add_argument("customer", help="the customer's code: ACME")
    parser.add_argument("file", help="CSV with the columns at, milliseconds, environment")
    chosen = parser.parse_args(argv)
    scope.whole_process()
    customer = customer_of(chosen.customer)
    try:
        text = Path(chosen.file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused("file", f"{chosen.file} cannot be read: {error}") from None
    new, known = outages.take_in(customer, text, by=Actor.system("command"), at=whole(timezone.now()))
    print(json.dumps({"new": new, "already there": known}))
    return 0
