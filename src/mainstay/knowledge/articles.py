"""Writing articles: a draft is changed, read by somebody else, published, and from then on only followed (I3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from mainstay.accounts import acts
from mainstay.accounts.actor import Actor
from mainstay.accounts.models import Role, User
from mainstay.customers import versions
from mainstay.customers.models import Product
from mainstay.errors import Refused
from mainstay.knowledge import index, languages, markdown
from mainstay.knowledge.models import Article, Audience, Coverage, Version

State = Version.State
_WIDTH = {Audience.INTERNAL: 0, Audience.SUBSCRIBERS: 1, Audience.PUBLIC: 2}


@dataclass(frozen=True)
class Words:
    """What somebody typed for one language. `reason`: what changed, for those who read the history."""

    title: str
    body: str
    summary: str = ""
    reason: str = ""


# ---- drafts


def begin(
    words: Words,
    *,
    language: str,
    by: Actor,
    at: datetime,
    audience: str = Audience.INTERNAL,
    ticket: int | None = None,
) -> Version:
    """A new article with its first draft. `ticket`: the number of the request it is written from.

    Raises `Refused` naming the field.
    """  # fmt: skip
    language = languages.checked(language)
    with transaction.atomic():
        article = Article.objects.create(
            audience=_audience(audience), language=language, owner_id=by.id, ticket=ticket, created_at=at
        )
        return _draft(article, language, words, by, at)


def write(
    article: Article, words: Words, *, language: str, by: Actor, at: datetime, seen: datetime | None = None
) -> Version:
    """The draft in a language as it is now; there is one at a time. `seen`: when the draft was written that the
    writer had before them; a draft that somebody changed since is refused, so that nobody's words are lost."""
    language = languages.checked(language)
    with transaction.atomic():
        _locked(article)
        draft = article.versions.filter(language=language, state__in=[State.DRAFT, State.REVIEW]).first()
        if draft is None:
            return _draft(article, language, words, by, at)
        if seen is not None and draft.written_at != seen:
            raise Refused(
                "body", f"was changed meanwhile by {draft.author_name}; yours is below, theirs in the draft"
            )
        _fill(draft, words)
        draft.state, draft.written_at = State.DRAFT, at
        draft.author_id, draft.author_name = by.id, by.name
        draft.writers = sorted({*draft.writers, by.id or 0})
        draft.save()
        return draft


def _draft(
    article: Article, language: str, words: Words, by: Actor, at: datetime, restores: Version | None = None
) -> Version:
    newest = article.versions.filter(language=language).order_by("-number").first()
    draft = Version(
        article=article, language=language, number=(newest.number if newest else 0) + 1, author_id=by.id,
        author_name=by.name, writers=[by.id or 0], written_at=at, restores=restores,
    )  # fmt: skip
    _fill(draft, words)
    draft.save()
    return draft


def _fill(draft: Version, words: Words) -> None:
    body = words.body.replace("\x00", "").replace("\r\n", "\n").strip()
    title = _line(words.title, "title", 200)
    if not title:
        raise Refused("title", "is missing; write what somebody would look for, in their words")
    if not body or len(body) > markdown.LONGEST:
        raise Refused("body", f"must be 1 to {markdown.LONGEST:,} characters")
    draft.title, draft.body = title, body
    draft.summary = _line(words.summary, "summary", 300)
    draft.reason = _line(words.reason, "reason", 500)
    shown = set(markdown.pictures_of(body))
    draft.pictures = sorted(draft.article.pictures.filter(pk__in=shown).values_list("pk", flat=True))
    if missing := sorted(shown - set(draft.pictures)):
        raise Refused("body", f"shows picture {missing[0]}, which is none of this article; attach it first")


def discard(version: Version) -> Article | None:
    """Throw a draft away; an article that had nothing else goes with it (then None)."""
    with transaction.atomic():
        article = _locked(version.article)
        _open(version).delete()
        if article.versions.exists():
            return article
        article.delete()
        return None


# ---- review and publishing


