"""Every address x every role x the own and another organisation's ticket (ATTACKS 43, 45-50, 55, 61).

The addresses come from the URL map; the table below says what each answers. An address without a row fails.
"""

import copy
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from addresses import addresses
from cast import Cast
from mainstay.accounts.models import Role
from mainstay.tickets import access
from mainstay.tickets.models import Event, Ticket

OK, MOVED, GONE, NOT_SO = 200, 302, 404, 405
DONE = (200, 302, 303, 422)  # it was done, or what was typed is shown again with what is wrong


@dataclass(frozen=True)
class Answers:
    """What one method of one address answers, by who asks.

    `own`: a contact of the ticket's organisation who may see it; `other`: a contact who may not. `staff` are all
    who act; with `only`, the others of them get 404.
    """

    nobody: int | tuple[int, ...]
    own: int | tuple[int, ...]
    other: int | tuple[int, ...]
    staff: int | tuple[int, ...]
    auditor: int | tuple[int, ...]
    only: tuple[str, ...] = ()


def all_get(status: int | tuple[int, ...]) -> Answers:
    return Answers(status, status, status, status, status)


AGREEING = ("hana", "lena", "ruth")
READ = Answers(MOVED, GONE, GONE, OK, OK)
ACT = Answers(MOVED, GONE, GONE, DONE, GONE)
LEADS = Answers(MOVED, GONE, GONE, (MOVED, OK), (MOVED, OK))
NO = all_get(NOT_SO)
ADMINISTER = Answers(MOVED, GONE, GONE, DONE, GONE, only=("ruth",))
LEAD = Answers(MOVED, GONE, GONE, DONE, GONE, only=("hana", "ruth"))
AGREE = Answers(MOVED, GONE, GONE, DONE, GONE, only=AGREEING)
ESCALATE = Answers(MOVED, GONE, GONE, DONE, GONE, only=("owen", "hana", "ruth"))
HERS = Answers(MOVED, OK, GONE, GONE, GONE)
ASK = Answers(MOVED, (*DONE, 400), GONE, GONE, GONE)
OURS = Answers(MOVED, OK, OK, GONE, GONE)
OURS_ASK = Answers(MOVED, DONE, DONE, GONE, GONE)

LOST = Answers(MOVED, GONE, GONE, GONE, GONE)
FIGURE = "desk/kpis/<str:code>/<int:contract>/<slug:measure>/<str:period>"

