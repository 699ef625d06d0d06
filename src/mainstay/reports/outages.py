"""Recorded outages, agreed maintenance and measured response times, and what they come to (M2, P6).

Recorded is what people wrote down or confirmed; nothing is edited. An outage that ended, or was wrong, is
withdrawn and another row takes its place, so that what was known on an earlier day can be asked again.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, TypeVar

from django.db import connection, transaction
from django.db.models import Q

from mainstay.accounts import acts
from mainstay.accounts.actor import Actor
from mainstay.customers.models import Customer, Environment
from mainstay.errors import Refused
from mainstay.prepared import Arg, Prepared
from mainstay.reports.models import MaintenanceWindow, Measurement, Outage, Recorded
from mainstay.tickets.models import Event, Ticket

NOTICE_HOURS = 48  # where a window says nothing else
LONGEST = timedelta(days=400)
MOST_LINES = 200_000
SLOWEST = 86_400_000  # milliseconds

Span = tuple[datetime, datetime]
One = TypeVar("One", bound=Recorded)


def record(
    system: Environment,
    *,
    starts_at: datetime,
    ends_at: datetime | None,
    note: str,
    by: Actor,
    at: datetime,
    ticket: Ticket | None = None,
) -> Outage:
    """Write down that a system was not available; `ticket` is the request that it is confirmed by."""
    starts_at, ends_at = _whole(starts_at), _whole(ends_at) if ends_at else None
    _check_span(starts_at, ends_at, at)
    if ticket is not None and ticket.customer_id != system.customer_id:
        raise Refused("ticket", f"{ticket.pk} is not one of {system.customer}")
    with transaction.atomic():
        Environment.objects.select_for_update().get(pk=system.pk)
        _check_alone(system, starts_at, ends_at)
        made = Outage.objects.create(
            customer_id=system.customer_id, environment=system, starts_at=starts_at, ends_at=ends_at,
            note=_note(note), ticket=ticket, recorded_at=at, recorded_by_id=_staff(by),
        )  # fmt: skip
        acts.record("outage recorded", _named(made), by=by, at=at, after=_said(made))
    return made


def end(outage: Outage, *, ends_at: datetime, by: Actor, at: datetime) -> Outage:
    """An outage is over: the row that says so takes the place of the open one."""
    ends_at = _whole(ends_at)
    with transaction.atomic():
        held = _held(Outage, outage)
        if held.ends_at is not None:
            raise Refused("end", "is recorded already; withdraw the outage and record it anew")
        _check_span(held.starts_at, ends_at, at)
        _withdraw(held, "it is over", by, at)
        made = Outage.objects.create(
            customer_id=held.customer_id, environment_id=held.environment_id, starts_at=held.starts_at,
            ends_at=ends_at, note=held.note, ticket_id=held.ticket_id, recorded_at=at, recorded_by_id=_staff(by),
        )  # fmt: skip
        acts.record("outage ended", _named(made), by=by, at=at, after=_said(made))
    return made


def withdraw(one: Recorded, *, why: str, by: Actor, at: datetime) -> None:
    """What was recorded was wrong. It stays readable and counts no more."""
    why = why.strip()
    if not why or len(why) > 500:
        raise Refused("reason", "must say why, in 1 to 500 characters")
    with transaction.atomic():
        held = _held(type(one), one)
        _withdraw(held, why, by, at)
        what = "outage" if isinstance(held, Outage) else "maintenance"
        acts.record(f"{what} withdrawn", _named(held), by=by, at=at, after={"reason": why})


def agree(
    system: Environment,
    *,
    starts_at: datetime,
    ends_at: datetime,
    announced_at: datetime,
    notice_hours: int,
    note: str,
    by: Actor,
    at: datetime,
) -> MaintenanceWindow:
    """A window of maintenance, and when it was announced."""
    starts_at, ends_at, announced_at = _whole(starts_at), _whole(ends_at), _whole(announced_at)
    if ends_at <= starts_at or ends_at - starts_at > LONGEST:
        raise Refused("end", "must come after the start, within a year")
    if announced_at > at:
        raise Refused("announced", "lies in the future; record it when it was announced")
    if not 0 <= notice_hours <= 8760:
        raise Refused("notice_hours", "must be hours, at most a year")
    with transaction.atomic():
        made = MaintenanceWindow.objects.create(
            customer_id=system.customer_id, environment=system, starts_at=starts_at, ends_at=ends_at,
            announced_at=announced_at, notice_hours=notice_hours, note=_note(note), recorded_at=at,
            recorded_by_id=_staff(by),
        )  # fmt: skip
        acts.record("maintenance agreed", _named(made), by=by, at=at, after=_said(made))
    return made


def suggestions(customer: Customer, since: datetime) -> list[Ticket]:
    """Requests of severity 1 on production systems that no outage was recorded for: to be confirmed by a person."""
    found = Ticket.objects.filter(
        customer=customer, severity=1, environment__kind=Environment.Kind.PRODUCTION, opened_at__gte=since
    ).exclude(close_reason__in=("spam", "duplicate"))
    taken = Outage.objects.filter(ticket__isnull=False, withdrawn_at__isnull=True).values("ticket")
    return list(found.exclude(pk__in=taken).select_related("environment").order_by("-opened_at")[:20])


def likely_end(ticket: Ticket) -> datetime | None:
    """When the log says that it was mended: the workaround, the solution, or the end."""
    kinds = ("workaround_provided", "solution_proposed", "closed")
    first = Event.objects.filter(ticket=ticket, kind__in=kinds).order_by("seq").first()
    return first.at if first else None


# ---- what was known, and what it comes to


def known(model: type[One], systems: Iterable[Environment], span: Span, known_at: datetime) -> list[One]:
    """What was recorded of these systems, touches the span, and held at `known_at`; with its system."""
    begins, ends = span
    of = [one.pk for one in systems]
    if not of:
        return []
    found: list[One] = _known(model).all(systems=of, begins=begins, ends=ends, known_at=known_at)
    return found


@cache
def _known(model: type[Recorded]) -> Prepared[Any]:
    open_ended = Q(ends_at__gt=Arg.instant("begins")) | Q(ends_at__isnull=True)
    held = Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gt=Arg.instant("known_at"))
    touching = Q(starts_at__lt=Arg.instant("ends"), recorded_at__lte=Arg.instant("known_at"))
    rows = model._default_manager.filter(open_ended, held, touching, environment__pk__any=Arg("systems"))
    return Prepared(lambda: rows.select_related("environment").order_by("starts_at", "pk"))


def within(spans: Iterable[tuple[datetime, datetime | None]], span: Span) -> list[Span]:
    """Spans cut to `span` and joined where they touch; without an end they last to its end."""
    begins, ends = span
    cut = sorted((max(a, begins), min(b or ends, ends)) for a, b in spans)
    joined: list[Span] = []
    for a, b in cut:
        if a >= b:
            continue
        if joined and a <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(b, joined[-1][1]))
        else:
            joined.append((a, b))
    return joined


def without(spans: Iterable[Span], taken: list[Span]) -> list[Span]:
    """What is left of spans when others (joined, in order) are taken out of them."""
    left: list[Span] = []
    for a, b in spans:
        for c, d in taken:
            if d <= a or c >= b:
                continue
            if a < c:
                left.append((a, c))
            a = max(a, d)
        if a < b:
            left.append((a, b))
    return left


def lasts(spans: Iterable[Span]) -> int:
    """Seconds of spans that do not overlap."""
    return sum(int((b - a).total_seconds()) for a, b in spans)


# ---- measurements


def take_in(
    customer: Customer, text: str, *, by: Actor, at: datetime, system: Environment | None = None
) -> tuple[int, int]:
    """Measurements from CSV: a line with columns `at` (ISO, with its zone), `milliseconds` and, unless `system`
    is given, `environment` (its name). Returns how many are new and how many were there already."""
    systems = {one.name.lower(): one for one in customer.environments.all()}
    rows = [
        Measurement(customer=customer, environment=place, at=when, milliseconds=ms, recorded_at=at)
        for when, ms, place in _lines(text, systems, system, at)
    ]
    with transaction.atomic():
        before = _count(customer)
        Measurement.objects.bulk_create(rows, batch_size=5000, ignore_conflicts=True)
        new = _count(customer) - before
        if new:
            acts.record("response times taken in", customer.name, by=by, at=at, after={"measurements": new})
    return new, len(rows) - new


def _count(customer: Customer) -> int:
    return Measurement.objects.filter(customer=customer).count()


def _lines(
    text: str, systems: dict[str, Environment], system: Environment | None, now: datetime
) -> Iterator[tuple[datetime, int, Environment]]:
    reader = csv.DictReader(io.StringIO(text.lstrip("\ufeff").replace("\x00", "")))
    seen = 0
    try:
        names = [name.strip().lower() for name in reader.fieldnames or []]
        needed = {"at", "milliseconds"} | (set() if system else {"environment"})
        if not needed <= set(names):
            listed = ", ".join(sorted(needed))
            raise Refused("file", f"must begin with a line that names its columns: {listed}")
        reader.fieldnames = names
        for seen, row in enumerate(reader, start=1):
            if seen > MOST_LINES:
                raise Refused("file", f"has more than {MOST_LINES:,} lines; send it in parts")
            yield _line(row, seen + 1, systems, system, now)
    except csv.Error as error:
        raise Refused("file", f"line {seen + 2} cannot be read: {error}") from None
    if not seen:
        raise Refused("file", "holds no measurement")


def _line(
    row: dict[str, str | None],
    number: int,
    systems: dict[str, Environment],
    system: Environment | None,
    now: datetime,
) -> tuple[datetime, int, Environment]:
    ms, at = (row.get("milliseconds") or "").strip(), (row.get("at") or "").strip()
    place = system or systems.get((row.get("environment") or "").strip().lower())
    if place is None:
        raise Refused(
            "file",
            f"line {number}: environment {str(row.get('environment'))[:40]!r} is none of this customer",
        )
    if not (ms.isascii() and ms.isdigit() and len(ms) <= 9 and int(ms) <= SLOWEST):
        raise Refused("file", f"line {number}: milliseconds must be a whole number, not {ms[:40]!r}")
    try:
        when = datetime.fromisoformat(at)
        utc = when.astimezone(UTC).replace(microsecond=0) if when.tzinfo else None
    except (ValueError, OverflowError):
        utc = None
    if utc is None or utc.year < 1980 or utc > now:
        raise Refused(
            "file", f"line {number}: at must be a past instant such as 2026-03-02T05:30:00Z, not {at[:40]!r}"
        )
    return utc, int(ms), place


def p95(systems: Iterable[Environment], span: Span, known_at: datetime) -> list[tuple[str, int, int]]:
    """Each system's name, how many measurements, and their 95th percentile by nearest rank."""
    ids = [one.pk for one in systems]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.name, count(*), percentile_disc(0.95) WITHIN GROUP (ORDER BY m.milliseconds)"
            " FROM reports_measurement m JOIN customers_environment e ON e.id = m.environment_id"
            " WHERE m.environment_id = ANY(%s) AND m.at >= %s AND m.at < %s AND m.recorded_at <= %s"
            " GROUP BY e.id, e.name ORDER BY e.name, e.id",
            [ids, *span, known_at],
        )
        return [(name, int(many), int(ms)) for name, many, ms in cursor.fetchall()]


