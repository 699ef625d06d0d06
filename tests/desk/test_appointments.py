"""A time agreed with the customer, seen by both in their own time and calendar; moved and cancelled there too."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from django.db import connection, transaction
from icalendar import Calendar

from cast import NOW, Cast, acting
from mainstay.errors import Refused
from mainstay.notices import email
from mainstay.notices.announce import announce_pending
from mainstay.notices.models import Delivery
from mainstay.tickets import appointments, dispatch, resolution, snoozing, watch
from mainstay.tickets.models import Appointment, Attendee, Event, Participant, Snooze, Ticket, Timer
from mainstay.tickets.scope import seeing, whole_process

As = Callable[..., Any]
START = datetime(2026, 3, 4, 8, 0, tzinfo=UTC)  # 09:00 in Stockholm, 19:00 in Sydney


@pytest.fixture
def ticket(cast: Cast, asks: Callable[..., Ticket], now: datetime) -> Ticket:
    """Priya's, in Mara's hands."""
    found = asks()
    dispatch.assign(found, to=cast.mara, by=acting(cast.ifeoma), at=NOW)
    return found


def form(cast: Cast, **more: Any) -> dict[str, Any]:
    return {
        "kind": "remote", "about": "Look at the readers together", "start": "2026-03-04T09:00", "minutes": "45",
        "place": "https://meet.vendor.example/7", "staff": [str(cast.mara.pk)], "contact": [str(cast.priya.pk)],
        **more,
    }  # fmt: skip


def agree(client: Any, cast: Cast, ticket: Ticket, **more: Any) -> Any:
    return client.post(f"/desk/tickets/{ticket.pk}/appointments", form(cast, **more))


def move(client: Any, cast: Cast, ticket: Ticket, **more: Any) -> Any:
    one = Appointment.objects.get(ticket=ticket)
    return client.post(
        f"/desk/tickets/{ticket.pk}/appointments/{one.pk}", form(cast, reason="A flight.", **more)
    )


def page(client: Any, ticket: Ticket) -> str:
    return str(client.get(f"/desk/tickets/{ticket.pk}").content.decode())


def portal(client: Any, ticket: Ticket) -> str:
    return str(client.get(f"/requests/{ticket.pk}").content.decode())


def mails(ticket: Ticket, template: str) -> dict[str, EmailMessage]:
    """The mails of that letter as they leave, by recipient."""
    while announce_pending(NOW + timedelta(hours=1)):
        pass
    found = Delivery.objects.filter(ticket=ticket, template=template, channel="email")
    return {one.recipient: email.build(one, NOW) for one in found.order_by("pk")}


def words(mail: EmailMessage) -> str:
    """What the mail says."""
    body = mail.get_body(("plain",))
    assert isinstance(body, EmailMessage)
    return str(body.get_content())


def entry(mail: EmailMessage) -> tuple[Any, str]:
    """The appointment in a mail's calendar file, and the method of the file."""
    files = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    assert len(files) == 1
    assert files[0].get_filename() == "appointment.ics"
    calendar = Calendar.from_ical(files[0].get_payload(decode=True))
    assert files[0].get_param("method") == str(calendar["METHOD"])
    return calendar.walk("VEVENT")[0], str(calendar["METHOD"])


