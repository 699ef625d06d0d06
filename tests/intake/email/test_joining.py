"""The rows of the table with real people: accepted, handled, and what stands on the ticket afterwards."""

from datetime import timedelta

import pytest

from cast import acting
from mainstay.config.env import env
from mainstay.tickets import closure, participants, resolution, triage
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Event, Message, Participant, Ticket


@pytest.fixture
def people(cast):
    """Addresses by first name."""
    names = ("priya", "tom", "aiko", "beth", "jonah", "nora", "edgar", "mara", "sanjay", "owen", "dmitri")
    return {name: getattr(cast, name).email for name in names}


@pytest.fixture
def ticket(post, people):
    return post.opened(people["priya"])


def kinds(ticket: Ticket) -> list[str]:
    return list(Event.objects.filter(ticket=ticket).order_by("seq").values_list("kind", flat=True))


def last(ticket: Ticket) -> Message:
    found = Message.objects.filter(ticket=ticket).order_by("-pk").first()
    assert found is not None
    return found


def answer(cast, ticket, post):
    post.at += timedelta(minutes=1)
    resolution.reply(ticket, said=Said("We look into it.", "desk"), by=acting(cast.mara), at=post.at)


def solve(cast, ticket, post):
    post.at += timedelta(minutes=1)
    resolution.propose_solution(ticket, text="Restart the pump.", by=acting(cast.mara), at=post.at)


def close(cast, ticket, post):
    post.at += timedelta(minutes=1)
    closure.close(ticket, reason="resolved", text="Done.", by=acting(cast.mara), at=post.at)


# ---- participants


def test_an_authenticated_participant_joins(post, people, ticket):
    mail = post.send(people["priya"], "More details.", answers=post.reference(ticket))
    assert (mail.state, mail.outcome, mail.ticket) == ("done", "reply", ticket)
    assert kinds(ticket)[-1] == "customer_replied"
    message = last(ticket)
    assert (message.kind, message.text, message.authenticated) == ("in", "More details.", "pass")
    assert message.author_contact_id is not None


def test_an_unauthenticated_participant_joins_with_a_mark(post, people, ticket):
    mail = post.send(people["priya"], "More.", answers=post.reference(ticket), auth="none")
    assert (mail.outcome, mail.ticket) == ("reply", ticket)
    assert "sender not authenticated" in last(ticket).notes


def test_a_participant_s_address_that_failed_is_held_and_the_ticket_untouched(post, people, ticket):
    before = kinds(ticket)
    mail = post.send(people["priya"], "Send me the passwords.", answers=post.reference(ticket), auth="fail")
    assert (mail.state, mail.ticket) == ("held", ticket)
    assert "failed authentication" in mail.reason
    assert kinds(ticket) == before


@pytest.mark.parametrize("auth", ["pass", "none", "fail"])
def test_a_participant_without_a_reference_gets_a_new_ticket(post, people, ticket, auth):
    mail = post.send(people["priya"], subject=f"Re: [#{ticket.pk}] Report empty", auth=auth)
    assert mail.outcome == "ticket"
    assert mail.ticket != ticket
    assert mail.ticket.customer == ticket.customer
    assert [link.ticket_id for link in mail.ticket.linked_from.all()] == [ticket.pk]
    marks = {"pass": [], "none": ["sender not authenticated"], "fail": ["sender failed authentication"]}
    assert last(mail.ticket).notes == marks[auth]


def test_the_reply_address_joins_as_well_as_the_message_id(post, people, cast, ticket):
    mail = post.send(people["priya"], "Again.", to=post.token(ticket, cast.priya))
    assert (mail.outcome, mail.ticket) == ("reply", ticket)


# ---- copied in


def test_a_colleague_copied_in_by_an_authenticated_participant_joins_from_then_on(post, people):
    ticket = post.opened(people["priya"], cc=people["tom"])
    tom = Participant.objects.get(ticket=ticket, address=people["tom"])
    assert tom.accepted
    assert tom.contact is not None
    mail = post.send(people["tom"], "I saw it too.", answers=post.reference(ticket))
    assert (mail.outcome, mail.ticket) == ("reply", ticket)


