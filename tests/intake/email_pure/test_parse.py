"""Any byte sequence becomes a message or a reason, quickly, and says nothing a database refuses."""

import base64
import time
from dataclasses import fields as dataclass_fields
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mainstay.intake.email import fields, html, sender
from mainstay.intake.email.parse import Message, _parse, parse

from .mails import SERVER, corpus, html_mail, mail, multipart


def every_text(message: Message) -> list[str]:
    found: list[str] = []

    def collect(value: object) -> None:
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, tuple | list):
            for item in value:
                collect(item)
        elif hasattr(value, "__dataclass_fields__"):
            for item in dataclass_fields(value):  # type: ignore[arg-type]
                collect(getattr(value, item.name))

    collect(message)
    return found


def assert_storable(message: Message) -> None:
    for text in every_text(message):
        assert "\x00" not in text
        text.encode("utf-8")


def test_a_plain_message_says_who_when_and_what() -> None:
    message = parse(mail())
    assert (message.from_name, message.from_address) == ("Anna Berg", "anna@acme.example")
    assert message.to[0].address == "support@vendor.example"
    assert message.subject == "Export fails"
    assert message.date == datetime(2026, 3, 2, 8, 15, tzinfo=UTC)
    assert message.message_id == "<m1@acme.example>"
    assert message.body_text == "Hello,\n\nthe export fails."
    assert message.kind == "human"
    assert message.from_ambiguous == ()


def test_encoded_words_are_read_even_when_a_character_is_split_over_two() -> None:
    message = parse(
        mail(
            "Subject: =?utf-8?B?R3LDvMOfZSBhdXMgTcO8bmM=?= =?utf-8?B?aGVu?= =?utf-8?Q?_=C3?= =?utf-8?Q?=BC?="
        )
    )
    assert message.subject == "Grüße aus München ü"


@pytest.mark.parametrize(
    "raw",
    [
        b"From MAILER Mon Jan 1 00:00:00 2024\n" + mail(),
        b"\xef\xbb\xbf" + mail(),
        b"\r\n\r\n" + mail(),
        b" " + mail(),
        mail().replace(b"\r\n", b"\n"),
        mail().replace(b"\r\n", b"\r"),
    ],
)
def test_a_message_is_read_whatever_stands_before_it_and_however_its_lines_end(raw: bytes) -> None:
    message = _parse(raw)
    assert message.is_mail
    assert message.from_address == "anna@acme.example"
    assert message.body_text == "Hello,\n\nthe export fails."


def test_a_missing_blank_line_loses_no_text() -> None:
    message = parse(
        b"From: anna@acme.example\nSubject: Broken\nThe export fails since today.\nPlease help.\n"
    )
    assert message.body_text == "The export fails since today.\nPlease help."
    assert message.notes


def test_a_wrapped_header_without_indentation_is_still_a_header() -> None:
    message = parse(b"From: a@acme.example\nTo: x@y.example,\nz@y.example\nSubject: S\n\nText\n")
    assert message.subject == "S"
    assert message.body_text == "Text"


@pytest.mark.parametrize(
    "raw", [b"", b"   \n\n", b"\x00\x01\x02" * 100, b"*.eml binary\n", b"%PDF-1.4\n%\xe2\xe3", b"hello there"]
)
def test_a_file_that_is_no_mail_is_told_apart_with_a_reason(raw: bytes) -> None:
    message = parse(raw)
    assert not message.is_mail
    assert message.not_mail_reason
    assert message.content_hash


def test_text_is_taken_from_html_when_there_is_no_other() -> None:
    message = parse(
        html_mail("<p>The <b>export</b> fails.</p><table><tr><td>Severity</td><td>2</td></tr></table>")
    )
    assert "The export fails." in message.body_text
    assert "<b>" in message.body_html
    assert {field.name: field.value for field in fields.read(message)}["desired_severity"] == "2"