def test_it_is_agreed_and_both_sides_have_it_in_their_own_time_and_calendar(
    cast: Cast, ticket: Ticket, as_: As
) -> None:
    assert agree(as_(cast.mara), cast, ticket).status_code == 303
    one = Appointment.objects.get()
    assert (one.starts_at, one.minutes, one.sequence) == (START, 45, 0)
    said = page(as_(cast.mara), ticket)
    assert "09:00–09:45" in said
    assert "Wed 19:00 Australia/Sydney" in said
    theirs = portal(as_(cast.priya), ticket)
    assert "19:00–19:45" in theirs
    assert "With us it is Wed 09:00 Europe/Stockholm" in theirs
    assert "Remote session agreed for Wed 4 Mar, 19:00" in theirs
    sent = mails(ticket, "appointment")
    assert list(sent) == ["priya@harbourline.example"]
    body = words(sent["priya@harbourline.example"])
    assert "agreed for Wednesday 4 March, 19:00 (Sydney time)" in body
    assert "With us it is Wednesday 4 March, 09:00 (Stockholm time)" in body
    assert "Look at the readers together" in body
    event, method = entry(sent["priya@harbourline.example"])
    assert method == "REQUEST"
    assert (event.decoded("DTSTART"), event.decoded("DTEND")) == (START, START + timedelta(minutes=45))
    assert (event["SEQUENCE"], event["STATUS"], str(event["UID"])) == (0, "CONFIRMED", one.uid)
    assert str(event["LOCATION"]) == "https://meet.vendor.example/7"
    assert sorted(str(who).lower() for who in event["ATTENDEE"]) == [
        "mailto:mara@vendor.example", "mailto:priya@harbourline.example",
    ]  # fmt: skip
    assert all(who.params["RSVP"] == "FALSE" for who in event["ATTENDEE"])
    ours = mails(ticket, "appointment_agreed")
    assert list(ours) == ["mara@vendor.example"]  # who agreed it has it in her calendar, too
    assert entry(ours["mara@vendor.example"])[0]["UID"] == event["UID"]


def test_its_file_is_the_same_bytes_each_time_and_stands_in_no_other_mail(
    cast: Cast, ticket: Ticket, as_: As
) -> None:
    agree(as_(cast.mara), cast, ticket)
    first, again = (mails(ticket, "appointment")["priya@harbourline.example"] for _ in range(2))
    file = [[part.get_payload() for part in one.walk() if part.get_filename()] for one in (first, again)]
    assert file[0] == file[1]
    other = mails(ticket, "dispatched")["priya@harbourline.example"]
    assert "text/calendar" not in [part.get_content_type() for part in other.walk()]


def test_moved_the_calendar_gets_a_higher_number_under_the_same_name(
    cast: Cast, ticket: Ticket, as_: As
) -> None:
    agree(as_(cast.mara), cast, ticket)
    staff = [str(cast.sanjay.pk)]
    assert move(as_(cast.mara), cast, ticket, start="2026-03-05T10:00", staff=staff).status_code == 303
    sent = mails(ticket, "appointment_moved")
    event, method = entry(sent["priya@harbourline.example"])
    assert (method, event["SEQUENCE"]) == ("REQUEST", 1)
    assert str(event["UID"]) == Appointment.objects.get().uid
    assert event.decoded("DTSTART") == datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
    body = words(sent["priya@harbourline.example"])
    assert "It was agreed for Wednesday 4 March, 19:00" in body
    assert "Why: A flight." in body
    assert "sanjay@vendor.example" in sent
    assert Delivery.objects.filter(user=cast.mara, template="appointment_moved", channel="desk").count() == 0
    assert "Remote session changed: Thu 5 Mar, 20:00 (was Wed 4 Mar, 19:00)" in portal(
        as_(cast.priya), ticket
    )
    same = move(as_(cast.mara), cast, ticket, start="2026-03-05T10:00", staff=staff)
    assert same.status_code == 422
    assert "is as it was" in same.content.decode()


def test_cancelled_it_goes_out_of_the_calendar_with_its_reason(cast: Cast, ticket: Ticket, as_: As) -> None:
    client = as_(cast.mara)
    agree(client, cast, ticket)
    at = f"/desk/tickets/{ticket.pk}/appointments/{Appointment.objects.get().pk}/cancellation"
    assert client.post(at, {"reason": " "}).status_code == 422
    assert client.post(at, {"reason": "Solved meanwhile."}).status_code == 303
    event, method = entry(mails(ticket, "appointment_cancelled")["priya@harbourline.example"])
    assert (method, event["SEQUENCE"], event["STATUS"]) == ("CANCEL", 1, "CANCELLED")
    assert "cancelled" in page(client, ticket)
    theirs = portal(as_(cast.priya), ticket)
    assert "Remote session of Wed 4 Mar, 19:00 cancelled" in theirs
    assert "Ask for another time" not in theirs
    assert client.post(at, {"reason": "Again."}).status_code == 422
    assert "was cancelled already" in move(client, cast, ticket, start="2026-03-06T10:00").content.decode()


