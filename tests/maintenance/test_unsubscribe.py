"""Mails that go to many and answer nobody may be stopped by one click (RFC 8058); those that warn of danger not."""

from datetime import timedelta

from django.test import Client
from tests.maintenance.test_publications import mails, sent

from cast import NOW, Cast
from mainstay.customers.models import Contact
from mainstay.maintenance.models import Publication
from mainstay.notices import email
from mainstay.notices.models import Delivery


def release(advisory: Publication) -> Publication:
    """The same publication, as one of a release."""
    Publication.objects.filter(pk=advisory.pk).update(kind="patch", severity="")
    advisory.refresh_from_db()
    return advisory


def stop_of(delivery: Delivery) -> str:
    return delivery.unsubscribe.removeprefix("http://127.0.0.1:8000")


def test_a_publication_may_be_stopped_with_one_click_and_comes_again_when_asked_for(
    advisory, cast: Cast, as_
) -> None:
    sent(release(advisory), cast, as_)
    told = mails(advisory)["priya@harbourline.example"]
    message = email.build(told, NOW)
    assert message["List-Unsubscribe"] == f"<{told.unsubscribe}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert told.unsubscribe in told.text
    program = Client(
        enforce_csrf_checks=True
    )  # of a mail provider: nobody is signed in, there is no page of ours
    assert program.get(stop_of(told)).status_code == 200
    assert Contact.objects.get(pk=cast.priya.pk).unsubscribed_at is None  # looking stops nothing
    stopped = program.post(
        stop_of(told), "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded"
    )
    assert stopped.status_code == 200
    assert "You get no more mails" in stopped.content.decode()
    fields = {one.name: getattr(advisory, one.name) for one in Publication._meta.concrete_fields}
    fields |= {"id": None, "reference": "second", "state": "draft", "spread_to": 0}
    again = Publication.objects.create(**fields)
    for text in advisory.texts.all():
        text.pk, text.publication = None, again
        text.save()
    sent(again, cast, as_)
    second = Delivery.objects.filter(template="patch", recipient="priya@harbourline.example").latest("pk")
    assert (second.state, second.error) == ("suppressed", "this person wants no mail about publications")
    program.post(stop_of(told), {"again": "1"})
    assert Contact.objects.get(pk=cast.priya.pk).unsubscribed_at is None


def test_a_severe_advisory_comes_all_the_same_and_offers_nothing_else(advisory, cast: Cast, as_) -> None:
    Contact.objects.filter(pk=cast.priya.pk).update(unsubscribed_at=NOW - timedelta(days=1))
    sent(advisory, cast, as_)
    told = mails(advisory)["priya@harbourline.example"]
    assert told.state == "pending"
    assert told.unsubscribe == ""
    assert email.build(told, NOW)["List-Unsubscribe"] is None


def test_an_altered_link_stops_nothing(advisory, cast: Cast, as_) -> None:
    sent(release(advisory), cast, as_)
    stop = stop_of(mails(advisory)["priya@harbourline.example"])
    assert Client().post(stop[:-2]).status_code == 410
    assert not Contact.objects.exclude(unsubscribed_at=None).exists()
