"""Sales and managers negotiate, sign, amend, renew and suspend contracts in the desk; customers read theirs (P5)."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction

from cast import NOW, acting
from mainstay.accounts.models import Act
from mainstay.contracts import terms
from mainstay.contracts.models import Contract, Draft, Paper, Reminder
from mainstay.notices import renewals
from mainstay.notices.models import Delivery
from mainstay.tickets import rollout
from mainstay.tickets.models import Change, Event, Ticket

HEAD = {"number": "LA-1", "package": "high", "first_day": "2026-04-01", "last_day": "2027-03-31"}
SIGN = {
    "signed_on": "2026-03-02", "vendor_name": "Hana Sato", "vendor_title": "Manager",
    "customer_name": "Nora Pike", "customer_title": "Director",
}  # fmt: skip
FIRST = "targets first_response 1"


def done(answer: Any) -> str:
    assert answer.status_code == 303, answer.content.decode()[:6000]
    return " ".join(str(one) for one in get_messages(answer.wsgi_request))


def refused(answer: Any) -> str:
    assert answer.status_code == 422, answer.status_code
    return str(answer.content.decode())


def seen(client, address):
    answer = client.get(address)
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


def begin(client, customer="LAPSED", **more):
    answer = client.post("/desk/contracts/drafts/new", {**HEAD, "customer": customer, **more})
    done(answer)
    return answer["Location"]


def signed(as_, cast, at, *also):
    """From submitted to signed: hana approves, and whoever else has to."""
    done(as_(cast.lena).post(f"{at}/submission"))
    for who in (cast.hana, *also):
        done(as_(who).post(f"{at}/approval", {"text": "Good."}))
    done(as_(cast.lena).post(f"{at}/signature", SIGN))
    return Draft.objects.get(pk=int(at.rpartition("/")[2])).contract


def start(client, contract, kind):
    answer = client.post(f"/desk/contracts/{contract.pk}/drafts", {"kind": kind})
    done(answer)
    return answer["Location"]


def head_of(draft_at, **more):
    held = Draft.objects.select_related("package").get(pk=int(draft_at.rpartition("/")[2]))
    return {
        "number": held.number, "package": held.package.code, "first_day": held.first_day.isoformat(),
        "last_day": held.last_day.isoformat() if held.last_day else "", "phone_number": held.phone_number, **more,
    }  # fmt: skip


def cells_of(draft_at, **more):
    """What the page's fields hold, with some of them typed anew."""
    from mainstay.contracts import drafts

    held = Draft.objects.select_related(*drafts.RELATED).get(pk=int(draft_at.rpartition("/")[2]))
    return {f"o {one.line.key}": one.offered for one in drafts.side_by_side(held, NOW)} | more


def harbourline(cast):
    return Contract.objects.get(customer=cast.harbourline)


# ---- from a draft to a signed contract


def test_lena_sells_hana_and_ruth_approve_and_the_customer_reads_it(cast, as_, now):
    lena = as_(cast.lena)
    at = begin(lena, phone_number="+44 20 5550 0100")
    done(
        lena.post(
            f"{at}/lines", {f"o {FIRST}": "30m", f"a {FIRST}": "15m always", "o price": "9000.00 EUR, a year"}
        )
    )
    page = seen(lena, at)
    assert "1 business hour, promise" in page
    assert "exceeds:" in page
    assert "asked otherwise" in page
    assert "2 people approve it" in page
    done(lena.post(f"{at}/notes", {"line": FIRST, "text": "Their night shift starts at six."}))
    assert "Their night shift starts at six." in seen(as_(cast.mara), at)

    assert "waits for approval" in done(lena.post(f"{at}/submission"))
    assert lena.post(f"{at}/approval", {}).status_code == 404
    assert "a second person has to as well" in done(as_(cast.hana).post(f"{at}/approval", {"text": "Fair."}))
    assert "a second person is needed" in refused(as_(cast.hana).post(f"{at}/approval", {}))
    assert "once it is approved" in refused(lena.post(f"{at}/signature", SIGN))
    assert "may be signed" in done(as_(cast.ruth).post(f"{at}/approval", {}))
    assert "LA-1, version 1 is signed" in done(lena.post(f"{at}/signature", SIGN))

    held = Contract.objects.get(number="LA-1")
    assert [one["name"] for one in held.signatories] == ["Hana Sato", "Nora Pike"]
    assert held.price == {"basis": "a year", "amount": "9000.00", "currency": "EUR"}
    kinds = set(Act.objects.filter(what__startswith="LA-1 of").values_list("kind", flat=True))
    assert {"draft begun", "draft changed", "draft submitted", "draft approved", "contract signed"} <= kinds
    page = seen(as_(cast.nora), "/contracts")
    assert "30 business minutes, promise" in page
    assert "9000.00 EUR" in page
    assert as_(cast.nora).get(f"/contracts/{held.pk}/pdf").getvalue().startswith(b"%PDF")


