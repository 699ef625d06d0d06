"""Calendars, severities, closing rules and exclusions on pages: looked at, published, seen in history, taken back."""

import copy
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from cast import NOW, Cast, acting
from desk.sheets import looked, published, refused, shown
from mainstay.catalogue import publish
from mainstay.catalogue.compile import digest
from mainstay.desk import looking
from mainstay.desk.setup import calendars, closing, exclusions, flow, severities
from mainstay.desk.setup.flow import Sheet
from mainstay.policy.read import read
from mainstay.policy.write import write
from mainstay.tickets import coverage, resolution, rollout
from mainstay.tickets import severities as in_force
from mainstay.tickets.acknowledgement import Request, open_ticket
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Clock, Event, Ticket, Timer

As = Callable[..., Client]
HOURS, SEVERITIES, CLOSING = "/desk/calendars/desk/hours", "/desk/severities", "/desk/closing"
CALENDAR = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\n"
    "DTSTART;VALUE=DATE:20260515\r\nSUMMARY:Outing\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


@pytest.fixture
def ruth(cast: Cast, as_: As, now: datetime) -> Client:
    return as_(cast.ruth)


# ---- what holds of every page


PAGES = (HOURS, "/desk/calendars/high/hours", SEVERITIES, CLOSING, "/desk/exclusions/clauses/entra",
         "/desk/catalogue/level/critical", "/desk/catalogue/package/high")  # fmt: skip


@pytest.mark.parametrize("address", PAGES)
def test_a_form_that_nobody_changed_changes_nothing(address: str, ruth: Client) -> None:
    assert "Nothing: it says what is running." in looked(ruth, address, shown(ruth, address))


@pytest.mark.parametrize("address", PAGES)
def test_everybody_reads_and_only_administrators_change(
    address: str, cast: Cast, as_: As, ruth: Client
) -> None:
    typed = shown(ruth, address)
    for who in (cast.mara, cast.hana, cast.dmitri):
        client = as_(who)
        page = client.get(address).content.decode()
        assert "History" in page
        assert 'id="sheet"' not in page
        assert client.post(address, typed).status_code == 404


def test_what_is_published_is_what_was_looked_at(ruth: Client) -> None:
    typed = {**shown(ruth, CLOSING), "reopen_window": ["15bd"]}
    page = looked(ruth, CLOSING, typed)
    button = re.search(r'name="publish" value="(\w+)"', page)
    assert button
    other = {**typed, "reopen_window": ["20bd"], "publish": button[1], "reason": "So."}
    assert "look at it once more" in looked(ruth, CLOSING, other)
    assert publish.current_desk_policy().version == 1


def test_a_reason_is_asked_for_and_nothing_typed_is_lost(ruth: Client) -> None:
    typed = {**shown(ruth, CLOSING), "reopen_window": ["15bd"]}
    button = re.search(r'name="publish" value="(\w+)"', looked(ruth, CLOSING, typed))
    assert button
    page = refused(ruth, CLOSING, {**typed, "publish": button[1], "reason": ""})
    assert "Reason: is missing" in page
    assert 'value="15bd"' in page


def test_who_looks_at_an_older_version_is_told(ruth: Client, cast: Cast) -> None:
    typed = {**shown(ruth, CLOSING), "reopen_window": ["15bd"]}
    document: Any = publish.current_desk_policy().document
    elsewhere = {**document, "queue_ceiling_days": 9}
    publish.publish_desk_policy(document=elsewhere, by=acting(cast.hana), at=NOW, reason="x")
    assert "What publishing it changes" in looked(ruth, CLOSING, typed), "another part: no matter"
    meanwhile = {**elsewhere, "closing": {**document["closing"], "reopen_window": "3bd"}}
    publish.publish_desk_policy(document=meanwhile, by=acting(cast.hana), at=NOW, reason="x")
    page = refused(ruth, CLOSING, typed)
    assert "another version of this was published since" in page
    assert 'value="15bd"' in page


