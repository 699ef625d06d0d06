"""Each act through its form: what it does, what it says, and what a refusal keeps."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from cast import NOW, Cast, acting
from mainstay.desk.acts import ACTS
from mainstay.tickets import resolution, triage
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Participant, Ticket

DECISION = {"severity": "1", "category": "technical", "reason": "Three hospitals stand still."}


@pytest.fixture
def act(as_: Any) -> Callable[..., Any]:
    """Posts to a ticket's resource as somebody; the answer and the ticket as it is then."""

    def done(who: Any, ticket: Ticket, resource: str, **typed: Any) -> Any:
        answer = as_(who).post(f"/desk/tickets/{ticket.pk}/{resource}", typed)
        ticket.refresh_from_db()
        return answer

    return done


def told(answer: Any) -> str:
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def test_triage_decides_and_says_so(cast: Cast, asks: Any, act: Any) -> None:
    ticket = asks()
    answer = act(cast.ifeoma, ticket, "triage", **DECISION, a_production="yes", a_available="no")
    assert (answer.status_code, answer["Location"]) == (303, f"/desk/tickets/{ticket.pk}")
    assert (ticket.severity, ticket.category, ticket.step) == (1, "technical", "dispatch")
    assert ticket.assessment == {"production": "yes", "available": "no"}
    assert "severity 1" in told(answer)


def test_a_refused_triage_keeps_what_was_typed(cast: Cast, asks: Any, act: Any) -> None:
    ticket = asks()
    answer = act(cast.ifeoma, ticket, "triage", severity="1", category="", reason="Half a ward & <more>")
    said = answer.content.decode()
    assert answer.status_code == 422
    assert "Category: is not chosen" in said
    assert "Half a ward &amp; &lt;more&gt;" in said
    assert ticket.step == "triage"


def test_the_guide_suggests_without_changing_anything(cast: Cast, asks: Any, act: Any) -> None:
    ticket = asks()
    answer = act(
        cast.ifeoma, ticket, "suggestion", a_production="yes", a_available="no", reason="typed before"
    )
    said = answer.content.decode()
    assert answer.status_code == 200
    assert "The answers suggest severity 1" in said
    assert "A production system cannot be used" in said
    assert "typed before" in said
    assert ticket.last_seq == 2


def test_severity_is_raised_and_lowered_with_a_reason(cast: Cast, asks: Any, act: Any) -> None:
    ticket = asks()
    act(cast.ifeoma, ticket, "triage", **DECISION)
    assert act(cast.ifeoma, ticket, "severity", severity="2", reason="").status_code == 422
    answer = act(cast.ifeoma, ticket, "severity", severity="2", reason="A way around was found.")
    assert ticket.severity == 2
    assert "1 became 2" in told(answer)


def test_a_fact_is_put_right_in_place(cast: Cast, asks: Any, act: Any) -> None:
    ticket = asks()
    act(cast.mara, ticket, "facts/product_version", value="9.4.2")
    assert ticket.facts["product_version"]["value"] == "9.4.2"
    assert act(cast.mara, ticket, "facts/nonsense", value="x").status_code == 404


def test_what_is_missing_is_asked_for_once(cast: Cast, asks: Any, act: Any, as_: Any) -> None:
    ticket = asks()
    page = as_(cast.mara).get(f"/desk/tickets/{ticket.pk}?ask=1").content.decode()
    assert "thank you for your request" in page
    assert "product version" in page
    act(cast.mara, ticket, "question", names="product_version steps", text="Which version, please?")
    assert ticket.state == "waiting_on_customer"
    assert ticket.facts["asked"] == ["product_version", "steps"]


def test_dispatch_proposes_with_reasons_and_assigns(cast: Cast, asks: Any, act: Any, as_: Any) -> None:
    ticket = asks()
    act(cast.ifeoma, ticket, "triage", **DECISION)
    page = as_(cast.ifeoma).get(f"/desk/tickets/{ticket.pk}").content.decode()
    assert "Give it to" in page
    answer = act(
        cast.ifeoma, ticket, "assignment", engineer=cast.mara.pk, because=["on duty", "speaks English"]
    )
    assert ticket.assignee == cast.mara
    assert ticket.assigned_because == ["on duty", "speaks English"]
    assert "Mara Lindqvist has this ticket" in told(answer)


