"""A vendor that starts with an empty desk sets itself up in it: customers, contracts, products, people, teams."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import DatabaseError, connection, connections, transaction
from django.test import Client

from cast import NOW, Cast, acting
from mainstay.accounts import acts, sign_in
from mainstay.accounts.models import Act, Team, User
from mainstay.config import demo
from mainstay.config.env import env
from mainstay.contracts.entitlement import entitlement_at
from mainstay.contracts.models import Contract
from mainstay.customers.models import Contact, Customer, Environment, Release
from mainstay.intake.email.accept import accept
from mainstay.intake.email.handle import handle_new
from mainstay.notices.models import Delivery
from mainstay.staffing.models import Absence, Engineer
from mainstay.tickets import dispatch
from mainstay.tickets.models import Clock, Ticket

MX = "mx.vendor.example"


def told(answer: Any) -> str:
    return " ".join(str(one) for one in get_messages(answer.wsgi_request))


def done(answer: Any) -> str:
    """What the page told after an act that was done."""
    assert answer.status_code == 303, answer.content.decode()[:4000]
    return told(answer)


def refused(answer: Any) -> str:
    assert answer.status_code == 422, answer.status_code
    return str(answer.content.decode())


@pytest.fixture
def our_mail(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A receiving server whose results are believed."""
    monkeypatch.setenv("MAINSTAY_AUTHSERV_ID", MX)
    env.cache_clear()
    yield
    monkeypatch.undo()
    env.cache_clear()


# ---- Monday


def test_on_monday_an_empty_desk_becomes_one_that_promises(db: Any, now: datetime, our_mail: None) -> None:
    [(_, email, _)] = demo.install_empty(NOW)
    desk = Client()
    desk.force_login(User.objects.get(email=email))

    done(desk.post("/desk/products", {"name": "Comet Billing", "code": "Comet"}))
    release = {"version": "2.0", "released_on": "2026-01-01", "maintained_until": "2028-12-31"}
    assert "until 31 December 2028" in done(desk.post("/desk/products/comet/releases", release))

    typed = {"name": "Norden Bank", "code": "norden", "time_zone": "Europe/Oslo", "domain": "norden.example"}
    done(desk.post("/desk/customers", {**typed, "country": "no"}))
    at = "/desk/customers/NORDEN"
    assert "Nothing is promised" in desk.get(at).content.decode()
    done(desk.post(f"{at}/contacts", {"name": "Kari Dahl", "email": "kari@norden.example", "sees": "all"}))
    system = {"name": "Production", "kind": "production", "release": Release.objects.get().pk}
    assert "running Comet Billing 2.0" in done(desk.post(f"{at}/environments", system))
    paper = {"number": "NB-1", "package": "high", "first_day": "2026-03-01", "last_day": "2027-02-28"}
    assert "NB-1 is signed" in done(desk.post(f"{at}/contracts", {**paper, "phone_number": "+47 5550 0100"}))

    person = {"name": "Jonas Weber", "email": "jonas@vendor.example", "roles": ["engineer", "triage"]}
    hired = desk.post("/desk/people", {**person, "time_zone": "Europe/Oslo"})
    page = hired["Location"]
    assert "never proposed" in desk.get(page).content.decode()
    plan = {"skills": ["comet"], "languages": "en, nb", "mon": "06:00-12:30, 13:00-17:00", "capacity": "8"}
    assert "on duty: mon 06:00-12:30, 13:00-17:00" in done(desk.post(f"{page}/duty", plan))
    done(
        desk.post(
            "/desk/teams",
            {"name": "Support", "categories": ["technical"], "members": [page.rpartition("/")[2]]},
        )
    )

    raw = (
        f"Authentication-Results: {MX}; dmarc=pass header.from=norden.example\r\n"
        "From: Kari Dahl <kari@norden.example>\r\nTo: support@vendor.example\r\nSubject: Invoices stand still\r\n"
        "Message-ID: <1@norden.example>\r\n\r\nSince 06:10 no invoice goes out.\r\n"
    ).encode()
    accept(raw, source="smtp", envelope_from="kari@norden.example", at=NOW)
    handle_new(NOW)

    ticket = Ticket.objects.get()
    assert (ticket.customer, ticket.requester) == (Customer.objects.get(), Contact.objects.get())
    assert ticket.contract == Contract.objects.get()
    assert Clock.objects.filter(ticket=ticket, clock="first_response", due_at__isnull=False).exists()
    done(desk.post(f"/desk/tickets/{ticket.pk}/facts/environment", {"value": "Production"}))
    triaged = {"severity": "2", "category": "technical", "reason": "Work stands still."}
    done(desk.post(f"/desk/tickets/{ticket.pk}/triage", triaged))
    ticket.refresh_from_db()
    assert ticket.team == Team.objects.get()
    proposed = [one.user.name for one in dispatch.candidates(ticket, at=NOW)]
    assert proposed == ["Jonas Weber"]
    kinds = [one.kind for one in acts.page(None, most=50)]
    assert kinds == [
        "team added", "duty planned", "staff added", "contract signed", "environment added", "contact added",
        "mail domain added", "customer added", "release added", "product added",
    ]  # fmt: skip


