"""Files go out one way: as a download that no browser runs within our pages (ATTACKS 26)."""

import io
import re
from typing import Any

from django.http import FileResponse, Http404

from mainstay.contracts.models import Paper
from mainstay.tickets import files, scanning
from mainstay.tickets.models import Attachment

PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")


def attachment(found: Attachment) -> FileResponse:
    """The stored file of an attachment the person may see; Http404 when it is not on this machine, `Refused`
    when the scanner has found something in it or has not looked yet."""
    path = files.where(found.sha256)
    if not path.is_file():
        raise Http404
    scanning.needs_served(found)
    return download(path.open("rb"), found.name)


def stored(paper: Paper) -> FileResponse:
    """A file kept with a contract the person may see; Http404 when it is not on this machine."""
    path = files.where(paper.sha256)
    if not path.is_file():
        raise Http404
    return download(path.open("rb"), paper.name)


def made(content: bytes, name: str) -> FileResponse:
    """A document that was made for this answer; its name of plain characters."""
    return download(io.BytesIO(content), re.sub(r"[^A-Za-z0-9._-]+", "-", name)[-120:])


def download(content: Any, name: str) -> FileResponse:
    """An answer that a browser saves and never runs; `content` is an open binary file."""
    response = FileResponse(
        content, as_attachment=True, filename=name, content_type="application/octet-stream"
    )  # fmt: skip
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def shown(sha256: str, content_type: str) -> FileResponse:
    """A picture that a page shows in its place; `content_type` is what its bytes say, one of a few kinds."""
    path = files.where(sha256)
    if not path.is_file() or content_type not in PICTURES:
        raise Http404
    response = FileResponse(path.open("rb"), content_type=content_type)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response