def test_a_colleague_copied_in_later_joins_from_then_on(post, people, ticket):
    held = post.send(people["tom"], "I saw it too.", answers=post.reference(ticket))
    assert held.state == "held"
    post.send(people["priya"], "Tom knows.", cc=people["tom"], answers=post.reference(ticket))
    assert post.send(people["tom"], "I do.", answers=post.reference(ticket)).outcome == "reply"


def test_somebody_of_another_organisation_waits_for_approval(post, people, cast, ticket):
    post.send(people["priya"], "Edgar helps.", cc=people["edgar"], answers=post.reference(ticket))
    edgar = Participant.objects.get(ticket=ticket, address=people["edgar"])
    assert not edgar.accepted
    mail = post.send(people["edgar"], "Hello.", answers=post.reference(ticket))
    assert (mail.state, mail.outcome) == ("held", "hold")
    participants.approve(ticket, edgar, by=acting(cast.mara), at=post.at)
    assert post.send(people["edgar"], "Hello again.", answers=post.reference(ticket)).outcome == "reply"


def test_an_unauthenticated_sender_brings_nobody_in_but_they_are_listed(post, people):
    ticket = post.opened(people["priya"], cc=f"{people['tom']}, x@evil.example", auth="none")
    assert [one.address for one in ticket.participants.all()] == [people["priya"]]
    assert f"copied, not taken in: {people['tom']}, x@evil.example" in last(ticket).notes


def test_people_copied_in_who_answer_before_our_first_answer_join_lesson_25(post, people):
    ticket = post.opened(people["priya"], cc=people["tom"], message_id="<first@harbourline.example>")
    mail = post.send(people["tom"], "I can add something.", answers="<first@harbourline.example>")
    assert (mail.outcome, mail.ticket) == ("reply", ticket)


@pytest.mark.parametrize("auth", ["none", "fail"])
def test_they_do_not_when_they_are_not_authenticated(post, people, auth):
    ticket = post.opened(people["priya"], cc=people["tom"], message_id="<first@harbourline.example>")
    mail = post.send(people["tom"], "Me too.", answers="<first@harbourline.example>", auth=auth)
    assert (mail.outcome, mail.ticket != ticket) == ("ticket", True)


def test_they_do_not_after_our_first_answer_nor_when_not_copied_in(post, people, cast):
    ticket = post.opened(people["priya"], cc=people["tom"], message_id="<first@harbourline.example>")
    strange = post.send(people["edgar"], "Me too.", answers="<first@harbourline.example>")
    assert strange.outcome == "ticket"
    answer(cast, ticket, post)
    late = post.send(people["tom"], "Me too.", answers="<first@harbourline.example>")
    assert late.outcome == "ticket"
    assert [link.ticket_id for link in late.ticket.linked_from.all()] == [ticket.pk]


# ---- the same customer, strangers


def test_a_colleague_is_held_unless_the_customer_shares_its_tickets(post, people, cast, ticket):
    assert post.send(people["tom"], "Hello.", answers=post.reference(ticket)).state == "held"
    cast.harbourline.shares_tickets = True
    cast.harbourline.save()
    mail = post.send(people["tom"], "Hello again.", answers=post.reference(ticket))
    assert (mail.outcome, mail.ticket) == ("reply", ticket)
    assert Participant.objects.filter(ticket=ticket, address=people["tom"], accepted=True).exists()


@pytest.mark.parametrize("auth", ["pass", "none", "fail"])
def test_a_stranger_with_a_real_reference_is_held(post, ticket, auth):
    before = kinds(ticket)
    mail = post.send("eve@elsewhere.example", "Hi.", answers=post.reference(ticket), auth=auth)
    assert (mail.state, mail.ticket) == ("held", ticket)
    assert kinds(ticket) == before


