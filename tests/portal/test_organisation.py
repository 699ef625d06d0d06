"""The organisation's page: hours, telephone, TAM; people and their rights, managed by the customer (LESSON 35)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cast import acting
from mainstay.accounts import standing_in
from mainstay.accounts.models import Act
from mainstay.customers.models import Contact
from mainstay.notices.announce import announce_pending
from mainstay.notices.models import Delivery
from mainstay.reports import closing, measures
from mainstay.staffing.models import Absence, Engineer
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


# ---- what holds


def test_the_telephone_says_its_number_whether_it_is_open_and_its_hours(cast: Any, monkeypatch: Any) -> None:
    for at, words in (
        ("2026-03-02T05:30:00+00:00", "open for you until 17:00"),  # 16:30 in Sydney
        ("2026-03-02T07:00:00+00:00", "closed; opens tomorrow at 09:00"),
        ("2026-03-06T07:00:00+00:00", "closed; opens Monday at 09:00"),
    ):
        monkeypatch.setattr("django.utils.timezone.now", lambda at=at: datetime.fromisoformat(at))
        page = as_(cast.tom).get("/organisation").content.decode()
        assert f"<b>{words}</b>" in page
    assert "+61 2 5550 0100" in page
    assert "Mon-Fri 09:00-17:00, Sydney time; closed on public holidays there" in page
    assert "not part of the contract" in as_(cast.beth).get("/organisation").content.decode()


def test_while_the_tam_is_away_managers_hear_of_escalations_too_and_the_page_says_so(cast: Any) -> None:
    held, _ = Engineer.objects.get_or_create(user=cast.owen)
    now = timezone.now()
    Absence.objects.create(engineer=held, starts_at=now - timedelta(days=1), ends_at=now + timedelta(days=2))
    assert (
        "meanwhile a manager takes care of escalations" in as_(cast.tom).get("/organisation").content.decode()
    )
    sent = {"category": "technical", "subject": "Slow", "description": "Since 10:47.", "form_key": "k1"}
    as_(cast.tom).post("/requests/new", sent)
    ticket = Ticket.objects.get()
    as_(cast.tom).post(f"/requests/{ticket.pk}/concerns", {"kind": "escalation", "text": "It gets worse."})
    announce_pending(timezone.now())
    told = Delivery.objects.filter(event__kind="concern_raised", user__isnull=False)
    assert {"Owen Blake", "Hana Sato"} <= set(told.values_list("user__name", flat=True))


def test_who_stands_in_for_the_tam_is_named_until_it_ends(cast: Any) -> None:
    now = timezone.now()
    standing_in.name_stand_in(
        cast.owen, stand_in=cast.hana, starts_at=now - timedelta(hours=1), ends_at=now + timedelta(days=2),
        by=acting(cast.ruth), at=now,
    )  # fmt: skip
    page = as_(cast.tom).get("/organisation").content.decode()
    assert "Hana Sato stands in:" in page
    assert "hana@vendor.example" in page
    assert "meanwhile a manager" not in page


def test_who_stands_in_is_named_at_home_and_on_a_request_while_it_lasts_and_no_longer(
    cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, client = timezone.now(), as_(cast.tom)
    sent = {"category": "technical", "subject": "Readers", "description": "They fail.", "form_key": "1"}
    client.post("/requests/new", sent)
    request = f"/requests/{Ticket.objects.latest('pk').pk}"
    alone = client.get(request).content.decode()
    assert "Owen Blake, your Technical Account Manager, is told at once." in alone
    standing_in.name_stand_in(
        cast.owen, stand_in=cast.hana, starts_at=now - timedelta(hours=1), ends_at=now + timedelta(days=2),
        by=acting(cast.ruth), at=now,
    )  # fmt: skip
    home, page = (client.get(address).content.decode() for address in ("/", request))
    assert "Hana Sato stands in:" in home
    assert "mailto:hana@vendor.example" in home
    assert (
        "Hana Sato is told at once, who stands in for Owen Blake, your Technical Account Manager, until"
        in page
    )
    assert "Hana Sato" not in as_(cast.aiko).get("/").content.decode()
    monkeypatch.setattr("django.utils.timezone.now", lambda: now + timedelta(days=3))
    for address in ("/", request):
        assert "Hana Sato" not in client.get(address).content.decode()


def test_who_manages_sees_kpis_uptime_and_documents_and_nobody_else_does(priya: Client, cast: Any) -> None:
    page = priya.get("/organisation").content.decode()
    for words in (
        "First responses in time",
        "Uptime",
        "at least 99.99 %, strict guarantee, each month",
        "(PDF)",
    ):
        assert words in page
    page = as_(cast.tom).get("/organisation").content.decode()
    assert "Uptime" not in page
    assert "(PDF)" not in page


def test_the_last_frozen_period_of_a_kpi_stands_beside_what_was_agreed(
    priya: Client, cast: Any, monkeypatch: Any
) -> None:
    at = datetime(2026, 5, 4, 12, tzinfo=UTC)
    monkeypatch.setattr("django.utils.timezone.now", lambda: at)
    found = measures.of_customer(cast.harbourline, date(2026, 3, 1), date(2026, 4, 1))
    closing.freeze([one for one in found if one.definition.kpi == "uptime"], at=at)
    page = priya.get("/organisation").content.decode()
    assert "100 %, reached" in page
    assert "March 2026" in page
    cast.priya.user.language = "de"
    cast.priya.user.save()
    page = priya.get("/organisation").content.decode()
    assert "100 %, erreicht" in page
    assert "mindestens 99,99 %, strenge Garantie, je Monat" in page
    assert "März 2026" in page