def test_nobody_outside_the_desk_can_be_given_a_ticket(cast: Cast, asks: Any, act: Any) -> None:
    ticket = asks()
    for engineer in (cast.priya.user_id, 999999, "x", ""):
        assert act(cast.ifeoma, ticket, "assignment", engineer=engineer).status_code == 422
    assert ticket.assignee is None


def test_work_is_handed_over_with_words(cast: Cast, asks: Any, act: Any) -> None:
    ticket = asks()
    act(cast.mara, ticket, "assignment", engineer=cast.mara.pk)
    refused = act(cast.mara, ticket, "handover", engineer=cast.sanjay.pk, note=" ")
    assert "Note: is empty" in refused.content.decode()
    act(cast.mara, ticket, "handover", engineer=cast.sanjay.pk, note="The bundle is on gateway 2.")
    assert ticket.assignee == cast.sanjay


def test_times_are_typed_in_the_persons_own_zone(cast: Cast, asks: Any, act: Any) -> None:
    ticket = asks(at=datetime.now(UTC))
    day = (datetime.now(UTC) + timedelta(days=40)).strftime("%Y-%m-%d")
    act(
        cast.sanjay, ticket, "schedule", start=f"{day}T15:00", reason="window"
    )  # Kolkata, half past nine in UTC
    assert ticket.scheduled_for.astimezone(UTC).strftime("%H:%M") == "09:30"


@pytest.mark.parametrize("typed", ["2026-03-29T02:30", "soon", "1999-01-01T10:00", "9999-12-31T23:59"])
def test_a_time_that_cannot_be_is_refused_and_kept(typed: str, cast: Cast, asks: Any, act: Any) -> None:
    ticket = asks()
    answer = act(cast.mara, ticket, "schedule", start=typed, reason="window")  # Stockholm
    assert answer.status_code in {422, 303 if typed.startswith("9999") else 422}
    if answer.status_code == 422:
        assert "Start:" in answer.content.decode()


def test_a_reply_goes_out_once_even_when_sent_twice(cast: Cast, asks: Any, act: Any) -> None:
    ticket = asks(at=datetime.now(UTC))
    act(cast.mara, ticket, "replies", text="We look into it.")
    again = act(cast.mara, ticket, "replies", text="We look into it.")
    assert ticket.messages.filter(kind="out").count() == 1
    assert "sent already" in told(again)
    act(cast.mara, ticket, "notes", text="We look into it.")
    assert ticket.messages.filter(kind="note").count() == 1


def test_an_empty_reply_says_so(cast: Cast, asks: Any, act: Any) -> None:
    answer = act(cast.mara, asks(), "replies", text="  ")
    assert answer.status_code == 422
    assert "Message: is empty" in answer.content.decode()


def test_a_changed_estimate_needs_its_reason_and_loses_no_word(cast: Cast, asks: Any, act: Any) -> None:
    ticket = asks(at=datetime.now(UTC))
    soon = datetime.now(UTC) + timedelta(days=3)
    first, second = soon.strftime("%Y-%m-%dT10:00"), soon.strftime("%Y-%m-%dT16:00")
    act(cast.mara, ticket, "progress", text="Cause found.", estimate=first, next_step="Nothing")
    answer = act(cast.mara, ticket, "progress", text="It takes longer.", estimate=second, next_step="Wait")
    said = answer.content.decode()
    assert answer.status_code == 422
    assert "Change reason: is missing" in said
    assert "It takes longer." in said
    assert second in said
    act(
        cast.mara,
        ticket,
        "progress",
        text="It takes longer.",
        estimate=second,
        change_reason="a part is missing",
    )
    assert ticket.estimate.strftime("%H") in {"14", "15"}


def test_waiting_and_going_on(cast: Cast, asks: Any, act: Any) -> None:
    ticket = asks(at=datetime.now(UTC))
    act(cast.mara, ticket, "waiting", **{"for": "the HSM maker", "until": ""})
    assert ticket.state == "waiting_on_third_party"
    act(cast.mara, ticket, "resumption", reason="")
    assert ticket.state == "open"


def test_out_of_scope_with_the_rules_own_words_and_back(cast: Cast, asks: Any, act: Any, as_: Any) -> None:
    ticket = asks()
    page = as_(cast.ifeoma).get(f"/desk/tickets/{ticket.pk}?rule=third_party").content.decode()
    assert "its maker is the one who can mend it" in page
    act(cast.ifeoma, ticket, "scope", rule="third_party", reason="their reader", text="Sorry.")
    assert ticket.state == "out_of_scope"
    act(cast.ifeoma, ticket, "scope", reason="it was ours")
    assert ticket.state == "open"


