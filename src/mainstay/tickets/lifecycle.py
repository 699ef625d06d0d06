"""The states of a ticket and the moves between them."""

from collections.abc import Collection

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from mainstay.errors import Refused

OPEN = "open"
WAITING_CUSTOMER = "waiting_on_customer"
WAITING_THIRD = "waiting_on_third_party"
OUT_OF_SCOPE = "out_of_scope"
PROPOSED = "solution_proposed"
CLOSED = "closed"

WAITING = frozenset({WAITING_CUSTOMER, WAITING_THIRD})
LIVE = frozenset({OPEN, WAITING_CUSTOMER, WAITING_THIRD, OUT_OF_SCOPE, PROPOSED})

# move -> the states it may be made from
MOVES: dict[str, frozenset[str]] = {
    gettext_noop("triage"): LIVE,
    gettext_noop("assign"): LIVE,
    gettext_noop("reply"): LIVE,
    gettext_noop("report progress"): LIVE - {OUT_OF_SCOPE},
    gettext_noop("ask the customer"): LIVE - {OUT_OF_SCOPE},
    gettext_noop("wait for a third party"): LIVE - {OUT_OF_SCOPE},
    gettext_noop("resume"): WAITING,
    gettext_noop("provide a workaround"): LIVE - {OUT_OF_SCOPE},
    gettext_noop("propose a solution"): LIVE - {OUT_OF_SCOPE},
    gettext_noop("rule out of scope"): LIVE - {OUT_OF_SCOPE},
    gettext_noop("escalate"): LIVE,
    gettext_noop("accept"): frozenset({PROPOSED}),
    gettext_noop("refuse"): frozenset({PROPOSED}),
    gettext_noop("close"): LIVE,
    gettext_noop("reopen"): frozenset({CLOSED}),
}

SAID = {
    OPEN: gettext_noop("open"),
    WAITING_CUSTOMER: gettext_noop("waiting for the customer"),
    WAITING_THIRD: gettext_noop("waiting for a third party"),
    OUT_OF_SCOPE: gettext_noop("out of scope"),
    PROPOSED: gettext_noop("waiting for an answer to the proposed solution"),
    CLOSED: gettext_noop("closed"),
}


def check(state: str, move: str) -> None:
    """Raises `Refused` when `move` cannot be made from `state`, saying from which it can."""
    may = MOVES[move]
    if state not in may:
        said = {"move": _(move), "state": _(SAID[state]), "right": _right(may)}
        raise Refused("ticket", _("cannot %(move)s while it is %(state)s; %(right)s") % said)


def _right(may: Collection[str]) -> str:
    if CLOSED in may:
        return _("only a closed ticket can be reopened")
    if may == frozenset({PROPOSED}):
        return _("first a solution has to be proposed")
    if CLOSED not in may and len(may) >= 4:
        return _("reopen it or resume work first")
    return _("it is not waiting")
