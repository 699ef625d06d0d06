"""What is written to whom, byte for byte where it matters."""

from datetime import timedelta

import pytest

from cast import acting
from mainstay.accounts.actor import Actor
from mainstay.errors import Refused
from mainstay.intake.email import signed
from mainstay.intake.email.keys import mail_keys
from mainstay.intake.email.parse import parse
from mainstay.notices import email, limits, links, words
from mainstay.notices.models import AnsweredAddress, Delivery
from mainstay.tickets import closure, coverage, dispatch, handover, resolution, triage
from mainstay.tickets.files import Upload
from mainstay.tickets.messages import Said

PRIYA = "priya@harbourline.example"


def raw(delivery):
    """The very bytes that go out."""
    return email.build(delivery, delivery.created_at).as_bytes()


def read(delivery):
    """All of a mail's text, decoded."""
    message = email.build(delivery, delivery.created_at)
    return "\n".join(
        [*(f"{name}: {value}" for name, value in message.items()),
         *(part.get_content() for part in message.walk() if part.get_content_maintype() == "text")]
    )  # fmt: skip


# ---- acknowledgement


def test_the_acknowledgement_says_number_severity_agreement_and_promise_in_sydney(desk):
    ticket = desk.opens()
    ack = desk.letter(ticket, "acknowledgement")
    assert ack.subject == f"Re: Sync stops at night [#{ticket.pk}]"
    for said in (
        f"Its number is {ticket.pk}.",
        "We promise the first answer within 4 business hours: by Tuesday 3 March, 12:30 (Sydney time).",
        "Severity: 3, Low",
        "Received: Monday 2 March, 16:30 (Sydney time)",
        "contract HA-2025-1, Business Critical Support",
        "To add something, reply to this mail.",
        "Owen Blake (owen@vendor.example), can escalate it at once",
        "+61 2 5550 0100",
        "Where to look first",
    ):
        assert said in ack.text


def test_the_promise_is_told_in_the_time_of_tokyo_for_tokyo(desk):
    assert (
        "by Tuesday 3 March, 14:30 (Tokyo time)"
        in desk.letter(desk.opens(desk.cast.aiko), "acknowledgement").text
    )


def test_a_goal_is_not_called_a_promise(desk):
    ack = desk.letter(desk.opens(desk.cast.jonah), "acknowledgement").text
    assert "We aim for the first answer within 2 business days" in ack
    assert "promise" not in ack


def test_without_an_agreement_nothing_is_promised_and_nothing_is_dropped(desk):
    ack = desk.letter(desk.opens(desk.cast.nora), "acknowledgement").text
    assert "No response time is promised" in ack
    assert "none in force" in ack


def test_no_word_of_the_request_is_in_the_acknowledgement_and_its_subject_only_when_authenticated(desk):
    said = desk.mail(
        "SECRETBODY", authenticated="none", message_id="<two@harbourline.example>", address=PRIYA
    )
    ticket = desk.opens(said=said, subject="SECRETSUBJECT", customer_reference="SECRETREF")
    ack = desk.letter(ticket, "acknowledgement")
    assert ack.recipient == PRIYA
    assert ack.subject == f"[#{ticket.pk}] Your request"
    assert "SECRET" not in read(ack)
    assert "We promise" in ack.text


def test_an_unknown_sender_gets_none_of_their_words_back(desk):
    ack = desk.letter(
        desk.stranger("x@far.example", "Buy pills http://bad.example", "Cheap pills http://bad.example"),
        "acknowledgement",
    )
    for word in ("pills", "Pills", "bad.example", "Cheap"):
        assert word not in read(ack)


def test_an_unknown_address_is_answered_once_a_day__attack_20(desk):  # ATTACKS 20
    states = [desk.letter(desk.stranger("x@far.example"), "acknowledgement").state for _ in range(3)]
    assert states == ["pending", "suppressed", "suppressed"]
    desk.later(hours=25)
    assert desk.letter(desk.stranger("x@far.example"), "acknowledgement").state == "pending"