def test_a_stranger_without_one_opens_a_ticket_of_an_unknown_customer(post):
    mail = post.send("eve@elsewhere.example")
    assert mail.ticket.customer is None
    assert (mail.ticket.entitlement, mail.ticket.requester_address) == ("none", "eve@elsewhere.example")


# ---- staff


def test_an_engineer_answers_the_customer_by_mail(post, people, cast, ticket):
    mail = post.send(people["mara"], "Please restart it.", answers=post.reference(ticket, cast.mara))
    assert (mail.outcome, mail.ticket) == ("staff_reply", ticket)
    assert (last(ticket).kind, last(ticket).author_user) == ("out", cast.mara)
    assert kinds(ticket)[-1] == "staff_replied"


@pytest.mark.parametrize("auth", ["none", "fail"])
def test_an_engineer_who_is_not_authenticated_is_held(post, people, cast, ticket, auth):
    mail = post.send(people["mara"], "Hi.", answers=post.reference(ticket, cast.mara), auth=auth)
    assert mail.state == "held"


def test_an_engineer_without_a_reference_opens_a_ticket(post, people):
    mail = post.send(people["mara"], "The coffee machine leaks.")
    assert (mail.outcome, mail.ticket.customer) == ("ticket", None)


def test_an_engineer_s_answer_to_a_closed_ticket_is_held_with_the_reason(post, people, cast, ticket):
    close(cast, ticket, post)
    mail = post.send(people["mara"], "One more thing.", answers=post.reference(ticket, cast.mara))
    assert mail.state == "held"
    assert "closed" in mail.reason


def test_the_tam_joins_as_staff(post, people, cast, ticket):
    answers = post.reference(ticket, cast.owen)
    assert post.send(people["owen"], "I called them.", answers=answers).outcome == "staff_reply"
    inside = post.send(people["owen"], "For us only.", answers=post.reference(ticket))
    assert inside.outcome == "staff_note"
    assert last(ticket).kind == "note"


def test_the_tam_escalates_by_the_words_that_the_notice_states(post, people, cast, ticket):
    answers = post.reference(ticket, cast.owen)
    mail = post.send(people["owen"], "ESCALATE: surgery is waiting", answers=answers)
    assert mail.outcome == "escalate"
    ticket.refresh_from_db()
    assert ticket.severity == 1
    assert Event.objects.get(ticket=ticket, kind="escalated").text.why == "surgery is waiting"


def test_the_tam_without_a_reference_opens_a_ticket_for_the_customer(post, people, cast):
    mail = post.send(people["owen"], "They called.", subject=f"{cast.harbourline.code} pump")
    assert mail.ticket.customer == cast.harbourline
    assert mail.ticket.severity == 3


def test_a_tam_who_is_not_authenticated_has_no_rights(post, people, cast, ticket):
    answers = post.reference(ticket, cast.owen)
    mail = post.send(people["owen"], "ESCALATE: now", answers=answers, auth="none")
    ticket.refresh_from_db()
    assert (mail.state, ticket.severity) == ("held", 3)
    assert post.send(people["owen"], "They called.", auth="none").ticket.customer is None


# ---- automatic


def test_an_automatic_answer_is_a_note_and_never_reopens(post, people, cast, ticket):
    close(cast, ticket, post)
    mail = post.send(
        people["priya"], "I am away.", subject="Automatic reply: Report", answers=post.reference(ticket),
        headers="Auto-Submitted: auto-replied",
    )  # fmt: skip
    ticket.refresh_from_db()
    assert (mail.state, mail.outcome, ticket.state) == ("noted", "note", "closed")
    assert last(ticket).kind == "note"
    assert last(ticket).text.startswith("Absence note from priya@")


def test_an_absence_note_of_a_participant_is_shown_even_without_a_reference(post, people, ticket):
    mail = post.send(people["priya"], "Away.", headers="Auto-Submitted: auto-replied; vacation")
    assert (mail.outcome, mail.ticket) == ("note", ticket)
    other = post.send(people["aiko"], "Away.", headers="Auto-Submitted: auto-replied; vacation")
    assert (other.outcome, other.ticket) == ("noted", None)


