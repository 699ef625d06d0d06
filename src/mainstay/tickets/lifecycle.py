"""PURE: the states of a ticket and the moves between them."""

from collections.abc import Collection

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
    "triage": LIVE,
    "assign": LIVE,
    "reply": LIVE,
    "report progress": LIVE - {OUT_OF_SCOPE},
    "ask the customer": LIVE - {OUT_OF_SCOPE},
    "wait for a third party": LIVE - {OUT_OF_SCOPE},
    "resume": WAITING,
    "provide a workaround": LIVE - {OUT_OF_SCOPE},
    "propose a solution": LIVE - {OUT_OF_SCOPE},
    "rule out of scope": LIVE - {OUT_OF_SCOPE},
    "escalate": LIVE,
    "accept": frozenset({PROPOSED}),
    "refuse": frozenset({PROPOSED}),
    "close": LIVE,
    "reopen": frozenset({CLOSED}),
}

SAID = {
    OPEN: "open",
    WAITING_CUSTOMER: "waiting for the customer",
    WAITING_THIRD: "waiting for a third party",
    OUT_OF_SCOPE: "out of scope",
    PROPOSED: "waiting for an answer to the proposed solution",
    CLOSED: "closed",
}


def check(state: str, move: str) -> None:
    """Raises `Refused` when `move` cannot be made from `state`, saying from which it can."""
    may = MOVES[move]
    if state not in may:
        raise Refused("ticket", f"cannot {move} while it is {SAID[state]}; {_right(may)}")


def _right(may: Collection[str]) -> str:
    if CLOSED in may:
        return "only a closed ticket can be reopened"
    if may == frozenset({PROPOSED}):
        return "first a solution has to be proposed"
    if CLOSED not in may and len(may) >= 4:
        return "reopen it or resume work first"
    return "it is not waiting"