# ---- contracts and subscriptions


def test_a_contract_that_cannot_be_is_refused_and_what_was_typed_stays(cast: Cast, as_: Any) -> None:
    client, at = as_(cast.lena), f"/desk/customers/{cast.quill.code}/contracts"
    paper = {"number": "QS-7", "package": "standard", "first_day": "2026-04-01", "last_day": "2027-03-31"}
    foreign = cast.production(cast.corvid).pk
    for wrong, why in (
        ({"number": ""}, "Number: must be"),
        ({"number": "HA-2025-1"}, "is taken"),
        ({"package": ""}, "Package: is not chosen"),
        ({"package": "gold"}, "there is no package"),
        ({"first_day": ""}, "First day: is missing"),
        ({"first_day": "soon"}, "First day: cannot be read"),
        ({"last_day": "2026-03-31"}, "before it begins"),
        ({"last_day": "9999-12-31"}, "that cannot be meant"),
        ({"environment": foreign}, "is not one of Quill"),
        ({"environment": "x"}, "Environment: must be"),
        ({"phone_number": "1" * 41}, "Phone number: must be"),
    ):
        said = refused(client.post(at, {**paper, **wrong}))
        assert why in said, (wrong, why)
        assert ('value="QS-7"' in said) is ("number" not in wrong)
    assert not cast.quill.contracts.exists()
    done(client.post(at, {**paper, "last_day": "", "signed_on": "2026-02-20"}))
    made = cast.quill.contracts.get()
    assert (made.period.upper, f"{made.signed_on}", made.signed_by) == (None, "2026-02-20", cast.lena)
    assert "overlaps contract QS-7" in refused(client.post(at, {**paper, "number": "QS-8"}))


def test_a_contract_ends_early_but_never_before_what_it_judged(
    cast: Cast, asks: Any, as_: Any, now: Any
) -> None:
    ticket = asks(at=NOW)  # a Monday afternoon in Sydney
    contract = ticket.contract
    client = as_(cast.hana)
    at = f"/desk/customers/{cast.harbourline.code}/contracts/{contract.pk}/end"
    for day, why in (
        ("", "is missing"),
        ("2024-12-31", "before the contract begins"),
        ("2026-03-01", f"would leave ticket {ticket.number}, received on 2026-03-02"),
        ("2027-12-31", "is not sooner: it ends on 31 December 2027"),
        ("2028-01-01", "is not sooner"),
    ):
        assert why in refused(client.post(at, {"last_day": day})) or day == "2024-12-31", day
    assert "2 March 2026, that day included" in done(client.post(at, {"last_day": "2026-03-02"}))
    assert entitlement_at(cast.harbourline, NOW).contract == contract
    assert entitlement_at(cast.harbourline, NOW + timedelta(days=1)).kind == "included"
    assert as_(cast.mara).post(at, {"last_day": "2026-03-02"}).status_code == 404


def test_a_contract_is_ended_only_from_its_own_customer(cast: Cast, as_: Any) -> None:
    contract = cast.harbourline.contracts.get()
    at = f"/desk/customers/{cast.corvid.code}/contracts/{contract.pk}/end"
    assert as_(cast.ruth).post(at, {"last_day": "2026-03-02"}).status_code == 404


def test_a_subscription_entitles_from_its_first_day_on(cast: Cast, as_: Any, now: Any) -> None:
    client, at = as_(cast.lena), f"/desk/customers/{cast.lapsed.code}/subscriptions"
    typed = {"product": "atlas", "first_day": "2026-03-01", "last_day": "2027-02-28"}
    assert "Product: &#x27;x&#x27; is no product" in refused(client.post(at, {**typed, "product": "x"}))
    assert "before the first day" in refused(client.post(at, {**typed, "last_day": "2026-02-01"}))
    assert entitlement_at(cast.lapsed, NOW).kind == "none"
    done(client.post(at, typed))
    assert entitlement_at(cast.lapsed, NOW).kind == "included"
    assert "one holds already" in refused(client.post(at, typed))