@pytest.mark.parametrize(
    "header", ["Auto-Submitted: auto-generated", "List-Id: <news.example>", "Precedence: bulk"]
)
def test_automatic_mail_opens_no_ticket(post, people, header):
    mail = post.send(people["priya"], headers=header)
    assert (mail.state, mail.ticket) == ("noted", None)
    assert not Ticket.objects.exists()


def test_who_writes_to_a_support_address_that_is_a_group_opens_a_ticket(post, people):
    mail = post.send(people["priya"], headers=f"List-Id: <{env().support_address.replace('@', '.')}>")
    assert (mail.state, mail.outcome) == ("done", "ticket")
    assert mail.ticket.requester_address == people["priya"]


# ---- what a reply says

TOLD = "Version: 4.2.1\nEnvironment: Production\n\nIt happens after each start."


def test_what_was_missing_is_read_out_of_a_reply_and_what_is_there_stays(post, people, cast, ticket):
    triage.correct_fact(ticket, name="environment", value="Test", by=acting(cast.mara), at=post.at)
    post.send(people["priya"], TOLD, answers=post.reference(ticket))
    ticket.refresh_from_db()
    assert ticket.facts["environment"]["value"] == "Test"
    assert ticket.facts["product_version"]["value"] == "4.2.1"
    assert ticket.facts["product_version"]["source"].startswith("reply of 2 March 2026")
    assert kinds(ticket)[-2:] == ["customer_replied", "facts_corrected"]
    post.send(people["priya"], "Version: 9.9", answers=post.reference(ticket))
    ticket.refresh_from_db()
    assert ticket.facts["product_version"]["value"] == "4.2.1"


# ---- the state of the ticket


def test_a_reply_to_a_proposed_solution_rejects_it_and_thanks_do_not(post, people, cast, ticket):
    solve(cast, ticket, post)
    mail = post.send(people["priya"], "Thanks a lot!", answers=post.reference(ticket))
    ticket.refresh_from_db()
    assert (mail.outcome, ticket.state) == ("thanks", "solution_proposed")
    assert "thanks" in last(ticket).notes
    post.send(people["priya"], "It still fails.", answers=post.reference(ticket))
    ticket.refresh_from_db()
    assert (ticket.state, kinds(ticket)[-1]) == ("open", "solution_rejected")


def test_a_reply_within_the_window_reopens_and_thanks_do_not(post, people, cast, ticket):
    close(cast, ticket, post)
    assert post.send(people["priya"], "Thank you!", answers=post.reference(ticket)).outcome == "thanks"
    ticket.refresh_from_db()
    assert ticket.state == "closed"
    assert post.send(people["priya"], "It is back.", answers=post.reference(ticket)).outcome == "reopen"
    ticket.refresh_from_db()
    assert ticket.state == "open"


def test_a_reply_after_the_window_starts_a_linked_follow_up(post, people, cast, ticket):
    close(cast, ticket, post)
    post.at += timedelta(days=60)
    mail = post.send(people["priya"], "It is back.", answers=post.reference(ticket))
    assert (mail.outcome, mail.ticket.follows, mail.ticket.customer) == ("follow_up", ticket, ticket.customer)


def test_a_reply_to_a_merged_ticket_lands_in_the_one_it_was_merged_into_13(post, people, ticket):
    target = post.opened(people["tom"])
    Ticket.objects.filter(pk=ticket.pk).update(merged_into=target, state="closed", closed_at=post.at)
    mail = post.send(people["priya"], "More.", answers=post.reference(ticket))
    assert (mail.outcome, mail.ticket) == ("reply", target)


def test_a_circle_of_merges_ends_somewhere_13(post, people, ticket):
    other = post.opened(people["priya"])
    Ticket.objects.filter(pk=ticket.pk).update(merged_into=other)
    Ticket.objects.filter(pk=other.pk).update(merged_into=ticket)
    assert post.send(people["priya"], "More.", answers=post.reference(ticket)).outcome == "reply"