def test_closing_cancels_what_is_still_to_come_and_says_so_before_and_after(
    cast: Cast, ticket: Ticket, as_: As
) -> None:
    client = as_(cast.mara)
    agree(client, cast, ticket)
    said = client.get(f"/desk/tickets/{ticket.pk}/forms/closure").content.decode()
    assert "It is cancelled with the closing" in said
    assert "Appointments that are still to come are cancelled with it." in portal(as_(cast.priya), ticket)
    client.post(f"/desk/tickets/{ticket.pk}/closure", {"reason": "resolved", "text": "The reader was loose."})
    assert Appointment.objects.get().state == Appointment.State.CANCELLED
    sent = mails(ticket, "appointment_cancelled")
    assert {"priya@harbourline.example", "mara@vendor.example"} <= set(sent)
    event, method = entry(sent["priya@harbourline.example"])
    assert (method, event["SEQUENCE"], event["STATUS"]) == ("CANCEL", 1, "CANCELLED")
    assert "Why: The request is closed. If you still want to meet" in words(sent["priya@harbourline.example"])
    assert "The ticket is closed." in words(sent["mara@vendor.example"])
    assert "cancelled by Mara Lindqvist, as the ticket is closed" in page(client, ticket)
    client.post(f"/desk/tickets/{ticket.pk}/reopening", {"reason": "It is loose again."})
    assert Ticket.objects.get(pk=ticket.pk).state == "open"
    assert Appointment.objects.get().state == Appointment.State.CANCELLED


