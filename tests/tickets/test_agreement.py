"""What holds for a ticket follows its facts: found late from receipt, new from now (LESSONS 10-21)."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from cast import NOW, acting
from mainstay.catalogue import publish
from mainstay.catalogue.models import Package
from mainstay.contracts import terms
from mainstay.contracts.entitlement import entitlement_at
from mainstay.contracts.models import Contract
from mainstay.contracts.signing import sign_contract
from mainstay.errors import Refused
from mainstay.tickets import agreement, bound, closure, resolution, resolve, rollout, triage, verify, watch
from mainstay.tickets.models import Alarm, Change, ChangeOfTicket, Clock, Event, Outbox, Ticket, Timer

At = Callable[..., datetime]
ROUND, OFFICE = "always", "business"


def row(clock: str, target: str, calendar: str = ROUND, kind: str = "promise", **more: Any) -> dict[str, Any]:
    return {"clock": clock, "severity": "*", "target": target, "calendar": calendar, "kind": kind, **more}


def sold(cast: Any, code: str, *rows: dict[str, Any], **level: Any) -> Package:
    """A package of that code with a level of these targets, newly published."""
    base = publish.current(Package, "high")
    document = {**base.level.document, "targets": list(rows), **level}
    said: Any = {"by": acting(cast.ruth), "at": NOW, "reason": "For this test"}
    made = publish.publish_level(code=code, name=code.title(), rank=3, document=document, **said)
    return publish.publish_package(code=code, name=code.title(), level=made, document=base.document, **said)


def signed(cast: Any, package: Package, customer: Any = None, number: str = "T-1") -> Contract:
    return sign_contract(
        customer=customer or cast.quill, number=number, package=package, first_day=date(2026, 1, 1),
        last_day=date(2026, 12, 31), by=acting(cast.lena), at=NOW,
    )  # fmt: skip


def clock(ticket: Ticket, name: str) -> Clock:
    return Clock.objects.filter(ticket=ticket, clock=name).latest("n")


def clean(ticket: Ticket) -> bool:
    return list(verify.differences(Ticket.objects.get(pk=ticket.pk))) == []


@pytest.fixture
def phoned(cast: Any, opened: Callable[..., Ticket]) -> Ticket:
    """By mail, under terms whose round-the-clock promise holds only by phone."""
    signed(cast, sold(cast, "phoned", row("first_response", "4h", OFFICE),
                      row("first_response", "1h", when={"flag": "by_phone"})))  # fmt: skip
    return opened(cast.jonah, when=NOW)  # 00:30 in New York


# ---- flags


@pytest.mark.django_db
def test_a_call_on_the_ticket_brings_the_round_the_clock_promise_from_now_on(
    phoned: Ticket, cast: Any, at: At
) -> None:
    assert clock(phoned, "first_response").target == "4h"
    event = agreement.set_flag(
        phoned, flag="by_phone", reason="Jonah called", by=acting(cast.mara), at=at(minutes=30)
    )
    assert (event.kind, event.after.get("correction")) == ("agreement_changed", None)
    assert clock(phoned, "first_response").due_at == at(minutes=90)
    assert list(Event.objects.filter(ticket=phoned).values_list("kind", flat=True))[-2:] == [
        "flag_set", "agreement_changed",
    ]  # fmt: skip
    assert clean(phoned)


@pytest.mark.django_db
def test_taken_back_the_old_promise_is_reckoned_again(phoned: Ticket, cast: Any, at: At) -> None:
    by = acting(cast.mara)
    agreement.set_flag(phoned, flag="by_phone", reason="A call", by=by, at=at(minutes=30))
    agreement.clear_flag(phoned, flag="by_phone", reason="Not about this", by=by, at=at(minutes=40))
    assert phoned.flags == []
    assert (clock(phoned, "first_response").target, clean(phoned)) == ("4h", True)


@pytest.mark.django_db
def test_a_flag_that_no_row_asks_for_is_kept_and_moves_nothing(ticket: Ticket, cast: Any, at: At) -> None:
    before = clock(ticket, "first_response").due_at
    event = agreement.set_flag(
        ticket, flag="by_phone", reason="A call", by=acting(cast.mara), at=at(minutes=5)
    )
    assert event.kind == "flag_set"
    assert clock(ticket, "first_response").due_at == before
    assert not Event.objects.filter(ticket=ticket, kind="agreement_changed").exists()


@pytest.mark.django_db
@pytest.mark.parametrize(("flag", "why"), [("golden", "may be"), ("by_phone", "set already")])
def test_a_flag_nobody_knows_or_that_is_set_is_refused(
    phoned: Ticket, cast: Any, at: At, flag: str, why: str
) -> None:
    by = acting(cast.mara)
    agreement.set_flag(phoned, flag="by_phone", reason="A call", by=by, at=at(minutes=1))
    with pytest.raises(Refused, match=why):
        agreement.set_flag(phoned, flag=flag, reason="x", by=by, at=at(minutes=2))


# ---- facts found late


@pytest.mark.django_db
def test_the_category_first_set_counts_from_receipt(cast: Any, opened: Callable[..., Ticket], at: At) -> None:
    signed(cast, sold(cast, "kinds", row("first_response", "2h"),
                      row("first_response", "8h", when={"category": "billing"})))  # fmt: skip
    ticket = opened(cast.jonah)
    triage.triage(
        ticket, severity=3, category="billing", reason="An invoice", by=acting(cast.ifeoma), at=at(hours=1)
    )
    changed = Event.objects.get(ticket=ticket, kind="agreement_changed")
    assert changed.after["correction"] is True
    assert clock(ticket, "first_response").due_at == at(hours=8)
    assert clean(ticket)


@pytest.mark.django_db
def test_another_category_later_counts_from_now(cast: Any, opened: Callable[..., Ticket], at: At) -> None:
    signed(cast, sold(cast, "kinds", row("first_response", "8h"),
                      row("first_response", "2h", when={"category": "technical"})))  # fmt: skip
    ticket = opened(cast.jonah)
    for category, hour in (("billing", 1), ("technical", 3)):
        triage.triage(
            ticket, severity=3, category=category, reason="Read", by=acting(cast.ifeoma), at=at(hours=hour)
        )
    assert (
        "correction" not in Event.objects.filter(ticket=ticket, kind="agreement_changed").latest("seq").after
    )
    assert clock(ticket, "first_response").due_at == at(hours=5)


@pytest.mark.django_db
def test_the_environment_named_late_chooses_the_contract_again_from_receipt(
    cast: Any, opened: Callable[..., Ticket], at: At
) -> None:
    test = cast.quill.environments.get(name="Test")
    sold(cast, "wide", row("first_response", "2h"))
    narrow = sold(cast, "narrow", row("first_response", "9h"))
    sign_contract(customer=cast.quill, number="P", package=publish.current(Package, "wide"),
                  environment=cast.production(cast.quill), first_day=date(2026, 1, 1), last_day=None,
                  by=acting(cast.lena), at=NOW)  # fmt: skip
    sign_contract(customer=cast.quill, number="N", package=narrow, environment=test, first_day=date(2026, 1, 1),
                  last_day=None, by=acting(cast.lena), at=NOW)  # fmt: skip
    ticket = opened(cast.jonah)
    agreement.name_environment(
        ticket, environment=test, reason="It says so", by=acting(cast.ifeoma), at=at(hours=1)
    )
    assert (ticket.contract.number, ticket.environment) == ("N", test)  # type: ignore[union-attr]
    assert clock(ticket, "first_response").due_at == at(hours=9)
    assert "It is about Test (test)" in " ".join(ticket.entitled_because)
    assert clean(ticket)


@pytest.mark.django_db
def test_another_customers_system_is_refused(ticket: Ticket, cast: Any, at: At) -> None:
    with pytest.raises(Refused, match="not a system of this customer"):
        agreement.name_environment(
            ticket, environment=cast.production(cast.kitano), reason="x", by=acting(cast.ifeoma), at=at()
        )


# ---- a value for one ticket


@pytest.mark.django_db
def test_a_value_may_be_agreed_where_the_terms_leave_room_for_one(
    cast: Any, opened: Callable[..., Ticket], at: At
) -> None:
    signed(cast, sold(cast, "asagreed", row("first_response", "2h"), row("resolution", "4h", agreed=True)))
    ticket, by = opened(cast.jonah), acting(cast.mara)
    agreement.agree_target(ticket, clock="resolution", target="72h", calendar=ROUND, reason="A new part comes",
                           by=by, at=at(hours=1))  # fmt: skip
    assert clock(ticket, "resolution").due_at == at(hours=72)
    with pytest.raises(Refused, match="leave room for resolution"):
        agreement.agree_target(
            ticket, clock="first_response", target="9h", calendar=ROUND, reason="x", by=by, at=at()
        )
    agreement.agree_target(ticket, clock="resolution", target="", calendar="", reason="Not needed", by=by,
                           at=at(hours=2))  # fmt: skip
    assert (clock(ticket, "resolution").target, clean(ticket)) == ("4h", True)


# ---- severities


@pytest.fixture
def ruled(cast: Any) -> None:
    rules = [
        {"rule": "default", "severity": 2, "when": {"channel": "phone"}},
        {"rule": "forced", "severity": 3, "when": {"category": "feature"}, "words": "a wish is never urgent"},
        {"rule": "ceiling", "severity": 2, "when": {"environment": ["test", "development"]}},
        {"rule": "unavailable", "severity": 1, "when": {"category": "enquiry"}},
    ]
    document = {**publish.current_desk_policy().document, "severity_rules": rules}
    publish.publish_desk_policy(document=document, by=acting(cast.ruth), at=NOW, reason="Rules")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("who", "severity", "category", "why"),
    [("jonah", 1, "enquiry", "is not to be had for category enquiry"),
     ("priya", 2, "feature", "always severity 3: a wish is never urgent")],
)  # fmt: skip
def test_a_severity_that_the_policy_does_not_have_is_refused_with_the_rule(
    ruled: None,
    cast: Any,
    opened: Callable[..., Ticket],
    at: At,
    who: str,
    severity: int,
    category: str,
    why: str,
) -> None:
    ticket = opened(getattr(cast, who))
    with pytest.raises(Refused, match=why) as refused:
        triage.triage(
            ticket, severity=severity, category=category, reason="x", by=acting(cast.ifeoma), at=at()
        )
    assert refused.value.field == "severity"
    assert not Ticket.objects.get(pk=ticket.pk).category


@pytest.mark.django_db
def test_below_production_the_ceiling_holds_and_a_request_is_received_all_the_same(
    ruled: None, cast: Any, opened: Callable[..., Ticket], at: At
) -> None:
    from mainstay.tickets.acknowledgement import Request, open_ticket
    from mainstay.tickets.messages import Said

    test = cast.harbourline.environments.get(name="Test")
    request = Request(
        subject="Down", said=Said("All of it", "portal"), customer=cast.harbourline, contact=cast.priya,
        environment=test, severity=1, category="technical",
    )  # fmt: skip
    ticket = open_ticket(request, by=acting(cast.priya), at=NOW)
    assert ticket.severity == 2
    assert "severity 2 at the gravest" in " ".join(ticket.entitled_because)
    with pytest.raises(Refused, match="at the gravest for environment test"):
        triage.change_severity(ticket, severity=1, reason="x", by=acting(cast.ifeoma), at=at(minutes=1))


# ---- the lessons


@pytest.mark.django_db
def test_10_terms_that_lack_a_clock_end_it_visibly(phoned: Ticket, cast: Any, at: At) -> None:
    poorer = signed_again(cast, sold(cast, "poorer", row("resolution", "9h")))
    change = agreement.schedule(
        scope=poorer, why="Less is sold", by=acting(cast.lena), at=at(), effective=NOW.date()
    )
    run(at(hours=1))
    assert rollout.progress(change).changed == 1
    assert clock(phoned, "first_response").state == "cancelled"
    moved = Event.objects.get(ticket=phoned, kind="agreement_changed").text.detail["moved"]
    assert ["first_response", 1, "promise"] in [one[:3] for one in moved]
    assert clean(phoned)


def signed_again(cast: Any, package: Package, day: date = date(2026, 3, 2)) -> Contract:
    """The next version of Quill's contract, from the day on which the tickets of these tests came."""
    old = Contract.objects.get(number="T-1", version=1)
    Contract.objects.filter(pk=old.pk).update(period=(date(2026, 1, 1), day))
    return Contract.objects.create(
        customer=cast.quill, number="T-1", version=2, how="amended", supersedes=old, package=package,
        desk_policy=old.desk_policy, period=DateRange(day, date(2027, 1, 1)),
        signed_on=NOW.date(),
    )  # fmt: skip


