"""The whole policy as one file: looked at, compared with what is running, published, and taken home (N2, P2).

Looking at a file writes nothing: it says what is wrong with the line it stands on, else what would be published and
which promises of open tickets would be others. Publishing reads the file again, all of it or nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mainstay.accounts.actor import Actor
from mainstay.accounts.models import Role
from mainstay.catalogue import publish
from mainstay.catalogue.compile import digest
from mainstay.catalogue.models import DeskPolicy, Package, ServiceLevel
from mainstay.contracts.entitlement import INCLUDED, Basis, Compiled
from mainstay.contracts.models import Contract
from mainstay.desk import changes, frame
from mainstay.desk.typed import Typed
from mainstay.errors import Refused
from mainstay.notices import recipients
from mainstay.policy import ladders
from mainstay.policy.check import checked
from mainstay.policy.compile import years_of
from mainstay.policy.source import Mistake, Wrong
from mainstay.policy.write import write
from mainstay.tickets import agreement, resolve
from mainstay.tickets.models import State, Ticket
from mainstay.ui.doors import StaffRequest, staff_page

LARGEST = 1_000_000
LOOKED_AT = 300  # tickets whose new promises are shown


@dataclass
class Looked:
    """What was found in a file: mistakes, or the parts, what they change, and for which tickets."""

    text: str
    mistakes: list[Mistake] = field(default_factory=list)
    parts: dict[str, Any] | None = None
    changed: list[str] = field(default_factory=list)
    effects: list[agreement.Effect] = field(default_factory=list)
    contracts: list[tuple[str, int]] = field(default_factory=list)

    @property
    def wrong(self) -> bool:
        """Whether the file cannot be used."""
        return any(one.is_error for one in self.mistakes)


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
    return _page(request, looked, status=422 if looked.wrong else 200)


@require_POST
@staff_page()
def publication(request: StaffRequest) -> HttpResponse:
    """Publish the file that was looked at; with `open`, for open tickets without a contract too."""
    _only_administrators(request)
    typed, at, by = Typed(request), timezone.now(), Actor.staff(request.user)
    try:
        looked = look(_text(request), at)
        if looked.wrong or looked.parts is None:
            return _page(request, looked, status=422)
        changed = publish.load_parts(looked.parts, by=by, at=at, reason=typed.text("reason"))
    except Refused as error:
        looked = Looked(typed.raw("text"))
        return _page(request, looked, refused=f"{error.field}: {error.message}", status=422)
    messages.success(request, _published(changed))
    if typed.flag("open") and changed:
        change = agreement.schedule(scope=without_contract(), why=typed.text("reason"), by=by, at=at)
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
    looked = Looked(text, remarks, parts)
    desk, packages = _unpublished(parts)
    looked.changed = publish.compared(parts)
    looked.effects = _effects(desk, packages, at)
    looked.contracts = _kept(packages)
    return looked


def _unpublished(parts: dict[str, Any]) -> tuple[DeskPolicy, dict[str, Package]]:
    """The parts as versions that nobody has published, to see what they would give."""
    desk = DeskPolicy(code=publish.DESK_POLICY, version=0, name=parts["name"], document=parts["desk"])
    levels = {
        code: ServiceLevel(
            code=code, version=0, name=says["name"], rank=says["rank"], document=publish.body(says)
        )
        for code, says in parts["levels"].items()
    }
    return desk, {
        code: Package(
            code=code, version=0, name=says["name"], level=levels[says["level"]], document=publish.body(says)
        )
        for code, says in parts["packages"].items()
    }  # fmt: skip


def without_contract() -> QuerySet[Ticket]:
    """The open tickets that a new policy may concern: those under a contract keep what was signed."""
    return Ticket.objects.filter(contract=None).exclude(state=State.CLOSED)


def _effects(desk: DeskPolicy, packages: dict[str, Package], at: datetime) -> list[agreement.Effect]:
    compiled = Compiled()
    bases = {
        "included": Basis("included", None, packages.get(INCLUDED), desk),
        "none": Basis("none", None, None, desk),
    }
    if bases["included"].package is None:
        del bases["included"]
    found = without_contract().filter(entitlement__in=bases)
    return [
        one
        for one in agreement.preview(
            found,
            lambda ticket: resolve.again(ticket, bases[ticket.entitlement], keep=False, compiled=compiled),
            at=at,
            most=LOOKED_AT,
        )
        if one.moved
    ]


def _kept(packages: dict[str, Package]) -> list[tuple[str, int]]:
    """How many contracts in force keep the version of a package that this policy would follow with another."""
    today = timezone.now().date()
    counted = []
    for code, box in packages.items():
        held = publish.newest(Package, code)
        same = held and (held.document, held.level.document) == (box.document, box.level.document)
        number = Contract.objects.filter(package__code=code, period__contains=today).count()
        if number and not same:
            counted.append((box.name, number))
    return counted


# ---- showing


def _page(
    request: StaffRequest, looked: Looked | None, *, refused: str = "", status: int = 200
) -> HttpResponse:
    running = publish.export_parts()
    text = looked.text if looked is not None else write(running)
    wrong = {one.line for one in looked.mistakes} if looked else set()
    context = {
        "page_title": "Policy file",
        "looked": looked,
        "text": text,
        "lines": [(n, line) for n, line in enumerate(text.split("\n"), start=1) if n in wrong],
        "rows": changes.rows(looked.effects) if looked else [],
        "hash": digest(running),
        "refused": refused,
        "nobody": [name for name in ladders.others(running) if not recipients.named(name)],
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
    try:
        return str(chosen.read().decode("utf-8-sig")).replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise Refused("file", "is not UTF-8 text") from None


def _published(changed: list[str]) -> str:
    if not changed:
        return "Nothing differs from what is running; nothing was published."
    return f"Published: {'; '.join(changed[:5])}" + ("; and more." if len(changed) > 5 else ".")


def _only_administrators(request: StaffRequest) -> None:
    if not request.user.has_role(Role.ADMINISTRATOR):
        raise Http404
