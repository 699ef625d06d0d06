"""Whom a ladder names hears of it; where there is nobody of that name somebody hears all the same."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from cast import PASSWORD, acting
from mainstay.catalogue import publish
from mainstay.catalogue.models import Package
from mainstay.contracts.signing import sign_contract
from mainstay.notices import recipients
from mainstay.tickets import dispatch, triage, watch
from mainstay.tickets.models import Ticket

BOTH = {"desk", "email"}


@pytest.fixture
def laddered(desk: Any) -> Any:
    """A ticket of Quill & Sons at severity 1 that Mara works on, with a rung for each of these after half an hour."""

    def opens(*to: str) -> Ticket:
        cast = desk.cast
        base = publish.current(Package, "high")
        rungs = [{"severity": 1, "after": "30m", "to": list(to), "words": "Somebody who leads looks at it."}]
        targets = [
            {
                "clock": "first_response",
                "severity": "*",
                "target": "1h",
                "calendar": "always",
                "kind": "promise",
            }
        ]
        said: Any = {"by": acting(cast.ruth), "at": desk.now, "reason": "For this test"}
        document = {**base.level.document, "targets": targets, "escalations": rungs}
        level = publish.publish_level(code="ladder", name="Ladder", rank=3, document=document, **said)
        package = publish.publish_package(
            code="ladder", name="Ladder", level=level, document=base.document, **said
        )
        sign_contract(
            customer=cast.quill, number="L-1", package=package, by=acting(cast.lena), at=desk.now,
            first_day=desk.now.date() - timedelta(days=1), last_day=None,
        )  # fmt: skip
        type(cast.quill).objects.filter(pk=cast.quill.pk).update(tam=cast.owen)
        cast.jonah.customer.refresh_from_db()
        ticket: Ticket = desk.opens(cast.jonah)
        by = acting(cast.ifeoma)
        triage.triage(
            ticket, severity=1, category="technical", reason="Down", by=by, at=desk.later(minutes=1)
        )
        dispatch.assign(ticket, to=cast.mara, by=by, at=desk.later(minutes=1))
        while watch.look(desk.later(hours=1)):
            pass
        return ticket

    return opens


@pytest.mark.parametrize(
    ("to", "who"),
    [
        ("support_manager", {"hana"}),
        ("team_lead", {"ifeoma"}),
        ("tam", {"owen"}),
        ("assignee", {"mara"}),
        ("sanjay iyer", {"sanjay"}),
        ("sanjay@vendor.example", {"sanjay"}),
        ("vice president", {"ifeoma", "hana"}),
    ],
)
def test_a_rung_reaches_the_role_or_the_person_it_names(
    desk: Any, laddered: Any, to: str, who: set[str]
) -> None:
    ticket = laddered(to)
    assert desk.heard(ticket, "escalated_by_ladder") == dict.fromkeys(who, BOTH)


def test_a_rung_reaches_everybody_of_a_team(desk: Any, laddered: Any) -> None:
    members = {one.name.split()[0].lower() for one in desk.cast.support.members.all() if one.may_act}
    assert members
    assert set(desk.heard(laddered("support"), "escalated_by_ladder")) == members


def test_the_letter_says_what_was_reached_the_policys_words_and_that_nobody_is_called_so(
    desk: Any, laddered: Any
) -> None:
    letter = desk.letter(laddered("tam", "vice president"), "escalated_by_ladder", "hana@vendor.example")
    assert "severity 1 for 30m" in letter.subject
    assert "Somebody who leads looks at it." in letter.text
    assert "The ladder names “vice president”, and there is nobody of that name" in " ".join(
        letter.text.split()
    )


def test_the_ticket_shows_whom_it_told_and_the_policy_page_who_is_missing(desk: Any, laddered: Any) -> None:
    ticket = laddered("tam", "vice president")
    client = Client()
    assert client.login(username="ruth@vendor.example", password=PASSWORD)
    page = client.get(f"/desk/tickets/{ticket.pk}").content.decode()
    assert "Who is told, and when" in page
    assert "tam and vice president" in page
    assert "nobody is called vice president: triage and management are told" in page
    assert "Escalated to tam and vice president by the ladder: severity 1 for 30m" in page
    said = client.get("/desk/policy").content.decode()
    assert "Ladders name somebody who is not there" in said


def test_words_for_roles_are_known_and_names_are_looked_for(desk: Any) -> None:
    assert recipients.named("vice president") == []
    assert [one.name for one in recipients.named("Hana Sato")] == ["Hana Sato"]