@pytest.mark.django_db
def test_the_versions_in_force_of_many_contracts_are_read_together(
    phoned: Ticket, cast: Any, django_assert_num_queries: Any
) -> None:
    newer = signed_again(cast, sold(cast, "newer", row("first_response", "1h")))
    held = list(Contract.objects.all())
    assert len(held) > 2
    with django_assert_num_queries(3):
        found = resolve.in_force(held, NOW.date())
        assert all(one.package.level and one.desk_policy for one in found.values())
    alone = {one.pk: resolve.in_force([one], NOW.date())[one.pk] for one in held}
    assert found == alone
    assert found[Contract.objects.get(number="T-1", version=1).pk] == newer
    assert found[newer.pk] == newer


def run(now: datetime) -> None:
    while rollout.work(now):
        pass


@pytest.mark.django_db
def test_11_other_terms_never_erase_a_breach(phoned: Ticket, cast: Any, at: At) -> None:
    agreement.set_flag(phoned, flag="by_phone", reason="A call", by=acting(cast.mara), at=at())
    longer = signed_again(cast, sold(cast, "longer", row("first_response", "90h")))
    change = agreement.schedule(
        scope=longer, why="More time", by=acting(cast.lena), at=at(hours=2), effective=date(2026, 3, 3)
    )
    run(at(days=1))
    assert rollout.progress(change).changed == 1
    assert clock(phoned, "first_response").earlier_breaches == [at(hours=1).isoformat()]


