"""Only our own signature proves that a message answers a ticket, and only our server that a sender is real."""

import random

import pytest

from mainstay.intake.email import signed
from mainstay.intake.email.parse import parse
from mainstay.intake.email.sender import authenticate
from mainstay.intake.email.signed import Key, make_message_id, make_reply_token, read_reference

from .mails import SERVER, mail

KEY = Key("k1", b"0123456789abcdef0123456789abcdef")
OLD = Key("k0", b"fedcba9876543210fedcba9876543210")
KEYS = dict([KEY, OLD])
OURS = make_message_id(KEY, 1042, 7, "contact", 12, domain="vendor.example")


def test_a_reply_to_our_message_names_its_ticket_and_recipient() -> None:
    reference = read_reference(KEYS, parse(mail(f"In-Reply-To: {OURS}")))
    assert reference is not None
    assert (reference.ticket_id, reference.recipient_kind, reference.recipient_id) == (1042, "contact", 12)


def test_the_same_delivery_has_the_same_id_and_another_has_another() -> None:
    assert make_message_id(KEY, 1042, 7, "contact", 12, domain="Vendor.Example") == OURS
    others = {
        make_message_id(KEY, 1042, 8, "contact", 12, domain="vendor.example"),
        make_message_id(KEY, 1042, 7, "contact", 13, domain="vendor.example"),
        make_message_id(KEY, 1042, "7", "contact", 12, domain="vendor.example"),
        make_message_id(KEY, 1042, 7, "staff", 12, domain="vendor.example"),
    }
    assert OURS not in others
    assert len(others) == 4


@pytest.mark.parametrize(
    "header",
    ["References: <x@y.example> {} <z@y.example>", "References: {}", "In-Reply-To: <a@b.example> {}"],
)
def test_the_reference_is_found_where_mail_programs_put_it(header: str) -> None:
    reference = read_reference(KEYS, parse(mail(header.format(OURS.upper().replace("<M.", "<m.")))))
    assert reference is not None
    assert reference.ticket_id == 1042


@pytest.mark.parametrize(
    "header",
    [
        "To: support+{}@vendor.example",
        "Cc: <SUPPORT+{}@VENDOR.EXAMPLE>",
        "Delivered-To: x+{}@y.example",
        "X-Original-To: support+{}@vendor.example",
    ],
)
def test_attack_9_the_address_of_an_engineer_names_the_engineer(header: str) -> None:
    token = make_reply_token(KEY, 1042, "staff", 5)
    assert len(f"support+{token}") <= 64
    for written in (token, token.upper()):
        reference = read_reference(KEYS, parse(mail(header.format(written))))
        assert reference is not None
        assert (reference.recipient_kind, reference.recipient_id, reference.found_in) == (
            "staff",
            5,
            "address",
        )


def test_attack_1_ten_thousand_guesses_thread_nowhere() -> None:
    chance = random.Random(1)
    alphabet = "abcdefghijklmnopqrstuvwxyz234567"
    for number in range(10_000):
        guess = "".join(chance.choices(alphabet, k=45))
        for id_ in (f"<ticket-{number}@vendor.example>", f"<m.k1-{guess}@vendor.example>"):
            assert signed.read_message_id(KEYS, id_) is None


@pytest.mark.parametrize("position", range(5, 48, 3))
def test_attack_1_one_altered_letter_is_no_reference(position: int) -> None:
    letter = "a" if OURS[position] != "a" else "b"
    altered = OURS[:position] + letter + OURS[position + 1 :]
    found = signed.read_message_id(KEYS, altered)
    assert found is None or altered.split("@")[0][:-1] == OURS.split("@")[0][:-1]


def test_attack_1_a_reply_token_is_no_message_id_and_unknown_keys_sign_nothing() -> None:
    token = make_reply_token(KEY, 1042, "contact", 12)
    assert signed.read_message_id(KEYS, f"<m.{token}@vendor.example>") is None
    assert signed.read_token({"k1": OLD.secret}, token) is None
    assert signed.read_token({}, token) is None
    assert signed.read_token(KEYS, make_reply_token(OLD, 5)) == signed.Reference(5)


def test_attack_3_a_ticket_number_in_the_subject_is_no_reference() -> None:
    assert read_reference(KEYS, parse(mail("Subject: Re: [#1042] Export fails"))) is None


def test_large_ids_keep_to_the_length_of_a_local_part() -> None:
    token = make_reply_token(Key("2026a", KEY.secret), 2**40, "contact", 2**31)
    assert len(f"support+{token}") <= 64