def test_two_who_publish_at_once_never_undo_each_other(
    ruth: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = {**shown(ruth, CLOSING), "reopen_window": ["15bd"]}
    page = looked(ruth, CLOSING, typed)
    button = re.search(r'name="publish" value="(\w+)"', page)
    assert button
    look = looking.at_parts

    def while_somebody_publishes(*given: Any) -> Any:
        elsewhere: Any = {**publish.current_desk_policy().document, "queue_ceiling_days": 9}
        publish.publish_desk_policy(document=elsewhere, by=acting(cast.hana), at=NOW, reason="x")
        return look(*given)

    monkeypatch.setattr(looking, "at_parts", while_somebody_publishes)
    told = refused(ruth, CLOSING, {**typed, "publish": button[1], "reason": "So."})
    assert "another one was published meanwhile" in told
    assert 'value="15bd"' in told
    assert publish.current_desk_policy().document["queue_ceiling_days"] == 9


def test_a_file_of_closed_days_stays_when_somebody_else_was_quicker(ruth: Client, cast: Cast) -> None:
    typed = {**shown(ruth, HOURS), "ics": SimpleUploadedFile("ours.ics", CALENDAR.encode())}
    document: Any = publish.current_desk_policy().document
    meanwhile = {**document, "hours": {**document["hours"], "time_zone": "Europe/Oslo"}}
    publish.publish_desk_policy(document=meanwhile, by=acting(cast.hana), at=NOW, reason="x")
    page = refused(ruth, HOURS, typed)
    assert "another version of this was published since" in page
    assert "ours.ics" in page


def test_the_history_names_who_when_and_what_and_an_earlier_version_is_taken_up_again(ruth: Client) -> None:
    before = publish.export_parts()
    published(ruth, CLOSING, {**shown(ruth, CLOSING), "reopen_window": ["15bd"]}, "Longer weeks")
    page = ruth.get(CLOSING).content.decode()
    for words in (
        "Longer weeks",
        "Ruth Castellan",
        "closing, reopen window: 10bd became 15bd",
        "as it began",
    ):
        assert words in page
    old = ruth.get(f"{CLOSING}?version=1").content.decode()
    assert "This is what version 1 said." in old
    published(ruth, f"{CLOSING}", shown(ruth, f"{CLOSING}?version=1"), "It was better")
    assert digest(publish.export_parts()) == digest(before)
    assert publish.current_desk_policy().version == 3
    assert ruth.get(f"{CLOSING}?version=77").status_code == 200


# ---- calendars


def test_longer_fridays_hold_for_the_packages_that_go_along(ruth: Client) -> None:
    typed = {**shown(ruth, HOURS), "fri": ["08:00-12:00 13:00-19:00"]}
    assert set(typed["with"]) == {"included", "standard", "high", "critical"}
    typed["with"] = ["included"]
    page = looked(ruth, HOURS, typed)
    assert "Fri 08:00-12:00 13:00-19:00" in page
    published(ruth, HOURS, typed)
    parts = publish.export_parts()
    assert parts["desk"]["hours"]["week"]["fri"] == [["08:00", "12:00"], ["13:00", "19:00"]]
    assert parts["packages"]["included"]["hours"] == parts["desk"]["hours"]
    assert parts["packages"]["high"]["hours"]["week"]["fri"] == [["09:00", "17:00"]]


def test_the_weeks_to_come_are_drawn_with_holidays_and_a_promise_worked_out(ruth: Client) -> None:
    seen = {"seen_from": "Europe/London|GB|ENG", "try_target": "4h", "try_received": "2026-04-02T16:30"}
    page = ruth.get(HOURS, seen).content.decode()
    assert "Good Friday" in page
    assert "Thursday 2 April 16:30 is due <b>Tuesday 7 April 12:30</b>" in page
    assert '<td class="num">Fri 3 Apr</td><td class="num">closed</td><td>Good Friday</td>' in page
    assert page.count('class="ps"') == 5
    assert "cannot read" in ruth.get(HOURS, {**seen, "try_target": "soon"}).content.decode()


def test_what_is_typed_is_drawn_before_it_is_published(ruth: Client) -> None:
    typed = {**shown(ruth, HOURS), "own": ["2026-03-10"]}
    page = looked(ruth, HOURS, typed)
    assert "as typed, not published" in page
    assert "<td>a day of our own</td>" in page
    assert "<td>a day of our own</td>" not in ruth.get(HOURS).content.decode()


def test_open_tickets_are_shown_with_old_and_new_promises_and_follow_only_when_wanted(
    ruth: Client, cast: Cast
) -> None:
    said = Said("How do I?", "portal")
    at = timezone.now()
    request = Request(subject="How", said=said, customer=cast.quill, contact=cast.jonah)
    ticket = open_ticket(request, by=acting(cast.jonah), at=at)
    was = Clock.objects.get(ticket=ticket, clock="first_response").due_at
    typed = {**shown(ruth, HOURS), "own": ["2026-03-03"]}
    page = looked(ruth, HOURS, typed)
    assert f">{ticket.pk}</a>" in page
    published(ruth, HOURS, typed, open="1")
    while rollout.work(timezone.now()):
        pass
    now = Clock.objects.get(ticket=ticket, clock="first_response").due_at
    assert (now > was) is True  # type: ignore[operator]
    assert Event.objects.filter(ticket=ticket, kind="agreement_changed").count() == 1


def test_a_calendar_is_added_used_and_cannot_be_taken_out_while_something_counts_in_it(ruth: Client) -> None:
    new = "/desk/calendars/desk/new"
    night = {
        **shown(ruth, new),
        "code": "nights",
        **dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "22:00-06:00"),
    }
    assert published(ruth, new, night)["Location"] == "/desk/calendars/desk/named/nights"
    held = publish.current_desk_policy().document["calendars"]["nights"]
    assert held["week"]["tue"] == [["00:00", "06:00"], ["22:00", "24:00"]]
    both = {**shown(ruth, new), "code": "any_hour", "kind": "any", "members": "business\nnights"}
    published(ruth, new, both)
    address = "/desk/calendars/desk/named/nights"
    said = refused(ruth, address, {**shown(ruth, address), "remove": "1"})
    assert "any hour" in said
    assert "'nights' is no calendar" in said or "nights" in said
    assert "open when any of these is: business, nights" in ruth.get("/desk/calendars").content.decode()
    other = "/desk/calendars/desk/named/any_hour"
    assert published(ruth, other, {**shown(ruth, other), "remove": "1"})["Location"] == "/desk/calendars"
    published(ruth, address, {**shown(ruth, address), "remove": "1"})
    assert "calendars" not in publish.current_desk_policy().document
    assert "Take it up again" in ruth.get(address).content.decode()
    published(ruth, address, shown(ruth, f"{address}?version=2"))
    assert publish.current_desk_policy().document["calendars"] == {"nights": held}


