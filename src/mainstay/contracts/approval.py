"""Who approves an offer: a manager, and a second person where it promises more than the catalogue (P5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from mainstay.accounts import acts
from mainstay.accounts.actor import Actor
from mainstay.accounts.models import Role, User
from mainstay.contracts import lint
from mainstay.contracts.drafts import digest_of, sold_by
from mainstay.contracts.models import Approval, Draft
from mainstay.contracts.negotiation import locked
from mainstay.errors import Refused

APPROVERS = (Role.MANAGER,)  # an administrator holds the role too


@dataclass(frozen=True)
class Standing:
    """How far the approval of a draft has come: how many people it needs, and who said yes to this very offer."""

    needed: int
    given: tuple[Approval, ...]
    why: tuple[str, ...]

    @property
    def missing(self) -> int:
        return max(self.needed - len(self.given), 0)


def standing(draft: Draft) -> Standing:
    """What is needed and given. Approvals of an earlier offer do not count."""
    more = lint.exceeding(sold_by(draft), draft.offered)
    valid = draft.approvals.filter(agreed=True, digest=digest_of(draft)).select_related("by")
    by_person = {one.by_id: one for one in valid.order_by("-at", "-pk")}
    given = sorted(by_person.values(), key=lambda one: one.pk)
    return Standing(2 if more else 1, tuple(given), tuple(more))


def approve(draft: Draft, *, user: User, text: str, at: datetime) -> Draft:
    """Say yes to what is offered. Approved once as many people as it needs have said so.

    Refused: somebody without the role, the same person a second time, a draft that nobody submitted.
    """
    with transaction.atomic():
        held = _submitted(draft, user)
        so_far = standing(held)
        if any(one.by_id == user.pk for one in so_far.given):
            raise Refused("approval", f"{user.name} has approved it already; a second person is needed")
        _written(held, user, text, at, agreed=True)
        if standing(held).missing == 0:
            held.state = Draft.State.APPROVED
        held.changed_at = at
        held.save(update_fields=["state", "changed_at"])
    return held


def turn_down(draft: Draft, *, user: User, text: str, at: datetime) -> Draft:
    """Say no, with the reason; the draft is negotiated on."""
    if not text.strip():
        raise Refused("text", "is missing; say what has to be different")
    with transaction.atomic():
        held = _submitted(draft, user)
        _written(held, user, text, at, agreed=False)
        held.state, held.changed_at = Draft.State.OPEN, at
        held.save(update_fields=["state", "changed_at"])
    return held


def _submitted(draft: Draft, user: User) -> Draft:
    held = locked(draft)
    if not (user.has_role(*APPROVERS) and user.may_act):
        raise Refused("approval", f"{user.name} is no manager; a manager approves")
    if held.state != Draft.State.SUBMITTED:
        raise Refused("approval", f"is not asked for: the draft is {held.get_state_display()}")
    return held


def _written(held: Draft, user: User, text: str, at: datetime, *, agreed: bool) -> None:
    text = text.strip()
    if len(text) > 1000:
        raise Refused("text", "must be at most 1000 characters")
    held.approvals.create(agreed=agreed, digest=digest_of(held), text=text, by=user, at=at)
    acts.record(
        "draft approved" if agreed else "draft turned down", f"{held.number} of {held.customer}",
        by=Actor.staff(user), at=at, after={"words": text, "exceeds the catalogue": list(standing(held).why)},
    )  # fmt: skip