def test_the_plain_alternative_wins_and_pictures_inside_are_inline_files() -> None:
    picture = base64.b64encode(b"\x89PNG\r\n\x1a\n....").decode()
    message = parse(
        multipart(
            "related",
            (
                'Content-Type: multipart/alternative; boundary="C"\n\n--C\n\nplain words\n'
                "--C\nContent-Type: text/html\n\n<p>rich</p>\n--C--"
            ),
            f"Content-Type: image/jpeg; name=s.png\nContent-ID: <p1>\nContent-Transfer-Encoding: base64\n\n{picture}",
        )
    )
    assert message.body_text == "plain words"
    assert "<p>rich</p>" in message.body_html
    [file] = message.attachments
    assert (file.name, file.type, file.declared, file.content_id, file.inline) == (
        "s.png",
        "image/png",
        "image/jpeg",
        "p1",
        True,
    )


def test_a_forwarded_message_is_a_file_ending_in_eml() -> None:
    message = parse(
        multipart(
            "mixed",
            "\nsee below",
            "Content-Type: message/rfc822\n\nSubject: Old\nFrom: b@c.example\n\nold text",
        )
    )
    assert message.body_text == "see below"
    assert [(file.name, file.type) for file in message.attachments] == [("Old.eml", "message/rfc822")]


def test_uuencoded_text_becomes_a_file() -> None:
    message = parse(mail(body="see file\nbegin 644 cat.txt\n#0V%T\n`\nend\nbye\n"))
    assert message.body_text == "see file\n\nbye"
    assert [(file.name, file.content) for file in message.attachments] == [("cat.txt", b"Cat")]


@pytest.mark.parametrize("encoding", ["7-bit", "x-unknown", "base64", "quoted-printable", "uuencode"])
def test_a_wrong_transfer_encoding_never_stops_a_message(encoding: str) -> None:
    message = _parse(mail(f"Content-Transfer-Encoding: {encoding}", body="= broken =XX !!! text"))
    assert message.is_mail


def test_a_folded_boundary_is_still_found() -> None:
    raw = b'From: a@b.example\nContent-Type: multipart/mixed; boundary="=_a\n b"\n\n--=_a b\n\ntext\n--=_a b--\n'
    assert parse(raw).body_text == "text"


@pytest.mark.parametrize("boundary", ["", '; boundary=""', "; boundary=never"])
def test_a_multipart_without_its_boundary_keeps_its_words(boundary: str) -> None:
    message = parse(mail(f"Content-Type: multipart/mixed{boundary}", body="some words\n"))
    assert "some words" in message.body_text
    assert message.notes


# --- who ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("From: anna@acme.example\r\nFrom: eve@evil.example", "2 From headers"),
        ("From: anna@acme.example, eve@evil.example", "several mailboxes"),
        ("From: Team: anna@acme.example, eve@evil.example;", "group"),
        ('From: "anna@acme.example" <eve@evil.example>', "looks like another address: anna@acme.example"),
        ("From: =?utf-8?Q?anna=40acme.example?= <eve@evil.example>", "looks like another address"),
        ("From: anna＠acme.example <eve@evil.example>", "looks like another address"),
        ("From: <anna@acme.example> <eve@evil.example>", "two addresses"),
        ("From: anna@acme.example (ceo@bank.example)", "looks like another address"),
        ('From: "anna@acme.example"@evil.example', "quoted"),
        ("From: <@evil.example,@x.example:anna@acme.example>", "route"),
        ("From: anna@acme.example eve@evil.example", "several"),
        ("From: Anna\u202egreb <eve@evil.example>", "direction"),
        ("From: nobody at all", "not an address"),
        ("From:", "no address"),
        ("From : anna@acme.example\r\nfrom: eve@evil.example", "From headers"),
    ],
)
def test_attack_11_an_ambiguous_sender_is_named_and_never_authenticated(header: str, reason: str) -> None:
    passed = f"Authentication-Results: {SERVER}; dmarc=pass header.from=acme.example"
    evil = f"Authentication-Results: {SERVER}; dmarc=pass header.from=evil.example"
    for results in (passed, evil):
        message = _parse(mail(results, header))
        assert reason in "; ".join(message.from_ambiguous)
        assert sender.authenticate(message, SERVER).result == "none"