def test_an_icalendar_file_is_looked_at_and_published_without_choosing_it_twice(ruth: Client) -> None:
    typed = {**shown(ruth, HOURS), "ics": SimpleUploadedFile("ours.ics", CALENDAR.encode())}
    page = looked(ruth, HOURS, typed)
    assert "ours.ics: 1 closed day or range" in page
    published(ruth, HOURS, {**typed, "ics": SimpleUploadedFile("ours.ics", CALENDAR.encode())})
    assert publish.current_desk_policy().document["hours"]["holidays"] == [
        "customer", {"ics": "ours.ics", "dates": ["2026-05-15"]},
    ]  # fmt: skip
    assert shown(ruth, HOURS)["kept"] == ["ours.ics"]
    for content, why in (
        (b"\xff\x00", "is not an iCalendar file"),
        (b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "no all-day"),
    ):
        bad = {**shown(ruth, HOURS), "ics": SimpleUploadedFile("bad.ics", content)}
        assert why in refused(ruth, HOURS, bad)


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"mon": "nine"}, "Monday: cannot be read"),
        ({"mon": "09:00-12:00 11:00-13:00"}, "Monday: has hours that overlap"),
        (dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ""), "Week: opens at no time"),
        ({"time_zone": "Mars/One"}, "Time zone:"),
        ({"own": "Christmas"}, "Own days, line 1:"),
        ({"place_country": "DE", "place_part": "NSW", "place_which": "all", "place_names": ""},
         "Public holidays, row 1:"),
        ({"place_country": "US", "place_part": "", "place_which": "only", "place_names": "Mayday"},
         "is the name of no public holiday of US"),
    ],
)  # fmt: skip
def test_a_calendar_that_cannot_be_is_refused_by_its_field(
    typed: dict[str, str], why: str, ruth: Client
) -> None:
    new = {**shown(ruth, "/desk/calendars/desk/new"), "code": "days", **typed}
    page = refused(ruth, "/desk/calendars/desk/new", new)
    assert why in page
    for value in typed.values():
        assert value in page


