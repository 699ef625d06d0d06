"""What is promised of `mainstay mail inspect`, word by word."""

import json
import os
import re
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mainstay.intake.email import inspect

from .mails import mail, multipart

KEYS = {
    "from", "from_name", "subject", "body_text", "reply_text", "attachments", "is_auto", "bounce", "message_id",
    "references", "authenticated", "fields", "notes",
}  # fmt: skip


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize("raw", [mail(), b"", b"\x00\xff" * 50, b"no mail at all", b"From: a@b.example\n"])
def test_a_line_has_every_key_whatever_was_read(
    raw: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a").write_bytes(raw)
    assert inspect.main([str(tmp_path / "a")]) == 0
    (line,) = lines(capsys)
    assert line.keys() >= KEYS
    assert line["authenticated"].keys() == {"result", "why"}
    assert line["is_mail"] or line["reason"]


def test_every_key_says_what_it_is_for() -> None:
    raw = multipart(
        "mixed",
        "Content-Type: text/plain\n\nSeverity: 2\nIt fails again.\n\n"
        "On Mon, 2 Mar 2026 at 10:00, Mara wrote:\n> Try this.\n",
        "Content-Type: text/html; name=trace.log\nContent-Disposition: attachment\n\nabc\n",
    ).replace(b"MIME-Version", b"References: <a@x.example> <b@x.example>\r\nMIME-Version", 1)
    said = inspect.describe(raw)
    assert (said["from"], said["from_name"]) == ("anna@acme.example", "Anna Berg")
    assert (said["subject"], said["message_id"]) == ("Export fails", "<m1@acme.example>")
    assert "Try this." in said["body_text"]
    assert said["reply_text"] == "Severity: 2\nIt fails again."
    assert said["attachments"] == [{"name": "trace.log", "size": 5, "type": "text/plain"}]
    assert said["references"] == ["<a@x.example>", "<b@x.example>"]
    assert (said["is_auto"], said["bounce"]) == (False, None)
    found = {one["name"]: (one["value"], one["source"]) for one in said["fields"]}
    assert found["desired_severity"] == ("2", "body, line 1")


def test_a_bounce_says_for_whom_and_whether_for_good() -> None:
    status = "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\n"
    status += "Final-Recipient: rfc822; %s\nAction: failed\nStatus: %s\n"
    for code, permanent in (("5.1.1", True), ("4.2.2", False)):
        raw = multipart("report; report-type=delivery-status", "\nsorry", status % ("tom@acme.example", code))
        said = inspect.describe(raw)
        assert said["is_auto"]
        assert said["bounce"]["permanent"] is permanent
        assert [(who["address"], who["permanent"]) for who in said["bounce"]["for"]] == [
            ("tom@acme.example", permanent)
        ]


def test_what_was_repaired_is_noted() -> None:
    said = inspect.describe(mail("Content-Type: text/plain; charset=x-nonsense", body="caf\u00e9"))
    assert said["notes"]


# ---- any bytes

WORDS = [
    b"From: ", b"a@b.example", b"\n", b"\n\n", b"Subject: ", b"=?utf-8?B?AO2ggA==?=", b"\x00", b"\xed\xa0\x80",
    b"\xe2\x80\xae", b"Content-Type: multipart/mixed; boundary=B\n\n", b"--B\n",
    b"Content-Disposition: attachment; filename=",
    b"filename*=utf-8''%00%2e%2e%2f%e2%80%ae", b'"../../x\\y/\x1b[31m"', b"begin 644 ../\xe2\x80\xaex\n#86)C\n`\nend\n",
    b"Content-Type: application/x; name=", b"Content-Type: message/rfc822\n\n", b"charset=utf-16", b"utf-7",
    b"\r", b"\xff",
    b"Content-Transfer-Encoding: base64\n\n", b"Severity: \x001\n",
    b"Version: \xed\xbf\xbf\n", b"Final-Recipient: rfc822; \x00",
]  # fmt: skip
PARTS = st.lists(st.one_of(st.sampled_from(WORDS), st.binary(max_size=9)), max_size=40).map(b"".join)


@settings(max_examples=400, suppress_health_check=list(HealthCheck))
@given(st.one_of(st.binary(max_size=300), PARTS, PARTS.map(lambda rest: b"From: a@b.example\n" + rest)))
def test_no_bytes_make_it_fail_or_say_what_a_database_refuses(raw: bytes) -> None:
    said = inspect.describe(raw)
    assert said.keys() >= KEYS
    for text in every_text(json.loads(json.dumps(said))):
        assert "\x00" not in text
        text.encode("utf-8")  # no lone surrogate
    for file in said["attachments"]:
        assert_harmless(file["name"])


def every_text(found: Any) -> Iterator[str]:
    if isinstance(found, str):
        yield found
    elif isinstance(found, dict):
        for key, value in found.items():
            yield from every_text(key)
            yield from every_text(value)
    elif isinstance(found, list):
        for value in found:
            yield from every_text(value)


def assert_harmless(name: str) -> None:
    """No path, no control character, none that turns the direction of writing."""
    assert name
    assert name not in {".", ".."}
    assert not re.search(r"[/\\\u2044\u2215]", name)
    assert not [one for one in name if unicodedata.category(one) in {"Cc", "Cs"}]
    assert not [
        one
        for one in name
        if unicodedata.bidirectional(one) in {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    ]
    assert not set(name) & set("\u200e\u200f\u061c")


NAMES = ["../../etc/passwd", "..\\..\\x", "/abs", "C:\\x.exe", "a\u202egnp.exe", "a\u2066b\u2069", "\u200fx", "\u061cx",
         "a\x00b",
         "a\r\nb", "\x1b[31mred", "..", ".", "", "\x85", "\u2028", "a\u2215b"]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_file_name_has_no_path_control_or_bidi_character(name: str) -> None:
    from urllib.parse import quote

    encoded = f"filename*=utf-8''{quote(name, safe='')}"
    for said_as in (
        f'filename="{name}"',
        encoded,
        f'filename="=?utf-8?Q?{quote(name, safe="").replace("%", "=")}?="',
    ):
        said = inspect.describe(multipart("mixed", f"Content-Disposition: attachment; {said_as}\n\nabc"))
        for file in said["attachments"]:
            assert_harmless(file["name"])


def test_a_file_of_ours_whose_name_is_no_text_is_named_storably(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = os.fsdecode(os.fsencode(tmp_path) + b"/\xff.eml")
    Path(path).write_bytes(mail())
    assert inspect.main([path]) == 0
    for text in every_text(lines(capsys)):
        text.encode("utf-8")


# ---- 50 MB within 5 s of computing and 512 MB, whatever the shape

MEGABYTE = 1_000_000
HEAD = b"From: a@b.example\nSubject: s\nMessage-ID: <x@y.example>\n"


def filled(start: bytes, piece: bytes, end: bytes = b"") -> Callable[[], bytes]:
    return lambda: (start + piece * (50 * MEGABYTE // len(piece)))[: 50 * MEGABYTE - len(end)] + end


MIXED = b"Content-Type: multipart/mixed; boundary=B\n\n"
SHAPES: dict[str, Callable[[], bytes]] = {
    "one line": filled(HEAD + b"\n", b"a"),
    "quotes": filled(HEAD + b"\n", b">x\n"),
    "labels": filled(HEAD + b"\n", b"Severity: 1\n"),
    "bare returns": filled(HEAD.replace(b"\n", b"\r"), b"a\r"),
    "a file in base64": filled(
        HEAD + b"Content-Type: a/b\nContent-Transfer-Encoding: base64\n\n", b"QUJD" * 18 + b"\n"
    ),
    "html": filled(HEAD + b"Content-Type: text/html\n\n", b"<div><table><tr><td>x"),
    "alternatives": filled(HEAD + MIXED, b"--B\nContent-Type: text/html\n\n" + b"<b>x" * 200 + b"\n"),
    "uuencoded files": filled(HEAD + b"\n", b"begin 644 x\n#86)C\n`\nend\n"),
    "parts": filled(HEAD + MIXED, b"--B\nContent-Type: a/b; name=x\n\nhi\n"),
    "messages in messages": filled(HEAD, b"Content-Type: message/rfc822\n\nSubject: in\n"),
    "headers": filled(HEAD, b"X-A: y\n", b"\n\nx"),
    "a folded header": filled(HEAD + b"X-A: y\n", b" bbbbbbbbb\n", b"\n\nx"),
    "a subject": filled(HEAD[:18] + b"Subject: ", b"=?utf-8?B?QUJD?= ", b"\n\nx"),
    "recipients": filled(HEAD + b"To: ", b'"(<', b"\n\nx"),
    "references": filled(HEAD + b"References: ", b"<a@b> ", b"\n\nx"),
    "reports": filled(
        HEAD + b"Content-Type: multipart/report; report-type=delivery-status; boundary=B\n\n--B\n"
        b"Content-Type: message/delivery-status\n\n",
        b"Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1\n\n",
    ),
}  # fmt: skip
WITHIN = (
    "import resource as r; r.setrlimit(r.RLIMIT_CPU, (5, 5)); r.setrlimit(r.RLIMIT_AS, (512 << 20, 512 << 20));"
    "import sys; from mainstay.intake.email.inspect import main; sys.exit(main(['-']))"
)


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES)
def test_50_megabytes_of_any_shape_are_read_within_5_seconds_and_512_megabytes(shape: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHIN], input=SHAPES[shape](), capture_output=True, timeout=120, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    said = json.loads(done.stdout)
    assert (said["is_mail"], said["from"]) == (True, "a@b.example")


# ---- no database


def test_the_command_needs_no_database(tmp_path: Path) -> None:
    """Nothing leads to one, and nothing is written where data would be kept."""
    data = tmp_path / "data"
    keep = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("DATABASE", "PG", "MAINSTAY"))
    }
    away = {"MAINSTAY_DATA": str(data), "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"}
    done = subprocess.run(
        [sys.executable, "-m", "mainstay", "mail", "inspect", "-"],
        input=mail(), capture_output=True, env={**keep, **away}, cwd=tmp_path, check=True,
    )  # fmt: skip
    assert json.loads(done.stdout)["from"] == "anna@acme.example"
    assert not data.exists()
