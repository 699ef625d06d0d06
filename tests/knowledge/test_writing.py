"""An article is written by one, read by another, published, and from then on only followed (I3)."""

from collections.abc import Callable

import pytest
from django.db import DatabaseError, transaction

from cast import NOW, Cast, acting
from mainstay.accounts.models import Act, User
from mainstay.errors import Refused
from mainstay.knowledge import articles, history
from mainstay.knowledge.articles import Covers, Words
from mainstay.knowledge.models import Article, Entry, Version

Published = Callable[..., Article]


def test_a_draft_is_found_by_nobody_until_somebody_else_has_read_it(cast: Cast) -> None:
    mara, sanjay = acting(cast.mara), acting(cast.sanjay)
    draft = articles.begin(
        Words("Clear the cache", "Do it."), language="en", audience="public", by=mara, at=NOW
    )
    articles.submit(draft, by=mara, at=NOW)
    assert not Entry.objects.exists()
    with pytest.raises(Refused, match="somebody else reads it"):
        articles.publish(draft, by=mara, at=NOW)
    articles.publish(draft, by=sanjay, at=NOW, remark="Tried it.")
    kept = Version.objects.get(pk=draft.pk)
    assert (kept.state, kept.reviewer_name, kept.remark, kept.alone) == (
        "published",
        "Sanjay Iyer",
        "Tried it.",
        False,
    )
    assert Entry.objects.get().article_id == draft.article_id


def test_whoever_wrote_a_part_of_it_cannot_publish_it_either(cast: Cast) -> None:
    mara, sanjay = acting(cast.mara), acting(cast.sanjay)
    draft = articles.begin(Words("Clear the cache", "Do it."), language="en", by=mara, at=NOW)
    articles.write(draft.article, Words("Clear the cache", "Do it now."), language="en", by=sanjay, at=NOW)
    with pytest.raises(Refused, match="written by you"):
        articles.publish(draft, by=mara, at=NOW)
    articles.publish(draft, by=acting(cast.ifeoma), at=NOW)


def test_a_vendor_of_one_person_publishes_alone_and_it_is_said(cast: Cast) -> None:
    User.objects.exclude(pk__in=[cast.mara.pk, cast.dmitri.pk]).update(is_active=False)
    draft = articles.begin(Words("Clear the cache", "Do it."), language="en", by=acting(cast.mara), at=NOW)
    articles.publish(draft, by=acting(cast.mara), at=NOW)
    assert Version.objects.get(pk=draft.pk).alone


def test_it_is_sent_back_with_a_reason(cast: Cast) -> None:
    draft = articles.begin(Words("Clear the cache", "Do it."), language="en", by=acting(cast.mara), at=NOW)
    with pytest.raises(Refused, match="nobody has asked"):
        articles.send_back(draft, reason="No.", by=acting(cast.sanjay), at=NOW)
    articles.submit(draft, by=acting(cast.mara), at=NOW)
    with pytest.raises(Refused, match="is missing"):
        articles.send_back(draft, reason=" ", by=acting(cast.sanjay), at=NOW)
    back = articles.send_back(draft, reason="Which cache?", by=acting(cast.sanjay), at=NOW)
    assert (back.state, back.remark) == ("draft", "Which cache?")


def test_what_was_published_is_never_edited_by_nobody_at_all(published: Published) -> None:
    version = published().versions.get()
    for change in ({"title": "Other"}, {"body": "Other"}, {"state": "draft"}, {"reviewer_name": "Nobody"}):
        with pytest.raises(DatabaseError, match="never edited"), transaction.atomic():
            Version.objects.filter(pk=version.pk).update(**change)
    with pytest.raises(DatabaseError, match="is kept"), transaction.atomic():
        Version.objects.filter(pk=version.pk).delete()


