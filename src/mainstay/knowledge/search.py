"""Search that finds: what somebody writes, against what is published for them (I3).

A few statements, for one question as for many at once. The first say what the words may mean: whether articles for
these audiences use them, which words a typo may have meant (pg_trgm and fuzzystrmatch, where the database has them),
and what the vendor's own list holds to be the same. The second ranks: for each word how rare it is, and whether it
stands in the title, the summary or the body; then the product it is about, and what helped before with it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from django.db import connection

from mainstay.customers import versions
from mainstay.knowledge import access, tokens
from mainstay.knowledge.access import Audiences
from mainstay.knowledge.models import Coverage, Entry
from mainstay.prepared import Arg, Prepared

MOST_WORDS: Final = 120  # of a question that are looked at
MOST_TERMS: Final = 12  # that are searched for: the rarest
MOST_TYPOS: Final = 60  # words that nothing uses, held against those that something does
CANDIDATES: Final = 30
CORRECTED, SYNONYM = 0.6, 0.8


@dataclass(frozen=True)
class Question:
    """What somebody asks. `title`: their line, which counts first; `product` and `version`: what it is about."""

    text: str
    audiences: Audiences
    title: str = ""
    languages: tuple[str, ...] = ("en",)
    product: int | None = None
    version: str = ""


@dataclass
class Hit:
    """An article that may answer. `terms`: how many of the question's words it holds; `beyond`: the question is about
    a release that it does not cover."""

    entry: Entry
    score: float
    terms: int
    covers: list[Coverage] = field(default_factory=list)
    beyond: bool = False

    @property
    def number(self) -> int:
        return self.entry.article_id

    @property
    def title(self) -> str:
        return self.entry.version.title

    @property
    def summary(self) -> str:
        return self.entry.version.summary


@dataclass(frozen=True)
class Term:
    """Words that mean one thing of the question, each with what finding it is worth."""

    meant: tuple[tuple[str, float], ...]
    articles: int  # that use it; 0: unknown so


def find(question: Question, most: int = 10) -> list[Hit]:
    """The articles that answer best, the best first."""
    return find_all([question], most)[0]


def find_all(questions: Sequence[Question], most: int = 10) -> list[list[Hit]]:
    """The same for many questions, with as many statements as for one."""
    terms = _understood(questions)
    if not any(terms):
        return [[] for _ in questions]
    scored = _scored(questions, terms)
    entries = _entries(questions, scored)
    covers = _covers({number for found in scored for number, _, _ in found})
    hits = [
        _hits(question, found, entries, covers) for question, found in zip(questions, scored, strict=True)
    ]
    return [sorted(one, key=lambda hit: (-hit.score, hit.number))[:most] for one in hits]


# ---- what the words may mean


@lru_cache(maxsize=1)
def catches_typos() -> bool:
    """Whether the database has what typos are caught with; asked once for a process."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_extension WHERE extname IN ('pg_trgm', 'fuzzystrmatch')")
        return bool(cursor.fetchone()[0] == 2)


_KNOWN = """
SELECT t.n, t.word, t.word, sum(v.articles), 1.0
FROM unnest(%(n)s::int[], %(audiences)s::text[]) AS a(n, audiences)
JOIN unnest(%(of)s::int[], %(words)s::text[]) AS t(n, word) ON t.n = a.n
JOIN knowledge_vocabulary v ON v.word = t.word AND v.audience = ANY(string_to_array(a.audiences, ','))
GROUP BY t.n, t.word
"""
_NEAR = """
SELECT t.n, t.word, k.word, k.articles, k.near
FROM unnest(%(n)s::int[], %(audiences)s::text[]) AS a(n, audiences)
JOIN unnest(%(of)s::int[], %(words)s::text[]) AS t(n, word) ON t.n = a.n
CROSS JOIN LATERAL (
    SELECT word, sum(articles) AS articles, max(near) AS near FROM (
        SELECT v.audience, v.word, v.articles, greatest(v.alike,
            1 - levenshtein_less_equal(v.word, t.word, 2) / length(t.word)::float8) AS near
        FROM (
            SELECT audience, word, articles, similarity(word, t.word) AS alike FROM knowledge_vocabulary
            WHERE word >= left(t.word, 1) AND word < chr(ascii(t.word) + 1)
                AND length(word) BETWEEN length(t.word) - 3 AND length(t.word) + 3
            OFFSET 0
        ) v
        WHERE v.alike >= 0.3 OR (length(v.word) BETWEEN length(t.word) - 1 AND length(t.word) + 1
            AND levenshtein_less_equal(v.word, t.word, 2) <= CASE WHEN length(t.word) < 6 THEN 1 ELSE 2 END)
    ) found
    WHERE found.near >= 0.5 AND found.audience = ANY(string_to_array(a.audiences, ','))
    GROUP BY word ORDER BY near DESC, word LIMIT 2
) k
"""


