"""What the agreement covers (X1): what speaks for an exclusion, the decision, a paid way, an appeal.

A person decides; the clocks stand still from that moment only. The customer reads the clause, may take an offer of
paid work, and may ask for another decision, which somebody else makes than who ruled.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.db.models import Subquery
from django.utils.translation import gettext as _

from mainstay.accounts.actor import Actor
from mainstay.accounts.models import User
from mainstay.catalogue.publish import current_desk_policy
from mainstay.customers import lifecycle as lives
from mainstay.customers.models import Environment, Product, Release
from mainstay.errors import Refused
from mainstay.policy.spoken import spoken
from mainstay.prepared import Arg, Prepared
from mainstay.tickets import evidence, lifecycle, messages, timers
from mainstay.tickets.events import changing, record
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Event, Message, State, Ticket
from mainstay.tickets.names import FACTS
from mainstay.tickets.progress import language_of
from mainstay.tickets.resolution import _waits, _working

MOST_OF_A_REASON = 2000
READ = 5  # messages of the customer that are looked through


# ---- what speaks for an exclusion


def suggestions(ticket: Ticket) -> list[evidence.Found]:
    """The exclusions that words, product or release of a request speak for, with why; nothing is decided by it."""
    return suggested_by(current_desk_policy().document, ticket)


def suggested_by(policy: Mapping[str, Any], ticket: Ticket) -> list[evidence.Found]:
    """The same by any desk policy, also one that nobody has published."""
    release = release_of(ticket)
    product = release.product if release else _product(ticket)
    ended = lives.reason(release, ticket.opened_at.astimezone(UTC).date(), policy) if release else ""
    return evidence.suggest(
        policy["exclusions"], _pieces(ticket), product=product.code if product else "", ended=ended
    )


def release_of(ticket: Ticket) -> Release | None:
    """The release it is about: the one named in the request, else the one that its environment runs."""
    environment, version = _system(ticket), str(_fact(ticket, "product_version"))
    product = _product(ticket)
    if version:
        known = Release.objects.select_related("product")
        named = lives.named(version, known.filter(product=product)) if product is not None else None
        if named is not None:
            return named
    return environment.release if environment is not None else None


def _product(ticket: Ticket) -> Product | None:
    """The product of its environment, else the one named beside its version, else the only one they run."""
    environment = _system(ticket)
    if environment is not None and environment.product is not None:
        return environment.product
    said = str(_fact(ticket, "product_version")).casefold()
    named = [
        one
        for one in (_PRODUCTS.all() if said else ())
        if one.code in said.split() or one.name.split()[0].casefold() in said.split()
    ]
    if named:
        return named[0]
    runs = _RUN.all(customer=ticket.customer_id) if ticket.customer_id else []
    return runs[0] if len(runs) == 1 else None


def _system(ticket: Ticket) -> Environment | None:
    """Its environment, with the product and the release that run there; read once for a ticket."""
    if ticket.environment_id and not Ticket.environment.is_cached(ticket):
        ticket.environment = _SYSTEM.first(environment=ticket.environment_id)
    return ticket.environment


_SYSTEM = Prepared(
    lambda: Environment.objects.filter(pk=Arg("environment")).select_related("product", "release__product")
)
_PRODUCTS = Prepared(lambda: Product.objects.all())
_RUN = Prepared(lambda: Product.objects.filter(environment__customer=Arg("customer")).distinct()[:2])


def _fact(ticket: Ticket, name: str) -> str:
    held = ticket.facts.get(name)
    return str(held.get("value", "")) if isinstance(held, dict) else ""


def _pieces(ticket: Ticket) -> list[evidence.Piece]:
    said = [evidence.Piece("the subject", ticket.subject)]
    said += [evidence.Piece(str(FACTS.get(name, name)), _fact(ticket, name)) for name in ticket.facts]
    said += [evidence.Piece("the message", text) for text in _FIRST_WORDS.all(ticket=ticket.pk)]
    return list({piece.text: piece for piece in reversed(said) if piece.text}.values())[::-1]


_FIRST_WORDS = Prepared[str](
    lambda: (
        Message.objects.filter(ticket=Arg("ticket"), kind=Message.Kind.IN)
        .order_by("at", "id")
        .values_list("text", flat=True)[:READ]
    )
)


# ---- the decision


def rule_out_of_scope(ticket: Ticket, *, rule: str, reason: str, text: str, by: Actor, at: datetime) -> Event:
    """Decide that an exclusion of X1 applies: rule, reason and a courteous answer. Clocks stop from now only.

    The clause as it stands today is kept with the decision, and quoted to the customer.
    """
    policy = current_desk_policy()
    exclusions = {one["code"]: one for one in policy.document["exclusions"]}
    if rule not in exclusions:
        raise Refused("rule", f"is {rule!r}; it may be {', '.join(exclusions)}")
    reason, text = messages.needs_text(reason, "reason"), messages.needs_text(text)
    clause = spoken(exclusions[rule], language_of(ticket))
    with changing(ticket) as fresh:
        lifecycle.check(fresh.state, "rule out of scope")
        shown = [why for one in suggestions(fresh) if one.code == rule for why in one.because]
        message = messages.write(fresh, "out", Said(text, "desk"), by=by, at=at)
        _waits(fresh, State.OUT_OF_SCOPE, at)
        fresh.scope_decision = {
            "rule": rule, "title": clause["title"], "wording": clause["wording"],
            "paid_path": clause.get("paid_path", ""), "policy": policy.version, "reason": reason,
            "evidence": shown, "by": by.id, "by_name": by.name,
        }  # fmt: skip
        timers.clear(fresh)
        return record(
            fresh, "ruled_out_of_scope", by=by, at=at, why=reason, more={"rule": rule},
            detail={"message": message.pk},
        )  # fmt: skip


def bring_into_scope(ticket: Ticket, *, reason: str, by: Actor, at: datetime) -> Event:
    """Take an out-of-scope decision back: the clocks run on. An open appeal is decided by somebody else."""
    reason = messages.needs_text(reason, "reason")
    with changing(ticket) as fresh:
        _ruled_out(fresh)
        appealed = _appeal_is_open(fresh)
        if appealed:
            _somebody_else(fresh, by)
        _working(fresh, at)
        return record(
            fresh, "brought_into_scope", by=by, at=at, why=reason, more={"appealed": True} if appealed else {}
        )


# ---- a paid way


def offer_paid_work(ticket: Ticket, *, text: str, price: str, by: Actor, at: datetime) -> Event:
    """Offer to do what is not covered for a price; a later offer replaces one that is unanswered."""
    text, price = messages.needs_text(text), " ".join(price.replace("\x00", "").split())
    if not price or len(price) > 200:
        raise Refused("price", "is missing; say what it costs, in at most 200 characters")
    with changing(ticket) as fresh:
        _ruled_out(fresh)
        message = messages.write(fresh, "out", Said(text, "desk"), by=by, at=at)
        offer = {"text": text, "price": price, "by_name": by.name, "seq": fresh.last_seq + 1, "state": "open"}
        fresh.scope_decision = {**fresh.scope_decision, "offer": offer}
        return record(
            fresh, "paid_work_offered", by=by, at=at, detail={"message": message.pk, "price": price}
        )


def accept_offer(ticket: Ticket, *, by: Actor, at: datetime, offer: int = 0) -> Event:
    """The customer takes the offer: it is in scope again as paid work, and the clocks run on.

    `offer` is the event of the offer that they saw; 0 is whichever stands. Who agreed and to what is kept.
    """
    with changing(ticket) as fresh:
        held = _open_offer(fresh, offer)
        decision = fresh.scope_decision
        _working(fresh, at)
        paid = {"price": held["price"], "text": held["text"], "agreed_by": by.name, "at": at.isoformat()}
        fresh.scope_decision = {**_closed(decision), "paid": paid}
        return record(fresh, "paid_work_agreed", by=by, at=at, detail={"price": held["price"]})


def decline_offer(ticket: Ticket, *, by: Actor, at: datetime, offer: int = 0) -> Event:
    """The customer does not take the offer; the decision stands."""
    with changing(ticket) as fresh:
        held = _open_offer(fresh, offer)
        fresh.scope_decision = {**fresh.scope_decision, "offer": {**held, "state": "declined"}}
        return record(fresh, "paid_work_declined", by=by, at=at, detail={"price": held["price"]})


# ---- an appeal


def objection(ticket: Ticket) -> Message | None:
    """What the customer wrote last since it was ruled out of scope, if no appeal was made of it: perhaps it is one."""
    if ticket.state != State.OUT_OF_SCOPE or ticket.scope_decision.get("appeal"):
        return None
    since = Event.objects.filter(ticket=ticket, kind="ruled_out_of_scope").order_by("-seq").values("at")[:1]
    return ticket.messages.filter(kind="in", at__gte=Subquery(since)).order_by("-at", "-pk").first()


def appeal_as_written(ticket: Ticket, *, by: Actor, at: datetime) -> Event:
    """Take what the customer wrote since the ruling as their appeal, in their words."""
    wrote = objection(ticket)
    if wrote is None:
        raise Refused("reason", _("is missing: they have written nothing since it was ruled out of scope"))
    return appeal(ticket, reason=wrote.text[:MOST_OF_A_REASON], by=by, at=at, said_by=wrote.author_name)


def appeal(
    ticket: Ticket, *, reason: str, by: Actor, at: datetime, channel: str = "portal", said_by: str = ""
) -> Event:
    """Ask for another decision, with the reason: by the customer, or by staff who heard it from them (`said_by`)."""
    reason = messages.needs_text(reason, "reason")
    with changing(ticket) as fresh:
        _ruled_out(fresh)
        if _appeal_is_open(fresh):
            raise Refused("ticket", _("another decision was asked for already; somebody else looks at it"))
        theirs = by.kind != "staff"
        detail: dict[str, Any] = {}
        if theirs:
            detail["message"] = messages.write(fresh, "in", Said(reason, channel), by=by, at=at).pk
        fresh.scope_decision = {
            **fresh.scope_decision, "appeal": {"reason": reason, "by_name": said_by or by.name, "state": "open"},
        }  # fmt: skip
        return record(
            fresh,
            "scope_appealed",
            by=by,
            at=at,
            why=reason,
            more={"words": True} if theirs else {},
            detail=detail,
        )


def reject_appeal(ticket: Ticket, *, reason: str, text: str, by: Actor, at: datetime) -> Event:
    """The decision stands, says somebody else than who ruled; the customer is told why."""
    reason, text = messages.needs_text(reason, "reason"), messages.needs_text(text)
    with changing(ticket) as fresh:
        _ruled_out(fresh)
        if not _appeal_is_open(fresh):
            raise Refused("ticket", "nobody has asked for another decision")
        _somebody_else(fresh, by)
        message = messages.write(fresh, "out", Said(text, "desk"), by=by, at=at)
        held = {**fresh.scope_decision["appeal"], "state": "rejected", "decided_by": by.name, "why": reason}
        fresh.scope_decision = {**fresh.scope_decision, "appeal": held}
        return record(fresh, "appeal_rejected", by=by, at=at, why=reason, detail={"message": message.pk})


def may_decide(ticket: Ticket, user_id: int | None) -> bool:
    """Whether this person may decide an appeal: not who ruled, unless nobody else works here."""
    ruled = ticket.scope_decision.get("by")
    if ruled is None or user_id != ruled:
        return True
    others = User.objects.filter(is_active=True).exclude(roles=[]).exclude(pk=ruled)
    return not any(one.may_act for one in others)


# ---- what all share


def _ruled_out(fresh: Ticket) -> None:
    if fresh.state != State.OUT_OF_SCOPE:
        raise Refused("ticket", _("is not out of scope"))


def _appeal_is_open(fresh: Ticket) -> bool:
    return str(fresh.scope_decision.get("appeal", {}).get("state", "")) == "open"


def _somebody_else(fresh: Ticket, by: Actor) -> None:
    if by.kind == "staff" and not may_decide(fresh, by.id):
        raise Refused("ticket", "was ruled out of scope by you; an appeal is decided by somebody else")


def _open_offer(fresh: Ticket, seen: int) -> dict[str, Any]:
    held: dict[str, Any] = fresh.scope_decision.get("offer", {})
    if fresh.state != State.OUT_OF_SCOPE or held.get("state") != "open":
        raise Refused("offer", _("does not stand any more"))
    if seen and held.get("seq") != seen:
        raise Refused("offer", _("was replaced by a newer one; look at that one"))
    return held


def _closed(decision: dict[str, Any]) -> dict[str, Any]:
    """The decision as it is remembered on a ticket that is worked on as paid."""
    return {name: decision[name] for name in ("rule", "title") if name in decision}