# address -> (GET, POST)
TABLE: dict[str, tuple[Answers, Answers]] = {
    # nobody has to be signed in
    "healthz": (all_get(OK), all_get(OK)),
    "": (Answers(MOVED, OK, OK, MOVED, MOVED), Answers(MOVED, OK, OK, MOVED, MOVED)),
    "sign-in": (all_get(OK), all_get(OK)),  # without anything in it: the form again
    "sign-in/link": (all_get(OK), all_get(OK)),
    "sign-in/link/<str:token>": (all_get(OK), all_get(MOVED)),
    "sign-out": (NO, all_get(MOVED)),
    "password": (Answers(MOVED, OK, OK, OK, OK), Answers(MOVED, DONE, DONE, DONE, DONE)),
    "r/<str:token>": (all_get(OK), all_get(OK)),  # the signed link says who
    "ui/theme": (NO, all_get(MOVED)),
    "ui/language": (NO, all_get(MOVED)),
    "advisor": (all_get(OK), NO),
    "advisor/<str:token>": (all_get(OK), NO),
    "advisor/<str:token>/lead": (NO, all_get(DONE)),
    # customers
    "requests": (OURS, NO),
    "requests/new": (OURS, OURS_ASK),
    "requests/<int:number>": (HERS, NO),
    **{
        f"requests/<int:number>/{act}": (NO, ASK)
        for act in (
            "concerns", "participants", "replies", "acceptance", "refusal", "closure", "reopening", "appeal", "offer",
            "appointments/<int:appointment>/wish",
        )
    },
    "requests/<int:number>/participants/leaving": (NO, Answers(MOVED, (*DONE, GONE), GONE, GONE, GONE)),
    "requests/<int:number>/participants/<int:participant>/approval": (
        NO, Answers(MOVED, (*DONE, GONE), GONE, GONE, GONE)),
    "requests/<int:number>/rating": (NO, Answers(MOVED, (*DONE, GONE), GONE, GONE, GONE)),
    "kpis": (Answers(MOVED, (OK, GONE), (OK, GONE), GONE, GONE), NO),  # who manages contacts
    "kpis/credits/<int:credit>/claim": (NO, Answers(MOVED, (*DONE, GONE), GONE, GONE, GONE)),
    # the organisation; its people are managed by who may
    "organisation": (OURS, NO),
    "organisation/complaints": (NO, OURS_ASK),
    "organisation/people": (NO, Answers(MOVED, (*DONE, GONE), (*DONE, GONE), GONE, GONE)),
    **{
        f"organisation/people/<int:number>{act}": (NO, Answers(MOVED, (*DONE, GONE), GONE, GONE, GONE))
        for act in ("", "/removal", "/restoration")
    },
    "desk/concerns": (READ, NO),
    "desk/concerns/<int:number>/answer": (NO, ACT),
    # files on their way and drafts are each person's own
    "uploads": (NO, Answers(MOVED, 400, 400, GONE, GONE)),
    "uploads/<uuid:upload>": (NO, NO),
    "uploads/<uuid:upload>/decision": (NO, Answers(MOVED, 400, GONE, GONE, GONE)),
    "drafts/<slug:form>": (NO, Answers(MOVED, OK, OK, GONE, GONE)),
    "drafts/<slug:form>/files": (OURS, NO),
    "files/<int:number>": (Answers(MOVED, OK, GONE, OK, OK), NO),
    # what is published and due
    "running": (OURS, NO),
    "publications/<int:number>": (Answers(MOVED, OK, (OK, GONE), GONE, GONE), NO),  # Tom's organisation is told
    "publications/<int:number>/reading": (NO, Answers(MOVED, DONE, (*DONE, GONE), GONE, GONE)),
    "u/<str:token>": (all_get(OK), all_get(OK)),  # the same, for no more such mails
    "n/<str:token>": (all_get(OK), all_get(OK)),  # the signed link says whose reading it is
    "desk/bulk": (NO, ACT),
    "desk/bulk/<int:number>": (READ, NO),
    "desk/bulk/<int:number>/undo": (NO, ADMINISTER),  # whoever did it: Ruth
    "desk/views": (READ, ACT),
    "desk/views/<int:number>": (NO, LEAD),  # it is everybody's
    "desk/completions": (READ, NO),
    "desk/mentions": (READ, NO),
    "desk/find": (READ, NO),
    "desk/find/choices": (READ, NO),
    "desk/maintenance": (READ, NO),
    "desk/maintenance/new": (READ, ACT),
    "desk/maintenance/<int:number>": (READ, ACT),
    "desk/maintenance/<int:number>/texts": (NO, ACT),
    "desk/maintenance/<int:number>/letters": (NO, ESCALATE),
    "desk/maintenance/<int:number>/removal": (NO, ACT),
    "desk/maintenance/<int:number>/sending": (NO, ESCALATE),
    "desk/maintenance/<int:number>/advice": (NO, ESCALATE),
    "desk/lifecycle": (READ, NO),
    "desk/products/<slug:product>/releases/<int:release>": (READ, LEAD),
    "desk/products/<slug:product>/releases/<int:release>/advice": (NO, ESCALATE),
    "desk/tasks": (READ, ACT),
    "desk/tasks/<int:number>": (READ, ACT),
    "desk/tasks/<int:number>/ending": (NO, ACT),
    "desk/tasks/<int:number>/letters": (NO, ACT),
    "desk/tasks/<int:number>/reopening": (NO, ACT),
    # articles
    "articles": (all_get(OK), NO),
    "articles/<int:number>": (all_get(OK), NO),  # a public one
    "articles/<int:number>/pictures/<int:picture>": (all_get(OK), NO),
    "articles/<int:number>/opening": (NO, OURS_ASK),
    "articles/<int:number>/answer": (NO, all_get((*DONE, 400))),
    "requests/new/suggestions": (NO, OURS_ASK),
    "desk/articles": (READ, NO),
    "desk/articles/figures": (READ, NO),
    "desk/articles/new": (READ, ACT),
    "desk/articles/preview": (NO, ACT),
    "desk/articles/synonyms": (READ, ACT),
    "desk/articles/<int:number>": (READ, NO),
    "desk/articles/<int:number>/writing": (READ, ACT),
    "desk/articles/<int:number>/pictures/<int:picture>": (READ, NO),
    "desk/articles/<int:number>/versions/<int:version>": (READ, NO),
    **{f"desk/articles/<int:number>/{act}": (NO, ACT) for act in (
        "audience", "coverage", "care", "withdrawal", "return", "pictures", "versions/<int:version>/submission",
        "versions/<int:version>/publication", "versions/<int:version>/refusal", "versions/<int:version>/removal",
        "versions/<int:version>/restoration",
    )},
    "desk/tickets/<int:number>/articles": (NO, ACT),
    "desk/tickets/<int:number>/article": (READ, ACT),
    # staff read
    **{
        f"desk/{page}": (READ, NO)
        for page in (
            "", "triage", "now", "more", "tickets/<int:number>", "attachments/<int:number>",
            "tickets/<int:number>/why/<slug:clock>/<int:n>", "terms/<slug:digest>", "held", "held/<int:number>",
            "held/<int:number>/source", "outbox", "outbox/<int:number>", "catalogue", "customers/<str:code>",
        )
    },
    "desk/tickets/<int:number>/why": (LEADS, NO),
    "desk/tickets/<int:number>/answers": (READ, NO),
    "desk/tickets/<int:number>/presence": (NO, Answers(MOVED, GONE, GONE, OK, GONE)),
    "desk/answers": (READ, Answers(MOVED, GONE, GONE, DONE, GONE, only=("hana", "ifeoma", "ruth"))),
    **{
        f"desk/answers/<int:number>{act}": (NO, Answers(MOVED, GONE, GONE, DONE, GONE, only=("hana", "ifeoma", "ruth")))
        for act in ("", "/retirement")
    },
    "desk/tickets/<int:number>/forms/<slug:name>": (Answers(MOVED, GONE, GONE, OK, GONE), NO),
    "desk/tickets/<int:number>/duplicates": (READ, NO),
    "desk/tickets/<int:number>/position": (READ, NO),
    "desk/tickets/<int:number>/appointments/<int:appointment>": (READ, ACT),
    "desk/tickets/<int:number>/facts/<slug:name>": (READ, ACT),
    "ui/gallery": (READ, Answers(MOVED, GONE, GONE, NOT_SO, GONE)),
    # staff act
    "desk/now/seen": (NO, ACT),
    "desk/tickets/<int:number>/handover": (READ, ACT),
    "desk/handover": (READ, ACT),
    "desk/progress": (READ, NO),
    "desk/portfolio": (READ, NO),
    "desk/more/first-hour": (NO, ADMINISTER),
    "desk/progress/new": (READ, ACT),
    "desk/handover/acceptance": (NO, ACT),
    "desk/handover/<int:number>/return": (NO, ACT),
    "desk/handover/shifts/<int:number>": (READ, NO),
    "desk/tickets/new": (READ, ACT),
    "desk/customers": (READ, ACT),
    **{
        f"desk/tickets/<int:number>/{act}": (NO, ACT)
        for act in (
            "suggestion", "draft", "merge", "merge/undoing", "split", "common-cause", "said/<int:seq>/withdrawal",
            "participants/<int:participant>/approval", "triage", "severity",
            "question", "information", "scope", "offer", "appeal", "appeal-decision",
        "links", "emergency", "customer", "assignment",
            "schedule", "replies", "notes", "progress", "waiting", "resumption", "workaround", "root-cause", "snooze",
            "snooze/end", "watch", "watch/end", "tasks", "appointments",
            "appointments/<int:appointment>/cancellation",
            "tasks/<int:task>/done", "tasks/<int:task>/removal", "tasks/<int:task>/reopening",
            "defects", "solution", "closure", "reopening", "follow-up", "follow-up/undoing",
            "flags", "environment", "language", "agreed",
        )
    },
    "desk/held/<int:number>/<slug:decision>": (NO, ACT),
    **{f"desk/{page}": (READ, NO) for page in ("calendars", "exclusions")},
    **{
        f"desk/{page}": (READ, ADMINISTER)
        for page in (
            "calendars/<slug:owner>/hours", "calendars/<slug:owner>/new", "closing", "severities", "exclusions/new",
            "calendars/<slug:owner>/named/<slug:calendar>", "exclusions/clauses/<slug:rule>",
        )
    },
    "desk/policy": (READ, ADMINISTER),
    "desk/policy/publication": (NO, ADMINISTER),
    "desk/policy/shipped": (NO, ADMINISTER),
    "desk/policy/file": (READ, NO),
    "desk/changes": (READ, NO),
    "desk/changes/<int:number>": (READ, NO),
    "desk/outbox/<int:number>/retry": (NO, ACT),
    "desk/customers/<str:code>/contacts": (NO, ACT),
    "desk/customers/<str:code>/domains": (NO, ACT),
    "desk/customers/<str:code>/notes": (NO, ACT),
    "desk/customers/<str:code>/keeping": (NO, ACT),
    "desk/customers/<str:code>/reviews": (READ, ACT),
    "desk/customers/<str:code>/reviews/held": (NO, ACT),
    "desk/customers/<str:code>/reviews/<int:review>/tasks": (NO, ACT),
    "desk/portfolio/stand-ins": (NO, Answers(MOVED, GONE, GONE, DONE, GONE, only=("owen", "hana", "ruth"))),
    "desk/portfolio/stand-ins/<int:number>/end": (
        NO, Answers(MOVED, GONE, GONE, DONE, GONE, only=("owen", "hana", "ruth"))),
    # what is covered and what it costs
    "prices": (all_get(OK), NO),
    "allowances": (Answers(MOVED, (OK, GONE), (OK, GONE), GONE, GONE), NO),  # who manages contacts
    "desk/prices": (READ, AGREE),
    "desk/subscriptions": (READ, NO),
    "desk/customers/<str:code>/subscriptions/<int:subscription>": (READ, AGREE),
    "desk/customers/<str:code>/onboarding": (READ, NO),
    **{f"desk/customers/<str:code>/{act}": (NO, AGREE) for act in (
        "subscriptions/<int:subscription>/renewal", "subscriptions/<int:subscription>/removal",
        "onboarding/ticks", "onboarding/contacts", "onboarding/welcome",
    )},
    "desk/customers/<str:code>/named": (NO, AGREE),
    "desk/customers/<str:code>/named/<int:named>/removal": (NO, AGREE),
    **{f"desk/{page}": (READ, NO) for page in ("not-entitled", "prices.csv", "prices.pdf",
                                               "customers/<str:code>/allowances",
                                               "customers/<str:code>/allowances.csv")},
    **{f"desk/tickets/<int:number>/{act}": (NO, ACT) for act in (
        "work", "work/<int:entry>", "timer", "timer/stop", "timer/removal", "entitlement/service",
        "entitlement/offer", "entitlement/decline",
    )},
    # what is negotiated and signed
    "contracts": (Answers(MOVED, (OK, GONE), (OK, GONE), GONE, GONE), NO),  # who manages contacts
    "contracts/<int:contract>/pdf": (Answers(MOVED, (OK, GONE), GONE, GONE, GONE), NO),
    "contracts/papers/<int:paper>": (Answers(MOVED, (OK, GONE), GONE, GONE, GONE), NO),
    **{
        f"desk/contracts{page}": (READ, NO)
        for page in ("", "/renewals", "/<int:contract>", "/<int:contract>/pdf", "/papers/<int:paper>",
                     "/drafts/<int:draft>", "/drafts/<int:draft>/offer")
    },
    "desk/contracts/drafts/new": (READ, AGREE),
    "desk/contracts/drafts/<int:draft>/notes": (NO, ACT),
    **{f"desk/contracts/<int:contract>/{act}": (NO, AGREE) for act in (
        "drafts", "suspension", "resumption", "taking-back", "papers",
    )},
    **{f"desk/contracts/drafts/<int:draft>/{act}": (NO, AGREE) for act in (
        "head", "lines", "takeover", "submission", "signature", "withdrawal",
    )},
    "desk/contracts/drafts/<int:draft>/approval": (NO, LEAD),
    "desk/contracts/drafts/<int:draft>/refusal": (NO, LEAD),
    "desk/kpis": (READ, NO),
    "desk/kpis/<str:code>": (READ, NO),
    "desk/kpis/<str:code>/systems": (READ, NO),
    FIGURE: (READ, NO),
    f"{FIGURE}/document": (LOST, NO),  # it is not frozen
    "desk/tickets/<int:number>/why/<slug:clock>/<int:n>/cause": (NO, ACT),
    **{
        f"desk/kpis/<str:code>/{act}": (NO, ACT)
        for act in (
            "outages", "outages/<int:outage>/end", "outages/<int:outage>/withdrawal",
            "outages/<int:outage>/cause", "windows", "windows/<int:window>/withdrawal", "measurements",
        )
    },
    # some of them
    "desk/causes/<int:cause>/decision": (NO, LEAD),
    f"{FIGURE}/freezing": (NO, LEAD),
    f"{FIGURE}/correction": (NO, LEAD),
    "desk/kpis/<str:code>/credits/<int:credit>/<slug:step>": (NO, AGREE),
    "desk/tickets/<int:number>/escalation": (NO, ESCALATE),
    "desk/catalogue/<slug:kind>/<slug:code>": (READ, ADMINISTER),
    "desk/advisor": (READ, NO),
    "desk/advisor/<str:token>": (READ, NO),
    "desk/advisor/rules": (READ, ADMINISTER),
    "desk/advisor/rules/preview": (NO, ADMINISTER),
    "desk/advisor/rules/<int:version>": (READ, NO),
    "desk/customers/<str:code>/backtest": (READ, NO),
    "desk/leads": (Answers(MOVED, GONE, GONE, OK, OK, only=AGREEING), NO),
    "desk/leads/<int:lead>/taking": (NO, AGREE),
    "desk/leads/<int:lead>/settlement": (NO, AGREE),
    "desk/leads/<int:lead>/removal": (NO, AGREE),
    "desk/log": (Answers(MOVED, GONE, GONE, OK, OK, only=("ruth",)), NO),
    "desk/products": (READ, LEAD),
    "desk/products/<slug:product>/releases": (NO, LEAD),
    "desk/letters/<int:number>": (READ, NO),
    "desk/letters/<int:number>/document": (READ, NO),
    "desk/mailboxes": (Answers(MOVED, GONE, GONE, OK, OK, only=("ruth",)), ADMINISTER),
    "desk/mailboxes/<int:number>": (NO, ADMINISTER),
    "desk/mailboxes/<int:number>/switch": (NO, ADMINISTER),
    "desk/wordings": (Answers(MOVED, GONE, GONE, OK, OK, only=("ruth",)), NO),
    "desk/wordings/<slug:language>/<slug:letter>": (
        Answers(MOVED, GONE, GONE, OK, OK, only=("ruth",)), ADMINISTER),
    "desk/wordings/<slug:language>/<slug:letter>/preview": (
        Answers(MOVED, GONE, GONE, OK, OK, only=("ruth",)), ADMINISTER),
    "desk/wordings/<slug:language>/<slug:letter>/shipped": (NO, ADMINISTER),
    "desk/wordings/<slug:language>/<slug:letter>/test": (NO, ADMINISTER),
    "desk/teams": (READ, LEAD),
    "desk/teams/<slug:team>": (NO, LEAD),
    "desk/people/<int:number>/duty": (NO, LEAD),
    "desk/people/<int:number>/absences": (NO, LEAD),
    "desk/people/<int:number>/absences/<int:absence>/removal": (NO, LEAD),
    "desk/people/<int:number>/link": (NO, ADMINISTER),
    "desk/customers/<str:code>/profile": (NO, AGREE),
    "desk/customers/<str:code>/contracts": (NO, AGREE),
    "desk/customers/<str:code>/contracts/<int:contract>/end": (NO, AGREE),
    "desk/customers/<str:code>/subscriptions": (NO, AGREE),
    "desk/customers/<str:code>/contacts/<int:contact>": (READ, AGREE),
    "desk/customers/<str:code>/contacts/<int:contact>/removal": (NO, AGREE),
    "desk/customers/<str:code>/environments": (NO, ACT),
    "desk/customers/<str:code>/environments/<int:environment>": (READ, ACT),
    "desk/people": (READ, ADMINISTER),
    "desk/people/<int:number>": (READ, ADMINISTER),
}  # fmt: skip
STAFF = ("mara", "ifeoma", "hana", "owen", "lena", "ruth")
EVERYBODY = ("nobody", "priya", "tom", "edgar", *STAFF, "dmitri")
WRITES = re.compile(r"\b(INSERT INTO|UPDATE|DELETE FROM)\s+\"?(\w+)", re.IGNORECASE)