def _understood(questions: Sequence[Question]) -> list[list[Term]]:
    """For each question its rarest terms; none where nothing it says is known."""
    asked = [_words(question) for question in questions]
    if not any(asked):
        return [[] for _ in questions]
    known = _known(questions, asked)
    runs = [tokens.phrases(words) for words in asked]
    same = _synonyms(runs)
    return [
        _rarest(words, own, known[question.audiences], same)
        for question, words, own in zip(questions, asked, runs, strict=True)
    ]


def _words(question: Question) -> list[str]:
    found = tokens.tokens(question.title, 40) + tokens.tokens(question.text, MOST_WORDS)
    return [word for word in dict.fromkeys(found) if len(word) > 1][:MOST_WORDS]


Meanings = dict[str, list[tuple[str, int, float]]]
"""For a word those it may mean, in how many articles each stands, and how near it is."""


def _known(questions: Sequence[Question], asked: Sequence[list[str]]) -> dict[Audiences, Meanings]:
    """What the words may mean to each circle of readers; a word that several questions hold is asked once for it."""
    words: dict[Audiences, dict[str, None]] = defaultdict(dict)
    for question, said in zip(questions, asked, strict=True):
        words[question.audiences].update(dict.fromkeys(said))
    circles = list(words)
    found: list[Meanings] = [defaultdict(list) for _ in circles]
    everything = [(n, word) for n, circle in enumerate(circles) for word in words[circle]]
    _look_up(_KNOWN, circles, everything, found)
    unknown = [
        (n, word) for n, word in everything if not found[n][word] and len(word) >= 4 and word.isalpha()
    ]
    if unknown and catches_typos():
        _look_up(_NEAR, circles, unknown[:MOST_TYPOS], found)
    return dict(zip(circles, found, strict=True))