def test_a_storm_of_addresses_of_one_domain_is_answered_a_few_times__attack_20(
    desk, monkeypatch
):  # ATTACKS 20
    assert limits.A_DAY_FOR_A_DOMAIN == 20
    monkeypatch.setattr(limits, "A_DAY_FOR_A_DOMAIN", 4)
    for number in range(7):
        desk.stranger(f"x{number}@far.example")
    acks = Delivery.objects.filter(template="acknowledgement")
    assert acks.filter(state="pending").count() == AnsweredAddress.objects.count() == 4
    assert "of far.example" in acks.filter(state="suppressed").last().error


@pytest.mark.parametrize(
    "address",
    ["MAILER-DAEMON@a.example", "noreply@a.example", "no-reply+x@a.example", "do_not_reply@a.example",
     "postmaster@a.example", "bounces+1=2@a.example", "list-owner@a.example", "alerts-noreply@a.example"],
)  # fmt: skip
def test_a_program_is_never_answered__attack_17(desk, address):  # ATTACKS 17
    assert desk.letter(desk.stranger(address), "acknowledgement").state == "suppressed"


@pytest.mark.parametrize(
    "address", ["nora@a.example", "notary@a.example", "owner@a.example", "reply@a.example"]
)
def test_people_with_such_names_are(desk, address):
    assert desk.letter(desk.stranger(address), "acknowledgement").state == "pending"


def test_our_own_address_is_never_written_to(desk):
    kept = desk.letter(desk.stranger("support+1-abc@vendor.example"), "acknowledgement")
    assert (kept.state, kept.error) == ("suppressed", "it is our own address")


def test_a_ring_of_two_answering_desks_ends_after_one_mail__attack_15(desk):  # ATTACKS 15
    first = desk.opens(subject="Request")
    for _ in range(5):
        said = desk.mail(
            "We have your request", message_id=f"<{desk.now:%H%M%S}@harbourline.example>", address=PRIYA
        )
        desk.later(seconds=30)
        desk.opens(subject=f"[Desk B 77] Received: Re: Request [#{first.pk}]", said=said)
    assert (
        Delivery.objects.filter(template="acknowledgement", recipient=PRIYA)
        .exclude(state="suppressed")
        .count()
        == 1
    )


def test_a_ring_that_leaves_no_trace_of_ours_ends_after_twenty(desk, monkeypatch):  # ATTACKS 15
    assert limits.RING == 20
    monkeypatch.setattr(limits, "RING", 4)
    for number in range(7):
        words_ = f"Desk B {'x' * number}"
        said = desk.mail(words_, message_id=f"<{number}@harbourline.example>", address=PRIYA)
        desk.opens(subject=f"Request B-{number}", said=said)
        Delivery.objects.filter(state="pending").update(state="sent", sent_at=desk.now)
        desk.later(seconds=20)
    assert Delivery.objects.filter(template="acknowledgement", state="sent").count() == 4


def test_a_person_who_writes_again_soon_is_answered_and_one_who_sends_the_same_again_has_been__attack_15(
    desk,
):
    def opens(words_, **later):
        said = desk.mail(words_, message_id=f"<{desk.now:%H%M%S}@harbourline.example>", address=PRIYA)
        ticket = desk.opens(subject="Export", said=said)
        Delivery.objects.filter(state="pending").update(state="sent", sent_at=desk.now)
        desk.later(**later)
        return desk.letter(ticket, "acknowledgement").state

    assert opens("Row 7 is missing.", seconds=30) == "sent"
    assert opens("And the heading is wrong, too.", seconds=30) == "sent"
    assert opens("As in request 1042: the heading is wrong.", minutes=3) == "sent"
    assert opens("The import says: thank you for your message, and stops.", minutes=3) == "sent"
    assert opens("It does not run automatically, and no mail was received.", seconds=30) == "sent"
    assert opens("And the heading is wrong, too.", seconds=30) == "sent"
    assert opens("And the heading is wrong, too.", seconds=30) == "suppressed"
    desk.later(hours=2)
    assert opens("And the heading is wrong, too.", seconds=1) == "sent"


def test_many_requests_of_one_known_address_at_once_are_all_answered(desk, monkeypatch):
    monkeypatch.setattr(limits, "RING", 4)
    for number in range(7):
        said = desk.mail("One of many", message_id=f"<{number}@harbourline.example>", address=PRIYA)
        desk.opens(subject=f"Monitor {number}", said=said)
    assert Delivery.objects.filter(template="acknowledgement", state="pending").count() == 7


