"""What a request says is found where it is, with its place."""

import pytest

from mainstay.intake.email import fields
from mainstay.intake.email.fields import (
    completeness,
    emergency,
    is_thanks,
    missing,
    reply_prefix,
    severity_rank,
    ticket_hint,
)
from mainstay.intake.email.parse import parse

from .mails import mail, multipart

TEMPLATE = """Hello team,

Customer ID: ACME-77
Contact name: Anna Berg
Phone: +49 30 1234567
Severity: 1 - critical
Product version: 4.2.1
Environment: production
How often: every time
Business impact: 200 users cannot invoice
Related ticket(s): #1042, 1050
Our reference: INC0012345
Since: yesterday 14:30

Steps to reproduce:
1. Open the portal
2. Click export

Description:
The export stops at 50 %.

It worked last week.

Debugging details:
java.lang.NullPointerException: x
  at com.acme.Export(Export.java:12)

Kind regards
Anna Berg
"""


def read(body: str, *headers: str) -> dict[str, fields.Field]:
    message = parse(mail(*headers, body=body))
    found = fields.read(message)
    for field in found:
        if field.start >= 0 and field.name != "related_tickets":
            assert message.body_text[field.start : field.end].strip("*_ ") == field.value
    return {field.name: field for field in reversed(found)}


def test_a_filled_in_template_is_read_whole() -> None:
    found = read(TEMPLATE)
    values = {name: field.value for name, field in found.items()}
    assert values == {
        "customer_id": "ACME-77",
        "contact_name": "Anna Berg",
        "contact_email": "anna@acme.example",
        "contact_phone": "+49 30 1234567",
        "business_impact": "200 users cannot invoice",
        "desired_severity": "1 - critical",
        "related_tickets": "1042",
        "description": "The export stops at 50 %.\n\nIt worked last week.",
        "steps": "1. Open the portal\n2. Click export",
        "frequency": "every time",
        "product_version": "4.2.1",
        "environment": "production",
        "debugging": "java.lang.NullPointerException: x\n  at com.acme.Export(Export.java:12)",
        "customer_reference": "INC0012345",
        "since": "yesterday 14:30",
    }
    assert found["desired_severity"].rank == 1
    assert found["customer_id"].source == "body, line 3"
    assert found["contact_email"].source == "sender"
    assert missing(found.values(), "technical") == []
    assert completeness(found.values(), "technical") == (8, 8)


def test_german_labels_are_read() -> None:
    found = read(
        "Kundennummer: K-4711\nAnsprechpartner: Anna Berg\nTelefon: 030 1234567\n"
        "Schweregrad: 2\nProduktversion: 5.0\nUmgebung: Testsystem\n"
        "Häufigkeit: täglich\nAuswirkung: kein Versand\nUnser Zeichen: AB-1234\n"
        "Seit: gestern\nFehlermeldung: ORA-00942\n"
        "Schritte zum Nachstellen:\n- Portal öffnen\n- Export klicken\n\nBeschreibung: Der Export bricht ab.\n"
    )
    values = {name: field.value for name, field in found.items()}
    assert values["customer_id"] == "K-4711"
    assert values["desired_severity"] == "2"
    assert values["environment"] == "Testsystem"
    assert values["steps"] == "- Portal öffnen\n- Export klicken"
    assert values["description"] == "Der Export bricht ab."
    assert values["customer_reference"] == "AB-1234"
    assert missing(found.values()) == []


def test_a_plain_letter_is_read_for_what_it_states() -> None:
    found = read(
        "Hi,\n\nsince yesterday at 14:30 all of our users cannot export in the production "
        "system. It happens every time. We use version 4.2.1 "
        "(our ticket INC0099).\nIs it related to ticket 1042?\n\nBest regards\nAnna "
        "Berg\nACME GmbH\nMobile: +49 170 7654321\n"
    )
    assert found["product_version"].value == "4.2.1"
    assert found["environment"].value == "the production system"
    assert found["frequency"].value == "every time"
    assert found["since"].value == "since yesterday at 14:30"
    assert found["contact_phone"].value == "+49 170 7654321"
    assert found["contact_phone"].source == "signature"
    assert found["customer_reference"].value == "INC0099"
    assert found["related_tickets"].value == "1042"
    assert found["business_impact"].source == "body, line 3"
    assert found["description"].value.startswith("since yesterday")