def _look_up(
    sql: str, circles: Sequence[Audiences], words: Sequence[tuple[int, str]], found: Sequence[Meanings]
) -> None:
    given: dict[str, Any] = {
        "n": list(range(len(circles))),
        "audiences": [",".join(circle) for circle in circles],
        "of": [n for n, _ in words],
        "words": [word for _, word in words],
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        for n, word, meant, articles, near in cursor.fetchall():
            found[n][word].append((meant, int(articles), float(near)))


_SYNONYMS = "SELECT words FROM knowledge_synonyms WHERE words::text[] && string_to_array(%s, chr(10))"


def _synonyms(runs: Iterable[list[str]]) -> dict[str, list[str]]:
    """For each word or run of words the others that mean the same."""
    with connection.cursor() as cursor:
        cursor.execute(_SYNONYMS, ["\n".join({run for listed in runs for run in listed})])
        groups = [row[0] for row in cursor.fetchall()]
    same: dict[str, list[str]] = defaultdict(list)
    for group in groups:
        for word in group:
            same[word] += [other for other in group if other != word]
    return same


def _rarest(words: list[str], runs: list[str], known: Meanings, same: dict[str, list[str]]) -> list[Term]:
    """The terms of a question that the fewest articles use, in its order; runs of words with synonyms are first, and
    what no article uses is last."""
    together = [run for run in runs if " " in run and run in same] if same else []
    said = [*together, *words]
    articles = [1] * len(together) + [min((many for _, many, _ in known[word]), default=0) for word in words]
    rarest = sorted(range(len(said)), key=lambda place: (articles[place] == 0, articles[place]))
    return [
        Term(
            tuple((other, SYNONYM) for other in same[said[place]])
            if place < len(together)
            else _meanings(said[place], known[said[place]], same),
            articles[place],
        )
        for place in sorted(rarest[:MOST_TERMS])
    ]


def _meanings(
    word: str, known: list[tuple[str, int, float]], same: dict[str, list[str]]
) -> tuple[tuple[str, float], ...]:
    meant = [(word, 1.0)]
    meant += [(other, CORRECTED) for other, _, _ in known if other != word]
    meant += [(other, CORRECTED) for other in _swapped(word)] if not known else []
    meant += [(other, SYNONYM) for other in same.get(word, ())]
    return tuple(meant)


def _swapped(word: str) -> list[str]:
    """What an unknown word may have been before two neighbours changed places: bagde, badge."""
    if not 4 <= len(word) <= 12 or not word.isalpha():
        return []
    pairs = range(len(word) - 1)
    return list({word[:n] + word[n + 1] + word[n] + word[n + 2 :] for n in pairs} - {word})


# ---- which articles say it


# Words that several questions mean are looked for once. An entry's words are unpacked once for all of them:
# `ts_delete` of what is not there gives them back as they are.
_SCORE = """
WITH asked AS MATERIALIZED (
    SELECT n, string_to_array(audiences, ',') AS audiences, product
    FROM unnest(%(n)s::int[], %(audiences)s::text[], %(products)s::bigint[]) AS q(n, audiences, product)
), config AS MATERIALIZED (
    SELECT DISTINCT config FROM knowledge_entry
), meant AS MATERIALIZED (
    SELECT words, config, query FROM (
        SELECT w.words, c.config,
            phraseto_tsquery(c.config::regconfig, w.words) || phraseto_tsquery('simple', w.words) AS query
        FROM (SELECT DISTINCT words FROM unnest(%(words)s::text[]) AS t(words)) w CROSS JOIN config c
        OFFSET 0
    ) read WHERE numnode(query) > 0
), size AS MATERIALIZED (
    SELECT greatest(count(DISTINCT article_id), 1)::float8 AS articles FROM knowledge_entry
), held AS MATERIALIZED (
    SELECT e.article_id, e.audience, found.words, found.worth
    FROM knowledge_entry e
    CROSS JOIN LATERAL (SELECT ts_delete(e.words, ' ') AS words OFFSET 0) unpacked
    CROSS JOIN LATERAL (
        SELECT meant.words,
            CASE WHEN e.title @@ meant.query THEN 0.6 WHEN e.lead @@ meant.query THEN 0.3 ELSE 0.06 END AS worth
        FROM meant
        WHERE meant.config = e.config AND unpacked.words @@ meant.query
        OFFSET 0
    ) found
    WHERE e.audience IN (SELECT unnest(audiences) FROM asked)
), hit AS MATERIALIZED (
    SELECT t.n, t.term, held.article_id, max(t.worth * held.worth) AS rank
    FROM unnest(%(of)s::int[], %(terms)s::int[], %(worth)s::float8[], %(words)s::text[]) AS t(n, term, worth, words)
    JOIN asked ON asked.n = t.n
    JOIN held ON held.words = t.words AND held.audience = ANY(asked.audiences)
    GROUP BY t.n, t.term, held.article_id
), rare AS (
    SELECT hit.*, ln(1 + size.articles / count(*) OVER (PARTITION BY hit.n, hit.term)) / ln(1 + size.articles) AS idf
    FROM hit CROSS JOIN size
), sums AS (
    SELECT n, article_id, sum(rank * idf) AS score, count(*) AS terms FROM rare GROUP BY n, article_id
), about AS (
    SELECT sums.n, sums.article_id, sums.terms, sums.score
        * CASE WHEN asked.product IS NULL OR NOT EXISTS
                    (SELECT 1 FROM knowledge_coverage c WHERE c.article_id = sums.article_id) THEN 1.0
               WHEN EXISTS (SELECT 1 FROM knowledge_coverage c
                    WHERE c.article_id = sums.article_id AND c.product_id = asked.product) THEN 1.3
               ELSE 0.4 END
        * coalesce((SELECT 0.7 + 0.6 * (sum(m.helped * w.w) + 1.0) / (sum((m.helped + m.failed) * w.w) + 2.0)
               FROM knowledge_merit m
               CROSS JOIN LATERAL (SELECT CASE WHEN m.product_id = asked.product THEN 3 ELSE 1 END AS w) w
               WHERE m.article_id = sums.article_id), 1.0) AS score
    FROM sums JOIN asked ON asked.n = sums.n
)
SELECT n, article_id, score, terms FROM (
    SELECT about.*, row_number() OVER (PARTITION BY n ORDER BY score DESC, article_id) AS place FROM about
) placed WHERE place <= %(most)s ORDER BY n, place
"""


Scored = list[tuple[int, float, int]]


def _scored(questions: Sequence[Question], terms: Sequence[list[Term]]) -> list[Scored]:
    rows = [
        (n, place, worth, words)
        for n, listed in enumerate(terms)
        for place, term in enumerate(listed)
        for words, worth in term.meant
    ]
    given: dict[str, Any] = {
        "n": list(range(len(questions))),
        "audiences": [",".join(question.audiences) for question in questions],
        "products": [question.product for question in questions],
        "of": [row[0] for row in rows],
        "terms": [row[1] for row in rows],
        "worth": [row[2] for row in rows],
        "words": [row[3] for row in rows],
        "most": CANDIDATES,
    }
    found: list[Scored] = [[] for _ in questions]
    with connection.cursor() as cursor:
        cursor.execute(_SCORE, given)
        for n, article, score, matched in cursor.fetchall():
            found[n].append((article, float(score), int(matched)))
    return found


# ---- as readers see them


def _entries(questions: Sequence[Question], scored: Sequence[Scored]) -> dict[int, dict[str, Entry]]:
    wanted = {article for found in scored for article, _, _ in found}
    widest = max((question.audiences for question in questions), key=len, default=access.OPEN)
    found: dict[int, dict[str, Entry]] = defaultdict(dict)
    if wanted:
        for one in _ENTRIES.all(articles=sorted(wanted), audiences=[str(audience) for audience in widest]):
            found[one.article_id][one.language] = one
    return found


_ENTRIES = Prepared(
    lambda: (
        Entry.objects.filter(article__pk__any=Arg("articles"), audience__any=Arg.text("audiences"))
        .select_related("version", "article")
        .defer(*access.VECTORS, "version__body")
    )
)


def _covers(articles: Iterable[int]) -> dict[int, list[Coverage]]:
    found: dict[int, list[Coverage]] = defaultdict(list)
    for one in _COVERS.all(articles=sorted(articles)):
        found[one.article_id].append(one)
    return found


_COVERS = Prepared(
    lambda: Coverage.objects.filter(article__pk__any=Arg("articles")).select_related("product")
)


def _hits(
    question: Question,
    scored: Scored,
    entries: dict[int, dict[str, Entry]],
    covers: dict[int, list[Coverage]],
) -> list[Hit]:
    hits = []
    for article, score, matched in scored:
        if article not in entries:
            continue
        entry = access.in_language(entries[article], question.languages)
        beyond = is_beyond(covers[article], question.product, question.version)
        hits.append(Hit(entry, score * (0.5 if beyond else 1.0), matched, covers[article], beyond))
    return hits


def is_beyond(covers: Iterable[Coverage], product: int | None, version: str) -> bool:
    """Whether a release lies outside what an article covers of its product; nothing said is not outside."""
    mine = [one for one in covers if one.product_id == product]
    named = versions.named_in(version)
    return bool(mine and named) and not any(_holds(one, named[0]) for one in mine)


def _holds(one: Coverage, version: str) -> bool:
    first = not one.first or versions.Bound(">=", one.first).holds(version)
    return first and (not one.last or versions.Bound("<=", one.last).holds(version))
