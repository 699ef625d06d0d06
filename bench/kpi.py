"""How long a KPI takes: over every ticket there is, over a closed month, over one customer.

Starts a PostgreSQL of its own and loads true tickets (BENCH_TICKETS="100000" chooses how many), or measures the
database at DATABASE_URL as it is. A KPI over 1,000,000 tickets has to come in under 5 s.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import pages

SIZE = int(os.environ.get("BENCH_TICKETS", "20000").split()[-1])
TIMES = 3


def main() -> None:
    if os.environ.get("DATABASE_URL"):
        measure()
        return
    from mainstay.config import postgres

    with tempfile.TemporaryDirectory(prefix="mainstay-bench-") as folder:
        os.environ["MAINSTAY_DATA"] = folder
        with postgres.start(Path(folder) / "pg") as server:
            os.environ.update(DATABASE_URL=server.app_url, DATABASE_OWNER_URL=server.owner_url)
            pages.prepare()
            pages.load(SIZE)
            measure()


def measure() -> None:
    pages.setup()
    from mainstay.reports import counting
    from mainstay.reports.counting import Wanted
    from mainstay.tickets.models import Ticket

    now = datetime.now(UTC).replace(microsecond=0)
    ever, month = datetime(2000, 1, 1, tzinfo=UTC), (now - timedelta(days=60), now - timedelta(days=30))
    first = Ticket.objects.filter(contract__isnull=False).order_by("-pk").first()
    assert first is not None
    assert first.contract_id is not None
    line = (first.contract_id,)
    kinds = ("promise", "goal")
    print(f"{Ticket.objects.count():,} tickets")
    for name, wanted in (
        ("first responses in time, every ticket", Wanted("first_response", ever, now + timedelta(days=1))),
        (
            "the same of severity 1 and 2",
            Wanted("first_response", ever, now + timedelta(days=1), None, (1, 2)),
        ),
        (
            "resolutions in time, every ticket",
            Wanted("resolution", ever, now + timedelta(days=1), kinds=kinds),
        ),
        ("first responses of a closed month, every customer", Wanted("first_response", *month)),
        (
            "first responses of one customer, all its time",
            Wanted("first_response", ever, now + timedelta(days=1), line),
        ),
        ("first responses of one customer, a closed month", Wanted("first_response", *month, line)),
        ("resolutions of one customer, a closed month", Wanted("resolution", *month, line, kinds=kinds)),
    ):
        found = counting.count(wanted)
        took = best(lambda wanted=wanted: counting.count(wanted))  # type: ignore[misc]
        print(
            f"  {name:<52} {took:8.3f} s  {found.kept:>9,} kept {found.missed:>8,} missed  {found.digest[:8]}"
        )
    sys.stdout.flush()


def best(what: Callable[[], object]) -> float:
    """The median of several, in seconds."""
    took = []
    for _ in range(TIMES):
        began = time.perf_counter()
        what()
        took.append(time.perf_counter() - began)
    return statistics.median(took)


if __name__ == "__main__":
    main()