def submit(version: Version, *, by: Actor, at: datetime) -> Version:
    """Ask somebody else to read it."""
    with transaction.atomic():
        held = _open(version)
        held.state = State.REVIEW
        held.save(update_fields=["state"])
    return held


def send_back(version: Version, *, reason: str, by: Actor, at: datetime) -> Version:
    """It is not right yet, and why."""
    with transaction.atomic():
        held = _open(version)
        if held.state != State.REVIEW:
            raise Refused("version", "is a draft; nobody has asked to have it read")
        held.remark = _needed(reason, "reason", "say what is to be changed")
        held.state, held.reviewer_id, held.reviewer_name, held.reviewed_at = State.DRAFT, by.id, by.name, at
        held.save()
    return held


def publish(version: Version, *, by: Actor, at: datetime, remark: str = "") -> Version:
    """Somebody who did not write it has read it: from now on it is what is found. Where nobody else works, its
    author publishes it, and the version says so."""
    with transaction.atomic():
        article = _locked(version.article)
        held = _open(version)
        if article.withdrawn_at is not None:
            raise Refused("article", "is withdrawn; put it back first")
        held.alone = _alone_with(held.writers, by, "version")
        held.remark = _text(remark, "remark", 2000)
        held.reviewer_id, held.reviewer_name, held.reviewed_at = by.id, by.name, at
        article.versions.filter(language=held.language, state=State.PUBLISHED).update(state=State.REPLACED)
        held.state = State.PUBLISHED
        held.save()
        index.put(article)
        _record("published", article, by, at, after={"language": held.language, "version": held.number})
    return held


def may_publish(version: Version, user: User) -> bool:
    """Whether this person is somebody who did not write it, or works alone."""
    return user.may_act and (user.pk not in version.writers or _is_alone(user.pk))


def _alone_with(writers: Iterable[int], by: Actor, field: str) -> bool:
    """Whether `by` acts alone because nobody else is there. Raises `Refused` where somebody else could read it."""
    if by.id not in set(writers):
        return False
    if by.id is not None and _is_alone(by.id):
        return True
    raise Refused(field, "was written by you; somebody else reads it before it is published")


def _is_alone(user: int) -> bool:
    others = User.objects.filter(is_active=True).exclude(pk=user).exclude(roles=[])
    return not others.exclude(roles=[Role.AUDITOR]).exists()


def roll_back(version: Version, *, reason: str, by: Actor, at: datetime) -> Version:
    """The words of an earlier version as a new one, to be read by somebody else like any other."""
    with transaction.atomic():
        article = _locked(version.article)
        if version.state != State.REPLACED:
            raise Refused(
                "version", "is not an earlier one; only what was published before can be brought back"
            )
        if article.versions.filter(language=version.language, state__in=[State.DRAFT, State.REVIEW]).exists():
            raise Refused(
                "version", "cannot be brought back while there is a draft; publish it or throw it away"
            )
        why = _needed(reason, "reason", "say why the earlier version is better")
        words = Words(
            version.title, version.body, version.summary, f"As version {version.number}: {why}"[:500]
        )
        draft = _draft(article, version.language, words, by, at, restores=version)
        draft.state = State.REVIEW
        draft.save(update_fields=["state"])
    return draft


# ---- the article as a whole


def withdraw(article: Article, *, reason: str, by: Actor, at: datetime) -> Article:
    """Nobody finds it any more; staff still see it, and it can be put back."""
    with transaction.atomic():
        held = _locked(article)
        why = _needed(reason, "reason", "say why nobody should read it any more")
        held.withdrawn_at = at
        held.save(update_fields=["withdrawn_at"])
        index.put(held)
        _record("withdrawn", held, by, at, after={"reason": why})
    return held


def put_back(article: Article, *, by: Actor, at: datetime) -> Article:
    """It is found again, as it was published last."""
    with transaction.atomic():
        held = _locked(article)
        held.withdrawn_at = None
        held.save(update_fields=["withdrawn_at"])
        index.put(held)
        _record("put back", held, by, at)
    return held


