"""How long the pages take and how many queries they make, at growing numbers of tickets, beside django-helpdesk's.

Starts a PostgreSQL of its own, loads true tickets (`mainstay bench load`), asks for each page as a signed-in
person does, inside one process, and prints median and 95th percentile of several answers, and how much either page
grew between two sizes. One ticket has 20 messages and one 2,000. BENCH_TICKETS="1000 100000" chooses
the sizes; DATABASE_URL measures a database that is there already, as it is, and loads nothing (give it a copy: the
two tickets are written). django-helpdesk is put into an environment of its own for the run, unless BENCH_HELPDESK
names a Python that has it, or is "off".
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

SIZES = [int(word) for word in os.environ.get("BENCH_TICKETS", "1000 10000").split()]
TIMES = 20
STILL_OPEN = 0.01  # of the tickets, but two pages of the queue at least


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

    loading.main(["--tickets", str(size), "--open", str(max(STILL_OPEN, 100 / size))])


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
    beside()


def beside() -> None:
    """django-helpdesk's pages at as many tickets, as many of them open, in the same PostgreSQL."""
    from beside.installed import python_with_helpdesk

    from mainstay.tickets.models import Ticket

    if python := python_with_helpdesk():
        many, still_open = Ticket.objects.count(), Ticket.objects.exclude(state="closed").count()
        command = [
            python,
            str(Path(__file__).parent / "beside" / "pages.py"),
            os.environ["DATABASE_OWNER_URL"],
        ]
        subprocess.run([*command, str(many), str(still_open)], check=False, timeout=900)  # noqa: S603


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
    for many in (20, 2_000):
        found.append((mara, f"/desk/tickets/{talked(many)}"))
    theirs = priya.contacts.get().customer_id
    portal = ("/", "/requests", f"/requests/{talked(20, theirs)}", "/requests/new", "/organisation")
    articles = ("/articles", "/articles?q=badge", f"/articles?q={quote(REPORT)}")
    return [
        *found, (mara, "/desk/now"), (mara, "/desk/customers"),
        *((priya, path) for path in (*portal, *articles)),
    ]  # fmt: skip


REPORT = (
    "Since this morning the badge readers at the north gate refuse every badge, and the log says that the "
    "certificate of the gateway has expired, although it was renewed last week. We restarted the gateway twice."
)


def talked(many: int, customer: int | None = None) -> int:
    """The number of an open ticket with so many messages, of anybody or of one customer; made when there is none."""
    from django.utils import timezone

    from mainstay.accounts.actor import Actor
    from mainstay.accounts.models import User
    from mainstay.tickets import resolution
    from mainstay.tickets.messages import Said
    from mainstay.tickets.models import Ticket

    subject = f"A talk of {many} messages"
    those = Ticket.objects.filter(customer=customer) if customer else Ticket.objects.all()
    found = those.filter(subject=subject).first()
    if found is None:
        theirs = those.filter(requester__isnull=False).exclude(state="closed")
        found = theirs.exclude(subject__startswith="A talk of").order_by("-pk").first()
        assert found is not None
        mara, asker = User.objects.get(email="mara@vendor.example"), found.requester
        for n in range(many // 2):
            said = Said(f"Row {n} of the export is empty since this morning. " * 4, "email")
            resolution.customer_replied(
                found, said=said, by=Actor.contact(asker.pk, asker.name), at=timezone.now()
            )
            resolution.reply(
                found, said=Said("We look at it. " * 8, "desk"), by=Actor.staff(mara), at=timezone.now()
            )
        Ticket.objects.filter(pk=found.pk).update(subject=subject)
    return int(found.pk)


if __name__ == "__main__":
    main()
