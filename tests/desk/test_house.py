"""Held mail, outbox, customers, catalogue, people, notices, tickets by hand."""

from typing import Any

import pytest
from django.contrib.messages import get_messages

from cast import NOW, Cast, acting
from desk.sheets import published, refused, shown
from mainstay.accounts.models import User
from mainstay.catalogue import publish
from mainstay.catalogue.models import Package, ServiceLevel
from mainstay.customers.models import Customer
from mainstay.intake.models import Mail
from mainstay.notices.models import Delivery
from mainstay.tickets.models import Ticket

RAW = (
    b"From: Stranger <who@else.example>\r\nTo: support@vendor.example\r\nSubject: Please help\r\n"
    b"Message-ID: <1@else.example>\r\nDate: Mon, 02 Mar 2026 05:00:00 +0000\r\n\r\nThe sign-in is broken.\r\n"
)

HIGH = "/desk/catalogue/level/high"


@pytest.fixture
def held(cast: Cast) -> Mail:
    return Mail.objects.create(
        key="k1", received_at=NOW, source="smtp", raw=RAW, size=len(RAW), state="held", reason="nobody we know",
        subject="Please help", from_address="who@else.example", envelope_from="who@else.example",
        recipients=["support@vendor.example"],
    )  # fmt: skip


def decide(client: Any, mail: Mail, decision: str) -> Any:
    answer = client.post(f"/desk/held/{mail.pk}/{decision}")
    mail.refresh_from_db()
    return answer


def test_held_mail_is_read_and_made_a_ticket(cast: Cast, held: Mail, as_: Any) -> None:
    client = as_(cast.ifeoma)
    page = client.get(f"/desk/held/{held.pk}").content.decode()
    assert "The sign-in is broken." in page
    assert "nobody we know" in page
    answer = decide(client, held, "ticket")
    assert held.state == "done"
    assert answer["Location"] == f"/desk/tickets/{held.ticket_id}"


def test_spam_is_put_away_and_taken_back(cast: Cast, held: Mail, as_: Any) -> None:
    client = as_(cast.ifeoma)
    answer = decide(client, held, "spam")
    assert held.state == "spam"
    assert f"/desk/held/{held.pk}/restore" in client.get(answer["Location"]).content.decode()
    decide(client, held, "restore")
    assert held.state == "held"


def test_what_makes_no_sense_is_refused_in_words(cast: Cast, held: Mail, as_: Any) -> None:
    client = as_(cast.ifeoma)
    assert decide(client, held, "retry").status_code == 422
    assert decide(client, held, "join").status_code == 422
    assert decide(client, held, "burn").status_code == 404
    assert decide(as_(cast.dmitri), held, "spam").status_code == 404
    assert held.state == "held"


def test_the_source_is_a_download(cast: Cast, held: Mail, as_: Any) -> None:
    answer = as_(cast.mara).get(f"/desk/held/{held.pk}/source")
    assert b"".join(answer.streaming_content) == RAW
    assert answer["Content-Disposition"].startswith("attachment")


def test_a_failed_mail_is_shown_whole_and_sent_again(cast: Cast, as_: Any) -> None:
    one = Delivery.objects.create(
        channel="email", template="reply", recipient="priya@harbourline.example", subject="Re: badge",
        text="All of it.", state="failed", error="550 no such user", created_at=NOW, next_try_at=NOW,
    )  # fmt: skip
    client = as_(cast.mara)
    assert "Re: badge" in client.get("/desk/outbox?state=failed").content.decode()
    page = client.get(f"/desk/outbox/{one.pk}").content.decode()
    assert "All of it." in page
    assert "550 no such user" in page
    client.post(f"/desk/outbox/{one.pk}/retry")
    one.refresh_from_db()
    assert one.state == "pending"


def test_a_customer_is_added_with_its_domain_or_not_at_all(cast: Cast, as_: Any) -> None:
    client = as_(cast.lena)
    typed = {"name": "Aurelia Bank", "code": "aurelia", "time_zone": "Europe/Rome", "country": "it"}
    refused = client.post("/desk/customers", {**typed, "domain": "gmail.com"})
    assert refused.status_code == 422
    assert "public mail service" in refused.content.decode()
    assert not Customer.objects.filter(code="AURELIA").exists()
    answer = client.post("/desk/customers", {**typed, "domain": "aurelia.example"})
    assert answer["Location"] == "/desk/customers/AURELIA"
    for wrong in (
        {"code": "A B"},
        {"time_zone": "Mars/One"},
        {"time_zone": "../etc"},
        {"country": "XX"},
        {"name": ""},
    ):
        assert client.post("/desk/customers", {**typed, "code": "OTHER", **wrong}).status_code == 422, wrong


