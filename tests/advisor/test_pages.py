"""The advisor through HTTP: a prospect without an account, sales for a customer, an administrator on its rules."""

import copy
import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.messages import get_messages
from django.db import DatabaseError, connection, transaction
from django.test import Client

from cast import NOW, Cast, acting
from mainstay.accounts.models import Act
from mainstay.advisor import advice, leads, offer, publish, survey, text
from mainstay.advisor import rules as reading
from mainstay.advisor.models import AdvisorRules, Lead
from mainstay.advisor.recommend import result
from mainstay.allowances import prices
from mainstay.catalogue import publish as catalogue
from mainstay.errors import Refused
from mainstay.tickets.models import Ticket
from mainstay.tickets.scope import seeing

LEAST, RAIL, HOSPITAL = "1-0000000000000", "1-2220200111001", "1-3433313232212"


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> datetime:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    return NOW


def as_(who: Any) -> Client:
    client = Client()
    client.force_login(getattr(who, "user", who))
    return client


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, (address, answer.status_code)
    return str(answer.content.decode()).replace("&#x27;", "'")


def answered(token: str, **changed: str) -> dict[str, str]:
    """The form that leads to a token."""
    rules = publish.current().rules
    said = {
        one.code: one.answers[int(mark)].code
        for one, mark in zip(rules.questions, token.partition("-")[2], strict=True)
    }
    return {"rules": "1", **said, **changed}


def editable() -> dict[str, Any]:
    return copy.deepcopy(publish.current().version.document)


# ---- a prospect


def test_a_prospect_answers_without_an_account_and_the_address_is_the_result(
    cast: Cast, client: Client
) -> None:
    form = page(client, "/advisor")
    assert form.count("Why we ask:") == 13
    answer = client.get("/advisor", answered(RAIL))
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/advisor/{RAIL}")
    told = page(client, f"/advisor/{RAIL}")
    for words in ("High Priority fits", "What decided it", "Standard Business Support", "Business Critical Support",
                  "1 business hour; outside business hours 4 hours, round the clock", "It breaks on a Saturday",
                  "Send this to sales", f"/advisor/{RAIL}"):  # fmt: skip
        assert words in told
    assert Lead.objects.count() == 0


def test_nothing_is_written_for_a_prospect_who_only_looks(cast: Cast, client: Client) -> None:
    wrote: list[str] = []

    def watching(execute: Any, sql: Any, *rest: Any) -> Any:
        if str(sql).lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE")):
            wrote.append(str(sql))
        return execute(sql, *rest)

    with connection.execute_wrapper(watching):
        page(client, "/advisor")
        page(client, f"/advisor/{HOSPITAL}")
    assert wrote == []


def test_a_question_without_an_answer_is_named_and_the_others_are_kept(cast: Cast, client: Client) -> None:
    given = answered(HOSPITAL)
    del given["outage"], given["phone"]
    told = page(client, "/advisor?" + "&".join(f"{k}={v}" for k, v in given.items()))
    assert "2 questions need an answer" in told
    assert "When does an outage begin to hurt? Is not answered yet." in told
    assert told.count(" checked") == 11
    assert "It will be Business Critical." in told


def test_an_answer_that_is_none_is_named(cast: Cast, client: Client) -> None:
    told = page(client, "/advisor?rules=1&criticality=banana&phone=%00&outage=%F0%9F%92%A5")
    assert "What happens while the system stands still? Is not one of the answers" in told
    assert "13 questions need an answer" in told


@pytest.mark.parametrize(
    "token", ["x", "1-", "2-0000000000000", "1-9999999999999", "1-000000000000.", "0-0", "1-" + "0" * 400]
)
def test_a_link_that_is_none_is_not_found(token: str, cast: Cast, client: Client) -> None:
    assert client.get(f"/advisor/{token}").status_code == 404
    assert client.post(f"/advisor/{token}/lead", {"name": "Pat", "email": "pat@x.example"}).status_code == 404
    assert as_(cast.lena).get(f"/desk/advisor/{token}").status_code == 404


def test_the_least_and_the_greatest_need_end_the_ladder_without_another_step(
    cast: Cast, client: Client
) -> None:
    low, high = page(client, f"/advisor/{LEAST}"), page(client, f"/advisor/{HOSPITAL}")
    assert "Included fits" in low
    assert "less than you need" not in low
    assert "Business Critical fits" in high
    assert "more than you need" not in high


