"""Files of any size, piece by piece: the tus protocol 1.0 (creation, checksum, expiration, termination).

A script sends them so, and goes on where a connection broke. Without it a form's ordinary file field does.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mainstay.errors import Refused
from mainstay.intake import drafts, uploads
from mainstay.intake.models import Upload
from mainstay.portal import files, frame
from mainstay.ui.doors import contact_page

VERSION = "1.0.0"
PIECE = 8 * 1024 * 1024  # the longest that one request may bring
TYPE = "application/offset+octet-stream"
MISMATCH = 460  # the protocol's own: the checksum is another

View = Callable[..., HttpResponseBase]


def tus(view: View) -> View:
    """What every answer of the protocol carries; another version than ours is 412."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        said = request.headers.get("Tus-Resumable")
        response = view(request, *args, **kwargs) if said in {None, VERSION} else HttpResponse(status=412)
        response.headers["Tus-Resumable"] = VERSION
        if response.status_code == 412 or request.method == "OPTIONS":
            response.headers["Tus-Version"] = VERSION
            response.headers["Tus-Extension"] = "creation,checksum,expiration,termination"
            response.headers["Tus-Checksum-Algorithm"] = "sha256"
            response.headers["Tus-Max-Size"] = str(settings.UPLOAD_LIMIT)
        return response

    return answer


@require_http_methods(["POST", "OPTIONS"])
@tus
@contact_page
def begin(request: HttpRequest) -> HttpResponse:
    """Somewhere for a file to go; the answer says where it is and how much of it is here already."""
    if request.method == "OPTIONS":
        return HttpResponse(status=204)
    length = request.headers.get("Upload-Length", "")
    said = _metadata(request.headers.get("Upload-Metadata", ""))
    form = said.get("form", "request")
    if not (length.isascii() and length.isdigit() and len(length) < 16) or not drafts.FORM.fullmatch(form):
        return HttpResponse(status=400)
    try:
        held = uploads.begin(
            request.user, form=form, name=said.get("filename", ""), size=int(length),  # type: ignore[arg-type]
            modified=said.get("modified", ""), at=timezone.now(),
        )  # fmt: skip
    except Refused as refused:
        return HttpResponse(refused.message, status=413, content_type="text/plain; charset=utf-8")
    response = _where(held, 201)
    response.headers["Location"] = reverse("upload", args=[held.pk])
    return response


def _metadata(header: str) -> dict[str, str]:
    """Pairs of a name and its value in base64, set apart by commas; what is malformed is left out."""
    found = {}
    for pair in header[:4000].split(","):
        name, __, value = pair.strip().partition(" ")
        try:
            found[name] = base64.b64decode(value, validate=True).decode().replace("\x00", "")
        except (binascii.Error, ValueError):
            continue
    return found


@require_http_methods(["HEAD", "PATCH", "DELETE"])
@tus
def piece(request: HttpRequest, upload: UUID) -> HttpResponseBase:
    """How far a file is, its next piece, or its end. A piece is read before anything is asked of the database."""
    content = b""
    if request.method == "PATCH":
        if request.content_type != TYPE:
            return HttpResponse(status=415)
        content = request.read(PIECE + 1)
    return _piece(request, upload, content)


@contact_page
def _piece(request: HttpRequest, upload: UUID, content: bytes) -> HttpResponse:
    held = _mine(request, upload)
    if request.method == "DELETE":
        uploads.remove(held)
        return HttpResponse(status=204)
    if request.method == "HEAD":
        return _where(held, 200)
    offset = request.headers.get("Upload-Offset", "")
    if len(content) > PIECE:
        return HttpResponse(status=413)
    if not (offset.isascii() and offset.isdigit() and len(offset) < 16) or not _unharmed(request, content):
        return HttpResponse(status=MISMATCH if offset.isdigit() else 400)
    grown = uploads.append(held, int(offset), content, at=timezone.now())
    return _where(grown, 204) if grown else _where(held, 409)


def _unharmed(request: HttpRequest, content: bytes) -> bool:
    """Whether a piece has the checksum that was said; none said: TCP's own has to do."""
    kind, __, said = request.headers.get("Upload-Checksum", "").partition(" ")
    if not kind:
        return True
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    return kind == "sha256" and hmac.compare_digest(digest, said)


def _where(held: Upload, status: int) -> HttpResponse:
    headers = {
        "Upload-Offset": str(held.received), "Upload-Length": str(held.size),
        "Upload-Expires": http_date(held.expires_at.timestamp()), "Cache-Control": "no-store",
    }  # fmt: skip
    return HttpResponse(status=status, headers=headers)


@require_safe
@contact_page
def listed(request: HttpRequest, form: str) -> HttpResponse:
    """The files of a form as the page lists them."""
    _known(form)
    return render(request, "portal/uploads.html", {"uploads": files.listed(request, form), "form": form})


@require_POST
@contact_page
def decision(request: HttpRequest, upload: UUID) -> HttpResponse:
    """What to do about secrets in a file: blacken them, or send it as it is."""
    held = _mine(request, upload)
    what = request.POST.get("decision", "")
    if what not in files.DECISIONS:
        raise Refused("decision", _("must be to blacken, to keep or to remove"))
    files.decide(held, what)
    return render(
        request, "portal/uploads.html", {"uploads": files.listed(request, held.form), "form": held.form}
    )


@require_POST
@contact_page
def draft(request: HttpRequest, form: str) -> HttpResponse:
    """Keep what is being written; the answer says when it was kept."""
    _known(form)
    at = timezone.now()
    try:
        drafts.keep(request.user, form, frame.typed(request), at=at)  # type: ignore[arg-type]
    except Refused as refused:
        return JsonResponse({"refused": refused.message}, status=422)
    zone = frame.zone_of(request.contacts)  # type: ignore[attr-defined]
    return JsonResponse({"at": f"{at.astimezone(zone):%H:%M:%S}"})


def _known(form: str) -> None:
    if not drafts.FORM.fullmatch(form):
        raise Http404


def _mine(request: HttpRequest, upload: UUID) -> Upload:
    """A file of this person's own; anybody else's is not there."""
    held = Upload.objects.filter(pk=upload, user=request.user).first()  # type: ignore[misc]
    if held is None:
        raise Http404
    return held