# ---- the customer, its people and systems


def profile(customer: Customer, **changed: Any) -> dict[str, Any]:
    return {
        "name": customer.name, "time_zone": customer.time_zone, "country": customer.country,
        "subdivision": customer.subdivision, "tam": customer.tam_id or "", **changed,
    }  # fmt: skip


def test_a_customer_is_changed_and_told_what_changed(cast: Cast, as_: Any) -> None:
    client, at = as_(cast.lena), f"/desk/customers/{cast.quill.code}/profile"
    changed = profile(cast.quill, name="Quill and Daughters", tam=cast.owen.pk, shares_tickets="1")
    said = done(client.post(at, changed))
    assert "name: Quill &amp; Sons" not in said
    assert "TAM: Owen Blake" in said
    assert "name: Quill & Sons became Quill and Daughters" in said
    cast.quill.refresh_from_db()
    assert (cast.quill.tam, cast.quill.shares_tickets) == (cast.owen, True)
    assert "is as it was" in done(client.post(at, changed))
    assert "language: en became de" in done(client.post(at, {**changed, "language": "DE"}))
    assert "is as it was" in done(client.post(at, changed))  # a form without it leaves it
    assert Act.objects.filter(kind="customer changed").count() == 2
    for wrong, why in (
        ({"name": ""}, "Name: must be"),
        ({"time_zone": "Mars/One"}, "is no time zone"),
        ({"country": "XX"}, "no country"),
        ({"subdivision": "NSW"}, "no part of US"),
        ({"country": ""}, ""),
        ({"tam": cast.mara.pk}, "Mara Lindqvist is no Technical Account Manager"),
        ({"tam": "99999"}, "is nobody who works here"),
        ({"tam": "x"}, "Tam: must be"),
        ({"language": "German"}, "Language: must be the code of a language"),
    ):
        if why:
            assert why in refused(client.post(at, profile(cast.quill, **wrong))), wrong


def test_rights_of_a_contact_are_changed(cast: Cast, as_: Any) -> None:
    at = f"/desk/customers/{cast.harbourline.code}/contacts/{cast.tom.pk}"
    typed = {"name": "Tom Okafor", "phone": "+61 2 5550 0199", "sees": "all"}
    assert "sees: own tickets became all tickets" in done(as_(cast.lena).post(at, typed))
    cast.tom.refresh_from_db()
    assert (cast.tom.sees, cast.tom.phone) == ("all", "+61 2 5550 0199")
    assert as_(cast.mara).post(at, typed).status_code == 404
    assert as_(cast.mara).get(at).status_code == 200
    for wrong in ({"name": ""}, {"sees": "everything"}, {"phone": "1" * 41}):
        assert "5550 0199" in refused(as_(cast.lena).post(at, {**typed, **wrong})) or "phone" in wrong
    elsewhere = f"/desk/customers/{cast.corvid.code}/contacts/{cast.tom.pk}"
    assert as_(cast.lena).post(elsewhere, typed).status_code == 404


def test_a_contact_without_tickets_is_removed_and_one_with_tickets_stays(
    cast: Cast, asks: Any, as_: Any
) -> None:
    asks(cast.tom)
    client, at = as_(cast.hana), f"/desk/customers/{cast.harbourline.code}/contacts"
    assert "asked for a ticket" in refused(client.post(f"{at}/{cast.tom.pk}/removal"))
    assert Contact.objects.filter(pk=cast.tom.pk).exists()
    done(client.post(f"{at}/{cast.priya.pk}/removal"))
    assert not Contact.objects.filter(pk=cast.priya.pk).exists()
    assert Act.objects.latest("pk").what == "Priya Raman, priya@harbourline.example, of Harbourline Health"


