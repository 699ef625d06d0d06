"""A list of people as customers send it: encodings, separators, headings, and every wrong line named."""

import pytest

from mainstay.customers import contact_file
from mainstay.customers.contact_file import read, text_of
from mainstay.errors import Refused


def people(text: str) -> list[tuple[str, str, str]]:
    return [(one.name, one.email, one.phone) for one in read(text).people]


ANN = ("Ann Lee", "ann@acme.example", "+44 20 5550 0100")


@pytest.mark.parametrize(
    "text",
    [
        "name,email,phone\nAnn Lee,ann@acme.example,+44 20 5550 0100\n",
        "Name;E-Mail;Telefon\r\nAnn Lee;ann@acme.example;+44 20 5550 0100\r\n",
        "Email\tFirst name\tLast name\tMobile\nann@acme.example\tAnn\tLee\t+44 20 5550 0100",
        "Ann Lee|ann@acme.example|+44 20 5550 0100",
        'ann@acme.example,"Lee, Ann",+44 20 5550 0100',
        "\n\n Ann  Lee , Ann Lee <ann@acme.example> , +44 20 5550 0100 \n\n",
        '"Ann Lee";"mailto:ann@acme.example";"+44 20 5550 0100"',
        "\ufeffVorname;Nachname;E-Mail-Adresse;Tel.\nAnn;Lee;ann@acme.example;+44 20 5550 0100",
    ],
)
def test_the_same_person_is_read_however_it_is_written(text: str) -> None:
    assert people(text) == [ANN]


@pytest.mark.parametrize(
    ("encoding", "said"),
    [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("utf-16", "UTF-16"), ("cp1252", "Windows-1252")],
)
def test_the_usual_encodings_are_read(encoding: str, said: str) -> None:
    text, told = text_of("Name;Email\rJosé Müller;jose@acme.example".encode(encoding))
    assert (people(text), told) == ([("José Müller", "jose@acme.example", "")], said)


def test_every_wrong_line_is_named_and_the_right_ones_stay() -> None:
    text = (
        "name,email,phone,admin\nAnn Lee,ann@acme.example,1234567,yes\nBob,,,\n,cleo@acme.example,,\n"
        '"Dan\nBrown",dan@acme.example,,perhaps\nAnn again,ANN@acme.example,,no\n'
    )
    told = [(one.line, one.wrong) for one in read(text).people]
    assert told == [
        (2, ""), (3, "has no address"), (4, "has no name"),
        (5, "says 'perhaps' under admin; yes or no is expected"), (7, "is the same address as line 2"),
    ]  # fmt: skip
    assert read(text).people[0].is_admin
    assert read(text).how == "separated by commas, with headings"


@pytest.mark.parametrize(
    ("text", "why"),
    [("", "is empty"), (" \n;;\n", "is empty"), ("name,email", "holds its headings and nobody"),
     ("Ann\nBob", "shows no column with addresses"), ("name,phone\nAnn,123456", "shows no column with addresses"),
     ("a@b.example\n" * 2001, "at most 2000")],
)  # fmt: skip
def test_what_is_no_list_is_refused_as_a_whole(text: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        read(text)


@pytest.mark.parametrize("content", [b"PK\x03\x04rest", b"\xff\xfe\x00", b"a\x00b", b"x" * 1_000_001])
def test_a_file_that_is_no_text_is_refused(content: bytes) -> None:
    with pytest.raises(Refused):
        text_of(content)


def test_a_quote_that_never_ends_is_said_with_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    text = 'Ann,ann@acme.example\n"Bob,' + "x" * 140_000
    with pytest.raises(Refused, match="from line 2 on"):
        contact_file.read(text)
