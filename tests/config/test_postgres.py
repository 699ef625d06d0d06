"""Our own PostgreSQL: over a folder, without a port, back after a kill, never two over one folder."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from mainstay.config import database, postgres
from mainstay.config.env import running
from mainstay.config.postgres import Lock, Server
from mainstay.errors import Refused


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pg") / "data"


@pytest.fixture
def server(folder: Path) -> Iterator[Server]:
    with postgres.start(folder, durable=False, shared_buffers="16MB") as started:
        yield started


def ask(url: str, question: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        answer = connection.execute(question)  # type: ignore[call-overload]
        row = answer.fetchone() if answer.description else None
        return row[0] if row else None


def wait_until(true: object, within: float = 5.0) -> None:
    deadline = time.monotonic() + within
    while not true():  # type: ignore[operator]
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def test_it_is_there_within_moments(tmp_path: Path) -> None:
    began = time.monotonic()
    with postgres.start(tmp_path / "data", durable=False):
        assert time.monotonic() - began < 5  # 0.6 s on a quiet machine; the first start makes the cluster


def test_two_roles_and_neither_may_do_everything(server: Server) -> None:
    assert ask(server.owner_url, "select current_user::text") == "mainstay_owner"
    assert ask(server.app_url, "select current_user::text") == "mainstay_app"
    assert ask(server.superuser_url, "select count(*) from pg_roles where rolsuper") == 1
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        ask(server.app_url, "create table public.mine (id int)")


def test_texts_sort_the_same_on_every_machine(server: Server) -> None:
    question = "select datlocprovider::text || ' ' || datlocale from pg_database where datname = 'mainstay'"
    assert ask(server.app_url, question) == "b C.UTF-8"
    assert ask(server.app_url, "show server_encoding") == "UTF8"
    assert ask(server.app_url, "show timezone") == "UTC"
    assert ask(server.app_url, "show data_checksums") == "on"


def test_nobody_reaches_it_but_its_owner(server: Server) -> None:
    assert ask(server.superuser_url, "show listen_addresses") == ""
    for private in (server.sockets, server.data, server.data / "postgres"):
        assert private.stat().st_mode & 0o077 == 0, private


def test_a_second_terminal_finds_it(server: Server) -> None:
    assert running(server.data) == {"app": server.app_url, "owner": server.owner_url}
    assert (server.data / "run" / "urls").stat().st_mode & 0o777 == 0o600
    server.stop()
    assert running(server.data) == {}


def test_what_was_written_is_there_after_a_stop(folder: Path) -> None:
    with postgres.start(folder, durable=False) as first:
        ask(first.owner_url, "create table if not exists kept as select 1042 as number")
    with postgres.start(folder, durable=False) as second:
        assert ask(second.owner_url, "select number from kept") == 1042


def test_it_comes_back_after_a_kill(server: Server) -> None:
    ask(server.owner_url, "create table if not exists survives as select 7 as number")
    os.kill(server.pid, signal.SIGKILL)
    wait_until(lambda: not server.alive())
    server.revive()
    assert ask(server.owner_url, "select number from survives") == 7


def test_it_ends_with_the_process_that_started_it(folder: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from mainstay.config import postgres;"
        f"s = postgres.start(Path({str(folder)!r}), durable=False); print(s.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        pid = int(starter.stdout.readline())
        assert Path(f"/proc/{pid}").exists()
        starter.kill()
    wait_until(lambda: not Path(f"/proc/{pid}").exists())
    with postgres.start(folder, durable=False) as again:  # whatever the killed one left behind
        assert ask(again.app_url, "select 1") == 1


def test_a_folder_has_one_server(server: Server) -> None:
    with pytest.raises(Refused) as refused:
        postgres.start(server.data, durable=False)
    assert str(refused.value) == (
        f"MAINSTAY_DATA: {server.data} is in use by process {os.getpid()}; stop it first"
    )
    assert ask(server.app_url, "select 1") == 1


def test_a_lock_let_go_may_be_taken(tmp_path: Path) -> None:
    Lock(tmp_path / "data").release()
    Lock(tmp_path / "data").release()


def test_a_start_cut_short_leaves_nothing_half_made(tmp_path: Path) -> None:
    half = tmp_path / "data" / "postgres.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    with postgres.start(tmp_path / "data", durable=False) as server:
        assert ask(server.app_url, "select 1") == 1
    assert not half.exists()


def test_a_long_path_gets_a_short_socket(tmp_path: Path) -> None:
    with postgres.start(tmp_path / ("long" * 25) / "data", durable=False) as server:
        assert len(str(server.sockets)) < 80
        assert server.sockets.stat().st_mode & 0o777 == 0o700
        assert running(server.data)["app"] == server.app_url
    server.sockets.rmdir()


def test_a_strangers_folder_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "run").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Refused, match="another user's"):
        postgres.start(tmp_path / "data")


def test_another_versions_folder_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "data" / "postgres").mkdir(parents=True)
    (tmp_path / "data" / "postgres" / "PG_VERSION").write_text("17\n")
    with pytest.raises(Refused, match="was made by version 17 and this is version 18: set MAINSTAY_PG_BIN"):
        postgres.start(tmp_path / "data")
    assert not (tmp_path / "data" / "run" / "urls").exists()


def test_a_folder_without_programs_is_named(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="MAINSTAY_PG_BIN: /nowhere holds no postgres and initdb"):
        postgres.start(tmp_path / "data", pg_bin="/nowhere")


def test_what_stops_it_from_starting_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "_RETRY_WITHIN", 0.1)
    with pytest.raises(
        Refused, match=r"PostgreSQL: does not start: .*shared_buffers.* \(see .*postgres.log\)"
    ):
        postgres.start(folder, durable=False, shared_buffers="1000000GB")


def test_a_database_that_may_lose_work_is_refused(server: Server) -> None:
    with pytest.raises(Refused) as refused:
        database.check(server.app_url)
    assert str(refused.value) == (
        "DATABASE_URL: the server may lose acknowledged work, these must be on: fsync, full_page_writes"
    )
    assert database.check(server.app_url, unsafe=True).user == "mainstay_app"


def test_our_own_loses_nothing(folder: Path) -> None:
    with postgres.start(folder) as server:
        assert database.check(server.app_url).unsafe == ()


def test_none_of_its_helpers_can_leave_the_others_waiting(server: Server) -> None:
    """A killed I/O worker of PostgreSQL 18 left every connection waiting for good: each reads for itself."""
    assert (
        ask(server.superuser_url, "select count(*) from pg_stat_activity where backend_type = 'io worker'")
        == 0
    )


def test_what_one_role_cannot_hold_is_said(server: Server) -> None:
    app, owner = database.facts(server.app_url), database.facts(server.owner_url)
    assert database.what_is_lost(app, owner) == []
    assert "both owns the database and runs the product" in database.what_is_lost(owner, owner)[0]
    superuser = database.facts(server.superuser_url)
    assert "is a superuser" in database.what_is_lost(superuser, owner)[0]


def test_a_database_that_does_not_answer_is_one_line() -> None:
    with pytest.raises(Refused, match="DATABASE_OWNER_URL: the database does not answer") as refused:
        database.facts("postgresql://nobody@127.0.0.1:1/mainstay", "DATABASE_OWNER_URL")
    assert "\n" not in str(refused.value)


@pytest.mark.skipif(not Path("/usr/lib/postgresql/15/bin/initdb").exists(), reason="no PostgreSQL 15 here")
def test_an_older_postgresql_serves_too(tmp_path: Path) -> None:
    with postgres.start(tmp_path / "data", durable=False, pg_bin="/usr/lib/postgresql/15/bin") as server:
        assert database.facts(server.app_url).version == 15