def test_names_of_calendars_are_checked(ruth: Client) -> None:
    new = shown(ruth, "/desk/calendars/desk/new")
    assert "Name: must be small letters" in refused(ruth, "/desk/calendars/desk/new", {**new, "code": "A b"})
    assert "is always there" in refused(ruth, "/desk/calendars/desk/new", {**new, "code": "always"})
    itself = {**new, "code": "loop", "kind": "any", "members": "loop, business"}
    assert "refers to itself" in refused(ruth, "/desk/calendars/desk/new", itself)
    for address in ("/desk/calendars/nobody/hours", "/desk/calendars/desk/named/nothing"):
        assert ruth.get(address).status_code == 404


# ---- severities


def test_words_of_a_severity_are_changed_and_read_by_customers_in_their_language(ruth: Client) -> None:
    typed = shown(ruth, SEVERITIES)
    typed["s_name"][0], typed["s_de_name"][0] = "Urgent", "Dringend"
    typed["s_definition"][0], typed["s_de_definition"][0] = "Everything stands still.", "Alles steht still."
    typed["s_examples"][0] = "No ward can admit\nNo train runs"
    page = looked(ruth, SEVERITIES, typed)
    assert "severities, 1, name: Critical became Urgent" in page
    assert "Alles steht still." in page
    published(ruth, SEVERITIES, typed)
    first = in_force.all_of_them()[0]
    assert first["examples"] == ["No ward can admit", "No train runs"]
    assert in_force.spoken_in("de")[0]["definition"] == "Alles steht still."
    assert in_force.spoken_in("de-at")[0]["name"] == "Dringend"
    assert in_force.spoken_in("fr")[0]["name"] == "Urgent"
    assert in_force.spoken_in("de")[1] == in_force.all_of_them()[1]


def test_a_customer_chooses_among_them_in_their_own_language(ruth: Client, cast: Cast, as_: As) -> None:
    typed = shown(ruth, SEVERITIES)
    typed["s_de_name"][0] = "Dringend"
    published(ruth, SEVERITIES, typed)
    user: Any = cast.priya.user
    assert "1 Dringend" not in as_(cast.priya).get("/requests/new").content.decode()
    user.language = "de"
    user.save()
    assert "1 Dringend" in as_(cast.priya).get("/requests/new").content.decode()


def test_places_are_swapped_and_targets_stay_with_the_place(ruth: Client) -> None:
    before = publish.export_parts()
    typed = shown(ruth, SEVERITIES)
    typed["s_order"] = ["2", "1", "3"]
    published(ruth, SEVERITIES, typed)
    assert [one["name"] for one in in_force.all_of_them()] == ["Moderate", "Critical", "Low"]
    assert publish.export_parts()["levels"] == before["levels"]


