"""Files on their way: piece by piece, taken up again, looked through for secrets, sent with what they belong to."""

import base64
import gzip
import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from mainstay.customers import files
from mainstay.intake import secrets, uploads
from mainstay.intake.models import Upload
from mainstay.tickets.models import Attachment, Ticket

pytestmark = pytest.mark.django_db
TYPE = "application/offset+octet-stream"
LOG = b"10:47 sign-in refused\npassword=hunter2secret\n10:48 again\n"


@pytest.fixture
def priya(cast: Any) -> Client:
    client = Client()
    client.force_login(cast.priya.user)
    return client


def begin(client: Client, size: int, name: str = "mfa.log", form: str = "request") -> Any:
    said = ",".join(
        f"{key} {base64.b64encode(value.encode()).decode()}"
        for key, value in (("filename", name), ("form", form), ("modified", "7"))
    )
    return client.post(
        "/uploads", headers={"Upload-Length": str(size), "Upload-Metadata": said, "Tus-Resumable": "1.0.0"}
    )


def send(client: Client, at: str, piece: bytes, offset: int, **more: str) -> Any:
    return client.patch(
        at, piece, content_type=TYPE, headers={"Upload-Offset": str(offset), "Tus-Resumable": "1.0.0", **more}
    )


def whole(client: Client, content: bytes, name: str = "mfa.log") -> Upload:
    at = begin(client, len(content), name)["Location"]
    assert send(client, at, content, 0).status_code == 204
    return Upload.objects.get(pk=UUID(at.rsplit("/", 1)[1]))


def raise_request(client: Client, **more: Any) -> Any:
    given = {
        "category": "technical",
        "subject": "Badges refused",
        "description": "Since 10:47.",
        "form_key": "k1",
    }
    return client.post("/requests/new", {**given, **more})


def test_a_file_comes_in_pieces_and_goes_with_the_request_whole(priya: Client) -> None:
    content = bytes(range(256)) * 4000
    answer = begin(priya, len(content))
    assert (answer.status_code, answer["Upload-Offset"], answer["Tus-Resumable"]) == (201, "0", "1.0.0")
    at = answer["Location"]
    for start in range(0, len(content), 300_000):
        assert send(priya, at, content[start : start + 300_000], start).status_code == 204
    assert raise_request(priya).status_code == 302
    kept = Attachment.objects.get(message__ticket=Ticket.objects.get())
    assert (kept.name, kept.size, kept.sha256) == (
        "mfa.log",
        len(content),
        hashlib.sha256(content).hexdigest(),
    )
    assert files.where(kept.sha256).read_bytes() == content
    assert not Upload.objects.exists()
    assert b"".join(priya.get(f"/files/{kept.pk}").streaming_content) == content  # type: ignore[attr-defined]


def test_what_broke_off_goes_on_where_it_was_also_in_another_browser(priya: Client, cast: Any) -> None:
    at = begin(priya, 10)["Location"]
    send(priya, at, b"01234", 0)
    elsewhere = Client()
    elsewhere.force_login(cast.priya.user)
    again = begin(elsewhere, 10)
    assert (again["Location"], again["Upload-Offset"]) == (at, "5")
    assert "50 % of 10" in elsewhere.get("/requests/new").content.decode()
    assert send(elsewhere, at, b"56789", 5)["Upload-Offset"] == "10"


def test_a_piece_that_is_not_the_next_is_told_where_to_go_on_and_changes_nothing(priya: Client) -> None:
    at = begin(priya, 10)["Location"]
    send(priya, at, b"01234", 0)
    for offset in (0, 3, 9):
        answer = send(priya, at, b"x", offset)
        assert (answer.status_code, answer["Upload-Offset"]) == (409, "5")
    assert send(priya, at, b"567890123", 5).status_code == 409  # more than was said at the beginning


def test_bytes_that_a_crash_left_behind_are_cut_off(priya: Client) -> None:
    at = begin(priya, 10)["Location"]
    send(priya, at, b"01234", 0)
    held = Upload.objects.get()
    with uploads.path_of(held).open("ab") as file:
        file.write(b"half a piece")
    send(priya, at, b"56789", 5)
    held.refresh_from_db()
    assert held.sha256 == hashlib.sha256(b"0123456789").hexdigest()


def test_a_piece_that_was_harmed_on_the_way_is_not_taken(priya: Client) -> None:
    at = begin(priya, 5)["Location"]
    wrong = base64.b64encode(hashlib.sha256(b"other").digest()).decode()
    assert send(priya, at, b"01234", 0, **{"Upload-Checksum": f"sha256 {wrong}"}).status_code == 460
    right = base64.b64encode(hashlib.sha256(b"01234").digest()).decode()
    assert send(priya, at, b"01234", 0, **{"Upload-Checksum": f"sha256 {right}"}).status_code == 204


