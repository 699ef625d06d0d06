"""The whole policy as one file: looked at, compared with what is running, published, and taken home (N2, P2).

Looking at a file writes nothing: it says what is wrong with the line it stands on, else what would be published and
which promises of open tickets would be others. Publishing reads the file again, all of it or nothing.
"""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mainstay.accounts.actor import Actor
from mainstay.accounts.models import Role
from mainstay.catalogue import publish
from mainstay.catalogue.compile import digest
from mainstay.desk import changes, frame, looking
from mainstay.desk.looking import Looked
from mainstay.desk.setup import newer
from mainstay.desk.typed import Typed
from mainstay.errors import Refused
from mainstay.notices import recipients
from mainstay.policy import ladders
from mainstay.policy.check import checked
from mainstay.policy.compile import years_of
from mainstay.policy.read import decoded
from mainstay.policy.source import Wrong
from mainstay.policy.write import write
from mainstay.ui.doors import StaffRequest, staff_page

LARGEST = 1_000_000


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def policy(request: StaffRequest) -> HttpResponse:
    """The file, and the form to look at another one; a POST looks and writes nothing."""
    if request.method != "POST":
        return _page(request, None)
    _only_administrators(request)
    try:
        looked = look(_text(request), timezone.now())
    except Refused as error:
        looked = Looked(Typed(request).raw("text"))
        return _page(request, looked, refused=f"{error.field}: {error.message}", status=422)
    return _page(request, looked, status=422 if looked.wrong else 200, stale=_stale(request))


@require_POST
@staff_page()
def publication(request: StaffRequest) -> HttpResponse:
    """Publish the file that was looked at; with `open`, for open tickets without a contract too."""
    _only_administrators(request)
    typed, at, by = Typed(request), timezone.now(), Actor.staff(request.user)
    try:
        running = publish.export_parts()
        looked = look(_text(request), at)
        if looked.wrong or looked.parts is None:
            return _page(request, looked, status=422)
        if typed.text("over") != digest(running):
            return _page(request, looked, status=422, stale=True)
        changed = publish.load_parts(looked.parts, by=by, at=at, reason=typed.text("reason"), over=running)
    except Refused as error:
        looked = Looked(typed.raw("text"))
        return _page(request, looked, refused=f"{error.field}: {error.message}", status=422)
    messages.success(request, looking.published(changed))
    if typed.flag("open") and changed:
        change = looking.let_hold_for_open(typed.text("reason"), by=by, at=at)
        return HttpResponseRedirect(reverse("desk:change", args=[change.pk]), status=303)
    return HttpResponseRedirect(reverse("desk:policy"), status=303)


@require_safe
@staff_page()
def file(request: StaffRequest) -> HttpResponse:
    """The running configuration as a policy file."""
    text = write(publish.export_parts())
    answer = HttpResponse(text, content_type="application/toml; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="policy.toml"'
    return answer


# ---- looking


def look(text: str, at: datetime) -> Looked:
    """What is wrong with a policy file, else what it would change."""
    try:
        parts, remarks = checked(text, name="policy.toml", load=None, years=years_of(at.date(), at.date()))
    except Wrong as wrong:
        return Looked(text, wrong.mistakes)
    return looking.at_parts(parts, at, Looked(text, remarks))


# ---- showing


def _stale(request: StaffRequest) -> bool:
    """Whether another policy was published since the page that somebody sends was made."""
    return Typed(request).text("over") not in ("", digest(publish.export_parts()))


def _page(
    request: StaffRequest,
    looked: Looked | None,
    *,
    refused: str = "",
    status: int = 200,
    stale: bool = False,
) -> HttpResponse:
    """The page. `stale`: it is told that another policy runs by now than the one that was looked at, and what it
    changed; the text stays, and may be looked at and published over that one."""
    typed, running = Typed(request), publish.export_parts()
    text = looked.text if looked is not None else write(running)
    wrong = {one.line for one in looked.first} if looked else set()
    context = {
        "page_title": "Policy file",
        "looked": looked,
        "text": text,
        "lines": [(n, line) for n, line in enumerate(text.split("\n"), start=1) if n in wrong],
        "rows": changes.rows(looked.effects) if looked else [],
        "hash": digest(running),
        "refused": refused or (f"{_('Version')}: {looking.MOVED}" if stale else ""),
        "since": looking.since(typed.text("seen")) if stale else [],
        "seen": timezone.now().isoformat(),
        "reason": typed.text("reason"),
        "open": typed.flag("open"),
        "nobody": [name for name in ladders.others(running) if not recipients.named(name)],
        **({} if looked else newer.context(timezone.now())),
        "counts": (len(running["levels"]), len(running["packages"]), len(running["desk"]["severities"])),
    }
    return frame.page(request, "desk/policy.html", context, here="catalogue", status=status)


def _text(request: StaffRequest) -> str:
    """What was pasted, or the file that was chosen instead."""
    chosen = request.FILES.get("file")
    if chosen is None:
        return Typed(request).raw("text")
    if (chosen.size or 0) > LARGEST:
        raise Refused("file", f"is larger than {LARGEST:,} bytes")
    return decoded(chosen.read(), "policy.toml")


def _only_administrators(request: StaffRequest) -> None:
    if not request.user.has_role(Role.ADMINISTRATOR):
        raise Http404
