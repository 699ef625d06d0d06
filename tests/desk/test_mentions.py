"""@name in a note tells one of us and nobody outside; whoever watches a ticket hears of what the customer writes."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from cast import NOW, PASSWORD, Cast, acting
from mainstay.accounts.models import User
from mainstay.notices.announce import announce_pending
from mainstay.notices.models import Delivery
from mainstay.tickets import closure, dispatch, mentions, resolution, snoozing, watching
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Event, Snooze, Ticket, Watcher

As = Callable[..., Any]


@pytest.fixture
def ticket(cast: Cast, asks: Callable[..., Ticket], now: datetime) -> Ticket:
    """In Mara's hands."""
    found = asks()
    dispatch.assign(found, to=cast.mara, by=acting(cast.ifeoma), at=NOW)
    return found


def note(client: Any, ticket: Ticket, text: str) -> str:
    return str(client.post(f"/desk/tickets/{ticket.pk}/notes", {"text": text}, follow=True).content.decode())


def heard(ticket: Ticket, template: str) -> list[tuple[str, str]]:
    """Who of us was told of it, and how."""
    while announce_pending(NOW + timedelta(hours=1)):
        pass
    found = Delivery.objects.filter(ticket=ticket, template=template, user__isnull=False)
    return sorted((one.user.name.split()[0], one.channel) for one in found.select_related("user") if one.user)


def test_who_is_named_is_told_by_notice_and_mail_with_the_note_and_its_place(
    cast: Cast, ticket: Ticket, as_: As
) -> None:
    said = note(as_(cast.mara), ticket, "Look at the index, @sanjay, please.")
    assert "Told, and watching it: Sanjay Iyer." in said
    assert heard(ticket, "mentioned") == [("Sanjay", "desk"), ("Sanjay", "email")]
    mail = Delivery.objects.get(template="mentioned", channel="email")
    place = f"/desk/tickets/{ticket.pk}#m{ticket.messages.get(kind='note').pk}"
    assert "Look at the index" in mail.text
    assert place in mail.text
    assert mail.reply_to == ""  # what is inside stands in no mail whose reply goes to the customer
    home = as_(cast.sanjay).get("/desk/now").content.decode()
    assert "Mara Lindqvist names you in a note" in home
    assert f'href="{place}"' in home
    assert list(Watcher.objects.values_list("user__name", flat=True)) == ["Sanjay Iyer"]


def test_a_person_goes_by_first_name_all_names_and_address_whatever_the_case(cast: Cast) -> None:
    for name in ("mara", "Mara", "MARA.LINDQVIST", "mara.lindqvist"):
        assert [one.name for one in mentions.read(f"ask @{name}.").people] == ["Mara Lindqvist"]
    cast.mara.name = "Måra Lindqvist"
    cast.mara.save()
    assert [one.pk for one in mentions.read("(@mara)").people] == [cast.mara.pk]


def test_an_address_a_quoted_line_and_a_path_name_nobody(cast: Cast) -> None:
    for text in (
        "write to x@mara.example",
        "> @mara said so",
        "see a/@mara",
        "a@mara",
        "@@mara",
        "@",
        "@ mara",
    ):
        assert mentions.read(text).people == ()


def test_a_name_of_nobody_or_of_several_stays_text_with_a_hint_and_the_note_is_kept(
    cast: Cast, ticket: Ticket, as_: As
) -> None:
    other = User.objects.create_user(email="m.berg@vendor.example", name="Mara Berg", password=PASSWORD)
    other.roles = ["engineer"]
    other.save()
    said = note(as_(cast.sanjay), ticket, "Ask @mara or @bob; @mara.berg knows.")
    assert "@mara may be several" in said
    assert "@mara.berg / @mara.lindqvist" in said
    assert "@bob is nobody of the desk" in said
    assert "Told, and watching it: Mara Berg." in said
    assert ticket.messages.filter(kind="note", text="Ask @mara or @bob; @mara.berg knows.").exists()
    assert heard(ticket, "mentioned") == [("Mara", "desk"), ("Mara", "email")]


def test_in_words_to_the_customer_a_name_is_plain_text_and_it_is_said(
    cast: Cast, ticket: Ticket, as_: As
) -> None:
    client = as_(cast.mara)
    answer = client.post(f"/desk/tickets/{ticket.pk}/replies", {"text": "I ask @sanjay."}, follow=True)
    assert "To the customer an @name is plain text: Sanjay Iyer is not told" in answer.content.decode()
    assert heard(ticket, "mentioned") == []
    assert not Watcher.objects.exists()