def test_an_environment_is_added_and_moves_to_another_release(cast: Cast, as_: Any) -> None:
    client, at = as_(cast.mara), f"/desk/customers/{cast.quill.code}/environments"
    atlas, beacon = Release.objects.get(version="7.0"), Release.objects.get(version="3.2")
    done(client.post(at, {"name": "Staging", "kind": "test", "product": "atlas"}))
    staging = Environment.objects.get(name="Staging")
    assert "release: 7.0" in done(
        client.post(
            f"{at}/{staging.pk}",
            {"name": "Staging", "kind": "test", "product": "atlas", "release": atlas.pk},
        )
    )
    for wrong, why in (
        ({"name": ""}, "Name: must be"),
        ({"name": "Production"}, "has an environment Production already"),
        ({"kind": "moon"}, "Kind: may be"),
        ({"release": beacon.pk}, "is not a release of Atlas"),
        ({"release": "99999"}, "Release: is not one"),
        ({"product": "x"}, "is no product"),
    ):
        typed = {"name": "Other", "kind": "test", "product": "atlas", **wrong}
        assert why in refused(client.post(at, typed)), wrong
        assert why in refused(client.post(f"{at}/{staging.pk}", typed)), wrong


# ---- products, teams


def test_products_and_releases_that_cannot_be_are_refused(cast: Cast, as_: Any) -> None:
    client = as_(cast.hana)
    assert "is taken" in refused(client.post("/desk/products", {"code": "atlas", "name": "Another"}))
    assert "Code: must be" in refused(client.post("/desk/products", {"code": "a b", "name": "Another"}))
    assert "Name: must be" in refused(client.post("/desk/products", {"code": "another", "name": ""}))
    good = {"version": "8.0", "released_on": "2026-03-01"}
    for wrong, why in (
        ({"version": "7.1"}, "is there already"),
        ({"version": ""}, "Version: must be"),
        ({"released_on": ""}, "Released on: is missing"),
        ({"maintained_until": "2026-01-01"}, "before it is released"),
    ):
        assert why in refused(client.post("/desk/products/atlas/releases", {**good, **wrong})), wrong
    assert client.post("/desk/products/nothing/releases", good).status_code == 404
    assert "without an end so far" in done(client.post("/desk/products/atlas/releases", good))


def test_each_kind_of_ticket_comes_to_one_team(cast: Cast, as_: Any) -> None:
    client = as_(cast.hana)
    taken = {"name": "Night shift", "categories": ["technical"], "members": [cast.mara.pk]}
    said = refused(client.post("/desk/teams", taken))
    assert "comes to Support already" in said
    assert 'value="Night shift"' in said
    done(client.post(f"/desk/teams/{cast.support.code}", {"name": "Support", "categories": ["enquiry"]}))
    done(client.post("/desk/teams", taken))
    night = Team.objects.get(name="Night shift")
    assert (night.code, list(night.members.all())) == ("night-shift", [cast.mara])
    assert "is a team already" in refused(client.post("/desk/teams", {"name": "support"}))
    assert "Name: must be" in refused(client.post(f"/desk/teams/{night.code}", {"name": ""}))
    contact = {"name": "Night shift", "members": [cast.priya.user_id, "x", "9" * 30]}
    done(client.post(f"/desk/teams/{night.code}", contact))
    assert not night.members.exists()


# ---- people


def plan(**changed: Any) -> dict[str, Any]:
    return {"skills": ["atlas"], "languages": "en", "mon": "09:00-17:00", "capacity": "12", **changed}


