"""Contracts: the list, those that end, and one with its versions, covered systems, papers and what may be done (P5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import FileResponse, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from mainstay.accounts.actor import Actor
from mainstay.allowances.agreements import today
from mainstay.contracts import amendments, drafts, negotiation, papers, printed, renewals, said
from mainstay.contracts.days import day_words
from mainstay.contracts.models import Contract, Draft, Paper
from mainstay.desk import frame, shown
from mainstay.desk.typed import Typed, today_of
from mainstay.desk.typed import said as in_words
from mainstay.errors import Refused
from mainstay.notices import taken_back
from mainstay.tickets.models import Change
from mainstay.ui import downloads, ids
from mainstay.ui.doors import StaffRequest, staff_page

PAGE = 50
MOST = 200
STATES = (("", "All"), ("holds", "In force"), ("to come", "To come"), ("ended", "Ended"))
WITHIN = (30, 90, 180, 365)
ACTIONS = (
    ("amendment", "Amend it", "another version from a date on"),
    ("renewal", "Renew it", "for the time after its end, with another price if need be"),
    ("addition", "Add a system", "another environment, at a level of its own, under the same number"),
)
Do = Callable[[Typed, Actor, datetime], str]


def found_by(number: int) -> Contract:
    related = ("customer", "package__level", "desk_policy", "environment", "tam", "team", "signed_by")
    return get_object_or_404(Contract.every.select_related(*related), pk=number)


# ---- the lists


@require_safe
@staff_page()
def contracts(request: StaffRequest) -> HttpResponse:
    """The newest version of each contract, and what is being negotiated; by state, customer or number."""
    state = request.GET.get("state", "")
    state = state if state in dict(STATES) else ""
    typed = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    key = ids.read(request.GET.get("before", ""))
    now = timezone.now()
    found = renewals.listed(state=state, customer=typed, today=today_of(request.user, now), before=key)
    page = list(found[: PAGE + 1])
    context = {
        "page_title": "Contracts",
        "contracts": [_row(one, now) for one in page[:PAGE]],
        "next": page[PAGE - 1].pk if len(page) > PAGE else "",
        "drafts": _negotiated(),
        "views": [
            {"label": label, "url": f"?state={code}", "count": "", "current": code == state}
            for code, label in STATES
        ],
        "state": state,
        "query": typed,
        "query_url": reverse("desk:contract_list"),
        "query_hint": "customer, number",
        "ending": len(renewals.ending(today_of(request.user, now))),
        "now": now,
    }
    return frame.page(request, "desk/contracts.html", context, here="contract_list")


def _negotiated() -> QuerySet[Draft]:
    """Drafts that nobody has signed or withdrawn, those changed last first."""
    found = Draft.objects.filter(state__in=drafts.OPEN).select_related("customer", "package", "owner")
    return found.order_by("-changed_at", "-pk")[:MOST]


def _row(one: Contract, now: datetime) -> dict[str, Any]:
    return {"one": one, "level": shown.level(one.package.level), "state": state_of(one, now)}


def state_of(contract: Contract, now: datetime) -> str:
    """taken back, holds, suspended, ended or to come, on the customer's day."""
    if contract.taken_back:
        return "taken back"
    day = today(contract.customer, now)
    if contract.first_day is not None and day < contract.first_day:
        return "to come"
    if contract.last_day is not None and day > contract.last_day:
        return "ended"
    return "suspended" if contract.suspension_on(day) else "holds"


@require_safe
@staff_page()
def ending(request: StaffRequest) -> HttpResponse:
    """Contracts that end within `?within=` days (90) and that nothing follows."""
    asked = request.GET.get("within", "")
    within = int(asked) if asked in {str(one) for one in WITHIN} else 90
    now = timezone.now()
    context = {
        "page_title": "Contracts ending",
        "rows": renewals.ending(today_of(request.user, now), within)[:MOST],
        "views": [
            {"label": f"{one} days", "url": f"?within={one}", "count": "", "current": one == within}
            for one in WITHIN
        ],
        "told": ", ".join(str(days) for days in renewals.AHEAD),
    }
    return frame.page(request, "desk/renewals.html", context, here="contract_list")


# ---- one contract


@require_safe
@staff_page()
def contract(request: StaffRequest, contract: int) -> HttpResponse:
    """One version of a contract, with all the others of its number."""
    return show(request, found_by(contract))


def show(
    request: StaffRequest, held: Contract, *, form: str = "", refused: str = "", typed: Any = None
) -> HttpResponse:
    """The page; after a refusal with the form open and what was typed (422)."""
    now = timezone.now()
    family = list(
        Contract.every.filter(number=held.number, customer=held.customer_id)
        .select_related(
            "customer", "package__level", "desk_policy", "environment", "tam", "team", "signed_by"
        )
        .order_by("part", "version")
    )
    newest = ([*drafts.versions_of(held)] or [held])[-1]
    context = {
        "page_title": f"Contract {held.number}",
        "held": held,
        "state": state_of(held, now),
        "level": shown.level(held.package.level),
        "says": said.of_contract(held),
        "versions": _versions(family, now),
        "parts": _parts(family, now),
        "is_newest": newest.pk == held.pk,
        "newest": newest,
        "suspended": held.suspension_on(today(held.customer, now)),
        "drafts": Draft.objects.filter(base__in=family, state__in=drafts.OPEN).select_related("owner"),
        "changes": Change.objects.filter(contract__in=family).order_by("-pk")[:20],
        "papers": Paper.objects.filter(contract__in=family).select_related("added_by", "contract").order_by("-pk"),
        "kinds": Paper.Kind.choices,
        "actions": [one for one in ACTIONS if _may_begin(held, one[0])],
        "form": form,
        "refused": refused,
        "f": typed or {},
        "now": now,
    }  # fmt: skip
    status = 422 if refused else 200
    return frame.page(request, "desk/contract.html", context, here="contract_list", status=status)