def test_a_ring_through_reopening_ends_too(desk):  # ATTACKS 15
    cast, ticket = desk.cast, desk.opens()
    for _ in range(4):
        desk.later(minutes=2)
        closure.close(ticket, reason="resolved", text="Done", by=acting(cast.mara), at=desk.now)
        closure.reopen(ticket, said=desk.mail("we got your mail"), by=acting(cast.priya), at=desk.now)
        desk.announce()
    answers = Delivery.objects.filter(ticket=ticket, automatic="auto-replied", recipient=PRIYA)
    assert answers.exclude(state="suppressed").count() == 1


def test_a_person_may_open_several_tickets_and_hears_of_each(desk):
    for number in range(5):
        said = desk.mail(message_id=f"<{number}@harbourline.example>", address=PRIYA)
        assert (
            desk.letter(desk.opens(subject=f"Printer {number}", said=said), "acknowledgement").state
            == "pending"
        )


def test_an_answer_that_its_sender_does_not_want_is_withheld_with_its_reason(desk):
    ticket = desk.opens(withhold_answer="the sender asked for no automatic answer")
    kept = desk.letter(ticket, "acknowledgement")
    assert (kept.state, kept.error) == ("suppressed", "the sender asked for no automatic answer")


# ---- the steps in words


@pytest.fixture
def given(desk):
    ticket = desk.opens()
    triage.triage(
        ticket,
        severity=1,
        category="technical",
        reason="Production is down",
        by=acting(desk.cast.ifeoma),
        at=desk.later(minutes=9),
    )
    dispatch.assign(ticket, to=desk.cast.mara, by=acting(desk.cast.ifeoma), at=desk.later(minutes=1))
    return ticket


def test_a_severity_tells_what_was_due_what_is_due_and_why(desk, given):
    letter = desk.letter(given, "severity").text
    assert "raised from severity 3 to 1 (Critical)" in letter
    assert (
        "We promise the first answer within 15 minutes, round the clock: by Monday 2 March, 16:54" in letter
    )
    assert "Before, the first answer was due by Tuesday 3 March, 12:30" in letter
    assert "Production is down" in letter
    assert "otherwise" not in letter


def test_a_lowered_severity_may_be_objected_to(desk, given):
    triage.change_severity(
        given, severity=2, reason="half of it works", by=acting(desk.cast.mara), at=desk.later(minutes=5)
    )
    letter = desk.letter(given, "severity").text
    assert "lowered from severity 1 to 2" in letter
    assert "half of it works" in letter
    assert "Do you see it otherwise? Reply" in letter


def test_a_changed_estimate_is_told_with_its_reason(desk, given):
    by = acting(desk.cast.mara)
    resolution.report_progress(
        given,
        status="Half way.",
        estimate=desk.now + timedelta(hours=3),
        next_step="",
        by=by,
        at=desk.later(minutes=1),
    )
    resolution.report_progress(
        given,
        status="Slower.",
        estimate=desk.now + timedelta(hours=9),
        next_step="Keep the old server",
        change_reason="a second index",
        by=by,
        at=desk.later(minutes=1),
    )
    letter = desk.letter(given, "progress").text
    assert "Expected to be solved: Tuesday 3 March, 01:41 (Sydney time)" in letter
    assert "it was Monday 2 March, 19:40 (Sydney time): a second index" in letter
    assert "What we need from you: Keep the old server" in letter
    assert "You hear from us again by" in letter


def test_a_question_says_when_the_request_closes_by_itself(desk, given):
    resolution.reply(
        given,
        said=Said("Which version?", "desk"),
        wait=True,
        by=acting(desk.cast.mara),
        at=desk.later(minutes=1),
    )
    letter = desk.letter(given, "question")
    assert "Which version?" in letter.text
    assert "closes by itself on Monday 16 March, 16:41 (Sydney time)" in letter.text
    assert letter.automatic == ""


def test_a_solution_has_both_answers_as_links_that_only_say_what_they_are_for(desk, given):
    resolution.propose_solution(
        given, text="Install 7.1.2", by=acting(desk.cast.mara), at=desk.later(minutes=1)
    )
    text = desk.letter(given, "solution").text
    tokens = [line.rpartition("/r/")[2] for line in text.splitlines() if "/r/" in line]
    found = [links.read(token, at=desk.now) for token in tokens]
    assert [(one.action, one.ticket_id, one.contact_id) for one in found] == [
        ("accept", given.pk, desk.cast.priya.pk),
        ("refuse", given.pk, desk.cast.priya.pk),
    ]


