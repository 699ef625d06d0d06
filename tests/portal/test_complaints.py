"""A complaint about no request: from the organisation's page to a manager, with a number, a time and an answer (T3)."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from cast import acting
from mainstay.accounts.models import Act
from mainstay.customers.models import Contact
from mainstay.notices import complaints
from mainstay.notices.models import Delivery
from mainstay.tickets.models import Concern, Ticket
from mainstay.tickets.scope import seeing

pytestmark = pytest.mark.django_db
TEXT = "Three times nobody called back."


def as_(person: Any) -> Client:
    client = Client()
    client.force_login(getattr(person, "user", person))
    return client


def complain(cast: Any, text: str = TEXT) -> Any:
    return as_(cast.tom).post("/organisation/complaints", {"customer": cast.harbourline.code, "text": text})


def mails(template: str) -> dict[str, Delivery]:
    return {one.recipient: one for one in Delivery.objects.filter(template=template, channel="email")}


def test_it_reaches_the_managers_and_the_tam_and_has_a_number_and_a_time(cast: Any) -> None:
    answer = complain(cast)
    assert answer.status_code == 302
    assert answer["Location"].endswith("#complaints")
    held = Concern.objects.get()
    page = as_(cast.tom).get("/organisation").content.decode()
    assert held.number in page
    assert TEXT in page
    assert "You have an answer <b>by" in page
    sent = mails("complaint")
    assert set(sent) == {"hana@vendor.example", "owen@vendor.example", "tom@harbourline.example"}
    mine = sent["tom@harbourline.example"]
    assert f"Its number is {held.number}" in mine.text
    assert f"You wrote:\n\n{TEXT}" in mine.text
    assert "(Sydney time)" in mine.text
    assert mine.automatic == "auto-generated"
    assert TEXT in sent["hana@vendor.example"].text
    assert Delivery.objects.filter(template="complaint", channel="desk", user=cast.hana).exists()
    assert Act.objects.get(kind="complaint made").by_name == "Tom Okafor"
    assert not Ticket.objects.exists()


def test_it_is_answered_by_a_manager_and_told_in_the_customers_words(cast: Any) -> None:
    cast.tom.user.language = "de"
    cast.tom.user.save()
    complain(cast)
    held = Concern.objects.get()
    listed = as_(cast.hana).get("/desk/concerns").content.decode()
    assert held.number in listed
    assert "about no request" in listed
    for who in (cast.mara, cast.owen):
        refused = as_(who).post(f"/desk/concerns/{held.pk}/answer", {"text": "All is well."})
        assert refused.status_code == 422
    assert as_(cast.hana).post(f"/desk/concerns/{held.pk}/answer", {"text": " "}).status_code == 422
    done = as_(cast.hana).post(
        f"/desk/concerns/{held.pk}/answer", {"text": "We are sorry; Owen calls you today."}
    )
    assert done.status_code == 302
    mine = mails("complaint_answered")["tom@harbourline.example"]
    assert mine.text.startswith(f"Ihre Beschwerde {held.number} ist beantwortet.")
    assert "Hana Sato schreibt:" in mine.text
    assert "We are sorry" in as_(cast.tom).get("/organisation").content.decode()
    again = as_(cast.hana).post(f"/desk/concerns/{held.pk}/answer", {"text": "Twice."})
    assert "was answered already by Hana Sato" in again.content.decode()


def test_one_waits_at_a_time_and_what_was_typed_is_kept(cast: Any) -> None:
    empty = complain(cast, "  ")
    assert empty.status_code == 422
    assert "is empty" in empty.content.decode()
    complain(cast)
    again = complain(cast, "And the invoice is wrong.")
    assert again.status_code == 422
    assert "And the invoice is wrong." in again.content.decode()
    assert "waits for its answer already" in again.content.decode()
    assert Concern.objects.count() == 1
    complaints.answer(Concern.objects.get(), text="Sorry.", by=acting(cast.hana), at=timezone.now())
    assert complain(cast, "And the invoice is wrong.").status_code == 302


def test_a_late_one_is_told_once(cast: Any) -> None:
    complain(cast)
    held = Concern.objects.get()
    Delivery.objects.all().delete()
    assert complaints.tell_late(held.due_at) == 0
    later = held.due_at + timedelta(seconds=1)
    assert [complaints.tell_late(later), complaints.tell_late(later)] == [1, 0]
    assert "hana@vendor.example" in mails("complaint")
    assert held.number in mails("complaint")["hana@vendor.example"].subject


def test_nobody_else_of_the_customer_and_nobody_of_another_sees_it(cast: Any) -> None:
    complain(cast)
    for other in (cast.priya, cast.edgar):
        assert TEXT not in as_(other).get("/organisation").content.decode()
    code = cast.harbourline.code
    assert (
        as_(cast.edgar).post("/organisation/complaints", {"customer": code, "text": TEXT}).status_code == 404
    )
    with seeing([cast.corvid.pk]), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM tickets_concern")
        assert cursor.fetchone() == (0,)
    with seeing([cast.harbourline.pk]):
        assert Concern.objects.count() == 1


def test_somebody_whose_mail_fails_is_not_written_to_and_sees_the_answer_all_the_same(cast: Any) -> None:
    Contact.objects.filter(pk=cast.tom.pk).update(failing_since=timezone.now(), failing_reason="full")
    complain(cast)
    mine = mails("complaint")["tom@harbourline.example"]
    assert (mine.state, "fails since" in mine.error) == ("suppressed", True)


def test_it_stands_on_the_customers_page_until_it_is_answered_and_after(cast: Any) -> None:
    complain(cast)
    held = Concern.objects.get()
    page = as_(cast.mara).get("/desk/customers/HARBOURLINE").content.decode()
    assert f"/desk/concerns#c{held.pk}" in page
    assert f"{held.number}, about no request" in page
    complaints.answer(held, text="Sorry.", by=acting(cast.hana), at=timezone.now())
    page = as_(cast.mara).get("/desk/customers/HARBOURLINE").content.decode()
    assert "answered by Hana Sato" in page
    assert held.number in page
