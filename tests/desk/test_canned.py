"""Canned answers, who else is here, and the time that is written down with an answer."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from cast import NOW, Cast, acting
from mainstay.accounts.models import Act
from mainstay.allowances.models import Work
from mainstay.tickets import canned, resolution
from mainstay.tickets.messages import Said
from mainstay.tickets.models import CannedAnswer, Presence, Ticket

EVIL = "{{7*7}} {% debug %} ${x} {{me}} {{ nonsense }} <script>alert(1)</script>"


def write(cast: Cast, **more: Any) -> CannedAnswer:
    said = {"title": "Restart", "language": "", "category": "", "text": "Dear {{first_name}}, restart."}
    return canned.write(**{**said, **more}, by=acting(cast.hana), at=NOW)


def test_an_answer_is_filled_with_what_the_ticket_says_once_and_the_rest_is_printed_as_it_stands__attack_40(
    cast: Cast, asks: Callable[..., Ticket], as_: Any, now: Any
) -> None:
    ticket = asks(subject=EVIL)
    write(
        cast,
        text="Dear {{ contact }}, about “{{subject}}” at {{customer}}: {{system}} {{7*7}} {{unknown}}. {{me}}",
    )
    page = as_(cast.mara).get(f"/desk/tickets/{ticket.pk}/answers").content.decode()
    assert "Dear Priya Raman, about “{{7*7}} {% debug %} ${x} {{me}} {{ nonsense }} &lt;script&gt;" in page
    assert "at Harbourline Health: {{system}} {{7*7}} {{unknown}}. Mara Lindqvist" in page
    assert "49" not in page
    assert "<script>alert" not in page


def test_only_those_of_the_ticket_s_kind_and_language_are_offered(
    cast: Cast, asks: Callable[..., Ticket], as_: Any, now: Any
) -> None:
    ticket = asks(category="technical")
    for title, language, category in (
        ("Any", "", ""), ("English", "en", "technical"), ("Deutsch", "de", ""), ("Bills", "en", "billing"),
    ):  # fmt: skip
        write(cast, title=title, language=language, category=category)
    gone = write(cast, title="Old")
    canned.retire(gone, by=acting(cast.hana), at=NOW)
    assert [one.title for one in canned.offered(ticket)] == ["Any", "English"]
    ticket.language = "de"
    assert [one.title for one in canned.offered(ticket)] == ["Any", "Deutsch"]


def test_who_leads_writes_them_and_the_log_keeps_what_they_were(cast: Cast, as_: Any, now: Any) -> None:
    hana, typed = (
        as_(cast.hana),
        {"title": "Restart", "language": "EN", "category": "", "text": "Dear {{nam}}"},
    )
    page = hana.post("/desk/answers", typed, follow=True).content.decode()
    assert "No ticket fills nam: it is printed as it stands." in page
    one = CannedAnswer.objects.get()
    assert one.language == "en"
    bad = hana.post(f"/desk/answers/{one.pk}", {**typed, "language": "English, please"})
    assert bad.status_code == 422
    assert "a code such as en or de" in bad.content.decode()
    assert "English, please" in bad.content.decode()
    assert hana.post(f"/desk/answers/{one.pk}", {**typed, "text": "Dear {{contact}}"}).status_code == 303
    assert Act.objects.filter(kind="canned answer written").count() == 2
    assert as_(cast.mara).get("/desk/answers").status_code == 200
    assert as_(cast.mara).post("/desk/answers", typed).status_code == 404


def test_one_sees_who_else_looks_or_writes_and_what_was_said_meanwhile(
    cast: Cast, asks: Callable[..., Ticket], as_: Any, now: Any, monkeypatch: pytest.MonkeyPatch,
    django_assert_max_num_queries: Any,
) -> None:  # fmt: skip
    ticket = asks()
    at, seq = f"/desk/tickets/{ticket.pk}/presence", str(ticket.last_seq)
    mara, sanjay = as_(cast.mara), as_(cast.sanjay)
    assert mara.post(at, {"seq": seq}).content.decode().strip() == ""
    with django_assert_max_num_queries(9):
        assert "Mara Lindqvist looks at it" in sanjay.post(at, {"seq": seq, "typing": "1"}).content.decode()
    assert "Sanjay Iyer is writing here" in mara.post(at, {"seq": seq}).content.decode()
    resolution.customer_replied(ticket, said=Said("Worse now.", "email"), by=acting(cast.priya), at=NOW)
    assert "Since you opened it: Reply by Priya Raman" in mara.post(at, {"seq": seq}).content.decode()
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + timedelta(seconds=50))
    assert "Sanjay" not in as_(cast.mara).post(at, {"seq": seq}).content.decode()
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + timedelta(minutes=20))
    as_(cast.mara).post(at, {"seq": seq})
    assert Presence.objects.count() == 1, "what has expired is gone"
    assert as_(cast.priya).post(at, {"seq": seq}).status_code == 404


def test_the_time_spent_is_written_down_with_the_answer_when_it_is_ticked(
    cast: Cast, asks: Callable[..., Ticket], as_: Any, now: Any
) -> None:
    ticket = asks()
    at = f"/desk/tickets/{ticket.pk}/replies"
    as_(cast.mara).post(at, {"text": "We look.", "minutes": "12"})
    assert not Work.objects.exists(), "not ticked"
    as_(cast.mara).post(at, {"text": "We found it.", "minutes": "12", "spent": "1"})
    work = Work.objects.get()
    assert (work.minutes, work.by, work.text, work.timed) == (12, cast.mara, "Reply", True)
    refused = as_(cast.mara).post(at, {"text": "And more.", "minutes": "many", "spent": "1"})
    assert refused.status_code == 422
    assert "And more.</textarea>" in refused.content.decode()
    assert ticket.messages.filter(kind="out").count() == 2, "nothing was sent"