@pytest.mark.django_db
def test_13_a_contract_that_ends_in_mid_ticket_leaves_its_promise_standing(
    phoned: Ticket, cast: Any, at: At
) -> None:
    before = clock(phoned, "first_response").due_at
    bound.end_contract(phoned.contract, last_day=NOW.date(), by=acting(cast.lena), at=at(hours=1))  # type: ignore[arg-type]
    triage.triage(
        phoned, severity=3, category="technical", reason="Read", by=acting(cast.ifeoma), at=at(days=2)
    )
    assert (clock(phoned, "first_response").due_at, phoned.contract.number) == (before, "T-1")  # type: ignore[union-attr]
    assert not Event.objects.filter(ticket=phoned, kind="agreement_changed").exists()


@pytest.mark.django_db
def test_14_a_change_is_shown_before_it_takes_effect(phoned: Ticket, cast: Any, at: At) -> None:
    sooner = signed_again(cast, sold(cast, "sooner", row("first_response", "3h")))
    effects = agreement.preview(agreement.judged_by(sooner), agreement.under(sooner), at=at(hours=1))
    assert [(one.ticket, [(m.clock, m.was_words, m.now) for m in one.moved]) for one in effects] == [
        (phoned, [("first_response", "4 business hours", at(hours=4))])
    ]
    assert clock(phoned, "first_response").target == "4h"
    assert not Event.objects.filter(ticket=phoned, kind="agreement_changed").exists()


