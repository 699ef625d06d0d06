"""Negotiating: what the catalogue says, what we offer and what they asked, side by side, until it is signed (P5)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mainstay.accounts.actor import Actor
from mainstay.accounts.models import Role, Team, User
from mainstay.advisor import advice as advisor
from mainstay.catalogue import publish
from mainstay.catalogue.models import Package
from mainstay.contracts import approval, drafts, lines, negotiation, printed
from mainstay.contracts.models import Draft
from mainstay.contracts.negotiation import Head
from mainstay.customers.models import Customer
from mainstay.desk import changes, frame, shown
from mainstay.desk.typed import RefusedForm, Typed, said
from mainstay.errors import Refused
from mainstay.tickets import bound
from mainstay.tickets.agreement import Effect
from mainstay.ui import downloads
from mainstay.ui.doors import StaffRequest, staff_page

CELL, WISH = "o ", "a "  # how the names of a cell's fields begin: our offer, what they asked
MOST_TOLD = 200


# ---- beginning


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def new(request: StaffRequest) -> HttpResponseBase:
    """A draft for a customer, from a package or from what the advisor said (`?advice=`)."""
    if request.method != "POST":
        return _new(request, _suggested(request), "")
    if not request.user.has_role(*frame.AGREE):
        raise Http404
    typed = Typed(request)
    now = timezone.now()
    try:
        found = Customer.objects.filter(code__iexact=typed.text("customer")).first()
        if found is None:
            raise Refused("customer", f"there is none with the code {typed.text('customer')[:40]!r}")
        made = negotiation.start_draft(
            customer=found, head=_head(typed, found), owner=request.user, advice=typed.text("advice"),
            by=Actor.staff(request.user), at=now,
        )  # fmt: skip
    except Refused as error:
        return _new(request, request.POST, said(error), 422)
    return _back(made)


def _suggested(request: StaffRequest) -> dict[str, Any]:
    """What the form holds before anything is typed: the customer, and the package that was recommended."""
    token = request.GET.get("advice", "").replace("\x00", "")[:500]
    found = advisor.of_token(token) if token else None
    return {
        "customer": request.GET.get("customer", "").replace("\x00", "")[:40],
        "package": found.package.code if found and found.package else "",
        "advice": token if found else "",
        "reasons": found.reasons if found else [],
    }


def _new(request: StaffRequest, values: Any, refused: str, status: int = 200) -> HttpResponse:
    context = {
        "page_title": "New draft",
        "v": values,
        "refused": refused,
        "form": "draft",
        "customers": list(Customer.objects.order_by("name").values_list("code", "name")[:2000]),
        **_choices(None),
    }
    return frame.page(request, "desk/draft_new.html", context, here="contract_list", status=status)


# ---- one draft


def found_by(number: int) -> Draft:
    return get_object_or_404(Draft.objects.select_related(*drafts.RELATED, "owner", "contract"), pk=number)


@require_safe
@staff_page()
def draft(request: StaffRequest, draft: int) -> HttpResponse:
    """The negotiation, whole."""
    return show(request, found_by(draft))


def show(request: StaffRequest, held: Draft, refused: RefusedForm | None = None) -> HttpResponse:
    """The page; after a refusal with the form open, what was typed and why it was refused (422)."""
    now = timezone.now()
    may_edit = request.user.may_act and request.user.has_role(*frame.AGREE) and held.state in drafts.OPEN
    rows = _rows(held, now, refused)
    everything = request.GET.get("show", "all" if may_edit else "touched") == "all"
    context = {
        "page_title": f"{held.number}, {held.get_kind_display()}",
        "draft": held,
        "level": shown.level(held.package.level),
        "groups": [
            (name, list(group))
            for name, group in groupby(
                (row for row in rows if everything or row["one"].touched),
                key=_group,
            )
        ],
        "everything": everything,
        "counts": _counts(rows),
        "findings": bound.findings(held, at=now),
        "standing": approval.standing(held),
        "answers": list(held.approvals.select_related("by").order_by("-pk")),
        "notes": [one for one in held.notes.select_related("by").order_by("at", "pk") if not one.line],
        "line_choices": [(row["one"].line.key, row["one"].line.place) for row in rows],
        "rest": lines.rest_of(held.offered),
        "rest_text": json.dumps(lines.rest_of(held.offered), indent=1, ensure_ascii=False)
        if lines.rest_of(held.offered)
        else "",
        "rows": changes.rows(_told(held, now)),
        "may_edit": may_edit,
        "may_approve": request.user.may_act and request.user.has_role(*approval.APPROVERS),
        "price": drafts.price_of(held),
        "form": refused.form if refused else "",
        "refused": refused.message if refused else "",
        "f": _values(held) | ({refused.form: refused.typed} if refused else {}),
        "now": now,
        **(_choices(held) if may_edit else {}),
    }
    return frame.page(
        request, "desk/draft.html", context, here="contract_list", status=422 if refused else 200
    )


def _rows(held: Draft, now: datetime, refused: RefusedForm | None) -> list[dict[str, Any]]:
    """The lines with what their fields hold: after a refusal what was typed."""
    typed = refused.typed if refused and refused.form == "lines" else {}
    return [
        {
            "one": one,
            "offered": typed.get(CELL + one.line.key, one.offered),
            "asked": typed.get(WISH + one.line.key, one.asked),
        }
        for one in drafts.side_by_side(held, now)
    ]


def _group(row: dict[str, Any]) -> str:
    """The heading that a line stands under; those that are one line each share one."""
    line = row["one"].line
    return line.group if line.label else "Hours, channels, people, price"


def _counts(rows: list[dict[str, Any]]) -> dict[str, int]:
    ones = [row["one"] for row in rows]
    return {
        "differs": sum(1 for one in ones if one.differs),
        "apart": sum(1 for one in ones if one.apart),
        "more": sum(1 for one in ones if one.more),
    }


def _told(held: Draft, now: datetime) -> list[Effect]:
    """The open tickets that it would move, where that is a question."""
    if held.state not in drafts.OPEN or held.base is None or not held.applies_to_open:
        return []
    return bound.would_change(held, at=now)[:MOST_TOLD]


def _values(held: Draft) -> dict[str, Any]:
    head = {
        "number": held.number,
        "package": held.package.code,
        "first_day": held.first_day.isoformat(),
        "last_day": held.last_day.isoformat() if held.last_day else "",
        "environment": str(held.environment_id or ""),
        "phone_number": held.phone_number,
        "tam": str(held.tam_id or ""),
        "team": str(held.team_id or ""),
        "applies_to_open": "1" if held.applies_to_open else "",
        "reason": held.reason,
    }
    return {"head": head, "signature": {"signed_on": "", "vendor_name": "", "customer_name": ""}}


def _choices(held: Draft | None) -> dict[str, Any]:
    people = User.objects.filter(is_active=True, roles__contains=[Role.TAM])
    systems = held.customer.environments.order_by("name") if held else []
    return {
        "packages": [(one.code, one.name) for one in publish.current_packages()],
        "tams": [(str(pk), name) for pk, name in people.order_by("name").values_list("pk", "name")],
        "teams": [(str(pk), name) for pk, name in Team.objects.order_by("name").values_list("pk", "name")],
        "systems": [(str(one.pk), one.name) for one in systems],
    }


@require_safe
@staff_page()
def offer(request: StaffRequest, draft: int) -> FileResponse:
    """The offer as it is printed."""
    held = found_by(draft)
    return downloads.made(printed.offer(held, at=timezone.now()), f"offer-{held.number}.pdf")


# ---- what is done to it

Do = Callable[[Draft, Typed, User, datetime], str]


def _act(form: str, do: Do, *roles: str) -> Callable[..., HttpResponseBase]:
    """The view of one act: `do` calls the verb and returns what to tell the person."""

    @require_POST
    @staff_page(*roles)
    def view(request: StaffRequest, draft: int) -> HttpResponseBase:
        held = found_by(draft)
        try:
            told = do(held, Typed(request), request.user, timezone.now())
        except Refused as error:
            return show(request, found_by(draft), RefusedForm(form, said(error), request.POST))
        messages.success(request, told)
        return _back(held)

    return view


def _back(held: Draft) -> HttpResponse:
    return HttpResponseRedirect(reverse("desk:draft", args=[held.pk]), status=303)


def _head(typed: Typed, customer: Customer, held: Draft | None = None) -> Head:
    """The head as it was typed; the package stays the version it was drafted with unless another one is chosen."""
    code = typed.text("package")
    if not code:
        raise Refused("package", "is not chosen")
    same = held is not None and held.package.code == code
    return Head(
        number=typed.text("number"),
        package=held.package if held is not None and same else publish.current(Package, code),
        first_day=typed.needs_day("first_day"),
        last_day=typed.day("last_day"),
        environment=_chosen(typed, "environment", customer.environments),
        phone_number=typed.text("phone_number"),
        tam=_chosen(typed, "tam", User.objects.filter(is_active=True).exclude(roles=[])),
        team=_chosen(typed, "team", Team.objects),
        applies_to_open=typed.flag("applies_to_open"),
        reason=typed.text("reason"),
    )


def _chosen(typed: Typed, name: str, among: Any) -> Any:
    if not typed.text(name):
        return None
    found = among.filter(pk=typed.number(name, "one of the list")).first()
    if found is None:
        raise Refused(name, "is not one of the list")
    return found


def _change_head(held: Draft, typed: Typed, user: User, at: datetime) -> str:
    negotiation.change_head(held, _head(typed, held.customer, held), by=Actor.staff(user), at=at)
    return "The draft is changed."


def _change_lines(held: Draft, typed: Typed, user: User, at: datetime) -> str:
    def cells(side: str) -> dict[str, str]:
        names = [name for name in typed.data if name.startswith(side)]
        return {name.removeprefix(side): typed.text(name) for name in names}

    rest = typed.json("rest") if "rest" in typed.data else None
    if rest is not None and not isinstance(rest, dict):
        raise Refused("rest", "must be a difference, between { and }")
    lines.check_rest(rest or {})
    changed = negotiation.change_lines(
        held, offered=cells(CELL), asked=cells(WISH), rest=rest, by=Actor.staff(user), at=at
    )
    again = held.state != Draft.State.OPEN and changed.state == Draft.State.OPEN
    return "The lines are kept." + (" It has to be approved again." if again else "")


def _take_over(held: Draft, typed: Typed, user: User, at: datetime) -> str:
    negotiation.take_over(held, by=Actor.staff(user), at=at)
    return "We offer what they asked."


def _note(held: Draft, typed: Typed, user: User, at: datetime) -> str:
    negotiation.note(held, line=typed.text("line"), text=typed.text("text"), user=user, at=at)
    return "The remark is kept."


def _submit(held: Draft, typed: Typed, user: User, at: datetime) -> str:
    bound.submit_draft(held, by=Actor.staff(user), at=at)
    return "It waits for approval."


def _approve(held: Draft, typed: Typed, user: User, at: datetime) -> str:
    found = approval.approve(held, user=user, text=typed.text("text"), at=at)
    if found.state == Draft.State.APPROVED:
        return "It is approved and may be signed."
    return "You approved it. It exceeds the catalogue, so a second person has to as well."


def _turn_down(held: Draft, typed: Typed, user: User, at: datetime) -> str:
    approval.turn_down(held, user=user, text=typed.text("text"), at=at)
    return "You turned it down; it is negotiated on."


def _withdraw(held: Draft, typed: Typed, user: User, at: datetime) -> str:
    negotiation.withdraw(held, reason=typed.text("reason"), by=Actor.staff(user), at=at)
    return "The draft is withdrawn."


def _sign(held: Draft, typed: Typed, user: User, at: datetime) -> str:
    people = [
        {"side": side, "name": typed.text(f"{side}_name"), "title": typed.text(f"{side}_title")}
        for side in ("vendor", "customer")
    ]
    made = bound.sign_draft(
        held, signed_on=typed.needs_day("signed_on"), signatories=people, by=Actor.staff(user), at=at
    )
    also = " Open tickets follow at its first day." if made.applies_to_open and made.supersedes else ""
    return f"Contract {made} is signed.{also}"


head = _act("head", _change_head, *frame.AGREE)
change = _act("lines", _change_lines, *frame.AGREE)
takeover = _act("takeover", _take_over, *frame.AGREE)
note = _act("note", _note)
submission = _act("submission", _submit, *frame.AGREE)
yes = _act("approval", _approve, *approval.APPROVERS)
no = _act("refusal", _turn_down, *approval.APPROVERS)
withdrawal = _act("withdrawal", _withdraw, *frame.AGREE)
signature = _act("signature", _sign, *frame.AGREE)
