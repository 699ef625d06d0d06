"""Files are shown to a scanner for malware, by the protocol of clamd, before anybody gets them."""

import io
import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client

from cast import NOW, acting
from mainstay.config.env import env, read
from mainstay.errors import Refused
from mainstay.notices import email, scanning, trouble
from mainstay.notices.announce import announce_pending
from mainstay.notices.answers import NeverSo, NotNow
from mainstay.notices.models import Delivery
from mainstay.tickets import clamd, resolution
from mainstay.tickets import scanning as scans
from mainstay.tickets.acknowledgement import Request, open_ticket
from mainstay.tickets.files import Upload
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Scan, Ticket

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + rb"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class Clamd:
    """A small clamd: finds EICAR, may hang, hang up, refuse what is large, or say nonsense."""

    def __init__(self, limit: int = 1_000_000) -> None:
        self.mood, self.limit, self.asked, self.seen = "well", limit, 0, b""
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def where(self) -> str:
        return f"tcp://127.0.0.1:{self.port}"

    def _serve(self) -> None:
        while True:
            try:
                wire, _ = self.server.accept()
            except OSError:
                return
            with wire, wire.makefile("rb") as said:
                self.asked += 1
                self._answer(wire, said)

    def _answer(self, wire: socket.socket, said: io.BufferedReader) -> None:
        if self.mood == "hang up":
            return
        assert said.read(10) == b"zINSTREAM\0"
        content = b""
        while size := int.from_bytes(said.read(4), "big"):
            content += said.read(size)
            if len(content) > self.limit:
                wire.sendall(b"INSTREAM size limit exceeded. ERROR\0")
                return
        self.seen = content
        if self.mood == "hang":
            time.sleep(2)
        elif self.mood == "nonsense":
            wire.sendall(b"220 smtp.example ESMTP\r\n")
        else:
            wire.sendall(b"stream: Eicar-Signature FOUND\0" if EICAR in content else b"stream: OK\0")

    def kill(self) -> None:
        self.server.close()


@pytest.fixture
def clam() -> Iterator[Clamd]:
    made = Clamd()
    yield made
    made.kill()


@pytest.fixture
def scanned(monkeypatch, clam):
    """The scanner is set, and what is not scanned yet waits."""
    monkeypatch.setenv("MAINSTAY_CLAMD", clam.where)
    env.cache_clear()
    yield clam
    monkeypatch.undo()
    env.cache_clear()


def ticket_with(cast, *files: bytes, name="invoice.pdf"):
    uploads = tuple(Upload(name, "application/pdf", content) for content in files)
    said = Said("See the file.", "email", authenticated="pass", attachments=uploads, address=cast.priya.email)
    request = Request("A file", said, customer=cast.harbourline, contact=cast.priya)
    return open_ticket(request, by=acting(cast.priya), at=NOW)


def file_of(ticket):
    return ticket.messages.order_by("pk").first().attachments.get()


def as_(who) -> Client:
    client = Client()
    client.force_login(who)
    return client


def look(at=None):
    return scans.look(at or NOW + timedelta(days=400), found=scanning.tell)


# ---- the protocol


def test_a_file_goes_in_whole_and_a_verdict_comes_out(clam):
    large = bytes(range(256)) * 1000
    assert clamd.scan(clam.where, io.BytesIO(large)) == clamd.Answer()
    assert clam.seen == large
    assert clamd.scan(clam.where, io.BytesIO(EICAR)).finding == "Eicar-Signature"
    assert clamd.scan(clam.where, io.BytesIO(b"")) == clamd.Answer()


def test_a_socket_of_this_machine_is_asked_as_well(tmp_path):
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(tmp_path / "clamd"))
    server.listen()

    def serve():
        wire, _ = server.accept()
        with wire:
            wire.recv(100_000)
            wire.sendall(b"stream: OK\0")

    threading.Thread(target=serve, daemon=True).start()
    assert clamd.scan(f"unix:{tmp_path}/clamd", io.BytesIO(b"x")) == clamd.Answer()
    server.close()


