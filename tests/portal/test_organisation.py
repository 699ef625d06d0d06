"""The organisation's page: hours, telephone, TAM; people and their rights, managed by the customer (LESSON 35)."""

from typing import Any

import pytest
from django.test import Client

from mainstay.accounts.models import Act
from mainstay.customers.models import Contact
from mainstay.tickets.models import Ticket

pytestmark = pytest.mark.django_db


def as_(person: Any) -> Client:
    client = Client()
    client.force_login(person.user)
    return client


@pytest.fixture
def priya(cast: Any) -> Client:
    """Priya manages the people of Harbourline."""
    Contact.objects.filter(pk=cast.priya.pk).update(is_admin=True)
    return as_(cast.priya)


def invite(client: Client, cast: Any, **given: str) -> Any:
    return client.post("/organisation/people", {"customer": cast.harbourline.code, "sees": "own", **given})


def changed(person: Contact, **more: Any) -> dict[str, Any]:
    return {"name": person.name, "phone": person.phone, "team": person.team, "sees": person.sees, **more}


def test_everybody_sees_hours_telephone_tam_and_people(cast: Any) -> None:
    page = as_(cast.tom).get("/organisation").content.decode()
    for words in ("Owen Blake", "Priya Raman", "Australia/Sydney", "We "):
        assert words in page
    assert "Invite somebody" not in page
    assert "Edgar" not in page


def test_who_manages_invites_changes_and_removes_with_a_way_back(priya: Client, cast: Any) -> None:
    sent = {
        "customer": cast.harbourline.code,
        "email": "ana@harbourline.example",
        "name": "Ana Ruiz",
        "sees": "own",
    }
    assert priya.post("/organisation/people", sent).status_code == 302
    ana = Contact.objects.get(email="ana@harbourline.example")
    assert as_(ana).get("/").status_code == 200
    priya.post(f"/organisation/people/{ana.pk}", changed(ana, sees="all", phone="+61 2 5550"))
    ana.refresh_from_db()
    assert (ana.sees, ana.phone) == ("all", "+61 2 5550")
    page = priya.post(f"/organisation/people/{ana.pk}/removal", follow=True).content.decode()
    assert "Ana Ruiz has no access any more." in page
    assert as_(ana).get("/").status_code == 404
    priya.post(f"/organisation/people/{ana.pk}/restoration")
    assert as_(ana).get("/").status_code == 200
    assert set(Act.objects.filter(by_name="Priya Raman").values_list("kind", flat=True)) == {
        "contact added", "contact changed", "contact ended", "contact restored",
    }  # fmt: skip


def test_nobody_else_manages_people(priya: Client, cast: Any) -> None:
    tom = as_(cast.tom)
    assert invite(tom, cast, email="x@y.example", name="X").status_code == 404
    assert (
        tom.post(f"/organisation/people/{cast.tom.pk}", changed(cast.tom, is_admin="on")).status_code == 404
    )
    for act in ("", "/removal", "/restoration"):
        assert (
            priya.post(f"/organisation/people/{cast.edgar.pk}{act}", changed(cast.edgar)).status_code == 404
        )
    assert priya.get(f"/organisation?customer={cast.corvid.code}").status_code == 404


def test_the_last_one_who_manages_stays(priya: Client, cast: Any) -> None:
    assert priya.post(f"/organisation/people/{cast.priya.pk}/removal").status_code == 422
    assert priya.post(f"/organisation/people/{cast.priya.pk}", changed(cast.priya)).status_code == 422
    assert Contact.objects.get(pk=cast.priya.pk).is_admin


def test_bad_input_names_its_field_and_keeps_what_was_typed(priya: Client, cast: Any) -> None:
    answer = invite(priya, cast, email="no address", name="Ana Ruiz")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "<b>Email</b>" in page
    assert "Ana Ruiz" in page
    answer = priya.post(f"/organisation/people/{cast.tom.pk}", changed(cast.tom, sees="team", team=""))
    assert "Role or team: is missing" in answer.content.decode()


def test_somebody_of_a_team_sees_what_the_team_asked_and_no_more__lesson_35(priya: Client, cast: Any) -> None:
    sent = {"category": "technical", "description": "Since 10:47.", "form_key": "k1"}
    as_(cast.tom).post("/requests/new", {**sent, "subject": "From Tom"})
    priya.post("/requests/new", {**sent, "subject": "From Priya"})
    invite(priya, cast, email="ana@harbourline.example", name="Ana Ruiz", sees="team", team="Wards")
    ana = as_(Contact.objects.get(email="ana@harbourline.example"))
    assert "From Tom" not in ana.get("/requests").content.decode()
    priya.post(f"/organisation/people/{cast.tom.pk}", changed(cast.tom, team="Wards"))
    page = ana.get("/requests").content.decode()
    assert "From Tom" in page
    assert "From Priya" not in page
    theirs = Ticket.objects.get(subject="From Tom")
    assert "Since 10:47." in ana.get(f"/requests/{theirs.pk}").content.decode()


def test_somebody_of_two_customers_switches_between_them__lesson_35(cast: Any) -> None:
    Contact.objects.create(
        customer=cast.kitano, user=cast.priya.user, email=cast.priya.email, name="Priya Raman"
    )
    client = as_(cast.priya)
    assert "Your customers" in client.get("/organisation").content.decode()
    assert "Asia/Tokyo" in client.get(f"/organisation?customer={cast.kitano.code}").content.decode()
