"""What goes wrong where nobody looks is told to people: once when it begins, once a day while it lasts."""

from datetime import datetime, timedelta

from cast import NOW, Cast
from mainstay.intake.email.accept import accept
from mainstay.intake.models import Mail, Mailbox
from mainstay.notices.models import Delivery
from mainstay.notices.trouble import tell


def quarantined(number: int, at: datetime) -> None:
    made = accept(f"From: a@b.example\nSubject: Odd {number}\n\nx{number}".encode(), source="smtp", at=at)
    Mail.objects.filter(pk=made).update(
        state=Mail.State.QUARANTINE, subject=f"Odd {number}", reason="could not be handled: it is odd"
    )


def told(kind: str) -> list[tuple[str, str]]:
    rows = Delivery.objects.filter(template=kind).order_by("pk")
    return [(row.user.email, row.channel) for row in rows if row.user]


def test_mail_in_quarantine_is_told_to_administrators_by_desk_and_mail__lesson_34(cast: Cast) -> None:
    assert tell(NOW) == 0
    quarantined(1, NOW)
    tell(NOW + timedelta(seconds=5))
    assert told("quarantine") == [("ruth@vendor.example", "desk"), ("ruth@vendor.example", "email")]
    letter = Delivery.objects.filter(template="quarantine", channel="email").get()
    assert letter.subject == "1 message in quarantine"
    assert "Odd 1: could not be handled" in letter.text
    assert "/desk/held" in letter.text


def test_it_is_told_again_for_another_message_and_once_a_day_not_every_minute(cast: Cast) -> None:
    quarantined(1, NOW)
    for minute in range(10):
        tell(NOW + timedelta(minutes=minute))
    assert len(told("quarantine")) == 2
    quarantined(2, NOW + timedelta(minutes=20))
    tell(NOW + timedelta(minutes=21))
    assert len(told("quarantine")) == 4
    tell(NOW + timedelta(hours=23))
    assert len(told("quarantine")) == 4
    tell(NOW + timedelta(hours=25))
    assert len(told("quarantine")) == 6


def test_nothing_is_told_once_it_is_decided(cast: Cast) -> None:
    quarantined(1, NOW)
    Mail.objects.update(state=Mail.State.TRASH)
    assert tell(NOW + timedelta(minutes=1)) == 0


def test_mail_that_is_held_for_hours_is_brought_back_to_triage(cast: Cast) -> None:
    quarantined(1, NOW)
    Mail.objects.update(state=Mail.State.HELD)
    assert tell(NOW + timedelta(hours=3)) == 0
    tell(NOW + timedelta(hours=5))
    assert told("held") == [("ifeoma@vendor.example", "desk"), ("ifeoma@vendor.example", "email")]


def test_a_mailbox_that_cannot_be_reached_is_told_after_five_minutes(cast: Cast) -> None:
    Mailbox.objects.create(
        address="atlas@vendor.example", name="Atlas", kind="imap", failing_since=NOW, error="no such host"
    )
    assert tell(NOW + timedelta(minutes=4)) == 0
    tell(NOW + timedelta(minutes=6))
    tell(NOW + timedelta(minutes=7))
    letter = Delivery.objects.filter(channel="email").get()
    assert letter.subject == "atlas@vendor.example cannot be fetched"
    assert "no such host" in letter.text