@pytest.mark.django_db
def test_14_a_change_is_written_once_however_often_it_is_worked_on(phoned: Ticket, cast: Any, at: At) -> None:
    sooner = signed_again(cast, sold(cast, "sooner", row("first_response", "3h")))
    change = agreement.schedule(
        scope=sooner, why="Faster", by=acting(cast.lena), at=at(), effective=NOW.date()
    )
    for _ in range(3):
        run(at(minutes=5))
    assert Event.objects.filter(ticket=phoned, kind="agreement_changed").count() == 1
    assert Change.objects.get(pk=change.pk).state == "done"
    ticket = Ticket.objects.get(pk=phoned.pk)
    assert (ticket.contract, clean(phoned)) == (sooner, True)


@pytest.mark.django_db
def test_14_what_was_told_is_not_told_again_because_the_due_instant_moved(
    phoned: Ticket, cast: Any, at: At
) -> None:
    by = acting(cast.mara)
    agreement.set_flag(phoned, flag="by_phone", reason="A call", by=by, at=at())
    while watch.look(at(hours=2)):
        pass
    told = Event.objects.filter(ticket=phoned, kind__in=["warned", "breached"]).count()
    assert told == 2
    triage.recognise(phoned, customer=cast.fernleigh, contact=None, reason="A mistake", by=by, at=at(hours=2))
    triage.recognise(phoned, customer=cast.quill, contact=None, reason="No, theirs", by=by, at=at(hours=2))
    while watch.look(at(hours=2, seconds=5)):
        pass
    again = Event.objects.filter(ticket=phoned, kind__in=["warned", "breached"]).count()
    assert again == told
    assert Alarm.objects.filter(ticket=phoned).exists()


@pytest.mark.django_db
def test_14_a_change_of_many_is_announced_by_nobody(phoned: Ticket, cast: Any, at: At) -> None:
    sooner = signed_again(cast, sold(cast, "sooner", row("first_response", "3h")))
    agreement.schedule(scope=sooner, why="Faster", by=acting(cast.lena), at=at(), effective=NOW.date())
    run(at(minutes=5))
    changed = Event.objects.get(ticket=phoned, kind="agreement_changed")
    assert not Outbox.objects.filter(event=changed).exists()
    assert changed.after["quiet"] is True


