"""Automatic mail is told from people's, bounces from both."""

import pytest

from mainstay.intake.email.automatic import through_own_list
from mainstay.intake.email.parse import parse

from .mails import mail, multipart

REPORT = 'Content-Type: multipart/report; report-type={kind}; boundary="B"'
AUTOMATIC = [
    ("automatic", ["Auto-Submitted: auto-generated"]),
    ("automatic", ["Auto-Submitted: auto-replied"]),
    ("automatic", ["Auto-Submitted: auto-notified; owner=x"]),
    ("automatic", ["AUTO-SUBMITTED: Auto-Generated (rejected)"]),
    ("automatic", ["Precedence: bulk"]),
    ("automatic", ["Precedence: junk"]),
    ("automatic", ["Precedence: auto_reply"]),
    ("list", ["Precedence: list"]),
    ("automatic", ["Return-Path: <>"]),
    ("automatic", ["Return-Path: < >"]),
    ("automatic", ["Return-Path: <MAILER-DAEMON>"]),
    ("automatic", ["X-Autoreply: yes"]),
    ("automatic", ["X-Autorespond: Away"]),
    ("automatic", ["X-Autoresponder: 1"]),
    ("automatic", ["X-Auto-Reply-From: a@b.example"]),
    ("automatic", ["X-AutoReply-From: a@b.example"]),
    ("automatic", ["X-Mail-Autoreply: a@b.example"]),
    ("automatic", ["X-Auto-Response: x"]),
    ("automatic", ["X-FC-MachineGenerated: true"]),
    ("automatic", ["X-POST-MessageClass: 9"]),
    ("automatic", ["Feedback-Type: abuse"]),
    ("bounce", ["X-Failed-Recipients: bob@acme.example"]),
    ("list", ["List-Id: <news.acme.example>"]),
    ("list", ["List-Unsubscribe: <mailto:x@acme.example>"]),
    ("list", ["List-Post: <mailto:x@acme.example>"]),
    ("list", ["Mailing-List: contact x"]),
    ("bounce", ["From: MAILER-DAEMON@acme.example", "Subject: failure notice"]),
    ("bounce", ["From: Mail Delivery System <>", "Subject: Undelivered Mail Returned to Sender"]),
    ("bounce", ["From: postmaster@acme.example", "Return-Path: <>", "Subject: Undeliverable: Hello"]),
    ("automatic", ["From: mailer-daemon@acme.example", "Subject: Hello"]),
    ("bounce", [REPORT.format(kind="delivery-status")]),
    ("read_receipt", [REPORT.format(kind="disposition-notification")]),
    ("automatic", [REPORT.format(kind="feedback-report")]),
    ("vacation", ["Auto-Submitted: auto-replied (vacation)"]),
    ("vacation", ["Subject: Out of Office: Hello", "Auto-Submitted: auto-replied"]),
    ("vacation", ["Subject: Automatic reply: Hello", "X-Auto-Response-Suppress: All"]),
    ("vacation", ["Subject: Automatische Antwort: Hallo", "X-Auto-Response-Suppress: DR, OOF, AutoReply"]),
    ("vacation", ["Subject: Abwesenheitsnotiz: Hallo", "In-Reply-To: <x@vendor.example>"]),
    ("vacation", ["Subject: Réponse automatique : Bonjour", "References: <x@vendor.example>"]),
    ("vacation", ["Subject: Respuesta automática: Hola", "Return-Path: <>"]),
    ("vacation", ["Subject: Autosvar: Hej", "Precedence: bulk"]),
    ("vacation", ["Subject: Automatisch antwoord: Hallo", "X-Autoreply: yes"]),
    ("vacation", ["Subject: 自动回复: 你好", "In-Reply-To: <x@vendor.example>"]),
]
HUMAN = [
    [],
    ["Auto-Submitted: no"],
    ["Auto-Submitted: NO"],
    ["Auto-Submitted:"],
    ["Precedence: first-class"],
    ["Precedence: normal"],
    ["X-Autoreply: no"],
    ["X-Autorespond: false"],
    ["Return-Path: <anna@acme.example>"],
    ["X-Auto-Response-Suppress: All"],
    ["X-Auto-Response-Suppress: DR, RN, NRN, OOF, AutoReply"],
    ["X-Auto-Response-Suppress: DR,RN,NRN"],
    ["X-MS-Exchange-Organization-AuthAs: Internal"],
    ["X-MS-Exchange-Inbox-Rules-Loop: anna@acme.example"],
    ["Subject: Out of office replies are not sent since the update"],
    ["Subject: Automatic reply does not work"],
    ["Subject: Automatic reply: wrong language"],
    ["Subject: Re: Automatic reply: Export fails", "In-Reply-To: <x@vendor.example>"],
    ["Subject: AW: Abwesenheitsnotiz: Hallo", "In-Reply-To: <x@vendor.example>"],
    ["Subject: Undeliverable mail"],
    ["Subject: Fwd: Undelivered Mail Returned to Sender"],
    ["Subject: Delivery failed to our warehouse"],
    ["From: Postmaster <postmaster@acme.example>"],
    ["From: postmaster@acme.example", "Subject: Re: Undelivered Mail Returned to Sender"],
    ["From: noreply-team@acme.example"],
    ["From: monitoring@acme.example", "X-Priority: 1", "Importance: high"],
    ["Disposition-Notification-To: anna@acme.example"],
    ["Return-Receipt-To: anna@acme.example"],
    ["X-Mailer: Microsoft Outlook 16.0", "Thread-Topic: x", "X-MS-Has-Attach: yes"],
    ["Resent-From: bob@acme.example", "Auto-Submitted: no"],
    ["Subject: Urlaub: Antrag wird nicht gespeichert"],
    ["Subject: vacation module crashes", "In-Reply-To: <x@vendor.example>"],
]