def test_a_contact_and_a_domain_are_added_to_a_customer(cast: Cast, as_: Any) -> None:
    client, at = as_(cast.lena), f"/desk/customers/{cast.corvid.code}"
    client.post(f"{at}/contacts", {"name": "Ada Crow", "email": "Ada@Corvid.example", "sees": "all"})
    assert cast.corvid.contacts.get(email="ada@corvid.example").sees == "all"
    again = client.post(f"{at}/contacts", {"name": "Ada <b>", "email": "ada@corvid.example"})
    assert again.status_code == 422
    assert "Ada &lt;b&gt;" in again.content.decode()
    assert client.post(f"{at}/domains", {"domain": "harbourline.example"}).status_code == 422


def test_an_administrator_publishes_the_next_version_and_signed_packages_keep_theirs(
    cast: Cast, as_: Any
) -> None:
    level = ServiceLevel.objects.get(code="high")
    at = next(
        n
        for n, row in enumerate(level.document["targets"])
        if row["clock"] == "first_response" and row["severity"] == 2
    )
    client = as_(cast.ruth)
    typed = shown(client, HIGH)
    typed["targets_target"][at] = "3h"
    published(client, HIGH, typed)
    newest = ServiceLevel.objects.filter(code="high").latest("version")
    assert newest.version == 2
    assert newest.document["targets"][at]["target"] == "3h"
    first, second = Package.objects.filter(code="high").order_by("version")
    assert (first.level, second.level) == (level, newest), "what was signed keeps what it names"
    assert (
        "first response, severity 2: 4h business time, promise became 3h" in client.get(HIGH).content.decode()
    )


def test_an_earlier_version_is_taken_up_again_and_a_package_names_its_level_as_it_is_now(
    cast: Cast, as_: Any
) -> None:
    level, client = ServiceLevel.objects.get(code="high"), as_(cast.ruth)
    typed = {**shown(client, HIGH), "name": ["Higher"]}
    typed["targets_target"] = ["9h" if one else "" for one in typed["targets_target"]]
    published(client, HIGH, typed)
    page = client.get(HIGH).content.decode()
    assert f'href="{HIGH}?version=1"' in page
    assert "name: High Priority became Higher" in page
    old = client.get(f"{HIGH}?version=1").content.decode()
    assert "This is what version 1 said." in old
    again = shown(client, f"{HIGH}?version=1")
    assert again["name"] == [level.name]
    assert [one for one in again["targets_target"] if one] == [
        row["target"] for row in level.document["targets"]
    ]
    assert "This is what version" not in client.get(f"{HIGH}?version=99").content.decode()
    assert "Take it up again" not in as_(cast.dmitri).get(HIGH).content.decode()
    assert shown(client, "/desk/catalogue/package/high")["level"] == ["high"]
    published(client, HIGH, again)
    now = ServiceLevel.objects.filter(code="high").latest("version")
    assert (now.version, now.name, now.document) == (3, level.name, level.document)


def test_a_wrong_target_names_its_row_and_keeps_the_table(cast: Cast, as_: Any) -> None:
    client = as_(cast.ruth)
    typed = shown(client, HIGH)
    typed["targets_target"][2] = "soon"
    page = refused(client, HIGH, typed)
    assert "Targets 3, target: " in page
    assert 'value="soon"' in page
    assert ServiceLevel.objects.filter(code="high").count() == 1


@pytest.mark.parametrize("document", ["", "{", "[]", "7", "{}", '{"format": 1}'])
def test_what_is_no_document_is_refused(document: str, cast: Cast, as_: Any) -> None:
    form = {"document": document, "reason": "a new year", "over": "1"}
    assert as_(cast.ruth).post("/desk/catalogue/policy/desk", form).status_code == 422


def test_what_was_withdrawn_is_read_and_not_published(cast: Cast, as_: Any) -> None:
    parts = publish.export_parts()
    del parts["packages"]["high"]
    publish.load_parts(parts, by=acting(cast.ruth), at=NOW, reason="Nobody wants it")
    client, address = as_(cast.ruth), "/desk/catalogue/package/high"
    page = client.get(address).content.decode()
    assert "Withdrawn: nobody new gets it" in page
    assert '<form method="post" id="sheet"' not in page
    assert client.post(address, {"document": "{}"}).status_code == 404


def test_only_an_administrator_publishes_or_appoints(cast: Cast, as_: Any) -> None:
    for who in (cast.mara, cast.hana, cast.dmitri):
        client = as_(who)
        assert client.post(HIGH, shown(as_(cast.ruth), HIGH)).status_code == 404
        assert (
            client.post(f"/desk/people/{who.pk}", {"roles": ["administrator"], "is_active": "1"}).status_code
            == 404
        )
        assert (
            client.post(
                "/desk/people", {"name": "X", "email": "x@v.example", "roles": "engineer"}
            ).status_code
            == 404
        )