def test_what_they_asked_is_offered_with_one_click(cast, as_, now):
    lena = as_(cast.lena)
    at = begin(lena)
    done(lena.post(f"{at}/lines", {"o contacts": "20", "a contacts": "30", "a channels": "email"}))
    done(lena.post(f"{at}/takeover"))
    assert Draft.objects.get().offered == {"contacts": 30, "channels": ["email"]}


def test_a_cell_that_cannot_be_is_shown_again_with_its_place(cast, as_, now):
    at = begin(as_(cast.lena))
    page = refused(as_(cast.lena).post(f"{at}/lines", {f"o {FIRST}": "soon", "o contacts": "20"}))
    assert "First response, severity 1 (our offer): cannot read" in page
    assert 'value="soon"' in page
    assert Draft.objects.get().offered == {}


@pytest.mark.parametrize("rest", ['{"kpis": {"uptime": {"percent": "99"}}}', '{"kpis": [{"kpi": "uptime"}]}'])
def test_what_has_a_line_is_not_written_beside_the_lines(cast, as_, rest):
    at = begin(as_(cast.lena))
    page = refused(as_(cast.lena).post(f"{at}/lines", {"rest": rest}))
    assert "kpis has lines of its own above; write it there" in page


def test_an_impossible_promise_is_not_submitted(cast, as_, now):
    at = begin(as_(cast.lena))
    done(as_(cast.lena).post(f"{at}/lines", {f"o {FIRST}": "15m always"}))
    assert "nobody is there for up to 64 hours" in refused(as_(cast.lena).post(f"{at}/submission"))


@pytest.mark.parametrize("name", ["mara", "ifeoma", "owen", "dmitri"])
def test_others_read_and_do_not_negotiate(cast, as_, now, name):
    at = begin(as_(cast.lena))
    who = as_(getattr(cast, name))
    assert "LA-1" in seen(who, at)
    for act in ("lines", "head", "submission", "signature", "withdrawal", "approval"):
        assert who.post(f"{at}/{act}", {}).status_code == 404
    assert 'name="o ' not in seen(who, f"{at}?show=all")


def test_the_advisors_result_starts_a_draft(cast, as_, now):
    from mainstay.advisor import advice, publish

    rules = publish.current()
    token = advice.of_answers(rules, {one.code: len(one.answers) - 1 for one in rules.rules.questions}).token
    page = seen(as_(cast.lena), f"/desk/contracts/drafts/new?advice={token}&customer=LAPSED")
    assert '<option value="LAPSED" selected>' in page
    assert "The advisor recommends the package because" in page
    begin(as_(cast.lena), advice=token)
    assert token in seen(as_(cast.lena), f"/desk/contracts/drafts/{Draft.objects.get().pk}")


# ---- amending


