"""How long the pages take and how many queries they make, at growing numbers of tickets.

Starts a PostgreSQL of its own, loads true tickets (`mainstay bench load`), asks for each page as a signed-in
person does, inside one process, and prints median and 95th percentile of several answers, and how much either page
grew between two sizes. BENCH_TICKETS="1000 100000" chooses
the sizes; DATABASE_URL measures a database that is there already, as it is, and loads nothing.
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

SIZES = [int(word) for word in os.environ.get("BENCH_TICKETS", "1000 10000").split()]
TIMES = 20


def main() -> None:
    if os.environ.get("DATABASE_URL"):
        measure("as it is")
        return
    from mainstay.config import postgres

    with tempfile.TemporaryDirectory(prefix="mainstay-bench-") as folder:
        os.environ["MAINSTAY_DATA"] = folder
        with postgres.start(Path(folder) / "pg") as server:
            os.environ.update(DATABASE_URL=server.app_url, DATABASE_OWNER_URL=server.owner_url)
            prepare()
            for size in SIZES:
                load(size)
                measure(f"{size:,} tickets")


def prepare() -> None:
    """Tables and the demo vendor."""
    setup()
    from mainstay.config import demo, migrate

    migrate.migrate()
    demo.create()


def setup() -> None:
    import django
    from django.conf import settings

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mainstay.config.settings")
    django.setup()
    settings.ALLOWED_HOSTS = ["*"]
    from mainstay.tickets import scope

    scope.whole_process()


def load(size: int) -> None:
    from mainstay.reports import load as loading

    loading.main(["--tickets", str(size)])


BEFORE: dict[str, float] = {}


def measure(name: str) -> None:
    """Ask for each page several times; the first answers warm up and are not counted. `again` is a poll of a page
    that has not changed."""
    setup()
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    print(f"\n{name}: milliseconds p50, p95, times the size before, queries, bytes")
    for n, (who, path) in enumerate(pages()):
        client = Client()
        client.force_login(who)
        tag = client.get(path, follow=True).headers.get("ETag")
        ways = {path: {}} | ({f"{path} again": {"If-None-Match": tag}} if tag else {})
        for said, headers in ways.items():
            took = []
            for _ in range(TIMES):
                began = time.perf_counter()
                response = client.get(path, follow=True, headers=headers)
                took.append((time.perf_counter() - began) * 1000)
            with CaptureQueriesContext(
                connection,
            ) as queries:
                client.get(path, follow=True, headers=headers)
            assert response.status_code in (200, 304), (path, response.status_code)
            report(f"{n} {bool(headers)}", said, took, len(queries), len(response.content))
    sys.stdout.flush()


def report(page: str, said: str, took: list[float], queries: int, size: int) -> None:
    """One line; `page` is what it is called at every size, since tickets have other numbers there."""
    middle, most = statistics.median(took), statistics.quantiles(took, n=20)[-1]
    grew = f"{middle / BEFORE[page]:5.2f}" if page in BEFORE else "    -"
    BEFORE[page] = middle
    print(f"  {said:<46} {middle:8.1f} {most:8.1f} {grew}  {queries:>3}  {size:>8,}")


def pages() -> list[tuple[object, str]]:
    """The pages worth watching, each with somebody who opens it."""
    from mainstay.accounts.models import User
    from mainstay.tickets.models import Ticket

    mara = User.objects.get(email="mara@vendor.example")
    priya = User.objects.get(email="priya@harbourline.example")
    first = Ticket.objects.exclude(state="closed").order_by("queue_at").first()
    closed = Ticket.objects.filter(state="closed").order_by("-pk").first()
    found = [
        (mara, path)
        for path in (
            "/desk/",
            "/desk/?view=mine",
            "/desk/?view=nobody",
            "/desk/?view=triage",
            "/desk/?view=waiting",
            "/desk/?view=closed",
            "/desk/?q=sev:1+owner:me",
            "/desk/?q=customer:load0001",
        )
    ]
    for ticket in (first, closed):
        if ticket is not None:
            found.append((mara, f"/desk/tickets/{ticket.pk}"))
    if first is not None:
        found += [
            (mara, f"/desk/tickets/{first.pk}/why"),
            (mara, "/desk/?q=mail"),
            (mara, "/desk/?q=zebra"),
            (mara, "/desk/?view=closed&q=mail"),
            (mara, "/desk/find/choices?q=mail"),
            (mara, f"/desk/?q={first.pk}"),
        ]
    return [*found, (mara, "/desk/now"), (mara, "/desk/customers"), (priya, "/"), (priya, "/requests")]


if __name__ == "__main__":
    main()