def test_an_old_link_says_that_the_rules_have_changed_and_shows_both_results(
    cast: Cast, client: Client
) -> None:
    before = page(client, f"/advisor/{RAIL}")
    assert "have changed" not in before
    document = editable()
    document["bands"][2]["from"] = 60
    document["combinations"] = []
    for question in document["questions"]:
        for answer in question["answers"]:
            answer.pop("at_least", None)
    publish.publish_rules(document=document, reason="Dearer", by=acting(cast.ruth), at=NOW)
    after = page(client, f"/advisor/{RAIL}")
    assert "High Priority fits" in after
    assert "With today's rules the result would be Standard Business." in after
    assert "/advisor/2-2220200111001" in after
    assert "Standard Business fits" in page(client, "/advisor/2-2220200111001")


def test_an_old_link_whose_questions_are_others_says_which_are_open(cast: Cast, client: Client) -> None:
    document = editable()
    document["questions"].append(
        {"code": "audits", "ask": "Are you audited?", "why": "Auditors ask for reports.", "answers": [
            {"code": "no", "words": "No", "because": "You are not audited", "points": 0},
            {"code": "yes", "words": "Yes", "because": "You are audited", "points": 2},
        ]}
    )  # fmt: skip
    publish.publish_rules(document=document, reason="Audits", by=acting(cast.ruth), at=NOW)
    told = page(client, f"/advisor/{RAIL}")
    assert "One question of today has no answer in this link." in told
    assert "High Priority fits" in told
    again = page(
        client,
        told.partition('<a href="/advisor?')[2]
        .partition('"')[0]
        .join(["/advisor?", ""])
        .replace("&amp;", "&"),
    )
    assert "One question needs an answer." in again
    assert again.count(" checked") == 13


def test_prices_of_the_list_stand_beside_each_other_with_their_gaps(
    cast: Cast, client: Client, now: datetime
) -> None:
    assert "more</span>" not in page(client, f"/advisor/{RAIL}")
    for code, amount in (("standard", "9000"), ("high", "21000"), ("critical", "60000.50")):
        prices.set_price(
            package=code, currency="EUR", amount=amount, from_day=NOW.date() - timedelta(days=1), note="",
            by=acting(cast.lena), at=NOW,
        )  # fmt: skip
    told = page(client, f"/advisor/{RAIL}")
    for words in ("21,000.00 EUR", "39,000.50 EUR more", "12,000.00 EUR less"):
        assert words in told


def test_what_the_package_lacks_of_what_was_asked_for_is_said(cast: Cast, client: Client) -> None:
    document = editable()
    phone = next(one for one in document["questions"] if one["code"] == "phone")
    del phone["answers"][2]["at_least"]
    publish.publish_rules(document=document, reason="Phone as an extra", by=acting(cast.ruth), at=NOW)
    told = page(client, "/advisor/2-1100000000020")
    assert "Standard Business fits" in told
    assert "To be agreed beyond this package: phone, because you must be able to call." in told


def test_the_dues_of_the_rulers_are_those_a_ticket_would_have(cast: Cast) -> None:
    """Standard: Tuesday at ten, four business hours; Saturday night waits for Monday at one."""
    found = {one.code: offer.of(one) for one in catalogue.current_packages()}
    first = {due.clock: due for due in found["standard"].tuesday}["first_response"]
    assert (first.at - offer.TUESDAY, first.promised) == (timedelta(hours=4), True)
    first = {due.clock: due for due in found["standard"].saturday}["first_response"]
    assert f"{first.at:%a %H:%M}" == "Mon 13:00"
    assert found["critical"].saturday[0].at - offer.SATURDAY == timedelta(minutes=15)
    assert not found["included"].tuesday[0].promised


# ---- leads


def sends(client: Client, token: str = RAIL, **changed: str) -> Any:
    given = {
        "name": "Pat Doe",
        "email": "Pat@Prospect.example",
        "organisation": "Prospect",
        "words": "Call me.",
        "website": "",
    }
    return client.post(f"/advisor/{token}/lead", given | changed)