def test_an_amendment_shows_what_would_change_and_each_open_ticket_is_told_once(cast, as_, asks, now):
    ticket = asks(cast.priya)
    held = harbourline(cast)
    at = start(as_(cast.lena), held, "amendment")
    done(
        as_(cast.lena).post(
            f"{at}/head", head_of(at, first_day="2026-03-09", applies_to_open="1", reason="Grown.")
        )
    )
    done(as_(cast.lena).post(f"{at}/lines", cells_of(at, **{"o targets resolution 3": "10bd"})))
    page = seen(as_(cast.lena), at)
    assert "15 business days" in page
    assert "10 business days" in page
    assert f"/desk/tickets/{ticket.pk}" in page
    assert "<td>resolution " in page
    assert not Event.objects.filter(kind="agreement_changed").exists()

    made = signed(as_, cast, at, cast.ruth)
    assert (made.version, made.applies_to_open) == (2, True)
    change = Change.objects.get()
    assert (change.contract, change.total) == (made, 1)
    begins = NOW + timedelta(days=7)
    while rollout.work(begins):
        pass
    told = Event.objects.filter(ticket=ticket, kind="agreement_changed")
    assert told.count() == 1
    ticket.refresh_from_db()
    assert ticket.contract == made
    while rollout.work(begins + timedelta(days=1)):
        pass
    assert told.count() == 1


def test_without_that_word_open_tickets_stay_as_they_are(cast, as_, asks, now):
    ticket = asks(cast.priya)
    at = start(as_(cast.lena), harbourline(cast), "amendment")
    done(as_(cast.lena).post(f"{at}/lines", cells_of(at, **{"o targets resolution 3": "20bd"})))
    signed(as_, cast, at)
    assert not Change.objects.exists()
    ticket.refresh_from_db()
    assert ticket.contract.version == 1
    later = asks(cast.priya, at=NOW + timedelta(days=2))
    assert later.contract.version == 2


def test_13_a_contract_that_is_followed_or_ends_in_mid_ticket_leaves_its_promise_standing(
    cast, as_, asks, now
):
    ticket = asks(cast.priya)
    before = Ticket.objects.get(pk=ticket.pk)
    at = start(as_(cast.lena), harbourline(cast), "amendment")
    done(as_(cast.lena).post(f"{at}/lines", cells_of(at, **{"o targets first_response 3": "12h"})))
    made = signed(as_, cast, at)
    suspended = {"from_day": "2026-03-05", "until": "", "why": "unpaid"}
    done(as_(cast.lena).post(f"/desk/contracts/{made.pk}/suspension", suspended))
    after = Ticket.objects.get(pk=ticket.pk)
    assert (after.terms_id, after.due_at, after.contract.version) == (before.terms_id, before.due_at, 1)


@pytest.mark.parametrize(
    ("day", "says"),
    [
        ("2024-06-01", "lies before HA-2025-1, version 1"),
        ("2025-01-01", "a period of minus one day"),
        ("2028-06-01", "Last day: is before the first day"),
    ],
)
def test_an_amendment_that_cannot_be_is_refused_with_place_and_reason(cast, as_, asks, now, day, says):
    asks(cast.priya)
    at = start(as_(cast.lena), harbourline(cast), "amendment")
    assert says in refused(as_(cast.lena).post(f"{at}/head", head_of(at, first_day=day)))


def test_an_amendment_from_before_a_ticket_was_received_is_found_before_anybody_approves(
    cast, as_, asks, now
):
    asks(cast.priya)
    at = start(as_(cast.lena), harbourline(cast), "amendment")
    done(as_(cast.lena).post(f"{at}/head", head_of(at, first_day="2026-03-01")))
    assert "First day: is before the receipt of ticket" in seen(as_(cast.lena), at)
    assert "is before the receipt of ticket" in refused(as_(cast.lena).post(f"{at}/submission"))


