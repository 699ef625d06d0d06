"""Handing over a ticket and a shift: what the next person needs, their word, and what happens without it (T2)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from cast import NOW, Cast, acting
from mainstay.accounts.models import User
from mainstay.maintenance import tasks
from mainstay.notices.announce import announce_pending
from mainstay.notices.models import Delivery
from mainstay.staffing.models import Engineer
from mainstay.tickets import closure, dispatch, handover, resolution, triage, watch
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Event, Handover, ShiftHandover, Ticket

As = Callable[..., Client]


def page(client: Client, address: str = "/desk/handover", status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return str(answer.content.decode())


@pytest.fixture
def hers(cast: Cast, asks: Any) -> Callable[..., Ticket]:
    """A ticket that Mara works on."""

    def made(subject: str = "Badges refused", severity: int = 1, **more: Any) -> Ticket:
        ticket: Ticket = asks(subject=subject, **more)
        by = acting(cast.ifeoma)
        triage.triage(ticket, severity=severity, category="technical", reason="Seen.", by=by, at=NOW)
        dispatch.assign(ticket, to=cast.mara, by=by, at=NOW)
        return ticket

    return made


def give(client: Client, to: User, *tickets: Ticket, **more: str) -> Any:
    chosen = [str(one.pk) for one in tickets]
    return client.post("/desk/handover", {"engineer": str(to.pk), "ticket": chosen, "note": "", **more})


def announce() -> None:
    while announce_pending(NOW + timedelta(hours=1)):
        pass


def kinds(ticket: Ticket) -> list[str]:
    return list(Event.objects.filter(ticket=ticket).order_by("seq").values_list("kind", flat=True))


def test_the_view_of_a_ticket_holds_all_that_the_next_person_needs(
    cast: Cast, hers: Any, as_: As, now: datetime
) -> None:
    ticket, mara = hers(text="Nobody can sign in since 10:47."), acting(cast.mara)
    resolution.reply(ticket, said=Said("I look at the gateways.", "desk"), by=mara, at=NOW)
    resolution.note(ticket, said=Said("Gateway 2 is odd.", "desk"), by=mara, at=NOW)
    resolution.link_defect(ticket, reference="ATL-81", fixed_in="7.1", by=mara, at=NOW)
    resolution.wait_for_third_party(ticket, for_="the maker of the readers", by=mara, at=NOW)
    work = tasks.Work("Call the maker back", cast.mara, NOW.date())
    tasks.open_task(work, by=mara, at=NOW, ticket=ticket)
    said = page(as_(cast.sanjay), f"/desk/tickets/{ticket.pk}/handover")
    for needed in (
        "Nobody can sign in since 10:47.", "I look at the gateways.", "Gateway 2 is odd.", "ATL-81",
        "the maker of the readers", "no workaround has been given", "Call the maker back", "first response",
        "Defect ATL-81 linked by Mara Lindqvist",
    ):  # fmt: skip
        assert needed.lower() in said.lower(), needed


def test_what_is_handed_over_is_accepted_by_who_got_it(cast: Cast, hers: Any, as_: As, now: datetime) -> None:
    ticket = hers()
    as_(cast.mara).post(
        f"/desk/tickets/{ticket.pk}/handover", {"engineer": cast.sanjay.pk, "note": "Gateway 2 is next."}
    )
    assert "Gateway 2 is next." in page(as_(cast.sanjay))
    assert f"{ticket.pk} Badges refused" in page(as_(cast.sanjay), "/desk/now")
    given = Handover.objects.get()
    as_(cast.ifeoma).post("/desk/handover/acceptance", {"handover": given.pk})
    assert kinds(ticket)[-1] == "handed_over", "somebody else's word is not theirs"
    as_(cast.sanjay).post("/desk/handover/acceptance", {"handover": given.pk})
    as_(cast.sanjay).post("/desk/handover/acceptance", {"handover": given.pk})
    assert kinds(ticket)[-2:] == ["handed_over", "handover_accepted"], "once"
    assert "Nothing waits for your word." in page(as_(cast.sanjay))
    assert "Sanjay Iyer accepted the handover" in page(as_(cast.mara), f"/desk/tickets/{ticket.pk}")


def test_what_is_not_accepted_in_time_is_told_to_the_manager_once(cast: Cast, hers: Any, as_: As) -> None:
    ticket = hers()
    handover.hand_over(ticket, to=cast.sanjay, note="Yours.", by=acting(cast.mara), at=NOW)
    until = NOW + timedelta(minutes=15)
    watch.look(until - timedelta(seconds=1))
    assert "handover_unaccepted" not in kinds(ticket)
    watch.look(until)
    watch.look(until + timedelta(minutes=5))
    assert kinds(ticket).count("handover_unaccepted") == 1
    announce()
    heard = Delivery.objects.filter(event__kind="handover_unaccepted").values_list("recipient", flat=True)
    assert {f"user:{cast.hana.pk}", cast.hana.email, f"user:{cast.sanjay.pk}", cast.sanjay.email} <= set(
        heard
    )
    assert "Sanjay Iyer has not accepted the handover" in page(as_(cast.hana), "/desk/now")
    assert "Not accepted in time" in page(as_(cast.hana))
    as_(cast.sanjay).post("/desk/handover/acceptance", {"handover": Handover.objects.get().pk})
    assert "Not accepted in time" not in page(as_(cast.hana))


def test_who_works_on_it_has_accepted_it(cast: Cast, hers: Any) -> None:
    ticket = hers()
    handover.hand_over(ticket, to=cast.sanjay, note="Yours.", by=acting(cast.mara), at=NOW)
    resolution.reply(ticket, said=Said("I go on.", "desk"), by=acting(cast.sanjay), at=NOW)
    watch.look(NOW + timedelta(hours=1))
    assert kinds(ticket)[-1] == "handover_accepted"
    assert "handover_unaccepted" not in kinds(ticket)


def test_what_is_closed_or_given_on_needs_no_word(cast: Cast, hers: Any) -> None:
    closed, given = hers(), hers("Another")
    for ticket in (closed, given):
        handover.hand_over(ticket, to=cast.sanjay, note="Yours.", by=acting(cast.mara), at=NOW)
    closure.close(closed, reason="duplicate", text="Twice.", by=acting(cast.mara), at=NOW)
    handover.hand_over(given, to=cast.mara, note="Back.", by=acting(cast.mara), at=NOW)
    assert not handover.waiting().exists()
    watch.look(NOW + timedelta(hours=1))
    assert not Event.objects.filter(kind="handover_unaccepted").exists()
    assert Handover.objects.filter(state="moot").count() == 2


def test_given_back_it_is_the_givers_again_and_they_read_why(
    cast: Cast, hers: Any, as_: As, now: Any
) -> None:
    ticket = hers()
    handover.hand_over(ticket, to=cast.sanjay, note="Yours.", by=acting(cast.mara), at=NOW)
    given = Handover.objects.get()
    client = as_(cast.sanjay)
    refused = client.post(f"/desk/handover/{given.pk}/return", {"reason": " "})
    assert refused.status_code == 422
    client.post(f"/desk/handover/{given.pk}/return", {"reason": "I leave for the airport."})
    ticket.refresh_from_db()
    assert ticket.assignee == cast.mara
    announce()
    told = Delivery.objects.filter(event__kind="handover_declined", user=cast.mara, channel="email").get()
    assert "I leave for the airport." in told.text
    theirs = Delivery.objects.filter(event__kind="handover_declined", recipient=cast.priya.email).get()
    assert "airport" not in theirs.subject + theirs.text + theirs.html


def test_a_whole_shift_is_handed_over_at_once(cast: Cast, hers: Any, as_: As, now: datetime) -> None:
    grave, waits, later = hers(), hers("A question", 3), hers("In a month", 3)
    resolution.reply(waits, said=Said("Which version?", "desk"), by=acting(cast.mara), at=NOW, wait=True)
    said = page(as_(cast.mara), f"/desk/handover?to={cast.sanjay.pk}")
    assert said.index("Alive with severity 1 or 2") < said.index("We wait for somebody")
    assert f'name="ticket" value="{grave.pk}" checked' in said
    assert f'name="ticket" value="{later.pk}">' in said
    assert "the customer&#x27;s answer: Which version?" in said
    done = give(as_(cast.mara), cast.sanjay, grave, waits, note="Harbourline is nervous.",
                **{f"words-{grave.pk}": "Gateway 2 is next."})  # fmt: skip
    shift = ShiftHandover.objects.get()
    assert done["Location"] == f"/desk/handover/shifts/{shift.pk}"
    assert {one.assignee_id for one in Ticket.objects.filter(pk__in=[grave.pk, waits.pk])} == {cast.sanjay.pk}
    later.refresh_from_db()
    assert later.assignee == cast.mara
    read = page(as_(cast.sanjay), done["Location"])
    for words in (
        "Harbourline is nervous.",
        "Gateway 2 is next.",
        "Handed over with the shift.",
        "Which version?",
    ):
        assert words in read
    waiting = [str(one.pk) for one in shift.tickets.all()]
    as_(cast.sanjay).post("/desk/handover/acceptance", {"handover": waiting})
    assert set(shift.tickets.values_list("state", flat=True)) == {"accepted"}


def test_all_of_a_shift_is_given_or_nothing(cast: Cast, hers: Any, as_: As, now: datetime) -> None:
    one, gone = hers(), hers("Closed meanwhile")
    closure.close(gone, reason="duplicate", text="Twice.", by=acting(cast.mara), at=NOW)
    refused = give(as_(cast.mara), cast.sanjay, one, gone, **{f"words-{one.pk}": "Not to be lost."})
    assert refused.status_code == 422
    assert "Not to be lost." in refused.content.decode()
    one.refresh_from_db()
    assert one.assignee == cast.mara
    assert not ShiftHandover.objects.exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"engineer": "999999"}, "Engineer: is nobody who can take it over"),
        ({"engineer": ""}, "Engineer: is missing"),
        ({"until": "2020-01-01T10:00"}, "Until: must be a time to come"),
        ({"ticket": [], "note": ""}, "Ticket: none is chosen"),
        ({"ticket": ["99999999999999999999", "x\x00"], "note": ""}, "Ticket: none is chosen"),
    ],
)
def test_a_shift_that_cannot_be_given_says_why(
    change: dict[str, Any], words: str, cast: Cast, hers: Any, as_: As, now: datetime
) -> None:
    form = {"engineer": str(cast.sanjay.pk), "ticket": [str(hers().pk)], "note": "x", **change}
    refused = as_(cast.mara).post("/desk/handover", form)
    assert refused.status_code == 422
    assert words in refused.content.decode()


def test_nobody_hands_over_to_an_auditor_or_to_themselves(cast: Cast, hers: Any, as_: As, now: Any) -> None:
    ticket = hers()
    for nobody in (cast.dmitri, cast.mara):
        assert give(as_(cast.mara), nobody, ticket).status_code == 422


def test_who_is_off_duty_has_until_they_are_there_but_severity_1_waits_for_no_morning(
    cast: Cast, hers: Any
) -> None:
    Engineer.objects.filter(user=cast.sanjay).update(week={"mon": [["09:00", "17:00"]]})
    User.objects.filter(pk=cast.sanjay.pk).update(time_zone="UTC")
    by, to = acting(cast.mara), User.objects.get(pk=cast.sanjay.pk)
    for ticket in (hers(), hers("Slow", 2)):
        handover.hand_over(ticket, to=to, note="Yours.", by=by, at=NOW)
    grave, slow = Handover.objects.order_by("ticket")
    assert grave.accept_by == NOW + timedelta(minutes=15)
    assert slow.accept_by == NOW.replace(hour=10, minute=0), "an hour from nine"


def test_a_customer_sees_nothing_of_a_handover(cast: Cast, hers: Any, as_: As, now: datetime) -> None:
    ticket = hers()
    give(as_(cast.mara), cast.sanjay, ticket, note="SECRETSHIFT", **{f"words-{ticket.pk}": "SECRETNOTE"})
    announce()
    for one in Delivery.objects.filter(recipient=cast.priya.email):
        assert "SECRET" not in one.subject + one.text + one.html
    assert "SECRET" not in page(as_(cast.priya), f"/requests/{ticket.pk}")
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('mainstay.scope', %s, true)", [str(cast.harbourline.pk)])
        assert not Handover.objects.exists()
        assert not ShiftHandover.objects.exists()
        cursor.execute("SELECT set_config('mainstay.scope', 'all', true)")


def test_the_shift_asks_as_often_for_many_tickets_as_for_few(
    cast: Cast, hers: Any, as_: As, now: datetime, django_assert_num_queries: Any,
    django_assert_max_num_queries: Any,
) -> None:  # fmt: skip
    client = as_(cast.mara)
    hers()
    page(client)
    with django_assert_max_num_queries(30) as few:
        page(client)
    for n in range(4):
        hers(f"More {n}", 2)
    with django_assert_num_queries(len(few)):
        page(client)
