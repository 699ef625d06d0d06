"""The command `mainstay`, as a person types it."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest


def mainstay(*words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("MAINSTAY_", "DATABASE_"))} | settings
    command = [sys.executable, "-m", "mainstay", *words]
    return subprocess.run(command, capture_output=True, text=True, env=environ, timeout=30, check=False)


def test_an_unknown_command_is_one_line_and_the_usage() -> None:
    said = mainstay("upp")
    assert said.returncode == 2
    assert said.stderr.splitlines()[0] == "upp: no such command"
    assert "mainstay up " in said.stderr
    assert said.stdout == ""


def test_help_is_no_error() -> None:
    said = mainstay("--help")
    assert said.returncode == 0
    assert "mainstay clocks explain" in said.stdout
    assert "prepare" not in said.stdout


def test_half_a_command_says_what_may_follow() -> None:
    said = mainstay("mail")
    assert said.returncode == 2
    assert said.stderr.startswith("mail: say which, one of: serve, deliver, fetch, import, dkim, inspect\n")


def test_the_version_is_said() -> None:
    assert mainstay("version").stdout.startswith("mainstay 0.")
    assert mainstay("--version").stdout == mainstay("version").stdout


def test_a_bad_setting_is_one_line() -> None:
    said = mainstay("up", MAINSTAY_PORT="70000")
    assert said.returncode == 1
    assert said.stderr == "MAINSTAY_PORT: is '70000'; it may be a whole number from 1 to 65535\n"


def test_without_a_database_a_command_says_how_to_get_one(tmp_path: Path) -> None:
    said = mainstay("worker", MAINSTAY_DATA=str(tmp_path))
    assert (said.returncode, said.stderr) == (2, "no database: start `mainstay up`, or set DATABASE_URL\n")


def test_without_a_database_a_mail_server_keeps_the_message(tmp_path: Path) -> None:
    assert mainstay("mail", "deliver", MAINSTAY_DATA=str(tmp_path)).returncode == 75
    gone = "postgresql://nobody@127.0.0.1:1/mainstay"
    said = mainstay("mail", "deliver", MAINSTAY_DATA=str(tmp_path), DATABASE_URL=gone)
    assert said.returncode == 75
    assert len(said.stderr.splitlines()) == 1


def test_a_taken_port_is_one_line_and_starts_nothing(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        said = mainstay("up", MAINSTAY_PORT=str(port), MAINSTAY_DATA=str(tmp_path / "data"))
    assert said.returncode == 1
    assert said.stderr == (
        f"MAINSTAY_PORT: port {port} is taken; stop what uses it, or set MAINSTAY_PORT to a free one\n"
    )
    assert not (tmp_path / "data" / "postgres").exists()


def test_two_of_ours_do_not_share_a_port(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
    said = mainstay("up", MAINSTAY_PORT=port, MAINSTAY_SMTP_PORT=port, MAINSTAY_DATA=str(tmp_path / "data"))
    assert said.stderr == f"MAINSTAY_SMTP_PORT: port {port} is MAINSTAY_PORT's already; choose another\n"


def test_a_reader_that_leaves_early_is_no_fault() -> None:
    command = [sys.executable, "-m", "mainstay", "--help"]
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer) as output:
        done = subprocess.run(command, stdout=output, stderr=subprocess.PIPE, timeout=30, check=False)
    assert done.stderr == b""


def test_a_quick_question_loads_neither_django_nor_the_database() -> None:
    program = (
        "import sys; from mainstay.cli import main; main(['version']);"
        " sys.exit(any(name.split('.')[0] in ('django', 'psycopg', 'gunicorn') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, check=False).returncode == 0


def test_the_command_itself_loads_in_a_blink() -> None:
    def once() -> float:
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import mainstay.cli"], check=True)
        return time.perf_counter() - began

    assert min(once() for _ in range(5)) < 0.2


@pytest.mark.slow
def test_the_doctor_looks_at_everything(tmp_path: Path) -> None:
    said = mainstay("doctor", MAINSTAY_DATA=str(tmp_path / "data"), MAINSTAY_PORT="18000")
    looked_at = {line[8:20].strip() for line in said.stdout.splitlines()}
    assert {"python", "data folder", "disk", "secret", "database", "port", "relay"} <= looked_at
    assert not (tmp_path / "data" / "postgres").exists()


def test_the_doctor_names_a_relay_that_does_not_answer(tmp_path: Path) -> None:
    said = mainstay("doctor", MAINSTAY_DATA=str(tmp_path / "data"), MAINSTAY_RELAY="smtp://127.0.0.1:1")
    assert said.returncode == 1
    assert "not ok  relay" in said.stdout