def open_to(article: Article, audience: str, *, by: Actor, at: datetime, reason: str = "") -> Article:
    """Who may read it. To let more people read what is published takes somebody who did not write it, as publishing
    does; fewer is anybody's, at once."""
    with transaction.atomic():
        held, was = _locked(article), Audience(article.audience)
        wanted = _audience(audience)
        live = held.versions.filter(state=State.PUBLISHED)
        if _WIDTH[wanted] > _WIDTH[was] and live.exists():
            _needed(reason, "reason", "say why more people should read it")
            _alone_with({one for version in live for one in version.writers}, by, "audience")
        held.audience = wanted
        held.save(update_fields=["audience"])
        index.put(held)
        after = {"audience": wanted.value, "reason": _text(reason, "reason", 500)}
        _record("opened to others", held, by, at, before={"audience": was.value}, after=after)
    return held


@dataclass(frozen=True)
class Covers:
    """A product an article is about, from one release to another; empty: without that end."""

    product: Product
    first: str = ""
    last: str = ""


def cover(article: Article, rows: Iterable[Covers], *, by: Actor, at: datetime) -> Article:
    """What the article is about. Raises `Refused` naming the field."""
    with transaction.atomic():
        held = _locked(article)
        before = [one.words for one in held.coverage.select_related("product")]
        held.coverage.all().delete()
        for row in {row.product.pk: row for row in rows}.values():
            _check_releases(row)
            Coverage.objects.create(article=held, product=row.product, first=row.first, last=row.last)
        index.put(held)
        after = [one.words for one in held.coverage.select_related("product")]
        _record("coverage changed", held, by, at, before={"covers": before}, after={"covers": after})
    return held


def _check_releases(row: Covers) -> None:
    known = set(row.product.releases.values_list("version", flat=True))
    for field, version in (("first", row.first), ("last", row.last)):
        if version and version not in known:
            raise Refused(field, f"{version[:40]!r} is not a release of {row.product.name}")
    if row.first and row.last and versions.key(row.first) > versions.key(row.last):
        raise Refused("last", f"{row.last} comes before {row.first}")


def look_after(
    article: Article, *, owner: User | None, review_by: date | None, by: Actor, at: datetime
) -> Article:
    """Who keeps it true, and when it is to be read again."""
    if owner is None or not owner.may_act:
        raise Refused("owner", "is not chosen; an article is somebody's")
    with transaction.atomic():
        held = _locked(article)
        held.owner, held.review_by = owner, review_by
        held.save(update_fields=["owner", "review_by"])
    return held


# ---- what all share


def _locked(article: Article) -> Article:
    held = Article.objects.select_for_update(of=("self",)).filter(pk=article.pk).first()
    if held is None:
        raise Refused("article", "is there no more")
    return held


def _open(version: Version) -> Version:
    held = (
        Version.objects.select_for_update(of=("self",))
        .select_related("article")
        .filter(pk=version.pk)
        .first()
    )
    if held is None:
        raise Refused("version", "is there no more")
    if not held.open:
        raise Refused("version", "is published; it does not change any more. Write the next one")
    return held


def _audience(text: str) -> Audience:
    if text not in Audience.values:
        raise Refused("audience", f"may be {', '.join(Audience.values)}")
    return Audience(text)


def _record(
    done: str, article: Article, by: Actor, at: datetime,
    before: Mapping[str, object] | None = None, after: Mapping[str, object] | None = None,
) -> None:  # fmt: skip
    newest = article.versions.order_by("language", "-number").first()
    what = f"article {article.pk}: {newest.title if newest else ''}"
    acts.record(f"article {done}", what, by=by, at=at, before=before, after=after)


def _line(text: str, field: str, most: int) -> str:
    line = " ".join(text.replace("\x00", "").split())
    if len(line) > most or not line.isprintable():
        raise Refused(field, f"must be one line of at most {most} characters")
    return line


def _text(text: str, field: str, most: int) -> str:
    plain = text.replace("\x00", "").strip()
    if len(plain) > most:
        raise Refused(field, f"must be at most {most:,} characters")
    return plain


def _needed(text: str, field: str, hint: str) -> str:
    plain = _text(text, field, 500)
    if not plain:
        raise Refused(field, f"is missing; {hint}")
    return plain
