"""A new customer: their people from a list, the welcome mail, the checklist; and subscriptions put right (P1, P5)."""

from datetime import date
from typing import Any

from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile

from cast import NOW, Cast
from mainstay.accounts.models import Act
from mainstay.allowances import onboarding
from mainstay.customers.models import Contact, Subscription
from mainstay.notices import sending
from mainstay.notices.models import Delivery
from mainstay.tickets.scope import seeing


def told(answer: Any) -> str:
    assert answer.status_code == 303, answer.content.decode()[:3000]
    return " ".join(str(one) for one in get_messages(answer.wsgi_request))


AT = "/desk/customers/FERNLEIGH/onboarding"
LIST = "Name;Email;Phone\nAnn Lee;ann@fernleigh.example;+44 1\nBeth;BETH@fernleigh.example;\nCarl;carl@@x;\n"


def test_a_list_is_looked_at_before_anything_is_written(cast: Cast, now: Any, as_: Any) -> None:
    client = as_(cast.lena)
    before = Contact.objects.count()
    upload = SimpleUploadedFile("people.csv", LIST.encode("utf-16"), "text/csv")
    page = client.post(f"{AT}/contacts", {"file": upload})
    assert page.status_code == 200
    body = page.content.decode()
    assert "UTF-16, separated by semicolons, with headings" in body
    for words in (
        "is a contact already",
        "its address must be one mail address",
        "1 lines are wrong",
        "Add 1 person",
    ):
        assert words in body, words
    assert Contact.objects.count() == before


def test_the_right_lines_are_added_once_the_wrong_ones_are_dealt_with(cast: Cast, now: Any, as_: Any) -> None:
    client = as_(cast.lena)
    wrong = client.post(f"{AT}/contacts", {"list": LIST, "import": "1"})
    assert wrong.status_code == 422
    assert "line 4 its address must be one mail address" in wrong.content.decode()
    assert not Contact.objects.filter(email="ann@fernleigh.example").exists()
    done = client.post(f"{AT}/contacts", {"list": LIST, "import": "1", "without_wrong": "1"})
    assert told(done) == "Ann Lee is a contact now."
    again = client.post(f"{AT}/contacts", {"list": LIST, "import": "1", "without_wrong": "1"})
    assert "holds nobody who is not a contact already" in again.content.decode()
    ann = Contact.objects.get(email="ann@fernleigh.example")
    assert (ann.customer, ann.phone, ann.sees) == (cast.fernleigh, "+44 1", "own")
    assert Act.objects.filter(kind="contacts imported").count() == 1


def test_who_is_a_contact_elsewhere_is_said_and_added(cast: Cast, now: Any, as_: Any) -> None:
    body = as_(cast.lena).post(f"{AT}/contacts", {"list": "Edgar,edgar@corvid.example"}).content.decode()
    assert "also a contact of Corvid Energy" in body


def test_the_welcome_mail_is_seen_before_it_goes_and_goes_once(cast: Cast, now: Any, as_: Any) -> None:
    client = as_(cast.lena)
    form = client.get(AT).content.decode()
    assert "The portal: {portal}" in form
    typed = {
        "people": [cast.beth.pk, cast.edgar.pk],
        "subject": "Hello {customer}",
        "text": "Dear {name},\n\n{{7*7}}",
    }
    page = client.post(f"{AT}/welcome", typed).content.decode()
    assert "To: beth@fernleigh.example" in page
    assert "Subject: Hello Fernleigh Schools" in page
    assert not Delivery.objects.filter(template="welcome").exists()
    assert "on its way to 1" in told(client.post(f"{AT}/welcome", {**typed, "send": "1"}))
    (mail,) = Delivery.objects.filter(template="welcome")
    assert (mail.recipient, mail.contact, mail.state) == ("beth@fernleigh.example", cast.beth, "pending")
    assert "Dear Beth Ellis," in mail.text
    assert "{{7*7}}" in mail.text
    assert (
        "a few minutes ago already" in client.post(f"{AT}/welcome", {**typed, "send": "1"}).content.decode()
    )
    sent: list[Any] = []

    class Post:
        def send(self, delivery: Any, message: Any) -> None:
            sent.append(message)

        def close(self) -> None: ...

    sending.send_due(NOW, Post())
    assert [one["Subject"] for one in sent] == ["Hello Fernleigh Schools"]
    with seeing([cast.fernleigh.pk]):
        assert not Delivery.objects.filter(template="welcome").exists()


def test_nobody_chosen_no_words_and_failing_addresses_are_refused(cast: Cast, now: Any, as_: Any) -> None:
    client, good = as_(cast.hana), {"people": cast.beth.pk, "subject": "Hello", "text": "Dear", "send": "1"}
    for odd, why in (({"people": ""}, "are not chosen"), ({"subject": ""}, "must be 1 to 200"),
                     ({"text": " "}, "must be 1 to 20,000"),
                     ({"people": cast.edgar.pk}, "are not chosen")):  # fmt: skip
        answer = client.post(f"{AT}/welcome", {**good, **odd})
        assert answer.status_code == 422
        assert why in answer.content.decode()
    Contact.objects.filter(pk=cast.beth.pk).update(failing_since=NOW, failing_reason="550")
    assert "whose mail fails" in client.post(f"{AT}/welcome", good).content.decode()


