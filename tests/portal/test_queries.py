"""How often a page asks the database: the same for one request as for many, and less where nothing is limited."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mainstay.tickets.models import Ticket

pytestmark = pytest.mark.django_db
MOST = {"/": 12, "/requests": 9, "/requests/new": 12, "/organisation": 16, "one": 18}


@pytest.mark.parametrize("path", MOST)
def test_a_page_asks_no_more_for_many_requests_than_for_one(cast: Any, path: str) -> None:
    client = Client()
    client.force_login(cast.priya.user)
    asked = []
    for many in (1, 5):
        for n in range(many):
            sent = {"category": "technical", "subject": f"{many} {n}", "description": f"{many} {n}"}
            client.post("/requests/new", {**sent, "form_key": f"{many} {n}"})
        address = f"/requests/{Ticket.objects.latest('pk').pk}" if path == "one" else path
        client.get(address)
        with CaptureQueriesContext(connection) as found:
            assert client.get(address).status_code == 200
        asked.append(len(found))
    assert asked[0] == asked[1] <= MOST[path]
