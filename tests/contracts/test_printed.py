"""Offers and contracts on paper (P5): the words of the pages, set without a network and without other fonts."""

import json
import re
import socket
import zlib
from datetime import date

import pytest
from django.utils import translation

from cast import NOW, acting
from mainstay.catalogue import publish
from mainstay.catalogue.models import Package
from mainstay.contracts import negotiation, printed, wording
from mainstay.contracts.models import Contract
from mainstay.contracts.negotiation import Head
from mainstay.contracts.signing import Beside, sign_contract
from mainstay.customers.models import Contact

RELATED = ("package__level", "customer", "environment", "tam", "team", "desk_policy")


@pytest.fixture
def set_as(monkeypatch):
    """What the last document was set from."""
    found = {}
    real = printed.typst.compile

    def compile(template, **more):
        found.update(json.loads(more["sys_inputs"]["document"]))
        return real(template, **more)

    monkeypatch.setattr(printed.typst, "compile", compile)
    return found


@pytest.fixture
def no_network(monkeypatch):
    def refuse(*_):
        raise OSError("there is no network")

    monkeypatch.setattr(socket, "create_connection", refuse)


def streams(pdf):
    """The content of a PDF, unpacked."""
    return [
        zlib.decompress(one) for one in re.findall(rb"FlateDecode.*?stream\r?\n(.*?)endstream", pdf, re.S)
    ]


def test_a_contract_is_printed_without_a_network_and_always_the_same(cast, no_network):
    held = Contract.objects.select_related(*RELATED).get(customer=cast.harbourline)
    pdf = printed.contract(held)
    assert pdf.startswith(b"%PDF-1.")
    assert printed.contract(held) == pdf
    assert b"LibertinusSerif" in pdf
    assert len(streams(pdf)) > 2


def test_what_is_printed_is_what_was_agreed(cast, set_as):
    held = Contract.objects.select_related(*RELATED).get(customer=cast.kitano)
    printed.contract(held)
    assert set_as["number"] == "KI-2025-1, version 1"
    first = [row for row in set_as["promises"] if row[0] == "First response"]
    assert first[0][2] == ["1 business hour, promise", "4 business hours, promise", "1 business day, promise"]
    assert first[1][2] == ["4 hours, round the clock, promise", "8 hours, round the clock, promise", ""]
    assert not any(row[0] in {"Triage", "Dispatch"} for row in set_as["promises"])


def test_an_offer_says_where_it_is_not_the_catalogue(cast, set_as):
    head = Head("LA-1", publish.current(Package, "high"), date(2026, 4, 1), date(2027, 3, 31))
    draft = negotiation.start_draft(
        customer=cast.lapsed, head=head, owner=cast.lena, by=acting(cast.lena), at=NOW
    )
    cells = {"targets first_response 1": "30m", "price": "12000.00 EUR, a year"}
    draft = negotiation.change_lines(
        draft, offered=cells, asked={"contacts": "99"}, by=acting(cast.lena), at=NOW
    )
    assert printed.offer(draft, at=NOW).startswith(b"%PDF")
    assert set_as["differs"] == ["First response, severity 1", "Price"]
    assert set_as["price"] == "12000.00 EUR, a year"
    assert "99" not in json.dumps(set_as["more"])  # what they asked is not what we offer


@pytest.mark.parametrize(
    "name", ["#panic(1)", '"; #read("/etc/passwd")', "$ x $ *b* _i_ @ref <l>", "株式会社", "a\nb"]
)
def test_what_people_typed_is_text_and_never_markup(cast, set_as, name):
    held = Contract.objects.select_related(*RELATED).get(customer=cast.harbourline)
    held.customer.name = name
    assert printed.contract(held).startswith(b"%PDF")
    assert set_as["facts"][0] == ["Customer", "U+682A U+5F0F U+4F1A U+793E" if name == "株式会社" else name]


def test_what_no_font_has_is_printed_by_its_number_and_the_paper_says_so(cast, set_as):
    held = Contract.objects.select_related(*RELATED).get(customer=cast.kitano)
    printed.contract(held)
    assert set_as["unprintable"] == ""
    held.customer.name = "Kitano 鉄道 Rail"
    printed.contract(held)
    assert set_as["facts"][0][1] == "Kitano U+9244 U+9053 Rail"
    assert "no font here has them" in set_as["unprintable"]
    assert "U+9053" in set_as["unprintable"]


def test_with_further_fonts_it_is_printed_as_it_is_written(cast, set_as, settings, tmp_path):
    settings.FONTS = tmp_path
    printed._fonts.cache_clear()
    held = Contract.objects.select_related(*RELATED).get(customer=cast.kitano)
    held.customer.name = "鉄道"
    assert printed.contract(held).startswith(b"%PDF")
    assert (set_as["facts"][0][1], set_as["unprintable"]) == ("鉄道", "")
    printed._fonts.cache_clear()


@pytest.mark.parametrize(("language", "customer"), [("de", "Kunde"), ("en", "Customer"), ("xx", "Customer")])
def test_it_is_printed_in_the_customers_language(cast, set_as, language, customer):
    held = Contract.objects.select_related(*RELATED).get(customer=cast.harbourline)
    held.customer.language = language
    assert printed.contract(held).startswith(b"%PDF")
    assert set_as["facts"][0][0] == customer
    assert set_as["language"] == ("de" if language == "de" else "en")


