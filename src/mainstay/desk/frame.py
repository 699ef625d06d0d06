"""What surrounds every page of the desk: the rail with its counts, the person, the zone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from mainstay.accounts.models import Role, User
from mainstay.advisor import leads
from mainstay.allowances import decisions
from mainstay.desk.typed import zone_of
from mainstay.intake.models import Mail
from mainstay.maintenance.models import Task
from mainstay.notices.models import Delivery
from mainstay.tickets import access
from mainstay.tickets.models import State, Step
from mainstay.ui.shapes import NavGroup, NavItem

AGREE = (Role.MANAGER, Role.SALES)  # who agrees with customers; an administrator holds these roles too
UNTRIAGED = [Step.ACKNOWLEDGEMENT, Step.TRIAGE]


def counts(user: User) -> dict[str, int]:
    """How many open tickets each view holds: one query over the open ones."""
    return access.visible_to_staff(user).exclude(state=State.CLOSED).aggregate(
        open=Count("pk"),
        mine=Count("pk", filter=Q(assignee=user)),
        nobody=Count("pk", filter=Q(assignee__isnull=True)),
        triage=Count("pk", filter=Q(step__in=UNTRIAGED)),
        grave=Count("pk", filter=Q(severity=1)),
        waiting=Count("pk", filter=Q(state=State.WAITING_CUSTOMER)),
        emergencies=Count("pk", filter=~Q(emergency=[]) & Q(emergency_seen_at__isnull=True)),
    )  # fmt: skip


def held_count() -> int:
    """Mails that wait for a person."""
    return Mail.objects.filter(state__in=[Mail.State.HELD, Mail.State.QUARANTINE]).count()


def unseen_count(user: User) -> int:
    """Notices in the desk that this person has not seen."""
    return Delivery.objects.filter(
        user=user, seen_at__isnull=True, channel=Delivery.Channel.DESK
    ).count()  # fmt: skip


def due_count(user: User) -> int:
    """Open tasks in this person's hands."""
    return Task.objects.filter(owner=user, state=Task.State.OPEN).count()


def page(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    *,
    here: str = "",
    status: int = 200,
    found: dict[str, int] | None = None,
) -> HttpResponse:
    """A page of the desk: `here` is the line of the rail it belongs to, `found` the counts if they are known."""
    user: User = request.user  # type: ignore[assignment]
    now = context.get("now") or timezone.now()
    nav = rail(user, here, found or counts(user))
    shared = {
        "nav": nav,
        "tabs": _tabs(nav, here),
        "home_url": reverse("desk:now"),
        "sign_out_url": "/sign-out",
        "password_url": "/password",
        "me": {"name": user.name, "note": user.time_zone},
        "may_act": user.may_act,
        "may_administer": user.may_act and user.has_role(Role.ADMINISTRATOR),
        "may_manage": user.may_act and user.has_role(Role.MANAGER),
        "may_agree": user.may_act and user.has_role(*AGREE),
        "now": now,
        "zone": zone_of(user),
    }
    return render(request, template, shared | context, status=status)


def rail(user: User, here: str, found: dict[str, int]) -> tuple[NavGroup, ...]:
    """The lines of the rail, by what they are for."""
    held, unseen = held_count(), unseen_count(user)

    def line(name: str, label: str, key: str, count: int = 0, hot: bool = False) -> NavItem:
        return NavItem(
            label=label, url=reverse(f"desk:{name}"), count=count or "", hot=bool(count) and hot,
            current=here == name, key=key,
        )  # fmt: skip

    work = (
        line("now", "Now", "g n", unseen, bool(found["emergencies"])),
        line("queue", "Queue", "g q", found["open"]),
        line("triage", "Triage", "g t", found["triage"], bool(found["emergencies"])),
        line("held", "Held mail", "g h", held),
        line("not_entitled", "Not entitled", "g e", decisions.waiting().count()),
        line("outbox", "Outbox", "g o"),
        line("tasks", "Tasks", "g d", due_count(user)),
    )
    house = (
        line("customers", "Customers", "g c"),
        line("contract_list", "Contracts", "g s"),
        line("kpis", "KPIs", "g k"),
        line("catalogue", "Catalogue", "g l"),
        line("prices", "Prices", "g i"),
        line("advisor", "Advisor", "g v", leads.waiting() if user.has_role(*AGREE) else 0),
        line("products", "Products", "g r"),
        line("maintenance", "Maintenance", "g u"),
        line("people", "People", "g p"),
        line("teams", "Teams", "g m"),
        *(
            (line("mailboxes", "Mailboxes", "g b"),)
            if user.has_role(Role.ADMINISTRATOR, Role.AUDITOR)
            else ()
        ),
        *((line("log", "Log", "g a"),) if user.has_role(Role.ADMINISTRATOR, Role.AUDITOR) else ()),
    )
    return NavGroup(items=work), NavGroup(items=house, title="Organisation")


def _tabs(nav: tuple[NavGroup, ...], here: str) -> tuple[NavItem, ...]:
    """The rail on a phone: what is used most, and the rest behind one word."""
    first = nav[0].items[:4]
    known = {item.url for item in first}
    more = NavItem(
        label="More",
        url=reverse("desk:more"),
        current=here == "more" or any(i.current for group in nav for i in group.items if i.url not in known),
    )
    return (*first, more)


def when_is(request: HttpRequest) -> datetime:
    """Now, for a request; in one place so that a page says one time."""
    return timezone.now()
