"""Saved views: a query under a name, one's own or shared, with counts that are exact, in the queue's own address."""

from typing import Any

from cast import NOW, Cast, acting
from mainstay.desk.models import SavedView
from mainstay.tickets import closure, triage


def keep(client: Any, name: str, asked: str, shared: str = "") -> Any:
    return client.post("/desk/views", {"name": name, "query": asked, "shared": shared})


def test_a_view_is_kept_opened_and_counted(cast: Cast, asks: Any, as_: Any, now: Any) -> None:
    client, ticket, other = as_(cast.mara), asks(), asks(cast.aiko)
    offered = client.get("/desk/?q=customer:kitano").content.decode()
    assert "/desk/views?query=customer%3Akitano" in offered
    answer = keep(client, "Trains", "customer:kitano")
    made = SavedView.objects.get()
    assert answer["Location"] == f"/desk/?view=v{made.pk}"
    page = client.get(answer["Location"]).content.decode()
    assert 'aria-current="page">Trains <span class="n">1</span>' in page
    assert f'data-id="{other.pk}"' in page
    assert f'data-id="{ticket.pk}"' not in page
    asks(cast.aiko)
    assert 'Trains <span class="n">2</span>' in client.get("/desk/").content.decode()
    closure.close(other, reason="resolved", text="Done.", by=acting(cast.mara), at=NOW)
    assert 'Trains <span class="n">1</span>' in client.get("/desk/").content.decode()
    narrowed = client.get(f"/desk/?view=v{made.pk}&q=sev:1").content.decode()
    assert "Nothing found" in narrowed


def test_who_sees_a_view_and_who_may_change_it(cast: Cast, as_: Any) -> None:
    mara, sanjay, hana = as_(cast.mara), as_(cast.sanjay), as_(cast.hana)
    cast.billing.members.add(cast.mara, cast.hana)
    keep(mara, "Mine alone", "owner:me")
    keep(mara, "Money", "cat:billing", "billing")
    keep(mara, "Grave ones", "sev:1", "everybody")

    def seen(client: Any) -> set[str]:
        page = client.get("/desk/").content.decode()
        return {name for name in ("Mine alone", "Money", "Grave ones") if f">{name}" in page}

    assert seen(mara) == {"Mine alone", "Money", "Grave ones"}
    assert seen(hana) == {"Money", "Grave ones"}
    assert seen(sanjay) == {"Grave ones"}
    grave, alone = SavedView.objects.get(name="Grave ones"), SavedView.objects.get(name="Mine alone")
    assert sanjay.post(f"/desk/views/{grave.pk}", {"act": "remove"}).status_code == 404
    assert hana.post(f"/desk/views/{alone.pk}", {"act": "remove"}).status_code == 404
    assert hana.post(f"/desk/views/{grave.pk}", {"act": "rename", "name": "Gravest"}).status_code == 303
    assert sanjay.get(f"/desk/?view=v{alone.pk}").content.decode().count("Mine alone") == 0
    refused = keep(sanjay, "Theirs", "sev:2", "billing")
    assert refused.status_code == 422
    assert "no team of yours" in refused.content.decode()


def test_it_is_named_anew_moved_removed_and_brought_back(cast: Cast, as_: Any) -> None:
    client = as_(cast.mara)
    keep(client, "First", "sev:1")
    keep(client, "Second", "sev:2")
    first, second = SavedView.objects.order_by("pk")
    client.post(f"/desk/views/{second.pk}", {"act": "up"})
    page = client.get("/desk/").content.decode()
    assert page.index(">Second") < page.index(">First")
    answer = client.post(f"/desk/views/{first.pk}", {"act": "remove"})
    assert "Bring First back" in client.get(answer["Location"]).content.decode()
    assert ">First" not in client.get("/desk/").content.decode()
    client.post(f"/desk/views/{first.pk}", {"act": "restore"})
    assert ">First" in client.get("/desk/").content.decode()


def test_what_cannot_be_read_is_not_kept_and_nothing_typed_is_lost(cast: Cast, as_: Any) -> None:
    client = as_(cast.mara)
    for name, asked, says in (
        ("X", "sevv:1", "do you mean sev:?"),
        ("", "sev:1", "say what the view shows"),
        ("X", "", "ask for something first"),
        ("X", "customer:nobody-such", "there is no customer"),
    ):
        answer = keep(client, name, asked)
        assert answer.status_code == 422
        assert says in answer.content.decode()
        assert f'value="{asked}"' in answer.content.decode()
    assert not SavedView.objects.exists()


def test_a_view_whose_names_have_gone_says_so_and_the_queue_stands(cast: Cast, asks: Any, as_: Any) -> None:
    client, ticket = as_(cast.mara), asks()
    triage.triage(ticket, severity=2, category="billing", reason="x", by=acting(cast.ifeoma), at=NOW)
    keep(client, "Money", "team:billing")
    made = SavedView.objects.get()
    cast.billing.code = "finance"
    cast.billing.save()
    assert client.get("/desk/").status_code == 200
    gone = client.get(f"/desk/?view=v{made.pk}")
    assert gone.status_code == 422
    assert "there is no team billing" in gone.content.decode()


def test_the_counts_of_all_views_are_one_statement(
    cast: Cast, asks: Any, as_: Any, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    client = as_(cast.mara)
    asks()
    keep(client, "V0", "sev:1")
    client.get("/desk/")
    asks()
    with django_assert_max_num_queries(14) as few:
        client.get("/desk/")
        asked = len(few)
    for n in range(1, 6):
        keep(client, f"V{n}", "is:waiting")
    client.get("/desk/")
    asks()
    with django_assert_num_queries(asked):
        client.get("/desk/")