def test_too_large_for_the_scanner_is_trouble_and_no_verdict(clam):
    clam.limit = 100_000
    assert "size limit" in clamd.scan(clam.where, io.BytesIO(bytes(3_000_000))).trouble


@pytest.mark.parametrize("mood", ["hang", "hang up", "nonsense"])
def test_a_scanner_that_does_not_answer_properly_is_away(clam, mood):
    clam.mood = mood
    with pytest.raises(clamd.Away):
        clamd.scan(clam.where, io.BytesIO(EICAR), timeout=0.3)


@pytest.mark.parametrize(
    "wrong", ["clamd", "tcp://x", "tcp://x:0", "tcp://:3310", "unix:clamd", "http://x:1"]
)
def test_a_setting_that_names_no_scanner_is_refused(wrong):
    with pytest.raises(Refused, match=r"MAINSTAY_CLAMD.*tcp://host:port or unix:/path"):
        read({"MAINSTAY_CLAMD": wrong})
    with pytest.raises(Refused, match="MAINSTAY_UNSCANNED"):
        read({"MAINSTAY_UNSCANNED": "perhaps"})


# ---- files


def test_without_a_scanner_nothing_waits(cast):
    ticket = ticket_with(cast, b"%PDF fine")
    assert not Scan.objects.exists()
    assert as_(cast.mara).get(f"/desk/attachments/{file_of(ticket).pk}").status_code == 200


def test_a_file_is_had_once_it_was_scanned(cast, scanned):
    ticket = ticket_with(cast, b"%PDF fine")
    address = f"/desk/attachments/{file_of(ticket).pk}"
    early = as_(cast.mara).get(address)
    assert early.status_code == 400
    assert "not scanned yet" in early.content.decode()
    assert "not scanned yet" in as_(cast.mara).get(f"/desk/tickets/{ticket.pk}").content.decode()
    assert look().state == "clean"
    assert as_(cast.mara).get(address).status_code == 200
    assert address in as_(cast.mara).get(f"/desk/tickets/{ticket.pk}").content.decode()
    assert look() is None


def test_malware_is_shown_by_name_handed_to_nobody_and_told_once(cast, scanned):
    ticket = ticket_with(cast, EICAR)
    assert look().finding == "Eicar-Signature"
    for who, address in ((cast.mara, "/desk/attachments"), (cast.priya.user, "/files")):
        assert as_(who).get(f"{address}/{file_of(ticket).pk}").status_code == 400
    for who, address in ((cast.mara, "/desk/tickets"), (cast.priya.user, "/requests")):
        page = as_(who).get(f"{address}/{ticket.pk}").content.decode()
        assert "malware: Eicar-Signature; kept apart" in page
        assert f'/{file_of(ticket).pk}"><b>invoice.pdf' not in page
    assert "Malware was found in the file invoice.pdf" in ticket.messages.get(kind="note").text
    told = Delivery.objects.filter(subject=f"Malware in a file of ticket {ticket.pk}")
    assert set(told.values_list("recipient", "channel")) == {
        ("ruth@vendor.example", "email"), (f"user:{cast.ruth.pk}", "desk"),
    }  # fmt: skip
    look()
    assert told.count() == 2


def test_the_same_bytes_are_scanned_once_whoever_sends_them(cast, scanned):
    ticket_with(cast, b"%PDF fine")
    ticket_with(cast, b"%PDF fine", name="other.pdf")
    look()
    assert look() is None
    assert scanned.asked == 1


def test_while_the_scanner_is_away_files_wait_are_tried_again_and_people_are_told(cast, scanned):
    ticket = ticket_with(cast, EICAR)
    scanned.mood = "hang up"
    at = NOW + timedelta(days=400)
    with pytest.raises(clamd.Away):
        look(at)
    waiting = Scan.objects.get()
    assert (waiting.state, waiting.tries) == ("waiting", 1)
    assert look(at) is None  # not before some seconds are over
    trouble.tell(at + timedelta(minutes=6))
    assert Delivery.objects.filter(template="unscanned", recipient="ruth@vendor.example").exists()
    scanned.mood = "well"
    assert look(at + timedelta(minutes=1)).state == "found"
    assert as_(cast.mara).get(f"/desk/attachments/{file_of(ticket).pk}").status_code == 400