def written(asked: str, client: Client, method: str = "get") -> tuple[int, list[str]]:
    """The status of a request that leaves nothing behind, and the tables it wrote to (but for sessions)."""
    wrote: list[str] = []
    cookies = copy.deepcopy(client.cookies)

    def watching(execute: Any, sql: Any, *rest: Any) -> Any:
        wrote.extend(table for _, table in WRITES.findall(str(sql)) if table != "django_session")
        return execute(sql, *rest)

    with transaction.atomic(), connection.execute_wrapper(watching):
        response = getattr(client, method)(asked)
        status = response.status_code
        if response.streaming:
            list(response.streaming_content)  # to its end, so that the file is closed
        transaction.set_rollback(True)
    client.cookies = cookies
    return status, wrote


def expected(answers: Answers, name: str, owner: str) -> tuple[int, ...]:
    if name in STAFF:
        found: Any = answers.staff if name in (answers.only or STAFF) else GONE
    else:
        kind = {"nobody": "nobody", "dmitri": "auditor", owner: "own"}.get(name, "other")
        found = getattr(answers, kind)
    return found if isinstance(found, tuple) else (found,)


def test_every_address_has_its_row() -> None:
    assert set(addresses()) == set(TABLE)


def test_every_role_is_asked_for() -> None:
    assert len(STAFF) + 1 == len(Role.values)


