"""The table of who may join, a test for every cell: PURE."""

import itertools

import pytest

from mainstay.intake.email.decide import (
    FAILED,
    NOT_AUTHENTICATED,
    Act,
    Facts,
    Sender,
    Standing,
    decide,
    escalation,
)

HUMANS = [one for one in Sender if one not in {Sender.MACHINE, Sender.OURSELVES}]
STANDINGS = [Standing.OPEN, Standing.CLOSED, Standing.OLD]
MARKS = {"pass": (), "none": (NOT_AUTHENTICATED,), "fail": (FAILED,)}
BY_STANDING = {Standing.OPEN: Act.REPLY, Standing.CLOSED: Act.REOPEN, Standing.OLD: Act.FOLLOW_UP}


@pytest.mark.parametrize("authenticated", ["pass", "none", "fail"])
@pytest.mark.parametrize("sender", HUMANS)
def test_without_a_signed_reference_everybody_gets_a_new_ticket(sender, authenticated):
    for standing, thanks, own_token in itertools.product(Standing, (True, False), (True, False)):
        decision = decide(Facts(sender, authenticated, False, own_token, standing, thanks))
        assert (decision.act, decision.marks) == (Act.TICKET, MARKS[authenticated])


@pytest.mark.parametrize("sender", [Sender.PARTICIPANT, Sender.SHARING])
@pytest.mark.parametrize("authenticated", ["pass", "none"])
@pytest.mark.parametrize("standing", STANDINGS)
def test_those_who_take_part_join_as_the_ticket_stands(sender, authenticated, standing):
    decision = decide(Facts(sender, authenticated, True, standing=standing))
    assert (decision.act, decision.marks) == (BY_STANDING[standing], MARKS[authenticated])


@pytest.mark.parametrize("sender", [Sender.PARTICIPANT, Sender.SHARING])
@pytest.mark.parametrize("standing", STANDINGS)
def test_mere_thanks_are_only_recorded(sender, standing):
    assert decide(Facts(sender, "pass", True, standing=standing, thanks=True)).act == Act.THANKS


@pytest.mark.parametrize("sender", HUMANS)
@pytest.mark.parametrize("standing", STANDINGS)
def test_an_address_that_failed_authentication_is_held(sender, standing):
    facts = Facts(sender, "fail", True, own_token=True, standing=standing, escalates=True)
    assert decide(facts).act == Act.HOLD
    assert decide(facts).marks == (FAILED,)


@pytest.mark.parametrize("sender", [Sender.AWAITING, Sender.COLLEAGUE, Sender.STRANGER])
@pytest.mark.parametrize("authenticated", ["pass", "none"])
@pytest.mark.parametrize("standing", STANDINGS)
def test_those_who_take_no_part_are_held_with_the_reason(sender, authenticated, standing):
    decision = decide(Facts(sender, authenticated, True, standing=standing))
    assert decision.act == Act.HOLD
    assert decision.why


@pytest.mark.parametrize(
    ("sender", "authenticated", "own_token", "escalates", "act"),
    [
        (Sender.TAM, "pass", True, False, Act.STAFF_REPLY),
        (Sender.TAM, "pass", False, False, Act.STAFF_NOTE),
        (Sender.TAM, "pass", True, True, Act.ESCALATE),
        (Sender.TAM, "pass", False, True, Act.ESCALATE),
        (Sender.TAM, "none", True, True, Act.HOLD),
        (Sender.ENGINEER, "pass", True, False, Act.STAFF_REPLY),
        (Sender.ENGINEER, "pass", True, True, Act.STAFF_REPLY),
        (Sender.ENGINEER, "pass", False, False, Act.HOLD),
        (Sender.ENGINEER, "none", True, False, Act.HOLD),
        (Sender.PARTICIPANT, "pass", False, True, Act.REPLY),
        (Sender.SHARING, "pass", False, True, Act.REPLY),
    ],
)
def test_staff_need_authentication_and_their_own_reference_and_only_the_tam_escalates(
    sender, authenticated, own_token, escalates, act
):
    facts = Facts(sender, authenticated, True, own_token, Standing.OPEN, escalates=escalates)
    assert decide(facts).act == act


@pytest.mark.parametrize("authenticated", ["pass", "none", "fail"])
@pytest.mark.parametrize("standing", Standing)
def test_automatic_mail_is_a_note_on_what_it_answers_and_otherwise_only_noted(authenticated, standing):
    assert decide(Facts(Sender.MACHINE, authenticated, True, standing=standing)).act == Act.NOTE
    assert decide(Facts(Sender.MACHINE, authenticated, False, standing=standing)).act == Act.NOTED
    assert decide(Facts(Sender.MACHINE, authenticated, False, shown_anyway=True)).act == Act.NOTE
    assert decide(Facts(Sender.OURSELVES, authenticated, True, standing=standing)).act == Act.NOTED


def test_every_combination_of_facts_has_an_act():
    truths = (True, False)
    for facts in itertools.product(
        Sender, ("pass", "none", "fail"), truths, truths, Standing, truths, truths, truths
    ):
        assert decide(Facts(*facts)).act in Act


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("ESCALATE: production is down", "production is down"),
        ("\nescalate production is down\nmore", "production is down"),
        ("ESCALATE\n\nThe board asks.", "The board asks."),
        ("ESCALATE", "no reason given"),
        ("Please ESCALATE: this", None),
        ("ESCALATED: it was", None),
        ("", None),
    ],
)
def test_the_words_by_which_a_tam_escalates(text, reason):
    assert escalation(text) == reason
