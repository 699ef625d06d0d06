"""Articles that have grown old become work: a task for whoever keeps them true, once (I3)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from mainstay.accounts.actor import Actor
from mainstay.accounts.models import Role, User
from mainstay.catalogue.publish import current_desk_policy
from mainstay.errors import Refused
from mainstay.knowledge import lists
from mainstay.knowledge.models import Article
from mainstay.maintenance import tasks
from mainstay.maintenance.models import Task

WITHIN: Final = timedelta(days=14)


def look(at: datetime) -> int:
    """Open a task for each article that is to be read again, or whose releases have all ended, and has none since.

    Gives how many. Reading it again is said on the article's page: a new date, another coverage, or withdrawn.
    """
    published = (
        Article.objects.filter(withdrawn_at=None, entries__isnull=False).select_related("owner").distinct()
    )
    known = set(
        Task.objects.filter(article__in=published, state=Task.State.OPEN).values_list("article", flat=True)
    )
    rows = lists.listed(published.exclude(pk__in=known), at.date(), current_desk_policy().document)
    return sum(_open(row, at) for row in rows if row.stale and not _done_lately(row.article, at))


def _done_lately(article: Article, at: datetime) -> bool:
    """Whoever said that it is well keeps their peace for as long as they had."""
    ended = Task.objects.filter(article=article, ended_at__gt=at - WITHIN)
    return ended.exists()


def _open(row: lists.Listed, at: datetime) -> int:
    owner = _owner(row.article)
    if owner is None:
        return 0
    work = tasks.Work(
        title=f"Read again: {row.title}"[:200], owner=owner, due_on=(at + WITHIN).date(),
        text=f"Article {row.article.pk} is {row.stale}.",
    )  # fmt: skip
    try:
        tasks.open_task(work, kind=Task.Kind.ARTICLE, article=row.article, by=Actor.system(), at=at)
    except Refused:
        return 0  # somebody was quicker
    return 1


def _owner(article: Article) -> User | None:
    """Its owner while they work here, else a manager, else whoever administers."""
    if article.owner is not None and article.owner.may_act:
        return article.owner
    staff = [
        one for one in User.objects.filter(is_active=True).exclude(roles=[]).order_by("pk") if one.may_act
    ]
    return next(
        (one for role in (Role.MANAGER, Role.ADMINISTRATOR) for one in staff if role in one.roles), None
    )
