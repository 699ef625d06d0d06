"""Tasks of a ticket, on its page: added, ended, opened again; each end has its way back there."""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_POST

from mainstay.accounts.actor import Actor
from mainstay.desk import beside, shown
from mainstay.desk import ticket as pages
from mainstay.desk.acting import Act, Do
from mainstay.desk.panels import Refusal
from mainstay.desk.tasks import work_of
from mainstay.desk.typed import Typed
from mainstay.errors import Refused
from mainstay.maintenance import tasks
from mainstay.maintenance.models import Task
from mainstay.tickets import access
from mainstay.ui.doors import StaffRequest, staff_page


def add(one: Act) -> str:
    """Something to be done for the ticket, in somebody's hands, until a day."""
    made = tasks.open_task(
        work_of(one.typed), customer=one.ticket.customer, ticket=one.ticket, by=one.by, at=one.at
    )
    return f"A task for {made.hands}, due {made.due_on:%-d %B %Y}."


ACTS: tuple[tuple[str, str, Do], ...] = (("task", "tasks", add),)

Change = Callable[[Task, Actor, str], object]


def _change(what: Change, *, way_back: bool) -> Callable[..., HttpResponseBase]:
    """The view of an act on one task of a ticket; with `way_back` its page offers to take it back."""

    @require_POST
    @staff_page()
    def view(request: StaffRequest, number: int, task: int) -> HttpResponse:
        access.for_staff(request.user, number)
        found = Task.objects.filter(ticket=number, pk=task).first()
        if found is None:
            raise Http404
        try:
            what(found, Actor.staff(request.user), Typed(request).raw("words"))
        except Refused as error:
            refusal = Refusal("task-change", error.field, error.message, request.POST)
            again = beside.ticket(request.user, number)
            return pages.show(request, again, refused=refusal, status=422)
        ended = f"?ended={task}" if way_back else ""
        return HttpResponseRedirect(f"{shown.ticket_url(number)}{ended}#tasks-of", status=303)

    return view


def _end(task: Task, by: Actor, words: str) -> None:
    tasks.end_task(task, outcome=words, by=by, at=timezone.now())


def _drop(task: Task, by: Actor, words: str) -> None:
    tasks.end_task(task, outcome=words, dropped=True, by=by, at=timezone.now())


def _open(task: Task, by: Actor, words: str) -> None:
    tasks.open_again(task, reason=words, by=by, at=timezone.now())


done = _change(_end, way_back=True)
removal = _change(_drop, way_back=True)
reopening = _change(_open, way_back=False)
