"""What can be done with a ticket: a line of drawers, each with its form, which is fetched when it is opened.

A drawer stands open, with its form, when it is the next step, when the address asks for it (`?do=`), or when its
act was just refused. Without a script a closed one holds a link to the page with it open.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from mainstay.desk import entitling, work
from mainstay.desk.panels import Panel, Panels
from mainstay.tickets import dispatch, resolution
from mainstay.tickets.models import State, Step, Ticket

UNTRIAGED = {Step.ACKNOWLEDGEMENT, Step.TRIAGE}
WAITS = {State.WAITING_CUSTOMER, State.WAITING_THIRD}

More = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """One drawer: its label and key, the acts whose refusal opens it, and what its form is filled with."""

    label: Any
    key: str
    acts: tuple[str, ...]
    fill: Callable[[Panels], More]


@dataclass(frozen=True)
class Drawer:
    """A drawer on one page: `html` is its form when it stands open, empty while it is only an address."""

    name: str
    label: str
    key: str
    url: str
    html: SafeString
    tag: str = ""


def _only(name: str, make: Callable[[Panels], Panel]) -> Callable[[Panels], More]:
    def fill(panels: Panels) -> More:
        made = make(panels)
        return {"p": made, "panels": {name: made}}

    return fill


def _triage(panels: Panels) -> More:
    made = panels.triage()
    return {"p": made, "panels": {"triage": made, "scope": panels.scope()}}


def _scope(panels: Panels) -> More:
    made = panels.scope()
    outside = panels.outside() if panels.ticket.state == State.OUT_OF_SCOPE else {}
    return {"p": made, "panels": {"scope": made, **outside}}


def _work(panels: Panels) -> More:
    refused = panels.refused
    corrected = refused if refused is not None and refused.act.startswith("work-") else None
    typed = {corrected.act: corrected.typed} if corrected else {}
    return {
        "panels": panels.work(),
        "work": work.shown(panels.ticket, panels.user, panels.now, panels.zone, typed),
        "corrected": corrected,
    }


def _entitlement(panels: Panels) -> More:
    undecided = entitling.choices(panels.ticket)
    return {"undecided": undecided, "panels": panels.entitling(undecided)}


KINDS: dict[str, Kind] = {
    "entitlement": Kind(
        later("Not covered: decide"), "a e", ("serving", "offer", "declining"), _entitlement
    ),
    "triage": Kind(later("Triage"), "t", ("triage",), _triage),
    "dispatch": Kind(later("Dispatch"), "d", ("assignment",), _only("assignment", Panels.dispatch)),
    "severity": Kind(later("Severity"), "s", ("severity",), _only("severity", Panels.severity)),
    "handover": Kind(later("Hand over"), "o", ("handover",), _only("handover", Panels.handover)),
    "schedule": Kind(later("Plan"), "a p", ("schedule",), _only("schedule", Panels.schedule)),
    "resumption": Kind(later("Resume"), "a r", ("resumption",), _only("resumption", Panels.resumption)),
    "waiting": Kind(later("Wait"), "a w", ("waiting",), _only("waiting", Panels.waiting)),
    "scope": Kind(later("Scope"), "a s", ("scope", "paid_offer", "judgement", "appeal"), _scope),
    "cause": Kind(later("Root cause"), "a c", ("cause",), _only("cause", Panels.cause)),
    "defects": Kind(later("Defect"), "a d", ("defects",), _only("defects", Panels.defects)),
    "appointment": Kind(later("Appointment"), "a i", ("appointment",), _only("appointment", Panels.appointment)),
    "tasks": Kind(later("Task"), "a n", ("task",), _only("task", Panels.task)),
    "snooze": Kind(later("Snooze"), "b", ("snooze", "snooze_end"), _only("snooze", Panels.snooze)),
    "links": Kind(later("Link"), "a l", ("links",), _only("links", Panels.links)),
    "merging": Kind(later("Merge"), "a m", ("merging",), _only("merging", Panels.merging)),
    "splitting": Kind(later("Split"), "a x", ("splitting",), _only("splitting", Panels.splitting)),
    "common": Kind(later("Common cause"), "a g", ("common",), _only("common", Panels.common)),
    "customer": Kind(later("Customer"), "a k", ("recognition",), _only("recognition", Panels.customer)),
    "holds": Kind(
        later("What holds"), "a h", ("environment", "flag", "language", "agreed"),
        lambda panels: {"panels": panels.holds()},
    ),
    "work": Kind(later("Work"), "a t", ("work", "timer", "timer_stop", "timer_discard"), _work),
    "escalation": Kind(later("Escalate"), "e", ("escalation",), _only("escalation", Panels.escalation)),
    "closure": Kind(later("Close"), "x", ("closure",), _only("closure", Panels.closure)),
    "follow_up": Kind(later("Follow up"), "a u", ("follow_up",), _only("follow_up", Panels.follow_up)),
    "reopening": Kind(later("Reopen"), "a o", ("reopening",), _only("reopening", Panels.reopening)),
}  # fmt: skip


def names(panels: Panels, *, undecided: bool) -> list[str]:
    """The drawers that make sense in the ticket's state."""
    ticket, state = panels.ticket, panels.ticket.state
    if state == State.CLOSED:
        if ticket.merged_into_id is not None:
            return ["cause", "links", "tasks", "work"]
        return ["reopening", "follow_up", "cause", "defects", "links", "tasks", "customer", "work"]
    left_out = {"reopening", "follow_up"}
    left_out |= set() if undecided else {"entitlement"}
    left_out |= {"severity"} if ticket.step in UNTRIAGED else set()
    left_out |= set() if state in WAITS else {"resumption"}
    left_out |= {"waiting"} if state == State.OUT_OF_SCOPE else set()
    left_out |= set() if resolution.may_escalate(panels.user, ticket, panels.now) else {"escalation"}
    return [name for name in KINDS if name not in left_out]