@pytest.mark.django_db
def test_a_change_waits_for_its_day_where_the_customer_is(phoned: Ticket, cast: Any, at: At) -> None:
    sooner = signed_again(cast, sold(cast, "sooner", row("first_response", "3h")))
    agreement.schedule(scope=sooner, why="Faster", by=acting(cast.lena), at=at(), effective=date(2026, 3, 3))
    midnight = datetime.fromisoformat("2026-03-03T00:00:00-05:00")
    run(midnight - timedelta(seconds=1))
    assert not Event.objects.filter(ticket=phoned, kind="agreement_changed").exists()
    run(midnight + timedelta(hours=7))
    assert Event.objects.get(ticket=phoned, kind="agreement_changed").at == midnight


@pytest.mark.django_db
def test_a_ticket_that_came_between_decision_and_day_changes_too(
    phoned: Ticket, cast: Any, opened: Callable[..., Ticket], at: At
) -> None:
    sooner = signed_again(cast, sold(cast, "sooner", row("first_response", "3h")), day=date(2026, 3, 4))
    agreement.schedule(scope=sooner, why="Faster", by=acting(cast.lena), at=at(), effective=date(2026, 3, 4))
    late = opened(cast.jonah, when=at(days=1))
    assert late.contract.version == 1  # type: ignore[union-attr]
    run(at(days=3))
    assert Ticket.objects.get(pk=late.pk).contract == sooner
    assert clean(late)


