"""How fast mail is taken in, and handled with its acknowledgement queued, at growing numbers of tickets.

Starts a PostgreSQL of its own, loads true tickets, and measures at each size: acceptance through the real SMTP
server and by the bare call; then new requests and replies, each handled by two worker processes until every
acknowledgement and notice stands as a delivery. Beside it, the same rows written by bare SQL, and django-helpdesk's
mail intake where that package is installed (BENCH_HELPDESK names a Python that has it).

BENCH_TICKETS="1000 100000" chooses the sizes, BENCH_MAILS how many mails, BENCH_SECONDS after how long no further size
is begun (1,800); DATABASE_URL measures a database that is there already, as it is (give it a copy: it is written to).
django-helpdesk is put into an environment of its own for the run, unless BENCH_HELPDESK names a Python that has it, or
is "off". Loading takes about a minute for 60,000 tickets, each size then two to four minutes.
"""

import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

SIZES = [int(word) for word in os.environ.get("BENCH_TICKETS", "1000 10000").split()]
MAILS = int(os.environ.get("BENCH_MAILS", "2000"))
WARM = 1_500  # mails before, so that little is done for the first time: 500 customers have terms of their own
PROCESSES = 2
SESSIONS = 16  # SMTP connections at once
WITHIN = float(os.environ.get("BENCH_SECONDS", "1800"))
BEGAN = time.monotonic()


def main() -> None:
    if sys.argv[1:] == ["work"]:
        work()
        return
    if os.environ.get("DATABASE_URL"):
        setup()
        measure("as it is")
        return
    from mainstay.config import postgres

    with tempfile.TemporaryDirectory(prefix="mainstay-bench-") as folder:
        os.environ["MAINSTAY_DATA"] = folder
        with postgres.start(Path(folder) / "pg") as server:
            os.environ.update(DATABASE_URL=server.app_url, DATABASE_OWNER_URL=server.owner_url)
            setup()
            from mainstay.config import demo, migrate
            from mainstay.reports import load

            migrate.migrate()
            demo.create()
            for size in SIZES:
                if time.monotonic() - BEGAN > WITHIN:
                    print(f"\n{size:,} tickets: not begun, {WITHIN:.0f} s are over", flush=True)
                    continue
                load.main(["--tickets", str(size)])
                measure(f"{size:,} tickets")


def setup() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mainstay.config.settings")
    django.setup()
    from mainstay.tickets import scope

    scope.whole_process()


def measure(name: str) -> None:
    """Everything at one size. Figures by the clock hold for this machine as busy as it is; the load is said."""
    print(f"\n{name}, load {os.getloadavg()[0]:.1f}", flush=True)
    run = Run(senders())
    run.drain()
    print(" acceptance: raw bytes durable, then 250", flush=True)
    tell("by the bare call", rate(MAILS, lambda: run.accept(run.requests(MAILS))))
    tell("by SMTP, 16 sessions", *run.by_smtp(run.requests(MAILS)))
    run.drain()
    print(" full processing, until acknowledgements and notices stand as deliveries", flush=True)
    full = {
        kind: run.handled(kind, make)
        for kind, make in (("new requests", run.requests), ("replies", run.replies))
    }
    run.shares()
    print(" beside it", flush=True)
    bare = bare_sql()
    taken = full["new requests"]
    print(
        f"  ratio of processor time, a new request in full to its rows alone: {taken / bare:.1f}", flush=True
    )
    helpdesk(run)


def tell(what: str, rate: float, more: str = "") -> None:
    """One line of the result."""
    print(f"  {what:<28} {rate:7.0f} mails/s   {more}", flush=True)


