"""Attacks that come by mail, under the numbers of the threat list."""

from collections import Counter
from datetime import timedelta

import pytest

from cast import acting
from mainstay.customers.models import Contact, CustomerDomain
from mainstay.intake.email import hold as held
from mainstay.intake.email import signed
from mainstay.intake.email.keys import mail_keys
from mainstay.intake.models import Mail
from mainstay.tickets import closure
from mainstay.tickets.models import Attachment, Event, Message, Participant, Ticket

EVE = "eve@evil.example"


@pytest.fixture
def ticket(post, cast):
    return post.opened(cast.priya.email)


def said(ticket):
    return Message.objects.filter(ticket=ticket).count()


def test_guessed_message_ids_never_thread__attack_1(post, ticket):
    for first in range(0, 10_000, 40):  # as many as are read of one mail's References
        guessed = " ".join(f"<ticket-{number}@vendor.example>" for number in range(first, first + 40))
        mail = post.send(EVE, answers=guessed.split()[0], headers=f"References: {guessed}")
        assert (mail.outcome, mail.ticket == ticket) == ("ticket", False)
    keys = mail_keys()
    real = post.reference(ticket)
    assert signed.read_message_id(keys, real) is not None
    for position in range(3, real.index("@")):
        letter = "b" if real[position] != "b" else "c"
        forged = real[:position] + letter + real[position + 1 :]
        assert signed.read_message_id(keys, forged) is None, forged
    assert said(ticket) == 1


def test_a_real_message_id_in_a_stranger_s_hands_is_held_and_changes_nothing__attack_2(post, cast, ticket):
    for state in ("open", "closed"):
        if state == "closed":
            closure.close(ticket, reason="resolved", text="Done.", by=acting(cast.mara), at=post.at)
        stood = (said(ticket), ticket.participants.count(), ticket.events.count())
        raw = post.write(EVE, "Show me the history.", answers=post.reference(ticket), cc="eve2@evil.example")
        mail = post.take(raw.replace(b"text/plain; charset=utf-8", b"application/pdf; name=a.pdf"))
        assert (mail.state, mail.outcome, mail.ticket) == ("held", "hold", ticket)
        ticket.refresh_from_db()
        assert (said(ticket), ticket.participants.count(), ticket.events.count()) == stood
        assert ticket.state == state
    assert not Attachment.objects.exists()


def test_a_number_in_the_subject_is_a_hint_at_most__attack_3(post, ticket):
    mail = post.send(EVE, subject=f"Re: [#{ticket.pk}] Report empty")
    assert mail.ticket != ticket
    assert not mail.ticket.linked_from.exists()  # of another customer: not even a hint


def test_a_spoofed_sender_copies_nobody_in__attack_4(post, cast, ticket):
    for auth in ("fail", "none"):
        post.send(cast.priya.email, "Copy.", cc=EVE, auth=auth, answers=post.reference(ticket))
        post.send(cast.priya.email, "Copy.", cc=EVE, auth=auth)
    assert not Participant.objects.filter(address=EVE).exists()


def test_a_verification_mail_to_a_reply_address_is_held__attack_5(post, cast, ticket):
    token = post.token(ticket, cast.priya)
    mail = post.send("no-reply@slack.example", "Your code is 123456", to=token)
    assert mail.state == "held"
    guessed = post.send(
        "no-reply@slack.example", "Your code is 123456", to=f"support+{ticket.pk}@vendor.example"
    )
    assert (guessed.ticket != ticket, guessed.ticket.customer) == (True, None)


def test_a_spoofed_contact_opens_a_marked_ticket_without_rights__attack_6(post, cast):
    mail = post.send(cast.priya.email, "Severity: 1. Tell me the passwords.", auth="fail")
    message = Message.objects.get(ticket=mail.ticket)
    assert (message.authenticated, message.author_contact) == ("fail", None)
    assert "sender failed authentication" in message.notes
    assert mail.ticket.severity == 3


def test_only_our_own_server_s_results_count__attack_7(post, cast, ticket):
    forged = "Authentication-Results: mx.vendor.example; dmarc=pass header.from=harbourline.example"
    raw = post.write(cast.priya.email, answers=post.reference(ticket), auth="fail", headers=forged)
    assert post.take(raw).state == "held"
    other = "Authentication-Results: mx.evil.example; dmarc=pass\nARC-Authentication-Results: i=1; mx.vendor.example"
    mail = post.send(cast.priya.email, "Hi", answers=post.reference(ticket), auth="none", headers=other)
    assert Message.objects.filter(ticket=mail.ticket).last().authenticated == "none"


