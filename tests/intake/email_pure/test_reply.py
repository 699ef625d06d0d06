"""What is new in a reply: quotes and signature cut, nothing said lost."""

import pytest

from mainstay.intake.email.parse import parse

from .mails import html_mail, mail, multipart

QUOTES = [
    "On Mon, 2 Mar 2026 at 09:15, Support <support@vendor.example> wrote:\n> Old words\n> more",
    "On Mon, 2 Mar 2026 at 09:15, Vendor Support Desk\n<support@vendor.example> wrote:\n\n> Old words",
    "Am 02.03.2026 um 09:15 schrieb Support <support@vendor.example>:\n> Old words",
    "Am Mo., 2. März 2026 um 09:15 Uhr schrieb Vendor Support <\nsupport@vendor.example>:\n\n> Old words",
    "Le lun. 2 mars 2026 à 09:15, Support <support@vendor.example> a écrit :\n> Old words",
    "El lun, 2 mar 2026 a las 9:15, Support (<support@vendor.example>) escribió:\n> Old words",
    "Il giorno lun 2 mar 2026 alle ore 09:15 Support <support@vendor.example> ha scritto:\n> Old words",
    "Op ma 2 mrt 2026 om 09:15 schreef Support <support@vendor.example>:\n> Old words",
    "-----Original Message-----\nFrom: Support\nSent: Monday\nTo: Anna\nSubject: Export\n\nOld words",
    "-----Ursprüngliche Nachricht-----\nVon: Support\nGesendet: Montag\nAn: Anna\nBetreff: Export\n\nOld words",
    (
        "________________________________\nFrom: Support <support@vendor.example>"
        "\nSent: Monday, March 2, 2026 09:15\nTo: Anna\nSubject: Export\n\nOld words"
    ),
    (
        "Von: Support <support@vendor.example>\nGesendet: Montag, 2. März 2026 09:15\n"
        "An: Anna\nBetreff: Export\n\nOld words"
    ),
    "De : Support <support@vendor.example>\nEnvoyé : lundi 2 mars 2026 09:15\nÀ : Anna\nObjet : Export\n\nOld words",
    "*From:* Support\n*Sent:* Monday\n*To:* Anna\n*Subject:* Export\n\nOld words",
    "> Old words\n> more old",
    "##- Please type your reply above this line -##\nOld words",
    (
        "On Mon, 2 Mar 2026 at 09:15, Support <support@vendor.example> wrote:\n\n"
        "Old words without marks\nmore of them\nand more\nand yet more"
    ),
]


@pytest.mark.parametrize("quote", QUOTES)
def test_what_was_quoted_is_cut(quote: str) -> None:
    message = parse(mail("Subject: Re: Export", body=f"It fails again.\nPlease look.\n\n{quote}\n"))
    assert message.reply_text == "It fails again.\nPlease look."
    assert "Old words" in message.body_text


def test_answers_between_the_quotes_are_kept() -> None:
    body = (
        "On Mon, 2 Mar 2026 09:15, Support wrote:\n> Which version?\n\n4.2.1\n\n> Which system?\nProduction\n"
    )
    assert parse(mail(body=body)).reply_text == "4.2.1\n\nProduction"


def test_an_answer_below_the_quote_is_kept() -> None:
    body = "On Mon, 2 Mar 2026 09:15, Support wrote:\n> Which version?\n> Which system?\n\nIt is 4.2.1.\n\n-- \nAnna\n"
    message = parse(mail(body=body))
    assert message.reply_text == "It is 4.2.1."
    assert message.signature == "Anna"


@pytest.mark.parametrize(
    ("body", "reply", "signed"),
    [
        ("It fails.\n\n-- \nAnna Berg\nACME\n", "It fails.", "Anna Berg\nACME"),
        (
            "It fails.\n\nKind regards\nAnna Berg\nTel. +49 30 1\n",
            "It fails.",
            "Kind regards\nAnna Berg\nTel. +49 30 1",
        ),
        (
            "Es klemmt.\n\nMit freundlichen Grüßen\nAnna Berg\n",
            "Es klemmt.",
            "Mit freundlichen Grüßen\nAnna Berg",
        ),
        ("It fails.\n\nSent from my iPhone\n", "It fails.", "Sent from my iPhone"),
    ],
)
def test_the_signature_is_apart(body: str, reply: str, signed: str) -> None:
    message = parse(mail(body=body))
    assert (message.reply_text, message.signature) == (reply, signed)


def test_words_after_the_greeting_formula_are_not_lost() -> None:
    body = "Done.\n\nRegards\nAnna\n\nPS: the second server is still down and we need it today.\n"
    assert "second server" in parse(mail(body=body)).reply_text


@pytest.mark.parametrize(
    "body",
    [
        "> only a quote\n",
        "On Mon 2 Mar 2026 Bob wrote:\n\nmy new words\n",
        "-- \nAnna\n",
        "Von: x\nAn: y\nBetreff: z\n\nnew words\n",
    ],
)
def test_a_message_never_becomes_empty(body: str) -> None:
    assert parse(mail(body=body)).reply_text.strip()


def test_a_forwarded_message_is_new_to_us() -> None:
    body = (
        "FYI\n\n---------- Forwarded message ---------\nFrom: Bob <bob@acme.example>"
        "\nDate: Mon\nSubject: Crash\nTo: Anna\n\nIt crashes.\n"
    )
    assert "It crashes." in parse(mail("Subject: Fwd: Crash", body=body)).reply_text


@pytest.mark.parametrize(
    "quote",
    [
        (
            '<div class="gmail_quote"><div class="gmail_attr">On Mon Support wrote:</div>'
            "<blockquote>Old words</blockquote></div>"
        ),
        '<blockquote type="cite">Old words</blockquote>',
        '<hr><div id="divRplyFwdMsg"><b>From:</b> Support</div><div>Old words</div><p>Old words</p>',
        (
            '<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt"><p>'
            "<b>From:</b> S</p></div><p>Old words</p>"
        ),
    ],
)
def test_quotes_marked_in_html_are_cut(quote: str) -> None:
    message = parse(html_mail(f"<html><body><p>It fails again.</p>{quote}</body></html>"))
    assert message.reply_text == "It fails again."
    assert "Old words" in message.body_text


def test_flowed_text_is_joined_into_its_lines() -> None:
    message = parse(
        mail("Content-Type: text/plain; format=flowed", body="one \ntwo \nthree\n\n> quoted \n> on\n")
    )
    assert message.body_text.startswith("one two three\n")


def test_several_texts_and_a_file_between_them_are_all_read() -> None:
    message = parse(
        multipart("mixed", "\nfirst", "Content-Disposition: attachment; filename=a.txt\n\nfile", "\nsecond")
    )
    assert message.body_text == "first\n\nsecond"
    assert [file.name for file in message.attachments] == ["a.txt"]