@pytest.mark.parametrize(
    ("reason", "words_"),
    [("resolved", "solved and closed"), ("no_information", "did not reach us"), ("out_of_scope", "does not cover it"),
     ("duplicate", "about the same")],
)  # fmt: skip
def test_each_reason_for_closing_is_said_in_words(desk, given, reason, words_):
    closure.close(given, reason=reason, text="So it is.", by=acting(desk.cast.mara), at=desk.later(minutes=1))
    letter = desk.letter(given, "closed")
    assert words_ in letter.text
    assert "So it is." in letter.text
    assert "Reply until Monday 16 March, 16:41 (Sydney time)" in letter.text


def test_closing_by_itself_and_by_the_customer_are_said_apart(desk, given):
    resolution.propose_solution(
        given, text="Install 7.1.2", by=acting(desk.cast.mara), at=desk.later(minutes=1)
    )
    closure.close_by_itself(given, at=desk.later(days=8))
    letter = desk.letter(given, "closed")
    assert "the solution we proposed got no answer" in letter.text
    assert letter.automatic == "auto-generated"
    other = desk.opens()
    closure.close_by_customer(other, text="", by=acting(desk.cast.priya), at=desk.later(minutes=1))
    assert "as you asked, without a solution" in desk.letter(other, "closed").text


def test_an_exclusion_is_named_with_the_way_to_object(desk, given):
    coverage.rule_out_of_scope(
        given,
        rule="third_party",
        reason="inside reason",
        text="It is the switch.",
        by=acting(desk.cast.ifeoma),
        at=desk.later(minutes=1),
    )
    letter = desk.letter(given, "out_of_scope").text
    assert "Third-party software or hardware" in letter
    assert "It is the switch." in letter
    assert "Do you see it otherwise" in letter
    assert "inside reason" not in letter


# ---- attacks


def test_an_internal_note_is_in_no_outbound_byte__attack_37(desk, given):  # ATTACKS 37
    by = acting(desk.cast.mara)
    upload = Upload("SECRETNOTE.txt", "text/plain", b"SECRETNOTE")
    resolution.note(
        given,
        said=Said("SECRETNOTE: the customer is rude", "desk", attachments=(upload,)),
        by=by,
        at=desk.later(minutes=1),
    )
    resolution.reply(given, said=Said("Try this.", "desk"), by=by, at=desk.later(minutes=1))
    handover.hand_over(given, to=desk.cast.sanjay, note="SECRETNOTE again", by=by, at=desk.later(minutes=1))
    resolution.reply(given, said=Said("Or this.", "desk"), by=by, at=desk.later(minutes=1))
    desk.announce()
    to_customers = Delivery.objects.filter(channel="email", user=None)
    assert to_customers.count() > 4
    for delivery in to_customers:
        assert "SECRETNOTE" not in read(delivery)
    for delivery in Delivery.objects.filter(channel="email").exclude(
        reply_to=""
    ):  # a reply to it would quote it
        assert "SECRETNOTE" not in read(delivery)


def test_line_ends_in_a_subject_or_name_make_no_header__attack_39(desk):  # ATTACKS 39
    cast = desk.cast
    cast.priya.name = "Priya\r\nBcc: evil@bad.example"
    cast.priya.save()
    ticket = desk.opens(subject="Down")
    ticket.subject = "Down\r\nBcc: evil@bad.example\r\n\r\nbody\u2028x"
    ticket.save()
    resolution.reply(ticket, said=Said("Try this.", "desk"), by=acting(cast.mara), at=desk.later(minutes=1))
    message = parse(raw(desk.letter(ticket, "answer")))
    assert [box.address for box in (*message.to, *message.cc)] == [PRIYA]
    assert message.header_values("bcc") == []
    assert len(message.header_values("subject")) == 1