@pytest.mark.parametrize(
    "name",
    ["Anna Berg", '"Berg, Anna"', "anna@acme.example", '"Anna (Support: EU)"', "=?utf-8?Q?J=C3=B6rg_M?="],
)
def test_attack_11_an_ordinary_sender_is_not_called_ambiguous(name: str) -> None:
    message = parse(mail(f"From: {name} <anna@acme.example>"))
    assert message.from_ambiguous == ()
    assert message.from_address == "anna@acme.example"


@pytest.mark.parametrize(
    ("domain", "shown"),
    [
        ("аcme.example", "xn--cme-5cd.example"),
        ("ＡCME.example", None),
        ("acme。example", None),
        ("ac\u212ae.example", None),
        ("straße.example", "xn--strae-oqa.example"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("ACME.Example.", "acme.example"),
    ],
)
def test_attack_12_a_look_alike_domain_is_shown_as_its_a_label(domain: str, shown: str | None) -> None:
    message = parse(mail(f"From: Anna <anna@{domain}>"))
    assert message.from_address.isascii()
    if shown:
        assert message.from_address == f"anna@{shown}"
    else:
        assert message.from_address not in ("anna@acme.example", "anna@acke.example")


def test_attack_12_a_kelvin_sign_in_the_local_part_is_not_a_k() -> None:
    assert parse(mail("From: mar\u212a@acme.example")).from_address != "mark@acme.example"


def test_attack_14_reply_to_and_sender_are_kept_apart_from_the_sender() -> None:
    message = parse(mail("Reply-To: eve@evil.example", "Sender: bot@evil.example"))
    assert message.from_address == "anna@acme.example"
    assert [box.address for box in message.reply_to] == ["eve@evil.example"]
    assert message.sender_header is not None
    assert message.sender_header.address == "bot@evil.example"


def test_attack_21_of_5000_recipients_40_are_kept_500_more_listed_and_the_rest_counted() -> None:
    many = ",\r\n ".join(f"Person {number} <p{number}@acme.example>" for number in range(5000))
    message = parse(mail(f"To: {many}", "Cc: boss@acme.example"))
    assert len(message.to) + len(message.cc) == 40
    assert message.more_participants == 4961
    assert (len(message.beyond), message.beyond[0], message.beyond[-1]) == (
        500,
        "p40@acme.example",
        "p539@acme.example",
    )


# --- one message is one message -------------------------------------------------------------------------


def test_attack_22_one_message_through_two_mailboxes_has_one_key() -> None:
    first = parse(b"Received: from a by b\r\nDelivered-To: support@vendor.example\r\n" + mail())
    second = parse(
        b"Return-Path: <anna@acme.example>\nReceived: from x by y\nX-Original-To: help@vendor.example\n"
        b"X-Spam-Score: 0\nAuthentication-Results: other; spf=pass\nARC-Seal: i=1\n"
        + mail().replace(b"\r\n", b"\n")
    )
    assert first.key == second.key


def test_attack_22_the_same_message_id_with_other_content_is_another_message() -> None:
    assert parse(mail(body="one\n")).key != parse(mail(body="two\n")).key
    assert parse(mail("From: eve@evil.example")).key != parse(mail()).key


def test_attack_22_without_a_message_id_the_content_is_the_key() -> None:
    message = parse(b"From: a@b.example\n\nhi\n")
    assert message.key == message.content_hash
    assert message.key == parse(b"Received: x\nFrom: a@b.example\n\nhi\n").key


# --- hostile content ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "..\\..\\boot.ini",
        "a\r\nBcc: x@y.example",
        "a\x00.png",
        "x\u202egnp.exe",
        "-rf",
        ".htaccess",
        "...",
        "x" * 5000 + ".png",
        "=?utf-8?B?Li4vLi4vZXZpbA==?=",
        "con.txt",
        "a/b\u2215c\uff0fd.txt",
        "",
        " ",
        "a" * 300,
        "日" * 400 + ".pdf",
        "=?utf-8?Q?a=0D=0AX-Evil:_1.txt?=",
        "%2e%2e%2fx",
        "x\ud800y.txt",
    ],
)
def test_attack_27_a_file_name_can_do_no_harm(name: str) -> None:
    raw = multipart(
        "mixed",
        "\ntext",
        f'Content-Type: application/octet-stream\nContent-Disposition: attachment; filename="{name}"\n\nabc',
    )
    raw2 = multipart("mixed", "\ntext", "Content-Type: image/png; name*=utf-8''..%2F%00%0d%0a-x.png\n\nabc")
    for message in (_parse(raw), _parse(raw2)):
        for file in message.attachments:
            assert file.name
            assert len(file.name) <= 200
            assert file.name[0] not in "-."
            assert not set(file.name) & set('/\\\x00\r\n\u202e:*?"<>|')
            assert file.name.isprintable()
        assert_storable(message)