def test_links_stay_within_a_customer(cast: Cast, asks: Any, act: Any) -> None:
    ticket, same, other = asks(), asks(subject="The same"), asks(cast.edgar, subject="Theirs")
    act(cast.ifeoma, ticket, "links", other=same.pk, kind="duplicate")
    assert [one.pk for one, _ in triage.linked(ticket)] == [same.pk]
    assert act(cast.ifeoma, ticket, "links", other=other.pk, kind="related").status_code == 422
    act(cast.ifeoma, ticket, "links", other=same.pk, remove="1")
    assert triage.linked(ticket) == []


def test_only_who_may_escalates(cast: Cast, asks: Any, act: Any) -> None:
    ticket = asks()
    assert act(cast.mara, ticket, "escalation", reason="I wish").status_code == 404
    assert ticket.severity == 3
    act(cast.owen, ticket, "escalation", reason="Wards are on paper.")
    assert ticket.severity == 1


def test_closing_tells_the_customer_and_reopening_needs_a_reason(cast: Cast, asks: Any, act: Any) -> None:
    ticket = asks(at=datetime.now(UTC))
    assert act(cast.mara, ticket, "closure", reason="resolved", text="").status_code == 422
    act(cast.mara, ticket, "closure", reason="resolved", text="The chain is renewed.")
    assert (ticket.state, ticket.close_reason) == ("closed", "resolved")
    assert act(cast.mara, ticket, "reopening", reason="").status_code == 422
    act(cast.mara, ticket, "reopening", reason="It is back.")
    assert ticket.state == "open"


def test_a_closed_ticket_takes_a_note_and_a_root_cause_and_no_reply(
    cast: Cast, asks: Any, act: Any, as_: Any
) -> None:
    ticket = asks(at=datetime.now(UTC))
    act(cast.mara, ticket, "closure", reason="resolved", text="Done.")
    page = as_(cast.mara).get(f"/desk/tickets/{ticket.pk}").content.decode()
    assert "/replies" not in page
    act(cast.mara, ticket, "notes", text="For next time.")
    act(cast.mara, ticket, "root-cause", category="defect", text="Wrong path.", fix="9.4.3", tell="1")
    assert ticket.root_cause["text"] == "Wrong path."
    refused = act(cast.mara, ticket, "replies", text="One more thing that must not be lost")
    assert refused.status_code == 422
    assert "must not be lost" in refused.content.decode()


def test_workaround_solution_and_defect(cast: Cast, asks: Any, act: Any) -> None:
    ticket = asks(at=datetime.now(UTC))
    act(cast.mara, ticket, "workaround", text="Restart it.")
    assert act(cast.mara, ticket, "defects", reference="GW-1", url="javascript:alert(1)").status_code == 422
    act(cast.mara, ticket, "defects", reference="GW-1", url="https://tracker.example/1", fixed_in="9.4.3")
    act(cast.mara, ticket, "solution", text="Upgrade to 9.4.3.")
    assert ticket.state == "solution_proposed"
    assert ticket.defects.get().fixed_in == "9.4.3"


def test_an_emergency_is_seen_once_by_somebody(cast: Cast, asks: Any, act: Any) -> None:
    ticket = asks(emergency=("no care",))
    act(cast.ifeoma, ticket, "emergency")
    assert ticket.emergency_seen_at is not None


def test_a_customer_recognised_late_gets_their_terms(cast: Cast, asks: Any, act: Any) -> None:
    ticket = asks(cast.nora)
    answer = act(
        cast.ifeoma,
        ticket,
        "customer",
        customer=cast.harbourline.code,
        contact=cast.priya.email,
        reason="called",
    )
    assert answer.status_code == 303
    assert ticket.customer == cast.harbourline
    assert ticket.level.code == "critical"
    refused = act(
        cast.ifeoma, ticket, "customer", customer=cast.harbourline.code, contact="x@y.z", reason="r"
    )
    assert refused.status_code == 422


def test_somebody_listed_is_let_in_once(cast: Cast, asks: Any, act: Any) -> None:
    ticket, other = asks(), asks()
    listed = Participant.objects.create(
        ticket=ticket, address="x@harbourline.example", since=NOW, accepted=False
    )
    assert act(cast.mara, other, f"participants/{listed.pk}/approval").status_code == 404
    act(cast.mara, ticket, f"participants/{listed.pk}/approval")
    listed.refresh_from_db()
    assert listed.accepted
    assert act(cast.mara, ticket, f"participants/{listed.pk}/approval").status_code == 422