def rate(many: int, do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return many / (time.perf_counter() - began)


def senders() -> list[str]:
    """Addresses of people we know, spread over the customers."""
    from mainstay.customers.models import Contact

    found = list(Contact.objects.order_by("pk").values_list("email", flat=True)[:20_000])
    return random.Random(7).sample(found, min(len(found), 2_000))  # noqa: S311 - no secret


class Run:
    """Mails of one measurement, each with a Message-ID of its own."""

    def __init__(self, people: list[str]) -> None:
        self.people = people
        self.count = 0
        self.name = time.time_ns()

    def requests(self, many: int) -> list[bytes]:
        """New requests of known people, 1.5 kB each; one in ten of strangers."""
        return [self.mail(self._sender()) for _ in range(many)]

    def replies(self, many: int) -> list[bytes]:
        """Answers of requesters to open tickets of theirs, by a reference that we signed; each ticket once."""
        from mainstay.intake.email import signed
        from mainstay.intake.email.keys import signing_key
        from mainstay.tickets.models import Ticket

        mine = Ticket.objects.exclude(state="closed").filter(requester__isnull=False)
        tickets = list(mine.order_by("?").values_list("pk", "requester__email", "requester")[:many])
        mails = []
        for place in range(many):
            number, address, contact = tickets[place % len(tickets)]
            about = f"{self.name} {self.count}"
            reference = signed.make_message_id(
                signing_key(), number, about, "contact", contact, domain="vendor.example"
            )
            mails.append(self.mail(address, reference))
        return mails

    def _sender(self) -> str:
        if self.count % 10 == 9:
            return f"person{self.count}@elsewhere{self.count % 97}.example"
        return self.people[self.count % len(self.people)]

    def mail(self, sender: str, answers: str = "") -> bytes:
        self.count += 1
        number = self.count
        lines = [
            f"From: A Person <{sender}>",
            "To: support@vendor.example",
            f"Subject: {'Re: ' if answers else ''}Export stops at row {number}",
            f"Message-ID: <{self.name}.{number}@mail.example>",
            *([f"In-Reply-To: {answers}"] if answers else []),
            "Date: Tue, 24 Nov 2026 00:00:00 +0000",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
            "",
            "Hello,",
            "",
            f"since this morning the nightly export stops after row {number} with error E{number}.",
            "Version: 4.2",
            "Environment: Production",
            "Steps to reproduce: start the export, wait.",
            "",
            "Kind regards",
            "A Person",
            *(f"Line {line} of the log: value {line * number}" for line in range(20)),
        ]
        return "\r\n".join(lines).encode()

    # ---- taking in

    def accept(self, mails: list[bytes]) -> None:
        from mainstay.intake.email.accept import accept

        for raw in mails:
            accept(raw, source="smtp", envelope_from="person@mail.example")

    def by_smtp(self, mails: list[bytes]) -> tuple[float, str]:
        """Mails a second through the server of the product, by some sessions at once, and what each took."""
        port = free_port()
        environ = {
            **os.environ,
            "MAINSTAY_SMTP_PORT": str(port),
            "MAINSTAY_LMTP_PORT": str(free_port()),
        }
        server = subprocess.Popen([sys.executable, "-m", "mainstay", "mail", "serve"], env=environ)
        try:
            wait_for(port)
            parts = [mails[start::SESSIONS] for start in range(SESSIONS)]
            threads = [threading.Thread(target=deliver, args=(port, part)) for part in parts]
            before, database = _stat(server.pid)[0], cpu_of_database()
            found = rate(len(mails), lambda: together(threads))
            python, database = _stat(server.pid)[0] - before, cpu_of_database() - database
            return found, cpu(python / len(mails), database / len(mails))
        finally:
            server.terminate()
            server.wait(10)

    # ---- handling

    def drain(self) -> None:
        self._together([])

    def handled(self, kind: str, make: Callable[[int], list[bytes]]) -> float:
        """By two workers that have been at it for a while, until nothing waits any more; processor seconds of each."""
        self.accept(make(WARM))
        took, python, database = self._together(make(MAILS))
        tell(kind, MAILS / took, cpu(python / MAILS, database / MAILS))
        return (python + database) / MAILS

    def _together(self, mails: list[bytes]) -> tuple[float, float, float]:
        """Seconds from the start signal until both are done, and the processor time of both and of the database."""
        command = [sys.executable, __file__, "work"]
        workers = [
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603
            for _ in range(PROCESSES)
        ]
        for worker in workers:
            assert worker.stdout is not None
            worker.stdout.readline()  # ready: what waited is done
        self.accept(mails)
        began, before = time.perf_counter(), cpu_of_database()
        for worker in workers:
            assert worker.stdin is not None
            worker.stdin.write("go\n")
            worker.stdin.flush()
        said = [worker.communicate()[0] for worker in workers]
        took = time.perf_counter() - began
        time.sleep(0.5)  # until the server has reaped their connections, whose time would be missing
        database = cpu_of_database() - before
        return took, sum(float(line) for line in said), database

    def shares(self) -> None:
        """Where the time of one process goes: reading, rules, SQL."""
        from cProfile import Profile
        from pstats import Stats

        from django.utils import timezone

        from mainstay.intake.email import handle
        from mainstay.notices import announce

        self.accept([*self.requests(100), *self.replies(100)])
        profile = Profile()
        profile.enable()
        while handle.handle_new(timezone.now()) or announce.announce_pending(timezone.now()):
            pass
        profile.disable()
        stats = Stats(profile).stats  # type: ignore[attr-defined]
        whole = sum(own for _, _, own, _, _ in stats.values())

        def spent(*wanted: tuple[str, str]) -> float:
            return sum(
                entry[3]
                for (path, _, function), entry in stats.items()
                if any(path.endswith(file) and function == name for file, name in wanted)
            )

        parts = {
            "parsing": spent(("handle.py", "read")),
            "rules of mail": spent(("join.py", "prepare"), ("decide.py", "decide"), ("who.py", "facts")),
            "letters": spent(("announce.py", "of_event")),
            "SQL": spent(("backends/utils.py", "execute")),
        }
        rest = whole - sum(parts.values())
        said = ", ".join(
            f"{name} {100 * part / whole:.0f} %" for name, part in {**parts, "rest": rest}.items()
        )
        print(f"  of one process's time (profiled): {said}", flush=True)


def work() -> None:
    """One worker: as `mainstay worker` does, without sending, until nothing is left."""
    setup()
    from django.utils import timezone

    from mainstay.intake.email import handle
    from mainstay.notices import announce, worker

    worker.collect_seldom()

    def until_idle() -> None:
        idle = 0
        while idle < 2:
            done = handle.handle_new(timezone.now()) + announce.announce_pending(timezone.now())
            idle = 0 if done else idle + 1

    until_idle()
    print("ready", flush=True)
    sys.stdin.readline()
    began = time.process_time()
    until_idle()
    print(time.process_time() - began)


# ---- beside it


def bare_sql() -> float:
    """The rows of the newest tickets written once more, a statement for each table and fifty tickets; then undone.

    Processor seconds of the server for each ticket.
    """
    import psycopg

    took, many = 0.0, 500
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        connection.execute("SET mainstay.scope = 'all'")
        connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
        newest = "SELECT id FROM tickets_ticket ORDER BY id DESC LIMIT %s"
        numbers = [row[0] for row in connection.execute(newest, [many])]
        base, cpu_before = 9_000_000_000, cpu_of_database()
        for start in range(0, many, 50):
            some = numbers[start : start + 50]
            began = time.perf_counter()
            for table, key, moved in COPIES:
                columns = _columns(connection, table)
                values = ", ".join(f"{name} + {base}" if name in moved else f'"{name}"' for name in columns)
                names = ", ".join(f'"{name}"' for name in columns)
                connection.execute(
                    f"INSERT INTO {table} ({names}) SELECT {values} FROM {table} WHERE {key}",  # noqa: S608
                    [some],
                )
            took += time.perf_counter() - began
        each = max(cpu_of_database() - cpu_before, 0.01) / many
        connection.rollback()
    tell("the same rows, bare SQL", many / took, f"(one process, CPU each: PostgreSQL {1000 * each:.2f} ms)")
    return each


_OF_EVENTS = "event_id IN (SELECT id FROM tickets_event WHERE ticket_id = ANY(%s))"
COPIES = (
    ("tickets_ticket", "id = ANY(%s)", {"id"}),
    ("tickets_message", "ticket_id = ANY(%s)", {"id", "ticket_id"}),
    ("tickets_participant", "ticket_id = ANY(%s)", {"id", "ticket_id"}),
    ("tickets_event", "ticket_id = ANY(%s)", {"id", "ticket_id"}),
    ("tickets_eventtext", _OF_EVENTS, {"event_id"}),
    ("tickets_clock", "ticket_id = ANY(%s)", {"id", "ticket_id"}),
    ("notices_delivery", "ticket_id = ANY(%s)", {"id", "ticket_id", "event_id"}),
)


def _columns(connection: "object", table: str) -> list[str]:
    found = connection.execute(  # type: ignore[attr-defined]
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
        " ORDER BY attnum",
        [table],
    )
    return [row[0] for row in found]


def helpdesk(run: "Run") -> None:
    """django-helpdesk's intake of the same mails, in the same PostgreSQL."""
    from beside.installed import python_with_helpdesk

    python = python_with_helpdesk()
    if not python:
        return
    with tempfile.TemporaryDirectory(prefix="mainstay-bench-") as folder:
        for place, raw in enumerate(run.requests(210)):
            (Path(folder) / f"{place:06}").write_bytes(raw)
        command = [python, str(Path(__file__).parent / "beside" / "mail.py")]
        subprocess.run([*command, os.environ["DATABASE_OWNER_URL"], folder], check=False, timeout=300)  # noqa: S603


# ---- small things


def cpu(python: float, database: float) -> str:
    """Processor time of one mail, in words."""
    both = 1000 * (python + database)
    return f"(CPU each: {both:.2f} ms; Python {1000 * python:.2f}, PostgreSQL {1000 * database:.2f})"


def cpu_of_database() -> float:
    """Seconds of processor time that the server's processes have used, where it runs on this machine."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity")
        pids = [row[0] for row in cursor.fetchall()]
    parents = {_stat(pid)[1] for pid in pids} - {0}
    return sum(_stat(pid)[0] for pid in parents | set(pids))


def _stat(pid: int) -> tuple[float, int]:
    """Processor seconds of a process and of its ended children, and its parent."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0, 0
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK"), int(fields[1])


def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int) -> None:
    import socket

    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit("the mail server did not start")


def deliver(port: int, mails: list[bytes]) -> None:
    """One session by bare sockets: smtplib takes as long as the server does, and both share the processors."""
    import socket

    with socket.create_connection(("127.0.0.1", port), 60) as wire, wire.makefile("rb") as answers:

        def say(said: bytes, wanted: bytes) -> None:
            wire.sendall(said)
            line = answers.readline()
            while line[3:4] == b"-":
                line = answers.readline()
            if not line.startswith(wanted):
                raise SystemExit(f"the mail server says {line!r}")

        say(b"", b"220")
        say(b"EHLO bench.example\r\n", b"250")
        for raw in mails:
            say(b"MAIL FROM:<person@mail.example>\r\n", b"250")
            say(b"RCPT TO:<support@vendor.example>\r\n", b"250")
            say(b"DATA\r\n", b"354")
            say(raw.replace(b"\r\n.", b"\r\n..") + b"\r\n.\r\n", b"250")


def together(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
