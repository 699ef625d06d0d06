"""The ground the other tests stand on: the roles, the scope and the rollback are the product's own."""

import asyncio
import subprocess
import sys
import urllib.error
import urllib.request

import pytest
from django.db import DatabaseError, connection, connections, transaction

import serving
from mainstay.accounts.models import Team, User


def test_the_role_that_runs_is_neither_superuser_nor_owner(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "select current_user::text, rolsuper, current_user = tableowner from pg_roles, pg_tables"
            " where rolname = current_user and tablename = 'tickets_event'"
        )
        assert cursor.fetchone() == ("mainstay_app", False, False)


def test_a_test_sees_every_ticket_unless_a_page_narrows_it(db):
    with connection.cursor() as cursor:
        cursor.execute("select current_setting('mainstay.scope', true)")
        assert cursor.fetchone() == ("all",)


@pytest.mark.parametrize("number", [1, 2])
def test_what_a_test_writes_is_gone_for_the_next(db, number):
    assert not Team.objects.exists()
    Team.objects.create(code="billing", name="Billing")


@pytest.mark.parametrize("number", [1, 2])
def test_committed_work_is_seen_by_a_process_and_gone_for_the_next_test(environ, number):
    assert not User.objects.exists()
    User.objects.create_user("mara@vendor.example", "Mara Lindqvist")
    program = (
        "import django; django.setup(); from mainstay.accounts.models import User; print(User.objects.get())"
    )
    environ["DJANGO_SETTINGS_MODULE"] = "mainstay.config.settings"
    said = subprocess.run(
        [sys.executable, "-c", program], env=environ, capture_output=True, text=True, check=True
    )
    assert said.stdout == "Mara Lindqvist\n"


def test_what_was_opened_beside_a_loop_is_closed_before_the_database_is_made_anew(live_db, monkeypatch):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    before = connections["default"]

    async def opens():
        connection.ensure_connection()
        return connections["default"]

    beside = asyncio.run(opens())
    assert beside is not before
    assert beside.connection is not None
    serving.close_all()
    assert beside.connection is None


def test_events_cannot_be_rewritten_even_by_a_mistake(live_db):
    for change in (
        "update tickets_event set kind = 'x'",
        "delete from tickets_event",
        "truncate tickets_event",
    ):
        with (
            pytest.raises(DatabaseError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as c,
        ):
            c.execute(change)
    with connections["owner"].cursor() as cursor:
        cursor.execute("select count(*) from tickets_event")
        assert cursor.fetchone() == (0,)


def test_the_site_answers_as_the_product_does(site):
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{site}/no-such-page", timeout=10)
    assert "default-src 'self'" in refused.value.headers["Content-Security-Policy"]
