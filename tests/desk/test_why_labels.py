"""Words of the "why" chart never lie on each other, however close together what they name is."""

import re
from collections.abc import Iterable
from datetime import timedelta
from itertools import combinations
from typing import Any

import pytest
from django.test import Client

from cast import NOW, Cast, acting
from mainstay.tickets import triage
from mainstay.tickets.acknowledgement import Request, open_ticket
from mainstay.tickets.messages import Said
from mainstay.ui import samples, why
from mainstay.ui.why_labels import BOTTOM, LEFT, RIGHT, Labels

LABEL = re.compile(r'<text class="lb ?([^"]*)" x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]*)<')


def overlapping(svg: str) -> list[tuple[str, str]]:
    """Pairs of words that lie on each other, by the width that a letter has at most."""
    boxes = []
    for looks, x, y, said in LABEL.findall(svg):
        width = len(said) * 6.0
        left = float(x) - width if "end" in looks.split() else float(x)
        boxes.append((said, left, left + width, float(y) - 9, float(y)))
    return [
        (one[0], other[0])
        for one, other in combinations(boxes, 2)
        if one[1] < other[2] and other[1] < one[2] and one[3] < other[4] and other[3] < one[4]
    ]


def test_many_words_at_one_place_are_all_beside_each_other() -> None:
    labels = Labels()
    said = [str(labels.put(500, 200, f"Something happened, number {n}", "b")) for n in range(12)]
    assert len(set(said)) == 12
    assert overlapping("".join(said)) == []


@pytest.mark.parametrize(("x", "looks"), [(LEFT + 4, "end"), (RIGHT - 4, "b")])
def test_words_are_turned_where_they_would_leave_the_drawing(x: float, looks: str) -> None:
    svg = str(Labels().put(x, BOTTOM - 40, "due Mon 12:00:00", looks))
    [(found, _x, _y, _said)] = LABEL.findall(svg)
    assert ("end" in found.split()) is ("end" not in looks)


def test_the_sample_has_no_words_on_others() -> None:
    assert overlapping(str(why.draw(samples.why_chart()))) == []


@pytest.mark.parametrize("minutes", [(1, 2), (2, 30), (1, 2, 3, 4)])
def test_changes_shortly_after_each_other_can_be_read(
    cast: Cast, minutes: Iterable[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    request = Request(
        subject="Readers", said=Said("They fail.", "email"), customer=cast.harbourline, contact=cast.priya,
        address=cast.priya.email, name=cast.priya.name, environment=cast.production(cast.harbourline),
    )  # fmt: skip
    ticket, by = open_ticket(request, by=acting(cast.priya), at=NOW), acting(cast.ifeoma)
    said: Any = {"category": "technical", "by": by}
    for n, minute in enumerate(minutes):
        why_it = f"Seen for the {n + 1}. time: production sign-in stopped"
        triage.triage(ticket, severity=1 + n % 2, reason=why_it, at=NOW + timedelta(minutes=minute), **said)
    client = Client()
    client.force_login(cast.mara)
    for later in (5, 50, 500):
        monkeypatch.setattr("django.utils.timezone.now", lambda later=later: NOW + timedelta(minutes=later))
        page = client.get(f"/desk/tickets/{ticket.pk}/why/resolution/1").content.decode()
        assert len(LABEL.findall(page)) >= 3
        assert overlapping(page) == []
