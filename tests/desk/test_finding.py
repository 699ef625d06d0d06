"""Finding tickets on the queue: by fields, by words, over open and closed ones; completed as one types."""

from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cast import NOW, Cast, acting
from mainstay.customers import register
from mainstay.tickets import closure, dispatch, renaming, resolution, triage
from mainstay.tickets.messages import Said


class _Rows(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.numbers: list[int] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "tr" and given.get("data-id"):
            self.numbers.append(int(given["data-id"] or 0))


def rows(client: Any, typed: str, view: str = "", status: int = 200) -> list[int]:
    response = client.get(f"/desk/?q={quote(typed)}" + (f"&view={view}" if view else ""))
    assert response.status_code == status, response.content.decode()
    parser = _Rows()
    parser.feed(response.content.decode())
    return parser.numbers


def test_each_field_finds_what_it_says(cast: Cast, asks: Any, as_: Any, now: Any) -> None:
    by, client = acting(cast.ifeoma), as_(cast.mara)
    down = asks(
        subject="Gateway down",
        emergency=("down",),
        environment=cast.production(cast.harbourline),
        at=NOW - timedelta(days=5),
    )
    bill = asks(cast.aiko, subject="Wrong invoice total", at=NOW - timedelta(hours=3))
    triage.triage(bill, severity=2, category="billing", reason="money", by=by, at=NOW - timedelta(hours=2))
    dispatch.assign(bill, to=cast.mara, by=by, at=NOW - timedelta(hours=2))
    ask = asks(cast.beth, subject="How do I rename a group?", at=NOW - timedelta(hours=1))
    resolution.reply(ask, said=Said("Which?", "desk"), wait=True, by=by, at=NOW)
    gone = asks(cast.jonah, subject="Old invoice", at=NOW - timedelta(days=9))
    closure.close(gone, reason="resolved", text="Done.", by=by, at=NOW - timedelta(days=8))
    everything = {down.pk, bill.pk, ask.pk}
    for typed, wanted in {
        "": everything,
        "sev:2": {bill.pk},
        "-sev:2": everything - {bill.pk},
        "customer:kitano": {bill.pk},
        f"customer:{cast.kitano.code.lower()},{cast.fernleigh.code.lower()}": {bill.pk, ask.pk},
        "owner:me": {bill.pk},
        "owner:mara": {bill.pk},
        "owner:nobody": {down.pk, ask.pk},
        "is:waiting": {ask.pk},
        "is:emergency": {down.pk},
        "is:untriaged": {down.pk, ask.pk},
        "is:closed": {gone.pk},
        "is:any": everything | {gone.pk},
        "cat:billing": {bill.pk},
        "team:billing": {bill.pk},
        "level:bc": {down.pk},
        "product:atlas": {down.pk},
        "older:4d": {down.pk},
        "newer:1d": {bill.pk, ask.pk},
        "due:over": {down.pk} | ({bill.pk} if bill.due_at and bill.due_at < NOW else set()),
        "due:none": {t.pk for t in (down, bill, ask) if t.due_at is None},
        "invoice": {bill.pk, gone.pk},
        "invoice is:open": {bill.pk},
        "invoice is:closed": {gone.pk},
        "inv tot": {bill.pk},
        '"invoice total"': {bill.pk},
        '"total invoice"': set(),
        "invoice -total": {gone.pk},
        "kitano": {bill.pk},
        cast.aiko.email: {bill.pk},
        "owner:me sev:1": set(),
    }.items():
        assert set(rows(client, typed)) == wanted, typed
    assert set(rows(client, "invoice", "mine")) == {bill.pk}
    assert set(rows(client, "invoice", "closed")) == {gone.pk}


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("customer:acm", "there is no customer acm"),
        ("owner:zed", "there is no member of staff zed; it may be"),
        ("team:bilin", "it may be billing"),
        ("level:platinum", "there is no service level platinum"),
        ("password:x", "there is not"),
        ("assignee__email:x", "Nothing found"),
        ("due_at__lt:2026", "Nothing found"),
        ("is:%27%20OR%201=1", "is is never"),
    ],
)
def test_71_what_is_not_a_field_is_refused_by_name_and_nothing_typed_is_lost(
    cast: Cast, asks: Any, as_: Any, typed: str, says: str
) -> None:
    asks()
    response = as_(cast.mara).get(f"/desk/?q={quote(typed)}")
    page = response.content.decode()
    assert says in page
    if "Nothing found" not in says:
        assert response.status_code == 422
        assert f'value="{typed}"' in page
        assert 'role="alert"' in page


@pytest.mark.parametrize(
    "typed", ["'", "\\", "%", "_", "a'b", "':*", "!!", "&|", "\u0000x", "\u00e9", "\U0001f600", "-", "--"]
)
def test_71_signs_of_other_languages_are_words_or_nothing(
    cast: Cast, asks: Any, as_: Any, typed: str
) -> None:
    asks(subject="Plain")
    assert as_(cast.mara).get("/desk/", {"q": typed}).status_code == 200


def test_words_follow_what_they_are_of(cast: Cast, asks: Any, as_: Any) -> None:
    client, ticket = as_(cast.mara), asks(cast.aiko, subject="Über die Prüfung")
    assert rows(client, "prüf") == [ticket.pk]
    customer = ticket.customer
    assert customer is not None
    customer.name = "Nagoya Lines"
    customer.save()
    while renaming.step(patience=0):
        pass
    assert rows(client, "nagoya") == [ticket.pk]
    assert rows(client, "kitano rail") == []