def test_only_the_button_stores_what_a_prospect_typed_and_sales_sees_it(cast: Cast, client: Client) -> None:
    answer = sends(client)
    assert answer.status_code == 303
    assert "Somebody of ours reads it" in str(next(iter(get_messages(answer.wsgi_request))))
    lead = Lead.objects.get()
    assert (lead.name, lead.email, lead.level_code, lead.package_code, lead.advice) == (
        "Pat Doe", "pat@prospect.example", "high", "high", RAIL,
    )  # fmt: skip
    told = page(as_(cast.lena), "/desk/leads")
    for words in ("Pat Doe", "Prospect", "Call me.", "High Priority", f"/desk/advisor/{RAIL}"):
        assert words in told
    assert '<span class="n">1</span>' in page(as_(cast.lena), "/desk/more")
    for stranger in (cast.mara, cast.priya):
        assert as_(stranger).get("/desk/leads").status_code == 404


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"name": " "}, "is missing; say whom"),
        ({"name": "x" * 201}, "is longer than 200"),
        ({"email": "nobody"}, "must be one mail address"),
        ({"email": "a@b.example, c@d.example"}, "must be one mail address"),
        ({"email": "a\r\nBcc: x@y.example"}, "must be one mail address"),
        ({"email": "x" * 300 + "@b.example"}, "must be one mail address"),
        ({"words": "x" * 5001}, "is longer than 5,000"),
    ],
)
def test_a_lead_that_is_not_right_is_refused_at_its_field_with_what_was_typed(
    changed: dict[str, str], words: str, cast: Cast, client: Client
) -> None:
    given = {"name": "Pat", "email": "pat@x.example", "words": "kept"} | changed
    body = "&".join(f"{name}={value}" for name, value in given.items()).encode("utf-8", "surrogatepass")
    answer = client.post(f"/advisor/{RAIL}/lead", body, content_type="application/x-www-form-urlencoded")
    told = answer.content.decode()
    assert answer.status_code == 422
    assert words in told
    assert "words" in changed or "kept" in told
    assert Lead.objects.count() == 0


def test_words_that_no_database_keeps_are_refused(cast: Cast) -> None:
    with pytest.raises(Refused, match="are no text"):
        leads.send(advice=RAIL, level="high", package="high", name="P\ud800", email="p@x.example", organisation="",
                   words="", at=NOW)  # fmt: skip


def test_programs_that_fill_in_everything_are_thanked_and_nothing_is_kept(cast: Cast, client: Client) -> None:
    assert sends(client, website="https://spam.example").status_code == 303
    assert Lead.objects.count() == 0