@pytest.mark.parametrize(
    "table",
    [
        "| Severity | 2 |\n| Version | 4.2 |\n",
        "Severity\t2\nVersion\t4.2\n",
        "Severity    2\nVersion     4.2\n",
        "| Severity | Version |\n|---|---|\n| 2 | 4.2 |\n",
        "*Severity:* 2\n*Version:* 4.2\n",
        "- Severity = 2\n- Version = 4.2\n",
        "1) Severity: 2\n2) Version: 4.2\n",
    ],
)
def test_simple_tables_and_lists_are_read(table: str) -> None:
    found = read(f"Please see:\n\n{table}\nThanks\n")
    assert found["desired_severity"].value == "2"
    assert found["product_version"].value == "4.2"


def test_what_was_quoted_from_us_is_not_taken_for_the_customers_words() -> None:
    found = read(
        "It still fails.\n\nOn Mon, 2 Mar 2026 09:15, Support wrote:\n> Severity: 3\n> Version: 1.0\n"
    )
    assert "desired_severity" not in found
    assert "product_version" not in found


def test_an_empty_template_says_nothing() -> None:
    found = read(
        "Severity: \nVersion: n/a\nEnvironment: <please fill in>\nPhone: -\nSteps to reproduce:\nFrequency: ?\n"
    )
    assert set(found) <= {"contact_name", "contact_email", "description"}


def test_a_log_file_counts_as_debugging_details() -> None:
    raw = multipart(
        "mixed",
        "\nsee log of the failed export",
        "Content-Disposition: attachment; filename=server.log\n\nERROR",
    )
    assert {field.name: field.value for field in fields.read(parse(raw))}["debugging"] == "server.log"


def test_ticket_numbers_in_subject_and_text_are_found_each_once() -> None:
    message = parse(mail("Subject: Re: [#1042] Export", body="As in #1042 and ticket 77 the export fails.\n"))
    assert [field.value for field in fields.read(message) if field.name == "related_tickets"] == [
        "1042",
        "77",
    ]


def test_other_categories_want_less() -> None:
    found = read("How can I change my password in the portal please\n")
    assert missing(found.values(), "general_enquiry") == []
    assert completeness(found.values(), "billing_problem") == (1, 3)


@pytest.mark.parametrize(
    ("words", "rank"),
    [
        ("1", 1),
        ("P1", 1),
        ("Sev 2", 2),
        ("severity-3", 3),
        ("critical", 1),
        ("kritisch", 1),
        ("medium", 2),
        ("low", 3),
        ("niedrig", 3),
        ("high", None),
        ("not critical", None),
        ("1.5 hours", None),
        ("10", None),
        ("4", 3),
        ("low/medium", None),
        ("S1 (production down)", 1),
    ],
)
def test_a_severity_is_ranked_only_when_it_is_clear(words: str, rank: int | None) -> None:
    assert severity_rank(words) == rank


EMERGENCIES = [
    "Production is down",
    "Our production system has been down since 9",
    "The server is not responding",
    "We have a complete outage",
    "All users are unable to work",
    "None of our users can log in",
    "Nobody can log in",
    "I cannot log in to the portal, nobody can",
    "We lost data after the update",
    "data loss!",
    "There was a security breach",
    "We have been hacked",
    "URGENT: please help",
    "need help asap",
    "P1",
    "Severity: 1",
    "this is critical for us",
    "the database crashed",
    "We are losing money every minute",
    "prod down!!",
    "It is not working: production server went offline",
    "Not urgent? No: production is down!",
    "Produktion steht",
    "Das System ist ausgefallen",
    "Der Server ist nicht mehr erreichbar",
    "Alle Benutzer können sich nicht anmelden",
    "Niemand kann arbeiten",
    "Datenverlust nach dem Update",
    "dringend!",
    "Nichts geht mehr",
    "Wir haben einen Totalausfall",
    "wir wurden gehackt",
    "Das ist betriebskritisch",
    "Notfall",
    "ransomware on the server",
    "The outage is not resolved",
    "the whole site has been unavailable for an hour",
]
CALM = [
    "How do I export all users?",
    "This is not urgent",
    "nothing urgent",
    "No data loss occurred",
    "nicht dringend",
    "kein Notfall",
    "es eilt nicht",
    "The outage is resolved now, thanks",
    "What happens if production is down?",
    "There is a planned outage on Sunday, which report should we use",
    "The drop-down list is too long",
    "Please download the file",
    "We have the Business Critical package, please send the invoice",
    "The button crashes immediately after a click on the test system",
    "scroll down to the end",
    "It isn't urgent",
    "non-urgent question",
    "kein Datenverlust",
    "Der Ausfall ist behoben",
    "Please add a login for a new colleague",
    "I like the product",
    "Wie verhindere ich einen Datenverlust?",
    "no emergency",
    "without any data loss",
    "Unkritisch",
    "the server is not down",
]


