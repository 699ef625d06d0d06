"""The right-fit advisor for sales: run for a customer, towards a contract draft; its rules, looked at and edited."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mainstay.accounts.actor import Actor
from mainstay.accounts.models import Role
from mainstay.advisor import advice as advising
from mainstay.advisor import leads, publish, survey, text
from mainstay.advisor.advice import Advice
from mainstay.advisor.publish import Preview, Published
from mainstay.contracts import entitlement
from mainstay.customers.models import Customer
from mainstay.desk import frame
from mainstay.desk.typed import Typed
from mainstay.errors import Refused
from mainstay.ui import advice as look
from mainstay.ui.doors import StaffRequest, staff_page
from mainstay.ui.downloads import download

# ---- answering, for a customer or for nobody yet


@require_safe
@staff_page()
def questions(request: StaffRequest) -> HttpResponse:
    """The questions as sales asks them; all answered, it leads to the result."""
    published = publish.current()
    rules = published.rules
    chosen, wrong = look.known(rules, request.GET)
    customer, unknown = _customer(request)
    sent = "rules" in request.GET
    if sent and len(chosen) == len(rules.questions) and not unknown:
        return HttpResponseRedirect(_result_url(advising.of_answers(published, chosen), customer))
    errors = look.missing(rules, chosen, wrong) if sent else wrong
    context = {
        "page_title": "Advisor",
        "customer": customer,
        "typed_customer": request.GET.get("customer", "")[:60],
        "unknown": unknown,
        "form_url": reverse("desk:advisor"),
        "rules_version": published.number,
        "parts": look.parts(rules, chosen, errors),
        "wrong": len(errors),
        "said": look.so_far(rules, chosen),
        "have": len(chosen),
        "of": len(rules.questions),
        "button": "See what fits",
        "leads": leads.waiting(),
    }
    return frame.page(request, "desk/advisor.html", context, here="advisor")


@require_safe
@staff_page()
def result(request: StaffRequest, token: str) -> HttpResponse:
    """A result with what sales does next: a draft, a backtest, the link for the customer."""
    found = advising.of_token(token)
    customer, unknown = _customer(request)
    if found is None or found.found is None or unknown:
        raise Http404
    at = timezone.now()
    now = advising.today(found)
    about = {"customer": customer.code} if customer else {}
    context: dict[str, Any] = {
        "page_title": f"{look.level_name(found.found.result.level)} fits",
        "r": look.shown(found, on=at.date()),
        "level_name": look.level_name(found.found.result.level),
        "customer": customer,
        "entitled": entitlement.entitlement_at(customer, at, keep=False) if customer else None,
        "changed": look.changed(found, now),
        "now_url": _result_url(now, customer) if now and now.found else "",
        "again_url": f"{reverse('desk:advisor')}?{look.as_query(found.published.rules, found.known, about)}",
        "link": settings.BASE_URL + reverse("advisor_result", args=[found.token]),
        "draft_url": f"{reverse('desk:draft_new')}?{urlencode({'advice': found.token, **about})}",
        "backtest_url": f"{reverse('desk:backtest', args=[customer.code])}?advice={found.token}" if customer else "",
    }  # fmt: skip
    return frame.page(request, "desk/advisor_result.html", context, here="advisor")


def _result_url(found: Advice, customer: Customer | None) -> str:
    url = reverse("desk:advisor_result", args=[found.token])
    return f"{url}?{urlencode({'customer': customer.code})}" if customer else url


def _customer(request: StaffRequest) -> tuple[Customer | None, str]:
    """Whom it is for, by code; and what is wrong with what was typed."""
    code = request.GET.get("customer", "").replace("\x00", "").strip()
    if not code:
        return None, ""
    found = Customer.objects.filter(code__iexact=code[:60].encode("utf-8", "replace").decode()).first()
    return found, "" if found else f"“{code[:40]}” is no customer's code"


# ---- the rules


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def rules(request: StaffRequest) -> HttpResponse:
    """The rules in force with their history; an administrator's POST publishes the next version."""
    if request.method != "POST":
        return _rules(request)
    _administrators_only(request)
    try:
        typed = Typed(request)
        made = publish.publish_rules(
            document=_document(typed), reason=typed.text("reason"),
            by=Actor.staff(request.user), at=timezone.now(),
        )  # fmt: skip
    except Refused as error:
        return _rules(request, error=error, status=422)
    messages.success(request, f"{made} is published. Links made before keep saying what they said.")
    return HttpResponseRedirect(reverse("desk:advisor_rules"), status=303)