def test_an_address_a_domain_and_everybody_together_may_only_send_so_much_a_day(
    cast: Cast, client: Client, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(leads.OF_ADDRESS):
        assert sends(client).status_code == 303
    assert sends(client).status_code == 422
    for n in range(leads.OF_DOMAIN - leads.OF_ADDRESS):
        assert sends(client, email=f"p{n}@prospect.example").status_code == 303
    assert sends(client, email="one.more@prospect.example").status_code == 422
    assert sends(client, email="pat@elsewhere.example").status_code == 303
    monkeypatch.setattr(leads, "OF_ALL", Lead.objects.count())
    assert sends(client, email="pat@third.example").status_code == 422
    Lead.objects.update(at=NOW - timedelta(days=1, seconds=1))
    assert sends(client).status_code == 303


def test_a_lead_is_taken_settled_and_forgotten_and_the_log_keeps_no_name(cast: Cast, client: Client) -> None:
    sends(client)
    lead, sales = Lead.objects.get(), as_(cast.lena)
    assert sales.post(f"/desk/leads/{lead.pk}/taking").status_code == 303
    assert sales.post(f"/desk/leads/{lead.pk}/settlement", {"note": ""}).status_code == 422
    assert sales.post(f"/desk/leads/{lead.pk}/settlement", {"note": "Signed."}).status_code == 303
    lead.refresh_from_db()
    assert (lead.state, lead.note, lead.taken_by) == ("done", "Signed.", cast.lena)
    assert sales.post(f"/desk/leads/{lead.pk}/removal").status_code == 303
    assert Lead.objects.count() == 0
    said = " ".join(f"{one.kind} {one.what} {one.before} {one.after}" for one in Act.objects.all())
    assert "lead removed" in said
    assert "Pat" not in said
    assert sales.post(f"/desk/leads/{lead.pk}/taking").status_code == 404


def test_a_customers_page_sees_no_lead_whatever_it_asks_for(cast: Cast, client: Client) -> None:
    sends(client)
    with transaction.atomic(), seeing([cast.harbourline.pk]):
        assert Lead.objects.count() == 0
        with pytest.raises(DatabaseError), transaction.atomic():
            Lead.objects.create(at=NOW, advice=RAIL, level_code="x", package_code="x", name="x", email="x")


# ---- sales


def test_sales_runs_it_for_a_customer_up_to_the_draft_and_the_backtest(cast: Cast, now: datetime) -> None:
    sales = as_(cast.lena)
    assert f"/desk/advisor?customer={cast.fernleigh.code}" in page(
        sales, f"/desk/customers/{cast.fernleigh.code}"
    )
    answer = sales.get("/desk/advisor", answered(RAIL, customer="fernleigh"))
    assert answer.headers["Location"] == f"/desk/advisor/{RAIL}?customer=FERNLEIGH"
    told = page(sales, answer.headers["Location"])
    for words in ("High Priority fits", "Fernleigh Schools", "Now Standard Business Support, by contract",
                  f"/desk/contracts/drafts/new?advice={RAIL}&amp;customer=FERNLEIGH",
                  f"/desk/customers/FERNLEIGH/backtest?advice={RAIL}"):  # fmt: skip
        assert words in told
    draft = page(sales, f"/desk/contracts/drafts/new?advice={RAIL}&customer=FERNLEIGH")
    assert re.search(r'<option value="high"[^>]*selected', draft)
    assert re.search(r'value="FERNLEIGH"', draft)
    assert "A business process stops without the system" in draft
    assert "Start a contract draft" not in page(as_(cast.mara), f"/desk/advisor/{RAIL}")
    assert "no customer's code" in page(sales, "/desk/advisor?customer=NOBODY")
    assert sales.get(f"/desk/advisor/{RAIL}?customer=NOBODY").status_code == 404


def test_the_backtest_shows_then_and_would_have_been_down_to_the_ticket(
    cast: Cast, now: datetime, asks: Any
) -> None:
    ticket: Ticket = asks(cast.beth, at=NOW - timedelta(days=6))
    told = page(as_(cast.lena), f"/desk/customers/FERNLEIGH/backtest?advice={RAIL}")
    for words in ("1 of 1 tickets", "First response", "2 business days", "1 business day"):
        assert words in told
    drilled = page(
        as_(cast.dmitri), "/desk/customers/FERNLEIGH/backtest?package=high&clock=first_response&severity=3"
    )
    assert f"/desk/tickets/{ticket.pk}" in drilled
    assert "missed" in drilled
    assert "Choose a package" in page(as_(cast.lena), "/desk/customers/FERNLEIGH/backtest")
    assert "No ticket was raised" in page(as_(cast.lena), "/desk/customers/QUILL/backtest?package=high")


@pytest.mark.parametrize(
    "query", ["package=high&clock=sundial&severity=1", "package=high&clock=resolution&severity=²", "advice=x",
              "package=high&before=x", "package=high&before=99999999999999999999", "package=high&before=1"]
)  # fmt: skip
def test_odd_questions_to_the_backtest_break_nothing(query: str, cast: Cast, asks: Any) -> None:
    asks(cast.beth)
    page(as_(cast.lena), f"/desk/customers/FERNLEIGH/backtest?{query}")


def test_a_package_that_is_none_has_no_backtest(cast: Cast) -> None:
    page(as_(cast.lena), "/desk/customers/FERNLEIGH/backtest?package=gold", 404)


# ---- the rules in the desk


def posts(client: Client, where: str = "", **fields: str) -> Any:
    return client.post(f"/desk/advisor/rules{where}", fields)


def test_an_administrator_previews_and_publishes_other_figures(cast: Cast) -> None:
    ruth = as_(cast.ruth)
    fields = {
        "form": "table",
        "based_on": "1",
        "band-2": "20",
        "points-users-more": "9",
        "reason": "Users weigh more",
    }
    told = posts(ruth, "/preview", **fields).content.decode()
    for words in ("high from: 34 points became 20 points", "users, more, points: 8 became 9", "would lead to another",
                  'value="20"', "Nothing is published yet."):  # fmt: skip
        assert words in told
    assert AdvisorRules.objects.count() == 1
    assert posts(ruth, **fields).status_code == 303
    made = publish.current()
    assert (made.number, made.rules.bands[2]) == (2, (20, "high"))
    assert made.version.published_by == cast.ruth
    told = page(ruth, "/desk/advisor/rules")
    assert "Users weigh more" in told
    assert "high from: 34 points became 20 points" in told
    assert Act.objects.filter(kind="advisor rules published").count() == 1


def test_figures_that_would_lower_the_level_are_refused_and_kept_as_typed(cast: Cast) -> None:
    fields = {"form": "table", "based_on": "1", "points-criticality-vital": "1", "reason": "x"}
    for where in ("", "/preview"):
        answer = posts(as_(cast.ruth), where, **fields)
        told = answer.content.decode()
        assert answer.status_code == 422
        assert "criticality.answers[3].points: are 1, fewer than the 12 of process before it" in told
        assert "a greater need never lowers the level" in told
        assert 'name="points-criticality-vital" size="3" inputmode="numeric" value="1"' in told
    assert publish.current().number == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"form": "table", "points-users-more": "many"}, "users.answers[3].points: must be a whole number"),
        ({"form": "table", "points-users-more": "²"}, "users.answers[3].points: must be a whole number"),
        ({"form": "table", "band-1": "-1"}, "bands[1].from: must be a whole number"),
        ({"form": "table", "at_least-users-more": "gold"}, "users.answers[3].at_least: is"),
        ({"form": "table"}, "is the same as version 1"),
        ({"form": "table", "band-2": "20", "reason": ""}, "reason: must say"),
        ({"form": "table", "based_on": "7"}, "version: 1 was published meanwhile"),
        ({"form": "file", "file": "= ="}, "file: cannot be read as TOML"),
        ({"form": "file", "file": ""}, "is missing"),
        ({"form": "file", "file": "[" * 5000}, "file: cannot be read as TOML"),
        ({"form": "file", "file": "format = 1\nlevels = [\"gold\"]\nbands = []\nquestions = []\npackages = []"},
         "questions: has 0 entries"),
        ({}, "is missing"),
    ],
)  # fmt: skip
def test_rules_that_are_not_right_are_refused_with_the_place(
    fields: dict[str, str], words: str, cast: Cast
) -> None:
    answer = posts(as_(cast.ruth), **({"reason": "x"} | fields))
    assert answer.status_code == 422
    assert words in answer.content.decode().replace("&quot;", '"').replace("&#x27;", "'")
    assert publish.current().number == 1


