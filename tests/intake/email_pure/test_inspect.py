"""`mainstay mail inspect` answers quickly, without a database."""

import io
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mainstay.intake.email import inspect

from .mails import html_mail, mail


def test_each_file_is_one_line_of_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.eml").write_bytes(
        mail(
            "Authentication-Results: mx.vendor.example; dmarc=pass header.from=acme.example",
            body="Severity: 1\n",
        )
    )
    (tmp_path / "b.bin").write_bytes(b"\x00\x01")
    assert (
        inspect.main(["--authserv-id", "mx.vendor.example", str(tmp_path / "a.eml"), str(tmp_path / "b.bin")])
        == 0
    )
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert first["from"] == "anna@acme.example"
    assert first["authenticated"]["result"] == "pass"
    assert first["bounce"] is None
    assert {
        "name": "desired_severity",
        "value": "1",
        "source": "body, line 1",
        "start": 10,
        "end": 11,
        "rank": 1,
    } in first["fields"]
    assert second["is_mail"] is False
    assert second["reason"]


def test_a_missing_file_is_an_error_and_the_others_are_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.eml").write_bytes(mail())
    assert inspect.main([str(tmp_path / "none.eml"), str(tmp_path / "a.eml")]) == 2
    captured = capsys.readouterr()
    assert "none.eml" in captured.err
    assert json.loads(captured.out)["subject"] == "Export fails"


def test_standard_input_is_a_dash(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(mail())))
    assert inspect.main(["-"]) == 0
    assert json.loads(capsys.readouterr().out)["subject"] == "Export fails"


def test_it_starts_quickly_and_needs_no_django() -> None:
    code = (
        "import sys; from mainstay.intake.email.inspect import main; main(['-']); "
        "assert not {name.split('.')[0] for name in sys.modules} & {'django', 'psycopg', 'lxml', 'nh3', 'authres'}"
    )
    best = 9.0
    for _ in range(3):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], input=mail(), check=True, capture_output=True)
        best = min(best, time.perf_counter() - started)
    assert best < 1.0  # 0.4 s on a machine that does nothing else


def test_html_is_read_too() -> None:
    assert inspect.describe(html_mail("<p>Hello <b>you</b></p>"))["body_text"] == "Hello you"
