"""The supervisor: what dies is started again, Ctrl-C ends all of it. Children here are small stand-ins."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mainstay.config import postgres
from mainstay.config.supervisor import Program, Supervisor

FOREVER = "import time; print('here', flush=True); time.sleep(60)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {FOREVER}"


def program(name: str, code: str) -> Program:
    return Program(name, [sys.executable, "-c", code])


class Watched(Supervisor):
    """Remembers what it said."""

    def __init__(self, *programs: Program, server: postgres.Server | None = None) -> None:
        self.said: list[str] = []
        super().__init__(list(programs), os.environ, server, self.said.append)

    def pid(self, number: int = 0) -> int:
        process = self.children[number].process
        return process.pid if process else 0

    def said_times(self, text: str) -> int:
        return sum(text in line for line in self.said)

    def run_until(self, true: Callable[[], bool], within: float = 8.0) -> None:
        deadline = time.monotonic() + within
        self.run(lambda: true() or time.monotonic() > deadline)
        assert true(), self.said


@pytest.fixture
def watched() -> Iterator[Callable[..., Watched]]:
    made: list[Watched] = []

    def make(*programs: Program, server: postgres.Server | None = None) -> Watched:
        made.append(Watched(*programs, server=server))
        return made[-1]

    yield make
    for supervisor in made:
        supervisor.stop()
        supervisor.close()


def gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


def test_a_childs_lines_carry_its_name(watched: Callable[..., Watched]) -> None:
    supervisor = watched(program("web", FOREVER), program("worker", FOREVER))
    supervisor.run_until(lambda: supervisor.said_times("here") == 2)
    assert sorted(supervisor.said) == ["web    | here", "worker | here"]


def test_what_dies_is_started_again(watched: Callable[..., Watched]) -> None:
    supervisor = watched(program("worker", FOREVER))
    supervisor.run_until(lambda: supervisor.said_times("here") == 1)
    first = supervisor.pid()
    os.kill(first, signal.SIGKILL)
    supervisor.run_until(lambda: supervisor.said_times("here") == 2)
    assert supervisor.pid() not in {0, first}
    assert "worker was ended by SIGKILL; again in 0.2 s" in supervisor.said


def test_what_keeps_dying_is_started_less_and_less_often(watched: Callable[..., Watched]) -> None:
    supervisor = watched(program("watch", "raise SystemExit('the last words')"))
    supervisor.run_until(lambda: supervisor.children[0].deaths == 3)
    pauses = [line for line in supervisor.said if "again in" in line]
    assert pauses == [f"watch ended with exit status 1; again in {pause} s" for pause in (0.2, 0.4, 0.8)]
    assert supervisor.said_times("watch | the last words") == 3


def test_the_others_go_on_meanwhile(watched: Callable[..., Watched]) -> None:
    supervisor = watched(program("web", FOREVER), program("watch", "raise SystemExit(1)"))
    supervisor.run_until(lambda: supervisor.children[1].deaths == 2)
    assert supervisor.children[0].deaths == 0
    assert supervisor.children[0].alive()


def test_a_long_line_without_an_end_is_passed_on_in_pieces(watched: Callable[..., Watched]) -> None:
    supervisor = watched(program("web", f"print('x' * 200000, end='', flush=True); {FOREVER}"))
    supervisor.run_until(lambda: supervisor.said_times("here") == 1)
    assert sum(line.count("x") for line in supervisor.said) == 200000


def test_stopping_ends_every_child(watched: Callable[..., Watched]) -> None:
    supervisor = watched(program("web", FOREVER), program("worker", FOREVER))
    supervisor.run_until(lambda: supervisor.said_times("here") == 2)
    pids = [supervisor.pid(0), supervisor.pid(1)]
    supervisor.stop()
    assert all(gone(pid) for pid in pids)


def test_a_child_that_will_not_end_is_killed_within_five_seconds(watched: Callable[..., Watched]) -> None:
    supervisor = watched(program("web", STUBBORN))
    supervisor.run_until(lambda: supervisor.said_times("here") == 1)
    pid, began = supervisor.pid(), time.monotonic()
    supervisor.stop()
    assert gone(pid)
    assert time.monotonic() - began < 5


def test_ctrl_c_ends_the_waiting_and_a_second_one_kills(watched: Callable[..., Watched]) -> None:
    supervisor = watched(program("web", STUBBORN))
    began = time.monotonic()
    with supervisor.signals():
        supervisor.run_until(lambda: supervisor.said_times("here") == 1)
        supervisor.run(lambda: os.kill(os.getpid(), signal.SIGINT) is not None)
        assert supervisor.stopping
        second = threading.Timer(0.2, os.kill, [os.getpid(), signal.SIGINT])
        second.start()
        supervisor.stop()
        second.join()
    assert time.monotonic() - began < 2  # not the 2.5 s that a stubborn child is given


def test_postgresql_is_started_again_and_stopped_last(
    tmp_path: Path, watched: Callable[..., Watched]
) -> None:
    server = postgres.start(tmp_path / "data", durable=False, shared_buffers="16MB")
    supervisor = watched(program("worker", FOREVER), server=server)
    supervisor.run_until(lambda: supervisor.said_times("here") == 1)
    os.kill(server.pid, signal.SIGKILL)
    supervisor.run_until(lambda: supervisor.said_times("PostgreSQL is back") == 1)
    assert supervisor.children[0].alive()
    pid = server.pid
    supervisor.stop()
    assert gone(pid)
    postgres.Lock(tmp_path / "data").release()  # the folder is free again


def test_no_child_outlives_a_killed_supervisor() -> None:
    code = (
        "import os, sys; from mainstay.config.supervisor import Program, Supervisor;"
        f"child = Program('web', [sys.executable, '-c', {FOREVER!r}]);"
        "s = Supervisor([child], os.environ, say=lambda line: print(s.children[0].process.pid, flush=True));"
        "s.run()"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as supervisor:
        assert supervisor.stdout is not None
        child = int(supervisor.stdout.readline())
        assert not gone(child)
        supervisor.kill()
    deadline = time.monotonic() + 5
    while not gone(child) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert gone(child)