def test_attack_16_our_own_mail_is_recognised_even_with_a_new_message_id() -> None:
    value = signed.sign_own(KEY, OURS)
    for raw in (
        mail(f"Message-ID: {OURS}"),
        mail(f"X-Mainstay-Signature: {value}", "Message-ID: <relay@list.example>"),
    ):
        message = signed.recognise(KEYS, parse(raw))
        assert message.kind == "own"
        assert message.is_auto
    forged = mail(f"X-Mainstay-Signature: k1-{'a' * 26} {OURS}")
    assert signed.recognise(KEYS, parse(forged)).kind == "human"
    assert signed.recognise(KEYS, parse(mail(f"In-Reply-To: {OURS}"))).kind == "human"


# --- senders ---------------------------------------------------------------------------------------------


def judged(*results: str, sender: str = "Anna <anna@acme.example>") -> str:
    headers = [f"Authentication-Results: {result}" for result in results]
    raw = mail(f"From: {sender}").replace(b"From:", "\r\n".join([*headers, "From:"]).encode(), 1)
    return authenticate(parse(raw), SERVER).result


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ("dmarc=pass header.from=acme.example", "pass"),
        ("dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=acme.example", "pass"),
        (
            (
                "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=acme.example; dkim=pass "
                "header.d=acme.example;dmarc=pass action=none header.from=acme.example;compauth=pass "
                "reason=100"
            ),
            "pass",
        ),
        ("dmarc=fail header.from=acme.example", "fail"),
        ("dkim=pass header.d=acme.example; dmarc=fail header.from=acme.example", "fail"),
        ("dmarc=pass header.from=evil.example", "none"),
        ("dkim=pass header.d=acme.example", "pass"),
        ("dkim=pass header.i=@mail.acme.example", "pass"),
        ("dkim=pass header.d=evil.example; spf=pass smtp.mailfrom=x@evil.example", "none"),
        ("spf=pass smtp.mailfrom=anna@acme.example", "pass"),
        ("dkim=fail header.d=acme.example; spf=fail smtp.mailfrom=acme.example", "fail"),
        ("dkim=fail header.d=acme.example; spf=pass smtp.mailfrom=acme.example", "pass"),
        ("dmarc=temperror header.from=acme.example; dkim=pass header.d=acme.example", "none"),
        ("dmarc=none header.from=acme.example", "none"),
        ("dmarc=none; dkim=pass header.d=acme.example", "pass"),
        ("dkim=pass header.d=example", "none"),
        ("none", "none"),
        ('dkim=none reason="dmarc=pass header.from=acme.example"', "none"),
        ("x=(" + "(" * 3000, "none"),
    ],
)
def test_attack_6_only_an_aligned_pass_of_our_server_proves_a_sender(results: str, expected: str) -> None:
    assert judged(f"{SERVER}; {results}") == expected


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        (
            [
                f"{SERVER}; dmarc=fail header.from=acme.example",
                f"{SERVER}; dmarc=pass header.from=acme.example",
            ],
            "fail",
        ),
        (["evil.example; dmarc=pass header.from=acme.example"], "none"),
        ([f"{SERVER}.evil.example; dmarc=pass header.from=acme.example"], "none"),
        ([f"{SERVER}; none", f"{SERVER}; dmarc=pass header.from=acme.example"], "none"),
        ([f"{SERVER}; garbage garbage", f"{SERVER}; dmarc=pass header.from=acme.example"], "none"),
        (
            [
                "other.example; dmarc=fail header.from=acme.example",
                f"{SERVER.upper()}; dmarc=pass header.from=acme.example",
            ],
            "pass",
        ),
    ],
)
def test_attack_7_forged_results_are_ignored(results: list[str], expected: str) -> None:
    assert judged(*results) == expected


def test_attack_7_arc_and_no_server_prove_nothing() -> None:
    raw = mail(f"ARC-Authentication-Results: i=1; {SERVER}; dmarc=pass header.from=acme.example")
    assert authenticate(parse(raw), SERVER).result == "none"
    assert authenticate(parse(mail("Authentication-Results: ; dmarc=pass")), "").result == "none"


def test_attack_12_a_look_alike_passes_only_for_itself() -> None:
    assert (
        judged(f"{SERVER}; dmarc=pass header.from=acme.example", sender="Anna <anna@аcme.example>") == "none"
    )
    assert (
        judged(f"{SERVER}; dmarc=pass header.from=xn--cme-5cd.example", sender="Anna <anna@аcme.example>")
        == "pass"
    )