def test_a_killed_scanner_costs_time_and_nothing_else(cast, scanned):
    ticket_with(cast, b"%PDF fine")
    scanned.kill()
    stop = threading.Event()
    stop.set()
    worker = scanning.Scanner(stop)
    assert [worker.step(), worker.step()] == [0, 0]
    assert Scan.objects.get().state == "waiting"


def test_policy_may_let_files_be_had_that_are_not_scanned_yet_but_never_what_was_found(
    cast, scanned, monkeypatch
):
    monkeypatch.setenv("MAINSTAY_UNSCANNED", "allow")
    env.cache_clear()
    ticket = ticket_with(cast, EICAR)
    address = f"/desk/attachments/{file_of(ticket).pk}"
    assert as_(cast.mara).get(address).status_code == 200
    assert "not scanned yet" in as_(cast.mara).get(f"/desk/tickets/{ticket.pk}").content.decode()
    look()
    assert as_(cast.mara).get(address).status_code == 400


def test_what_we_send_waits_for_the_scanner_and_what_was_found_is_not_sent(cast, scanned):
    ticket = ticket_with(cast)
    upload = Upload("fix.zip", "application/zip", EICAR)
    resolution.reply(ticket, said=Said("Here.", "desk", attachments=(upload,)), by=acting(cast.mara), at=NOW)
    announce_pending(NOW)
    answer = Delivery.objects.get(template="answer")
    with pytest.raises(NotNow, match=r"fix\.zip: not scanned yet"):
        email.build(answer, NOW)
    look()
    with pytest.raises(NeverSo, match=r"fix\.zip: malware: Eicar-Signature"):
        email.build(answer, NOW)


def test_a_scanner_named_later_is_shown_what_was_there_before(cast, monkeypatch, clam, capsys):
    ticket = ticket_with(cast, EICAR)
    monkeypatch.setenv("MAINSTAY_CLAMD", clam.where)
    env.cache_clear()
    try:
        scans.main([])
        assert "1 files wait" in capsys.readouterr().out
        assert look().state == "found"
        assert as_(cast.mara).get(f"/desk/attachments/{file_of(ticket).pk}").status_code == 400
    finally:
        monkeypatch.undo()
        env.cache_clear()


def test_a_file_that_came_piece_by_piece_is_had_by_nobody_before_the_scanner_has_seen_it(cast, scanned):
    priya = as_(cast.priya.user)
    begun = priya.post("/uploads", headers={"Upload-Length": str(len(EICAR)), "Tus-Resumable": "1.0.0"})
    for start in range(0, len(EICAR), 20):
        answer = priya.patch(
            begun["Location"], EICAR[start : start + 20], content_type="application/offset+octet-stream",
            headers={"Upload-Offset": str(start), "Tus-Resumable": "1.0.0"},
        )  # fmt: skip
        assert answer.status_code == 204
    sent = {"category": "technical", "subject": "A file", "description": "See it.", "form_key": "k1"}
    assert priya.post("/requests/new", sent).status_code == 302
    ticket = Ticket.objects.get()
    number = file_of(ticket).pk
    for client, address in ((priya, f"/files/{number}"), (as_(cast.mara), f"/desk/attachments/{number}")):
        early = client.get(address)
        assert (early.status_code, "not scanned yet" in early.content.decode()) == (400, True)
    assert look().finding == "Eicar-Signature"
    assert scanned.seen == EICAR
    for client, address in ((priya, f"/files/{number}"), (as_(cast.mara), f"/desk/attachments/{number}")):
        late = client.get(address)
        assert (late.status_code, "malware: Eicar-Signature" in late.content.decode()) == (400, True)
