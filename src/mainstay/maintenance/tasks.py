"""Tasks: work with an owner and a due day that must not be forgotten, and what was done with it.

Upgrade advice, preventive findings and what is to be done for a ticket are tasks, in the hands of a person or a team;
the customer sees those it is told of, and hears of each change. A ticket's own are told in its log, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from mainstay.accounts import acts
from mainstay.accounts.actor import Actor
from mainstay.accounts.models import Team, User
from mainstay.customers.models import Customer, Environment, Release
from mainstay.errors import Refused
from mainstay.knowledge.models import Article
from mainstay.maintenance.models import Publication, Review, Task, TaskChange, TaskOutbox
from mainstay.notices.models import Delivery
from mainstay.prepared import Arg
from mainstay.tickets.events import changing, record
from mainstay.tickets.models import Ticket

Kind, State = Task.Kind, Task.State
REMIND = timedelta(days=2)


@dataclass(frozen=True)
class Work:
    """What is to be done, by whom and until when. `told`: the customer sees it."""

    title: str
    owner: User | None
    due_on: date | None
    text: str = ""
    told: bool = False
    team: Team | None = None  # in place of an owner
    due_at: datetime | None = None  # on that day, where a time was said


def open_task(
    work: Work,
    *,
    kind: str = Kind.OTHER,
    by: Actor,
    at: datetime,
    customer: Customer | None = None,
    environment: Environment | None = None,
    release: Release | None = None,
    publication: Publication | None = None,
    ticket: Ticket | None = None,
    article: Article | None = None,
    review: Review | None = None,
) -> Task:
    """A task. Raises `Refused` naming the field; an upgrade is advised once for each system and release."""
    if kind not in Kind.values:
        raise Refused("kind", f"may be {', '.join(Kind.values)}")
    if environment is not None:
        if customer is not None and environment.customer_id != customer.pk:
            raise Refused("environment", f"{environment.name} is not one of {customer.name}")
        customer = environment.customer
    made = Task(
        kind=kind, customer=customer, environment=environment, release=release, publication=publication,
        ticket=ticket, article=article, review=review, created_at=at,
    )  # fmt: skip
    _fill(made, work)
    try:
        with transaction.atomic():
            _lock_ticket(made)
            made.save(force_insert=True)
            _record(made, "opened", {}, by=by, at=at)
            _hand(made, by, at)
            return made
    except IntegrityError:
        if article is not None:
            raise Refused("article", "has a task already") from None
        raise Refused("environment", f"{environment} is advised to take {release} already") from None


def change_task(task: Task, work: Work, *, by: Actor, at: datetime, reason: str = "") -> list[str]:
    """A task as it is now; gives what changed, a sentence each. Raises `Refused` naming the field."""
    with transaction.atomic():
        held = _open(task)
        before, hands, told = _said(held), (held.owner_id, held.team_id), held.told
        _fill(held, work)
        changes = acts.differences(before, _said(held))
        if changes:
            held.reminded_at = None
            held.save()
            done = "changed" if told or not held.told else "told"
            _record(held, done, before, by=by, at=at, words=" ".join(reason.split())[:500])
            if (held.owner_id, held.team_id) != hands:
                _hand(held, by, at)
    return changes


def end_task(task: Task, *, outcome: str, by: Actor, at: datetime, dropped: bool = False) -> Task:
    """Done, or (with `dropped`) not to be done: what came of it is written down, and may be left out on a ticket."""
    outcome = outcome.replace("\x00", "").strip()
    if (not outcome and task.ticket_id is None) or len(outcome) > 5000:
        raise Refused("outcome", "must say what came of it, at most 5,000 characters")
    with transaction.atomic():
        held = _open(task)
        held.state = State.DROPPED if dropped else State.DONE
        held.outcome, held.ended_at, held.ended_by_id = outcome, at, _staff(by)
        held.save(update_fields=["state", "outcome", "ended_at", "ended_by"])
        _record(held, "dropped" if dropped else "done", {}, by=by, at=at, words=outcome)
    return held


def open_again(task: Task, *, reason: str, by: Actor, at: datetime) -> Task:
    """It was not done after all. On a ticket, where one click ends it, the reason may be left out."""
    reason = " ".join(reason.split())[:500]
    if not reason and task.ticket_id is None:
        raise Refused("reason", "is missing; say why it is opened again")
    with transaction.atomic():
        held = _locked(task)
        if held.state == State.OPEN:
            raise Refused("task", "is open")
        held.state, held.ended_at, held.ended_by, held.reminded_at = State.OPEN, None, None, None
        try:
            with transaction.atomic():
                held.save(update_fields=["state", "ended_at", "ended_by", "reminded_at"])
        except IntegrityError:
            raise Refused("task", "the same is advised by another task that is open") from None
        _record(held, "opened again", {}, by=by, at=at, words=reason)
    return held


def advise(
    environments: Sequence[Environment],
    work: Work,
    *,
    release: Release,
    by: Actor,
    at: datetime,
    publication: Publication | None = None,
) -> list[Task]:
    """Advise an upgrade to `release` of each of these systems; those that are advised so already are left as they are.

    Raises `Refused` where there is nothing left to advise.
    """
    known = set(
        Task.objects.filter(kind=Kind.UPGRADE, state=State.OPEN, release=release, environment__in=environments)
        .values_list("environment_id", flat=True)
    )  # fmt: skip
    fresh = [one for one in environments if one.pk not in known and one.release_id != release.pk]
    if not fresh:
        raise Refused("environment", f"nothing is left to advise: each runs {release} or is advised to")
    with transaction.atomic():
        return [
            open_task(
                work,
                kind=Kind.UPGRADE,
                environment=one,
                release=release,
                publication=publication,
                by=by,
                at=at,
            )
            for one in fresh
        ]


# ---- what is due


def due(owner: User | Arg | None = None, customer: Customer | None = None) -> QuerySet[Task]:
    """Open tasks, what is due first at the top; of one owner or customer."""
    found = Task.objects.filter(state=State.OPEN).select_related(
        "customer", "environment", "release", "owner", "team", "ticket"
    )
    if owner is not None:
        found = found.filter(theirs(owner))
    return (found.filter(customer=customer) if customer else found).order_by("due_on", "pk")


def theirs(user: User | int | Arg) -> Q:
    """The condition on tasks that they are in this person's hands (or of that number), or in a team's of theirs."""
    return Q(owner=user) | Q(team__in=Team.objects.filter(members=user).values("pk"))


def remind(at: datetime) -> int:
    """Tell the owners of what is due within two days or is late, once each; returns how many were told."""
    waiting = Task.objects.filter(
        state=State.OPEN, reminded_at=None, due_on__lte=(at + REMIND).date()
    ).values_list("pk", flat=True)
    return sum(_remind(number, at) for number in list(waiting[:200]))


def _remind(number: int, at: datetime) -> int:
    with transaction.atomic():
        held = (
            Task.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(pk=number, state=State.OPEN, reminded_at=None)
            .first()
        )
        if held is None:
            return 0
        held.reminded_at = at
        held.save(update_fields=["reminded_at"])
        _tell_owner(held, f"Due {held.due_on.isoformat()}: {held.title}", at)
    return 1


# ---- what all share


def _fill(task: Task, work: Work) -> None:
    title, text = " ".join(work.title.split()), work.text.replace("\x00", "").strip()
    if not title or len(title) > 200 or not title.isprintable():
        raise Refused("title", "must say in one line what is to be done, at most 200 characters")
    if len(text) > 20_000:
        raise Refused("text", "must be at most 20,000 characters")
    if work.team is None and (work.owner is None or not work.owner.may_act):
        raise Refused("owner", "is nobody who works here; choose one of the list")
    if work.due_on is None:
        raise Refused("due_on", "is missing; choose a day")
    if work.told and task.customer is None:
        raise Refused("told", "whom? choose the customer, or do not tell")
    if work.told and not text:
        raise Refused("text", "is missing; the customer is told what it is about")
    if task.told and not work.told:
        raise Refused("told", "the customer has been told; that cannot be taken back")
    task.title, task.text, task.told = title, text, work.told
    task.owner, task.team = (None, work.team) if work.team is not None else (work.owner, None)
    if work.due_at is None or work.due_at != task.due_at:  # the same instant may have another day elsewhere
        task.due_on, task.due_at = work.due_on, work.due_at


def _said(task: Task) -> dict[str, Any]:
    return {
        "title": task.title, "text": task.text, "owner": task.hands, "due_on": task.due_on.isoformat(),
        "customer_told": task.told, **({"due_at": task.due_at.isoformat()} if task.due_at else {}),
    }  # fmt: skip


def _record(
    task: Task, kind: str, before: dict[str, Any], *, by: Actor, at: datetime, words: str = ""
) -> None:
    was, now = acts.differing(before, _said(task)) if before else ({}, {})
    change = TaskChange.objects.create(
        task=task, at=at.replace(microsecond=0), by_id=_staff(by), by_name=by.name[:200],
        kind=kind, words=words, before=was, after=now,
    )  # fmt: skip
    if task.told:
        TaskOutbox.objects.create(change=change)
    if task.ticket_id is not None:
        _log_on_ticket(task, kind, by=by, at=at, words=words)


EVENTS = {
    "opened": "task_opened", "told": "task_changed", "changed": "task_changed", "done": "task_done",
    "dropped": "task_dropped", "opened again": "task_reopened",
}  # fmt: skip


def _log_on_ticket(task: Task, kind: str, *, by: Actor, at: datetime, words: str) -> None:
    """The ticket's own log tells of it; its row is locked already."""
    with changing(task.ticket_id or 0) as fresh:
        more = {"task": task.pk, "due_on": task.due_on.isoformat()}
        detail = {"title": task.title, "hands": task.hands}
        record(fresh, EVENTS[kind], by=by, at=at, why=words, more=more, detail=detail)