def test_a_request_is_not_sent_while_a_file_is_not_whole(priya: Client) -> None:
    send(priya, begin(priya, 10)["Location"], b"01234", 0)
    answer = raise_request(priya)
    assert answer.status_code == 422
    assert "is not whole yet (50 %)" in answer.content.decode()
    assert not Ticket.objects.exists()


def test_a_file_of_somebody_else_is_not_there(priya: Client, cast: Any) -> None:
    at = begin(priya, 10)["Location"]
    edgar = Client()
    edgar.force_login(cast.edgar.user)
    assert (
        edgar.head(at).status_code
        == send(edgar, at, b"0", 0).status_code
        == edgar.delete(at).status_code
        == 404
    )
    assert "mfa.log" not in edgar.get("/requests/new").content.decode()


@pytest.mark.parametrize(("size", "status"), [("-1", 400), ("many", 400), ("", 400), (str(9 * 1024**4), 413)])
def test_a_size_that_cannot_be_is_refused(priya: Client, size: str, status: int) -> None:
    assert priya.post("/uploads", headers={"Upload-Length": size}).status_code == status
    assert not Upload.objects.exists()


def test_another_version_of_the_protocol_is_told_ours(priya: Client) -> None:
    answer = priya.post("/uploads", headers={"Upload-Length": "1", "Tus-Resumable": "0.2.2"})
    assert (answer.status_code, answer["Tus-Version"]) == (412, "1.0.0")


def test_too_many_files_and_too_much_unsent_are_refused(priya: Client, settings: Any) -> None:
    settings.UPLOAD_LIMIT = 100
    assert [begin(priya, 100, f"{n}.log").status_code for n in range(4)] == [201, 201, 201, 413]
    assert begin(priya, 101, "large.log").status_code == 413


def test_what_nobody_sent_is_gone_after_a_week(priya: Client) -> None:
    held = whole(priya, b"01234")
    path = uploads.path_of(held)
    assert uploads.expire(timezone.now() + timedelta(days=6)) == 0
    assert path.exists()
    assert uploads.expire(timezone.now() + timedelta(days=8)) == 1
    assert not path.exists()


def test_a_secret_is_shown_before_it_is_sent_and_blocks_nobody(priya: Client) -> None:
    held = whole(priya, LOG)
    answer = raise_request(priya)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "1 password or key" in page
    assert "line 2" in page
    assert "password=" in page
    assert "hunter2" not in page
    assert "Since 10:47." in page
    answer = raise_request(priya, act=f"keep:{held.pk}")
    assert "goes as it is" in answer.content.decode()
    assert raise_request(priya).status_code == 302
    assert Attachment.objects.get().sha256 == hashlib.sha256(LOG).hexdigest()


def test_a_secret_is_blackened_where_that_is_chosen(priya: Client) -> None:
    held = whole(priya, LOG)
    assert "1 place blackened" in raise_request(priya, act=f"blacken:{held.pk}").content.decode()
    assert raise_request(priya).status_code == 302
    sent = files.where(Attachment.objects.get().sha256).read_bytes()
    assert sent == LOG.replace(b"hunter2secret", b"*" * 13)


def test_without_a_script_a_file_of_the_form_is_kept_whatever_else_is_wrong(priya: Client) -> None:
    log = SimpleUploadedFile("mfa.log", LOG)
    answer = raise_request(priya, subject="", files=log)
    assert answer.status_code == 422
    assert "mfa.log" in answer.content.decode()
    held = Upload.objects.get()
    raise_request(priya, act=f"blacken:{held.pk}")
    assert raise_request(priya).status_code == 302
    assert Attachment.objects.get().name == "mfa.log"


def test_what_is_refused_leaves_the_files_where_they_are(priya: Client) -> None:
    held = whole(priya, b"nothing secret")
    assert raise_request(priya, subject="").status_code == 422
    assert raise_request(priya, subject="").content.decode().count("mfa.log") >= 1
    assert uploads.path_of(held).exists()
    assert raise_request(priya).status_code == 302
    assert Attachment.objects.get().size == 14


def test_a_packed_log_is_looked_into_and_cannot_be_blackened(priya: Client) -> None:
    held = whole(priya, gzip.compress(LOG), "mfa.log.gz")
    assert held.findings["counts"] == {"password": 1}
    assert "is packed" in raise_request(priya, act=f"blacken:{held.pk}").content.decode()


SECRETS = {
    "private_key": b"-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA7\nabc\n-----END RSA PRIVATE KEY-----",
    "jwt": b"cookie=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P",
    "token": b"using key AKIA" + b"Q" * 16 + b" for the bucket",
    "connection": b"postgresql://atlas:s3cr3tpw@db.internal/atlas",
    "password": b'"db_password": "correct-horse"',
}
HARMLESS = (
    b"password: ********", b"invalid password for user tom", b"password=null", b"token expired", b"https://example.com/a:b@c",
    b"PASSWORD REQUIRED", b"secret=${SECRET}", b"the key is missing", b"pwd=/", b"bearer of bad news",
)  # fmt: skip