def test_the_next_version_follows_it_with_its_differences_and_may_be_rolled_back(
    published: Published, cast: Cast
) -> None:
    article = published()
    published(body="Readers keep keys for a day.", article=article)
    old, new = article.versions.order_by("number")
    assert (old.state, new.state, new.number) == ("replaced", "published", 2)
    marks = [(line.mark, line.text) for line in history.differences(old, new)]
    assert ("-", "1. Open **Devices**.") in marks
    assert ("+", "Readers keep keys for a day.") in marks
    with pytest.raises(Refused, match="is missing"):
        articles.roll_back(old, reason="", by=acting(cast.mara), at=NOW)
    again = articles.roll_back(old, reason="A day was wrong.", by=acting(cast.mara), at=NOW)
    assert (again.number, again.state, again.body, again.restores) == (3, "review", old.body, old)
    articles.publish(again, by=acting(cast.sanjay), at=NOW)
    assert Entry.objects.get().version_id == again.pk


def test_two_who_change_a_draft_do_not_lose_each_others_words(cast: Cast) -> None:
    draft = articles.begin(Words("Clear the cache", "Do it."), language="en", by=acting(cast.mara), at=NOW)
    later = NOW.replace(minute=40)
    articles.write(
        draft.article, Words("Clear it", "All."), language="en", by=acting(cast.sanjay), at=later, seen=NOW
    )
    with pytest.raises(Refused, match="changed meanwhile by Sanjay Iyer"):
        articles.write(
            draft.article, Words("Mine", "Own."), language="en", by=acting(cast.mara), at=later, seen=NOW
        )


def test_more_people_are_let_read_by_somebody_who_did_not_write_it_fewer_by_anybody(
    published: Published, cast: Cast
) -> None:
    article = published(audience="internal")
    with pytest.raises(Refused, match="say why more people"):
        articles.open_to(article, "public", by=acting(cast.sanjay), at=NOW)
    with pytest.raises(Refused, match="written by you"):
        articles.open_to(article, "public", reason="Useful.", by=acting(cast.mara), at=NOW)
    articles.open_to(article, "public", reason="Useful.", by=acting(cast.sanjay), at=NOW)
    assert Entry.objects.get().audience == "public"
    articles.open_to(article, "internal", by=acting(cast.mara), at=NOW)
    assert Entry.objects.get().audience == "internal"
    assert Act.objects.filter(kind="article opened to others").count() == 2


def test_a_withdrawn_article_is_found_by_nobody_and_can_be_put_back(published: Published, cast: Cast) -> None:
    article = published()
    articles.withdraw(article, reason="It does harm.", by=acting(cast.mara), at=NOW)
    assert not Entry.objects.exists()
    articles.put_back(article, by=acting(cast.mara), at=NOW)
    assert Entry.objects.exists()


def test_it_covers_releases_that_are_there_in_their_order(published: Published, cast: Cast) -> None:
    article = published()
    by = acting(cast.mara)
    with pytest.raises(Refused, match="is not a release of Atlas Directory"):
        articles.cover(article, [Covers(cast.atlas, "99.9")], by=by, at=NOW)
    with pytest.raises(Refused, match="comes before"):
        articles.cover(article, [Covers(cast.atlas, "7.1", "6.4")], by=by, at=NOW)
    articles.cover(article, [Covers(cast.atlas, "6.4", "7.0")], by=by, at=NOW)
    assert [one.words for one in article.coverage.all()] == ["Atlas Directory 6.4 to 7.0"]


@pytest.mark.parametrize(
    ("words", "language", "field"),
    [
        (Words("", "x"), "en", "title"),
        (Words("x" * 201, "x"), "en", "title"),
        (Words("x", ""), "en", "body"),
        (Words("x", "x" * 100_001), "en", "body"),
        (Words("x", "x", "y" * 301), "en", "summary"),
        (Words("x", "![a](picture:999)"), "en", "body"),
        (Words("x", "x"), "english!", "language"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_its_field(
    words: Words, language: str, field: str, cast: Cast
) -> None:
    with pytest.raises(Refused) as refused:
        articles.begin(words, language=language, by=acting(cast.mara), at=NOW)
    assert refused.value.field == field
    assert not Article.objects.exists()
