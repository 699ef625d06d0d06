"""Search finds what was meant: typos, other words for the same, other endings, product words; and ranks what helped."""

from collections.abc import Callable

import pytest
from django.db import connection

from cast import NOW, Cast, acting
from mainstay.errors import Refused
from mainstay.knowledge import access, looks, search, suggest, synonyms, tokens
from mainstay.knowledge.models import Article
from mainstay.knowledge.search import Question
from mainstay.tickets.scope import seeing

Published = Callable[..., Article]
READER = access.OPEN


def titles(text: str, **more: object) -> list[str]:
    return [hit.title for hit in search.find(Question(text, more.pop("audiences", READER), **more))]  # type: ignore[arg-type]


@pytest.fixture
def shelf(published: Published, cast: Cast) -> dict[str, Article]:
    return {
        "badges": published(covers=((cast.atlas,),)),
        "password": published(
            "Reset a forgotten password", "By the link on the sign-in page.", "Press *Forgotten*."
        ),
        "license": published(
            "The license has expired", "Where the new key goes.", "Open Licenses, paste the key."
        ),
        "export": published(
            "Export users as CSV", "A file of all users.", "Choose Export.", covers=((cast.beacon,),)
        ),
    }


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("pasword reset", "Reset a forgotten password"),
        ("lisence expired", "The license has expired"),
        ("bagdes refused", "Badges are refused after an upgrade"),
        ("resetting passwords", "Reset a forgotten password"),
        ("PASSWÖRD", "Reset a forgotten password"),
        ("refusing badge", "Badges are refused after an upgrade"),
        ("signin page", "Reset a forgotten password"),
    ],
)
def test_typos_endings_case_and_accents(typed: str, found: str, shelf: dict[str, Article]) -> None:
    assert titles(typed)[0] == found


def test_the_vendors_own_words_for_the_same(shelf: dict[str, Article], cast: Cast) -> None:
    assert titles("id card") == []
    synonyms.replace("badge, id card, pass\nCSV, spreadsheet", by=acting(cast.hana), at=NOW)
    assert titles("our id cards") == [] or titles("our id card fails")
    assert titles("id card does not open the door")[0] == "Badges are refused after an upgrade"
    assert titles("spreadsheet of users")[0] == "Export users as CSV"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("alone", "line 1 needs two words"),
        ("a, b\n" + "one two three four, x", "line 2"),
        (", ,\nx", "line 1"),
    ],
)
def test_a_list_that_cannot_be_read_names_its_line(text: str, says: str, cast: Cast) -> None:
    with pytest.raises(Refused, match=says):
        synonyms.replace(text, by=acting(cast.hana), at=NOW)


def test_the_products_name_finds_what_covers_it(shelf: dict[str, Article], cast: Cast) -> None:
    assert titles("beacon")[0] == "Export users as CSV"
    both = "badges export"
    assert titles(both, product=cast.atlas.pk)[0] == "Badges are refused after an upgrade"
    assert titles(both, product=cast.beacon.pk)[0] == "Export users as CSV"


def test_a_release_that_is_not_covered_comes_last_and_says_so(published: Published, cast: Cast) -> None:
    old = published("Badges in old readers", "x", "badges", covers=((cast.atlas, "6.4", "7.0"),))
    new = published("Badges in new readers", "x", "badges", covers=((cast.atlas, "7.1"),))
    hits = search.find(Question("badges readers", READER, product=cast.atlas.pk, version="7.1.3"))
    assert [(hit.number, hit.beyond) for hit in hits] == [(new.pk, False), (old.pk, True)]


def test_what_helped_before_with_this_product_ranks_first(published: Published, cast: Cast) -> None:
    first = published("Printing fails", "x", "Restart.")
    second = published("Printing fails", "x", "Restart.")
    question = Question("printing fails", READER, product=cast.atlas.pk)
    assert search.find(question)[0].number == first.pk
    look = looks.show("k", "form", [second.entries.get()], at=NOW, contact=cast.priya, product=cast.atlas.pk)
    looks.answer(look, second.entries.get(), helped=True, at=NOW)
    assert search.find(question)[0].number == second.pk
    looks.answer(look, second.entries.get(), helped=False, at=NOW)
    assert search.find(question)[0].number == first.pk, "the last answer counts, once"


def test_each_reads_it_in_their_language_else_in_its_own(published: Published) -> None:
    article = published()
    published("Ausweise werden abgelehnt", "", "Den Zwischenspeicher leeren.", language="de", article=article)
    assert titles("Ausweis abgelehnt", languages=("de",)) == ["Ausweise werden abgelehnt"]
    assert titles("badges refused", languages=("de-at",)) == ["Ausweise werden abgelehnt"]
    assert titles("badges refused", languages=("fr",)) == ["Badges are refused after an upgrade"]