@require_POST
@staff_page(Role.ADMINISTRATOR)
def preview(request: StaffRequest) -> HttpResponse:
    """What the typed rules would change; publishes nothing."""
    try:
        found = publish.preview(_document(Typed(request)))
    except Refused as error:
        return _rules(request, error=error, status=422)
    return _rules(request, found=found)


@require_safe
@staff_page()
def export(request: StaffRequest, version: int) -> FileResponse:
    """One version of the rules as a file."""
    found = publish.version(version) if version < 10**6 else None
    if found is None:
        raise Http404
    content = text.write(found.version.document).encode()
    return download(BytesIO(content), f"advisor-{version}.toml")


def _administrators_only(request: StaffRequest) -> None:
    if not request.user.has_role(Role.ADMINISTRATOR):
        raise Http404


def _document(typed: Typed) -> Any:
    """The document that was typed: as a file, or the rules in force with other figures."""
    now = publish.current()
    if typed.text("based_on") not in {"", str(now.number)}:
        raise Refused("version", f"{now.number} was published meanwhile; look at it and change it again")
    if typed.text("form") != "table":
        return text.read(typed.raw("file"))
    return _refigured(typed, now)


def _refigured(typed: Typed, now: Published) -> dict[str, Any]:
    """The rules in force with the points and levels of the table."""
    document = text.read(text.write(now.version.document))
    for n, band in enumerate(document["bands"]):
        band["from"] = _whole(typed, f"band-{n}", band["from"])
    for question in document["questions"]:
        for answer in question["answers"]:
            name = f"{question['code']}-{answer['code']}"
            answer["points"] = _whole(typed, f"points-{name}", answer["points"])
            for key in ("at_least", "at_most"):
                if f"{key}-{name}" in typed.data:
                    answer.pop(key, None)
                    if said := typed.text(f"{key}-{name}"):
                        answer[key] = said
    return document


def _whole(typed: Typed, name: str, was: int) -> Any:
    """What was typed, as a number where it is one: the check says what is wrong with anything else."""
    if name not in typed.data:
        return was
    said = typed.text(name)
    return int(said) if said.isascii() and said.isdigit() and len(said) < 6 else said


def _rules(
    request: StaffRequest, *, error: Refused | None = None, found: Preview | None = None, status: int = 200
) -> HttpResponse:
    now = publish.current()
    versions = publish.history()
    by_table = request.POST.get("form") == "table"
    context = {
        "page_title": "Advisor's rules",
        "now": timezone.now(),
        "current": now.version,
        "rules": now.rules,
        "ways": f"{survey.ways(now.rules):,}",
        "shares": _shown_shares(publish.shares(now)),
        "bands": _bands(now, request.POST if by_table else {}),
        "questions": _questions(now, request.POST if by_table else {}),
        "combinations": now.version.document.get("combinations", []),
        "versions": [
            (one, publish.differences(versions[n + 1].document, one.document) if n + 1 < len(versions) else [])
            for n, one in enumerate(versions)
        ],
        "file": request.POST["file"] if "file" in request.POST else text.write(now.version.document),
        "form": request.POST.get("form", ""),
        "reason": request.POST.get("reason", ""),
        "refused": f"{error.field}: {error.message}" if error else "",
        "preview": found,
        "preview_shares": _both_shares(found) if found else [],
    }  # fmt: skip
    return frame.page(request, "desk/advisor_rules.html", context, here="advisor", status=status)


def _shown_shares(shares: dict[str, int]) -> list[tuple[str, int, float]]:
    whole = sum(shares.values())
    return [(look.level_name(level), count, 100 * count / whole) for level, count in shares.items()]


def _both_shares(found: Preview) -> list[tuple[str, float, float]]:
    before = sum(was for _, was, _ in found.shares) or 1
    after = sum(then for _, _, then in found.shares) or 1
    return [
        (look.level_name(level), 100 * was / before, 100 * now / after) for level, was, now in found.shares
    ]


def _bands(now: Published, typed: Any) -> list[dict[str, Any]]:
    return [
        {"name": f"band-{n}", "level": look.level_name(level), "value": typed.get(f"band-{n}", points)}
        for n, (points, level) in enumerate(now.rules.bands)
    ]


def _questions(now: Published, typed: Any) -> list[dict[str, Any]]:
    """The table of figures: for each answer its fields with what was typed."""
    return [
        {
            "question": question,
            "answers": [
                {
                    "answer": answer,
                    "name": (name := f"{question.code}-{answer.code}"),
                    "points": typed.get(f"points-{name}", answer.points),
                    "at_least": typed.get(f"at_least-{name}", answer.at_least or ""),
                    "at_most": typed.get(f"at_most-{name}", answer.at_most or ""),
                }
                for answer in question.answers
            ],
        }
        for question in now.rules.questions
    ]