def test_an_amendment_is_not_signed_over_a_ticket_that_came_meanwhile(cast, as_, asks, now):
    held = harbourline(cast)
    at = start(as_(cast.lena), held, "amendment")
    done(as_(cast.lena).post(f"{at}/head", head_of(at, first_day="2026-03-01")))
    done(as_(cast.lena).post(f"{at}/submission"))
    done(as_(cast.hana).post(f"{at}/approval", {}))
    asks(cast.priya)
    assert "is before the receipt of ticket" in refused(as_(cast.lena).post(f"{at}/signature", SIGN))
    held.refresh_from_db()
    assert Contract.objects.filter(customer=cast.harbourline).count() == 1
    assert held.last_day.isoformat() == "2027-12-31"


# ---- renewing, adding, suspending


def test_a_renewal_with_another_price_follows(cast, as_, now):
    at = start(as_(cast.lena), harbourline(cast), "renewal")
    assert "2028" in seen(as_(cast.lena), at)
    done(as_(cast.lena).post(f"{at}/lines", cells_of(at, **{"o price": "52000.00 AUD"})))
    made = signed(as_, cast, at)
    assert (made.version, made.how, made.price["amount"]) == (2, "renewed", "52000.00")
    page = seen(as_(cast.mara), f"/desk/contracts/{made.pk}")
    assert "Price: each environment, a year became 52000.00 AUD, each environment, a year" in page


def test_one_contract_covers_systems_at_different_levels(cast, as_, now):
    systems = {one.name: str(one.pk) for one in cast.lapsed.environments.all()}
    at = begin(as_(cast.lena))
    done(as_(cast.lena).post(f"{at}/head", head_of(at, environment=systems["Production"])))
    first = signed(as_, cast, at)
    at = start(as_(cast.lena), first, "addition")
    added = head_of(at, environment=systems["Test"], package="standard", first_day="2026-04-01")
    done(as_(cast.lena).post(f"{at}/head", added))
    second = signed(as_, cast, at)
    page = seen(as_(cast.mara), f"/desk/contracts/{second.pk}")
    assert "Covered systems" in page
    assert "High Priority" in page
    assert "Standard Business" in page


def test_suspended_and_resumed_with_its_reason(cast, as_, now):
    held = harbourline(cast)
    at = f"/desk/contracts/{held.pk}"
    done(
        as_(cast.lena).post(f"{at}/suspension", {"from_day": "2026-03-01", "until": "", "why": "the invoice"})
    )
    assert "Suspended since 2026-03-01" in seen(as_(cast.mara), at)
    assert "the invoice" in seen(as_(cast.mara), "/desk/customers/HARBOURLINE")
    assert "the invoice" in seen(as_(cast.priya), "/contracts")
    assert "is within a suspension" in refused(
        as_(cast.lena).post(f"{at}/suspension", {"from_day": "2026-03-05", "until": "", "why": "again"})
    )
    done(as_(cast.lena).post(f"{at}/resumption", {"day": "2026-03-02"}))
    assert "Suspended since" not in seen(as_(cast.mara), at)


def test_those_that_end_are_listed_and_told_once_each(cast, as_, now):
    at = begin(as_(cast.lena), first_day="2026-03-01", last_day="2026-04-15", tam=cast.owen.pk)
    held = signed(as_, cast, at)
    page = seen(as_(cast.mara), "/desk/contracts/renewals?within=90")
    assert "LA-1" in page
    assert 'class="flash"' not in page
    assert renewals.tell(NOW) == 4  # Lena and Owen, in the desk and by mail; 90 days have passed already
    assert renewals.tell(NOW + timedelta(hours=1)) == 0
    said = Delivery.objects.filter(template="contract_ends", channel="email").latest("pk")
    assert "ends in 44 days" in said.subject
    assert f"/desk/contracts/{held.pk}" in said.text
    assert renewals.tell(NOW + timedelta(days=20)) == 4
    assert renewals.tell(NOW + timedelta(days=21)) == 0
    assert set(Reminder.objects.filter(contract=held).values_list("days", flat=True)) == {90, 60, 30}
    at = start(as_(cast.lena), held, "renewal")
    assert "Being renewed" in seen(as_(cast.lena), "/desk/contracts/renewals")
    signed(as_, cast, at)
    page = seen(as_(cast.mara), "/desk/contracts/renewals?within=90")
    assert f'/desk/contracts/{held.pk}"' not in page  # what follows it stands there now