def test_the_checklist_ticks_itself_where_a_fact_shows_it(cast: Cast, now: Any, as_: Any) -> None:
    def done(customer: Any) -> set[str]:
        items = onboarding.checklist(customer, NOW).items
        return {one.code for one in items if one.done}

    assert done(cast.harbourline) == {"agreement", "contacts", "domain", "environments", "tam"}
    client, at = as_(cast.lena), "/desk/customers/HARBOURLINE/onboarding"
    assert told(client.post(f"{at}/ticks", {"item": "introduced", "note": "Lunch in Sydney"})) == "Ticked."
    assert "Lunch in Sydney" in client.get(at).content.decode()
    assert client.post(f"{at}/ticks", {"item": "introduced"}).status_code == 422
    assert client.post(f"{at}/ticks", {"item": "nonsense"}).status_code == 422
    as_(cast.priya).post("/sign-out")
    from django.test import Client

    signs_in = Client().post("/sign-in", {"email": cast.priya.email, "password": "correct horse battery"})
    assert signs_in.status_code == 302
    assert {"introduced", "signed_in"} <= done(cast.harbourline)
    assert told(client.post(f"{at}/ticks", {"item": "introduced", "remove": "1"})) == "Taken back."
    assert "introduced" not in done(cast.harbourline)
    needed = {one.code for one in onboarding.checklist(cast.quill, NOW).items if one.needed}
    assert not {"tam", "introduced", "phone", "named"} & needed


# ---- subscriptions


def test_subscriptions_that_end_are_listed_until_something_follows(cast: Cast, now: Any, as_: Any) -> None:
    client = as_(cast.lena)
    mine = Subscription.objects.get(customer=cast.quill)
    Subscription.objects.filter(pk=mine.pk).update(ends_on=date(2026, 4, 1))
    page = client.get("/desk/subscriptions").content.decode()
    assert "Quill &amp; Sons" in page
    assert "in 30 days" in page
    at = f"/desk/customers/QUILL/subscriptions/{mine.pk}"
    assert 'value="2027-04-01"' in client.get(at).content.decode()
    assert "Renewed from 2 April 2026 to 1 April 2027" in told(
        client.post(f"{at}/renewal", {"last_day": "2027-04-01"})
    )
    assert "Quill" not in client.get("/desk/subscriptions").content.decode()
    assert "one holds already" in client.post(f"{at}/renewal", {"last_day": "2027-04-01"}).content.decode()


def test_a_wrong_subscription_is_put_right_with_its_reason(cast: Cast, now: Any, as_: Any) -> None:
    client, mine = as_(cast.lena), Subscription.objects.get(customer=cast.quill)
    at = f"/desk/customers/QUILL/subscriptions/{mine.pk}"
    good = {"product": "beacon", "first_day": "2025-01-01", "last_day": "2026-12-31", "reason": "Typed wrong"}
    for odd, why in (({"reason": ""}, "must say why"), ({"last_day": "2024-01-01"}, "before the first day"),
                     ({"product": "x"}, "is no product"), ({"first_day": ""}, "is missing")):  # fmt: skip
        answer = client.post(at, {**good, **odd})
        assert answer.status_code == 422
        assert why in answer.content.decode()
    assert "product: Atlas Directory became Beacon Sync" in told(client.post(at, good))
    assert Act.objects.get(kind="subscription changed").after["because"] == "Typed wrong"
    assert as_(cast.mara).post(at, good).status_code == 404


def test_what_a_subscription_covered_stays_covered(cast: Cast, now: Any, asks: Any, as_: Any) -> None:
    ticket = asks(cast.jonah)
    client, mine = as_(cast.lena), Subscription.objects.get(customer=cast.quill)
    at = f"/desk/customers/QUILL/subscriptions/{mine.pk}"
    keeps = {"product": "atlas", "first_day": mine.starts_on.isoformat(), "reason": "They left"}
    early = client.post(at, {**keeps, "last_day": "2026-03-01"})
    assert f"would leave ticket {ticket.pk}, received on 2026-03-02" in early.content.decode()
    gone = client.post(f"{at}/removal", {"reason": "Never was"})
    assert f"would leave ticket {ticket.pk}" in gone.content.decode()
    told(client.post(at, {**keeps, "last_day": "2026-03-02"}))
    slip = Subscription.objects.create(
        customer=cast.quill, starts_on=date(2029, 1, 1), ends_on=date(2029, 2, 1)
    )
    told(client.post(f"/desk/customers/QUILL/subscriptions/{slip.pk}/removal", {"reason": "A slip"}))
    assert not Subscription.objects.filter(pk=slip.pk).exists()