@pytest.mark.parametrize("name", EVERYBODY)
def test_who_gets_what__attack_43(name: str, cast: Cast, things: Any, as_: Callable[..., Client]) -> None:
    client, wrong = as_(name), []
    for owner in ("priya", "edgar") if name in {"priya", "edgar"} else ("priya",):
        theirs = things(getattr(cast, owner))
        events = Event.objects.count()
        for pattern, (get, post) in TABLE.items():
            address = theirs.address(pattern)
            status, wrote = written(address, client)
            if status not in expected(get, name, owner):
                wrong.append(f"GET {address}: {status}, not {expected(get, name, owner)}")
            if wrote:
                wrong.append(f"GET {address} wrote to {sorted(set(wrote))}")
            status, _ = written(address, client, "post")
            if status not in expected(post, name, owner):
                wrong.append(f"POST {address}: {status}, not {expected(post, name, owner)}")
        assert Event.objects.count() == events
    assert wrong == []


SIGNED_ALONE = "u/<str:token>"
"""Pressed by mail programs without a page of ours (RFC 8058); its signed address says for whom and does no more."""


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_unsafe_is_done_without_a_token__attack_61(
    method: str, cast: Cast, things: Any, as_: Callable[..., Client]
) -> None:
    theirs = things(cast.priya)
    for name in ("nobody", "priya", "ruth"):
        client = as_(name, enforce_csrf_checks=True)
        let = [p for p in TABLE if written(theirs.address(p), client, method)[0] != 403]
        assert let == [SIGNED_ALONE]


