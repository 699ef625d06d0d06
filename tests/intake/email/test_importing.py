"""`mainstay mail import`: counts that add up, and a second run that changes nothing."""

import io
import mailbox
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mainstay.errors import Refused
from mainstay.intake.email.accept import key_of
from mainstay.intake.email.importing import Import, files_of, messages_of
from mainstay.intake.email.parse import parse
from mainstay.intake.models import Mail
from mainstay.tickets.models import Event, Message, Ticket

ROOT = Path(__file__).parents[3]
CORPUS = Path(os.environ.get("MAINSTAY_CORPUS", ROOT.parent / "shared")) / "mail"
LETTER = (
    b"From: {name}@harbourline.example\nSubject: {name}\nMessage-ID: <{name}@x.example>\n\n{name} writes.\n"
)


def letter(name: str) -> bytes:
    return LETTER.replace(b"{name}", name.encode())


def run(*paths: Path) -> Import:
    return Import(io.StringIO()).run(list(paths))


def total(line: str) -> int:
    return sum(int(number) for number in re.findall(r"(?:: |, )(\d+) ", line))


def rows() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Mail, Ticket, Message, Event))


OWN = {
    "letter.eml": LETTER.replace(b"{name}", b"Priya"),
    "two-from-lines.eml": b"From a@b Mon Mar  2 10:00:00 2026\n"
    + LETTER
    + b"\nFrom c@d Mon Mar  2 10:00:00 2026\n",
    "bounce.eml": b"From: MAILER-DAEMON@x.example\nReturn-Path: <>\nX-Failed-Recipients: a@b.example\n\nfailed\n",
    "charset.eml": b"From: a@b.example\nContent-Type: text/plain; charset=rot13\n\nuryyb\xff\n",
    "nothing.eml": b"",
    "no-mail.bin": bytes(range(256)) * 20,
}


@pytest.fixture
def corpus(tmp_path):
    """The corpus beside the project, or odd messages of our own."""
    if CORPUS.is_dir():
        return CORPUS
    print(f"no corpus at {CORPUS}: odd messages of our own stand for it")
    for name, raw in OWN.items():
        (tmp_path / name).write_bytes(raw)
    return tmp_path


def test_a_corpus_of_odd_mails_is_imported_whole_and_a_second_run_changes_nothing(cast, corpus):
    first = run(corpus)
    files = sum(1 for one in corpus.iterdir() if not one.name.startswith("."))
    assert first.files == first.messages == files
    assert total(first.said()) == sum(first.counts.values()) == files
    assert first.counts["tickets"]
    assert first.counts["noted"]
    assert first.counts["quarantine"]
    assert not Mail.objects.filter(state="new").exists()
    assert Mail.objects.count() == first.messages - first.counts["duplicates"]
    before = rows()
    second = run(corpus)
    assert second.counts == {"already here": second.messages}
    assert rows() == before


def test_no_two_different_messages_of_the_corpus_are_taken_for_one(corpus):
    said: dict[str, set[str]] = {}
    for file in files_of(corpus):
        for raw in messages_of(file.read_bytes()):
            said.setdefault(key_of(raw), set()).add(parse(raw).key)
    assert [keys for keys in said.values() if len(keys) > 1] == []


def test_files_folders_mboxes_and_maildirs(cast, tmp_path):
    (tmp_path / "one.eml").write_bytes(letter("one"))
    (tmp_path / ".hidden").write_bytes(letter("hidden"))
    box = mailbox.Maildir(tmp_path / "box")
    box.add(letter("two"))
    box.add_folder("archive").add(letter("three"))
    mbox = mailbox.mbox(tmp_path / "all.mbox")
    for name in ("four", "five", "one"):
        mbox.add(mailbox.mboxMessage(letter(name) + b"\nFrom here on it fails, in 2026\n"))
    mbox.flush()
    done = run(tmp_path)
    assert (done.files, done.messages) == (4, 6)
    assert done.said().startswith("6 messages in 4 files read: 6 tickets, 0 messages on tickets")
    assert total(done.said()) == 6
    assert set(Ticket.objects.values_list("subject", flat=True)) == {"one", "two", "three", "four", "five"}


def test_an_mbox_is_split_where_messages_begin_and_nowhere_else():
    raw = b"From a@b Mon Mar  2 10:00:00 2026\n" + letter("a") + b">From me in 2026\n\n"
    raw += b"From c@d Mon Mar  2 10:00:00 2026\n" + letter("c")
    first, second = messages_of(raw)
    assert first == letter("a") + b"From me in 2026\n"
    assert second == letter("c")[:-1]
    assert list(messages_of(letter("a"))) == [letter("a")]
    assert list(messages_of(b"")) == [b""]


def test_copies_within_one_run_are_duplicates_and_oversized_files_are_refused(cast, tmp_path, monkeypatch):
    from mainstay.intake.email import accept

    monkeypatch.setattr(accept, "LIMIT", 1000)
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(letter("same"))
    (tmp_path / "big").write_bytes(letter("big") + b"x" * 1000)
    done = run(tmp_path)
    assert done.counts == {"tickets": 1, "duplicates": 1, "refused": 1}
    assert total(done.said()) == 3


def test_failures_end_in_quarantine_within_the_run(cast, tmp_path, monkeypatch):
    from mainstay.intake.email import join

    def fail(*_, **__):
        raise ValueError("odd")

    monkeypatch.setattr(join, "apply", fail)
    (tmp_path / "a").write_bytes(letter("a"))
    assert run(tmp_path).counts == {"quarantine": 1}


def test_a_path_that_is_not_there_is_said(db, tmp_path):
    with pytest.raises(Refused, match="not there"):
        run(tmp_path / "nothing")


def test_files_come_in_a_steady_order(tmp_path):
    for name in ("b", "a", "c"):
        (tmp_path / name).write_bytes(b"")
    assert [one.name for one in files_of(tmp_path)] == ["a", "b", "c"]


def test_the_command_says_the_counts_in_one_line(environ, cast, tmp_path):
    (tmp_path / "a.eml").write_bytes(letter("a"))
    command = [sys.executable, "-m", "mainstay", "mail", "import", str(tmp_path / "a.eml")]
    for expected in ("1 file read: 1 tickets,", "1 file read: 0 tickets,"):
        done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        # nothing is amiss: where a busy machine takes longer than a second, how far it is stands there
        assert all(re.search(r" (read|handled)$", line) for line in done.stderr.splitlines()), done.stderr
        assert done.stdout.startswith(expected)
    gone = subprocess.run([*command, "/no/such"], env=environ, capture_output=True, text=True, check=False)
    assert (gone.returncode, gone.stderr) == (2, "path: /no/such is not there\n")