@pytest.mark.parametrize("text", EMERGENCIES)
def test_what_looks_like_an_emergency_is_flagged_with_its_words(text: str) -> None:
    reasons = emergency(text)
    assert reasons
    assert all(reason in text for reason in reasons)


@pytest.mark.parametrize("text", CALM)
def test_a_calm_message_pages_nobody(text: str) -> None:
    assert emergency(text) == []


def test_the_subject_alone_may_be_the_emergency() -> None:
    assert emergency("Please see the attachment.", "Production down!") == ["Production down"]


THANKS = [
    "Thanks, bye",
    "thx!",
    "Vielen Dank",
    "works now, thank you",
    "Thanks",
    "Thank you very much for your quick help, Anna!",
    "Danke, funktioniert wieder!",
    "Hi Bob,\nthanks a lot, works now.\nBest regards\nAnna Berg",
    "Super, besten Dank für die schnelle Hilfe!",
    "Merci beaucoup",
    "Muchas gracias por su ayuda",
    "Grazie mille!",
    "Dank je",
    "Tack så mycket",
    "👍",
    "Great, thanks! You can close the ticket.",
    "It works now.",
    "Problem solved, thank you!",
    "Danke, das Problem ist gelöst.",
    "Perfekt, danke dir!",
    "ty",
    "Much appreciated",
]
NOT_THANKS = [
    "Thanks but it still fails",
    "Thanks, but no",
    "Danke, aber es geht nicht",
    "Thanks.\nBroken",
    "Thanks in advance",
    "Thanks, the new file is attached",
    "No thanks",
    "Thanks. Could you also check the invoice?",
    "Vielen Dank im Voraus",
    "Thank you. The error is back",
    "Thanks, it works on server 1 only",
    "ok",
    "Yes",
    "It works now, but slowly",
    "Thanks, we will test it tomorrow",
    "",
    "Thanks for nothing",
    "Danke. Leider tritt der Fehler weiterhin auf",
    "thanks\nhowever",
    "Merci, mais ça ne marche pas",
    "Thanks, when will it be released",
    "Thank you, now it crashes",
]


@pytest.mark.parametrize("text", THANKS)
def test_a_message_that_only_thanks_is_only_thanks(text: str) -> None:
    assert is_thanks(text)


@pytest.mark.parametrize("text", NOT_THANKS)
def test_a_message_that_says_more_is_more_than_thanks(text: str) -> None:
    assert not is_thanks(text)


@pytest.mark.parametrize(
    "prefix",
    [
        "AW:",
        "VS:",
        "SV:",
        "RE[2]:",
        "Fwd:",
        "Antw:",
        "Odp:",
        "TR:",
        "Re:",
        "WG:",
        "re(3):",
        "RE: AW: FW:",
        "Re :",
        "回复：",
    ],
)
def test_reply_prefixes_of_many_languages_are_taken_off(prefix: str) -> None:
    assert reply_prefix(f"{prefix} Login  fails") == (prefix, "Login fails")


@pytest.mark.parametrize("subject", ["Request: access", "Reset fails", "I cannot work", "Ref 12"])
def test_ordinary_subjects_have_no_prefix(subject: str) -> None:
    assert reply_prefix(subject) == ("", subject)


@pytest.mark.parametrize(
    ("subject", "number"),
    [
        ("Re: [#1042] x", 1042),
        ("Ticket 77 again", 77),
        ("x #5", 5),
        ("Version 4.2", None),
        ("[Ticket#12] x", 12),
    ],
)
def test_a_number_in_the_subject_is_a_hint(subject: str, number: int | None) -> None:
    assert ticket_hint(subject) == number