def test_closing_by_the_customer_cancels_it_too_and_leaves_what_is_over(
    cast: Cast, ticket: Ticket, as_: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    agree(as_(cast.mara), cast, ticket)
    agree(as_(cast.mara), cast, ticket, start="2026-03-05T09:00")
    monkeypatch.setattr("django.utils.timezone.now", lambda: START + timedelta(hours=1))
    as_(cast.priya).post(f"/requests/{ticket.pk}/closure", {"text": "It works again."})
    assert [one.state for one in Appointment.objects.order_by("starts_at")] == ["agreed", "cancelled"]
    assert "cancelled by Priya Raman" in page(as_(cast.mara), ticket)


def test_a_ticket_does_not_close_by_itself_before_its_appointment_is_over(
    cast: Cast, ticket: Ticket, as_: As
) -> None:
    agree(as_(cast.mara), cast, ticket, start="2026-06-01T09:00")
    resolution.propose_solution(ticket, text="A new reader.", by=acting(cast.mara), at=NOW)
    ends = Appointment.objects.get().ends_at
    due = list(Timer.objects.filter(ticket=ticket).order_by("due_at").values_list("kind", "due_at"))
    assert due[-1][0] == "close"
    assert due[-1][1] < ends
    for _, at in due:
        watch.look(at)
    assert Ticket.objects.get(pk=ticket.pk).state == "solution_proposed"
    assert Appointment.objects.get().state == Appointment.State.AGREED
    later = Timer.objects.get(ticket=ticket, kind="close").due_at
    assert later > ends
    watch.look(later)
    assert Ticket.objects.get(pk=ticket.pk).state == "closed"


def test_the_customer_asks_for_another_time_and_those_who_take_part_are_told(
    cast: Cast, ticket: Ticket, as_: As
) -> None:
    agree(as_(cast.mara), cast, ticket, staff=[str(cast.mara.pk), str(cast.sanjay.pk)])
    one, client = Appointment.objects.get(), as_(cast.priya)
    snoozing.snooze(ticket, until=None, anyway=True, by=acting(cast.mara), at=NOW)
    at = f"/requests/{ticket.pk}/appointments/{one.pk}/wish"
    refused = client.post(at, {"wish": " "})
    assert refused.status_code == 422
    assert "must say which times suit you" in refused.content.decode()
    assert client.post(at, {"wish": "Thursday after four."}).status_code == 302
    assert "until you hear from us it stands as agreed" in portal(client, ticket)
    assert "Thursday after four." in page(as_(cast.mara), ticket)
    assert not Snooze.objects.exists()
    told = mails(ticket, "appointment_wished")
    assert set(told) == {"mara@vendor.example", "sanjay@vendor.example"}
    assert "Priya Raman asks for another time" in as_(cast.sanjay).get("/desk/now").content.decode()
    assert not any(part.get_filename() for part in told["mara@vendor.example"].walk())
    move(as_(cast.mara), cast, ticket, start="2026-03-05T17:00")
    assert Appointment.objects.get().wish == ""


def test_who_takes_part_sees_it_on_now_until_it_is_over(
    cast: Cast, ticket: Ticket, as_: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    agree(as_(cast.mara), cast, ticket, staff=[str(cast.hana.pk)])
    assert "Remote session: Look at the readers together" in as_(cast.hana).get("/desk/now").content.decode()
    assert "Look at the readers" not in as_(cast.sanjay).get("/desk/now").content.decode()
    monkeypatch.setattr("django.utils.timezone.now", lambda: START + timedelta(hours=1))
    assert "Look at the readers" not in as_(cast.hana).get("/desk/now").content.decode()
    late = move(as_(cast.mara), cast, ticket, start="2026-03-09T10:00")
    assert "is over; agree another one" in late.content.decode()


def test_two_at_one_time_of_the_same_person_are_said_and_may_be_meant(
    cast: Cast, ticket: Ticket, asks: Any, as_: As
) -> None:
    client, other = as_(cast.mara), asks(cast.aiko)
    agree(client, cast, ticket)
    more = {"contact": [str(cast.aiko.pk)], "start": "2026-03-04T09:30"}
    clash = agree(client, cast, other, **more)
    said = clash.content.decode()
    assert clash.status_code == 422
    assert f"Mara Lindqvist has another appointment then, on {ticket.pk}" in said
    assert "I know: it may overlap" in said
    assert 'value="2026-03-04T09:30"' in said
    assert agree(client, cast, other, **more, anyway="1").status_code == 303
    assert (
        agree(client, cast, other, **{**more, "start": "2026-03-04T10:15"}).status_code == 303
    )  # right after
    assert agree(client, cast, ticket, staff=[str(cast.hana.pk)]).status_code == 422  # Priya's own


@pytest.mark.parametrize("shared", ["staff", "contact"])
def test_two_who_agree_with_the_same_person_at_once_do_not_book_them_twice(
    live_db: Any, cast: Cast, asks: Callable[..., Ticket], now: datetime, shared: str
) -> None:
    first, second = asks(), asks(subject="Readers")
    staff = ((cast.mara,), (cast.mara if shared == "staff" else cast.sanjay,))
    contacts = ((cast.priya,), (cast.priya if shared == "contact" else cast.tom,))
    plans = [
        appointments.Plan("remote", START, 45, "The readers", staff=staff[n], contacts=contacts[n])
        for n in (0, 1)
    ]

    def agrees() -> None:
        whole_process()
        try:
            appointments.agree(second, plans[1], by=acting(cast.hana), at=NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as beside:
        with transaction.atomic():
            appointments.agree(first, plans[0], by=acting(cast.mara), at=NOW)
            other = beside.submit(agrees)
            with pytest.raises(TimeoutError):
                other.result(timeout=1)
        with pytest.raises(Refused, match="has another appointment then"):
            other.result(timeout=20)
    assert Appointment.objects.get().ticket_id == first.pk


def test_a_contact_who_takes_part_hears_of_the_ticket_from_then_on(
    cast: Cast, ticket: Ticket, as_: As
) -> None:
    assert as_(cast.tom).get(f"/requests/{ticket.pk}").status_code == 404
    agree(as_(cast.mara), cast, ticket, contact=[str(cast.tom.pk)])
    assert set(mails(ticket, "appointment")) == {"priya@harbourline.example", "tom@harbourline.example"}
    assert "Look at the readers together" in portal(as_(cast.tom), ticket)


def test_a_contact_who_waited_to_be_let_in_is_let_in_by_taking_part(
    cast: Cast, ticket: Ticket, as_: As
) -> None:
    Participant.objects.create(ticket=ticket, address=cast.tom.email, since=NOW, accepted=False)
    agree(as_(cast.mara), cast, ticket, contact=[str(cast.tom.pk)])
    assert set(mails(ticket, "appointment")) == {"priya@harbourline.example", "tom@harbourline.example"}


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"kind": "party"}, "is not chosen; a call"),
        ({"about": ""}, "is missing; say in one line"),
        ({"about": "x" * 201}, "is longer than 200"),
        ({"start": ""}, "is missing; choose a day and a time"),
        ({"start": "2026-03-01T09:00"}, "lies in the past"),
        ({"start": "2028-03-01T09:00"}, "more than a year ahead"),
        ({"minutes": "4"}, "must be 5 to 1440"),
        ({"minutes": "an hour"}, "must be whole minutes"),
        ({"staff": []}, "choose who of us takes part"),
        ({"staff": ["x"]}, "choose from the list"),
        ({"place": "x" * 501}, "is longer than 500"),
    ],
)
def test_what_cannot_be_is_said_by_the_field(
    typed: dict[str, Any], says: str, cast: Cast, ticket: Ticket, as_: As
) -> None:
    answer = agree(as_(cast.mara), cast, ticket, **typed)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not Appointment.objects.exists()