@pytest.mark.django_db
def test_a_ticket_that_cannot_be_reckoned_holds_up_no_other(
    phoned: Ticket, cast: Any, opened: Callable[..., Ticket], at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = opened(cast.jonah)
    sooner = signed_again(cast, sold(cast, "sooner", row("first_response", "3h")))
    change = agreement.schedule(
        scope=sooner, why="Faster", by=acting(cast.lena), at=at(), effective=NOW.date()
    )
    known = resolve.entry
    monkeypatch.setattr(
        resolve, "entry",
        lambda ticket, *a, **k: 1 / 0 if ticket.pk == phoned.pk else known(ticket, *a, **k),
    )  # fmt: skip
    run(at(minutes=5))
    found = rollout.progress(change)
    assert (found.changed, found.failed) == (1, 1)
    assert "ZeroDivisionError" in ChangeOfTicket.objects.get(ticket=phoned).error
    assert clean(other)


@pytest.mark.django_db
def test_what_the_background_writes_is_what_the_verb_writes(
    cast: Any, opened: Callable[..., Ticket], phoned: Ticket, at: At
) -> None:
    """Two tickets alike: one gets other terms by the verb, the other in the background."""
    from mainstay.tickets import events, resolve

    other = opened(cast.jonah, when=NOW)
    sooner = signed_again(
        cast, sold(cast, "sooner", row("first_response", "3h"), row("resolution", "2bd", OFFICE))
    )
    with events.changing(other) as fresh:
        found = agreement.under(sooner)(fresh)
        kept = resolve.again(fresh, resolve.Basis("contract", sooner, sooner.package, sooner.desk_policy))
        assert kept.terms.pk == found.terms.pk
        agreement.apply(fresh, kept, by=acting(cast.lena), at=NOW, why="Faster", tell=False)
        fresh.save()
    agreement.schedule(scope=sooner, why="Faster", by=acting(cast.lena), at=at(), effective=NOW.date())
    run(at(minutes=5))
    one, two = (Event.objects.get(ticket=t, kind="agreement_changed") for t in (phoned, other))
    for name in ("at", "by_kind", "by_id", "before", "after", "seq"):
        assert getattr(one, name) == getattr(two, name), name
    assert (one.text.why, one.text.detail) == (two.text.why, two.text.detail)
    skipped = {"id", "ticket_id", "last_hash", "_state", "subject"}
    rows = [Ticket.objects.get(pk=t.pk).__dict__ for t in (phoned, other)]
    assert [(k, v) for k, v in rows[0].items() if k not in skipped] == [
        (k, v) for k, v in rows[1].items() if k not in skipped
    ]
    clocks = [
        [{k: v for k, v in c.__dict__.items() if k not in skipped} for c in Clock.objects.filter(ticket=t)]
        for t in (phoned, other)
    ]
    assert clocks[0] == clocks[1]
    assert clean(phoned)


@pytest.mark.django_db
def test_15_of_two_rows_that_could_hold_the_one_that_says_more_holds_and_it_is_shown(
    cast: Any, opened: Callable[..., Ticket]
) -> None:
    signed(cast, sold(cast, "two", row("first_response", "6h"), row("first_response", "5h", when={"channel": "email"}),
                      row("first_response", "3h", when={"channel": "email", "language": "en"})))  # fmt: skip
    ticket = opened(cast.jonah)
    assert clock(ticket, "first_response").target == "3h"
    assert terms.load(ticket.terms_id).document["facts"] == {"channel": "email", "language": "en"}


@pytest.mark.django_db
def test_16_an_expired_contract_is_never_selected_and_a_suspended_one_neither(cast: Any) -> None:
    contract = signed(cast, publish.current(Package, "high"))
    assert entitlement_at(cast.quill, NOW).contract == contract
    Contract.objects.filter(pk=contract.pk).update(
        suspended=[{"from": "2026-03-01", "until": None, "why": "the invoice is open"}]
    )
    found = entitlement_at(cast.quill, NOW)
    assert found.kind == "included"
    assert any("suspended since 1 March 2026: the invoice is open" in said for said in found.because)


@pytest.mark.django_db
def test_17_a_closed_ticket_gets_no_other_terms(phoned: Ticket, cast: Any, at: At) -> None:
    closure.close(phoned, reason="resolved", text="Done.", by=acting(cast.mara), at=at(minutes=5))
    sooner = signed_again(cast, sold(cast, "sooner", row("first_response", "3h")))
    change = agreement.schedule(
        scope=sooner, why="Faster", by=acting(cast.lena), at=at(), effective=NOW.date()
    )
    run(at(hours=1))
    assert change.total == 0
    assert clock(phoned, "first_response").state == "stopped"


@pytest.mark.django_db
def test_18_other_terms_never_invent_a_response(phoned: Ticket, cast: Any, at: At) -> None:
    agreement.set_flag(phoned, flag="by_phone", reason="A call", by=acting(cast.mara), at=at(hours=3))
    assert clock(phoned, "first_response").stopped_at is None
    from mainstay.tickets.messages import Said

    resolution.reply(phoned, said=Said("Hello", "desk"), by=acting(cast.mara), at=at(hours=9))
    assert clock(phoned, "first_response").stopped_at == at(hours=9)


@pytest.mark.django_db
def test_20_the_calendar_of_the_row_counts_whatever_the_team_works(
    cast: Any, opened: Callable[..., Ticket]
) -> None:
    signed(cast, sold(cast, "whose", row("first_response", "2h", OFFICE), row("resolution", "2h", ROUND)))
    ticket = opened(cast.jonah)
    assert (clock(ticket, "first_response").calendar, clock(ticket, "resolution").calendar) == (OFFICE, ROUND)


@pytest.mark.django_db
def test_21_other_terms_say_which_day_they_mean(phoned: Ticket, cast: Any, at: At) -> None:
    days = signed_again(cast, sold(cast, "days", row("first_response", "1bd", OFFICE)))
    (effect,) = agreement.preview(agreement.judged_by(days), agreement.under(days), at=at(hours=1))
    assert effect.moved[0].now_words == "1 business day"


# ---- closing by itself, as the terms of the severity say


@pytest.mark.django_db
def test_a_severity_may_never_close_by_itself_nor_come_back_by_mail(
    cast: Any, opened: Callable[..., Ticket], at: At
) -> None:
    rules = [{"severity": 3, "closes": False}]
    document = {
        **publish.current_desk_policy().document,
        "closing_rules": rules,
        "reopen_channels": ["portal"],
    }
    publish.publish_desk_policy(document=document, by=acting(cast.ruth), at=NOW, reason="Rules")
    signed(cast, publish.current(Package, "high"))
    ticket, by = opened(cast.jonah), acting(cast.mara)
    resolution.propose_solution(ticket, text="Renew it.", by=by, at=at(minutes=5))
    assert set(Timer.objects.filter(ticket=ticket).values_list("kind", flat=True)) == {"remind"}
    closure.close(ticket, reason="resolved", text="Done.", by=by, at=at(minutes=9))
    assert closure.reopens(ticket, at=at(hours=1), channel="portal")
    assert not closure.reopens(ticket, at=at(hours=1), channel="email")
