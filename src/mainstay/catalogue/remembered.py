"""What holds for the length of one transaction is asked once: the desk policy, levels, a customer's entitlement.

Nothing is kept beyond `remembering`, so what is published or signed meanwhile holds from the next batch on.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

T = TypeVar("T")
_ANSWERS: ContextVar[dict[Hashable, Any] | None] = ContextVar("mainstay.remembered", default=None)


@contextmanager
def remembering() -> Iterator[None]:
    """Within it, `once` asks each question once. Enter it inside the transaction whose answers it keeps."""
    token = _ANSWERS.set({})
    try:
        yield
    finally:
        _ANSWERS.reset(token)


def once(question: Hashable, ask: Callable[[], T]) -> T:
    """The answer to `question`; outside `remembering` it is asked each time. Answers are not to be changed."""
    answers = _ANSWERS.get()
    if answers is None:
        return ask()
    if question not in answers:
        answers[question] = ask()
    found: T = answers[question]
    return found


def know(answers: Mapping[Hashable, Any]) -> None:
    """Answers that were asked for many at once; nothing is kept outside `remembering`."""
    kept = _ANSWERS.get()
    if kept is not None:
        kept.update(answers)


def forget() -> None:
    """Something has changed: ask anew."""
    answers = _ANSWERS.get()
    if answers is not None:
        answers.clear()