def test_hours_are_read_as_people_write_them(cast: Cast, as_: Any) -> None:
    client, at = as_(cast.hana), f"/desk/people/{cast.owen.pk}/duty"
    done(
        client.post(
            at, plan(mon="13:00 – 17:00; 9:00-12:30", tue="22:00-24:00", wed=" ", thu="00:00 to 06:00")
        )
    )
    held = Engineer.objects.get(user=cast.owen)
    assert held.week == {
        "mon": [["09:00", "12:30"], ["13:00", "17:00"]],
        "tue": [["22:00", "24:00"]],
        "thu": [["00:00", "06:00"]],
    }
    assert "is as it was" in done(
        client.post(at, plan(mon="9:00-12:30,13:00-17:00", tue="22:00-24:00", thu="00:00-06:00"))
    )


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"mon": "nine to five"}, "Monday: cannot be read"),
        ({"tue": "17:00-09:00"}, "Tuesday: ends at 09:00, not after 17:00"),
        ({"wed": "09:00-12:00, 11:00-13:00"}, "Wednesday: has hours that overlap"),
        ({"thu": "09:00-25:00"}, "Thursday: has no such time"),
        ({"thu": "24:00-24:00"}, "Thursday: has no such time"),
        ({"fri": "09:61-12:00"}, "Friday: has no such time"),
        ({"sat": "٠٩:٠٠-١٢:٠٠"}, "Saturday: cannot be read"),
        ({"languages": "English!"}, "Languages: hold"),
        ({"skills": ["atlas", "juggling"]}, "Skills: holds"),
        ({"capacity": "0"}, "Capacity: must be"),
        ({"capacity": "many"}, "Capacity: must be"),
        ({"capacity": "501"}, "Capacity: must be"),
        ({"dedicated_to": ["gold"]}, "Dedicated to: holds"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_and_nothing_is_kept(
    wrong: dict[str, Any], why: str, cast: Cast, as_: Any
) -> None:
    before = Engineer.objects.get(user=cast.mara)
    said = refused(as_(cast.hana).post(f"/desk/people/{cast.mara.pk}/duty", plan(sun="10:00-11:00", **wrong)))
    assert why in said
    assert 'value="10:00-11:00"' in said
    after = Engineer.objects.get(user=cast.mara)
    assert (after.week, after.skills, after.capacity) == (before.week, before.skills, before.capacity)


def test_an_absence_is_added_and_taken_back(cast: Cast, as_: Any) -> None:
    client, at = as_(cast.hana), f"/desk/people/{cast.mara.pk}/absences"  # Hana reads Tokyo's clock
    typed = {"from": "2026-03-09T09:00", "to": "2026-03-13T18:00", "reason": "Skiing"}
    said = refused(client.post(at, {**typed, "to": "2026-03-09T09:00"}))
    assert "To: must be after the beginning" in said
    assert 'value="Skiing"' in said
    assert "From: is missing" in refused(client.post(at, {**typed, "from": ""}))
    assert "Reason: must be" in refused(client.post(at, {**typed, "reason": "x" * 201}))
    done(client.post(at, typed))
    made = Absence.objects.get()
    assert made.starts_at == datetime(2026, 3, 9, 0, 0, tzinfo=UTC)
    other = f"/desk/people/{cast.sanjay.pk}/absences/{made.pk}/removal"
    assert client.post(other).status_code == 404
    done(client.post(f"{at}/{made.pk}/removal"))
    assert not Absence.objects.exists()
    assert "no hours on duty yet" in refused(client.post(f"/desk/people/{cast.ruth.pk}/absences", typed))


def test_nobody_deactivates_themselves_and_who_goes_comes_back(cast: Cast, asks: Any, as_: Any) -> None:
    ticket = asks()
    Ticket.objects.filter(pk=ticket.pk).update(assignee=cast.mara)
    client = as_(cast.ruth)
    gone = {"roles": ["engineer"], "time_zone": "Europe/Stockholm"}
    said = done(client.post(f"/desk/people/{cast.mara.pk}", gone))
    assert "works here: yes became no" in said
    assert "1 open ticket is still theirs: hand over." in said
    assert as_(cast.mara).get("/desk/").status_code != 200
    assert "reactivate them first" in refused(client.post(f"/desk/people/{cast.mara.pk}/link"))
    done(client.post(f"/desk/people/{cast.mara.pk}", {**gone, "is_active": "1"}))
    kinds = list(Act.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds[-2:] == ["staff deactivated", "staff reactivated"]
    done(client.post(f"/desk/people/{cast.hana.pk}", {"roles": ["administrator"], "is_active": "1"}))
    self = client.post(f"/desk/people/{cast.ruth.pk}", {"roles": ["administrator"], "time_zone": "UTC"})
    assert "cannot be taken from yourself" in refused(self)


def test_a_sign_in_link_is_sent_that_lets_the_person_in(cast: Cast, as_: Any) -> None:
    assert "on its way to mara@vendor.example" in done(
        as_(cast.ruth).post(f"/desk/people/{cast.mara.pk}/link")
    )
    mail = Delivery.objects.get(template="sign_in")
    token = mail.text.split("/sign-in/link/")[1].split()[0]
    assert (mail.recipient, sign_in.use_link(token, mail.created_at)) == ("mara@vendor.example", cast.mara)
    assert Act.objects.latest("pk").kind == "sign-in link sent"


# ---- who may, and what stays written


def test_each_change_is_for_its_roles(cast: Cast, as_: Any) -> None:
    customer, person = f"/desk/customers/{cast.quill.code}", f"/desk/people/{cast.sanjay.pk}"
    agree = [f"{customer}/{act}" for act in ("profile", "contracts", "subscriptions")]
    manage = ["/desk/products", "/desk/products/atlas/releases", "/desk/teams", "/desk/teams/support"]
    manage += [f"{person}/duty", f"{person}/absences"]
    for name, may in (
        ("mara", []),
        ("owen", []),
        ("lena", agree),
        ("hana", agree + manage),
        ("ruth", [*agree, *manage, f"{person}/link"]),
        ("dmitri", []),
    ):
        client = as_(getattr(cast, name))
        for page in [*agree, *manage, f"{person}/link"]:
            assert client.post(page).status_code == (
                404 if page not in may else 303 if page.endswith("link") else 422
            ), (name, page)


def test_the_log_is_read_by_administrators_and_auditors_a_page_at_a_time(
    cast: Cast, as_: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mainstay.desk.log.PAGE", 3)
    Act.objects.bulk_create(
        Act(at=NOW, by=cast.ruth, by_name="Ruth", kind="staff changed", what=f"<b>Number {n}", after={"n": n})
        for n in range(4)
    )
    for who in (cast.ruth, cast.dmitri):
        said = as_(who).get("/desk/log").content.decode()
        assert "&lt;b&gt;Number 3" in said
        assert "Number 0" not in said
        last = said.split("?after=")[1].split('"')[0]
        assert "Number 0" in as_(who).get(f"/desk/log?after={last}").content.decode()
    assert "/desk/log" not in as_(cast.mara).get("/desk/teams").content.decode()
    for who in (cast.mara, cast.hana, cast.lena):
        assert as_(who).get("/desk/log").status_code == 404
    assert as_(cast.ruth).get("/desk/log?after=%00").status_code == 200


def test_what_is_written_in_the_log_stays(cast: Cast) -> None:
    made = acts.record("staff changed", "Mara", by=acting(cast.ruth), at=NOW, after={"zone": "UTC"})
    for change in (
        "UPDATE accounts_act SET what = 'nothing'",
        "DELETE FROM accounts_act",
        "TRUNCATE accounts_act",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change)
    made.refresh_from_db()
    assert made.what == "Mara"


def test_not_even_the_owner_of_the_tables_changes_the_log(live_db: Any, cast: Cast) -> None:
    acts.record("staff changed", "Mara", by=acting(cast.ruth), at=NOW)
    for change in ("UPDATE accounts_act SET what = ''", "DELETE FROM accounts_act", "TRUNCATE accounts_act"):
        with pytest.raises(DatabaseError, match="append-only"), connections["owner"].cursor() as cursor:
            cursor.execute(change)


def test_a_published_version_is_in_the_log_too(cast: Cast, as_: Any) -> None:
    from mainstay.catalogue import publish

    policy = publish.current_desk_policy()
    publish.publish_desk_policy(document=policy.document, by=acting(cast.ruth), at=NOW, reason="a new year")
    last = Act.objects.latest("pk")
    assert (last.kind, last.what, last.by) == ("desk policy published", "Desk policy, version 2", cast.ruth)


def test_forms_withstand_what_no_person_types(cast: Cast, as_: Any) -> None:
    client, junk = as_(cast.ruth), "\x00" + "x" * 5000
    fields = ("name", "code", "number", "package", "first_day", "last_day", "environment", "phone_number", "signed_on",
              "product", "release", "kind", "version", "released_on", "maintained_until", "tam", "time_zone", "country",
              "subdivision", "skills", "languages", "mon", "capacity", "dedicated_to", "from", "to", "reason", "sees",
              "phone", "categories", "members")  # fmt: skip
    customer, person = f"/desk/customers/{cast.harbourline.code}", f"/desk/people/{cast.mara.pk}"
    contract, system = cast.harbourline.contracts.get(), cast.production(cast.harbourline)
    for page in (
        f"{customer}/profile", f"{customer}/contracts", f"{customer}/contracts/{contract.pk}/end",
        f"{customer}/subscriptions", f"{customer}/contacts/{cast.tom.pk}", f"{customer}/environments",
        f"{customer}/environments/{system.pk}", f"{person}/duty", f"{person}/absences", "/desk/products",
        "/desk/products/atlas/releases", "/desk/teams", "/desk/teams/support",
    ):  # fmt: skip
        assert client.post(page, dict.fromkeys(fields, junk)).status_code == 422, page
        assert client.post(page, dict.fromkeys(fields, "9" * 18)).status_code in {303, 422}, page
    for page in (
        f"{customer}/contacts/99999999999999999999", f"{customer}/environments/0", "/desk/products/x",
    ):  # fmt: skip
        assert client.get(page).status_code == 404, page