def test_attack_27_the_extension_survives_the_cut() -> None:
    message = parse(multipart("mixed", f"Content-Disposition: attachment; filename={'x' * 400}.pdf\n\nabc"))
    assert message.attachments[0].name.endswith(".pdf")
    assert len(message.attachments[0].name) == 200


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("<svg xmlns='http://www.w3.org/2000/svg' onload='x'/>", "image/svg+xml"),
        ("<html><script>1</script>", "text/html"),
        ("  <!DOCTYPE html><p>", "text/html"),
        ("hello", "text/plain"),
        ("%PDF-1.4", "application/pdf"),
        ("MZ\x00\x01", "application/x-msdownload"),
    ],
)
def test_attack_26_a_file_is_what_it_contains_not_what_it_says(content: str, kind: str) -> None:
    message = parse(
        multipart(
            "mixed",
            f"Content-Type: image/png; name=harmless.png\nContent-Disposition: attachment\n\n{content}",
        )
    )
    assert message.attachments[0].type == kind
    assert message.attachments[0].declared == "image/png"


@pytest.mark.parametrize(
    "charset",
    [
        "idna",
        "zlib_codec",
        "rot13",
        "unicode_escape",
        "raw_unicode_escape",
        "utf-8\x00",
        "x-nonsense",
        "hex",
        "bz2",
        "punycode",
        "undefined",
        "mbcs",
        "oem",
        "base64",
        "utf-16",
        "utf-7",
        "iso-2022-jp",
        "../../etc",
        "a" * 5000,
        "",
        '"',
        "string_escape",
        "uu",
    ],
)
def test_attack_34_a_hostile_charset_is_only_ever_text(charset: str) -> None:
    raw = mail(
        f'Content-Type: text/plain; charset="{charset}"',
        f"Subject: =?{charset}?Q?x=9C=00=FF\\u0041?=",
        body="caf\u00e9 \\u0041 \udcff\udc80 xn--a",
    )
    message = _parse(raw)
    assert message.is_mail
    assert_storable(message)
    if charset in ("idna", "zlib_codec", "rot13", "unicode_escape", "x-nonsense", "punycode"):
        assert "caf" in message.body_text
        assert "\\u0041" in message.body_text


def test_attack_35_no_null_and_no_lone_surrogate_reaches_a_field() -> None:
    raw = mail(
        "Subject: a\x00b =?utf-8?B?7aCA?= =?utf-16?B?ANg=?=",
        "From: A\x00nna <anna@acme.example>",
        "X-\x00: y",
        "Content-Type: text/plain; charset=utf-7",
        body="+2AA- a\x00b",
    )
    assert_storable(_parse(raw))


def test_attack_39_a_line_break_in_subject_or_name_is_no_line_break() -> None:
    message = parse(
        mail(
            "Subject: =?utf-8?Q?Hi=0D=0ABcc:_eve@evil.example?=",
            'From: "=?utf-8?Q?A=0D=0ABcc:_x?=" <anna@acme.example>',
        )
    )
    for text in (message.subject, message.from_name):
        assert "\n" not in text
        assert "\r" not in text


