"""Mailboxes, letters, teams and canned answers: found by their words, looked at before they are kept, with history."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from cast import NOW, Cast
from mainstay.accounts.models import Act, Team
from mainstay.intake.models import Mailbox
from mainstay.tickets.models import CannedAnswer

As = Callable[..., Client]


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.fixture
def ruth(cast: Cast, as_: As, now: datetime) -> Client:
    return as_(cast.ruth)


# ---- found by their words


@pytest.mark.parametrize(
    ("address", "asked", "has", "lacks"),
    [
        ("/desk/teams", "billing", "<h2>Billing", "<h2>Support"),
        ("/desk/teams", "mara", "<h2>Support", "<h2>Billing"),
        ("/desk/wordings", "reminder", "Reminder: does the solution help?", "It is escalated"),
        ("/desk/wordings", "root cause", "A root-cause report", "Somebody works on it"),
    ],
)
def test_each_page_finds_its_rows_by_all_words(
    address: str, asked: str, has: str, lacks: str, ruth: Client
) -> None:
    said = page(ruth, f"{address}?q={asked}")
    assert has in said
    assert lacks not in said


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("/desk/teams", "No team has all of these words."),
        ("/desk/answers", "No answer has all of these words."),
        ("/desk/mailboxes", "No mailbox has all of these words."),
        ("/desk/wordings", "No letter has all of these words."),
    ],
)
def test_what_is_nowhere_is_said_and_odd_words_break_nothing(address: str, says: str, ruth: Client) -> None:
    said = page(ruth, f"{address}?q=zzz%00%3Cscript%3E")
    assert says in said
    assert "<script>" not in said.split("<main")[1].split("</main>")[0].replace("<script src", "")


# ---- mailboxes


def test_a_mailbox_has_a_history_under_any_address(ruth: Client) -> None:
    box = {"address": "help@ours.example", "name": "Help", "kind": "smtp"}
    assert ruth.post("/desk/mailboxes", box).status_code == 303
    number = page(ruth, "/desk/mailboxes").split("/desk/mailboxes/")[1].split("/")[0]
    assert ruth.post(f"/desk/mailboxes/{number}", {**box, "address": "aid@ours.example"}).status_code == 303
    assert ruth.post(f"/desk/mailboxes/{number}/switch", {}).status_code == 303
    said = page(ruth, "/desk/mailboxes?q=aid+ours")
    for words in ("mailbox added", "mailbox changed", "mailbox switched off", "last by Ruth Castellan"):
        assert words in said
    assert "aid@ours.example" not in page(ruth, "/desk/mailboxes?q=gone")


# ---- teams


def test_a_team_is_looked_at_before_it_is_kept(ruth: Client, cast: Cast, asks: Any) -> None:
    ticket = asks()
    type(ticket).objects.filter(pk=ticket.pk).update(team=cast.support)
    address = f"/desk/teams/{cast.support.code}"
    typed = {"name": "First line", "categories": ["technical"], "members": [str(cast.sanjay.pk)], "look": "1"}
    answer = ruth.post(address, typed)
    said = answer.content.decode()
    assert answer.status_code == 200
    for words in ("name: Support became First line", "1 open ticket stays with it", 'value="First line"'):
        assert words in said
    assert Team.objects.get(pk=cast.support.pk).name == "Support"
    taken = ruth.post(address, {**typed, "name": "Billing"})
    assert taken.status_code == 422
    assert "Billing is a team already" in taken.content.decode()
    del typed["look"]
    assert ruth.post(address, typed).status_code == 303
    assert "name: Support became First line" in page(ruth, "/desk/teams?q=first+line")


def test_a_team_is_taken_as_it_was_before_a_change(ruth: Client, cast: Cast) -> None:
    form = {"name": "First line", "categories": ["technical"], "members": [str(cast.mara.pk)]}
    ruth.post("/desk/teams/support", form)
    ruth.post("/desk/teams/support", {**form, "name": "Second line"})
    changes = Act.objects.filter(kind="team changed").order_by("pk")
    assert f"?before={changes[0].pk}#t-{cast.support.pk}" in page(ruth, "/desk/teams")
    old = page(ruth, f"/desk/teams?before={changes[0].pk}")
    assert "<details open>" in old
    assert 'value="Support"' in old
    for code in ("technical", "enquiry"):
        assert f'value="{code}" checked' in old
    assert f'value="{cast.sanjay.pk}" checked' in old
    between = page(ruth, f"/desk/teams?before={changes[1].pk}")
    assert 'value="First line"' in between
    ruth.post(
        "/desk/teams/support",
        {"name": "Support", "categories": ["technical", "enquiry"], "members": [str(cast.sanjay.pk)]},
    )
    cast.support.refresh_from_db()
    assert (cast.support.name, cast.support.categories) == ("Support", ["technical", "enquiry"])
    assert "?before=" not in str(ruth.get("/desk/teams?before=x").context["form"])


def test_a_mailbox_is_taken_as_it_was_but_for_its_password(ruth: Client, as_: As, cast: Cast) -> None:
    typed = {
        "address": "atlas@vendor.example", "name": "Atlas", "kind": "imap", "host": "imap.vendor.example",
        "port": "993", "security": "tls", "auth": "password", "user": "atlas", "password": "hush", "folder": "INBOX",
        "product": "atlas", "team": "support", "afterwards": "seen",
    }  # fmt: skip
    ruth.post("/desk/mailboxes", typed)
    box = Mailbox.objects.get()
    other = {
        **typed,
        "host": "mail.vendor.example",
        "port": "143",
        "security": "starttls",
        "product": "",
        "password": "",
    }
    ruth.post(f"/desk/mailboxes/{box.pk}", other)
    act = Act.objects.get(kind="mailbox changed")
    assert f"?before={act.pk}#m-{box.pk}" in page(ruth, "/desk/mailboxes")
    old = ruth.get(f"/desk/mailboxes?before={act.pk}")
    [line] = old.context["listed"]
    again = {name: str(value) for name, value in line["typed"].items()}
    assert again == {
        **again,
        **{name: typed[name] for name in ("host", "port", "security", "product", "team", "user")},
    }
    assert "hush" not in old.content.decode()
    assert ruth.post(f"/desk/mailboxes/{box.pk}", again).status_code == 303
    box.refresh_from_db()
    assert (box.host, box.port, box.security, box.product) == ("imap.vendor.example", 993, "tls", cast.atlas)
    assert "?before=" not in page(as_(cast.dmitri), "/desk/mailboxes")


def test_what_was_done_before_things_were_named_is_found_by_the_name(ruth: Client, cast: Cast) -> None:
    Act.objects.create(
        at=NOW, by=cast.ruth, by_name="Ruth", kind="team changed", what="Support", after={"takes": ["x"]}
    )
    assert "takes: x" in page(ruth, "/desk/teams?q=support")


# ---- canned answers


def answered(**more: str) -> dict[str, str]:
    return {
        "title": "Restart",
        "language": "",
        "category": "",
        "text": "Dear {{first_name}}, restart {{it}}.",
        **more,
    }


def test_a_canned_answer_is_looked_at_as_a_ticket_would_have_it(ruth: Client, asks: Any) -> None:
    ticket = asks()
    answer = ruth.post("/desk/answers", answered(look="1"))
    said = answer.content.decode()
    assert answer.status_code == 200
    assert f"As it would stand in ticket {ticket.pk}" in said
    assert "Dear Priya, restart {{it}}." in said
    assert "No ticket fills it" in said
    assert not CannedAnswer.objects.exists()


def test_without_any_ticket_a_made_up_one_is_taken(ruth: Client) -> None:
    said = ruth.post("/desk/answers", answered(look="1")).content.decode()
    assert "As it would stand in a made-up ticket" in said
    assert "Dear Pat, restart" in said


def test_a_canned_answer_has_a_history_and_is_taken_as_it_was(ruth: Client) -> None:
    ruth.post("/desk/answers", answered())
    made = CannedAnswer.objects.get()
    address = f"/desk/answers/{made.pk}"
    ruth.post(address, answered(text="Second."))
    ruth.post(address, answered(text="Third.", title="Start again"))
    said = page(ruth, "/desk/answers?q=start+again")
    assert "text: Second. became Third." in said
    first = Act.objects.filter(kind="canned answer written").order_by("pk")[1]
    old = page(ruth, f"/desk/answers?before={first.pk}")
    assert "Dear {{first_name}}, restart {{it}}.</textarea>" in old
    assert 'value="Restart"' in old
    ruth.post(address, answered())
    made.refresh_from_db()
    assert (made.title, made.text) == ("Restart", answered()["text"])
    assert page(ruth, "/desk/answers?before=99999999").count("Start again") >= 1
