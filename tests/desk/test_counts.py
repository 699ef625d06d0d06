"""The counts of open tickets are exact, whoever changes them and however many at once."""

from datetime import timedelta
from typing import Any

from django.db import connection, transaction

from cast import NOW, Cast, acting
from mainstay.tickets import closure, dispatch, tally, triage
from mainstay.tickets.models import Tally, Ticket

OPEN = "SELECT count(*) FROM tickets_ticket WHERE state <> 'closed'"


def counted(user: int) -> dict[str, int]:
    """What counting them one by one gives."""
    wanted = {
        "open": "true", "nobody": "assignee_id IS NULL", "mine": f"assignee_id = {user}", "grave": "severity = 1",
        "triage": "step IN ('acknowledgement', 'triage')", "waiting": "state = 'waiting_on_customer'",
        "emergencies": "emergency <> '{}' AND emergency_seen_at IS NULL",
    }  # fmt: skip
    with connection.cursor() as cursor:
        found = {}
        for name, condition in wanted.items():
            cursor.execute(f"{OPEN} AND {condition}")
            found[name] = cursor.fetchone()[0]
    return found


def test_counts_follow_each_verb(cast: Cast, asks: Any) -> None:
    first, second = asks(emergency=("down",)), asks()
    assert tally.read(cast.mara.pk).counts == counted(cast.mara.pk)
    assert tally.read(cast.mara.pk).counts["emergencies"] == 1
    by = acting(cast.ifeoma)
    triage.triage(first, severity=1, category="technical", reason="down", by=by, at=NOW)
    dispatch.assign(first, to=cast.mara, by=by, at=NOW)
    assert tally.read(cast.mara.pk).counts == counted(cast.mara.pk)
    assert tally.read(cast.mara.pk).counts["mine"] == 1
    assert tally.read(cast.sanjay.pk).counts["mine"] == 0
    assert tally.of_people() == {cast.mara.pk: 1}
    closure.close(second, reason="resolved", text="Done.", by=by, at=NOW + timedelta(hours=1))
    assert tally.read(cast.mara.pk).counts == counted(cast.mara.pk)


def test_counts_follow_many_rows_at_once_and_removal(cast: Cast, asks: Any) -> None:
    for _ in range(3):
        asks()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE copied ON COMMIT DROP AS SELECT * FROM tickets_ticket")
        cursor.execute("UPDATE copied SET id = id + 500000")
        cursor.execute("INSERT INTO tickets_ticket SELECT * FROM copied")
    assert tally.read(cast.mara.pk).counts == counted(cast.mara.pk)
    assert tally.read(cast.mara.pk).counts["open"] == 6
    Ticket.objects.update(severity=1, assignee=cast.mara)
    assert tally.read(cast.mara.pk).counts == counted(cast.mara.pk)
    assert tally.of_people() == {cast.mara.pk: 6}
    Ticket.objects.update(assignee=cast.sanjay)
    assert tally.of_people() == {cast.sanjay.pk: 6}
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM tickets_ticket WHERE id > 500000")
    assert tally.read(cast.mara.pk).counts == counted(cast.mara.pk)


def test_a_change_taken_back_counts_nothing(cast: Cast, asks: Any) -> None:
    asks()
    before = tally.read(cast.mara.pk)
    try:
        with transaction.atomic():
            asks()
            raise KeyError
    except KeyError:
        pass
    assert tally.read(cast.mara.pk) == before


def test_the_version_is_another_after_each_change_and_after_folding(cast: Cast, asks: Any) -> None:
    ticket, seen = asks(), set()
    for minutes in range(1, 8):
        seen.add(tally.read(cast.mara.pk).version)
        closure.remind(ticket, at=NOW + timedelta(minutes=minutes))
        triage.correct_fact(
            ticket,
            name="frequency",
            value=str(minutes),
            by=acting(cast.mara),
            at=NOW + timedelta(minutes=minutes),
        )
    assert len(seen) == 7
    counts = tally.read(cast.mara.pk).counts
    assert tally.fold(most=3) > 3
    assert tally.read(cast.mara.pk).counts == counts
    assert tally.read(cast.mara.pk).version not in seen
    assert tally.fold() == 0
    assert not Tally.objects.exclude(what="changed").filter(n=0).exists()
