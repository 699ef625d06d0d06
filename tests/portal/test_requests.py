"""A customer's person in the portal: signs in, raises a request, follows it, answers, accepts, closes."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from mainstay.accounts.actor import Actor
from mainstay.tickets import closure, resolution
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Attachment, Clock, Event, Message, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def priya(cast: Any) -> Client:
    client = Client()
    client.force_login(cast.priya.user)
    return client


@pytest.fixture
def edgar(cast: Any) -> Client:
    client = Client()
    client.force_login(cast.edgar.user)
    return client


def raised(client: Client, **more: Any) -> Ticket:
    given = {
        "category": "technical",
        "subject": "Badges refused",
        "description": "Since 10:47.",
        "form_key": "k1",
    }
    response = client.post("/requests/new", {**given, **more})
    assert response.status_code == 302, response.content.decode()[:3000]
    return Ticket.objects.latest("pk")


def test_a_contact_raises_a_request_with_all_it_holds_and_sees_number_severity_and_promise(
    priya: Client,
) -> None:
    shot = SimpleUploadedFile("../../screen.png", b"\x89PNG\r\n\x1a\n0000", content_type="text/html")
    ticket = raised(
        priya,
        files=shot,
        product_version="9.4.2",
        steps="1. hold the badge",
        customer_reference="INC0094417",
        guide_production="yes",
        guide_available="no",
    )
    assert (ticket.severity, ticket.category, ticket.channel) == (1, "technical", "portal")
    assert ticket.facts["product_version"]["value"] == "9.4.2"
    assert ticket.customer_reference == "INC0094417"
    assert ticket.emergency
    attachment = Attachment.objects.get()
    assert (attachment.name, attachment.content_type) == ("screen.png", "image/png")
    page = priya.get(f"/requests/{ticket.pk}").content.decode()
    assert str(ticket.pk) in page
    assert "Severity 1" in page
    assert "First response" in page


def test_without_answers_it_opens_at_the_lowest_severity(priya: Client) -> None:
    assert raised(priya).severity == 3


def test_pressing_the_button_twice_raises_one_request(priya: Client) -> None:
    raised(priya)
    raised(priya)
    assert Ticket.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"subject": ""}, "Subject"),
        ({"description": " "}, "Description"),
        ({"category": ""}, "Category"),
        ({"category": "revenge"}, "Category"),
        ({"environment": "of another"}, "Environment"),
        ({"guide_production": "perhaps"}, "Production"),
    ],
)
def test_bad_input_gets_one_error_naming_the_field_and_keeps_what_was_typed(
    priya: Client, given: dict[str, str], field: str
) -> None:
    whole = {
        "category": "technical",
        "subject": "One",
        "description": "Two",
        "steps": "kept as typed",
        "form_key": "x",
    }
    response = priya.post("/requests/new", {**whole, **given})
    page = response.content.decode()
    assert response.status_code == 422
    assert f"<b>{field}</b>" in page
    assert "kept as typed" in page
    assert not Ticket.objects.exists()


def test_a_reply_in_the_portal_starts_the_next_response_exactly_as_a_mail_does__lesson_5(
    priya: Client, cast: Any
) -> None:
    ticket = raised(priya)
    resolution.reply(ticket, said=Said("We look.", "desk"), by=Actor.staff(cast.mara), at=timezone.now())
    priya.post(f"/requests/{ticket.pk}/replies", {"text": "And?"})
    assert Clock.objects.filter(ticket=ticket, clock="next_response", state="running").exists()


def test_the_customer_accepts_a_solution_with_one_button(priya: Client, cast: Any) -> None:
    ticket = raised(priya)
    resolution.propose_solution(ticket, text="Renew it.", by=Actor.staff(cast.mara), at=timezone.now())
    assert "Is it solved?" in priya.get(f"/requests/{ticket.pk}").content.decode()
    priya.post(f"/requests/{ticket.pk}/acceptance")
    ticket.refresh_from_db()
    assert (ticket.state, ticket.close_reason) == ("closed", "resolved")


def test_the_customer_says_not_solved_with_one_click__lesson_37(priya: Client, cast: Any) -> None:
    ticket = raised(priya)
    resolution.propose_solution(ticket, text="Renew it.", by=Actor.staff(cast.mara), at=timezone.now())
    priya.post(f"/requests/{ticket.pk}/refusal")
    ticket.refresh_from_db()
    assert ticket.state == "open"
    assert Event.objects.filter(ticket=ticket, kind="solution_rejected").exists()


def test_the_customer_closes_and_a_reply_within_the_window_reopens(priya: Client) -> None:
    ticket = raised(priya)
    priya.post(f"/requests/{ticket.pk}/closure", {"text": "Found it ourselves"})
    ticket.refresh_from_db()
    assert ticket.close_reason == "closed_by_customer"
    priya.post(f"/requests/{ticket.pk}/replies", {"text": "It is back."})
    ticket.refresh_from_db()
    assert ticket.state == "open"


def test_a_reply_after_the_window_raises_a_linked_follow_up(priya: Client, cast: Any) -> None:
    ticket = raised(priya)
    closure.close_by_customer(ticket, text="", by=Actor.contact(cast.priya.pk, "Priya"), at=timezone.now())
    Ticket.objects.filter(pk=ticket.pk).update(closed_at="2026-01-01T00:00:00Z")
    priya.post(f"/requests/{ticket.pk}/replies", {"text": "Again"})
    follow = Ticket.objects.latest("pk")
    assert follow.follows_id == ticket.pk
    assert Ticket.objects.get(pk=ticket.pk).state == "closed"


def test_a_note_is_never_seen_by_a_customer__attack_37(priya: Client, cast: Any) -> None:
    ticket = raised(priya)
    resolution.note(
        ticket, said=Said("their admin is careless", "desk"), by=Actor.staff(cast.mara), at=timezone.now()
    )
    assert "careless" not in priya.get(f"/requests/{ticket.pk}").content.decode()
    assert Message.objects.filter(ticket=ticket, kind="note").exists()


def test_another_customers_request_does_not_exist_for_them__attack_43(priya: Client, edgar: Client) -> None:
    ticket = raised(priya, files=SimpleUploadedFile("a.log", b"secret"))
    assert edgar.get(f"/requests/{ticket.pk}").status_code == 404
    assert edgar.get(f"/files/{Attachment.objects.get().pk}").status_code == 404
    for act in ("replies", "acceptance", "refusal", "closure", "reopening"):
        assert edgar.post(f"/requests/{ticket.pk}/{act}", {"text": "x"}).status_code == 404
    assert "Badges" not in edgar.get("/requests").content.decode()


def test_a_file_is_only_ever_a_download__attack_26(priya: Client) -> None:
    raised(priya, files=SimpleUploadedFile("x.svg", b"<svg onload=alert(1)>"))
    response = priya.get(f"/files/{Attachment.objects.get().pk}")
    assert response["Content-Disposition"].startswith("attachment")
    assert response["Content-Security-Policy"].startswith("sandbox")
    assert response["Content-Type"] == "application/octet-stream"


def test_a_file_that_is_gone_from_the_disk_is_not_found(priya: Client, cast: Any) -> None:
    from mainstay.tickets import files

    raised(priya, files=SimpleUploadedFile("a.log", b"only here, for a moment"))
    attachment = Attachment.objects.get()
    files.where(attachment.sha256).unlink()
    assert priya.get(f"/files/{attachment.pk}").status_code == 404
    priya.force_login(cast.mara)
    assert priya.get(f"/desk/attachments/{attachment.pk}").status_code == 404


def test_words_of_others_are_never_markup__attack_24(priya: Client) -> None:
    ticket = raised(priya, subject="<script>alert(1)</script>", description="<img src=x onerror=alert(1)>")
    page = priya.get(f"/requests/{ticket.pk}").content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page


@pytest.mark.parametrize(
    "path", ["/", "/requests", "/requests?show=closed", "/requests/new", "/requests?before=x"]
)
def test_every_page_opens(priya: Client, path: str) -> None:
    raised(priya)
    assert priya.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/requests", "/requests/new", "/requests/1", "/files/1"])
def test_the_signed_out_are_led_to_signing_in(client: Client, path: str) -> None:
    assert client.get(path)["Location"].startswith("/sign-in")


def test_a_promise_shows_what_is_used_by_now(priya: Client, cast: Any) -> None:
    from datetime import timedelta

    from mainstay.ui.clock_shapes import used_at

    ticket = raised(priya, guide_production="yes", guide_available="no")
    first = Clock.objects.get(ticket=ticket, clock="first_response")
    assert first.calendar == "always"
    assert used_at(first, ticket, first.as_of + timedelta(minutes=5)) == first.used + 300
