"""Progress reports: what is due, a draft that holds nothing of ours, one report to many, as each will read it (S2)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from cast import NOW, Cast, acting
from mainstay.customers.models import Customer
from mainstay.notices.announce import announce_pending
from mainstay.notices.models import Delivery
from mainstay.tickets import causes, dispatch, handover, progress, resolution, triage, work
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Event, Message, Ticket

As = Callable[..., Client]
NEW = "/desk/progress/new"


def page(client: Client, address: str = "/desk/progress") -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.fixture
def hers(cast: Cast, asks: Any) -> Callable[..., Ticket]:
    """A ticket that Mara works on and has answered once, so that reports are owed."""

    def made(who: Any = None, subject: str = "Badges refused", severity: int = 1) -> Ticket:
        ticket: Ticket = asks(who, subject=subject)
        by = acting(cast.ifeoma)
        triage.triage(ticket, severity=severity, category="technical", reason="Seen.", by=by, at=NOW)
        dispatch.assign(ticket, to=cast.mara, by=by, at=NOW)
        resolution.reply(ticket, said=Said("I look.", "desk"), by=acting(cast.mara), at=NOW)
        return ticket

    return made


def form(*tickets: Ticket, **more: str) -> dict[str, Any]:
    fields: dict[str, Any] = {"ticket": [str(one.pk) for one in tickets]}
    for one in tickets:
        fields |= {f"status-{one.pk}": f"We are at it, {one.pk}.", f"estimate-{one.pk}": "2026-03-03T12:00",
                   f"reason-{one.pk}": "", f"next-{one.pk}": ""}  # fmt: skip
    return fields | more


def reports(ticket: Ticket) -> int:
    return Event.objects.filter(ticket=ticket, kind="progress_reported").count()


def test_what_is_due_stands_in_the_queues_order_by_its_own_clock(
    cast: Cast, hers: Any, as_: As, now: datetime
) -> None:
    later, first = hers(cast.aiko, "Slow export", 2), hers()
    said = page(as_(cast.mara))
    assert "To tell before the shift ends" in said
    assert said.index(f'data-id="{first.pk}"') < said.index(f'data-id="{later.pk}"')
    assert "progress report" in said.lower()
    assert "You owe no progress report" in page(as_(cast.sanjay))
    assert f'data-id="{first.pk}"' in page(as_(cast.sanjay), "/desk/progress?view=all")
    resolution.reply(first, said=Said("Which?", "desk"), by=acting(cast.mara), at=NOW, wait=True)
    assert f'data-id="{first.pk}"' not in page(as_(cast.mara)), "its clock stands still"


def test_a_draft_holds_what_the_customer_may_know_and_nothing_of_ours__attack_37(
    cast: Cast, hers: Any, as_: As, now: datetime
) -> None:
    ticket, mara = hers(), acting(cast.mara)
    resolution.provide_workaround(ticket, text="By hand.", by=mara, at=NOW)
    resolution.wait_for_third_party(ticket, for_="SECRET the maker", by=mara, at=NOW)
    resolution.note(ticket, said=Said("SECRET note", "desk"), by=mara, at=NOW)
    handover.hand_over(ticket, to=cast.sanjay, note="SECRET handover", by=mara, at=NOW)
    resolution.record_root_cause(
        ticket, category="defect", text="SECRET cause", fix="SECRET fix", by=mara, at=NOW
    )
    resolution.link_defect(ticket, reference="SECRET-1", by=mara, at=NOW)
    work.log_work(
        ticket, minutes=30, day=NOW.date(), text="SECRET work", billable=True, user=cast.mara, by=mara, at=NOW
    )
    draft = progress.draft(ticket, zone="UTC")
    assert "Mara Lindqvist gave you a workaround" in draft
    assert "We wait for a third party" in draft
    assert "Sanjay Iyer works on it now" in draft
    assert "SECRET" not in draft
    assert "SECRET work" in page(as_(cast.mara), f"{NEW}?ticket={ticket.pk}"), "beside it, inside"


def test_a_draft_begins_after_the_last_report(cast: Cast, hers: Any) -> None:
    ticket, mara = hers(), acting(cast.mara)
    resolution.provide_workaround(ticket, text="By hand.", by=mara, at=NOW)
    resolution.report_progress(ticket, status="So far.", estimate=None, next_step="", by=mara, at=NOW)
    assert progress.draft(ticket, zone="UTC") == ""


def test_one_report_goes_to_all_tickets_of_a_cause_each_in_its_language_with_its_estimate(
    cast: Cast, hers: Any, as_: As, now: datetime
) -> None:
    Customer.objects.filter(pk=cast.kitano.pk).update(language="de")
    one, other = hers(), hers(cast.aiko, "Abzeichen abgelehnt")
    client = as_(cast.mara)
    written = page(client, f"{NEW}?ticket={one.pk}&ticket={other.pk}")
    assert 'name="common-en"' in written
    assert 'name="common-de"' in written
    filled = form(
        one, other, **{"common-en": "The certificate is renewed.", "common-de": "Das Zertifikat ist erneuert.",
                       f"estimate-{other.pk}": "2026-03-04T09:00"},
    )  # fmt: skip
    seen = client.post(NEW, filled).content.decode()
    assert "Nothing has been sent yet" in seen
    assert seen.count("As it would be sent") == 2
    assert "The certificate is renewed." in seen
    assert (reports(one), reports(other)) == (0, 0)
    assert not Message.objects.filter(text__contains="renewed").exists()
    assert client.post(NEW, {**filled, "send": "1"}).status_code == 303
    assert (reports(one), reports(other)) == (1, 1)
    while announce_pending(NOW + timedelta(minutes=1)):
        pass
    english = Delivery.objects.get(event__kind="progress_reported", recipient=cast.priya.email)
    german = Delivery.objects.get(event__kind="progress_reported", recipient=cast.aiko.email)
    assert "The certificate is renewed." in english.text
    assert "Zertifikat" not in english.text
    assert "Das Zertifikat ist erneuert." in german.text
    one.refresh_from_db()
    other.refresh_from_db()
    assert one.estimate != other.estimate


def test_what_was_shown_is_what_is_sent(cast: Cast, hers: Any, as_: As, now: datetime) -> None:
    ticket, client = hers(), as_(cast.mara)
    seen = client.post(NEW, form(ticket)).content.decode()
    client.post(NEW, form(ticket, send="1"))
    while announce_pending(NOW):
        pass
    sent = Delivery.objects.get(event__kind="progress_reported", recipient=cast.priya.email)
    for line in sent.text.splitlines():
        if line.strip() and "http" not in line:
            assert line.strip()[:40].replace("'", "&#x27;").replace('"', "&quot;") in seen


def test_a_changed_estimate_needs_its_reason_and_nothing_is_sent_to_anybody(
    cast: Cast, hers: Any, as_: As, now: datetime
) -> None:
    one, other, client = hers(), hers(subject="Another"), as_(cast.mara)
    client.post(NEW, form(other, send="1"))
    again = form(one, other, send="1", **{f"estimate-{other.pk}": "2026-03-05T12:00",
                                          f"status-{other.pk}": "Not to be lost."})  # fmt: skip
    refused = client.post(NEW, again)
    assert refused.status_code == 422
    said = refused.content.decode()
    assert f"Change reason of {other.pk}: is missing" in said
    assert "Not to be lost." in said
    assert (reports(one), reports(other)) == (0, 1)
    assert client.post(NEW, {**again, "reason": "The maker is late."}).status_code == 303
    history = page(client, f"{NEW}?ticket={other.pk}")
    assert "The maker is late." in history


def test_a_double_click_reports_once(cast: Cast, hers: Any, as_: As, now: datetime) -> None:
    ticket, client = hers(), as_(cast.mara)
    for _ in range(2):
        assert client.post(NEW, form(ticket, send="1")).status_code == 303
    assert reports(ticket) == 1


def test_closed_tickets_and_nonsense_are_left_out(cast: Cast, hers: Any, as_: As, now: datetime) -> None:
    client = as_(cast.mara)
    assert "Nobody is chosen" in page(client, f"{NEW}?ticket=999999&ticket=x%00&ticket={'9' * 40}")
    assert client.post(NEW, {"ticket": ["999999"], "send": "1"}).status_code == 422
    ticket = hers()
    assert client.post(NEW, form(ticket, **{f"estimate-{ticket.pk}": "never"})).status_code == 422


def test_an_auditor_reads_and_sends_nothing(cast: Cast, hers: Any, as_: As, now: datetime) -> None:
    ticket = hers()
    assert "Show how each reads" not in page(as_(cast.dmitri), f"{NEW}?ticket={ticket.pk}")
    assert as_(cast.dmitri).post(NEW, form(ticket, send="1")).status_code == 404


def test_one_report_is_offered_to_all_tickets_of_a_common_cause_of_whatever_customer(
    cast: Cast, hers: Any, as_: As, now: datetime
) -> None:
    mine, theirs, other = hers(), hers(cast.aiko, "Slow export", 2), hers(cast.beth, "Another matter", 2)
    cause = causes.begin("Expired certificate", at=NOW)
    for one in (mine, theirs):
        causes.join(one, cause, by=acting(cast.mara), at=NOW)
    client = as_(cast.mara)
    assert f'href="{NEW}?cause={cause.pk}"' in page(client, f"/desk/tickets/{mine.pk}")
    said = page(client, f"{NEW}?ticket={mine.pk}")
    assert "Of the same cause: Expired certificate" in said
    assert f'name="ticket" value="{theirs.pk}" checked' in said
    said = page(client, f"{NEW}?cause={cause.pk}")
    assert "to 2 tickets" in said
    assert f'name="status-{theirs.pk}"' in said
    assert f'name="status-{other.pk}"' not in said
    client.post(NEW, form(mine, theirs, send="1"))
    assert [reports(one) for one in (mine, theirs, other)] == [1, 1, 0]
    while announce_pending(NOW + timedelta(hours=1)):
        pass
    letters = Delivery.objects.filter(ticket=theirs, channel="email", recipient=cast.aiko.email)
    assert not [one for one in letters if "Harbourline" in one.text or str(mine.pk) in one.text]


@pytest.mark.parametrize("odd", ["0", "99999999", "x", "9" * 40, "-1", ""])
def test_a_cause_nobody_knows_chooses_nobody(odd: str, cast: Cast, as_: As, now: datetime) -> None:
    assert "Nobody is chosen" in page(as_(cast.mara), f"{NEW}?cause={odd}")