def test_one_is_told_what_happened_since_one_opened_it(cast: Cast, asks: Any, act: Any) -> None:
    ticket = asks(at=datetime.now(UTC))
    seq = ticket.last_seq
    resolution.note(ticket, said=Said("Mine already.", "desk"), by=acting(cast.sanjay), at=datetime.now(UTC))
    answer = act(cast.mara, ticket, "defects", reference="AT-1", seq=seq)
    assert "Since you opened it: Note by Sanjay Iyer" in told(answer)
    assert "Since" not in told(act(cast.mara, ticket, "notes", text="Quiet.", seq=ticket.last_seq))


@pytest.mark.parametrize("resource", [last for _, last, _ in ACTS])
def test_an_auditor_changes_nothing_and_a_contact_finds_nothing(
    resource: str, cast: Cast, asks: Any, act: Any
) -> None:
    ticket = asks()
    before = ticket.last_seq
    typed = {**DECISION, "text": "x", "note": "x", "engineer": cast.mara.pk}
    assert act(cast.dmitri, ticket, resource, **typed).status_code == 404
    assert act(cast.priya, ticket, resource, **typed).status_code == 404
    assert Client().post(f"/desk/tickets/{ticket.pk}/{resource}", typed)["Location"].startswith("/sign-in")
    assert ticket.last_seq == before


@pytest.mark.parametrize("resource", [last for _, last, _ in ACTS])
def test_nothing_typed_is_never_an_error_of_ours(resource: str, cast: Cast, asks: Any, act: Any) -> None:
    ticket = asks(at=datetime.now(UTC))
    assert act(cast.ruth, ticket, resource).status_code in {303, 422}
    junk = dict.fromkeys(("text", "reason", "severity", "other", "until", "start", "seq", "rule"), "\x00�")
    junk = dict.fromkeys(junk, "\x00\u202e" + "9" * 40)
    assert act(cast.ruth, ticket, resource, **junk).status_code in {303, 422}


def test_reading_changes_nothing(cast: Cast, asks: Any, as_: Any) -> None:
    ticket = asks()
    client = as_(cast.mara)
    for name, last, _ in ACTS:
        assert client.get(f"/desk/tickets/{ticket.pk}/{last}").status_code == 405, name
    client.get(f"/desk/tickets/{ticket.pk}")
    assert Ticket.objects.get(pk=ticket.pk).last_seq == ticket.last_seq


def test_a_form_without_its_token_is_refused(cast: Cast, asks: Any) -> None:
    ticket = asks()
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.mara)
    assert client.post(f"/desk/tickets/{ticket.pk}/replies", {"text": "x"}).status_code == 403
    assert ticket.messages.filter(kind="out").count() == 0


def test_two_thousand_messages_open_a_hundred_at_a_time(cast: Cast, asks: Any, as_: Any) -> None:
    ticket = asks(at=datetime.now(UTC))
    for n in range(150):
        resolution.note(ticket, said=Said(f"note {n}.", "desk"), by=acting(cast.mara), at=datetime.now(UTC))
    client = as_(cast.mara)
    page = client.get(f"/desk/tickets/{ticket.pk}").content.decode()
    assert "note 149." in page
    assert "note 10." not in page
    assert "Earlier on this ticket" in page
    seq = ticket.last_seq - 119
    earlier = client.get(f"/desk/tickets/{ticket.pk}?before={seq}").content.decode()
    assert "note 10." in earlier
    assert "note 149." not in earlier


@pytest.mark.parametrize(
    ("name", "kind", "typed"),
    [
        ("escalation", "escalated", {"reason": "Wards are on paper."}),
        ("schedule", "scheduled", {"reason": "Window", "start": "2099-03-03T22:00"}),
        ("waiting", "waiting_on_third_party", {"for": "The carrier"}),
        ("triage", "triaged", {"severity": "2", "category": "technical", "reason": "One ward."}),
        ("root-cause", "root_cause_reported", {"category": "defect", "text": "A race.", "tell": "1"}),
    ],
)
def test_a_double_click_does_it_once(
    act: Any, asks: Any, cast: Cast, name: str, kind: str, typed: dict[str, str]
) -> None:
    ticket = asks()
    seq = ticket.last_seq
    for _ in range(2):
        assert act(cast.owen, ticket, name, seq=seq, **typed).status_code == 303
    assert ticket.events.filter(kind=kind).count() == 1
