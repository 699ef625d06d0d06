"""A vendor with articles: written and read by two people, for everybody, for subscribers and for our own people."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from cast import NOW, Cast, acting
from mainstay.accounts.models import User
from mainstay.customers.models import Contact
from mainstay.knowledge import articles
from mainstay.knowledge.articles import Covers, Words
from mainstay.knowledge.models import Article

BADGES = (
    "Badges are refused after an upgrade",
    "The cache of the reader holds old keys; clear it.",
    "Readers keep keys until their cache is cleared.\n\n## What to do\n\n"
    "1. Open **Devices**.\n2. Choose *Clear cache*.",
)


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """The pages believe it is the cast's Monday."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    return NOW


@pytest.fixture
def as_(cast: Cast) -> Callable[[User | Contact], Client]:
    """A client signed in as somebody."""

    def signed_in(who: User | Contact) -> Client:
        client = Client()
        client.force_login(who.user if isinstance(who, Contact) else who)  # type: ignore[arg-type]
        return client

    return signed_in


@pytest.fixture
def published(cast: Cast) -> Callable[..., Article]:
    """An article that Mara wrote and Sanjay read and published."""

    def made(
        title: str = BADGES[0],
        summary: str = BADGES[1],
        body: str = BADGES[2],
        *,
        audience: str = "public",
        language: str = "en",
        article: Article | None = None,
        covers: tuple[Any, ...] = (),
    ) -> Article:
        mara, sanjay = acting(cast.mara), acting(cast.sanjay)
        words = Words(title, body, summary)
        if article is None:
            draft = articles.begin(words, language=language, audience=audience, by=mara, at=NOW)
        else:
            draft = articles.write(article, words, language=language, by=mara, at=NOW)
        if covers:
            articles.cover(draft.article, [Covers(*one) for one in covers], by=mara, at=NOW)
        articles.submit(draft, by=mara, at=NOW)
        articles.publish(draft, by=sanjay, at=NOW)
        return Article.objects.get(pk=draft.article_id)

    return made