def test_one_more_severity_gets_the_targets_of_another_and_goes_again(ruth: Client) -> None:
    before = publish.export_parts()
    typed = {
        **shown(ruth, SEVERITIES),
        "n_name": "Wish",
        "n_definition": "It would be nice.",
        "n_urgency": "none",
        "like": "3",
    }
    page = looked(ruth, SEVERITIES, typed)
    assert "severity 4 (Wish) has no workaround" in page
    assert "is not staffed round the clock" not in page, "a row that only moved is not worth another look"
    published(ruth, SEVERITIES, typed)
    parts = publish.export_parts()
    assert publish.severity_ranks() == [1, 2, 3, 4]
    for code in ("standard", "high", "critical"):
        rows = parts["levels"][code]["targets"]
        three = [{**row, "severity": 4} for row in rows if row["severity"] == 3]
        assert [row for row in rows if row["severity"] == 4] == three
    assert shown(ruth, f"{SEVERITIES}?version=1")["shrink"] == ["1"], "the way back takes the new one out"
    published(ruth, SEVERITIES, shown(ruth, f"{SEVERITIES}?version=1"))
    assert digest(publish.export_parts()) == digest(before)
    assert shown(ruth, f"{SEVERITIES}?version=2")["n_name"] == ["Wish"], "and forth again adds it"


def test_a_severity_that_open_tickets_have_stays(ruth: Client, asks: Any) -> None:
    Ticket.objects.filter(pk=asks().pk).update(severity=3)
    page = refused(ruth, SEVERITIES, {**shown(ruth, SEVERITIES), "shrink": "1"})
    assert "Severity 3: 1 open ticket has it" in page


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda t: t["s_name"].__setitem__(1, "Critical"), "Severities 2, name: Critical is there twice"),
        (lambda t: t["s_name"].__setitem__(2, "1"), "1 would be taken for the rank 1"),
        (lambda t: t["s_name"].__setitem__(0, " "), "Severity 1, name: is missing"),
        (lambda t: t["s_definition"].__setitem__(0, "x" * 1001), "must be a text of 1 to 1000 characters"),
        (lambda t: t["s_order"].__setitem__(0, "2"), "2 is there twice"),
        (lambda t: t["s_order"].__setitem__(0, "first"), "must be a place from 1 to 3"),
        (lambda t: t.update(n_name="Wish", n_definition="", n_urgency="x"), "Severity 4, definition: is missing"),
        (lambda t: t.update(n_name="Wish", n_definition="x", n_urgency="x", like="9"), "from 1 to 3"),
        (lambda t: t.update(n_name="Wish", n_definition="x", n_urgency="x", like="x"), "Like: must be"),
        (lambda t: t.update(n_name="Wish", shrink="1"), "do one, then the other"),
    ],
)  # fmt: skip
def test_severities_that_cannot_be_are_refused(change: Any, why: str, ruth: Client) -> None:
    typed = shown(ruth, SEVERITIES)
    change(typed)
    assert why in refused(ruth, SEVERITIES, typed)
    assert publish.current_desk_policy().version == 1


# ---- closing


def test_closing_is_shown_by_an_example_and_what_comes_too_late_is_said(ruth: Client) -> None:
    page = ruth.get(CLOSING).content.decode()
    assert "it closes as resolved" in page
    assert "until here a reply reopens it" in page
    typed = {**shown(ruth, CLOSING), "solution_reminders": ["2bd, 7bd"]}
    said = looked(ruth, CLOSING, typed)
    assert "7bd is never sent: it has closed by then." in said
    assert "2bd is never sent" not in said


def test_open_tickets_that_would_close_on_another_day_are_listed_and_do(
    ruth: Client, cast: Cast, asks: Any, now: datetime
) -> None:
    waits, idle = asks(cast.jonah, subject="Which day"), asks(cast.jonah, subject="Nothing asked")
    kept = asks(cast.priya, subject="Under a contract")
    for ticket in (waits, kept):
        resolution.reply(ticket, said=Said("Which?", "desk"), wait=True, by=acting(cast.mara), at=NOW)
    was, theirs = (Timer.objects.get(ticket=one, kind="close").due_at for one in (waits, kept))
    assert was == datetime(2026, 3, 13, 21, 0, tzinfo=UTC)  # ten business days in New York
    typed = {**shown(ruth, CLOSING), "question_closes": ["15bd"], "question_reminders": ["12bd"]}
    said = " ".join(re.sub(r"<[^>]+>", " ", looked(ruth, CLOSING, typed)).split())
    assert f"{waits.pk} Which day closes by itself" in said
    assert "13 Mar" in said
    assert "20 Mar" in said
    assert f"{idle.pk} Nothing asked" not in said
    published(ruth, CLOSING, typed, open="1")
    while rollout.work(timezone.now()):
        pass
    timers = dict(Timer.objects.filter(ticket=waits).values_list("kind", "due_at"))
    assert timers == {
        "remind": datetime(2026, 3, 17, 21, 0, tzinfo=UTC), "close": datetime(2026, 3, 20, 21, 0, tzinfo=UTC),
    }  # fmt: skip
    assert Timer.objects.get(ticket=kept, kind="close").due_at == theirs