def _staff(by: Actor) -> int | None:
    return by.id if by.kind == "staff" else None


def _hand(task: Task, by: Actor, at: datetime) -> None:
    """Whoever has it hears of it, unless it was they who took it."""
    _tell_owner(task, f"Yours now: {task.title}, due {task.due_on.isoformat()}", at, but=_staff(by))


def _tell_owner(task: Task, subject: str, at: datetime, but: int | None = None) -> None:
    """The owner, or everybody of the team, but for one."""
    found = [task.owner] if task.owner is not None else list(task.team.members.all()) if task.team else []
    for one in found:
        if one.pk != but and one.may_act:
            Delivery.objects.create(
                channel=Delivery.Channel.DESK, template=f"task {task.pk}", recipient=f"user:{one.pk}", user=one,
                ticket=task.ticket, subject=subject[:998], text=task.text, state=Delivery.State.SENT, sent_at=at,
                created_at=at, next_try_at=at,
            )  # fmt: skip


def _lock_ticket(task: Task) -> None:
    """The ticket before its task, in the order in which everybody locks them."""
    if task.ticket_id is not None:
        Ticket.objects.select_for_update(of=("self",)).filter(pk=task.ticket_id).first()


def _locked(task: Task) -> Task:
    _lock_ticket(task)
    found = Task.objects.select_for_update(of=("self",))
    return found.select_related("owner", "team", "customer").get(pk=task.pk)


def _open(task: Task) -> Task:
    held = _locked(task)
    if held.state != State.OPEN:
        raise Refused("task", f"is {held.get_state_display()}; open it again first")
    return held