def test_head_and_options_write_nothing_either(cast: Cast, things: Any, as_: Callable[..., Client]) -> None:
    theirs, client = things(cast.priya), as_("ruth")
    for method in ("head", "options"):
        wrote = {p: w for p in TABLE if (w := written(theirs.address(p), client, method)[1])}
        assert wrote == {}


def test_an_account_that_ended_opens_nothing(cast: Cast, things: Any, as_: Callable[..., Client]) -> None:
    theirs = things(cast.priya)
    for name in ("mara", "priya"):
        client = as_(name)
        user = getattr(cast, name) if name == "mara" else cast.priya.user
        user.is_active = False
        user.save()
        for pattern in ("desk/", "desk/tickets/<int:number>", "requests/<int:number>", "files/<int:number>"):
            assert client.get(theirs.address(pattern)).status_code in {302, 404}


def test_a_tam_escalates_only_the_customers_they_look_after(
    cast: Cast, things: Any, as_: Callable[..., Client]
) -> None:
    pattern, client = "desk/tickets/<int:number>/escalation", as_("owen")
    assert written(things(cast.priya).address(pattern), client, "post")[0] == 422
    assert written(things(cast.edgar).address(pattern), client, "post")[0] == 404


def test_tickets_of_two_organisations_are_never_linked__attack_46(
    cast: Cast, things: Any, as_: Callable[..., Client]
) -> None:
    mine, foreign = things(cast.priya).ticket, things(cast.edgar).ticket
    response = as_("mara").post(
        f"/desk/tickets/{mine.pk}/links", {"other": f"{foreign.pk}", "kind": "related"}
    )
    assert response.status_code == 422
    assert f"there is no other ticket {foreign.pk} of this customer" in response.content.decode()