def test_shorter_rules_leave_a_business_day_to_answer(
    ruth: Client, cast: Cast, asks: Any, monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    ticket = asks(cast.jonah)
    resolution.reply(ticket, said=Said("Which?", "desk"), wait=True, by=acting(cast.mara), at=NOW)
    later = NOW + timedelta(days=7)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    typed = {**shown(ruth, CLOSING), "question_closes": ["2bd"], "question_reminders": ["1bd"]}
    published(ruth, CLOSING, typed, open="1")
    while rollout.work(later):
        pass
    [timer] = Timer.objects.filter(ticket=ticket)
    assert (timer.kind, timer.due_at > later) == ("close", True)
    assert timer.due_at <= later + timedelta(days=2)


def test_exceptions_are_rows_for_a_severity_or_a_kind_of_request(ruth: Client) -> None:
    typed = shown(ruth, CLOSING)
    typed["r_severity"][0], typed["r_closes"][0] = "1", "no"
    typed["r_when"][1], typed["r_solution_closes"][1] = "category = billing, feature", "10bd"
    typed["channels"] = ["email", "portal"]
    published(ruth, CLOSING, typed)
    document = publish.current_desk_policy().document
    assert document["closing_rules"] == [
        {"severity": 1, "closes": False},
        {"when": {"category": ["billing", "feature"]}, "solution_closes": "10bd"},
    ]
    assert document["reopen_channels"] == ["email", "portal"]
    assert "Nothing: it says what is running." in looked(ruth, CLOSING, shown(ruth, CLOSING))


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"solution_closes": "soon"}, "Solution closes: cannot read"),
        ({"solution_closes": ""}, "Solution closes: is missing"),
        ({"reopen_window": "5bd 6bd"}, "Reopen window: must be one time"),
        ({"question_reminders": "2bd, often"}, "Question reminders: cannot read"),
        ({"channels": "drum"}, "Reopen channels: are none"),
        ({"r_severity": ["7", ""], "r_closes": ["no", ""]}, "Closing rules 1, severity: is 7"),
        ({"r_severity": ["x", ""], "r_closes": ["no", ""]}, "Exception 1, severity: must be a rank"),
        ({"r_severity": ["1", ""]}, "Exception 1: says nothing that differs"),
        ({"r_when": ["mood = bad", ""], "r_closes": ["no", ""]}, "is not known here"),
        ({"r_closes": ["perhaps", ""]}, "Exception 1, closes: must be yes, no"),
    ],
)  # fmt: skip
def test_closing_rules_that_cannot_be_are_refused(typed: dict[str, Any], why: str, ruth: Client) -> None:
    assert why in refused(ruth, CLOSING, {**shown(ruth, CLOSING), **typed})


# ---- what is not covered


def test_an_exclusion_is_added_tried_out_and_suggested(ruth: Client, asks: Any) -> None:
    ticket = asks(subject="The chess board is lost")
    new = "/desk/exclusions/new"
    typed = {
        **shown(ruth, new), "code": "games", "title": "Games", "wording": "We play no games.",
        "words": "chess*\nboard game", "de_title": "Spiele", "de_wording": "Wir spielen nicht.",
    }  # fmt: skip
    page = looked(ruth, new, typed)
    assert f">{ticket.pk}</a>" in page
    assert "it says “chess” in the subject" in page
    published(ruth, new, typed)
    assert [one.code for one in coverage.suggestions(ticket)] == ["games"]
    address = "/desk/exclusions/clauses/games"
    assert "Try it out on the last" in ruth.get(address).content.decode()
    assert f">{ticket.pk}</a>" in ruth.get(f"{address}?try=1").content.decode()
    published(ruth, address, {**shown(ruth, address), "remove": "1"})
    assert coverage.suggestions(ticket) == []
    published(ruth, address, shown(ruth, f"{address}?version=2"))
    assert publish.current_desk_policy().document["exclusions"][-1]["in"]["de"]["title"] == "Spiele"