def test_a_customer_is_renamed_at_once_and_its_tickets_words_follow_in_slices_the_newest_first(
    cast: Cast, asks: Any, as_: Any
) -> None:
    client = as_(cast.mara)
    old = [asks(cast.aiko, subject=f"Gate {n}", at=NOW - timedelta(hours=9 - n)).pk for n in range(5)]
    other = asks(cast.beth, subject="Gate of another").pk
    with CaptureQueriesContext(connection) as asked:
        register.change_customer(
            cast.kitano, name="Nagoya Lines", time_zone="Asia/Tokyo", country="JP", subdivision="", tam=None,
            shares_tickets=False, by=acting(cast.hana), at=NOW,
        )  # fmt: skip
    assert not any("tickets_words" in one["sql"] for one in asked.captured_queries)
    assert rows(client, "nagoya") == []
    assert sorted(rows(client, "rail")) == sorted(old)  # found by the old name until its turn has come
    assert renaming.step() == 0  # what is being written under the old name has two seconds
    assert renaming.step(2, 0) == 2
    assert set(rows(client, "nagoya")) == set(old[-2:])
    newer = asks(cast.aiko, subject="Gate, later").pk
    assert [renaming.step(2, 0) for _ in range(3)] == [2, 1, 1]  # the last one: it is done
    assert renaming.step(2, 0) == 0
    assert sorted(rows(client, "nagoya")) == sorted([*old, newer])
    assert rows(client, "rail") == []
    assert other in rows(client, "gate")


def test_renamed_again_while_the_words_follow_they_follow_the_last_name(
    cast: Cast, asks: Any, as_: Any
) -> None:
    client = as_(cast.mara)
    old = [asks(cast.aiko, subject=f"Gate {n}", at=NOW - timedelta(hours=9 - n)).pk for n in range(4)]
    for name in ("Nagoya Lines", "Osaka Metro"):
        cast.kitano.name = name
        cast.kitano.save()
        renaming.step(2, 0)
    while renaming.step(2, 0):
        pass
    assert sorted(rows(client, "osaka")) == sorted(old)
    assert rows(client, "nagoya") == []


def test_nobody_who_sees_less_than_all_rewrites_words(cast: Cast, asks: Any) -> None:
    asks(cast.aiko, subject="Gate")
    cast.kitano.name = "Nagoya Lines"
    cast.kitano.save()
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('mainstay.scope', %s, true)", [str(cast.kitano.pk)])
        cursor.execute("SELECT tickets_words_again(10, 0)")
        assert cursor.fetchone()[0] == 0
        cursor.execute("SELECT set_config('mainstay.scope', 'all', true)")
        cursor.execute("SELECT tickets_words_again(10, 0)")
        assert cursor.fetchone()[0] == 1
        cursor.execute("SELECT has_table_privilege(current_user, 'tickets_renaming', 'SELECT')")
        assert cursor.fetchone()[0] is False


def test_who_does_not_see_all_tickets_finds_none(cast: Cast, asks: Any) -> None:
    asks(subject="Secret of theirs")
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('mainstay.scope', %s, true)", [str(cast.corvid.pk)])
        cursor.execute("SELECT count(*) FROM tickets_found('''secret'':*', true, null, 10)")
        assert cursor.fetchone()[0] == 0
        cursor.execute("SELECT set_config('mainstay.scope', 'all', true)")
        cursor.execute("SELECT count(*) FROM tickets_found('''secret'':*', true, null, 10)")
        assert cursor.fetchone()[0] == 1
        cursor.execute("SELECT has_table_privilege(current_user, 'tickets_words', 'SELECT')")
        assert cursor.fetchone()[0] is False


def test_found_tickets_come_in_pages_open_ones_first(cast: Cast, asks: Any, as_: Any, now: Any) -> None:
    client, by = as_(cast.mara), acting(cast.mara)
    opened = [asks(subject=f"Report {n}", at=NOW - timedelta(hours=n)).pk for n in range(1, 8)]
    shut = []
    for n in range(48):
        ticket = asks(subject=f"Report of old {n}", at=NOW - timedelta(days=3, hours=n))
        closure.close(ticket, reason="resolved", text="Done.", by=by, at=NOW)
        shut.append(ticket.pk)
    first = client.get("/desk/?q=report")
    parser = _Rows()
    parser.feed(first.content.decode())
    assert set(parser.numbers[:7]) == set(opened)
    assert len(parser.numbers) == 50
    assert "Closed, newest first" in first.content.decode()
    rest = _after(client, parser.numbers[-1])
    assert set(parser.numbers) | set(rest) == set(opened) | set(shut)
    assert not set(parser.numbers) & set(rest)


def _after(client: Any, number: int) -> list[int]:
    parser = _Rows()
    parser.feed(client.get(f"/desk/?q=report&after={number}").content.decode())
    return parser.numbers


def test_a_query_is_completed_as_it_is_typed(cast: Cast, as_: Any) -> None:
    client = as_(cast.mara)

    def ways(typed: str) -> list[str]:
        return [one["put"] for one in client.get("/desk/completions", {"q": typed}).json()["choices"]]

    assert ways("c") == ["customer:", "cat:"]
    assert ways("is:w") == ["is:waiting", "is:watched"]
    assert ways("-is:wai") == ["-is:waiting"]
    assert ways("cat:billing,f") == ["cat:billing,feature"]
    assert ways("customer:harb") == [f"customer:{cast.harbourline.code.lower()}"]
    assert ways("owner:ma") == [f"owner:{cast.mara.email}"]
    assert ways("due:<2") == ["due:<2h"]
    assert ways("nothing:") == []
    assert as_(cast.priya).get("/desk/completions?q=c").status_code == 404
