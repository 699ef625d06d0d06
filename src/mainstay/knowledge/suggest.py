"""What may answer a request, offered only where it is likely to: a wrong offer costs more than none (I3)."""

from __future__ import annotations

from collections.abc import Sequence

from mainstay.knowledge import search
from mainstay.knowledge.search import Hit, Question

MOST = 3
LIKELY = 0.30  # of a form, where one may look on
SURE = 0.55  # of a mail, where nobody asked
TAIL = 0.45  # of the best one's score


def while_typing(question: Question, most: int = MOST) -> list[Hit]:
    """For somebody who writes a request."""
    return _likely(search.find(question, most * 2), LIKELY, most)


def for_mails(questions: Sequence[Question], most: int = MOST) -> list[list[Hit]]:
    """For acknowledgements, many at once: only what is likely by more than one word."""
    return [_likely(hits, SURE, most) for hits in search.find_all(questions, most * 2)]


def _likely(hits: list[Hit], least: float, most: int) -> list[Hit]:
    good = [hit for hit in hits if hit.score >= least and hit.terms >= 2 and not hit.beyond]
    return [hit for hit in good if hit.score >= TAIL * good[0].score][:most]