def test_an_offer_to_a_german_customer_is_german_down_to_hours_figures_prices_and_differences(cast, set_as):
    cast.lapsed.language = "de"
    cast.lapsed.save()
    head = Head("LA-1", publish.current(Package, "high"), date(2026, 4, 1), date(2027, 3, 31))
    draft = negotiation.start_draft(
        customer=cast.lapsed, head=head, owner=cast.lena, by=acting(cast.lena), at=NOW
    )
    cells = {
        "targets first_response 1": "30m", "price": "12000.00 EUR, a year", "channels": "email, phone",
        "kpis uptime": "99.95 strict guarantee per quarter; credits below 99.5: 10, cap 50, claim within 30d",
        "calendar": "Mon-Sat 08:00-18:00 | customer | holidays none", "included_hours": "8 per month, kept 2 months",
    }  # fmt: skip
    draft = negotiation.change_lines(draft, offered=cells, asked={}, by=acting(cast.lena), at=NOW)
    assert printed.offer(draft, at=NOW).startswith(b"%PDF")
    assert set_as["title"] == "Angebot"
    assert set_as["price"] == "12000,00 EUR, im Jahr"
    assert set_as["hours"].startswith("Mo-Sa 08:00-18:00")
    assert dict(set_as["kpis"])["Verfügbarkeit"] == (
        "99,95 %, strenge Garantie, je Quartal; Gutschriften unter 99,5: 10 %, höchstens 50 %,"
        " anzufordern in: 30 Tage"
    )
    assert set_as["differs"] == [
        "Erste Antwort, Schweregrad 1", "Kennzahl, Verfügbarkeit", "Geschäftszeiten", "Kanäle",
        "Enthaltene Stunden", "Preis",
    ]  # fmt: skip
    assert ["Kanäle", "E-Mail, Telefon"] in set_as["more"]
    assert ["Enthaltene Arbeitsstunden", "8 je Monat, 2 Monate aufgehoben"] in set_as["more"]
    assert "Software oder Hardware von Dritten" in set_as["exclusions"]
    assert set_as["severities"][0][2] == "sofort"
    assert any(when == "außerhalb der Geschäftszeiten eingegangen" for _, when, _ in set_as["promises"])


def laddered(cast, language="en"):
    """Quill's contract: answers of severity 3 for a share of the requests, and a ladder of four rungs."""
    cast.quill.language = language
    cast.quill.save()
    overrides = {
        "targets": [
            {"clock": "first_response", "severity": 3, "target": "4h", "calendar": "business", "kind": "promise",
             "share": 95},
        ],
        "escalations": [
            {"after": "50%", "to": ["tam", "support_manager"], "severity": 1, "clock": "resolution"},
            {"after": "0m", "to": "triage_lead", "severity": 1},
            {"after": "2bd", "to": "Vice President", "severity": 3},
            {"after": "30m", "to": "assignee", "clock": "first_response", "severity": 1, "calendar": "always",
             "when": {"environment": "production"}},
        ],
    }  # fmt: skip
    return sign_contract(
        customer=cast.quill, number="QU-9", package=publish.current(Package, "high"), first_day=date(2026, 1, 1),
        last_day=None, by=acting(cast.lena), at=NOW, beside=Beside(overrides=overrides),
    )  # fmt: skip


def test_shares_and_the_ladder_are_printed_in_plain_words(cast, set_as):
    held = Contract.objects.select_related(*RELATED).get(pk=laddered(cast).pk)
    assert printed.contract(held).startswith(b"%PDF")
    first = next(row for row in set_as["promises"] if row[0] == "First response")
    assert first[2][2] == "95 % within 4 business hours, promise"
    assert "no single request has that promise" in set_as["shares"]
    assert set_as["ladder"] == [
        ["Severity 1: Resolution: 50 % of its time used", "your Technical Account Manager, the support managers"],
        ["Severity 1: at once", "those who triage"],
        ["Severity 3: open for 2 business days", "Vice President"],
        ["Severity 1, environment production: First response: 30 minutes, round the clock of its time used",
         "whoever works on it"],
    ]  # fmt: skip


def test_a_contract_without_shares_and_ladder_says_nothing_of_them(cast, set_as):
    printed.contract(Contract.objects.select_related(*RELATED).get(customer=cast.kitano))
    assert (set_as["shares"], set_as["ladder"]) == ("", [])


def test_the_customer_reads_ladder_shares_and_severities_in_their_language(cast, client, set_as):
    held = laddered(cast, "de")
    cast.jonah.user.language = "de"
    cast.jonah.user.save()
    Contact.objects.filter(pk=cast.jonah.pk).update(is_admin=True)
    client.force_login(cast.jonah.user)
    page = client.get("/contracts").content.decode()
    for words in (
        "95 % innerhalb von 4 Geschäftsstunden", "Wer mit der Zeit informiert wird", "die Leitung des Supports",
        "1 Kritisch", "für die einzelne Anfrage", "Telefonzeiten",
    ):  # fmt: skip
        assert words in page
    printed.contract(Contract.objects.select_related(*RELATED).get(pk=held.pk))
    assert [one[0] for one in set_as["severities"]] == ["1 Kritisch", "2 Mittel", "3 Gering"]


def test_a_vendors_own_severities_are_named_as_its_policy_says_in_that_language(cast):
    one = {"rank": 1, "name": "Urgent", "in": {"de": {"name": "Dringend"}}, "definition": "All is down."}
    with translation.override("de"):
        assert (wording.severity(one), wording.severity(one, "definition")) == ("Dringend", "All is down.")
    assert wording.severity(one) == "Urgent"