@pytest.mark.parametrize(
    "evil",
    [
        "{{7*7}}",
        "{% load x %}",
        "${7*7}",
        "%(number)s",
        "<script>alert(1)</script>",
        "{{settings.SECRET_KEY}}",
    ],
)
def test_what_people_write_is_printed_as_it_is__attack_40(desk, evil):  # ATTACKS 40, 24
    ticket = desk.opens(subject=f"Subject {evil}")
    resolution.reply(
        ticket, said=Said(f"Words {evil}", "desk"), by=acting(desk.cast.mara), at=desk.later(minutes=1)
    )
    answer = desk.letter(ticket, "answer")
    assert f"Words {evil}" in answer.text
    assert f"Subject {evil}" in answer.subject
    assert "<script" not in answer.html
    assert (
        "49"
        not in answer.html.replace(links.make("view", ticket), "").partition("<h1")[2].partition("/r/")[0]
    )


def test_the_answer_goes_to_the_address_we_know_and_not_to_a_reply_to__attack_14(
    desk,
):  # LESSON 33, ATTACKS 14
    ticket = desk.opens()
    resolution.customer_replied(
        ticket,
        said=desk.mail("from elsewhere", address="evil@bad.example"),
        by=acting(desk.cast.priya),
        at=desk.later(minutes=1),
    )
    resolution.reply(
        ticket, said=Said("Try this.", "desk"), by=acting(desk.cast.mara), at=desk.later(minutes=1)
    )
    desk.announce()
    assert set(Delivery.objects.filter(template="answer").values_list("recipient", flat=True)) == {PRIYA}


# ---- the thread


def test_a_mail_carries_what_ties_it_to_the_ticket_and_the_readers_thread(desk, given):
    cast = desk.cast
    resolution.customer_replied(
        given,
        said=desk.mail("more", message_id="<later@harbourline.example>", address=PRIYA),
        by=acting(cast.priya),
        at=desk.later(minutes=1),
    )
    resolution.reply(given, said=Said("Try this.", "desk"), by=acting(cast.mara), at=desk.later(minutes=1))
    ack, answer = desk.letter(given, "acknowledgement"), desk.letter(given, "answer")
    message = parse(raw(answer))
    assert message.in_reply_to[-1] == "<later@harbourline.example>"
    assert message.references[0] == "<one@harbourline.example>"
    assert ack.message_id in message.references
    reference = signed.read_message_id(mail_keys(), answer.message_id)
    assert (reference.ticket_id, reference.recipient_kind, reference.recipient_id) == (
        given.pk,
        "contact",
        cast.priya.pk,
    )
    assert signed.is_own(mail_keys(), message)
    token = answer.reply_to.partition("+")[2].partition("@")[0]
    assert signed.read_token(mail_keys(), token).ticket_id == given.pk


def test_automatic_mails_say_so_and_peoples_words_do_not(desk, given):
    resolution.reply(
        given, said=Said("Try this.", "desk"), by=acting(desk.cast.mara), at=desk.later(minutes=1)
    )
    ack, answer = (
        email.build(desk.letter(given, "acknowledgement"), desk.now),
        email.build(desk.letter(given, "answer"), desk.now),
    )
    assert (ack["Auto-Submitted"], ack["X-Auto-Response-Suppress"]) == ("auto-replied", "All")
    assert parse(ack.as_bytes()).is_auto
    assert answer["Auto-Submitted"] is None
    assert answer["X-Auto-Response-Suppress"] is None


def test_an_engineer_may_answer_a_customers_words_from_their_mail_client_and_nothing_else(desk, given):
    cast = desk.cast
    resolution.customer_replied(
        given, said=desk.mail("more"), by=acting(cast.priya), at=desk.later(minutes=1)
    )
    resolution.escalate(given, reason="wards stand still", by=acting(cast.owen), at=desk.later(minutes=1))
    told = desk.letter(given, "customer_replied")
    assert "what you write is sent to them" in told.text
    token = told.reply_to.partition("+")[2].partition("@")[0]
    assert signed.read_token(mail_keys(), token).recipient_id == cast.mara.pk
    inside = desk.letter(given, "escalated", "mara@vendor.example")
    assert inside.reply_to == ""
    assert signed.read_message_id(mail_keys(), inside.message_id).recipient_kind == "none"


def test_the_tam_gets_a_link_and_words_that_escalate(desk):
    mail = desk.letter(desk.opens(), "received", "owen@vendor.example")
    assert "ESCALATE: your reason" in mail.text
    token = next(line for line in mail.text.splitlines() if "/r/" in line).rpartition("/r/")[2]
    link = links.read(token, at=desk.now)
    assert (link.action, link.user_id) == ("escalate", desk.cast.owen.pk)


