"""The forms of a ticket's page: what each starts with, and what was typed when it was refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.urls import reverse
from django.utils.html import format_html

from mainstay.accounts.models import User
from mainstay.catalogue.publish import current_desk_policy
from mainstay.contracts import terms
from mainstay.customers.models import Customer, Environment
from mainstay.desk import beside, facts, meeting, snoozed, tasks
from mainstay.desk.typed import as_input
from mainstay.policy.spoken import spoken
from mainstay.sla import severity as guide
from mainstay.sla.policy import CLOCK_NAMES
from mainstay.staffing.suitable import Candidate
from mainstay.tickets import (
    agreement,
    appointments,
    causes,
    closure,
    coverage,
    dispatch,
    drafts,
    progress,
    resolution,
    severities,
    snoozing,
    work,
)
from mainstay.tickets.left_open import open_titles
from mainstay.tickets.models import Category, CloseReason, Message, State, Step, Ticket
from mainstay.ui import ids, words
from mainstay.ui.shapes import Writing

CATEGORY_WORDS = {
    Category.TECHNICAL: "Something does not work as it should.",
    Category.BILLING: "Invoices, seats, payments, contracts.",
    Category.FEATURE: "Something that the product cannot do yet.",
    Category.ENQUIRY: "A question, with nothing broken.",
}


LINKS = (
    ("related", "related"), ("duplicate", "duplicate"), ("caused_by", "same cause"),
    ("blocks", "this one waits for it"), ("holds_up", "this one blocks it"),
)  # fmt: skip


@dataclass(frozen=True)
class Refusal:
    """An act that was refused: which form, which field, why, and everything that was typed."""

    act: str
    field: str
    message: str
    typed: QueryDict

    @property
    def said(self) -> str:
        return f"{self.field.replace('_', ' ').capitalize()}: {self.message}" if self.message else ""


@dataclass(frozen=True)
class Panel:
    """One form: `v` its values, `error` what was refused, `bad` the field."""

    url: str
    v: dict[str, Any]
    error: str = ""
    bad: str = ""
    message: str = ""
    more: dict[str, Any] = field(default_factory=dict)


class Panels:
    """Makes the panels of one ticket's page for one person."""

    def __init__(
        self,
        ticket: Ticket,
        user: User,
        now: datetime,
        zone: ZoneInfo,
        refused: Refusal | None,
        asked: QueryDict,
    ) -> None:
        self.ticket, self.user, self.now, self.zone = ticket, user, now, zone
        self.refused, self.asked = refused, asked

    def panel(self, act: str, start: dict[str, Any], **more: Any) -> Panel:
        """A form that posts to the resource `act`, with what was typed if it was just refused."""
        url = reverse(f"desk:act_{act}", args=[self.ticket.pk])
        wrong = self.refused if self.refused is not None and self.refused.act == act else None
        if wrong is None:
            return Panel(url, start, more=more)
        typed = {name: wrong.typed.get(name, "") for name in (*start, *wrong.typed)}
        return Panel(url, start | typed, wrong.said, wrong.field, wrong.message, more)

    @property
    def untriaged(self) -> bool:
        return self.ticket.step in {Step.ACKNOWLEDGEMENT, Step.TRIAGE}

    @property
    def unowned(self) -> bool:
        """Whether its next step is that somebody gets it."""
        return self.ticket.step == Step.DISPATCH and self.ticket.assignee_id is None

    @property
    def may_judge(self) -> bool:
        """Whether an appeal waits that this person may decide."""
        waits = self.ticket.scope_decision.get("appeal", {}).get("state") == "open"
        return bool(waits) and coverage.may_decide(self.ticket, self.user.pk)

    @cached_property
    def objection(self) -> Message | None:
        """What the customer wrote since it was ruled out of scope, which may be an appeal."""
        return coverage.objection(self.ticket)

    @property
    def seq(self) -> int:
        """What the page knew of the ticket, or knows now: a form fetched later still says what its reader saw."""
        seen = ids.read(self.asked.get("seq", ""), digits=ids.SEQ) or 0
        return min(seen, self.ticket.last_seq) or self.ticket.last_seq

    # ---- one form each

    def handover(self) -> Panel:
        return self.panel("handover", {"engineer": "", "note": ""}, staff=self.staff())

    def schedule(self) -> Panel:
        start = as_input(self.ticket.scheduled_for, self.zone)
        return self.panel("schedule", {"start": start, "reason": ""})

    def waiting(self) -> Panel:
        return self.panel("waiting", {"for": "", "until": ""})

    def snooze(self) -> Panel:
        """Putting it off; with the promise that is due first, and when to have it back in time."""
        early = snoozing.in_time(self.ticket, at=self.now)
        start = {"when": "before" if early and early < snoozed.tomorrow(self.now, self.zone) else "tomorrow",
                 "until": "", "note": "", "anyway": ""}  # fmt: skip
        clock = CLOCK_NAMES.get(self.ticket.due_clock, self.ticket.due_clock)
        return self.panel(
            "snooze", start, choices=snoozed.choices(self.ticket, self.now, self.zone), clock=clock,
        )  # fmt: skip

    def appointment(self) -> Panel:
        """A time with the customer; of us whoever asks and whoever has it, of them who asked."""
        ours = {self.user.pk, self.ticket.assignee_id or self.user.pk}
        start = {
            "kind": "call",
            "about": self.ticket.subject[:200],
            "start": "",
            "minutes": "30",
            "place": "",
        }
        typed = self.refused.typed if self.refused is not None and self.refused.act == "appointment" else None
        chosen = {
            "staff": typed.getlist("staff") if typed else [str(one) for one in ours],
            "contact": typed.getlist("contact") if typed else [str(self.ticket.requester_id or "")],
        }
        lists = meeting.choices(self.ticket, self.staff())
        return self.panel("appointment", start, chosen=chosen, **lists)

    def task(self) -> Panel:
        """Something to be done for this ticket; by whoever has it, tomorrow, unless somebody says otherwise."""
        day = (self.now + timedelta(days=1)).astimezone(self.zone).date()
        owner = self.ticket.assignee_id or self.user.pk
        start = {"title": "", "owner": str(owner), "due_on": day.isoformat(), "due_time": ""}
        return self.panel("task", start, owners=tasks.owners())

    def resumption(self) -> Panel:
        return self.panel("resumption", {"reason": ""})

    def severity(self) -> Panel:
        return self.panel("severity", {"severity": "", "reason": ""}, severities=severities.all_of_them())

    def escalation(self) -> Panel:
        return self.panel("escalation", {"reason": ""})

    def reopening(self) -> Panel:
        return self.panel("reopening", {"reason": ""})

    def follow_up(self) -> Panel:
        return self.panel("follow_up", {"subject": self.ticket.subject, "text": ""})

    def cause(self) -> Panel:
        held = self.ticket.root_cause
        start = {name: held.get(name, "") for name in ("category", "text", "fix")}
        return self.panel("cause", {**start, "tell": ""}, categories=list(resolution.ROOT_CAUSES.items()))

    def defects(self) -> Panel:
        return self.panel("defects", {"reference": "", "url": "", "fixed_in": ""})

    def links(self) -> Panel:
        return self.panel("links", {"other": "", "kind": "related"}, kinds=LINKS)

    def merging(self) -> Panel:
        return self.panel("merging", {"other": self.asked.get("with", ""), "reason": ""})

    def splitting(self) -> Panel:
        theirs = Message.objects.filter(ticket=self.ticket, kind=Message.Kind.IN).order_by("-at", "-id")[:50]
        chosen = self.refused.typed.getlist("messages") if self.refused else []
        return self.panel(
            "splitting", {"subject": "", "reason": ""}, said=[(one, str(one.pk) in chosen) for one in theirs]
        )

    def common(self) -> Panel:
        return self.panel("common", {"cause": "", "title": ""}, known=list(causes.known()[:50]))

    def triage(self) -> Panel:
        ticket = self.ticket
        untriaged = self.untriaged
        start: dict[str, Any] = {
            "severity": "" if untriaged else str(ticket.severity), "category": ticket.category, "reason": "",
        }  # fmt: skip
        start |= {f"a_{q.name}": ticket.assessment.get(q.name, "") for q in guide.GUIDE}
        asked = {name: self.asked[name] for name in start if name in self.asked}
        made = self.panel("triage", start | asked)
        made.more.update(
            severities=severities.all_of_them(),
            categories=[
                {"value": code, "label": label, "text": CATEGORY_WORDS[Category(code)]}
                for code, label in Category.choices
            ],
            questions=[(q, made.v.get(f"a_{q.name}", "")) for q in guide.GUIDE],
            suggestion=suggestion(made.v),
            untriaged=untriaged,
        )
        return made

    def dispatch(self) -> Panel:
        wanted = (
            self.unowned
            or "who" in self.asked
            or (self.refused is not None and self.refused.act == "assignment")
        )
        undecided = dispatch.waits_for_decision(self.ticket)
        found: list[Candidate] = []
        if wanted and not undecided:
            found = dispatch.candidates(self.ticket, at=self.now)
        return self.panel(
            "assignment", {"engineer": "", "reason": ""}, candidates=found, looked=wanted, staff=self.staff(),
            undecided=undecided,
        )  # fmt: skip

    def holds(self) -> dict[str, Panel]:
        """What selects the rows of the terms: the system, flags, the language, values agreed."""
        ticket, known = self.ticket, agreement.flags_of(self.ticket)
        systems = Environment.objects.filter(customer=ticket.customer_id).order_by("name")
        room = [(one, CLOCK_NAMES.get(one, one)) for one in agreement.may_agree(ticket)]
        calendars = [(name, name) for name in terms.load(ticket.terms_id).calendars] if room else []
        return {
            "environment": self.panel(
                "environment", {"environment": str(ticket.environment_id or ""), "reason": ""},
                systems=[(str(one.pk), str(one)) for one in systems],
            ),
            "flag": self.panel(
                "flag", {"flag": "", "reason": ""},
                flags=[(code, words) for code, words in known.items() if code not in ticket.flags],
                set=[(code, known.get(code, code)) for code in ticket.flags],
            ),
            "language": self.panel("language", {"language": ticket.language, "reason": ""}),
            "agreed": self.panel(
                "agreed", {"clock": "", "target": "", "calendar": "", "reason": ""}, clocks=room,
                calendars=calendars,
            ),
        }  # fmt: skip

    def work(self) -> dict[str, Panel]:
        """Time worked, on open tickets and closed ones."""
        start = {
            "minutes": "",
            "day": work.day_of(self.ticket, self.now, self.user).isoformat(),
            "text": "",
            "free": "",
        }
        return {
            "work": self.panel("work", start),
            "timer": self.panel("timer", {}),
            "timer_stop": self.panel("timer_stop", {"minutes": "", "text": "", "free": ""}),
            "timer_discard": self.panel("timer_discard", {}),
        }

    def entitling(self, found: dict[str, Any] | None) -> dict[str, Panel]:
        """The three decisions on what nothing covers; none where there is nothing to decide."""
        if found is None or self.ticket.state == State.CLOSED:
            return {}
        words = found["texts"]
        return {
            name: self.panel(name, {"text": words[name], "reason": "", "package": ""})
            for name in ("serving", "offer", "declining")
        }

    def scope(self) -> Panel:
        exclusions = current_desk_policy().document["exclusions"]
        rule = self.asked.get("rule", "")
        spoken_to = progress.language_of(self.ticket)
        wording = next((spoken(one, spoken_to)["wording"] for one in exclusions if one["code"] == rule), "")
        found = coverage.suggestions(self.ticket) if self.ticket.state != State.OUT_OF_SCOPE else []
        because = next(("; ".join(one.because) for one in found if one.code == rule), "")
        start = {"rule": rule, "reason": because, "text": wording}
        return self.panel("scope", start, exclusions=exclusions, suggestions=found)

    def outside(self) -> dict[str, Panel]:
        """What can be done with a ticket that is not covered: a paid way, another decision."""
        held = self.ticket.scope_decision
        found = {"paid_offer": self.panel("paid_offer", {"price": "", "text": held.get("paid_path", "")})}
        if held.get("appeal", {}).get("state") == "open":
            start = {"decision": "", "reason": "", "text": ""}
            found["judgement"] = self.panel("judgement", start, may=self.may_judge)
        else:
            found["appeal"] = self.panel("appeal", {"reason": ""}, wrote=self.objection)
        return found

    def closure(self) -> Panel:
        reasons = [(reason.value, CloseReason(reason).label) for reason in closure.BY_STAFF]
        return self.panel(
            "closure", {"reason": "resolved", "text": "", "left_open": ""}, reasons=reasons,
            tasks=open_titles(self.ticket), meetings=list(appointments.coming(self.ticket, self.now)),
        )  # fmt: skip

    def customer(self) -> Panel:
        customers = list(Customer.objects.order_by("name").values_list("code", "name")[:500])
        return self.panel("recognition", {"customer": "", "contact": "", "reason": ""}, customers=customers)

    def staff(self) -> list[User]:
        """Who may be given a ticket. One query, kept."""
        if not hasattr(self, "_staff"):
            active = User.objects.filter(is_active=True).exclude(roles=[]).order_by("name")
            self._staff = [user for user in active if user.may_act]
        return self._staff

    # ---- what is written

    def composer(self, found: dict[str, Any], lacking: list[facts.Held]) -> dict[str, Any]:
        """The place where one writes: its kinds, whom each reaches, and what was typed."""
        kinds = self._kinds()
        wrong = self.refused if self.refused and self.refused.act in {kind.code for kind in kinds} else None
        ask = bool(self.asked.get("ask")) and bool(lacking)
        kept = None if wrong or ask else drafts.of(self.ticket, self.user)
        if kept is not None and kept.kind not in {kind.code for kind in kinds}:
            kept = None
        chosen = wrong.act if wrong else "question" if ask else kept.kind if kept else kinds[0].code
        recipients, names = facts.audience(self.ticket, found)
        typed: Mapping[str, Any] = wrong.typed if wrong else kept.said if kept else {}
        start = {
            "until": "", "estimate": as_input(self.ticket.estimate, self.zone), "change_reason": "",
            "left_open": "", "next_step": self.ticket.next_step,
            "text": facts.polite(self.ticket, lacking) if ask else "",
        }  # fmt: skip
        return {
            **{name: typed.get(name, "" if typed else value) for name, value in start.items()},
            "tools": "desk/write_tools.html",
            "open_tasks": [one.title for one in beside.open_tasks(self.ticket)],
            "spent": True,
            "draft_url": reverse("desk:writing", args=[self.ticket.pk]),
            "draft_at": int(kept.at.timestamp() * 1000) if kept else 0,
            "draft_said": words.when(kept.at, self.now, self.zone, precise=True) if kept else "",
            "kinds": kinds,
            "chosen": chosen,
            "recipients": recipients,
            "people": names,
            "inside_words": "only staff read it; it moves no clock; @name tells somebody",
            "mention_url": reverse("desk:mentions"),
            "error": wrong.said if wrong else "",
            "key": "" if ask else f"{self.user.pk}-{self.ticket.pk}",
            "rows": 9 if ask or kept else 3,
            "extra": format_html(
                '<input type="hidden" name="seq" value="{}">{}',
                self.ticket.last_seq,
                self._names(lacking if ask else []),
            ),
        }

    def _names(self, lacking: list[facts.Held]) -> str:
        return (
            format_html('<input type="hidden" name="names" value="{}">', " ".join(f.code for f in lacking))
            if lacking
            else ""
        )

    def _kinds(self) -> tuple[Writing, ...]:
        number = self.ticket.pk

        def kind(code: Any, act: str, label: str, button: str, key: str, **more: Any) -> Writing:
            return Writing(
                code=code,
                label=label,
                url=reverse(f"desk:act_{act}", args=[number]),
                button=button,
                key=key,
                **more,
            )

        note = kind("note", "note", "Note", "Keep the note", "n", inside=True)
        if self.ticket.state == State.CLOSED:
            return (note,)
        reply = kind("reply", "reply", "Reply", "Send to customer", "r")
        if self.ticket.state == State.OUT_OF_SCOPE:
            return reply, note
        return (
            reply,
            kind("report", "report", "Progress report", "Send report to customer", "p",
                 fields="desk/write_report.html"),
            kind("question", "question", "Question", "Ask and wait", "u", fields="desk/write_question.html",
                 hint="The ticket waits for the customer"),
            kind("workaround", "workaround", "Workaround", "Send workaround", "k"),
            kind("solution", "solution", "Solution", "Propose solution", "l",
                 fields="desk/write_left_open.html" if beside.open_tasks(self.ticket) else "",
                 hint="Closes when accepted, or by itself after reminders"),
            note,
        )  # fmt: skip


def suggestion(values: dict[str, Any]) -> guide.Suggestion | None:
    """What the guide suggests from the answers; None while nothing was answered or an answer is unknown."""
    answers = {q.name: values.get(f"a_{q.name}", "") for q in guide.GUIDE}
    if not any(answers.values()):
        return None
    known = {q.name: {value for value, _ in q.choices} for q in guide.GUIDE}
    good = {name: str(a)[:200] for name, a in answers.items() if not known[name] or a in known[name]}
    ranks = [
        guide.Severity(int(s["rank"]), f"Severity {s['rank']}", s["definition"], s["urgency"])
        for s in severities.all_of_them()
    ]
    return guide.assess(good, ranks)