def shown(panels: Panels, request: HttpRequest, *, undecided: bool, tags: dict[str, str]) -> list[Drawer]:
    """Every drawer of the page; one of them open with its form, if any is."""
    found = names(panels, undecided=undecided)
    opened = _opened(panels, found)
    return [_drawer(panels, request, name, opened == name, tags.get(name, "")) for name in found]


def _drawer(panels: Panels, request: HttpRequest, name: str, opened: bool, tag: str) -> Drawer:
    url = reverse("desk:form", args=[panels.ticket.pk, name])
    html = form(panels, request, name) if opened else SafeString("")
    return Drawer(name, label(name, panels.ticket), KINDS[name].key, url, html, tag)


def label(name: str, ticket: Ticket) -> str:
    """What a drawer is called on this ticket."""
    if name == "triage" and ticket.step not in UNTRIAGED:
        return _("Triage again")
    if name == "scope" and ticket.state == State.OUT_OF_SCOPE:
        return _("Back in scope")
    return str(KINDS[name].label)


def _opened(panels: Panels, found: list[str]) -> str:
    """The one that stands open: of the refused act, else asked for, else the next step; empty: none."""
    asked, refused = panels.asked, panels.refused
    if refused is not None:
        return next((name for name in found if holds(name, refused.act)), "")
    wanted = asked.get("do", "")
    if wanted in found:
        return wanted
    if "scope" in found and (asked.get("rule") or panels.may_judge or panels.objection):
        return "scope"
    if "triage" in found and (panels.untriaged or any(name.startswith("a_") for name in asked)):
        return "triage"
    if "entitlement" in found and panels.unowned and dispatch.waits_for_decision(panels.ticket):
        return "entitlement"
    if "dispatch" in found and (panels.unowned or "who" in asked):
        return "dispatch"
    return ""


def holds(name: str, act: str) -> bool:
    """Whether the form of an act lies in a drawer."""
    return act in KINDS[name].acts or (name == "work" and act.startswith("work-"))


def form(panels: Panels, request: HttpRequest, name: str) -> SafeString:
    """The forms of one drawer, filled."""
    context = {"ticket": panels.ticket, "zone": panels.zone, "now": panels.now, "seq": panels.seq}
    filled = KINDS[name].fill(panels)
    return render_to_string(f"desk/acts/{name}.html", context | filled, request=request)


def line(drawers: list[Drawer], address: str) -> SafeString:
    """The drawers as they stand on the page."""
    return SafeString("".join(_html(one, address) for one in drawers))


def _html(one: Drawer, address: str) -> str:
    tag = format_html(' <span class="tag">{}</span>', one.tag) if one.tag else ""
    name = format_html("<b>{}</b>", one.label) if one.name == "entitlement" else one.label
    if one.html:
        return format_html(
            '<details name="act" id="{0}" open><summary data-key="{1}">{2}{3}</summary>'
            '<div class="sheet">{4}</div></details>',
            one.name, one.key, name, tag, one.html,
        )  # fmt: skip
    return format_html(
        '<details name="act" id="{0}" data-load="{5}"><summary data-key="{1}">{2}{3}</summary><div class="sheet">'
        '<p class="row"><a class="btn" href="{4}?do={0}#{0}">{6}</a></p></div></details>',
        one.name, one.key, name, tag, address, one.url, _("Open the form"),
    )  # fmt: skip
