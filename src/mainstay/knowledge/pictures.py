"""Pictures of articles: kept by their content with all other files, of four kinds that browsers show and never run."""

from __future__ import annotations

from datetime import datetime

from mainstay.accounts.actor import Actor
from mainstay.customers.files import Upload, store
from mainstay.errors import Refused
from mainstay.knowledge.models import Article, Picture

LIMIT = 5 * 1024 * 1024
_BEGINS = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}


def kind(content: bytes) -> str:
    """What a file is by its first bytes; nothing for whatever is no picture (an SVG is a program)."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((name for begin, name in _BEGINS.items() if content.startswith(begin)), "")


def attach(article: Article, upload: Upload, *, by: Actor, at: datetime) -> Picture:
    """A picture that versions of the article may show. The same one again is the one that is there."""
    found = kind(upload.content)
    if not found:
        raise Refused("files", f"{upload.name} is no PNG, JPEG, GIF or WebP picture")
    if len(upload.content) > LIMIT:
        raise Refused("files", f"{upload.name} is larger than 5 MB; make it smaller")
    made, _ = Picture.objects.get_or_create(
        article=article, sha256=store(upload.content),
        defaults={"name": upload.name[:200], "content_type": found, "size": len(upload.content),
                  "added_by": by.name[:200], "added_at": at},
    )  # fmt: skip
    return made
