"""Work on tickets: the timer, the form, corrections; hours drawn down line by line (P5)."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import DatabaseError, connection, transaction
from django.utils import translation

from cast import NOW, Cast
from mainstay.allowances import agreements, statement
from mainstay.allowances.models import Timer, Work
from mainstay.tickets.models import Event, Ticket
from mainstay.tickets.sentences import told_customer

TODAY = "2026-03-02"
DONE = {"minutes": "90", "day": TODAY, "text": "Read the logs"}


@pytest.fixture
def ticket(cast: Cast, asks: Any, now: Any, limits: Any) -> Ticket:
    limits("critical", included_hours={"hours": 2, "per": "month", "carry_over_months": 1})
    return asks(cast.priya, at=NOW - timedelta(hours=5))


def told(answer: Any) -> str:
    assert answer.status_code == 303, answer.content.decode()[:3000]
    return " ".join(str(one) for one in get_messages(answer.wsgi_request))


def refused(answer: Any) -> str:
    assert answer.status_code == 422
    return str(answer.content.decode())


def test_work_is_written_down_and_drawn_from_the_hours(cast: Cast, ticket: Ticket, as_: Any) -> None:
    client, at = as_(cast.mara), f"/desk/tickets/{ticket.pk}"
    assert told(client.post(f"{at}/work", DONE)) == "1 h 30 min written down."
    told(client.post(f"{at}/work", {**DONE, "minutes": "600", "text": "Our own slip", "free": "1"}))
    page = client.get(at).content.decode()
    assert "Read the logs" in page
    # the year before, two hours each month; those of February are still good
    assert "2 h 30 min of the included hours are left" in page
    told_ = statement.of(agreements.of_number(cast.harbourline, "HA-2025-1"), date(2026, 3, 2))
    march = told_.hours[0]
    assert (march.granted, march.carried, march.used, march.left, march.beyond) == (120, 120, 90, 150, 0)
    assert [(grant.period.first.month, part) for grant, part in march.lines[0].taken] == [(2, 90)]
    assert [one.text for one in told_.not_counted] == ["Our own slip"]
    event = Event.objects.filter(ticket=ticket, kind="work_logged").first()
    assert event is not None
    assert (event.after["minutes"], event.after["billable"]) == (90, True)


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        ("90", 90), ("90 min", 90), ("1:30", 90), ("1 h 30 min", 90), ("1h30", 90), ("1.5 h", 90), ("1,5h", 90),
        ("2h", 120), ("0:45", 45), ("45 minutes", 45),
    ],
)  # fmt: skip
def test_time_is_written_as_people_write_it(
    typed: str, minutes: int, cast: Cast, ticket: Ticket, as_: Any
) -> None:
    told(as_(cast.mara).post(f"/desk/tickets/{ticket.pk}/work", {**DONE, "minutes": typed}))
    assert Work.objects.get().minutes == minutes


def test_the_same_form_sent_twice_is_one_entry(cast: Cast, ticket: Ticket, as_: Any) -> None:
    client, at = as_(cast.mara), f"/desk/tickets/{ticket.pk}/work"
    told(client.post(at, DONE))
    assert "already" in told(client.post(at, DONE))
    assert Work.objects.count() == 1


@pytest.mark.parametrize(
    ("odd", "why"),
    [
        ({"minutes": "0"}, "must be 1 to 1440"), ({"minutes": "1441"}, "at most 1440"),
        ({"minutes": "x"}, "must be minutes, or"),
        ({"minutes": "1:75"}, "such as 1:30"), ({"minutes": "h"}, "must be"),
        ({"day": "2026-03-03"}, "still to come"), ({"day": "2026-02-01"}, "before the request came"),
        ({"day": ""}, "is missing"), ({"text": ""}, "is empty"), ({"text": "x" * 501}, "at most 500"),
    ],
)  # fmt: skip
def test_work_that_cannot_be_is_refused_and_what_was_typed_stays(
    odd: dict[str, str], why: str, cast: Cast, ticket: Ticket, as_: Any
) -> None:
    page = refused(as_(cast.mara).post(f"/desk/tickets/{ticket.pk}/work", {**DONE, **odd}))
    assert why in page
    assert odd.get("text", "Read the logs") in page
    assert not Work.objects.exists()


def test_a_correction_stands_in_place_of_the_entry_with_its_reason(
    cast: Cast, ticket: Ticket, as_: Any
) -> None:
    client, at = as_(cast.hana), f"/desk/tickets/{ticket.pk}/work"
    told(client.post(at, DONE))
    entry = Work.objects.get()
    put = {**DONE, "minutes": "45"}
    again = refused(client.post(f"{at}/{entry.pk}", {**put, "text": "Read half of the logs"}))
    assert "Reason" in again
    assert 'value="45"' in again
    assert 'value="Read half of the logs"' in again
    assert told(client.post(f"{at}/{entry.pk}", {**put, "reason": "Counted twice"})) == "Put right: 45 min."
    assert "was corrected meanwhile" in refused(client.post(f"{at}/{entry.pk}", {**put, "reason": "Again"}))
    march = statement.of(agreements.of_number(cast.harbourline, "HA-2025-1"), date(2026, 3, 2)).hours[0]
    assert march.used == 45
    second = Work.objects.get(corrects=entry)
    told(client.post(f"{at}/{second.pk}", {**put, "minutes": "0", "reason": "Not at all"}))
    march = statement.of(agreements.of_number(cast.harbourline, "HA-2025-1"), date(2026, 3, 2)).hours[0]
    assert march.used == 0
    assert Work.objects.count() == 3
    for words in ("UPDATE allowances_work SET minutes = 1", "DELETE FROM allowances_work"):
        with pytest.raises(DatabaseError, match=r"permission denied|append-only"), transaction.atomic():
            connection.cursor().execute(words)


def test_the_timer_survives_the_page_and_there_is_one_for_each_person(
    cast: Cast, ticket: Ticket, asks: Any, as_: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, at = as_(cast.mara), f"/desk/tickets/{ticket.pk}"
    other = asks(cast.aiko)
    told(client.post(f"{at}/timer"))
    assert f"runs on ticket {ticket.pk} already" in refused(client.post(f"/desk/tickets/{other.pk}/timer"))
    told(as_(cast.hana).post(f"/desk/tickets/{other.pk}/timer"))
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + timedelta(minutes=37, seconds=5))
    assert "Your timer runs since" in as_(cast.mara).get(f"{at}?do=work").content.decode()
    assert (
        f'#work">{ticket.pk}</a>: 38 min'
        in client.get(f"/desk/tickets/{other.pk}/forms/work").content.decode()
    )
    assert "is empty" in refused(client.post(f"{at}/timer/stop", {"text": ""}))
    assert Timer.objects.filter(by=cast.mara).exists()
    assert told(client.post(f"{at}/timer/stop", {"text": "Looked"})) == "38 min written down."
    made = Work.objects.get()
    assert (made.minutes, made.timed, made.day, made.by) == (38, True, date(2026, 3, 2), cast.mara)
    assert "does not run" in refused(client.post(f"{at}/timer/stop", {"text": "Looked more"}))


def test_a_timer_forgotten_for_days_asks_how_long_it_really_was(
    cast: Cast, ticket: Ticket, as_: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, at = as_(cast.mara), f"/desk/tickets/{ticket.pk}"
    told(client.post(f"{at}/timer"))
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + timedelta(days=3))
    assert "say how many it really were" in refused(client.post(f"{at}/timer/stop", {"text": "Looked"}))
    assert (
        told(client.post(f"{at}/timer/stop", {"text": "Looked", "minutes": "50"})) == "50 min written down."
    )
    told(client.post(f"{at}/timer"))
    assert "nothing was written down" in told(client.post(f"{at}/timer/removal"))
    assert Work.objects.count() == 1


def test_work_that_uses_up_the_hours_is_told_and_the_next_request_says_so(
    cast: Cast, ticket: Ticket, asks: Any, as_: Any
) -> None:
    client, at = as_(cast.mara), f"/desk/tickets/{ticket.pk}/work"
    told(client.post(at, {**DONE, "minutes": "300"}))
    beyond = Event.objects.get(ticket=ticket, kind="beyond_allowance")
    english = told_customer(beyond, zone="UTC")
    assert english is not None
    assert "are used up" in english.why
    with translation.override("de"):
        german = told_customer(beyond, zone="UTC")
    assert german is not None
    assert (german.sentence, german.why) == ("Mehr, als Ihre Vereinbarung enthält", "")
    told(client.post(at, {**DONE, "minutes": "30", "text": "More"}))
    assert Event.objects.filter(ticket=ticket, kind="beyond_allowance").count() == 1
    page = as_(cast.priya).get("/allowances").content.decode()
    assert "The hours are used up." in page
    assert "Read the logs" in page
    after = asks(cast.priya, "The next")
    facts = client.get(f"/desk/tickets/{after.pk}").content.decode()
    assert "The included hours of contract HA-2025-1 are used up." in facts


def test_only_those_who_manage_contacts_read_the_statement_and_only_their_own(
    cast: Cast, ticket: Ticket, as_: Any
) -> None:
    told(as_(cast.mara).post(f"/desk/tickets/{ticket.pk}/work", {**DONE, "text": "Secret of wards"}))
    assert "Secret of wards" in as_(cast.priya).get("/allowances").content.decode()
    assert as_(cast.tom).get("/allowances").status_code == 404
    assert "Secret of wards" not in as_(cast.edgar).get("/allowances").content.decode()


def test_the_statement_as_a_file_holds_every_line_and_runs_none__attack_38(
    cast: Cast, ticket: Ticket, as_: Any
) -> None:
    told(as_(cast.mara).post(f"/desk/tickets/{ticket.pk}/work", {**DONE, "text": "=1+1 evil"}))
    answer = as_(cast.lena).get("/desk/customers/HARBOURLINE/allowances.csv")
    text = answer.content.decode("utf-8-sig")
    assert answer["Content-Type"].startswith("text/csv")
    assert f"2026-03-02,{ticket.pk},-90,minutes,'=1+1 evil" in text
    assert "carried over" in text


def test_work_counts_on_the_customers_day_wherever_the_engineer_is(
    cast: Cast, asks: Any, as_: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = asks(cast.jonah)  # in New York
    night = NOW.replace(hour=2)  # the 2nd in Stockholm, still the 1st there
    monkeypatch.setattr("django.utils.timezone.now", lambda: night + timedelta(days=1))
    client, at = as_(cast.mara), f"/desk/tickets/{ticket.pk}"
    assert 'value="2026-03-02"' in client.get(f"{at}/forms/work").content.decode()
    told(client.post(f"{at}/timer"))
    told(client.post(f"{at}/timer/stop", {"text": "Looked", "minutes": "30"}))
    assert Work.objects.get().day == date(2026, 3, 2)
