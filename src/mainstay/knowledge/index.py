"""What search looks through: made anew from what is published whenever that changes, never edited.

An entry's words are the title (weight A), the summary and the names of products and releases (B), and the body (D),
stemmed as its language is. The vocabulary is what typos are held against, by audience, so that a word of an internal
article is never offered to somebody else.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection, transaction

from mainstay.knowledge import markdown, tokens
from mainstay.knowledge.models import Article, Entry, Version

_LOCK = 2_042  # the advisory lock of the vocabulary

_INSERT = """
INSERT INTO knowledge_entry (article_id, version_id, language, audience, config, words)
VALUES (%(article)s, %(version)s, %(language)s, %(audience)s, %(config)s,
    setweight(to_tsvector(%(config)s::regconfig, %(title)s), 'A')
    || setweight(to_tsvector(%(config)s::regconfig, %(summary)s), 'B')
    || setweight(to_tsvector('simple', %(names)s), 'B')
    || setweight(to_tsvector(%(config)s::regconfig, %(body)s), 'D'))
"""


def put(article: Article) -> None:
    """Within the transaction that changed it: the entries of one article, and the words they bring or take."""
    before = set(article.entries.values_list("audience", flat=True))
    article.entries.all().delete()
    if article.withdrawn_at is None:
        names = _names(article)
        for version in article.versions.filter(state=Version.State.PUBLISHED):
            _insert(article, version, names)
    count_words(before | set(article.entries.values_list("audience", flat=True)))


def _insert(article: Article, version: Version, names: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT,
            {
                "article": article.pk, "version": version.pk, "language": version.language,
                "audience": article.audience, "config": tokens.config(version.language),
                "title": _joined(version.title), "summary": _joined(version.summary), "names": names,
                "body": _joined(markdown.as_words(version.body)),
            },
        )  # fmt: skip


def _joined(text: str) -> str:
    return " ".join(tokens.tokens(text))


def _names(article: Article) -> str:
    said = [
        f"{one.product.name} {one.product.code} {one.first} {one.last}"
        for one in article.coverage.select_related("product")
    ]
    return _joined(" ".join(said))


def count_words(audiences: Iterable[str]) -> None:
    """The vocabulary of these audiences anew; who comes second waits for the first."""
    with transaction.atomic(), connection.cursor() as cursor:
        for audience in sorted(audiences):
            cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_LOCK, audience])
            seen: dict[str, int] = {}
            for text in _texts(audience):
                for word in set(text):
                    if len(word) >= 3 and not word.isdecimal():
                        seen[word] = seen.get(word, 0) + 1
            cursor.execute("DELETE FROM knowledge_vocabulary WHERE audience = %s", [audience])
            cursor.execute(
                "INSERT INTO knowledge_vocabulary (audience, word, articles)"
                " SELECT %s, word, articles FROM unnest(%s::text[], %s::int[]) AS w(word, articles)",
                [audience, list(seen), list(seen.values())],
            )


def _texts(audience: str) -> Iterable[list[str]]:
    published = Entry.objects.filter(audience=audience).select_related("version").defer("words")
    for one in published.iterator(chunk_size=200):
        version = one.version
        yield tokens.tokens(f"{version.title} {version.summary} {markdown.as_words(version.body)}")


def rebuild() -> int:
    """All entries and words anew, as `put` would make them; gives how many entries there are."""
    with transaction.atomic():
        for article in Article.objects.select_for_update().order_by("pk"):
            article.entries.all().delete()
            if article.withdrawn_at is None:
                names = _names(article)
                for version in article.versions.filter(state=Version.State.PUBLISHED):
                    _insert(article, version, names)
        count_words(["public", "subscribers", "internal"])
    return Entry.objects.count()