def test_no_address_changes_a_message__attack_47() -> None:
    assert [one for one in addresses() if "message" in one or "note/" in one or "notes/" in one] == []


def test_fields_that_a_form_does_not_have_change_nothing__attack_48(
    cast: Cast, as_: Callable[..., Client]
) -> None:
    sent = {
        "category": "technical", "subject": "One", "description": "Two", "form_key": "k", "severity": "1",
        "org": cast.corvid.code, "customer_id": f"{cast.corvid.pk}", "roles": "administrator", "state": "closed",
        "is_staff": "1", "created_at": "2020-01-01", "opened_at": "2020-01-01", "id": "7", "assignee": "1",
    }  # fmt: skip
    assert as_("priya").post("/requests/new", sent).status_code == 302
    ticket = Ticket.objects.latest("pk")
    assert (ticket.customer, ticket.severity, ticket.state) == (cast.harbourline, 3, "open")
    assert ticket.assignee is None
    assert ticket.opened_at.year > 2020
    cast.priya.user.refresh_from_db()  # type: ignore[union-attr]
    assert cast.priya.user.roles == []  # type: ignore[union-attr]


def test_nobody_becomes_more_than_they_are__attack_49(cast: Cast, as_: Callable[..., Client]) -> None:
    more = {"roles": "administrator", "time_zone": "UTC", "is_active": "1"}
    for name in ("priya", "mara", "hana", "owen", "dmitri"):
        user = cast.priya.user if name == "priya" else getattr(cast, name)
        before = list(user.roles)
        assert as_(name).post(f"/desk/people/{user.pk}", more).status_code == 404
        user.refresh_from_db()
        assert user.roles == before