def test_the_file_that_is_exported_comes_back_as_the_same_rules(cast: Cast) -> None:
    answer = as_(cast.dmitri).get("/desk/advisor/rules/1")
    file = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert text.read(file) == publish.shipped()
    assert answer.headers["Content-Disposition"] == 'attachment; filename="advisor-1.toml"'
    changed = file.replace("Nothing weighs more than this answer.", "It weighs most.")
    assert posts(as_(cast.ruth), form="file", file=changed, reason="Words").status_code == 303
    assert publish.current().rules.questions[0].why.endswith("It weighs most.")
    assert as_(cast.ruth).get("/desk/advisor/rules/99").status_code == 404


def test_only_an_administrator_changes_the_rules(cast: Cast) -> None:
    for who in (cast.lena, cast.hana, cast.dmitri, cast.priya):
        assert posts(as_(who), form="table", reason="x").status_code == 404
        assert posts(as_(who), "/preview", form="table").status_code == 404
    assert "Publish" not in page(as_(cast.lena), "/desk/advisor/rules")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d["packages"][2].update(package="gold"), "gold is no package of the catalogue"),
        (lambda d: d["packages"][2].update(package="critical"), "is high, but critical is sold with critical"),
        (lambda d: d["levels"].append("gold"), "have none for gold"),
    ],
)  # fmt: skip
def test_rules_name_only_what_the_catalogue_sells(change: Any, words: str, cast: Cast) -> None:
    document = editable()
    change(document)
    with pytest.raises(Refused) as refused:
        publish.publish_rules(document=document, reason="x", by=acting(cast.ruth), at=NOW)
    assert words in str(refused.value.message)


def test_a_ladder_in_another_order_than_the_catalogues_is_refused(cast: Cast) -> None:
    document = editable()
    document["levels"] = ["included", "high", "standard", "critical"]
    document["bands"] = [{"from": 0, "level": "included"}]
    document["combinations"] = []
    for question in document["questions"]:
        for answer in question["answers"]:
            answer.pop("at_least", None)
            answer.pop("at_most", None)
    with pytest.raises(Refused, match="does not stand above high in the catalogue"):
        publish.publish_rules(document=document, reason="x", by=acting(cast.ruth), at=NOW)