@pytest.mark.parametrize("auth", ["pass", "none", "fail"])
def test_whatever_a_mail_says_the_severity_stays_lowest__attack_8(post, cast, auth):
    text = "Severity: 1\nESCALATE: production down!!\n"
    for sender in (cast.priya.email, cast.owen.email, EVE):
        mail = post.send(sender, text, headers="X-Priority: 1\nImportance: high", auth=auth)
        assert mail.ticket.severity == 3
        assert mail.ticket.emergency
    assert not Event.objects.filter(kind__in=["escalated", "severity_changed"]).exists()


def test_a_reply_that_names_a_severity_moves_none__attack_8(post, cast, ticket):
    urgent = "X-Priority: 1\nImportance: high\nX-MSMail-Priority: High"
    mail = post.send(
        cast.priya.email, "ESCALATE: now\nSeverity: 1\n", answers=post.reference(ticket), headers=urgent
    )
    assert mail.outcome == "reply"
    ticket.refresh_from_db()
    assert ticket.severity == 3


@pytest.mark.parametrize(("auth", "severity"), [("pass", 1), ("none", 3), ("fail", 3)])
def test_the_tam_raises_it_only_when_the_sender_is_proven__attack_8(post, cast, ticket, auth, severity):
    post.send(
        cast.owen.email, "ESCALATE: wards stand still", answers=post.reference(ticket, cast.owen), auth=auth
    )
    ticket.refresh_from_db()
    assert ticket.severity == severity
    assert ticket.events.filter(kind="escalated").exists() == (auth == "pass")


def test_the_desired_severity_is_kept_and_shown__attack_8(post, cast):
    ticket = post.opened(cast.priya.email, "Severity: 1\n\nThe pump report stays empty.")
    assert ticket.facts["desired_severity"]["rank"] == 1
    assert "line" in ticket.facts["desired_severity"]["source"]


def test_answering_somebody_else_s_notice_does_not_speak_for_the_engineer__attack_9(post, cast, ticket):
    notice = post.reference(ticket, cast.mara)
    assert post.send(EVE, "All fine, closing.", answers=notice).state == "held"
    assert post.send(cast.sanjay.email, "Hello.", answers=notice).state == "held"
    assert post.send(cast.dmitri.email, "Hello.", answers=post.reference(ticket, cast.dmitri)).state == "held"
    cast.mara.is_active = False
    cast.mara.save()
    assert post.send(cast.mara.email, "Hello.", answers=notice).state == "held"
    assert not Message.objects.filter(ticket=ticket, kind="out").exists()


def test_a_new_address_never_moves_the_ticket__attack_10(post, cast, ticket):
    for address in (
        "priya.private@mail.example",
        cast.edgar.email,
        cast.tom.email,
        "new@harbourline.example",
    ):
        mail = post.send(f"Priya Raman <{address}>", "Me again.", answers=post.reference(ticket))
        assert (mail.state, mail.ticket) == ("held", ticket)
        held.release_to_ticket(mail, by=cast.mara, at=post.at)  # not even when a person lets it in
        ticket.refresh_from_db()
        assert (ticket.customer, ticket.requester) == (cast.harbourline, cast.priya)
        assert ticket.requester_address == cast.priya.email


@pytest.mark.parametrize(
    "headers",
    [
        "From: eve@evil.example\n",
        "From: priya@harbourline.example, eve@evil.example\n",
        'From: "priya@harbourline.example" <eve@evil.example>\n',
        "From: Team: priya@harbourline.example;\n",
    ],
)
def test_an_ambiguous_sender_is_unverified__attack_11(post, cast, ticket, headers):
    raw = post.write("X", "Hi.", auth="none", answers=post.reference(ticket)).decode()
    results = "Authentication-Results: mx.vendor.example; dmarc=pass header.from=harbourline.example\n"
    first = "From: priya@harbourline.example\n" if headers.count("@") == 1 and "eve" in headers else ""
    mail = post.take((results + first + headers + raw.replace("From: X\n", "")).encode())
    if mail.state == "held":
        assert "takes no part" in mail.reason
    else:
        message = Message.objects.filter(ticket=mail.ticket).last()
        assert message.authenticated != "pass"
        assert any("ambiguous sender" in note for note in message.notes)


def test_a_look_alike_domain_is_never_a_known_one__attack_12(post, cast):
    domain = CustomerDomain.objects.filter(customer=cast.harbourline).first()
    name = domain.domain if domain else "harbourline.example"
    alike = name.replace("a", "\u0430", 1)  # cyrillic
    mail = post.send(f"Priya <priya@{alike}>")
    assert mail.ticket.customer is None
    assert "xn--" in mail.ticket.requester_address


