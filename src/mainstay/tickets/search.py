"""Finding tickets by words: each word begins a word of the subject, the number, the customer's name or code, their
reference, or who asked.

The words of all tickets are in a table of their own (migration 0008), because row-level security keeps an index of
text from being used. Nobody may read that table; a function of the database answers who sees all tickets.
"""

from collections.abc import Sequence

from django.db.models import Q
from django.db.models.expressions import RawSQL

PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~\t\r\n“”„‚‘’–—…«»·"
"""What parts words, here and in the database."""
MOST_OPEN = 100_000
MOST_CLOSED = 20_000  # the newest that have the words, where something else is asked too
_PARTED = str.maketrans(PUNCTUATION, " " * len(PUNCTUATION))


def tokens(words: str) -> list[str]:
    """The words that are looked for in a text that somebody typed."""
    return [one for one in words.translate(_PARTED).lower().split() if one.isprintable()][:20]


def expression(phrases: Sequence[str], without: Sequence[str] = ()) -> str:
    """A tsquery: all `phrases`, their words one after another, and none of `without`; empty: nothing is asked."""
    wanted = [_phrase(tokens(one)) for one in phrases]
    unwanted = [f"!({one})" for one in map(_phrase, map(tokens, without)) if one]
    return " & ".join([*(f"({one})" for one in wanted if one), *unwanted])


def _phrase(words: list[str]) -> str:
    """Tokens hold no quote and no backslash, so they can be quoted as they are. The last may go on."""
    return " <-> ".join([f"'{one}'" for one in words[:-1]] + [f"'{one}':*" for one in words[-1:]])


def matching(asked: str, *, is_open: bool, before: int | None = None, most: int | None = None) -> Q:
    """The tickets that an `expression` finds among the open or the closed ones, the newest `most` of these."""
    most = most or (MOST_OPEN if is_open else MOST_CLOSED)
    found = "SELECT tickets_found(%s, %s, %s, %s)"
    return Q(pk__in=RawSQL(found, [asked, is_open, before, most]))  # noqa: S611 - the statement is fixed
