"""What waits for one's own word: where one is named, appointments, handovers, tasks, customers of others."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import DateField, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from mainstay.accounts import standing_in
from mainstay.accounts.models import Role
from mainstay.desk import shown
from mainstay.desk.typed import zone_of
from mainstay.desk.waiting import FEW, SOON, Asking, Line, Part, day_words
from mainstay.maintenance import tasks
from mainstay.maintenance.models import Task
from mainstay.notices import deliveries
from mainstay.notices.models import Delivery
from mainstay.prepared import Arg, Prepared
from mainstay.tickets import appointments, handover, sentences
from mainstay.tickets.models import Appointment, Handover


def own(asking: Asking) -> Part:
    """What they wanted to be reminded of and where they are named, until they say that they have seen it."""
    rows = _OWN.all(user=asking.user.pk)
    lines = [
        Line(f"{one.ticket_id} {one.ticket.subject}", _place(one), _aside(one), at=one.created_at)
        for one in rows if one.ticket is not None
    ]  # fmt: skip
    return Part("own", _("For you"), tuple(lines), notices=tuple(one.pk for one in rows))


_OWN = Prepared(lambda: deliveries.own(Arg("user"), most=FEW))


def _aside(one: Delivery) -> str:
    """Why it is here, and in whose words."""
    if one.event is None:
        return ""
    if one.template == "mentioned":
        return _("%(name)s names you in a note") % {"name": one.event.text.by_name}
    because = sentences.back_because(str(one.event.after.get("because")))
    note = one.event.text.why if hasattr(one.event, "text") else ""
    return f"{because}: {note}" if note else because


def _place(one: Delivery) -> str:
    """The ticket; of a note, the very place."""
    note = one.event.text.detail.get("message") if one.template == "mentioned" and one.event else None
    return shown.ticket_url(one.ticket_id or 0) + (f"#m{note}" if note else "")


def meetings(asking: Asking) -> Part:
    """What they take part in within a week."""
    rows = _MEETINGS.all(user=asking.user.pk, since=asking.at, until=asking.at + SOON)
    lines = [
        Line(f"{str(one.get_kind_display()).capitalize()}: {one.about}",
             f"{shown.ticket_url(one.ticket_id)}#appointments", _meets(one), at=one.starts_at,
             hot=one.starts_at <= asking.at + timedelta(minutes=15))
        for one in rows
    ]  # fmt: skip
    return Part("appointments", _("Appointments"), tuple(lines))


_MEETINGS = Prepared(
    lambda: appointments.of(Arg("user"), since=Arg.instant("since"), until=Arg.instant("until")).order_by(
        "starts_at", "pk"
    )[:FEW]
)


def _meets(one: Appointment) -> str:
    """With whom, and what they asked for since."""
    who = one.ticket.customer.name if one.ticket.customer else one.ticket.requester_name
    return _("%(who)s asks for another time") % {"who": one.wish_by} if one.wish else who


def handed(asking: Asking) -> Part:
    """What was handed over to them and waits for their word; for those who lead, what nobody has accepted in time."""
    leads = bool(asking.roles & {Role.MANAGER, Role.TRIAGE})
    rows = (_HANDED_OR_LATE if leads else _HANDED).all(user=asking.user.pk)
    lines = [
        Line(f"{one.ticket_id} {one.ticket.subject}", reverse("desk:handover"), _from(one), at=one.accept_by,
             hot=one.accept_by <= asking.at)
        for one in rows
    ]  # fmt: skip
    return Part(
        "handed", _("Handed over: to accept until"), tuple(lines), reverse("desk:handover"), _("handover")
    )


_HANDED = Prepared(lambda: handover.waiting().filter(to=Arg("user"))[:FEW])
_HANDED_OR_LATE = Prepared(
    lambda: handover.waiting().filter(Q(to=Arg("user")) | Q(told_at__isnull=False))[:FEW]
)


def _from(one: Handover) -> str:
    giver = one.given_by.name if one.given_by else _("somebody")
    return _("from %(giver)s to %(to)s") % {"giver": giver, "to": one.to.name}


def instead(asking: Asking) -> Part:
    """Whose customers one looks after while they are away."""
    lines = [
        Line(_("You stand in for %(name)s") % {"name": one.person.name},
             f"{reverse('desk:portfolio')}?tam={one.person_id}", _("until"), at=one.ends_at)
        for one in _INSTEAD.all(user=asking.user.pk, at=asking.at)
    ]  # fmt: skip
    return Part("instead", _("In somebody's stead"), tuple(lines), reverse("desk:portfolio"), _("portfolio"))


_INSTEAD = Prepared(
    lambda: (
        standing_in.at_work(Arg.instant("at")).filter(stand_in=Arg("user")).order_by("ends_at", "pk")[:FEW]
    )
)


def work(asking: Asking) -> Part:
    """The tasks in one's own hands, or in those of a team of theirs, that are due within a week."""
    due, zone = _TASKS.all(user=asking.user.pk, until=asking.today + SOON), zone_of(asking.user)
    lines = [
        Line(one.title, _of_task(one), _whose(one), at=one.due_at, by=day_words(one.due_on),
             hot=one.late(asking.at, zone))
        for one in due
    ]  # fmt: skip
    return Part("tasks", _("Tasks due"), tuple(lines), reverse("desk:tasks"), _("all of yours"))


_TASKS = Prepared(lambda: tasks.due(owner=Arg("user")).filter(due_on__lte=Arg("until", DateField()))[:FEW])


def _of_task(task: Task) -> str:
    """Where it is done: on its ticket, else on its own page."""
    own = reverse("desk:task", args=[task.pk])
    return f"{shown.ticket_url(task.ticket_id)}#tasks-of" if task.ticket_id else own


def _whose(task: Task) -> str:
    """The ticket or customer that it is for, and the team that has it."""
    about = f"{task.ticket_id} {task.ticket.subject[:60]}" if task.ticket else str(task.customer or "")
    return ", ".join(one for one in (about, str(task.team or "")) if one)
