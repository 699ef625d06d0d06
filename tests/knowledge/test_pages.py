"""Articles in the desk and in the portal: written, read, published, found, read by those who may, answered (I3)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from cast import NOW, Cast, acting
from mainstay.knowledge import articles, index
from mainstay.knowledge.articles import Words
from mainstay.knowledge.models import Article, Look, Shown, Version
from mainstay.maintenance import ageing
from mainstay.maintenance.models import Task
from mainstay.reports import deflection
from mainstay.tickets import resolution
from mainstay.tickets.acknowledgement import Request, open_ticket
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Ticket

As = Callable[..., Client]
Published = Callable[..., Article]
PNG = b"\x89PNG\r\n\x1a\n door"


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, address
    return str(answer.content.decode())


def asks(cast: Cast, text: str = "Badges are refused since the upgrade.", **more: Any) -> Ticket:
    said = Said(text, "email")
    request = Request(
        "Badges refused", said, customer=cast.harbourline, contact=cast.priya, address=cast.priya.email, name="Priya",
        **more,
    )  # fmt: skip
    return open_ticket(request, by=acting(cast.priya), at=NOW)


# ---- the desk


def test_it_is_written_seen_as_readers_see_it_read_by_another_and_published(cast: Cast, as_: As) -> None:
    mara, sanjay = as_(cast.mara), as_(cast.sanjay)
    said = {
        "language": "en",
        "audience": "public",
        "title": "Clear the cache",
        "body": "Do **it**.",
        "summary": "",
    }
    assert "<strong>it</strong>" in mara.post("/desk/articles/preview", said).content.decode()
    assert mara.post("/desk/articles/new", said).status_code == 303
    article = Article.objects.get()
    here = f"/desk/articles/{article.pk}"
    draft = article.versions.get()
    assert mara.post(f"{here}/versions/{draft.pk}/submission").status_code == 303
    assert mara.post(f"{here}/versions/{draft.pk}/publication").status_code == 422
    assert "Clear the cache" in page(sanjay, "/desk/articles?view=review")
    assert sanjay.post(f"{here}/versions/{draft.pk}/refusal", {"remark": ""}).status_code == 422
    assert sanjay.post(f"{here}/versions/{draft.pk}/publication", {"remark": "Tried."}).status_code == 303
    assert "read by Sanjay Iyer" in page(mara, here)
    assert "Clear the cache" in page(mara, "/desk/articles?q=caches")


def test_what_was_typed_is_not_lost_when_it_is_refused(cast: Cast, as_: As) -> None:
    said = {"language": "en", "audience": "public", "title": "", "body": "All of my words."}
    answer = as_(cast.mara).post("/desk/articles/new", said)
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert "Title: is missing" in shown
    assert "All of my words." in shown


def test_versions_are_compared_and_an_earlier_one_is_brought_back(
    published: Published, cast: Cast, as_: As
) -> None:
    article = published()
    published(body="Wait a day.", article=article)
    old, new = article.versions.order_by("number")
    shown = page(as_(cast.mara), f"/desk/articles/{article.pk}/versions/{new.pk}")
    assert "<ins>+ Wait a day.</ins>" in shown
    assert "<del>- 1. Open **Devices**.</del>" in shown
    back = as_(cast.mara).post(
        f"/desk/articles/{article.pk}/versions/{old.pk}/restoration", {"reason": "Wrong."}
    )
    assert back.status_code == 303
    assert article.versions.get(number=3).body == old.body


def test_a_picture_is_shown_to_those_who_read_the_article_once_it_is_published(
    published: Published, cast: Cast, as_: As, client: Client
) -> None:
    article = published(audience="internal")
    mara = as_(cast.mara)
    for name, content, status in (
        ("a.png", PNG, 303),
        ("a.svg", b"<svg onload=alert(1)>", 422),
        ("a.png", b"x", 422),
    ):
        file = SimpleUploadedFile(name, content, content_type="image/png")
        assert mara.post(f"/desk/articles/{article.pk}/pictures", {"files": file}).status_code == status
    picture = article.pictures.get()
    here = f"/articles/{article.pk}/pictures/{picture.pk}"
    assert mara.get(f"/desk{here}").headers["Content-Type"] == "image/png"
    assert client.get(here).status_code == 404
    articles.open_to(article, "public", reason="Good.", by=acting(cast.sanjay), at=NOW)
    assert client.get(here).status_code == 404, "no published version shows it"
    published(body=f"See ![door](picture:{picture.pk})", article=article)
    shown = client.get(here)
    assert (shown.status_code, shown.headers["X-Content-Type-Options"]) == (200, "nosniff")
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert f'src="{here}"' in page(client, f"/articles/{article.pk}")


def test_an_article_grown_old_is_somebodys_task_once(published: Published, cast: Cast, as_: As) -> None:
    ended = published(title="Old readers", covers=((cast.atlas, "6.4", "6.4"),))
    passed = published(title="Seasonal")
    articles.look_after(
        passed, owner=cast.sanjay, review_by=NOW.date() - timedelta(days=1), by=acting(cast.mara), at=NOW
    )
    published(title="Fresh", covers=((cast.atlas, "7.1"),))
    assert ageing.look(NOW) == 2
    assert ageing.look(NOW) == 0
    due = {task.article_id: task.owner for task in Task.objects.filter(kind="article")}
    assert due == {ended.pk: cast.mara, passed.pk: cast.sanjay}
    shown = page(as_(cast.mara), "/desk/articles?view=stale")
    assert "looked after no more" in shown
    assert "Fresh" not in shown


# ---- from a ticket, and into one


def test_an_article_from_a_ticket_holds_what_was_chosen_and_never_a_note(cast: Cast, as_: As) -> None:
    ticket = asks(cast, environment=cast.production(cast.harbourline))
    by = acting(cast.mara)
    resolution.note(ticket, said=Said("Their password is hunter2", "desk"), by=by, at=NOW)
    resolution.reply(ticket, said=Said("Please clear the cache.", "desk"), by=by, at=NOW)
    form = page(as_(cast.mara), f"/desk/tickets/{ticket.pk}/article")
    assert "Please clear the cache." in form
    assert "hunter2" not in form
    assert " checked" not in form.split("<form")[-1], "each piece is chosen"
    note = ticket.messages.get(kind="note")
    said = next(m for m in ticket.messages.all() if m.kind == "out")
    sent = {"title": "Badges", "language": "en", "piece": [f"said-{said.pk}", f"said-{note.pk}"]}
    assert as_(cast.mara).post(f"/desk/tickets/{ticket.pk}/article", sent).status_code == 303
    draft = Version.objects.get()
    assert draft.body == "## What to do\n\nPlease clear the cache."
    assert (draft.article.audience, draft.article.ticket) == ("internal", ticket.pk)
    assert [one.words for one in draft.article.coverage.all()] == ["Atlas Directory"]


def test_the_finder_gives_a_link_only_where_the_recipient_may_read_it(
    published: Published, cast: Cast, as_: As
) -> None:
    published()
    published(title="Badges refused at Kitano", audience="internal")
    ticket = asks(cast)
    shown = (
        as_(cast.mara)
        .post(f"/desk/tickets/{ticket.pk}/articles", {"find": "badges refused"})
        .content.decode()
    )
    assert shown.count("data-insert") == 2, "the link and the words of one"
    assert "Badges refused at Kitano" in shown
    assert "for our own people only" in shown
    assert not Look.objects.exists()


# ---- readers


def test_anybody_reads_what_is_public_in_their_language_at_a_stable_address(
    published: Published, client: Client
) -> None:
    article = published()
    published("Ausweise werden abgelehnt", "", "Leeren.", language="de", article=article)
    here = f"/articles/{article.pk}"
    assert "Badges are refused" in page(client, here)
    assert "Ausweise werden" in client.get(here, headers={"Accept-Language": "fr, de;q=0.8"}).content.decode()
    assert "Ausweise werden" in page(client, f"{here}?language=de")
    assert "Badges are refused" in page(client, f"{here}?language=xx")
    assert "Badges are refused" in page(client, "/articles")
    assert "Badges are refused" in page(client, "/articles?q=bagde")


@pytest.mark.parametrize("where", ["/articles", "/articles?q=zanzibar", "/articles/{}", "suggestions"])
def test_what_one_may_not_read_is_nowhere__attack_43_51(
    where: str, published: Published, cast: Cast, as_: As, client: Client
) -> None:
    secret = published("Zanzibar outage", "zanzibar", "Key.", audience="internal")
    ours = published("Zanzibar for subscribers", "zanzibar", "Key.", audience="subscribers")
    for who, sees in ((None, False), (cast.nora, False), (cast.priya, True), (cast.jonah, True)):
        browser = client if who is None else as_(who)
        for article, name, may in (
            (secret, "Zanzibar outage", False),
            (ours, "Zanzibar for subscribers", sees),
        ):
            if where == "suggestions" and who is not None:
                said = {"subject": "Zanzibar outage for subscribers", "description": "key", "look": "abc"}
                shown = browser.post("/requests/new/suggestions", said).content.decode()
            elif "{}" in where:
                shown = page(browser, where.format(article.pk), 200 if may else 404)
            elif where != "suggestions":
                shown = page(browser, where)
            else:
                continue
            assert (f">{name}<" in shown) == may, (who, name)


def test_a_draft_and_a_withdrawn_article_are_nowhere(
    published: Published, cast: Cast, client: Client
) -> None:
    draft = articles.begin(
        Words("Zanzibar", "x"), language="en", audience="public", by=acting(cast.mara), at=NOW
    )
    gone = published("Zanzibar too")
    articles.withdraw(gone, reason="Wrong.", by=acting(cast.mara), at=NOW)
    for number in (draft.article_id, gone.pk, 999):
        page(client, f"/articles/{number}", 404)
    assert "Zanzibar" not in page(client, "/articles")


# ---- while a request is written


REQUEST = {
    "subject": "Badges are refused", "description": "Since the upgrade every badge is refused.", "look": "abc123",
    "category": "technical", "form_key": "k", "environment": "Production",
}  # fmt: skip


def test_articles_are_suggested_while_typing_and_what_comes_of_it_is_recorded(
    published: Published, cast: Cast, as_: As
) -> None:
    article, priya = published(covers=((cast.atlas,),)), as_(cast.priya)
    shown = priya.post("/requests/new/suggestions", REQUEST).content.decode()
    assert f'href="/articles/{article.pk}?look=abc123"' in shown
    look = Look.objects.get()
    assert (look.place, look.contact, look.product) == ("form", cast.priya, cast.atlas)
    assert Shown.objects.get().opened_at is None
    page(priya, f"/articles/{article.pk}?look=abc123")
    assert Shown.objects.get().opened_at is None, "a GET records nothing"
    priya.post(f"/articles/{article.pk}/opening", {"look": "abc123"})
    assert Shown.objects.get().opened_at == NOW
    priya.post(f"/articles/{article.pk}/answer", {"look": "abc123", "answer": "yes", "why": "Quick."})
    assert (Shown.objects.get().answer, Shown.objects.get().why) == ("yes", "Quick.")
    assert "You said that it did." in page(priya, f"/articles/{article.pk}?look=abc123")
    assert not Ticket.objects.exists()


def test_looking_first_works_without_scripts_and_never_stands_in_the_way(
    published: Published, cast: Cast, as_: As
) -> None:
    published()
    priya = as_(cast.priya)
    looked = priya.post("/requests/new", {**REQUEST, "act": "look"}).content.decode()
    assert "This may answer it" in looked
    assert "every badge is refused" in looked, "what was typed stays"
    assert priya.post("/requests/new", REQUEST).status_code == 302
    look = Look.objects.get()
    assert (look.ticket, look.outcome) == (Ticket.objects.get().pk, "sent")


def test_the_form_itself_asks_nothing_about_articles(
    cast: Cast, as_: As, django_assert_max_num_queries: Any
) -> None:
    priya = as_(cast.priya)
    with django_assert_max_num_queries(20) as asked:
        page(priya, "/requests/new")
    assert not [one for one in asked.captured_queries if "knowledge" in one["sql"]]


def test_nobody_answers_for_another__attack_43(published: Published, cast: Cast, as_: As) -> None:
    article = published()
    as_(cast.priya).post("/requests/new/suggestions", REQUEST)
    as_(cast.edgar).post(f"/articles/{article.pk}/answer", {"look": "abc123", "answer": "no"})
    assert Shown.objects.get(look__customer=cast.harbourline).answer == ""
    assert Shown.objects.get(answer="no").look.customer == cast.corvid


def test_an_answer_on_the_open_pages_is_nobodys_and_is_bounded(
    published: Published, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mainstay.knowledge.looks.MOST_OPEN", 2)
    article = published()
    for _ in range(3):
        assert client.post(f"/articles/{article.pk}/answer", {"answer": "yes"}).status_code == 302
    assert Shown.objects.filter(answer="yes", look__contact=None, look__customer=None).count() == 2
    assert client.post(f"/articles/{article.pk}/answer", {"answer": "maybe"}).status_code == 400
    assert client.post(f"/articles/{article.pk}/opening").status_code == 302, "of people who are signed in"


# ---- counted honestly


def test_a_form_without_a_request_counts_after_a_day_and_who_it_was_is_forgotten(
    published: Published, cast: Cast, as_: As
) -> None:
    article, priya = published(), as_(cast.priya)
    for key in ("left", "unopened"):
        priya.post("/requests/new/suggestions", {**REQUEST, "look": key})
    priya.post(f"/articles/{article.pk}/opening", {"look": "left"})
    assert deflection.settle(NOW + timedelta(hours=23)) == 0
    assert deflection.settle(NOW + timedelta(hours=25)) == 2
    kept = [(one.outcome, one.contact, one.customer) for one in Look.objects.all()]
    assert kept == [("not_sent", None, None)] * 2
    since, until = NOW - timedelta(days=1), NOW + timedelta(days=1)
    row = next(row for row in deflection.by_article(since, until) if row.article == article.pk)
    assert (row.shown, row.opened, row.unsent, row.helped) == (2, 1, 1, 0)
    forms = deflection.forms(since, until)
    assert (forms.shown, forms.unsent_after_opening, forms.unsent_unopened, forms.sent) == (2, 1, 1, 0)


def test_a_request_by_another_channel_within_the_day_is_a_request(
    published: Published, cast: Cast, as_: As
) -> None:
    article, priya = published(), as_(cast.priya)
    priya.post("/requests/new/suggestions", REQUEST)
    priya.post(f"/articles/{article.pk}/opening", {"look": "abc123"})
    ticket = asks(cast)
    deflection.settle(NOW + timedelta(hours=25))
    look = Look.objects.get()
    assert (look.outcome, look.ticket) == ("sent", ticket.pk)
    assert [row.unsent for row in deflection.by_article(NOW, NOW + timedelta(days=1))] == [0]


def test_the_page_shows_a_month_and_says_what_cannot_be_known(
    published: Published, cast: Cast, as_: As
) -> None:
    article = published()
    as_(cast.priya).post("/requests/new/suggestions", REQUEST)
    shown = page(as_(cast.hana), "/desk/articles/figures?period=2026-03")
    assert f"/desk/articles/{article.pk}" in shown
    assert "cannot be known" in shown
    assert "Nothing was shown" in page(as_(cast.hana), "/desk/articles/figures?period=2026-02")
    page(as_(cast.hana), "/desk/articles/figures?period=nonsense")


def test_the_index_made_anew_is_the_same(published: Published, cast: Cast, client: Client) -> None:
    published()
    assert index.rebuild() == 1
    assert "Badges are refused" in page(client, "/articles?q=bagde")
