"""Everything that can be gone to or set, with one search over it; and the first hour after installation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.views.decorators.http import require_POST, require_safe

from mainstay.accounts import acts
from mainstay.accounts.actor import Actor
from mainstay.accounts.models import Act, Role, Team, User
from mainstay.catalogue import publish
from mainstay.contracts.models import Contract
from mainstay.customers.models import Product
from mainstay.desk import frame
from mainstay.desk.places import PLACES
from mainstay.intake.models import Mailbox
from mainstay.notices.models import Delivery
from mainstay.ui.doors import StaffRequest, staff_page

MOST = 60
SKIPPED = "first hour skipped"
CLOSING = {
    "solution_reminders": later("reminders after a proposed solution"),
    "solution_closes": later("a proposed solution closes by itself after"),
    "question_reminders": later("reminders after a question"),
    "question_closes": later("a question without an answer closes after"),
    "reopen_window": later("a reply reopens within"),
}


@dataclass(frozen=True)
class Found:
    """A page or a setting: what it is, as it is now, and where it is changed."""

    what: str
    now: str
    url: str


@dataclass(frozen=True)
class Step:
    """One step of the first hour: done or not, as the facts say."""

    what: str
    says: str
    url: str
    done: bool


@require_safe
@staff_page()
def everything(request: StaffRequest) -> HttpResponse:
    """Every place by what it is for; with `q`, every page and setting that has all its words."""
    asked = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    found = frame.counts(request.user)
    steps = first_hour(request.user)
    context = {
        "page_title": _("Everything"),
        "groups": frame.everything(request.user, found),
        "query": asked,
        "query_url": reverse("desk:more"),
        "query_hint": _("pages and settings"),
        "hits": _hits(request.user, asked) if asked else [],
        "steps": steps,
        "left": sum(not one.done for one in steps),
    }
    return frame.page(request, "desk/more.html", context, here="more", found=found)


def _hits(user: User, asked: str) -> list[Found]:
    words = asked.lower().split()
    said = [
        (Found(str(one.label), str(one.says), reverse(f"desk:{one.name}")), one.words)
        for one in PLACES if one.opens_for(user)
    ]  # fmt: skip
    all_of_it = [*said, *((one, "") for one in _settings())]
    return [
        one
        for one, more in all_of_it
        if all(word in f"{one.what} {one.now} {more}".lower() for word in words)
    ][:MOST]


def _settings() -> Iterator[Found]:
    """What is configured now: the desk policy part by part, levels, packages, teams, mailboxes, products."""
    policy: Any = publish.current_desk_policy().document
    desk = reverse("desk:document", args=["policy", publish.DESK_POLICY])
    for row in policy["severities"]:
        yield Found(
            _("Severity %(rank)s") % {"rank": row["rank"]}, f"{row['name']}: {row['definition']}", desk
        )
    for row in policy["exclusions"]:
        yield Found(_("What is not covered"), row["title"], desk)
    for name in policy.get("calendars", {}):
        yield Found(_("Calendar"), name, desk)
    yield Found(_("Business hours"), _("the calendar of the desk, with its holidays"), desk)
    for key, value in policy["closing"].items():
        said = ", ".join(value) if isinstance(value, list) else str(value)
        yield Found(_("Closing rule"), f"{CLOSING.get(key, key)}: {said}", desk)
    yield Found(_("Queue ceiling"), f"{policy['queue_ceiling_days']} {_('days')}", desk)
    yield Found(
        _("Handover: accept within minutes"), str(policy.get("accept_within_minutes", "15, 60, 240")), desk
    )
    for level in publish.current_levels():
        yield Found(_("Service level"), level.name, reverse("desk:document", args=["level", level.code]))
    for box in publish.current_packages():
        yield Found(_("Package"), box.name, reverse("desk:document", args=["package", box.code]))
    for team in Team.objects.order_by("name")[:MOST]:
        yield Found(_("Team"), team.name, reverse("desk:team", args=[team.code]))
    for product in Product.objects.order_by("name")[:MOST]:
        yield Found(_("Product"), product.name, reverse("desk:releases", args=[product.code]))


# ---- the first hour


def first_hour(user: User) -> list[Step]:
    """What a new desk needs, each step done as soon as the facts say so; nothing once skipped, or for others."""
    if not (user.may_act and Role.ADMINISTRATOR in user.roles):
        return []
    if Act.objects.filter(kind=SKIPPED).exists():
        return []
    sent = Delivery.objects.filter(channel=Delivery.Channel.EMAIL, state=Delivery.State.SENT)
    mail = (
        settings.SUPPORT_ADDRESS != "support@vendor.example" or Mailbox.objects.filter(active=True).exists()
    )
    steps = [
        Step(_("Name the desk"), _("MAINSTAY_VENDOR_NAME: the name in mails and pages"), "",
             settings.VENDOR_NAME != "Vendor"),
        Step(_("A mailbox"), _("the address that customers write to"), reverse("desk:mailboxes"), mail),
        Step(_("A first product"), _("what you support, with its releases"), reverse("desk:products"),
             Product.objects.exists()),
        Step(_("A first contract"), _("a customer and the package they bought"), reverse("desk:draft_new"),
             Contract.objects.exists()),
        Step(_("A first colleague"), _("somebody who can take over"), reverse("desk:people"),
             User.objects.exclude(roles=[]).filter(is_active=True).exclude(pk=user.pk).exists()),
        Step(_("A test mail"), _("write to your support address: it is acknowledged, and the answer leaves"),
             reverse("desk:outbox"), sent.exists()),
    ]  # fmt: skip
    return steps if any(not one.done for one in steps) else []


@require_POST
@staff_page(Role.ADMINISTRATOR)
def skip(request: StaffRequest) -> HttpResponse:
    """The checklist is not shown any more; the log says who did not want it."""
    if not Act.objects.filter(kind=SKIPPED).exists():
        acts.record(SKIPPED, "checklist", by=Actor.staff(request.user), at=timezone.now())
    return HttpResponseRedirect(reverse("desk:more"), status=303)