# ---- papers, lists, who sees what


def test_the_signed_copy_is_kept_and_given_only_to_who_may_have_it(cast, as_, now):
    held = harbourline(cast)
    copy = SimpleUploadedFile("signed <b>.pdf", b"%PDF-1.7 signed", "application/pdf")
    done(as_(cast.lena).post(f"/desk/contracts/{held.pk}/papers", {"kind": "signed", "file": copy}))
    kept = Paper.objects.get()
    for who, address in ((cast.mara, "/desk/contracts/papers"), (cast.priya, "/contracts/papers")):
        answer = as_(who).get(f"{address}/{kept.pk}")
        assert answer.getvalue() == b"%PDF-1.7 signed"
        assert answer["Content-Type"] == "application/octet-stream"
        assert "attachment" in answer["Content-Disposition"]
    for who in (cast.tom, cast.edgar, cast.aiko):
        assert as_(who).get(f"/contracts/papers/{kept.pk}").status_code == 404
    assert as_(cast.edgar).get(f"/contracts/{held.pk}/pdf").status_code == 404
    assert as_(cast.tom).get("/contracts").status_code == 404
    empty = SimpleUploadedFile("a.pdf", b"", "application/pdf")
    assert "is empty" in refused(
        as_(cast.lena).post(f"/desk/contracts/{held.pk}/papers", {"kind": "signed", "file": empty})
    )
    assert "choose the document" in refused(
        as_(cast.lena).post(f"/desk/contracts/{held.pk}/papers", {"kind": "signed"})
    )


def test_a_paper_is_hidden_by_the_database_too(cast, as_, now):
    from django.db import connection

    held = harbourline(cast)
    copy = SimpleUploadedFile("a.pdf", b"%PDF", "application/pdf")
    done(as_(cast.lena).post(f"/desk/contracts/{held.pk}/papers", {"kind": "signed", "file": copy}))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('mainstay.scope', %s, true)", [f"{cast.corvid.pk}"])
        assert not Paper.objects.exists()


def test_the_list_is_found_by_state_customer_and_number_and_read_in_pages(cast, as_, now, monkeypatch):
    from mainstay.desk import contracts

    monkeypatch.setattr(contracts, "PAGE", 2)
    page = seen(as_(cast.mara), "/desk/contracts")
    assert "The next ones" in page
    assert "KI-2025-1" in seen(as_(cast.mara), "/desk/contracts?q=kitano")
    assert "KI-2025-1" not in seen(as_(cast.mara), "/desk/contracts?q=harbour")
    assert "No contract matches" in seen(as_(cast.mara), "/desk/contracts?state=ended")
    names = {"HA-2025-1", "KI-2025-1", "FE-2025-1", "CO-2025-1"}
    first = {name for name in names if name in page}
    last = min(Contract.objects.filter(number__in=first).values_list("pk", flat=True))
    assert {
        name for name in names if name in seen(as_(cast.mara), f"/desk/contracts?before={last}")
    } == names - first


def test_a_withdrawn_draft_is_kept_and_done_with(cast, as_, now):
    at = begin(as_(cast.lena))
    assert "say why nothing came of it" in refused(as_(cast.lena).post(f"{at}/withdrawal", {"reason": " "}))
    done(as_(cast.lena).post(f"{at}/withdrawal", {"reason": "They went elsewhere."}))
    assert "begin another" in refused(as_(cast.lena).post(f"{at}/lines", {"o contacts": "9"}))
    assert acting(cast.lena).name in Act.objects.filter(kind="draft withdrawn").values_list(
        "by_name", flat=True
    )


# ---- taking back