def test_the_advice_that_a_draft_starts_from_says_package_reasons_and_link(cast: Cast) -> None:
    found = advice.of_token(RAIL)
    assert found is not None
    assert found.package is not None
    assert (found.package.code, found.token) == ("high", RAIL)
    assert "A business process stops without the system" in found.reasons
    assert advice.of_token("7-0000000000000") is None


def test_installing_again_leaves_a_vendors_own_rules(cast: Cast) -> None:
    document = editable()
    document["bands"][1]["from"] = 10
    publish.publish_rules(document=document, reason="Ours", by=acting(cast.ruth), at=NOW)
    publish.install(NOW)
    assert publish.current().number == 2


def test_a_german_visitor_reads_questions_answers_and_reasons_in_german(cast: Cast, client: Client) -> None:
    german = Client(headers={"accept-language": "de"})
    form = page(german, "/advisor")
    assert "Was geschieht, wenn das System stillsteht?" in form
    assert "Die Arbeit geht ohne es weiter" in form
    assert "What happens while the system stands still?" not in form
    assert "What happens while the system stands still?" in page(client, "/advisor")
    rules = publish.current().rules
    worst = advice.of_answers(publish.current(), {one.code: len(one.answers) - 1 for one in rules.questions})
    told = page(german, f"/advisor/{worst.token}")
    assert "Die Organisation oder jemandes Sicherheit hängt am System" in told
    assert "depends on the system" not in told
    assert "depends on the system" in page(client, f"/advisor/{worst.token}")


def test_every_text_that_is_shipped_has_its_german_and_no_language_changes_a_recommendation() -> None:
    document = publish.shipped()
    rules = reading.read(document)
    german = rules.spoken("de")
    rows = [*document["combinations"], *document["questions"]]
    rows += [answer for question in document["questions"] for answer in question["answers"]]
    spoken = {"ask", "why", "help", "part", "words", "because", "more"}
    assert all(set(row["in"]["de"]) == set(row) & spoken for row in rows)
    assert rules.spoken("fr") == rules
    for places in survey.some(rules):
        was, now = result(rules, places), result(german, places)
        assert (was.level, was.package, was.points) == (now.level, now.package, now.points)


@pytest.mark.parametrize(
    ("texts", "says"),
    [({"de": {"points": "9"}}, "is not known here"), ({"DE!": {}}, "is no code of a language"),
     ({"de": {"words": ""}}, "must be a text of 1 to 120 characters"), ([], "must name texts by language")],
)  # fmt: skip
def test_texts_that_are_none_are_refused_with_their_place(texts: Any, says: str) -> None:
    document = publish.shipped()
    document["questions"][0]["answers"][0]["in"] = texts
    with pytest.raises(Refused, match=r"criticality\.answers\[0\]\.in") as refused:
        reading.read(document)
    assert says in refused.value.message


def test_a_german_visitor_reads_the_whole_result_in_german(cast: Cast, client: Client) -> None:
    german = Client(headers={"accept-language": "de"})
    told = page(german, f"/advisor/{HOSPITAL}")
    for words in (
        "Erste Antwort, Schweregrad 1", "Personen, die anfragen dürfen", "Es fällt an einem Samstag um 22:00 Uhr aus",
        "Punkte, ", "Keine andere Antwort hier würde das Ergebnis ändern.", "gelöst in",
    ):  # fmt: skip
        assert words in told
    assert re.search(r"(Zieht nach oben|Hält hier|Hält unten)\. ", told)
    english = re.compile(r"\b(would|promised|answer|because|severity|points|hours|every|until|pulls)\b")
    prose = re.sub(r"<(script|style)\b.*?</\1>|<[^>]*>", " ", told.partition("<main")[2], flags=re.S)
    sold = re.compile(
        r"|".join(re.escape(one.document.get("summary", "")) for one in catalogue.current_packages())
    )
    assert not english.search(sold.sub("", prose)), english.search(sold.sub("", prose))
    assert "First answer, severity 1" in page(client, f"/advisor/{HOSPITAL}")
    missing = page(german, "/advisor?rules=1")
    assert "Ist noch nicht beantwortet." in missing
    half = page(german, "/advisor?" + urlencode(dict(list(answered(HOSPITAL).items())[1:4])))
    assert re.search("Bisher liegt es zwischen|Es wird ", half)
