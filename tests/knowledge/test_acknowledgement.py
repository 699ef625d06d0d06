"""An acknowledgement offers what may answer, to those who may read it; one button says that it did (I3)."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from cast import NOW, Cast, acting
from mainstay.knowledge import articles
from mainstay.knowledge.models import Article, Look, Shown
from mainstay.notices.announce import announce_pending
from mainstay.notices.models import Delivery
from mainstay.tickets import closure
from mainstay.tickets.acknowledgement import Request, open_ticket
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Ticket

Published = Callable[..., Article]


def asks(cast: Cast, subject: str = "Badges are refused", who: Any = None, **more: Any) -> Ticket:
    who = who or cast.priya
    said = Said(
        more.pop("text", "Since the upgrade every badge is refused."), more.pop("channel", "email"),
        authenticated=more.pop("authenticated", "pass"),
    )  # fmt: skip
    request = Request(
        subject, said, customer=who.customer, contact=who, address=who.email, name=who.name, **more
    )  # fmt: skip
    return open_ticket(request, by=acting(who), at=NOW)


def tell_all() -> None:
    while announce_pending(NOW):
        pass


def letter(ticket: Ticket) -> Delivery:
    tell_all()
    return Delivery.objects.get(ticket=ticket, template="acknowledgement", channel="email")


def link_in(sent: Delivery) -> str:
    line = next(line for line in sent.text.splitlines() if "/r/" in line and line.startswith("  "))
    return line.strip().removeprefix("http://").partition("/")[2]


def test_it_offers_up_to_three_with_their_line_and_a_link_of_their_own(
    published: Published, cast: Cast
) -> None:
    article = published()
    for n in range(4):
        published(f"Badges are refused at door {n}", "badges", "refused")
    sent = letter(asks(cast))
    assert sent.text.count("* Badges are refused") == 3
    assert "This may answer it already:" in sent.html
    assert Shown.objects.filter(look__place="mail").count() == 3
    assert article.pk


def test_following_the_link_does_nothing_and_the_button_closes_it_as_the_customers_wish(
    published: Published, cast: Cast, client: Client
) -> None:
    article, ticket = published(), asks(cast)
    address = "/" + link_in(letter(ticket))
    for method in (client.get, client.head, client.options):
        method(address)
    ticket.refresh_from_db()
    shown = Shown.objects.get()
    assert (ticket.state, shown.opened_at, shown.answer) == ("open", None, "")
    assert "This solved it: close the request" in client.get(address).content.decode()
    done = client.post(address, {"answer": "yes"})
    assert done.status_code == 200
    ticket.refresh_from_db()
    assert (ticket.state, ticket.close_reason) == ("closed", "closed_by_customer")
    assert f"Article {article.pk}" in ticket.messages.latest("pk").text
    shown.refresh_from_db()
    assert (shown.answer, shown.look.ticket) == ("yes", ticket.pk)
    assert client.post(address, {"answer": "yes"}).status_code == 200, "pressed twice is once"


def test_that_it_did_not_help_changes_nothing_but_is_known(
    published: Published, cast: Cast, client: Client
) -> None:
    published()
    ticket = asks(cast)
    client.post("/" + link_in(letter(ticket)), {"answer": "no", "why": "It is another door."})
    ticket.refresh_from_db()
    assert ticket.state == "open"
    assert Shown.objects.get().why == "It is another door."


def test_what_was_closed_otherwise_records_that_it_helped(
    published: Published, cast: Cast, client: Client
) -> None:
    published()
    ticket = asks(cast)
    address = "/" + link_in(letter(ticket))
    closure.close(ticket, reason="resolved", text="Done.", by=acting(cast.mara), at=NOW)
    assert "This solved it: close" not in client.get(address).content.decode()
    client.post(address, {"answer": "yes"})
    ticket.refresh_from_db()
    assert (ticket.close_reason, Shown.objects.get().answer) == ("resolved", "yes")


@pytest.mark.parametrize("audience", ["internal", "subscribers"])
def test_what_they_may_not_read_is_not_offered__attack_51(
    audience: str, published: Published, cast: Cast
) -> None:
    published(audience=audience)
    offered = {
        name: "may answer it" in letter(asks(cast, who=getattr(cast, name))).text
        for name in ("priya", "nora")
    }
    assert offered == {"priya": audience == "subscribers", "nora": False}
    unproved = letter(asks(cast, authenticated="fail"))
    assert "may answer it" not in unproved.text, "nothing but what is public to whom nobody has proved"


def test_a_link_does_not_outlive_the_right_to_read(published: Published, cast: Cast, client: Client) -> None:
    article, ticket = published(), asks(cast)
    address = "/" + link_in(letter(ticket))
    articles.open_to(article, "internal", by=acting(cast.mara), at=NOW)
    for answer in (client.get(address), client.post(address, {"answer": "yes"})):
        assert answer.status_code == 410
        assert "cache" not in answer.content.decode()
    ticket.refresh_from_db()
    assert ticket.state == "open"


@pytest.mark.parametrize(
    "how",
    [
        {"channel": "portal", "severity": 3, "category": "technical"},
        {"emergency": ("says: everything stands still",)},
        {"subject": "Invoice of November", "text": "Please send it again."},
    ],
)
def test_nothing_is_offered_to_whoever_looked_presses_or_asks_something_else(
    how: dict[str, Any], published: Published, cast: Cast
) -> None:
    published()
    assert "may answer it" not in letter(asks(cast, **how)).text
    assert not Look.objects.exists()


def test_many_are_acknowledged_with_as_many_searches_as_one(
    published: Published, cast: Cast, django_assert_max_num_queries: Any
) -> None:
    published()
    for _ in range(20):
        asks(cast)
    with django_assert_max_num_queries(400) as asked:
        tell_all()
    searches = [one for one in asked.captured_queries if "knowledge_vocabulary" in one["sql"]]
    assert len(searches) <= 2
    assert Shown.objects.count() == 20


def test_where_to_look_first_names_the_articles_while_there_are_some(
    published: Published, cast: Cast, client: Client
) -> None:
    assert re.search(r"Where to look first: http\S+/\n", letter(asks(cast)).text)
    published(audience="internal")
    published("For customers", audience="subscribers")
    published("Clear the cache")
    sent = letter(asks(cast, "Printers are slow", text="They are.")).text
    said = re.search(r"Where to look first: an article at (http\S+)\n", sent)
    assert said is not None
    page = client.get("/" + said[1].partition("//")[2].partition("/")[2]).content.decode()
    assert "Clear the cache" in page
    assert "For customers" not in page