def test_a_subject_hides_nothing_and_is_cut_at_998() -> None:
    message = parse(mail("Subject: safe\u202eexe\u200b " + "x" * 3000))
    assert "\u202e" not in message.subject
    assert len(message.subject) <= 998


@pytest.mark.parametrize(
    "date",
    ["yesterday", "Mon, 99 Foo 2026", "9" * 500, "", "Mon, 02 Mar 20266 09:15:00 +9999", "1 Jan 0000 00:00"],
)
def test_a_senseless_date_is_no_date(date: str) -> None:
    assert _parse(mail(f"Date: {date}")).is_mail


def timed(raw: bytes, seconds: float = 5.0) -> Message:
    """Parse and read a mail within so many seconds of the processor, whatever else the machine does meanwhile."""
    started = time.process_time()
    message = _parse(raw)
    fields.read(message)
    if message.body_html:
        html.sanitise(message.body_html)
    assert time.process_time() - started < seconds
    assert_storable(message)
    return message


def nested(depth: int) -> bytes:
    opening = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (level, level) for level in range(depth)
    )
    return b"From: a@b.example\n" + opening + b"\ndeep inside\n"


def test_attack_30_a_tree_3000_deep_is_read_with_a_note() -> None:
    message = timed(nested(3000))
    assert any("deeper" in note for note in message.notes)
    assert "deep inside" in parse(nested(20)).body_text


def test_attack_30_20000_parts_are_read_with_a_note() -> None:
    message = timed(multipart("mixed", *["Content-Type: text/plain\n\nhi"] * 20_000))
    assert any("1000 parts" in note for note in message.notes)


def test_attack_30_messages_within_messages_stay_one_file() -> None:
    message = timed(b"From: a@b.example\n" + b"Content-Type: message/rfc822\n\nSubject: in\n" * 3000 + b"\nx")
    assert [file.name for file in message.attachments] == ["in.eml"]


def test_attack_31_the_sender_is_found_behind_100000_headers() -> None:
    message = timed(
        b"".join(b"X-%d: y\n" % number for number in range(100_000)) + mail("Auto-Submitted: auto-replied")
    )
    assert message.from_address == "anna@acme.example"
    assert message.is_auto
    assert len(message.headers) < 1000


def test_attack_31_a_folded_header_of_10_megabytes_is_cut() -> None:
    message = timed(b"X-Long: a\n" + b" bbbbbbbbb\n" * 1_000_000 + mail())
    assert message.from_address == "anna@acme.example"
    assert any("cut" in note for note in message.notes)


def test_attack_31_of_20000_references_the_last_are_kept() -> None:
    message = timed(mail("References: " + "\r\n ".join(f"<{number}@x.example>" for number in range(20_000))))
    assert len(message.references) == 100
    assert message.references[-1] == "<19999@x.example>"


@pytest.mark.parametrize(
    "body",
    [
        "> " * 300_000,
        ">x\n" * 200_000,
        "On 1.1.2020 10:00 " * 30_000,
        "From: x\n" * 60_000,
        "--\n" * 150_000,
        "-- \nKind regards\n" * 30_000,
        "a" * 1_000_000,
        " " * 500_000 + "x",
        "Severity: 1\n" * 50_000,
        "begin 644 x\n" * 80_000,
        "(" * 500_000,
        "[#" * 300_000,
        "all users " * 60_000,
        "1." * 300_000,
        "production is not " * 40_000,
        "thanks " * 70_000,
    ],
)
def test_attack_33_long_text_takes_time_in_proportion(body: str) -> None:
    timed(mail(body=body), 4.0)


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 100_000,
        "<table><tr><td>x" * 20_000,
        "<table>" + "<tr><td>x</tr>" * 9000 + "<tr>" + "<td>y" * 9000,
        "<b><p>x" * 50_000,
        "<p " + "".join(f"a{number}=b " for number in range(60_000)) + ">x",
        "<!--" * 100_000,
        "<" * 500_000,
        "<a href=" * 80_000,
        "&amp;" * 100_000,
        "<ul><li>x" * 20_000,
        "<blockquote type=cite>x" * 20_000,
        "<br>" * 200_000,
        "<script>" * 80_000,
        "<svg><math>" * 30_000,
    ],
)
def test_attack_33_a_hostile_page_takes_time_in_proportion(page: str) -> None:
    timed(html_mail(page), 4.0)