def test_words_without_spaces_are_found_too(published: Published) -> None:
    published("カードが拒否される", "", "キャッシュを消去してください。", language="ja")
    assert titles("カード拒否") == ["カードが拒否される"]


@pytest.mark.parametrize(
    "odd", ["", " ", "the and of", "'; DROP TABLE x; --", "a & !b | (", "x" * 50_000, "%_\\", "🙂"]
)
def test_odd_questions_find_nothing_and_break_nothing__attack_71(odd: str, shelf: dict[str, Article]) -> None:
    assert titles(odd) == []


def test_what_one_may_not_read_is_not_found_nor_guessed_at__attack_51(
    published: Published, cast: Cast
) -> None:
    published("Zanzibar outage of Kitano", "", "Secret words.", audience="internal")
    published("Zanzibar for subscribers", "", "Key words.", audience="subscribers")
    assert titles("zanzibar") == []
    assert titles("zanzibat") == [], "not by a typo either: its words are of nobody's vocabulary"
    assert titles("zanzibar", audiences=access.CUSTOMERS) == ["Zanzibar for subscribers"]
    assert set(titles("zanzibar", audiences=access.EVERYTHING)) == {
        "Zanzibar outage of Kitano", "Zanzibar for subscribers",
    }  # fmt: skip


def test_a_search_that_forgot_its_audience_still_finds_nothing_internal__attack_55(
    published: Published, cast: Cast
) -> None:
    published("Zanzibar outage of Kitano", "", "Secret words.", audience="internal")
    published("Zanzibar for subscribers", "", "Key words.", audience="subscribers")
    with seeing([cast.harbourline.pk]):
        assert titles("zanzibar", audiences=access.EVERYTHING) == ["Zanzibar for subscribers"]
    with seeing([]):
        assert titles("zanzibar zanzibat", audiences=access.EVERYTHING) == []
        assert not Article.objects.exists()


def test_who_reads_what_is_for_subscribers(cast: Cast) -> None:
    entitled = {name: access.of_contacts([getattr(cast, name)], NOW) for name in ("priya", "jonah", "nora")}
    assert entitled == {"priya": access.CUSTOMERS, "jonah": access.CUSTOMERS, "nora": access.OPEN}
    assert access.of_contacts([], NOW) == access.OPEN


def test_many_questions_take_as_many_statements_as_one(
    shelf: dict[str, Article], django_assert_num_queries: Callable[..., object]
) -> None:
    search.catches_typos()
    one, many = [Question("pasword reset", READER)], [Question("pasword reset", READER)] * 20
    with django_assert_num_queries(6):
        search.find_all(one)
    with django_assert_num_queries(6):
        found = search.find_all(many)
    assert {hits[0].title for hits in found} == {"Reset a forgotten password"}


def test_what_is_asked_together_is_answered_as_if_asked_alone(published: Published, cast: Cast) -> None:
    published("Badge printer", "Printing badges.", "Load the cards.", audience="internal")
    published("Badges at the door", "Refused badges.", "Read the card again.", covers=((cast.atlas,),))
    synonyms.replace("badge, id card", by=acting(cast.hana), at=NOW)
    everybody = tuple(access.Audience)
    questions = [
        Question("bagde refused", READER),
        Question("bagde refused at the door", everybody, title="the id card printer"),
        Question("", READER),
        Question("printer", READER),
        Question("printer", everybody),
        Question("id card refused", READER, product=cast.atlas.pk),
    ]
    together = search.find_all(questions)
    alone = [search.find(one) for one in questions]
    said = [
        [[(hit.title, hit.score, hit.terms) for hit in hits] for hits in each] for each in (together, alone)
    ]
    assert said[0] == said[1]
    assert [bool(hits) for hits in together] == [True, True, False, False, True, True]


def test_without_the_extensions_all_else_is_found(
    shelf: dict[str, Article], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "catches_typos", lambda: False)
    assert titles("reset password")[0] == "Reset a forgotten password"
    assert titles("lisence") == []


def test_our_own_server_catches_typos(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT extname FROM pg_extension")
        assert {"pg_trgm", "fuzzystrmatch"} <= {row[0] for row in cursor.fetchall()}


def test_a_suggestion_is_likely_or_is_not_made(shelf: dict[str, Article]) -> None:
    likely = suggest.while_typing(Question("Since the upgrade all badges are refused at the door", READER))
    assert [hit.title for hit in likely] == ["Badges are refused after an upgrade"]
    assert suggest.while_typing(Question("Please send an invoice for November", READER)) == []
    assert suggest.for_mails([Question("Hello, can you call me back about users?", READER)]) == [[]]


def test_how_words_are_counted() -> None:
    assert tokens.tokens("Straße, Zürich: sign-in v6.4.2 isn't") == [
        "strasse", "zurich", "sign", "in", "signin", "6.4.2", "isn", "t", "isnt",
    ]  # fmt: skip
    assert tokens.config("pt-br") == "portuguese"
    assert tokens.config("ja") == "simple"