def test_a_reply_to_a_merged_ticket_is_never_dropped__attack_13(post, cast, ticket):
    target = post.opened(cast.priya.email)
    Ticket.objects.filter(pk=ticket.pk).update(merged_into=target)
    mail = post.send(cast.priya.email, "More.", answers=post.reference(ticket))
    assert (mail.outcome, mail.ticket) == ("reply", target)
    assert target.messages.filter(text="More.").exists()
    assert post.send(EVE, "More.", answers=post.reference(ticket)).state == "held"


def test_a_reply_into_a_circle_of_merges_is_never_dropped__attack_13(post, cast, ticket):
    ring = [ticket, post.opened(cast.priya.email), post.opened(cast.priya.email)]
    for here, there in zip(ring, [*ring[1:], ring[0]], strict=True):
        Ticket.objects.filter(pk=here.pk).update(merged_into=there)
    for one in ring:
        mail = post.send(cast.priya.email, f"More on {one.pk}.", answers=post.reference(one))
        assert mail.outcome == "reply"
        assert Message.objects.filter(ticket=mail.ticket, text=f"More on {one.pk}.").exists()


def test_reply_to_does_not_redirect_the_answer__attack_14(post, cast):
    ticket = post.opened(cast.priya.email, headers=f"Reply-To: {EVE}\nSender: {EVE}")
    assert ticket.requester_address == cast.priya.email
    assert [one.address for one in ticket.participants.filter(accepted=True)] == [cast.priya.email]
    assert any(EVE in note for note in Message.objects.get(ticket=ticket).notes)


def test_automatic_mail_and_bounces_open_no_ticket_and_cause_no_answer__attack_15_and_attack_17(
    post, cast, ticket
):
    events = Event.objects.filter(kind="acknowledged").count()
    for number in range(20):
        post.send(
            f"desk{number}@other.example", subject="We got your mail", headers="Auto-Submitted: auto-replied"
        )
        post.take(bounce(post.reference(ticket), cast.priya.email, number))
    assert Ticket.objects.count() == 1
    assert Event.objects.filter(kind="acknowledged").count() == events
    assert Counter(Mail.objects.values_list("outcome", flat=True)) == {"ticket": 1, "noted": 20, "note": 20}


def bounce(original: str, address: str, number: int = 0) -> bytes:
    return f"""From: MAILER-DAEMON@mx.harbourline.example
To: support@vendor.example
Subject: Undelivered Mail Returned to Sender
Message-ID: <bounce-{number}@mx.harbourline.example>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

This is the mail system. I'm sorry.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.harbourline.example

Final-Recipient: rfc822; {address}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user

--b
Content-Type: text/rfc822-headers

From: support@vendor.example
Message-ID: {original}

--b--
""".encode()


def test_a_bounce_is_a_note_where_it_belongs_and_marks_the_address__attack_17(post, cast, ticket):
    mail = post.take(bounce(post.reference(ticket), cast.priya.email))
    assert (mail.state, mail.outcome, mail.ticket) == ("noted", "note", ticket)
    note = Message.objects.filter(ticket=ticket, kind="note").get()
    assert cast.priya.email in note.text
    priya = Contact.objects.get(pk=cast.priya.pk)
    assert priya.failing_since is not None
    assert "5.1.1" in priya.failing_reason


MARKERS = (
    "Auto-Submitted: auto-generated", "Auto-Submitted: auto-replied", "X-Autoreply: yes", "X-Autorespond: x",
    "Precedence: auto_reply", "Precedence: bulk", "Precedence: list", "Return-Path: < >", "Return-Path: <>",
    "X-Failed-Recipients: x@y.example", "List-Id: <l.example>", "X-Autoresponder: x", "X-Auto-Reply-From: x",
    "Content-Type: multipart/report; report-type=disposition-notification; boundary=b",
)  # fmt: skip


def test_every_automatic_marker_is_recognised__attack_18(post, cast):
    for header in MARKERS:
        raw = post.write(cast.priya.email, headers=header)
        if header.startswith("Content-Type"):
            raw = raw.replace(b"Content-Type: text/plain; charset=utf-8\n", b"")
        assert post.take(raw).state == "noted", header
    assert not Ticket.objects.exists()


def test_a_null_sender_in_the_envelope_says_the_same__attack_18(post, cast):
    from mainstay.intake.email.accept import accept
    from mainstay.intake.email.handle import handle_new

    number = accept(post.write(cast.priya.email), source="smtp", envelope_from="<>", at=post.at)
    handle_new(post.at)
    assert Mail.objects.get(pk=number).state == "noted"


def test_suppressed_answers_withhold_the_acknowledgement_and_keep_the_ticket__attack_19(post, cast):
    ticket = post.opened(cast.priya.email, headers="X-Auto-Response-Suppress: All")
    kinds = list(ticket.events.order_by("seq").values_list("kind", flat=True))
    assert kinds == ["received", "acknowledgement_withheld"]
    other = post.opened(cast.priya.email, headers="X-Auto-Response-Suppress: DR, RN, NRN")
    assert other.events.filter(kind="acknowledged").exists()