# ---- small parts


def _whole(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=0)


def _check_span(starts_at: datetime, ends_at: datetime | None, at: datetime) -> None:
    if starts_at > at:
        raise Refused("start", "lies in the future; an outage is recorded when it has begun")
    if ends_at is not None and ends_at <= starts_at:
        raise Refused("end", "must come after the start")
    if ends_at is not None and ends_at > at:
        raise Refused("end", "lies in the future; leave it empty while the outage goes on")
    if (ends_at or at) - starts_at > LONGEST:
        raise Refused("start", "lies more than a year before its end; that cannot be meant")


def _check_alone(system: Environment, starts_at: datetime, ends_at: datetime | None) -> None:
    span = (starts_at, ends_at or datetime.max.replace(tzinfo=UTC))
    rows = Outage.objects.filter(environment=system, withdrawn_at__isnull=True, starts_at__lt=span[1])
    other = rows.filter(Q(ends_at__gt=starts_at) | Q(ends_at__isnull=True)).first()
    if other is not None:
        raise Refused(
            "start",
            f"falls into an outage of {system.name} that is recorded from {other.starts_at:%Y-%m-%d %H:%M} UTC",
        )


def _held(model: type[One], one: One) -> One:
    held: One = model._default_manager.select_for_update().get(pk=one.pk)
    if held.withdrawn_at is not None:
        raise Refused("record", "has been withdrawn or replaced already")
    return held


def _withdraw(held: Recorded, why: str, by: Actor, at: datetime) -> None:
    held.withdrawn_at, held.withdrawn_by_id, held.withdrawn_why = at, _staff(by), why
    held.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_why"])


def _staff(by: Actor) -> int:
    if by.kind != "staff" or by.id is None:
        raise Refused("by", "must be a member of staff")
    return by.id


def _note(note: str) -> str:
    if len(note.strip()) > 1000:
        raise Refused("note", "must be at most 1000 characters")
    return note.strip()


def _named(one: Recorded) -> str:
    return f"{one.environment} of {one.customer}"


def _said(one: Outage | MaintenanceWindow) -> dict[str, str]:
    return {
        "from": one.starts_at.isoformat(),
        "until": one.ends_at.isoformat() if one.ends_at else "",
        "note": one.note,
    }
