"""Acts on many tickets of the queue: each ticket its own verb and event, what is refused said for each, and taken
back within ten minutes where the act has an inverse and nobody went on with the ticket."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext
from django.views.decorators.http import require_POST, require_safe

from mainstay.accounts.actor import Actor
from mainstay.accounts.models import User
from mainstay.desk import frame, snoozed
from mainstay.desk.models import Bulk
from mainstay.desk.typed import Typed, zone_of
from mainstay.desk.typed import said as refusal
from mainstay.errors import Refused
from mainstay.tickets import (
    access,
    closure,
    dispatch,
    handover,
    listed,
    resolution,
    severities,
    snoozes,
    snoozing,
    triage,
)
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Category, CloseReason, State, Ticket
from mainstay.ui import ids, words
from mainstay.ui.doors import StaffRequest, staff_page

MOST = 200
WITHIN = timedelta(minutes=10)
Before = dict[str, Any]


@dataclass(frozen=True)
class Doing:
    """One act on one ticket."""

    ticket: Ticket
    typed: Typed
    user: User
    at: datetime

    @property
    def by(self) -> Actor:
        return Actor.staff(self.user)


@dataclass(frozen=True)
class Act:
    """What can be done to many: `label` on the bar with its key, `form` whether something has to be typed first,
    `undo` the inverse, or why there is none."""

    name: str
    label: str
    key: str
    do: Callable[[Doing], None]
    undo: Callable[[Doing, Before], None] | str
    form: bool = True


def _take(one: Doing) -> None:
    dispatch.assign(one.ticket, to=one.user, reason="taken from the queue", by=one.by, at=one.at)


def _give(one: Doing) -> None:
    number = one.typed.number("engineer", "a person of the desk")
    to = User.objects.filter(pk=number, is_active=True).exclude(roles=[]).first()
    if to is None:
        raise Refused("engineer", "is nobody of the desk; choose one from the list")
    reason = one.typed.raw("reason").strip()
    if one.ticket.assignee_id and reason:
        handover.hand_over(one.ticket, to=to, note=reason, by=one.by, at=one.at)
    else:
        dispatch.assign(one.ticket, to=to, reason=reason, by=one.by, at=one.at)


def _give_back(one: Doing, before: Before) -> None:
    to = User.objects.filter(pk=before["assignee"]).first() if before["assignee"] else None
    if to is None:
        dispatch.unassign(one.ticket, reason=_TAKEN_BACK, by=one.by, at=one.at)
    else:
        dispatch.assign(one.ticket, to=to, reason=_TAKEN_BACK, by=one.by, at=one.at)


def _grade(one: Doing) -> None:
    severity, reason = one.typed.text("severity"), one.typed.text("reason")
    triage.change_severity(one.ticket, severity=severity, reason=reason, by=one.by, at=one.at)


def _grade_back(one: Doing, before: Before) -> None:
    triage.change_severity(one.ticket, severity=before["severity"], reason=_TAKEN_BACK, by=one.by, at=one.at)


def _sort(one: Doing) -> None:
    triage.triage(
        one.ticket, severity=one.ticket.severity, category=one.typed.text("category"),
        reason=one.typed.text("reason"), by=one.by, at=one.at,
    )  # fmt: skip


def _sort_back(one: Doing, before: Before) -> None:
    if not before["category"]:
        raise Refused(
            "category", "had not been chosen before, and a ticket cannot go back to none; choose another"
        )
    triage.triage(
        one.ticket, severity=one.ticket.severity, category=before["category"], reason=_TAKEN_BACK, by=one.by,
        at=one.at,
    )  # fmt: skip


def _note(one: Doing) -> None:
    resolution.note(one.ticket, said=Said(one.typed.raw("text").strip(), "desk"), by=one.by, at=one.at)


def _wait(one: Doing) -> None:
    until = one.typed.when("until")
    resolution.wait_for_third_party(one.ticket, for_=one.typed.text("for"), until=until, by=one.by, at=one.at)


def _wait_back(one: Doing, before: Before) -> None:
    if before["state"] != State.OPEN:
        raise Refused(
            "state", "waited for something else before, which is not known any more; say what it waits for"
        )
    resolution.resume(one.ticket, reason=_TAKEN_BACK, by=one.by, at=one.at)


def _close(one: Doing) -> None:
    reason, text = one.typed.text("reason"), one.typed.raw("text")
    left_open = one.typed.text("left_open")
    closure.close(one.ticket, reason=reason, text=text, left_open=left_open, by=one.by, at=one.at)


def _open_again(one: Doing, before: Before) -> None:
    closure.reopen(one.ticket, said=None, reason=_TAKEN_BACK, by=one.by, at=one.at)


def _snooze(one: Doing) -> None:
    snoozed.put_off(one.ticket, one.typed, by=one.by, at=one.at)


def _snooze_back(one: Doing, before: Before) -> None:
    was = before["put off"]
    if was is None:
        snoozing.bring_back(one.ticket, by=one.by, at=one.at)
        return
    until = datetime.fromisoformat(was["until"]) if was["until"] else None
    snoozing.snooze(one.ticket, until=until, note=was["note"], anyway=True, by=one.by, at=one.at)


def _put_off(user: User, ticket: Ticket) -> dict[str, str] | None:
    """How this person had put it off before."""
    held = snoozes.of(user).filter(ticket=ticket).first()
    return {"until": held.until.isoformat() if held.until else "", "note": held.note} if held else None


def _wake(one: Doing) -> None:
    snoozing.bring_back(one.ticket, by=one.by, at=one.at)


_TAKEN_BACK = "taken back"
WAKE = Act(
    "wake", gettext_noop("Bring back"), "z", _wake, _snooze_back, form=False
)  # where snoozed ones stand
ACTS = (
    Act("take", gettext_noop("Assign to me"), "i", _take, _give_back, form=False),
    Act("give", gettext_noop("Assign..."), "a", _give, _give_back),
    Act("severity", gettext_noop("Severity..."), "s", _grade, _grade_back),
    Act("category", gettext_noop("Category..."), "t", _sort, _sort_back),
    Act("note", gettext_noop("Note..."), "n", _note, gettext_noop("a note that was read cannot be unread")),
    Act("wait", gettext_noop("Wait..."), "w", _wait, _wait_back),
    Act("snooze", gettext_noop("Snooze..."), "b", _snooze, _snooze_back),
    Act("close", gettext_noop("Close..."), "e", _close, _open_again),
)
BY_NAME = {act.name: act for act in (*ACTS, WAKE)}


@require_POST
@staff_page()
def bulk(request: StaffRequest) -> HttpResponse:
    """Do it to all that are ticked; an act that needs words shows its form first."""
    typed = Typed(request)
    try:
        act, numbers = _act(typed.text("act")), _numbers(typed.many("ticket"))
    except Refused as error:
        messages.error(request, refusal(error))
        return HttpResponseRedirect(_back(typed.text("next")), status=303)
    if act.form and not typed.flag("go"):
        return _form(request, act, numbers)
    try:
        done = _done(request, act, numbers, typed)
    except Refused as error:
        return _form(request, act, numbers, error)
    refused = [one for one in done.results if "error" in one]
    if refused:
        return HttpResponseRedirect(reverse("desk:bulk_done", args=[done.pk]), status=303)
    back = _back(typed.text("next"))
    return HttpResponseRedirect(f"{back}{'&' if '?' in back else '?'}done={done.pk}", status=303)


def _act(name: str) -> Act:
    if name not in BY_NAME:
        raise Refused("act", "is not chosen; choose what to do with them")
    return BY_NAME[name]


def _numbers(given: Sequence[str]) -> list[int]:
    found = set(ids.read_all(given))
    if not found:
        raise Refused("tickets", "are not chosen; tick some first")
    if len(found) > MOST:
        raise Refused("tickets", f"are {len(found)}; at most {MOST} at once")
    return sorted(found)


def _back(given: str) -> str:
    return (
        given
        if given.startswith("/desk/") and "\\" not in given and "\n" not in given
        else reverse("desk:queue")
    )


def _done(request: StaffRequest, act: Act, numbers: Sequence[int], typed: Typed) -> Bulk:
    """Each ticket by its verb, in the order of their numbers, so that two who do this never wait for each other."""
    try:
        once = uuid.UUID(typed.text("once"))
    except ValueError:
        once = uuid.uuid4()
    asked = {key: typed.text(key) for key in FIELDS if typed.text(key)}
    with transaction.atomic():
        made, new = Bulk.objects.select_for_update().get_or_create(
            once=once, defaults={"by": request.user, "at": timezone.now(), "act": act.name, "asked": asked}
        )
        if not new:
            return made
        for number in numbers:
            made.results.append(_one(request.user, act, number, typed, made.at))
        if all(one.get("field") in FIELDS for one in made.results):  # what was typed is wrong for every one
            raise Refused(made.results[0]["field"], made.results[0]["message"])
        made.save(update_fields=["results"])
    return made


FIELDS = (
    "engineer",
    "reason",
    "severity",
    "category",
    "text",
    "for",
    "until",
    "when",
    "note",
    "anyway",
    "left_open",
)


def _one(user: User, act: Act, number: int, typed: Typed, at: datetime) -> dict[str, Any]:
    ticket = access.visible_to_staff(user).filter(pk=number).first()
    if ticket is None:
        return {"ticket": number, "error": "there is no such ticket"}
    before: Before = {"assignee": ticket.assignee_id, "severity": ticket.severity, "category": ticket.category,
              "state": ticket.state}  # fmt: skip
    if act.name in {"snooze", "wake"}:
        before["put off"] = _put_off(user, ticket)
    try:
        with transaction.atomic():
            act.do(Doing(ticket, typed, user, at))
    except Refused as error:
        return {"ticket": number, "error": f"{error.field.replace('_', ' ')} {error.message}",
                "field": error.field, "message": error.message}  # fmt: skip
    return {"ticket": number, "seq": ticket.last_seq, "before": before}


def _form(
    request: StaffRequest, act: Act, numbers: Sequence[int], error: Refused | None = None
) -> HttpResponse:
    rows = listed.read(access.visible_to_staff(request.user).filter(pk__in=numbers).order_by("pk"), MOST)
    staff = User.objects.exclude(roles=[]).filter(is_active=True).order_by("name")
    context = {
        "page_title": f"{_(act.label)} · {_('Queue')}",
        "act": act,
        "rows": rows,
        "v": request.POST,
        "once": request.POST.get("once") or uuid.uuid4(),
        "back": _back(request.POST.get("next", "")),
        "error": f"{error.field.replace('_', ' ').capitalize()}: {error.message}" if error else "",
        "engineers": [(str(one.pk), one.name) for one in staff if one.may_act],
        "grades": [(str(one["rank"]), f"{one['rank']}, {one['name']}") for one in severities.all_of_them()],
        "categories": Category.choices,
        "reasons": [(one.value, one.label) for one in closure.BY_STAFF if one != CloseReason.OUT_OF_SCOPE],
        "zone": zone_of(request.user),
        "until": snoozed.choices(None, timezone.now(), zone_of(request.user)),
    }
    return frame.page(request, "desk/bulk.html", context, here="queue", status=422 if error else 200)


@require_safe
@staff_page()
def done(request: StaffRequest, number: int) -> HttpResponse:
    """What came of it, ticket by ticket."""
    made = Bulk.objects.filter(pk=number).select_related("by").first()
    if made is None:
        raise Http404
    context = {
        "page_title": _("What was done"),
        "made": made,
        "act": BY_NAME[made.act],
        **undo_of(request.user, number),
    }
    return frame.page(request, "desk/bulk_done.html", context, here="queue")


def undo_of(user: User, number: int) -> dict[str, Any]:
    """What the page says of a bulk act that this person did a moment ago, with the button that takes it back."""
    made = Bulk.objects.filter(pk=number, by=user).first()
    if made is None:
        return {}
    n = sum("error" not in one for one in made.results)
    act = BY_NAME[made.act]
    said = ngettext("%(n)s ticket: %(act)s.", "%(n)s tickets: %(act)s.", n) % {
        "n": n,
        "act": _(act.label).strip("."),
    }
    if isinstance(act.undo, str):
        return {"flash": f"{said} {_(act.undo).capitalize()}."}
    if not n or made.undone_at is not None or timezone.now() > made.at + WITHIN:
        return {}
    until = _("It can be taken back until %(time)s.") % {"time": words.clock(made.at + WITHIN, zone_of(user))}
    return {"undo": {"words": f"{said} {until}", "url": reverse("desk:bulk_undo", args=[made.pk])}}


@require_POST
@staff_page()
def undo(request: StaffRequest, number: int) -> HttpResponse:
    """Take it back: for each ticket the inverse, by an event of its own, unless somebody went on since."""
    with transaction.atomic():
        made = Bulk.objects.select_for_update().filter(pk=number, by=request.user).first()
        if made is None:
            raise Http404
        inverse = BY_NAME[made.act].undo
        at = timezone.now()
        if made.undone_at is not None:
            raise Refused("act", "was taken back already")
        if isinstance(inverse, str) or at > made.at + WITHIN:
            raise Refused("act", "cannot be taken back any more; do the opposite by hand")
        for result in made.results:
            if "error" not in result:
                made.undone.append(_undone(request, inverse, result, at))
        made.undone_at = at
        made.save(update_fields=["undone", "undone_at"])
    stays = [one for one in made.undone if "error" in one]
    if stays:
        return HttpResponseRedirect(reverse("desk:bulk_done", args=[made.pk]), status=303)
    n = len(made.undone)
    messages.success(
        request, ngettext("Taken back for %(n)s ticket.", "Taken back for %(n)s tickets.", n) % {"n": n}
    )
    return HttpResponseRedirect(reverse("desk:queue"), status=303)


def _undone(
    request: StaffRequest, inverse: Callable[[Doing, Before], None], result: dict[str, Any], at: datetime
) -> dict[str, Any]:
    number = int(result["ticket"])
    ticket = access.visible_to_staff(request.user).filter(pk=number).first()
    if ticket is None or ticket.last_seq != result["seq"]:
        return {"ticket": number, "error": "went on since; it stays as it is"}
    try:
        with transaction.atomic():
            inverse(Doing(ticket, Typed(request), request.user, at), result["before"])
    except Refused as error:
        return {"ticket": number, "error": f"{error.field.replace('_', ' ')} {error.message}"}
    return {"ticket": number}