def test_files_go_along_up_to_ten_megabytes_and_as_links_beyond(desk, given):
    small = Upload("trace.txt", "text/plain", b"a trace")
    large = Upload("dump.bin", "application/octet-stream", bytes(11 * 1024 * 1024))
    resolution.reply(
        given,
        said=Said("See these.", "desk", attachments=(large, small)),
        by=acting(desk.cast.mara),
        at=desk.later(minutes=1),
    )
    answer = desk.letter(given, "answer")
    attached = [part.get_filename() for part in email.build(answer, desk.now).iter_attachments()]
    assert attached == ["trace.txt"]
    assert "dump.bin (11 MB), too large to attach: http" in answer.text


# ---- links and words


def test_a_link_is_good_for_thirty_days_and_only_as_it_was_made(desk):
    ticket = desk.opens()
    token = links.make("accept", ticket, contact_id=7, at=desk.now).rpartition("/")[2]
    assert links.read(token, at=desk.now + timedelta(days=29)) == links.Link(
        "accept", ticket.pk, contact_id=7
    )
    with pytest.raises(Refused, match="30 days"):
        links.read(token, at=desk.now + timedelta(days=31))
    for wrong in ("", "x", token[:-1], token.replace(":", ":A", 1), "é" * 40, "a" * 5000):
        with pytest.raises(Refused, match="not one of ours"):
            links.read(wrong, at=desk.now)


def test_a_moment_names_day_date_time_and_zone(desk):
    at = desk.now
    assert words.moment(at, words.zone_of("Australia/Sydney")) == "Monday 2 March, 16:30 (Sydney time)"
    assert words.moment(at, words.zone_of("America/New_York")) == "Monday 2 March, 00:30 (New York time)"
    assert (
        words.moment(at, words.zone_of("nowhere"), now=at - timedelta(days=300))
        == "Monday 2 March 2026, 05:30 (UTC)"
    )


def test_a_customer_recognised_late_hears_what_is_promised(desk):
    ticket = desk.stranger("beth@private.example")
    beth = desk.cast.beth
    triage.recognise(
        ticket,
        customer=beth.customer,
        contact=beth,
        reason="she called",
        by=acting(desk.cast.ifeoma),
        at=desk.later(minutes=5),
    )
    letter = desk.letter(ticket, "recognised", beth.email)
    assert "contract FE-2025-1" in letter.text
    assert "It counts from when your request reached us." in letter.text
    assert "she called" not in letter.text


def test_the_system_speaks_of_a_reminder_only_while_it_waits(desk, given):
    resolution.propose_solution(given, text="Install", by=acting(desk.cast.mara), at=desk.later(minutes=1))
    closure.remind(given, at=desk.later(days=2))
    assert "still waits for you" in desk.letter(given, "reminder").text
    closure.remind(given, at=desk.later(days=1))
    resolution.customer_replied(given, said=desk.mail("no"), by=acting(desk.cast.priya), at=desk.now)
    desk.announce()
    assert Delivery.objects.filter(template="reminder").count() == 1
    assert Actor.system().kind == "system"


def test_a_reminder_says_nothing_that_was_said_before_somebody_was_copied_in(desk, given):
    from mainstay.tickets.models import Participant

    ask = desk.mail("The secret of the vault?")
    resolution.reply(given, said=ask, wait=True, by=acting(desk.cast.mara), at=desk.later(minutes=1))
    tom = desk.cast.tom
    since = desk.later(minutes=1)
    Participant.objects.create(ticket=given, contact=tom, address=tom.email, since=since)
    closure.remind(given, at=desk.later(days=2))
    assert "vault" in desk.letter(given, "reminder", desk.cast.priya.email).text
    assert "vault" not in desk.letter(given, "reminder", tom.email).text


def test_a_flag_raised_by_a_reply_shows_the_reply(desk):
    from mainstay.tickets import triage

    given = desk.opens()
    event = resolution.customer_replied(
        given, said=desk.mail("All wards are dark."), by=acting(desk.cast.priya), at=desk.later(minutes=1)
    )
    triage.flag_emergency(
        given, reasons=["says: dark"], message=event.text.detail["message"], by=Actor.system(), at=desk.now
    )
    assert "All wards are dark." in desk.letter(given, "emergency_flagged").text