def amendment(as_, cast, first_day="2026-04-01", of=None, **more):
    """A signed amendment of Harbourline's contract, from a day on."""
    at = start(as_(cast.lena), of or harbourline(cast), "amendment")
    reason = {"reason": "They asked.", "first_day": first_day, "last_day": "2028-06-30", **more}
    done(as_(cast.lena).post(f"{at}/head", head_of(at, **reason)))
    done(as_(cast.lena).post(f"{at}/lines", cells_of(at, **{f"o {FIRST}": "2h always"})))
    return signed(as_, cast, at)


def test_an_amendment_that_has_not_begun_is_taken_back_and_what_held_goes_on(cast, as_, asks, now):
    was = harbourline(cast)
    ends = was.last_day
    ticket = asks(cast.priya)
    made = amendment(as_, cast, applies_to_open="1")
    assert Change.objects.filter(contract=made).exists()
    page = f"/desk/contracts/{made.pk}"
    assert "Take it back" in seen(as_(cast.lena), page)
    assert "must say why" in refused(as_(cast.lena).post(f"{page}/taking-back", {"reason": " "}))
    told = done(as_(cast.lena).post(f"{page}/taking-back", {"reason": "They changed their mind"}))
    assert "goes on as before" in told
    restored = Contract.objects.get(how="restored")
    made.refresh_from_db()
    assert (restored.version, restored.first_day, restored.last_day) == (3, made.first_day, ends)
    assert (restored.overrides, restored.supersedes_id) == (was.overrides, made.pk)
    assert not Change.objects.filter(contract=made).exists()
    assert Act.objects.get(kind="contract taken back").after == {"reason": "They changed their mind"}
    assert "Taken back by Lena Horvat before it began: They changed their mind" in seen(as_(cast.mara), page)
    portal = seen(as_(cast.priya), "/contracts")
    assert "This version was taken back before it began: They changed their mind" in portal
    mail = Delivery.objects.get(template="contract_taken_back", contact=cast.priya)
    assert "They changed their mind" in mail.text
    assert "word for word, as version 3" in mail.text
    assert Delivery.objects.filter(template="contract_taken_back", user=cast.owen).count() == 2
    assert ticket.contract_id == was.pk
    assert "was taken back already" in refused(
        as_(cast.lena).post(f"{page}/taking-back", {"reason": "again"})
    )


def test_the_version_that_goes_on_judges_what_comes_then(cast, as_, asks, now):
    made = amendment(as_, cast)
    done(as_(cast.lena).post(f"/desk/contracts/{made.pk}/taking-back", {"reason": "A mistake"}))
    later = asks(cast.priya, at=NOW + timedelta(days=60))
    assert later.contract == Contract.objects.get(how="restored")
    promised = terms.load(later.terms_id)
    assert promised.target_words("first_response", 1) == "15 minutes, round the clock"
    again = amendment(as_, cast, first_day="2026-06-01", of=later.contract)
    assert again.version == 4


def test_a_version_that_has_begun_is_not_taken_back(cast, as_, now):
    held = harbourline(cast)
    page = f"/desk/contracts/{held.pk}"
    assert "Take it back" not in seen(as_(cast.lena), page)
    said = refused(as_(cast.lena).post(f"{page}/taking-back", {"reason": "no"}))
    assert "cannot be taken back: it began on" in said
    assert as_(cast.mara).post(f"{page}/taking-back", {"reason": "no"}).status_code == 404


def test_the_database_takes_nothing_back_that_judges_a_ticket_and_nothing_twice(cast, as_, asks, now):
    held = asks(cast.priya).contract
    with pytest.raises(DatabaseError, match="judges a ticket"), transaction.atomic():
        Contract.every.filter(pk=held.pk).update(taken_back={"why": "x"})
    made = amendment(as_, cast)
    done(as_(cast.lena).post(f"/desk/contracts/{made.pk}/taking-back", {"reason": "A mistake"}))
    with pytest.raises(DatabaseError, match="taken back once"), transaction.atomic():
        Contract.every.filter(pk=made.pk).update(taken_back={})