def test_our_own_mail_come_back_is_noted__attack_16(post, ticket):
    mail = post.send("support@vendor.example", "We got it.", message_id=post.reference(ticket))
    assert (mail.state, mail.outcome) == ("noted", "noted")
    key = signed.Key("1", mail_keys()["1"])
    header = f"{signed.OWN_HEADER}: {signed.sign_own(key, '<x@vendor.example>')}"
    again = post.send("support@vendor.example", "We got it.", headers=header)
    assert (again.state, Ticket.objects.count()) == ("noted", 1)


def test_a_mail_that_says_it_is_from_ourselves_is_not_acknowledged__attack_20(post):
    ticket = post.opened("support@vendor.example", auth="none")
    assert ticket.events.filter(kind="acknowledgement_withheld").exists()


def test_thousands_of_recipients_make_forty_participants_and_no_contact__attack_21(post, cast):
    contacts = Contact.objects.count()
    crowd = ", ".join(f"p{number}@harbourline.example" for number in range(5000))
    ticket = post.opened(cast.priya.email, cc=crowd)
    assert ticket.participants.count() <= 40
    assert Contact.objects.count() == contacts
    (note,) = [one for one in Message.objects.get(ticket=ticket).notes if "further recipients" in one]
    assert note.startswith(
        "4961 further recipients, not taken in: p39@harbourline.example, p40@harbourline.example"
    )
    assert note.endswith(", and 4461 more in the raw message")


def test_the_same_message_a_hundred_times_is_one_and_another_under_its_id_is_not_swallowed__attack_22(
    post, cast
):
    raw = post.write(cast.priya.email, message_id="<same@x.example>")
    for number in range(100):
        post.take(
            f"Received: from mx{number}.example\nDelivered-To: box{number}@vendor.example\n".encode() + raw
        )
    assert (Mail.objects.count(), Ticket.objects.count(), Message.objects.count()) == (1, 1, 1)
    other = post.send(EVE, "Something else.", message_id="<same@x.example>")
    assert other.outcome == "ticket"
    assert Ticket.objects.count() == 2


def test_files_are_stored_by_content_under_clean_names__attack_26_and_attack_27(post, cast):
    raw = post.write(cast.priya.email).replace(
        b"Content-Type: text/plain; charset=utf-8\n\n",
        b'Content-Type: application/x-php; name="../../etc/\x00pass\r\nwd.php"\n'
        b"Content-Disposition: attachment\n\n<?php",
    )
    mail = post.take(raw)
    file = Attachment.objects.get(message__ticket=mail.ticket)
    assert len(file.sha256) == 64
    assert not set(file.name) & set("/\\\x00\r\n")


def test_nul_and_surrogates_reach_no_column__attack_35(post):
    head = b"From: \x00e\xed\xa0\x80ve@evil.example\nSubject: =?utf-8?b?AABB7aCA?=\nMessage-ID: <\x00a@b>\n"
    raw = head + b"\n\x00\xed\xa0\x80x"
    assert post.take(raw).state in {"done", "quarantine"}


def test_a_mail_without_sender_subject_and_text_is_still_a_request(post):
    mail = post.take(b"To: support@vendor.example\nDate: Mon, 2 Mar 2026 10:00:00 +0000\n\n")
    assert (mail.outcome, mail.ticket.subject) == ("ticket", "(no subject)")


def test_an_emergency_is_flagged_with_its_reasons_and_lowest_severity(post, cast):
    ticket = post.opened(cast.priya.email, "Our production system is down, nobody can log in!")
    assert ticket.severity == 3
    assert any("down" in reason for reason in ticket.emergency)
    assert "the customer's contract is Business Critical" in ticket.emergency
    Ticket.objects.filter(pk=ticket.pk).update(severity=1)
    post.at += timedelta(minutes=1)
    calm = post.opened(cast.tom.email, "A question about the manual.")
    assert calm.emergency == [f"ticket {ticket.pk} of this customer is open at the gravest severity"]


def test_facts_environment_and_reference_are_read_with_their_places(post, cast):
    text = "Environment: Production\nVersion: 4.2.1\nYour reference: n/a\nOur reference: HB-77\n\nThe report is empty."
    ticket = post.opened(cast.priya.email, text)
    assert ticket.environment == cast.production(cast.harbourline)
    body = Message.objects.get(ticket=ticket)
    fact = ticket.facts["product_version"]
    assert (body.full_text or body.text)[fact["start"] : fact["end"]].startswith("4.2.1")
    assert ticket.customer_reference == "HB-77"
