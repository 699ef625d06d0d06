"""What is being written survives: on every machine of the person, with and without scripts, until it is sent."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from mainstay.intake import drafts
from mainstay.intake.models import FormDraft
from mainstay.tickets.models import Participant, Ticket

pytestmark = pytest.mark.django_db
TYPED = {
    "category": "technical",
    "subject": "Badges refused",
    "description": "Since 10:47.",
    "form_key": "k1",
}


def as_(person: Any) -> Client:
    client = Client()
    client.force_login(person.user)
    return client


def test_a_draft_is_there_on_another_machine_and_gone_once_sent(cast: Any) -> None:
    answer = as_(cast.priya).post("/drafts/request", {**TYPED, "steps": "1. hold the badge"})
    assert answer.json()["at"]
    page = as_(cast.priya).get("/requests/new").content.decode()
    assert "1. hold the badge" in page
    assert "kept on every machine of yours" in page
    assert "Badges refused" not in as_(cast.tom).get("/requests/new").content.decode()
    assert as_(cast.priya).post("/requests/new", TYPED).status_code == 302
    assert not FormDraft.objects.exists()


def test_without_a_script_a_button_keeps_it_and_another_throws_it_away(cast: Any) -> None:
    client = as_(cast.priya)
    assert client.post("/requests/new", {**TYPED, "act": "keep"}).status_code == 302
    assert not Ticket.objects.exists()
    assert "Badges refused" in client.get("/requests/new").content.decode()
    client.post("/requests/new", {**TYPED, "act": "discard"})
    assert "Badges refused" not in client.get("/requests/new").content.decode()


def test_words_of_a_reply_are_kept_too(cast: Any) -> None:
    client = as_(cast.priya)
    client.post("/requests/new", TYPED)
    ticket = Ticket.objects.get()
    client.post(f"/drafts/reply-{ticket.pk}", {"text": "And then it"})
    assert "And then it" in client.get(f"/requests/{ticket.pk}").content.decode()
    client.post(f"/requests/{ticket.pk}/replies", {"text": "And then it stopped."})
    assert not FormDraft.objects.exists()


@pytest.mark.parametrize("form", ["desk", "reply-0", "reply-x", "request-2"])
def test_a_form_that_is_not_known_keeps_nothing(cast: Any, form: str) -> None:
    assert as_(cast.priya).post(f"/drafts/{form}", {"text": "x"}).status_code == 404
    assert not FormDraft.objects.exists()


def test_a_draft_that_is_far_too_long_is_refused_and_the_one_before_stays(cast: Any) -> None:
    client = as_(cast.priya)
    client.post("/drafts/request", {"description": "short"})
    assert client.post("/drafts/request", {"description": "x" * 400_001}).status_code == 422
    assert FormDraft.objects.get().values == {"description": "short"}


def test_drafts_nobody_touches_are_forgotten_after_a_quarter(cast: Any) -> None:
    as_(cast.priya).post("/drafts/request", {"description": "short"})
    assert drafts.expire(timezone.now() + timedelta(days=89)) == 0
    assert drafts.expire(timezone.now() + timedelta(days=91)) == 1


@pytest.mark.parametrize(
    ("category", "asked", "not_asked"),
    [
        ("technical", {"steps", "frequency", "environment"}, {"invoice", "use_case"}),
        ("billing", {"invoice"}, {"steps", "use_case", "product_version"}),
        ("feature", {"use_case"}, {"steps", "invoice"}),
        ("enquiry", {"customer_reference"}, {"steps", "invoice", "use_case", "related_tickets"}),
    ],
)
def test_a_request_holds_what_its_category_asks_for_and_nothing_else(
    cast: Any, category: str, asked: set[str], not_asked: set[str]
) -> None:
    names = ("steps", "frequency", "invoice", "use_case", "product_version", "customer_reference")
    values = dict.fromkeys((*names, "related_tickets"), "x")
    values["environment"] = "Production"
    assert (
        as_(cast.priya)
        .post(
            "/requests/new",
            {**TYPED, **values, "category": category, "guide_production": "yes", "guide_available": "no"},
        )
        .status_code
        == 302
    )
    ticket = Ticket.objects.get()
    assert asked <= set(ticket.facts)
    assert not not_asked & set(ticket.facts)
    assert ticket.severity == (1 if category == "technical" else 3)


def test_the_answers_suggest_a_severity_with_its_promise(cast: Any) -> None:
    sent = {**TYPED, "guide_production": "yes", "guide_available": "no", "act": "suggest"}
    page = as_(cast.priya).post("/requests/new", sent).content.decode()
    assert "This looks like severity 1" in page
    assert "within 15 minutes, round the clock" in page


def test_people_of_the_same_customer_are_informed_and_no_others(cast: Any) -> None:
    sent = {**TYPED, "inform": [str(cast.tom.pk), str(cast.edgar.pk), "x"]}
    assert as_(cast.priya).post("/requests/new", sent).status_code == 302
    taking_part = Participant.objects.filter(ticket=Ticket.objects.get()).values_list("contact", flat=True)
    assert set(taking_part) == {cast.priya.pk, cast.tom.pk}