def test_a_customer_reads_the_clause_in_the_language_of_the_request(
    ruth: Client, asks: Any, cast: Cast
) -> None:
    address = "/desk/exclusions/clauses/entra"
    published(ruth, address, {**shown(ruth, address), "de_title": "Dienste von Microsoft Entra"})
    ticket = asks(language="de")
    coverage.rule_out_of_scope(
        ticket, rule="entra", reason="Not ours.", text="Leider.", by=acting(cast.mara), at=NOW
    )
    ticket.refresh_from_db()
    assert ticket.scope_decision["title"] == "Dienste von Microsoft Entra"
    assert ticket.scope_decision["wording"].startswith("The trouble lies in Microsoft Entra")


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"code": "A b"}, "Name: must be small letters"),
        ({"code": "entra"}, "Name: entra is there already"),
        ({"title": ""}, "Title: is missing"),
        ({"wording": " "}, "Wording: is missing"),
        ({"words": "chess\n**"}, "Words, line 2: is only a star"),
        ({"words": "che*ss"}, "Words, line 1: has a star within"),
        ({"title": "x" * 2001}, "must be a text of 1 to 2000 characters"),
    ],
)  # fmt: skip
def test_an_exclusion_that_cannot_be_is_refused(typed: dict[str, str], why: str, ruth: Client) -> None:
    good = {"code": "games", "title": "Games", "wording": "We play none.", "words": "chess"}
    new = "/desk/exclusions/new"
    assert why in refused(ruth, new, {**shown(ruth, new), **good, **typed})


# ---- the round trip


def test_edited_on_every_page_exported_and_loaded_it_has_the_same_hash(ruth: Client, cast: Cast) -> None:
    severity = shown(ruth, SEVERITIES)
    severity["s_de_name"][0], severity["s_examples"][1] = "Dringend", "A page is slow"
    published(ruth, SEVERITIES, severity)
    hours = {**shown(ruth, HOURS), "own": ["12-24\n12-28..01-03"], "special": ["12-31 09:00-12:00"]}
    hours |= {
        "place_country": ["DE", ""],
        "place_part": ["BY", ""],
        "place_which": ["all", "all"],
        "place_names": ["", ""],
    }
    published(ruth, HOURS, hours)
    new = "/desk/calendars/desk/new"
    published(ruth, new, {**shown(ruth, new), "code": "nights", "mon": "22:00-06:00", "words": "By night"})
    rules = shown(ruth, CLOSING)
    rules["r_severity"][0], rules["r_closes"][0] = "1", "no"
    published(ruth, CLOSING, rules)
    clause = "/desk/exclusions/clauses/entra"
    published(ruth, clause, {**shown(ruth, clause), "de_title": "Entra", "words": ["Entra\nAzure*"]})
    running = copy.deepcopy(publish.export_parts())
    text = ruth.get("/desk/policy/file").content.decode()
    assert text == write(running)
    assert digest(read(text)) == digest(running)
    assert publish.load_parts(read(text), by=acting(cast.ruth), at=NOW, reason="again") == []


def test_every_page_is_a_sheet_that_says_what_it_is_about(cast: Cast) -> None:
    parts = publish.export_parts()
    pages: list[Sheet] = [
        calendars.CalendarSheet("desk"), severities.SeveritySheet(), closing.ClosingSheet(),
        exclusions.ExclusionSheet("entra"),
    ]  # fmt: skip
    assert len({flow.print_of(page, parts) for page in pages}) == len(pages)
