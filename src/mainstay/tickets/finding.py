"""From a query (`tickets.query`) to conditions on tickets: each field has its own, nothing else can be asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches

from django.db.models import Q

from mainstay.accounts.models import Team, User
from mainstay.catalogue.models import ServiceLevel
from mainstay.customers.models import Customer, Product
from mainstay.errors import Refused
from mainstay.tickets import query, search, snoozes, watching
from mainstay.tickets.models import State, Step, Ticket

UNTRIAGED = (Step.ACKNOWLEDGEMENT, Step.TRIAGE)


@dataclass(frozen=True)
class Asked:
    """What a query asks: conditions on tickets, words to find (a tsquery), and among which: open, closed or any."""

    conditions: Q
    words: str
    among: str

    def where(self, *, is_open: bool, before: int | None = None, most: int | None = None) -> Q:
        """All of it among the open or among the closed tickets; `before` and `most` cut what the words find."""
        found = self.conditions & (Q() if is_open else Q(state=State.CLOSED))  # the queue is of open ones
        if not self.words:
            return found
        return found & search.matching(self.words, is_open=is_open, before=before, most=most)

    @property
    def everything(self) -> bool:
        """Whether nothing is asked, so that every open ticket is meant."""
        return not self.words and not self.among and self.conditions == Q()

    @property
    def only_words(self) -> bool:
        """Whether nothing but words is asked."""
        return bool(self.words) and self.conditions == Q()


def asked(wanted: query.Query, *, me: User, at: datetime) -> Asked:
    """The conditions of a query of this person at this instant. Raises `Refused` where a name is not known."""
    among, conditions = "", Q()
    for term in wanted.terms:
        if term.field == "is" and set(term.values) <= {"open", "closed", "any"} and not term.negated:
            among = term.values[0] if len(term.values) == 1 else "any"
            continue
        found = Q()
        for value in term.values:
            found |= READERS[term.field](_Reading(term, value, me, at))
        conditions &= ~found if term.negated else found
    words = search.expression(wanted.phrases, wanted.without)
    return Asked(conditions, words, among)


@dataclass(frozen=True)
class _Reading:
    term: query.Term
    value: str
    me: User
    at: datetime

    def unknown(self, what: str, known: list[str]) -> Refused:
        near = get_close_matches(self.value, known, 3, 0.5) or sorted(known)[:6]
        hint = f"; it may be {', '.join(near)}" if near else ""
        return Refused("query", f"{self.term.typed}: there is no {what} {self.value}{hint}")


def _due(one: _Reading) -> Q:
    if one.value == "over":
        return Q(due_at__lt=one.at)
    if one.value == "none":
        return Q(due_at__isnull=True)
    until = one.at + query.duration(one.value)
    return Q(due_at__gt=until) if one.value.startswith(">") else Q(due_at__lte=until)


def _is(one: _Reading) -> Q:
    states = {"waiting": State.WAITING_CUSTOMER, "third": State.WAITING_THIRD, "proposed": State.PROPOSED,
              "uncovered": State.OUT_OF_SCOPE, "closed": State.CLOSED}  # fmt: skip
    if one.value in states:
        return Q(state=states[one.value])
    if one.value == "open":
        return ~Q(state=State.CLOSED)
    if one.value == "untriaged":
        return Q(step__in=UNTRIAGED)
    if one.value == "emergency":
        return ~Q(emergency=[]) & Q(emergency_seen_at__isnull=True)
    if one.value == "snoozed":
        return snoozes.away(one.me)
    if one.value == "tasks":
        return Q(pk__in=Ticket.objects.filter(tasks__state="open").values("pk"))
    if one.value == "watched":
        return watching.watched(one.me)
    return Q()


def _customer(one: _Reading) -> Q:
    named = Q(code__iexact=one.value) | Q(name__istartswith=one.value)
    found = list(Customer.objects.filter(named).values_list("pk", flat=True)[:200])
    if not found:
        raise one.unknown(
            "customer", [code.lower() for code in Customer.objects.values_list("code", flat=True)[:2000]]
        )
    return Q(customer__in=found)


def _owner(one: _Reading) -> Q:
    if one.value in {"me", "nobody"}:
        return Q(assignee=one.me) if one.value == "me" else Q(assignee__isnull=True)
    staff = [
        (pk, name, email)
        for pk, name, email in User.objects.exclude(roles=[]).values_list("pk", "name", "email")
    ]
    found = [pk for pk, name, email in staff if goes_by(one.value, name, email)]
    if not found:
        raise one.unknown("member of staff", [name.split()[0].lower() for _, name, _ in staff])
    return Q(assignee__in=found)


def goes_by(value: str, name: str, email: str) -> bool:
    """Whether a person may be meant by the beginning of a name, of one of their names, or of an address."""
    names = [name.lower(), *name.lower().split(), email.lower()]
    return any(one.startswith(value) for one in names)


def _team(one: _Reading) -> Q:
    teams = dict(Team.objects.values_list("code", "pk"))
    if one.value not in teams:
        raise one.unknown("team", list(teams))
    return Q(team=teams[one.value])


def _level(one: _Reading) -> Q:
    """By its code, its letters as the queue shows them (bc), or the beginning of its name."""
    levels = list(ServiceLevel.objects.values_list("pk", "code", "name"))
    found = [
        pk
        for pk, code, name in levels
        if one.value in {code, letters(name)} or name.lower().startswith(one.value)
    ]
    if not found:
        raise one.unknown("service level", sorted({letters(name) for _, _, name in levels}))
    return Q(level__in=found)


def letters(name: str) -> str:
    """Business Critical is bc."""
    words = name.split()
    return ("".join(word[0] for word in words[:3]) if len(words) > 1 else name[:2]).lower()


def _product(one: _Reading) -> Q:
    known = dict(Product.objects.values_list("code", "pk"))
    if one.value not in known:
        raise one.unknown("product", list(known))
    return Q(environment__product=known[one.value])


READERS: dict[str, Callable[[_Reading], Q]] = {
    "sev": lambda one: Q(severity=int(one.value)),
    "customer": _customer,
    "due": _due,
    "is": _is,
    "owner": _owner,
    "team": _team,
    "level": _level,
    "product": _product,
    "cat": lambda one: Q(category=one.value),
    "step": lambda one: Q(step=one.value),
    "via": lambda one: Q(channel=one.value),
    "older": lambda one: Q(opened_at__lt=one.at - query.duration(one.value)),
    "newer": lambda one: Q(opened_at__gte=one.at - query.duration(one.value)),
    "quiet": lambda one: Q(last_at__lt=one.at - query.duration(one.value)),
}