@pytest.mark.parametrize("kind", sorted(SECRETS))
def test_each_kind_of_secret_is_found_wherever_pieces_are_cut(kind: str, tmp_path: Path) -> None:
    content = b"10:47 ok\n" * 50 + SECRETS[kind] + b"\n10:48 ok\n" * 50
    for cut in range(440, 640, 7):
        before, lines, told = b"", 0, []
        for piece in (content[:cut], content[cut:]):
            told += secrets.places(before, piece, lines)
            before, lines = before + piece, lines + piece.count(b"\n")
        assert [one.kind for one in told] == [kind]
    path = tmp_path / "log"
    path.write_bytes(content)
    with path.open("r+b") as file:
        assert secrets.blacken(file, len(content), piece=4096) == 1
    black = path.read_bytes()
    assert len(black) == len(content)
    assert black.count(b"\n") == content.count(b"\n")
    assert not secrets.find(black)


@pytest.mark.parametrize("text", HARMLESS)
def test_what_only_speaks_of_secrets_is_left_alone(text: bytes) -> None:
    assert secrets.find(text) == []


# ---- large ones: looked at once they are whole, by the worker


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is longer than ten bytes is large."""
    monkeypatch.setattr(uploads, "SMALL", 10)


def checking(client: Client) -> bool:
    return "is being checked" in client.get("/drafts/request/files").content.decode()


def test_a_large_file_is_being_checked_until_the_worker_has_read_it_and_no_request_reads_it(
    priya: Client, small: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = b"nothing secret in here"
    read = []
    monkeypatch.setattr(uploads, "_look", lambda held: read.append(held))
    held = whole(priya, content)
    assert (held.being_checked, held.sha256, read) == (True, "", [])
    monkeypatch.undo()
    monkeypatch.setattr(uploads, "SMALL", 10)
    assert checking(priya)
    answer = raise_request(priya)
    assert answer.status_code == 422
    assert "“mfa.log” is being checked; send it again in a moment" in answer.content.decode()
    assert begin(priya, len(content))["Upload-Offset"] == str(
        len(content)
    )  # it is here: nothing is sent again
    assert [uploads.check(timezone.now()), uploads.check(timezone.now())] == [1, 0]
    assert not checking(priya)
    assert raise_request(priya).status_code == 302
    kept = Attachment.objects.get()
    assert (kept.sha256, kept.content_type) == (hashlib.sha256(content).hexdigest(), "text/plain")


def test_secrets_in_a_large_file_are_blackened_before_its_hash_is_known(priya: Client, small: None) -> None:
    held = whole(priya, LOG)
    assert raise_request(priya, act=f"blacken:{held.pk}").status_code in {200, 422}
    held.refresh_from_db()
    assert (held.decision, held.being_checked) == ("blackened", True)
    assert raise_request(priya).status_code == 422
    uploads.check(timezone.now())
    held.refresh_from_db()
    assert held.findings == {"blackened": 1}
    assert raise_request(priya).status_code == 302
    assert files.where(Attachment.objects.get().sha256).read_bytes() == LOG.replace(
        b"hunter2secret", b"*" * 13
    )


def test_a_large_archive_is_looked_into_by_the_worker(priya: Client, small: None) -> None:
    held = whole(priya, gzip.compress(LOG), "mfa.log.gz")
    assert held.findings == {}
    uploads.check(timezone.now())
    held.refresh_from_db()
    assert held.findings["counts"] == {"password": 1}
    assert raise_request(priya).status_code == 422


def test_what_is_taken_out_while_it_is_checked_stays_out_and_a_worker_that_died_is_followed(
    priya: Client, small: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = timezone.now()
    held = whole(priya, b"0123456789abc")
    assert uploads._claim(at) is not None  # a worker takes it, and dies
    assert uploads.check(at + timedelta(minutes=1)) == 0
    assert uploads.check(at + timedelta(minutes=31)) == 1
    held.refresh_from_db()
    assert held.sha256
    other = whole(priya, b"another one, large", "b.log")
    real = uploads._look

    def gone(one: Upload) -> None:
        real(one)
        uploads.remove(Upload.objects.get(pk=one.pk))

    monkeypatch.setattr(uploads, "_look", gone)
    assert uploads.check(timezone.now()) == 1
    assert not Upload.objects.filter(pk=other.pk).exists()


def test_what_is_decided_while_it_is_checked_holds(
    priya: Client, small: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = whole(priya, LOG)
    real = uploads._look

    def decided(one: Upload) -> None:
        real(one)
        monkeypatch.setattr(uploads, "_look", real)
        uploads.blacken(Upload.objects.get(pk=one.pk))

    monkeypatch.setattr(uploads, "_look", decided)
    assert [uploads.check(timezone.now()) for _ in range(3)] == [1, 1, 0]
    held.refresh_from_db()
    assert held.sha256 == hashlib.sha256(LOG.replace(b"hunter2secret", b"*" * 13)).hexdigest()
