"""What search looks through: made anew from what is published whenever that changes, never edited.

An entry holds the words of the title, those of the summary with the names of products and releases, and all of them
with the body, stemmed as its language is: where a word stands is asked of the two small ones. The vocabulary is what
typos are held against, by audience, so that a word of an internal article is never offered to somebody else.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection, transaction

from mainstay.knowledge import markdown, tokens
from mainstay.knowledge.models import Article, Entry, Version, Vocabulary

_LOCK = 2_042  # the advisory lock of the vocabulary

_INSERT = """
INSERT INTO knowledge_entry (article_id, version_id, language, audience, config, terms, title, lead, words)
VALUES (%(article)s, %(version)s, %(language)s, %(audience)s, %(config)s, %(terms)s::text[],
    strip(to_tsvector(%(config)s::regconfig, %(title)s)),
    strip(to_tsvector(%(config)s::regconfig, %(summary)s) || to_tsvector('simple', %(names)s)),
    to_tsvector(%(config)s::regconfig, concat_ws(' ', %(title)s, %(summary)s, %(body)s))
    || to_tsvector('simple', %(names)s))
"""


_ADD = """
INSERT INTO knowledge_vocabulary (audience, word, articles)
SELECT audience, word, count(*) FROM knowledge_entry CROSS JOIN unnest(terms) word WHERE id = ANY(%s)
GROUP BY audience, word ORDER BY word
ON CONFLICT ON CONSTRAINT word_once DO UPDATE SET articles = knowledge_vocabulary.articles + excluded.articles
"""
_TAKE = """
UPDATE knowledge_vocabulary v SET articles = greatest(0, v.articles - gone.n)
FROM (SELECT audience, word, count(*) AS n FROM knowledge_entry CROSS JOIN unnest(terms) word WHERE id = ANY(%s)
    GROUP BY audience, word) gone
WHERE v.audience = gone.audience AND v.word = gone.word
"""


def put(article: Article) -> None:
    """Within the transaction that changed it: the entries of one article anew, and the words they bring or take.

    Who comes second waits for the first: the words of articles are many of them the same.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        old = list(article.entries.values_list("pk", flat=True))
        if old:
            cursor.execute(_TAKE, [old])
            article.entries.all().delete()
        if article.withdrawn_at is None:
            names = _names(article)
            for version in article.versions.filter(state=Version.State.PUBLISHED):
                _insert(article, version, names)
        fresh = list(article.entries.values_list("pk", flat=True))
        if fresh:
            cursor.execute(_ADD, [fresh])
        if old:
            Vocabulary.objects.filter(articles=0).delete()


def _insert(article: Article, version: Version, names: str) -> None:
    body = _joined(markdown.as_words(version.body))
    title, summary = _joined(version.title), _joined(version.summary)
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT,
            {
                "article": article.pk, "version": version.pk, "language": version.language,
                "audience": article.audience, "config": tokens.config(version.language),
                "title": title, "summary": summary, "names": names, "body": body,
                "terms": sorted(_words(f"{title} {summary} {body}".split())),
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


def _words(found: Iterable[str]) -> set[str]:
    return {word for word in found if len(word) >= 3 and not word.isdecimal()}


def rebuild() -> int:
    """All entries and words anew, as `put` would make them; gives how many entries there are."""
    with transaction.atomic():
        Vocabulary.objects.all().delete()
        Entry.objects.all().delete()
        for article in Article.objects.select_for_update().order_by("pk"):
            put(article)
    return Entry.objects.count()
