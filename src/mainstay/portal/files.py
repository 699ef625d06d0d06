"""Files of a form in words: how far they are, and what was found in them that nobody should send unseen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mainstay.errors import Refused
from mainstay.intake import uploads
from mainstay.intake.models import Upload

DECISIONS = ("blacken", "keep", "remove")


@dataclass(frozen=True)
class Shown:
    """One file as the page lists it. `found`: what nobody has decided about yet."""

    id: UUID
    name: str
    size: int
    whole: bool
    checking: bool
    percent: int
    found: str
    places: list[dict[str, Any]]
    packed: bool
    blackened: str
    kept: bool


def listed(request: HttpRequest, form: str) -> list[Shown]:
    """The files of a form of this person."""
    return [_shown(one) for one in uploads.of(request.user, form)]  # type: ignore[arg-type]


def _shown(one: Upload) -> Shown:
    stars = int(one.findings.get("blackened", 0))
    undecided = bool(uploads.undecided([one]))
    return Shown(
        one.pk, one.name, one.size, bool(one.sha256), one.being_checked, 100 * one.received // max(one.size, 1),
        found_words(one.findings.get("counts", {})) if undecided else "",
        one.findings.get("places", []), bool(one.findings.get("archive")),
        ngettext("%(n)s place blackened", "%(n)s places blackened", stars) % {"n": stars} if stars else "",
        one.decision == Upload.Decision.KEPT,
    )  # fmt: skip


def found_words(counts: dict[str, int]) -> str:
    """ "2 passwords, 1 private key"."""
    said = {
        "private_key": lambda n: ngettext("%(n)s private key", "%(n)s private keys", n),
        "password": lambda n: ngettext("%(n)s password or key", "%(n)s passwords or keys", n),
        "token": lambda n: ngettext("%(n)s access token", "%(n)s access tokens", n),
        "jwt": lambda n: ngettext("%(n)s signed token (JWT)", "%(n)s signed tokens (JWT)", n),
        "connection": lambda n: ngettext(
            "%(n)s address with a password", "%(n)s addresses with a password", n
        ),
    }
    return ", ".join(said[kind](n) % {"n": n} for kind, n in counts.items() if kind in said)


def receive(request: HttpRequest, form: str) -> None:
    """Keep what an ordinary file field brought, without a script. Raises `Refused` on files."""
    for one in request.FILES.getlist("files"):
        uploads.whole(
            request.user, form=form, name=one.name or "", content=one.chunks(1024 * 1024), size=one.size or 0,  # type: ignore[arg-type]
            at=timezone.now(),
        )  # fmt: skip


def act(request: HttpRequest, form: str) -> bool:
    """A button of the list in a page without scripts: "blacken:id". Whether there was one."""
    what, __, number = request.POST.get("act", "").partition(":")
    if what not in DECISIONS or not number:
        return False
    held = next((one for one in uploads.of(request.user, form) if str(one.pk) == number), None)  # type: ignore[arg-type]
    if held is not None:
        decide(held, what)
    return True


def decide(held: Upload, what: str) -> None:
    """Blacken, keep or remove."""
    {"blacken": uploads.blacken, "keep": uploads.keep, "remove": uploads.remove}[what](held)


def look_first(request: HttpRequest, form: str) -> None:
    """Raises `Refused` where secrets were found and nobody has said what to do: shown, never blocked."""
    if uploads.undecided(uploads.of(request.user, form)):  # type: ignore[arg-type]
        raise Refused(
            "files",
            _("hold what looks like secrets; say below whether to blacken them or to send them as they are"),
        )