@pytest.mark.parametrize(("kind", "headers"), AUTOMATIC)
def test_attack_18_every_automatic_marker_is_caught(kind: str, headers: list[str]) -> None:
    message = parse(mail(*headers))
    assert message.kind == kind
    assert message.is_auto
    assert message.auto_reason


@pytest.mark.parametrize("headers", HUMAN)
def test_attack_18_no_person_is_muted(headers: list[str]) -> None:
    message = parse(mail(*headers))
    assert message.kind == "human"
    assert not message.is_auto


@pytest.mark.parametrize(
    ("value", "withheld"),
    [
        ("DR,RN,NRN", False),
        ("DR", False),
        ("None", False),
        ("All", True),
        ("OOF", True),
        ("AutoReply", True),
        ("DR, OOF, AutoReply", True),
        ("all", True),
        ("oof;autoreply", True),
    ],
)
def test_attack_19_a_wish_for_no_answer_does_not_make_a_message_automatic(value: str, withheld: bool) -> None:
    message = parse(mail(f"X-Auto-Response-Suppress: {value}"))
    assert message.kind == "human"
    assert message.suppress_answer is withheld


def test_a_person_who_writes_through_our_own_group_is_a_person() -> None:
    ours = mail("List-Id: <support.vendor.example>", "Precedence: list")
    other = mail("List-Id: <news.acme.example>", "List-Post: <mailto:news@acme.example>")
    machine = mail("List-Id: <support.vendor.example>", "Auto-Submitted: auto-replied")
    kinds = [through_own_list(parse(raw), ["Support@vendor.example"]).kind for raw in (ours, other, machine)]
    assert kinds == ["human", "list", "automatic"]


def test_a_no_reply_sender_is_read_and_not_answered() -> None:
    message = parse(mail("From: no-reply@acme.example"))
    assert message.kind == "human"
    assert message.suppress_answer


STATUS = (
    "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.acme.example\n"
    "\nFinal-Recipient: rfc822; Bob@acme.example\nAction: {action}\nStatus: "
    "{status}\nDiagnostic-Code: smtp; {words}"
)
RETURNED = (
    "Content-Type: message/rfc822\n\nMessage-ID: <ours.1@vendor.example>\nFrom: "
    "support@vendor.example\nSubject: Ticket\n\nHello"
)


@pytest.mark.parametrize(
    ("action", "status", "words", "kind", "permanent"),
    [
        ("failed", "5.1.1", "550 5.1.1 User unknown", "bounce", True),
        ("failed", "4.4.7", "450 4.4.7 expired", "bounce", False),
        ("failed", "5.0.0", "550 5.2.2 mailbox full", "bounce", True),
        ("delayed", "4.4.1", "connection timed out", "delivery_report", False),
        ("delivered", "2.0.0", "250 ok", "delivery_report", False),
    ],
)
def test_attack_17_a_delivery_report_names_whom_and_which_message(
    action: str, status: str, words: str, kind: str, permanent: bool
) -> None:
    raw = multipart(
        "report; report-type=delivery-status",
        "\nsorry",
        STATUS.format(action=action, status=status, words=words),
        RETURNED,
    )
    message = parse(raw)
    assert message.kind == kind
    assert message.bounce is not None
    assert [who.address for who in message.bounce.recipients] == ["bob@acme.example"]
    assert message.bounce.permanent is permanent
    assert message.bounce.original_message_id == "<ours.1@vendor.example>"


PROSE = [
    (
        "failure notice",
        (
            "Hi. This is the qmail-send program at x.example.\nI'm afraid I wasn't able "
            "to deliver your message to the following addresses.\n\n<bob@acme.example>"
            ":\n192.0.2.1 does not like recipient.\nRemote host said: 550 5.1.1 unknown\n"
            "\n--- Below this line is a copy of the message.\n\nMessage-ID: <ours.1@vendor.example>"
            "\nTo: other@acme.example\n"
        ),
        True,
    ),
    (
        "Mail delivery failed: returning message to sender",
        (
            "A message that you sent could not be delivered to one or more of its\nrecipients. "
            "This is a permanent error. The following address(es) failed:\n\n  bob@acme.example\n"
            "    SMTP error from remote mail server: 550 no such user\n\n------ This "
            "is a copy of the message, including all the headers. ------\n\nMessage-Id: "
            "<ours.1@vendor.example>\nTo: bob@acme.example\n"
        ),
        True,
    ),
    (
        "Warning: message delayed",
        (
            "The following message could not be delivered yet: bob@acme.example\n 451 "
            "4.7.1 greylisted, will keep trying\n\nReturned message:\nMessage-ID: <ours.1@vendor.example>"
            "\n"
        ),
        False,
    ),
]


@pytest.mark.parametrize(("subject", "body", "permanent"), PROSE)
def test_attack_17_a_bounce_in_prose_is_read_too(subject: str, body: str, permanent: bool) -> None:
    message = parse(
        mail("Return-Path: <>", "From: MAILER-DAEMON@x.example", f"Subject: {subject}", body=body)
    )
    assert message.bounce is not None
    assert [who.address for who in message.bounce.recipients] == ["bob@acme.example"]
    assert message.bounce.permanent is permanent
    assert message.bounce.original_message_id == "<ours.1@vendor.example>"