@pytest.mark.slow
def test_50_megabytes_take_at_most_five_seconds() -> None:
    body = base64.encodebytes(bytes(range(256)) * 140_000).decode()
    timed(
        multipart(
            "mixed",
            "\nhello",
            f"Content-Transfer-Encoding: base64\nContent-Disposition: attachment\n\n{body}",
        )
    )


# --- laws -------------------------------------------------------------------------------------------------

PIECES = [
    b"From: a@b.example\n",
    b"Subject: ",
    b"To: ",
    b"Content-Type: multipart/mixed; boundary=B\n",
    b"Content-Type: text/html\n",
    b"\n",
    b"\n\n",
    b"--B\n",
    b"--B--\n",
    b"Content-Transfer-Encoding: base64\n",
    b"=?utf-8?B?",
    b"?=",
    b"charset=",
    b"\x00",
    b"\xff",
    b"\r",
    b"> ",
    b"-- \n",
    b"<div>",
    b"Content-Type: message/delivery-status\n",
    b"Return-Path: <>\n",
    b"Final-Recipient: rfc822; a@b.example\n",
    b"begin 644 x\n",
    b"end\n",
    b'"',
    b"(",
    b"<",
    b"filename*0*=utf-8''%00",
    b"References: <",
    b"Content-Type: text/plain; charset=utf-16; format=flowed\n",
    b"Date: ",
    b"On Mon 10:00 a@b wrote:\n",
]


@settings(max_examples=250, suppress_health_check=list(HealthCheck))
@given(
    st.one_of(
        st.binary(max_size=400),
        st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=12)), max_size=40).map(b"".join),
    )
)
def test_attack_35_any_bytes_are_read_and_what_they_say_is_storable(raw: bytes) -> None:
    message = _parse(raw)
    assert_storable(message)
    for field in fields.read(message):
        field.value.encode()
        assert field.start <= field.end <= len(message.body_text)
    once = html.sanitise(message.body_html)
    assert html.sanitise(once) == once
    assert message == parse(raw)


def test_every_difficult_message_at_hand_is_read_or_refused_with_a_reason() -> None:
    files = corpus()
    if not files:
        print("no corpus beside the project (MAINSTAY_CORPUS): the messages of the other tests stand alone")
    for path in files:
        message = _parse(path.read_bytes())
        assert_storable(message)
        assert message.is_mail or message.not_mail_reason
        assert message.is_mail == (path.suffix not in (".doc", ".dat") and path.name not in _NO_MAIL), (
            path.name
        )


_NO_MAIL = ("ruby-mail__.gitattributes", "enmime__testdata__mail__erroneous.raw")


def test_every_bounce_at_hand_names_its_recipient_and_no_letter_is_called_a_bounce() -> None:
    bounced = [
        path for path in corpus() if path.name.startswith("sisimai__") or "multipart_report" in path.name
    ]
    others = [path for path in corpus() if path not in bounced]
    for path in bounced:
        message = parse(path.read_bytes())
        if any(word in path.name for word in ("is-not-bounce", "rfc3834", "arf-")):
            assert message.kind in ("human", "vacation", "automatic"), path.name
            continue
        assert message.kind in ("bounce", "delivery_report"), path.name
        assert message.bounce is not None
        assert message.bounce.recipients, path.name
    for path in others:
        assert parse(path.read_bytes()).kind == "human", path.name
