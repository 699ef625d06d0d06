"""What we send is signed, so that it arrives: by a key of ours that the domain's DNS knows."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import dkim as library
import pytest

from mainstay.config.env import env
from mainstay.errors import Refused
from mainstay.notices import dkim


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAINSTAY_DATA", str(tmp_path))
    env.cache_clear()


@pytest.fixture(autouse=True, scope="module")
def _afterwards() -> object:
    yield
    env.cache_clear()


def letter() -> bytes:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"] = "support@vendor.example", "priya@harbourline.example"
    message["Subject"] = "Größe \U0001f600 " * 20
    message.set_content("It works again.\n\n.\nFrom here on.\n")
    message.add_alternative("<p>It works again.</p>", subtype="html")
    return message.as_bytes()


def holds(raw: bytes, of: str = "") -> bool:
    name, text = dkim.record(of)
    records = {f"{name}.".encode(): text.encode()}
    try:
        return bool(library.DKIM(raw).verify(dnsfunc=lambda asked, timeout=5: records.get(asked)))
    except library.DKIMException:
        return False


def test_without_a_key_mail_goes_out_as_it_is() -> None:
    raw = letter()
    assert dkim.sign(raw) == raw


def test_a_signed_mail_holds_and_a_changed_one_does_not() -> None:
    dkim.main([])
    raw = letter()
    signed = dkim.sign(raw)
    assert signed.endswith(raw)
    assert holds(signed)
    assert not holds(signed.replace(b"It works again.", b"Send us money.", 1))


def test_nobody_adds_another_sender_to_a_signed_mail() -> None:
    dkim.make_key()
    signed = dkim.sign(letter())
    head, _, rest = signed.partition(b"From: ")
    assert not holds(head + b"From: boss@vendor.example\r\nFrom: " + rest)
    fields = message_from_bytes(signed)["DKIM-Signature"]
    assert "d=vendor.example" in fields


def test_the_key_is_made_once_is_private_and_its_record_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert dkim.make_key()
    before = dkim.private_key()
    assert not dkim.make_key()
    assert dkim.private_key() == before
    assert dkim.key_file().stat().st_mode & 0o777 == 0o600
    dkim.main([])
    said = capsys.readouterr().out
    assert "mainstay._domainkey.vendor.example. IN TXT" in said
    assert "PRIVATE" not in said


def test_another_domain_of_ours_vouches_for_its_own_mail_once_it_has_a_key(
    capsys: pytest.CaptureFixture[str],
) -> None:
    dkim.main([])
    raw = letter().replace(b"support@vendor.example", b"Help <help@Product.example>", 1)
    assert "d=vendor.example" in message_from_bytes(dkim.sign(raw))["DKIM-Signature"]
    dkim.main(["Product.example."])
    said = capsys.readouterr().out
    assert "mainstay._domainkey.product.example. IN TXT" in said
    assert dkim.private_key("product.example") not in {b"", dkim.private_key()}
    signed = dkim.sign(raw)
    assert "d=product.example" in message_from_bytes(signed)["DKIM-Signature"]
    assert holds(signed, "product.example")
    assert "d=vendor.example" in message_from_bytes(dkim.sign(letter()))["DKIM-Signature"]


@pytest.mark.parametrize(
    "odd", [["../../etc"], ["vendor"], ["a b.example"], ["a.example", "b.example"], [""]]
)
def test_what_is_no_domain_gets_no_key(odd: list[str], tmp_path: Path) -> None:
    with pytest.raises(Refused, match="domain"):
        dkim.main(odd)
    assert not list(tmp_path.rglob("*.pem"))


def test_our_own_domain_named_is_the_one_without_a_name() -> None:
    dkim.main(["vendor.example"])
    assert dkim.private_key() == dkim.private_key("vendor.example") != b""