def test_who_only_reads_and_other_customers(cast: Cast, ticket: Ticket, as_: As) -> None:
    agree(as_(cast.mara), cast, ticket)
    one = Appointment.objects.get()
    at = f"/desk/tickets/{ticket.pk}/appointments/{one.pk}"
    assert as_(cast.dmitri).post(at, form(cast)).status_code == 404
    said = as_(cast.dmitri).get(at).content.decode()
    assert "Look at the readers together" in said
    assert "Cancel it" not in said
    wish = f"/requests/{ticket.pk}/appointments/{one.pk}/wish"
    assert as_(cast.edgar).post(wish, {"wish": "Never."}).status_code == 404
    # nobody of another customer is met on this ticket
    refused = agree(as_(cast.mara), cast, ticket, start="2026-03-06T09:00", contact=[str(cast.edgar.pk)])
    assert "names nobody of this customer" in refused.content.decode()
    assert not Attendee.objects.filter(contact=cast.edgar).exists()
    with transaction.atomic(), seeing([cast.corvid.pk]):
        assert not Appointment.objects.exists()
        assert not Attendee.objects.exists()


def test_the_verb_refuses_somebody_of_another_customer(cast: Cast, ticket: Ticket) -> None:
    plan = appointments.Plan("call", START, 30, "Talk", "", (cast.mara,), (cast.edgar,))
    with pytest.raises(Exception, match="is nobody of this customer"):
        appointments.agree(ticket, plan, by=acting(cast.mara), at=NOW)
    assert not Event.objects.filter(ticket=ticket, kind="appointment_agreed").exists()


def test_a_german_customer_reads_it_in_german(cast: Cast, ticket: Ticket, as_: As) -> None:
    cast.harbourline.language = "de"
    cast.harbourline.save()
    agree(as_(cast.mara), cast, ticket)
    body = words(mails(ticket, "appointment")["priya@harbourline.example"])
    assert "Fernsitzung zu Anfrage" in body
    assert "vereinbart für Mittwoch, 4. März, 19:00 Uhr" in body
    cast.priya.user.language = "de"  # type: ignore[union-attr]
    cast.priya.user.save()  # type: ignore[union-attr]
    theirs = portal(as_(cast.priya), ticket)
    assert "Fernsitzung vereinbart für" in theirs
    assert "Um eine andere Zeit bitten" in theirs
