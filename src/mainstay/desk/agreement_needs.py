"""What waits about agreements: nothing covers a request, a contract is negotiated or ends, a credit is claimed."""

from __future__ import annotations

from typing import Final

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mainstay.accounts.models import Role
from mainstay.advisor.models import Lead
from mainstay.allowances import decisions
from mainstay.contracts import drafts, renewals
from mainstay.contracts.models import Draft
from mainstay.customers import subscriptions
from mainstay.desk import shown
from mainstay.desk.waiting import FEW, Asking, Line, Part, day_words
from mainstay.prepared import Arg, Prepared
from mainstay.reports import causes, kept
from mainstay.reports.models import Cause, Credit

ENDING: Final = 60  # days ahead in which a contract's end is somebody's affair


def undecided(asking: Asking) -> Part:
    """Requests that nothing covers."""
    rows = _UNDECIDED.all()
    lines = [
        Line(f"{one.ticket_id} {one.ticket.subject}", shown.ticket_url(one.ticket_id),
             str(one.ticket.customer or _("nobody we know")), at=one.asked_at)
        for one in rows
    ]  # fmt: skip
    where = reverse("desk:not_entitled")
    return Part("undecided", _("Nothing covers them: serve, offer or decline"), tuple(lines), where, _("all"))


_UNDECIDED = Prepared(lambda: decisions.waiting().select_related("ticket__customer")[:FEW])


def negotiated(asking: Asking) -> Part:
    """Offers that wait for an approval, and those of one's own that are being negotiated."""
    approving = bool(asking.roles & {Role.MANAGER})
    rows = (_OFFERS_TO_APPROVE if approving else _OFFERS).all(user=asking.user.pk)
    lines = [
        Line(f"{one.number}, {one.customer.name}", reverse("desk:draft", args=[one.pk]),
             f"{one.package.name}: {one.get_state_display()}")
        for one in rows
    ]  # fmt: skip
    where = reverse("desk:contract_list")
    return Part("drafts", _("Contracts being negotiated"), tuple(lines), where, _("all contracts"))


def _offers(approving: bool) -> QuerySet[Draft]:
    mine = Q(owner=Arg("user"), state__in=drafts.OPEN)
    asked = mine | Q(state=Draft.State.SUBMITTED) if approving else mine
    return Draft.objects.filter(asked).select_related("customer", "package").order_by("-pk")[:FEW]


_OFFERS, _OFFERS_TO_APPROVE = Prepared(lambda: _offers(False)), Prepared(lambda: _offers(True))


def ending(asking: Asking) -> Part:
    """Contracts that end: a TAM's own customers', for sales everybody's."""
    rows = renewals.ending(asking.today, ENDING)
    if not asking.roles & {Role.SALES, Role.MANAGER}:
        rows = [one for one in rows if asking.user in (one.contract.tam, one.contract.customer.tam)]
    lines = [
        Line(f"{one.contract.number}, {one.contract.customer.name}",
             reverse("desk:contract", args=[one.contract.pk]),
             _("renewal begun") if one.draft else "", by=_ends(one.days))
        for one in rows[:FEW]
    ]  # fmt: skip
    where = reverse("desk:renewals")
    return Part("ending", _("Contracts that end, and nothing follows"), tuple(lines), where, _("all of them"))


def _ends(days: int) -> str:
    return ngettext("in %(n)s day", "in %(n)s days", days) % {"n": days} if days else _("today")


def subscribed(asking: Asking) -> Part:
    """Subscriptions that end, or have just ended."""
    rows = subscriptions.ending(asking.today, within=30, past=7)[:FEW]
    lines = [
        Line(f"{one.customer.name}, {one.product.name if one.product else _('all products')}",
             reverse("desk:subscription", args=[one.customer.code, one.pk]),
             by=day_words(one.ends_on), hot=one.ends_on < asking.today)
        for one in rows
    ]  # fmt: skip
    return Part(
        "subscriptions", _("Subscriptions that end"), tuple(lines), reverse("desk:ending"), _("all of them")
    )


def leads(asking: Asking) -> Part:
    """Those who asked sales to write to them."""
    rows = _LEADS.all()
    lines = [Line(one.organisation or one.name, reverse("desk:leads"), one.name, at=one.at) for one in rows]
    return Part(
        "leads", _("They asked sales to write to them"), tuple(lines), reverse("desk:leads"), _("all")
    )


_LEADS = Prepared(lambda: Lead.objects.filter(state=Lead.State.NEW).order_by("at", "pk")[:FEW])


def excuses(asking: Asking) -> Part:
    """Excuses that a manager has not decided about."""
    lines = [
        Line(one.excuse[:120], _where(one), _("asked by %(name)s") % {"name": one.by.name}, at=one.at)
        for one in causes.waiting(FEW)
    ]
    return Part(
        "excuses", _("Excuses that wait for your decision"), tuple(lines), reverse("desk:kpis"), _("KPIs")
    )


def credits(asking: Asking) -> Part:
    """Credits that are claimed or granted."""
    found = _CREDITS.all()
    named = kept.titles(one.figure_id for one in found)
    lines = [
        Line(one.customer.name, reverse("desk:kpi_customer", args=[one.customer.code]),
             f"{named[one.figure_id]}: {one.get_state_display()}")
        for one in found
    ]  # fmt: skip
    return Part("credits", _("Credits to decide or pay"), tuple(lines), reverse("desk:kpis"), _("KPIs"))


_CREDITS = Prepared(
    lambda: (
        Credit.objects.filter(state__in=(Credit.State.CLAIMED, Credit.State.GRANTED))
        .select_related("customer")
        .order_by("pk")[:FEW]
    )
)


def excused(asking: Asking) -> Part:
    """What was excused lately, and by whom."""
    rows = Cause.objects.filter(approved=True).select_related("decided_by", "outage__environment__customer")
    lines = [
        Line(one.excuse[:120], _where(one), one.decided_by.name if one.decided_by else "", at=one.decided_at)
        for one in rows.order_by("-pk")[:FEW]
    ]
    return Part("excused", _("Excused lately, and by whom"), tuple(lines))


def _where(cause: Cause) -> str:
    if cause.ticket_id:
        return reverse("desk:why", args=[cause.ticket_id, cause.clock, cause.n])
    assert cause.outage is not None
    return reverse("desk:kpi_systems", args=[cause.outage.environment.customer.code])
