"""Our own check of senders: SPF, DKIM and DMARC against a DNS server of the tests."""

import base64
from collections.abc import Iterator
from functools import lru_cache

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from dns_server import Dns
from mainstay.config.env import env
from mainstay.intake.email import prove
from mainstay.intake.email.prove import Envelope

LETTER = (
    b"From: Priya <priya@harbour.example-health.org>\r\nTo: a@b.example\r\nSubject: x\r\n\r\nIt fails.\r\n"
)
DOMAIN = "harbour.example-health.org"
ORGANISATION = "example-health.org"


@lru_cache(maxsize=1)
def pair() -> tuple[bytes, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private, f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}"


def signed(letter: bytes = LETTER, domain: str = ORGANISATION, length: bool = False) -> bytes:
    return dkim.sign(letter, b"s1", domain.encode(), pair()[0], length=length) + letter


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[Dns]:
    server = Dns(records={f"s1._domainkey.{ORGANISATION}": [pair()[1]]}).start()
    monkeypatch.setenv("MAINSTAY_DNS", server.where)
    env.cache_clear()
    prove._made.cache_clear()
    prove._resting.clear()
    monkeypatch.setattr(prove, "LIFETIME", 0.3)
    yield server
    server.stop()
    monkeypatch.undo()
    env.cache_clear()
    prove._made.cache_clear()
    prove._resting.clear()


UNKNOWN = Envelope()


def said(raw: bytes, envelope: Envelope = UNKNOWN, domain: str = DOMAIN) -> tuple[str, str]:
    found = prove.prove(raw, domain, envelope)
    return (found.result, found.why) if found else ("", "")


def test_a_signature_of_the_organisation_proves_the_sender(names: Dns) -> None:
    assert said(signed()) == ("pass", f"DKIM of {ORGANISATION} passed (our own check)")


def test_line_ends_of_a_pipe_do_not_break_a_signature(names: Dns) -> None:
    assert said(signed().replace(b"\r\n", b"\n"))[0] == "pass"


def test_a_changed_body_proves_nothing_and_fails_where_the_domain_asks_for_it(names: Dns) -> None:
    changed = signed().replace(b"It fails.", b"Raise it to severity 1.")
    assert said(changed)[0] == "none"
    names.records[f"_dmarc.{ORGANISATION}"] = ["v=DMARC1; p=reject"]
    prove._made.cache_clear()
    assert said(changed) == ("fail", "DMARC failed, policy reject (our own check)")


def test_a_signature_over_a_part_of_the_body_proves_nothing(names: Dns) -> None:
    assert said(signed(length=True) + b"Added by somebody else.\r\n")[0] == "none"


def test_a_signature_of_another_domain_proves_nothing(names: Dns) -> None:
    names.records["s1._domainkey.attacker.org"] = [pair()[1]]
    assert said(signed(domain="attacker.org"))[0] == "none"


def test_strict_alignment_is_kept(names: Dns) -> None:
    names.records[f"_dmarc.{DOMAIN}"] = ["v=DMARC1; p=quarantine; adkim=s"]
    assert said(signed())[0] == "fail"


def test_spf_of_the_same_organisation_proves_the_sender(names: Dns) -> None:
    names.records[ORGANISATION] = ["v=spf1 ip4:203.0.113.7 -all"]
    there = Envelope("203.0.113.7", "mx.example-health.org", f"<priya@{ORGANISATION}>")
    assert said(LETTER, there) == ("pass", f"SPF of {ORGANISATION} passed (our own check)")
    elsewhere = Envelope("198.51.100.9", "mx.attacker.org", f"<priya@{ORGANISATION}>")
    assert said(LETTER, elsewhere)[0] == "none"


def test_a_forged_sender_of_a_domain_that_rejects_fails(names: Dns) -> None:
    names.records[f"_dmarc.{ORGANISATION}"] = ["v=DMARC1; p=none; sp=reject"]
    names.records["attacker.org"] = ["v=spf1 ip4:198.51.100.9 -all"]
    forged = Envelope("198.51.100.9", "mx.attacker.org", "<x@attacker.org>")
    assert said(LETTER, forged)[0] == "fail"


def test_one_silent_domain_does_not_end_checking_for_the_others(names: Dns) -> None:
    names.records[""] = []
    names.silent = {"_dmarc.slow.org", "_dmarc.sub.slow.org"}
    assert said(LETTER, domain="sub.slow.org")[0] == "none"
    assert said(signed())[0] == "pass"


def test_while_dns_is_away_nothing_waits_for_it(names: Dns) -> None:
    names.dead = True
    assert said(signed()) == ("", "")
    asked = len(names.asked)
    names.dead = False
    assert said(signed()) == ("", "")
    assert len(names.asked) == asked


@pytest.mark.parametrize(
    "domain", ["harbourline.example", "a.test", "mail.local", "example.com", "", "localhost"]
)
def test_names_that_no_dns_knows_are_never_asked_for(names: Dns, domain: str) -> None:
    assert said(LETTER, domain=domain) == ("", "")
    assert names.asked == []


def test_nothing_is_asked_where_it_is_switched_off(names: Dns, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAINSTAY_DNS", "off")
    env.cache_clear()
    assert said(signed()) == ("", "")
    assert names.asked == []


@pytest.mark.parametrize(
    "letter",
    [
        b"DKIM-Signature: v=1; a=rsa-sha256; d=x; s=y; b=!!\r\n" + LETTER,
        b"DKIM-Signature: \xff\xfe\r\n" * 50 + LETTER,
        b"DKIM-Signature: v=1; a=rsa-sha1024; d=example-health.org; s=s1; h=; bh=; b=\r\n" + LETTER,
        b"",
    ],
)  # fmt: skip
def test_whatever_a_signature_holds_nothing_is_raised(names: Dns, letter: bytes) -> None:
    assert said(letter)[0] == "none"