def test_nobody_tells_themselves_and_who_only_reads_is_not_called(
    cast: Cast, ticket: Ticket, as_: As
) -> None:
    note(as_(cast.mara), ticket, "For me: @mara")
    said = note(as_(cast.mara), ticket, "@dmitri should know")
    assert "@dmitri is nobody of the desk" in said
    assert heard(ticket, "mentioned") == []


def test_a_customers_mail_and_portal_call_nobody(cast: Cast, ticket: Ticket, as_: As) -> None:
    said = Said("@sanjay @mara help", "email")
    resolution.customer_replied(ticket, said=said, by=acting(cast.priya), at=NOW)
    as_(cast.priya).post(f"/requests/{ticket.pk}/replies", {"text": "@sanjay?"})
    assert heard(ticket, "mentioned") == []
    assert as_(cast.priya).get("/desk/mentions", {"q": "m"}).status_code == 404


def test_a_mention_brings_a_snoozed_ticket_back_for_who_is_named(cast: Cast, ticket: Ticket, as_: As) -> None:
    for who in (cast.sanjay, cast.hana):
        snoozing.snooze(ticket, until=None, anyway=True, by=acting(who), at=NOW)
    note(as_(cast.mara), ticket, "@sanjay now")
    assert list(Snooze.objects.values_list("user__name", flat=True)) == ["Hana Sato"]
    assert heard(ticket, "snooze_ended") == []  # the mention itself is told


def test_names_are_completed_as_one_types(cast: Cast, as_: As) -> None:
    def offered(q: str) -> list[tuple[str, str]]:
        found = as_(cast.mara).get("/desk/mentions", {"q": q}).json()["choices"]
        return [(one["put"], one["says"]) for one in found]

    assert offered("@sa") == [("@hana", "Hana Sato"), ("@sanjay", "Sanjay Iyer")]
    assert offered("@iyer") == [("@sanjay", "Sanjay Iyer")]
    assert ("@dmitri", "Dmitri Vale") not in offered("@")
    assert offered("\x00²%") == []


def test_who_watches_hears_of_what_the_customer_writes_until_they_stop(
    cast: Cast, ticket: Ticket, as_: As
) -> None:
    client, at = as_(cast.hana), f"/desk/tickets/{ticket.pk}"
    assert client.post(f"{at}/watch").status_code == 303
    assert client.post(f"{at}/watch").status_code == 422
    assert "stop watching" in client.get(at).content.decode()
    assert f'data-id="{ticket.pk}"' in client.get("/desk/", {"q": "is:watched"}).content.decode()
    resolution.customer_replied(ticket, said=Said("More", "email"), by=acting(cast.priya), at=NOW)
    resolution.reply(ticket, said=Said("Thanks", "desk"), by=acting(cast.mara), at=NOW)
    assert heard(ticket, "customer_replied") == [("Hana", "desk"), ("Mara", "desk"), ("Mara", "email")]
    assert client.post(f"{at}/watch/end").status_code == 303
    assert client.post(f"{at}/watch/end").status_code == 422
    later = NOW + timedelta(minutes=1)
    resolution.customer_replied(ticket, said=Said("And", "email"), by=acting(cast.priya), at=later)
    assert heard(ticket, "customer_replied").count(("Hana", "desk")) == 1
    kinds = Event.objects.filter(ticket=ticket).values_list("kind", flat=True)
    assert {"watched", "unwatched"} <= set(kinds)


def test_a_watcher_is_told_once_and_stays_through_closing_and_reopening(cast: Cast, ticket: Ticket) -> None:
    watching.watch(ticket, by=acting(cast.mara), at=NOW)  # she has it, too
    watching.watch(ticket, by=acting(cast.sanjay), at=NOW)
    closure.close(ticket, reason="resolved", text="Done.", by=acting(cast.mara), at=NOW)
    closure.reopen(ticket, said=Said("Again", "email"), by=acting(cast.priya), at=NOW + timedelta(hours=1))
    assert heard(ticket, "reopened") == [("Mara", "desk"), ("Mara", "email"), ("Sanjay", "desk")]


def test_only_those_who_act_watch(cast: Cast, ticket: Ticket, as_: As) -> None:
    assert as_(cast.dmitri).post(f"/desk/tickets/{ticket.pk}/watch").status_code == 404
    assert "Watched by" in as_(cast.dmitri).get(f"/desk/tickets/{ticket.pk}").content.decode()
