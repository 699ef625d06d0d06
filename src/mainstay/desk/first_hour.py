"""The first hour after installation: a short checklist that ticks itself, can be skipped, and comes back when asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Exists, Subquery
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from mainstay.accounts import acts
from mainstay.accounts.actor import Actor
from mainstay.accounts.models import Act, Role, User
from mainstay.contracts.models import Contract
from mainstay.customers.models import Product
from mainstay.desk.typed import Typed
from mainstay.intake.models import Mailbox
from mainstay.notices.models import Delivery
from mainstay.ui.doors import StaffRequest, staff_page

SKIPPED, BACK = "first hour skipped", "first hour brought back"


@dataclass(frozen=True)
class Step:
    """One step of the first hour: done or not, as the facts say."""

    what: str
    says: str
    url: str
    done: bool


@dataclass(frozen=True)
class Hour:
    """The checklist of one person: its steps, none when all is done or for others than administrators; whether
    somebody skipped it."""

    steps: list[Step]
    skipped: bool

    @property
    def left(self) -> int:
        """How many steps are left to whoever is shown them."""
        return sum(not one.done for one in self.steps)


def of(user: User) -> Hour:
    """What a new desk needs, each step done as soon as the facts say so: one statement."""
    if not (user.may_act and Role.ADMINISTRATOR in user.roles):
        return Hour([], skipped=False)
    facts = _facts(user)
    skipped = (facts["skipped"] or 0) > (facts["back"] or 0)
    found = [] if skipped else _steps(facts)
    return Hour(found if any(not one.done for one in found) else [], skipped)


def _facts(user: User) -> dict[str, Any]:
    sent = Delivery.objects.filter(channel=Delivery.Channel.EMAIL, state=Delivery.State.SENT)
    others = User.objects.exclude(roles=[]).filter(is_active=True).exclude(pk=user.pk)
    newest = {name: Act.objects.filter(kind=kind).order_by("-pk").values("pk")[:1]
              for name, kind in (("skipped", SKIPPED), ("back", BACK))}  # fmt: skip
    asked = User.objects.filter(pk=user.pk).annotate(
        mailbox=Exists(Mailbox.objects.filter(active=True)),
        product=Exists(Product.objects.all()),
        contract=Exists(Contract.objects.all()),
        colleague=Exists(others),
        sent=Exists(sent),
        hours=Exists(Act.objects.filter(kind="desk policy published")),  # by a person: they are theirs then
        **{name: Subquery(one) for name, one in newest.items()},
    )
    names = ("mailbox", "product", "contract", "colleague", "sent", "hours", "skipped", "back")
    return dict(asked.values(*names).get())


def _steps(facts: Mapping[str, Any]) -> list[Step]:
    named = settings.VENDOR_NAME != "Vendor"
    mail = settings.SUPPORT_ADDRESS != "support@vendor.example" or facts["mailbox"]
    return [
        Step(_("Name the desk"), _("set MAINSTAY_VENDOR_NAME, the name in mails and pages, and start again"), "",
             named),
        Step(_("A mailbox"), _("the address that customers write to"), reverse("desk:mailboxes"), mail),
        Step(_("A first product"), _("what you support, with its releases"), reverse("desk:products"),
             facts["product"]),
        Step(_("Your hours"), _("when you are there, and on which days you are not"),
             reverse("desk:business_hours", args=["desk"]), facts["hours"]),
        Step(_("A first contract"), _("a customer and the package they bought"), reverse("desk:draft_new"),
             facts["contract"]),
        Step(_("A first colleague"), _("somebody who can take over"), reverse("desk:people"), facts["colleague"]),
        Step(_("A test mail"), _("write to your support address: it is acknowledged, and the answer leaves"),
             reverse("desk:outbox"), facts["sent"]),
    ]  # fmt: skip


@require_POST
@staff_page(Role.ADMINISTRATOR)
def skip(request: StaffRequest) -> HttpResponse:
    """The checklist is not shown any more, or (`back`) again; the log says who wanted it so."""
    wanted = BACK if Typed(request).flag("back") else SKIPPED
    if of(request.user).skipped == (wanted == BACK):
        acts.record(wanted, "checklist", by=Actor.staff(request.user), at=timezone.now())
    return HttpResponseRedirect(reverse("desk:more"), status=303)
