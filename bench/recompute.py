"""How long it takes to bring other terms to every open ticket, and what the desk feels of it meanwhile.

Starts a PostgreSQL of its own, loads open tickets, publishes a new version of every level and package with other
targets, moves every contract to them, and lets `mainstay changes` work in two processes as the worker does. Meanwhile
a signed-in engineer asks for pages one after the other; their times are printed beside those of a quiet desk, and
then a sample is verified against its log. BENCH_OPEN chooses how many tickets (100,000).
"""

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

OPEN = int(os.environ.get("BENCH_OPEN", "100000"))
BETWEEN = 0.2  # seconds between pages
QUIET = 5.0  # seconds of the desk alone
VERIFIED = 200


def main() -> None:
    from mainstay.config import postgres

    with tempfile.TemporaryDirectory(prefix="mainstay-bench-") as folder:
        os.environ["MAINSTAY_DATA"] = folder
        with postgres.start(Path(folder) / "pg") as server:
            os.environ.update(DATABASE_URL=server.app_url, DATABASE_OWNER_URL=server.owner_url)
            prepare()
            change = decide()
            desk = Desk()
            alone = desk.times(QUIET)
            took = work(change, desk)
            report(change, took, alone, desk.during)


def prepare() -> None:
    """Tables, the demo vendor, and the open tickets."""
    import django
    from django.conf import settings

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mainstay.config.settings")
    django.setup()
    settings.ALLOWED_HOSTS = ["*"]
    from mainstay.config import demo, migrate
    from mainstay.reports import load
    from mainstay.tickets import scope

    scope.whole_process()
    migrate.migrate()
    demo.create()
    load.main(["--tickets", str(OPEN), "--open", "1"])


def decide() -> object:
    """Every level with responses half as long, every package on it, every contract moved: decided as one change."""
    from mainstay.accounts.actor import Actor
    from mainstay.catalogue import publish
    from mainstay.contracts.models import Contract
    from mainstay.tickets import agreement
    from mainstay.tickets.models import Ticket

    at, by = datetime.now(UTC).replace(microsecond=0), Actor.system("Bench")
    levels = {level.code: _sooner(level, by, at) for level in publish.current_levels()}
    packages = {
        box.code: publish.publish_package(
            code=box.code, name=box.name, level=levels[box.level.code], document=box.document, by=by, at=at,
            reason="Measured",
        )
        for box in publish.current_packages()
    }  # fmt: skip
    today = at.date() - timedelta(days=1)
    for old in Contract.objects.filter(customer__code__startswith="LOAD").select_related("package"):
        first, end = old.period.lower, old.period.upper
        old.period = (first, today)
        old.save(update_fields=["period"])
        Contract.objects.create(
            customer_id=old.customer_id, number=old.number, version=2, how="amended", supersedes=old,
            package=packages[old.package.code], desk_policy=publish.current_desk_policy(), period=(today, end),
            signed_on=today, first_signed_on=old.first_signed_on, applies_to_open=True, reason="Measured",
        )  # fmt: skip
    began = time.perf_counter()
    change = agreement.schedule(
        scope=Ticket.objects.all(),
        why="Every promise is kept in half the time",
        by=by,
        at=at,
        effective=today,
    )
    print(f"\n{change.total:,} open tickets wait; deciding took {time.perf_counter() - began:.1f} s")
    return change


def _sooner(level: object, by: object, at: object) -> object:
    from mainstay.catalogue import publish

    document = {**level.document, "targets": [_half(row) for row in level.document["targets"]]}  # type: ignore[attr-defined]
    return publish.publish_level(
        code=level.code, name=level.name, rank=level.rank, document=document, by=by, at=at, reason="Measured"  # type: ignore[attr-defined,arg-type]
    )  # fmt: skip


def _half(row: dict[str, object]) -> dict[str, object]:
    number, unit = (
        int("".join(filter(str.isdigit, str(row["target"])))),
        str(row["target"]).lstrip("0123456789"),
    )
    target = {"h": f"{number * 30}m", "m": f"{max(number // 2, 1)}m"}.get(unit, row["target"])
    return {**row, "target": target if unit != "bd" else f"{max(number // 2, 1)}bd"}


class Desk:
    """An engineer who opens pages one after the other, in this process."""

    def __init__(self) -> None:
        from django.test import Client

        from mainstay.accounts.models import User
        from mainstay.tickets.models import Ticket

        self.client = Client()
        self.client.force_login(User.objects.get(email="mara@vendor.example"))
        some = list(Ticket.objects.order_by("queue_at").values_list("pk", flat=True)[:: max(OPEN // 20, 1)])
        self.paths = ["/desk/", "/desk/?view=triage", *(f"/desk/tickets/{number}" for number in some)]
        self.during: list[float] = []
        self.stop = threading.Event()

    def times(self, seconds: float) -> list[float]:
        """Milliseconds of each page asked for within so many seconds; the first round warms up."""
        for path in self.paths:
            self._ask(path)
        found, until = [], time.monotonic() + seconds
        while time.monotonic() < until:
            found += [self._ask(path) for path in self.paths]
        return found

    def run(self) -> None:
        while not self.stop.is_set():
            for path in self.paths:
                self.during.append(self._ask(path))
                if self.stop.wait(BETWEEN):
                    break

    def _ask(self, path: str) -> float:
        began = time.perf_counter()
        assert self.client.get(path).status_code == 200, path
        return (time.perf_counter() - began) * 1000


def work(change: object, desk: Desk) -> float:
    """Two processes bring the terms while the desk is used; seconds until the last ticket has them."""
    from mainstay.tickets import rollout

    asking = threading.Thread(target=desk.run)
    began = time.monotonic()
    command = [sys.executable, "-m", "mainstay", "changes"]
    helpers = [subprocess.Popen(command) for _ in range(2)]  # noqa: S603 - ourselves
    asking.start()
    while any(one.poll() is None for one in helpers):
        time.sleep(2)
        so_far = rollout.progress(change)  # type: ignore[arg-type]
        print(f"\r{so_far.done:,} of {so_far.total:,} tickets", end="", file=sys.stderr)
    took = time.monotonic() - began
    desk.stop.set()
    asking.join()
    assert not any(one.returncode for one in helpers)
    return took


def report(change: object, took: float, alone: list[float], during: list[float]) -> None:
    from mainstay.tickets import rollout, verify
    from mainstay.tickets.models import Ticket

    found = rollout.progress(change)  # type: ignore[arg-type]
    print(f"\n{found.done:,} tickets in {took:.1f} s, {found.done / took:,.0f} a second; {found}")
    for name, times in (("quiet", alone), ("during", during)):
        p95 = statistics.quantiles(times, n=20)[-1]
        print(
            f"  desk, {name:<7} median {statistics.median(times):6.1f} ms, p95 {p95:6.1f} ms, {len(times)} pages"
        )
    sample = list(Ticket.objects.order_by("pk")[:: max(found.total // VERIFIED, 1)])
    wrong = [said for ticket in sample for said in verify.differences(ticket)]
    assert not wrong, wrong[:5]
    print(f"  {len(sample)} of them verified against their logs: no difference")
    goal = 60.0 * found.total / 100_000
    print(f"  goal {goal:.0f} s: {'kept' if took <= goal else 'MISSED'}")


if __name__ == "__main__":
    main()
