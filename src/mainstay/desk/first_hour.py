"""The first hour after installation: a short checklist that ticks itself, can be skipped, and comes back when asked."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
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


def steps(user: User) -> list[Step]:
    """What a new desk needs, each done as soon as the facts say so; nothing once skipped, when all is done, or for
    others than administrators."""
    if not _is_theirs(user) or skipped():
        return []
    found = _steps(user)
    return found if any(not one.done for one in found) else []


def skipped() -> bool:
    """Whether somebody did not want it, and nobody brought it back since."""
    last = acts.latest([SKIPPED, BACK])
    return SKIPPED in last and (BACK not in last or last[BACK].pk < last[SKIPPED].pk)


def may_come_back(user: User) -> bool:
    """Whether it was skipped, for whom it may be shown again."""
    return _is_theirs(user) and skipped()


def _is_theirs(user: User) -> bool:
    return user.may_act and Role.ADMINISTRATOR in user.roles


def _steps(user: User) -> list[Step]:
    sent = Delivery.objects.filter(channel=Delivery.Channel.EMAIL, state=Delivery.State.SENT)
    mail = (
        settings.SUPPORT_ADDRESS != "support@vendor.example" or Mailbox.objects.filter(active=True).exists()
    )
    return [
        Step(_("Name the desk"), _("set MAINSTAY_VENDOR_NAME, the name in mails and pages, and start again"), "",
             settings.VENDOR_NAME != "Vendor"),
        Step(_("A mailbox"), _("the address that customers write to"), reverse("desk:mailboxes"), mail),
        Step(_("A first product"), _("what you support, with its releases"), reverse("desk:products"),
             Product.objects.exists()),
        Step(_("Your hours"), _("when you are there, and on which days you are not"),
             reverse("desk:business_hours", args=["desk"]), _hours_were_looked_at()),
        Step(_("A first contract"), _("a customer and the package they bought"), reverse("desk:draft_new"),
             Contract.objects.exists()),
        Step(_("A first colleague"), _("somebody who can take over"), reverse("desk:people"),
             User.objects.exclude(roles=[]).filter(is_active=True).exclude(pk=user.pk).exists()),
        Step(_("A test mail"), _("write to your support address: it is acknowledged, and the answer leaves"),
             reverse("desk:outbox"), sent.exists()),
    ]  # fmt: skip


def _hours_were_looked_at() -> bool:
    """Whether the desk policy was ever published by a person: its hours are theirs then."""
    return Act.objects.filter(kind="desk policy published").exists()


@require_POST
@staff_page(Role.ADMINISTRATOR)
def skip(request: StaffRequest) -> HttpResponse:
    """The checklist is not shown any more, or (`back`) again; the log says who wanted it so."""
    wanted = BACK if Typed(request).flag("back") else SKIPPED
    if skipped() == (wanted == BACK):
        acts.record(wanted, "checklist", by=Actor.staff(request.user), at=timezone.now())
    return HttpResponseRedirect(reverse("desk:more"), status=303)