def test_no_request_is_raised_for_another_organisation__attack_50(
    cast: Cast, as_: Callable[..., Client]
) -> None:
    sent = {"category": "technical", "subject": "One", "description": "Two", "customer": cast.corvid.code}
    response = as_("priya").post("/requests/new", sent)
    assert response.status_code == 422
    assert "is not one of yours" in response.content.decode()
    foreign = {"category": "technical", "subject": "One", "description": "Two", "environment": "Elsewhere"}
    assert as_("priya").post("/requests/new", foreign).status_code == 422
    assert not Ticket.objects.exists()


def test_a_page_that_forgot_its_filter_still_shows_nothing__attack_55(
    cast: Cast, things: Any, as_: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "visible_to_contact", lambda contacts: Ticket.objects.all())
    mine, foreign = things(cast.priya), things(cast.edgar)
    client = as_("priya")
    assert client.get(mine.address("requests/<int:number>")).status_code == 200
    assert client.get(foreign.address("requests/<int:number>")).status_code == 404
    assert client.get(foreign.address("files/<int:number>")).status_code == 404
    assert cast.corvid.name not in client.get("/requests").content.decode()


def test_totals_and_filters_of_customers_count_only_what_they_see__attack_52(
    cast: Cast, things: Any, as_: Callable[..., Client]
) -> None:
    things(cast.priya)
    foreign = things(cast.edgar)
    for asked in ("/", "/requests", "/requests?show=closed", f"/requests?before={foreign.ticket.pk + 1}"):
        page = as_("priya").get(asked).content.decode()
        assert f"/requests/{foreign.ticket.pk}" not in page
        assert cast.corvid.name not in page
