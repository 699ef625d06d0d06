"""A vendor that publishes: clients signed in as the cast, and everything told at once."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from cast import NOW, Cast
from mainstay.accounts.models import User
from mainstay.customers.models import Contact
from mainstay.maintenance.models import Publication


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """The pages believe it is the cast's Monday."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    return NOW


@pytest.fixture
def as_(cast: Cast) -> Callable[[User | Contact], Client]:
    """A client signed in as somebody."""

    def signed_in(who: User | Contact) -> Client:
        client = Client()
        client.force_login(who.user if isinstance(who, Contact) else who)  # type: ignore[arg-type]
        return client

    return signed_in


@pytest.fixture
def advisory(cast: Cast, as_: Callable[..., Client]) -> Publication:
    """An advisory on Atlas below 7.2, written in the desk in English and Japanese."""
    desk = as_(cast.mara)
    about = {
        "kind": "advisory", "product": "atlas", "reference": "ATLAS-2026-04", "severity": "high",
        "affected": ">= 6.0, < 7.2", "fixed_in": "7.2", "language": "en", "release": "",
    }  # fmt: skip
    assert desk.post("/desk/maintenance/new", about).status_code == 303
    found = Publication.objects.latest("pk")
    for language, title, text in (
        ("en", "Sign-in may be bypassed", "Take 7.2 as soon as you can."),
        ("ja", "サインインの回避", "できるだけ早く 7.2 を適用してください。"),
    ):
        said: dict[str, Any] = {"language": language, "title": title, "text": text, "was": ""}
        assert desk.post(f"/desk/maintenance/{found.pk}/texts", said).status_code == 303
    return found
