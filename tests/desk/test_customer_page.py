"""The page of one customer: what matters first, from what is open, in force and recent."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cast import NOW, Cast, acting
from mainstay.accounts.models import Act
from mainstay.contracts import negotiation
from mainstay.contracts.models import Contract
from mainstay.customers.models import CustomerNote
from mainstay.reports.models import Figure
from mainstay.tickets import concerns, triage
from mainstay.tickets.models import Ticket
from mainstay.tickets.scope import seeing

As = Callable[..., Client]
HARBOURLINE = "/desk/customers/HARBOURLINE"


def page(client: Client, address: str = HARBOURLINE, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return str(answer.content.decode())


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html[html.index("<main") :]).split())


def test_the_first_screen_says_what_is_agreed_kept_and_open(
    cast: Cast, asks: Any, as_: As, now: datetime
) -> None:
    grave = asks(at=NOW)
    triage.triage(grave, severity=1, category="technical", reason="So.", by=acting(cast.ifeoma), at=NOW)
    asks(subject="Of less weight", at=NOW)
    said = words(page(as_(cast.mara)))
    for what in ("Business Critical", "1 of severity 1", ", in 15 min", "1 of severity 3", "Owen Blake", "16:30",
                 "no period with a promise is closed yet", "a check every 10 s, trends", "Channels"):  # fmt: skip
        assert what in said


def test_a_renewal_that_is_near_presses_until_somebody_begins_it(cast: Cast, as_: As, now: datetime) -> None:
    held = Contract.objects.select_related("customer", "package__level", "desk_policy").get(
        customer=cast.harbourline
    )
    assert held.last_day is not None
    with pytest.MonkeyPatch.context() as patch:
        late = datetime.combine(held.last_day - timedelta(days=29), NOW.timetz())
        patch.setattr("django.utils.timezone.now", lambda: late)
        said = words(page(as_(cast.lena)))
        assert re.search(r"in (28|29) days .*no renewal is begun", said)
        negotiation.start_from(held, "renewal", owner=cast.lena, by=acting(cast.lena), at=late)
        assert "renewal begun" in words(page(as_(cast.lena)))


def test_promises_kept_are_those_of_frozen_figures(cast: Cast, as_: As, now: datetime) -> None:
    held = Contract.objects.filter(customer=cast.harbourline).earliest("pk")
    measure = '{"kpi":"responses_in_time","per":"month","strength":"guarantee","percent":95,"severity":[1]}'
    for first, end, kept, missed, state in (
        (date(2025, 6, 1), date(2025, 7, 1), 40, 10, "missed"),
        (date(2026, 1, 1), date(2026, 2, 1), 19, 1, "met"),
        (date(2024, 1, 1), date(2024, 2, 1), 7, 0, "met"),
    ):
        Figure.objects.create(
            customer=cast.harbourline, contract=held, code="responses_in_time", per="month", period=f"{first:%Y-%m}",
            first=first, end=end, state=state, hash=f"{first}", known_at=NOW,
            text=f'{{"measure":{measure},"inputs":{{"kept":{kept},"missed":{missed}}}}}',
        )  # fmt: skip
    said = words(page(as_(cast.mara)))
    assert "19 of 20 in 90 days, 59 of 70 in 12 months (84 %)" in said
    assert "First responses in time, severity 1" in said
    assert "missed in 1 period" in said


def test_notes_are_ours_alone_and_a_pinned_one_stands_beside_each_ticket(
    cast: Cast, asks: Any, as_: As, now: datetime
) -> None:
    ticket, client = asks(), as_(cast.mara)
    typed = {"note": "They freeze changes in June.", "pinned": "1"}
    assert client.post(f"{HARBOURLINE}/notes", typed).status_code == 303
    note = CustomerNote.objects.get()
    assert "They freeze changes in June." in page(client)
    assert "They freeze changes in June." in page(client, f"/desk/tickets/{ticket.pk}")
    assert Act.objects.latest("pk").kind == "note about a customer"
    assert "June" not in str(Act.objects.latest("pk").after)
    with seeing([cast.harbourline.pk]):
        assert not CustomerNote.objects.exists()
    client.post(f"{HARBOURLINE}/keeping", {"note": note.pk, "act": "unpin"})
    assert "June" not in page(client, f"/desk/tickets/{ticket.pk}")
    away = client.post(f"{HARBOURLINE}/keeping", {"note": note.pk, "act": "away"})
    assert "June" not in words(page(client))
    assert "Bring it back" in page(client, away["Location"])
    client.post(f"{HARBOURLINE}/keeping", {"note": note.pk, "act": "back"})
    assert "June" in words(page(client))


def test_no_more_is_pinned_than_is_read(cast: Cast, as_: As, now: datetime) -> None:
    client = as_(cast.mara)
    for n in range(5):
        client.post(f"{HARBOURLINE}/notes", {"note": f"Number {n}", "pinned": "1"})
    answer = client.post(f"{HARBOURLINE}/notes", {"note": "One too many", "pinned": "1"})
    assert answer.status_code == 422
    assert "Note: cannot be pinned beside 5 others" in answer.content.decode()
    assert "One too many" in answer.content.decode()
    assert CustomerNote.objects.count() == 5


def test_what_the_customer_wants_decided_stands_on_top_until_it_is_answered(
    cast: Cast, asks: Any, as_: As, now: datetime
) -> None:
    held = concerns.concern(
        asks(), kind="complaint", text="Nobody calls back.", by=acting(cast.priya), at=NOW
    )
    client = as_(cast.hana)
    assert "Complaint Priya Raman" in words(page(client))
    concerns.answer(held, text="We do.", by=acting(cast.hana), at=NOW)
    said = words(page(client))
    assert "answered by Hana Sato" in said
    assert "to answer by" not in said
    assert "None waits" in words(page(client, "/desk/customers/FERNLEIGH"))


def test_the_page_asks_as_often_and_as_little_whatever_was_before(
    cast: Cast, asks: Any, as_: As, now: datetime, django_assert_max_num_queries: Any
) -> None:
    client = as_(cast.mara)
    first = asks()
    page(client)
    with django_assert_max_num_queries(40) as few:
        page(client)
    for n in range(12):
        concerns.concern(
            asks(subject=f"More {n}"), kind="complaint", text="So.", by=acting(cast.priya), at=NOW
        )
    Ticket.objects.exclude(pk=first.pk).update(state="closed", closed_at=NOW)
    with CaptureQueriesContext(
        connection,
    ) as many:
        page(client)
    assert len(many) <= len(few)
