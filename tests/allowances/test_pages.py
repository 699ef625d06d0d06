"""Naming people and prices, through the pages."""

from typing import Any

from django.contrib.messages import get_messages

from cast import NOW, Cast
from mainstay.allowances.models import NamedContact, Price


def told(answer: Any) -> str:
    assert answer.status_code == 303, answer.content.decode()[:3000]
    return " ".join(str(one) for one in get_messages(answer.wsgi_request))


def test_people_are_named_and_taken_off_and_one_too_many_is_refused(
    cast: Cast, limits: Any, now: Any, as_: Any
) -> None:
    limits("critical", contacts=1)
    client, at = as_(cast.lena), "/desk/customers/HARBOURLINE"
    assert "While nobody is named, everybody may ask." in client.get(f"{at}/allowances").content.decode()
    of = {"number": "HA-2025-1"}
    assert told(client.post(f"{at}/named", {**of, "contact": cast.priya.pk})) == "Priya Raman is named."
    full = client.post(f"{at}/named", {**of, "contact": cast.tom.pk})
    assert full.status_code == 422
    assert "names 1 person and all are named; take somebody off" in full.content.decode()
    assert "beyond the limit" in told(
        client.post(f"{at}/named", {**of, "contact": cast.tom.pk, "beyond": "May"})
    )
    assert client.post(f"{at}/named", {**of, "contact": cast.edgar.pk}).status_code == 422
    page = client.get(f"{at}/allowances").content.decode()
    assert "beyond the limit: May" in page
    row = NamedContact.objects.get(contact=cast.priya)
    assert client.post(f"/desk/customers/CORVID/named/{row.pk}/removal").status_code == 404
    assert "named no longer" in told(client.post(f"{at}/named/{row.pk}/removal"))
    assert as_(cast.mara).post(f"{at}/named", {**of, "contact": cast.priya.pk}).status_code == 404
    assert "Tom Okafor" in as_(cast.priya).get("/allowances").content.decode()


def test_a_price_holds_from_its_day_in_its_currency(cast: Cast, now: Any, as_: Any) -> None:
    client = as_(cast.lena)
    for amount, currency, day in (("12000", "eur", "2026-01-01"), ("13500.50", "EUR", "2026-04-01"),
                                  ("14 000", "USD", "2026-01-01"), ("12100", "EUR", "2026-01-01")):  # fmt: skip
        told(client.post("/desk/prices", {"package": "high", "amount": amount, "currency": currency,
                                          "from_day": day}))  # fmt: skip
    page = client.get("/desk/prices").content.decode()
    assert "12,100.00" in page
    assert "12,000.00" not in page
    assert "13500.50 EUR" in page  # to come
    assert "13,500.50" in client.get("/desk/prices?day=2026-04-01").content.decode()
    assert "on request" in client.get("/desk/prices?currency=EUR").content.decode()
    paper = client.get("/desk/prices.pdf")
    assert (paper["Content-Type"], paper.content[:5]) == ("application/pdf", b"%PDF-")
    assert client.get("/desk/prices.pdf?language=de").content != paper.content
    assert client.get("/desk/prices.pdf?language=%00x").content[:5] == b"%PDF-"
    rows = client.get("/desk/prices.csv").content.decode("utf-8-sig").splitlines()
    assert rows[0] == "package,name,service level,basis,currency,amount,from"
    assert '"each environment, a year",USD,14000.00,2026-01-01' in "\n".join(rows)


def test_anybody_reads_the_price_list_and_only_those_who_agree_set_it(cast: Cast, now: Any, as_: Any) -> None:
    from django.test import Client

    typed = {"package": "high", "amount": "1", "currency": "EUR", "from_day": "2026-01-01"}
    assert as_(cast.mara).post("/desk/prices", typed).status_code == 404
    told(as_(cast.hana).post("/desk/prices", typed))
    page = Client().get("/prices").content.decode()
    assert "High Priority Support" in page
    assert "1.00" in page
    for odd in ({"amount": "1e5"}, {"amount": "-1"}, {"amount": "NaN"}, {"amount": "1.234"}, {"currency": "EURO"},
                {"currency": ""}, {"package": "gold"}, {"from_day": ""}, {"note": "x" * 201}):  # fmt: skip
        assert as_(cast.hana).post("/desk/prices", {**typed, **odd}).status_code == 422, odd
    assert Price.objects.count() == 1


def test_the_price_list_is_set_in_the_language_that_is_asked_for(cast: Cast, monkeypatch: Any) -> None:
    import json
    from datetime import date

    from django.utils.translation import override

    from mainstay.allowances import prices, printed

    found: dict[str, Any] = {}
    monkeypatch.setattr(
        "mainstay.allowances.printed.typst.compile",
        lambda *_, sys_inputs, **__: found.update(json.loads(sys_inputs["document"])) or b"",
    )
    with override("de"):
        printed.price_list(prices.price_list(date(2026, 4, 1)), at=NOW)
    assert (found["title"], found["package"]) == ("Support-Pakete und Preise", "Paket")
    assert found["under"].endswith("Stand 1. April 2026")
    assert found["lines"][1]["basis"] == "Preis nach: je Umgebung und Jahr"
    assert found["lines"][1]["summary"].startswith("E-Mail und Portal in den Geschäftszeiten")
