"""The working of figures and credits in the reader's language: every line that is made is known."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.utils import translation

from mainstay.contracts.models import Contract
from mainstay.reports import figures, measures, words, working
from mainstay.reports.kpis import credits, judge, periods, rows
from mainstay.tickets.models import Ticket

ENGLISH = re.compile(
    r"\b(the|of|and|is|at|are|not|none|left|counted|measured|days|missed|kept|share|owed|within|below|above|year)\b"
)
MARCH = datetime(2026, 4, 2, tzinfo=UTC)


def german(lines: list[judge.Line]) -> list[judge.Line]:
    with translation.override("de"):
        return working.lines(lines)


def row(kpi: str, **more: Any) -> rows.Definition:
    return rows.read({"kpi": kpi, "strength": "guarantee", "per": "month", **more})


UPTIME = row(
    "uptime", percent="99.9", credits={"bands": [{"below": "99.9", "percent": "10"}], "cap_percent": "5"}
)
DAYS = row("uptime", percent="99.9", credits={"bands": [{"below": "99.9", "days": "3"}], "minimum": "9000"})
STRICT = row("missed", count=0, strength="strict_guarantee")
FEE = credits.fee_of(
    {"amount": "1200.00", "currency": "EUR", "basis": "each environment, a year"},
    periods.named("2026-03", "month"), covered=20, systems=3,
)  # fmt: skip
DOWN = [judge.System("The old web of 2019", 2_592_000, 90_061, 60, 3_600), judge.System("B", 0, 0)]


def made() -> list[judge.Line]:
    """Lines of every measure, verdict and credit."""
    share, missed = row("responses_in_time", percent="95", least=50), STRICT
    measured = [
        (share, judge.share(share, kept=1041, missed=3, excused=1)),
        (share, judge.share(share, kept=0, missed=0, excused=0)),
        (missed, judge.count(missed, kept=4, missed=3, excused=2)),
        (UPTIME, judge.uptime(UPTIME, [*DOWN, judge.System("C", 100, 1)])),
        (
            row("response_p95", milliseconds=800),
            judge.p95(row("response_p95", milliseconds=800), [("A", 20, 900)]),
        ),
        (row("response_p95", milliseconds=800), judge.p95(row("response_p95", milliseconds=800), [])),
        (row("satisfaction", percent="80"), judge.satisfaction(row("satisfaction", percent="80"), [5, 1])),
        (row("backlog_age", days=10), judge.backlog(row("backlog_age", days=10), many=2, age=2_000_000)),
        (row("backlog_age", days=10), judge.backlog(row("backlog_age", days=10), many=0, age=0)),
    ]
    lines = [line for one, found in measured for line in judge.judge(one, found).lines]
    credited = []
    for one in (UPTIME, DAYS, row("uptime", percent="99.9")):
        verdict = judge.judge(one, judge.uptime(one, DOWN))
        for fee in (
            FEE,
            credits.Fee(None, "EUR", 31, (("Fee of the period", "the contract names no amount"),)),
        ):
            credited.append(credits.credit(one, verdict, fee))
    lines += [line for one in credited for line in one.lines]
    together = credits.together(credited, FEE)
    return [*lines, *together[1], *(line for one in together[0] for line in one.lines)]


def test_no_line_of_any_working_stays_english_and_no_number_is_lost() -> None:
    before = made()
    assert len(before) > 60
    for (what, how), (label, said) in zip(before, german(before), strict=True):
        if not what.startswith("The old web"):
            assert not ENGLISH.search(label.lower()), (what, label)
        assert not ENGLISH.search(said.replace("The old web of 2019", "").lower()), (how, said)
        digits = lambda text: sorted(re.sub(r"\D", "", one) for one in re.findall(r"\d[\d.,]*", text))  # noqa: E731
        assert digits(said) == digits(how), (how, said)


def test_a_line_reads_as_a_german_would_write_it() -> None:
    assert german([("Share", "1,041 ÷ 1,044 = 99.7126 %"), ("Owed", "at least 95 %, guarantee")]) == [
        ("Anteil", "1.041 ÷ 1.044 = 99,7126 %"), ("Geschuldet", "mindestens 95 %, Garantie"),
    ]  # fmt: skip
    assert german([("Web 2.0", "(30 d − 1 d 1 h 1 min 1 s down) ÷ 30 d = 96.5253 %")]) == [
        ("Web 2.0", "(30 Tg. − 1 Tg. 1 h 1 min 1 s Ausfall) ÷ 30 Tg. = 96,5253 %"),
    ]  # fmt: skip
    assert working.lines([("Share", "1 ÷ 2 = 50 %")]) == [("Share", "1 ÷ 2 = 50 %")]


@pytest.mark.django_db
def test_the_frozen_document_is_the_same_whoever_reads_it(
    cast: Any, contract: Contract, asks: Callable[..., Ticket]
) -> None:
    asks(0, answered=30)
    found = measures.of_customer(cast.quill, date(2026, 3, 1), date(2026, 4, 1))

    def texts() -> list[str]:
        return [figures.text_of(figures.of(one, known_at=MARCH).document()) for one in found]

    english = texts()
    with translation.override("de"):
        assert texts() == english
        share = next(one for one in found if one.definition.kpi == "responses_in_time")
        assert words.name(share.definition) == "Erste Antworten rechtzeitig"
        assert words.owed(share.definition) == "mindestens 95 %, Garantie, je Monat"
        assert words.period(share.period) == "März 2026"
        missed = next(one for one in found if one.definition.kpi == "missed")
        assert words.name(missed.definition) == "Verfehlte erste Antworten, Schweregrad 1 und 2"
