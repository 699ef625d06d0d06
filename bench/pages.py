"""How long the pages take and how many queries they make, at growing numbers of tickets.

Starts a PostgreSQL of its own, loads true tickets (`mainstay bench load`), asks for each page as a signed-in
person does, inside one process, and prints the median of several answers. BENCH_TICKETS="1000 100000" chooses
the sizes; DATABASE_URL measures a database that is there already, as it is, and loads nothing.
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

SIZES = [int(word) for word in os.environ.get("BENCH_TICKETS", "1000 10000").split()]
TIMES = 15


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


def measure(name: str) -> None:
    """Ask for each page several times; the first answers warm up and are not counted."""
    setup()
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    print(f"\n{name}: milliseconds (median, slowest), queries, bytes")
    for who, path in pages():
        client = Client()
        client.force_login(who)
        client.get(path, follow=True)
        took = []
        for _ in range(TIMES):
            began = time.perf_counter()
            response = client.get(path, follow=True)
            took.append((time.perf_counter() - began) * 1000)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(path, follow=True)
        assert response.status_code == 200, (path, response.status_code)
        print(
            f"  {path:<42} {statistics.median(took):8.1f} {max(took):8.1f}  {len(queries):>3}"
            f"  {len(response.content):>8,}"
        )
    sys.stdout.flush()


def pages() -> list[tuple[object, str]]:
    """The pages worth watching, each with somebody who opens it."""
    from mainstay.accounts.models import User
    from mainstay.tickets.models import Ticket

    mara = User.objects.get(email="mara@vendor.example")
    priya = User.objects.get(email="priya@harbourline.example")
    first = Ticket.objects.exclude(state="closed").order_by("queue_at").first()
    closed = Ticket.objects.filter(state="closed").order_by("-pk").first()
    found = [
        (mara, path) for path in ("/desk/", "/desk/?view=mine", "/desk/?view=triage", "/desk/?view=closed")
    ]
    for ticket in (first, closed):
        if ticket is not None:
            found.append((mara, f"/desk/tickets/{ticket.pk}"))
    if first is not None:
        found += [
            (mara, f"/desk/tickets/{first.pk}/why"),
            (mara, "/desk/?q=invoice"),
            (mara, f"/desk/?q={first.pk}"),
        ]
    return [*found, (mara, "/desk/now"), (mara, "/desk/customers"), (priya, "/"), (priya, "/requests")]


if __name__ == "__main__":
    main()