def test_staff_are_added_and_changed_and_one_administrator_always_stays(cast: Cast, as_: Any) -> None:
    client = as_(cast.ruth)
    client.post(
        "/desk/people",
        {"name": "Jonas Weber", "email": "jonas.w@vendor.example", "roles": ["engineer", "triage"]},
    )
    jonas = User.objects.get(email="jonas.w@vendor.example")
    assert set(jonas.roles) == {"engineer", "triage"}
    client.post(
        f"/desk/people/{jonas.pk}", {"roles": ["manager"], "is_active": "1", "time_zone": "Europe/Berlin"}
    )
    jonas.refresh_from_db()
    assert (jonas.roles, jonas.time_zone) == (["manager"], "Europe/Berlin")
    last = client.post(
        f"/desk/people/{cast.ruth.pk}", {"roles": ["manager"], "is_active": "1", "time_zone": "UTC"}
    )
    assert last.status_code == 422
    assert "last administrator" in last.content.decode()
    both = client.post(
        f"/desk/people/{jonas.pk}", {"roles": ["auditor", "manager"], "is_active": "1", "time_zone": "UTC"}
    )
    assert both.status_code == 422
    contact = client.post("/desk/people", {"name": "Priya", "email": cast.priya.email, "roles": ["engineer"]})
    assert contact.status_code == 422


def test_a_call_becomes_a_ticket(cast: Cast, as_: Any) -> None:
    typed = {
        "channel": "phone", "customer": cast.harbourline.code, "contact": cast.priya.email, "subject": "Badges fail",
        "description": "She says that nobody can sign in.",
    }  # fmt: skip
    client = as_(cast.ifeoma)
    refused = client.post("/desk/tickets/new", {**typed, "contact": cast.edgar.email})
    assert refused.status_code == 422
    assert "She says that nobody" in refused.content.decode()
    answer = client.post("/desk/tickets/new", typed)
    ticket = Ticket.objects.latest("pk")
    assert answer["Location"] == f"/desk/tickets/{ticket.pk}"
    assert (ticket.channel, ticket.severity, ticket.customer, ticket.requester) == (
        "phone",
        3,
        cast.harbourline,
        cast.priya,
    )
    assert "acknowledged" in " ".join(str(m) for m in get_messages(answer.wsgi_request))
    assert (
        client.post("/desk/tickets/new", {"channel": "phone", "subject": "", "description": "x"}).status_code
        == 422
    )


def test_notices_are_seen_by_their_own_person_only(cast: Cast, as_: Any) -> None:
    one = Delivery.objects.create(
        channel="desk", template="assigned", recipient=f"user:{cast.mara.pk}", user=cast.mara, subject="Yours: badge",
        text="x", created_at=NOW, next_try_at=NOW, state="sent",
    )  # fmt: skip
    as_(cast.sanjay).post("/desk/now/seen", {"notice": one.pk})
    assert "Yours: badge" in as_(cast.mara).get("/desk/now").content.decode()
    as_(cast.mara).post("/desk/now/seen", {"notice": one.pk})
    assert "Yours: badge" not in as_(cast.mara).get("/desk/now").content.decode()


def test_pages_withstand_what_no_person_types(cast: Cast, as_: Any) -> None:
    client = as_(cast.ruth)
    for page in (
        "/desk/customers?from=%00&q=%00", "/desk/tickets/new?customer=%00",
        "/desk/?q=%00%EF%BF%BF&after=99999999999999999999",
        "/desk/?view=%00", "/desk/held?list=%00&after=99999999999999999999&undo=%00",
        "/desk/outbox?state=%00&after=%00",
        "/desk/?q=" + "%F0%9F%92%A5" * 300,
    ):  # fmt: skip
        assert client.get(page).status_code == 200, page
    for page in (
        "/desk/tickets/99999999999999999999", "/desk/held/99999999999999999999", "/desk/customers/%00",
        "/desk/people/99999999999999999999", "/desk/attachments/99999999999999999999",
    ):  # fmt: skip
        assert client.get(page).status_code == 404, page


def test_forms_withstand_what_no_person_types(cast: Cast, as_: Any) -> None:
    client, junk = as_(cast.ruth), "\x00" + "x" * 5000
    fields = ("name", "code", "email", "domain", "time_zone", "country", "phone", "subject", "description", "customer",
              "contact", "caller", "reference", "channel", "roles", "reason", "rank", "level", "notice")  # fmt: skip
    for page in ("/desk/customers", f"/desk/customers/{cast.quill.code}/contacts",
                 f"/desk/customers/{cast.quill.code}/domains",
                 "/desk/tickets/new", "/desk/people", f"/desk/people/{cast.mara.pk}", "/desk/catalogue/policy/desk",
                 "/desk/catalogue/level/high"):  # fmt: skip
        assert client.post(page, dict.fromkeys(fields, junk)).status_code == 422, page
    for text in ('{"a": "\\u0000"}', '{"a": "\\ud800"}', "[" * 100_000, "1e999", "NaN"):
        assert (
            client.post(
                "/desk/catalogue/policy/desk", {"document": text, "reason": "x", "over": "1"}
            ).status_code
            == 422
        ), text[:20]
    assert (
        client.post(
            "/desk/people", {"name": "X", "email": "x@v.example", "roles": "engineer", "time_zone": "Europe"}
        ).status_code
        == 422
    )
    assert client.post("/desk/now/seen", {"notice": ["9" * 30, "\x00", "-1"]}).status_code == 303
