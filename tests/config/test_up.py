"""`mainstay up` in whole, as a newcomer meets it."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from mainstay.config.env import running

pytestmark = pytest.mark.slow


class Up:
    """One `mainstay up` over a data folder and ports of its own."""

    def __init__(self, data: Path) -> None:
        self.data, self.log = data, data.with_suffix(".log")
        self.port, smtp, lmtp = free_ports(3)
        plain = {k: v for k, v in os.environ.items() if not k.startswith(("MAINSTAY_", "DATABASE_"))}
        self.environ = plain | {
            "MAINSTAY_DATA": str(data),
            "MAINSTAY_PORT": str(self.port),
            "MAINSTAY_SMTP_PORT": str(smtp),
            "MAINSTAY_LMTP_PORT": str(lmtp),
            "MAINSTAY_DNS": "off",
            "MAINSTAY_UNSAFE_DATABASE": "1",
            "MAINSTAY_PG_SHARED_BUFFERS": "32MB",
            "MAINSTAY_WEB_WORKERS": "1",
            "DEMO": "0",
        }
        self.command = [sys.executable, "-m", "mainstay"]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [*self.command, "up"], env=self.environ, stdout=log, stderr=subprocess.STDOUT
            )

    def said(self) -> str:
        return self.log.read_text()

    def ready(self) -> "Up":
        deadline = time.monotonic() + 60
        while "Ctrl-C stops everything." not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.05)
        return self

    def children(self) -> list[int]:
        return [
            int(pid)
            for pid in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        ]

    def page(self) -> int:
        address = f"http://127.0.0.1:{self.port}/healthz"
        with urllib.request.urlopen(address, timeout=10) as answer:
            return int(answer.status)

    def stop(self) -> float:
        began = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        self.process.wait(20)
        return time.monotonic() - began


def free_ports(number: int) -> list[int]:
    listening = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [one.getsockname()[1] for one in listening]
    for one in listening:
        one.close()
    return ports


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("up") / "data"


@pytest.fixture
def up(folder: Path) -> Iterator[Up]:
    started = Up(folder)
    try:
        yield started
    finally:
        if started.process.poll() is None:
            started.process.kill()  # takes its children along
            started.process.wait()


def test_it_serves_and_ctrl_c_ends_all_of_it(up: Up) -> None:
    assert up.ready().page() == 200
    assert f"http://127.0.0.1:{up.port}" in up.said()
    children = up.children()
    assert len(children) == 6  # PostgreSQL, web, mail, fetch, worker, watch
    assert up.stop() < 5
    assert up.process.returncode == 0
    assert [pid for pid in children if Path(f"/proc/{pid}").exists()] == []
    assert "Traceback" not in up.said()


def test_it_starts_again_soon_and_is_found_from_a_second_terminal(up: Up) -> None:
    up.ready()
    took = re.search(r"Ready after ([\d.]+) s", up.said())
    assert took is not None
    assert float(took[1]) < 40  # three on a quiet machine
    assert running(up.data) != {}
    verify = subprocess.run(
        [*up.command, "clocks", "verify"],
        env=up.environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert verify.returncode == 0, verify.stderr
    second = subprocess.run(
        [*up.command, "up"], env=up.environ, capture_output=True, text=True, timeout=60, check=False
    )
    assert second.returncode == 1
    assert f"is in use by process {up.process.pid}" in second.stderr


def test_a_killed_database_is_back_within_moments(up: Up) -> None:
    up.ready()
    postmaster = int((up.data / "postgres" / "postmaster.pid").read_text().splitlines()[0])
    os.kill(postmaster, signal.SIGKILL)
    deadline = time.monotonic() + 15
    while "PostgreSQL is back" not in up.said():
        assert time.monotonic() < deadline, up.said()
        time.sleep(0.05)
    assert up.page() == 200