def _may_begin(held: Contract, kind: str) -> bool:
    """Nothing follows what has no end, and nothing is beside what covers everything (`negotiation`)."""
    if kind == "renewal":
        return held.last_day is not None
    return kind != "addition" or held.environment_id is not None


def _versions(family: list[Contract], now: datetime) -> list[dict[str, Any]]:
    """Each version, the newest first, with what it changed of the one before it."""
    by_pk = {one.pk: one for one in family}
    found = []
    for one in sorted(family, key=lambda one: one.version, reverse=True):
        before = by_pk.get(one.supersedes_id or 0)
        found.append(
            {
                "one": one,
                "state": state_of(one, now),
                "changes": said.differences(said.of_contract(before), said.of_contract(one))
                if before
                else [],
            }
        )
    return found


def _parts(family: list[Contract], now: datetime) -> list[dict[str, Any]]:
    """The covered systems, each with the version that holds, or the newest one."""
    found = {}
    for one in family:
        if not one.taken_back and (one.part not in found or state_of(one, now) == "holds"):
            found[one.part] = _row(one, now)
    return list(found.values())


@require_safe
@staff_page()
def pdf(request: StaffRequest, contract: int) -> FileResponse:
    """The version as it is printed."""
    held = found_by(contract)
    name = f"contract-{held.number}-v{held.version}.pdf"
    return downloads.made(printed.contract(held), name)


@require_safe
@staff_page()
def paper(request: StaffRequest, paper: int) -> FileResponse:
    """A file kept with a contract, as a download."""
    return downloads.stored(get_object_or_404(Paper, pk=paper))


# ---- what is done to it


@require_POST
@staff_page(*frame.AGREE)
def start(request: StaffRequest, contract: int) -> HttpResponseBase:
    """Begin to amend or renew it, or to add a covered system; leads to the negotiation."""
    held = found_by(contract)
    typed = Typed(request)
    try:
        made = negotiation.start_from(
            held, typed.text("kind"), owner=request.user, by=Actor.staff(request.user), at=timezone.now()
        )
    except Refused as error:
        return show(request, held, form="draft", refused=in_words(error), typed=request.POST)
    return HttpResponseRedirect(reverse("desk:draft", args=[made.pk]), status=303)


@require_POST
@staff_page(*frame.AGREE)
def suspension(request: StaffRequest, contract: int) -> HttpResponseBase:
    """Suspend the contract."""
    held = found_by(contract)

    def do(typed: Typed, by: Actor, at: datetime) -> str:
        day = typed.needs_day("from_day")
        amendments.suspend(held, from_day=day, until=typed.day("until"), why=typed.text("why"), by=by, at=at)
        return f"Contract {held.number} entitles to nothing from {day_words(day)} on."

    return _done(request, held, "suspension", do)


@require_POST
@staff_page(*frame.AGREE)
def resumption(request: StaffRequest, contract: int) -> HttpResponseBase:
    """Let it entitle again."""
    held = found_by(contract)

    def do(typed: Typed, by: Actor, at: datetime) -> str:
        day: date = typed.needs_day("day")
        amendments.resume(held, day=day, by=by, at=at)
        return f"Contract {held.number} entitles again from {day_words(day)} on."

    return _done(request, held, "resumption", do)


@require_POST
@staff_page(*frame.AGREE)
def taking_back(request: StaffRequest, contract: int) -> HttpResponseBase:
    """Take back a version that has not begun; both sides are told."""
    held = found_by(contract)

    def do(typed: Typed, by: Actor, at: datetime) -> str:
        restored = taken_back.take_back(held, reason=typed.text("reason"), by=by, at=at)
        goes_on = f" {restored} goes on as before." if restored else ""
        return f"{held} is taken back.{goes_on} Both sides are told."

    return _done(request, held, "taking_back", do)


@require_POST
@staff_page(*frame.AGREE)
def add_papers(request: StaffRequest, contract: int) -> HttpResponseBase:
    """Keep the signed copy, or another document, with the contract."""
    held = found_by(contract)

    def do(typed: Typed, by: Actor, at: datetime) -> str:
        uploads = typed.files("file")
        if not uploads:
            raise Refused("file", "is missing; choose the document")
        for upload in uploads:
            papers.add_paper(held, kind=typed.text("kind"), upload=upload, user=request.user, at=at)
        return f"{', '.join(one.name for one in uploads)} is kept with the contract."

    return _done(request, held, "paper", do)


def _done(request: StaffRequest, held: Contract, form: str, do: Do) -> HttpResponse:
    try:
        told = do(Typed(request), Actor.staff(request.user), timezone.now())
    except Refused as error:
        return show(request, held, form=form, refused=in_words(error), typed=request.POST)
    messages.success(request, told)
    return HttpResponseRedirect(reverse("desk:contract", args=[held.pk]), status=303)
