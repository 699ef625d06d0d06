"""Articles as staff see them listed: all, those still being written or read, and those that may have grown old."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from mainstay.customers import lifecycle, versions
from mainstay.customers.models import Release
from mainstay.knowledge.models import Article, Audience, Coverage, Version

OPEN = (Version.State.DRAFT, Version.State.REVIEW)


@dataclass
class Listed:
    """One article in a list, with what it is called and how it stands."""

    article: Article
    title: str = ""
    states: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    covers: list[Coverage] = field(default_factory=list)
    stale: str = ""


def of_view(view: str) -> QuerySet[Article]:
    """The articles of one view: all, drafts, review, internal, withdrawn."""
    found = Article.objects.select_related("owner").order_by("-pk")
    states = {"drafts": [Version.State.DRAFT], "review": [Version.State.REVIEW]}.get(view)
    if states is not None:
        mine = Version.objects.filter(article=OuterRef("pk"), state__in=states)
        return found.filter(Exists(mine))
    if view == "withdrawn":
        return found.exclude(withdrawn_at=None)
    found = found.filter(withdrawn_at=None)
    return found.filter(audience=Audience.INTERNAL) if view == "internal" else found


def listed(articles: Iterable[Article], day: date, policy: Any) -> list[Listed]:
    """The same articles with their titles and states; as many statements for many as for one."""
    rows = {one.pk: Listed(one) for one in articles}
    heads = Version.objects.filter(article__in=rows).exclude(state=Version.State.REPLACED)
    for version in heads.only("article_id", "language", "title", "state").order_by("number"):
        row = rows[version.article_id]
        if version.language == row.article.language or not row.title:
            row.title = version.title
        if version.language not in row.languages:
            row.languages.append(version.language)
        if version.state in OPEN:
            row.states.append(f"{version.get_state_display()} ({version.language})")
    ended = Ended(day, policy)
    for cover in Coverage.objects.filter(article__in=rows).select_related("product"):
        rows[cover.article_id].covers.append(cover)
    for row in rows.values():
        row.stale = stale(row.article, row.covers, ended)
    return list(rows.values())


# ---- grown old


class Ended:
    """Which releases are looked after no more; read once."""

    def __init__(self, day: date, policy: Any) -> None:
        self.day = day
        self._over: dict[int, list[tuple[str, bool]]] = {}
        for one in Release.objects.select_related("product"):
            over = not lifecycle.phase_of(one, day, policy).supported
            self._over.setdefault(one.product_id, []).append((one.version, over))

    def of(self, cover: Coverage) -> bool:
        """Whether every release that is covered has ended; without a last release new ones are covered too."""
        if not cover.last:
            return False
        inside = [over for version, over in self._over.get(cover.product_id, ()) if _covered(cover, version)]
        return bool(inside) and all(inside)


def _covered(cover: Coverage, version: str) -> bool:
    here = versions.key(version)
    return (not cover.first or versions.key(cover.first) <= here) and here <= versions.key(cover.last)


def stale(article: Article, covers: list[Coverage], ended: Ended) -> str:
    """Why an article is to be read again, in words; nothing while it is fresh."""
    if article.withdrawn_at is not None:
        return ""
    if article.review_by is not None and article.review_by <= ended.day:
        return f"to be read again since {article.review_by:%-d %B %Y}"
    if covers and all(ended.of(one) for one in covers):
        return f"{', '.join(one.words for one in covers)}: looked after no more"
    return ""
