"""PURE: a list of people as customers send it, read with patience: any of the usual encodings and separators, with or
without a line of headings, in any order of columns. What cannot be read is said, line by line; nothing is guessed.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from mainstay.errors import Refused

MOST_LINES, MOST_BYTES = 2000, 1_000_000
SEPARATORS = (",", ";", "\t", "|")
_HEADINGS = {
    "name": ("name", "full name", "contact", "contact name", "person", "display name", "ansprechpartner", "nom"),
    "first": ("first name", "firstname", "given name", "forename", "vorname", "prenom", "prénom"),
    "last": ("last name", "lastname", "surname", "family name", "nachname", "nom de famille"),
    "email": ("email", "e-mail", "mail", "email address", "e-mail address", "mail address", "e-mail-adresse",
              "courriel"),
    "phone": ("phone", "telephone", "tel", "tel.", "mobile", "phone number", "cell", "telefon", "téléphone"),
    "sees": ("sees", "sees all", "all tickets", "visibility"),
    "admin": ("admin", "administrator", "manages contacts", "is admin", "manager"),
}  # fmt: skip
_KNOWN = {words: field for field, names in _HEADINGS.items() for words in names}
_YES = {"yes", "y", "true", "1", "x", "all", "ja", "oui", "all tickets", "all tickets of the customer"}
_NO = {"", "no", "n", "false", "0", "own", "nein", "non", "own tickets", "-"}
_PHONE = re.compile(r"\+?[\d\s()./-]{5,40}")


@dataclass(frozen=True)
class Person:
    """One line: who, and what is wrong with it in words (empty: nothing)."""

    line: int
    name: str = ""
    email: str = ""
    phone: str = ""
    sees_all: bool = False
    is_admin: bool = False
    wrong: str = ""

    def but(self, wrong: str) -> Person:
        return replace(self, wrong=wrong)


@dataclass(frozen=True)
class Read:
    """The list as it was understood; `how` says so in words (encoding, separator, headings)."""

    people: tuple[Person, ...]
    how: str


def text_of(content: bytes) -> tuple[str, str]:
    """The text of a file and its encoding in words. Raises `Refused` naming file for what is no text."""
    if len(content) > MOST_BYTES:
        raise Refused("file", "is larger than 1 MB; send the list in parts")
    if content[:4] == b"PK\x03\x04" or content[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise Refused("file", "is a workbook; save it as CSV, or paste the cells")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return _tidy(content.decode("utf-16")), "UTF-16"
        except UnicodeDecodeError:
            raise Refused("file", "says it is UTF-16 and is not") from None
    try:
        return _tidy(content.decode("utf-8-sig")), "UTF-8"
    except UnicodeDecodeError:
        return _tidy(content.decode("cp1252", errors="replace")), "Windows-1252"


def _tidy(text: str) -> str:
    if "\x00" in text:
        raise Refused("file", "is no text")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read(text: str, encoding: str = "") -> Read:
    """The people of a list. Raises `Refused` naming list when there is nothing to read in it."""
    text = _tidy(text).lstrip("\ufeff")
    separator = _separator(text)
    rows = list(_rows(text, separator))
    if not rows:
        raise Refused("list", "is empty; give a name and an address on each line")
    if len(rows) > MOST_LINES:
        raise Refused("list", f"has {len(rows)} lines; at most {MOST_LINES} at once")
    headings = _headings(rows[0][1])
    columns = headings or _columns([cells for _, cells in rows])
    if "email" not in columns:
        raise Refused("list", "shows no column with addresses; name the columns: name, email, phone")
    people = tuple(_person(line, cells, columns) for line, cells in rows[1 if headings else 0 :])
    if not people:
        raise Refused("list", "holds its headings and nobody")
    return Read(_without_twins(people), _how(encoding, separator, bool(headings)))


def _how(encoding: str, separator: str, headed: bool) -> str:
    between = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}[separator]
    headings = "with headings" if headed else "without headings"
    return ", ".join([*([encoding] if encoding else []), f"separated by {between}", headings])


def _separator(text: str) -> str:
    """The one that is there most often, outside quotes, in the first lines."""
    plain = re.sub(r'"[^"\n]*"', "", "\n".join(text.split("\n", 20)[:20]))
    return max(SEPARATORS, key=lambda one: (plain.count(one), -SEPARATORS.index(one)))


def _rows(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Each line that says something, with its number."""
    reader = csv.reader(io.StringIO(text), delimiter=separator, skipinitialspace=True)
    first = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise Refused("list", f"cannot be read from line {first} on: a quote that never ends?") from None
        cells = [" ".join(cell.replace("\u00a0", " ").split()) for cell in cells]
        if any(cells):
            yield first, cells
        first = reader.line_num + 1


def _headings(cells: Sequence[str]) -> dict[str, int]:
    """Which column is which, by the words of the first line; empty when it is a person already."""
    if any("@" in cell for cell in cells):
        return {}
    found: dict[str, int] = {}
    for place, cell in enumerate(cells):
        field = _KNOWN.get(cell.casefold().strip(" :*"))
        if field and field not in found:
            found[field] = place
    return found


def _columns(rows: Sequence[Sequence[str]]) -> dict[str, int]:
    """Without headings: the address is where the @ is, then the name, then what looks like a phone number."""
    width = max(len(cells) for cells in rows)
    found: dict[str, int] = {}
    for place in range(width):
        cells = [row[place] for row in rows if place < len(row) and row[place]]
        if "email" not in found and sum("@" in cell for cell in cells) * 2 > len(cells):
            found["email"] = place
        elif "phone" not in found and cells and all(_PHONE.fullmatch(cell) for cell in cells):
            found["phone"] = place
        elif "name" not in found and cells:
            found["name"] = place
    return found


def _person(line: int, cells: Sequence[str], columns: dict[str, int]) -> Person:
    def cell(field: str) -> str:
        place = columns.get(field)
        return cells[place] if place is not None and place < len(cells) else ""

    email, name = _address(cell("email")), cell("name")
    name = name or " ".join(part for part in (cell("first"), cell("last")) if part)
    made = Person(line, _turned(name), email, cell("phone"))
    if not email:
        return made.but("has no address")
    if not made.name:
        return made.but("has no name")
    for field, words in (("sees", cell("sees")), ("admin", cell("admin"))):
        if words.casefold() not in _YES | _NO:
            return made.but(f"says {words[:40]!r} under {field}; yes or no is expected")
    return replace(made, sees_all=cell("sees").casefold() in _YES, is_admin=cell("admin").casefold() in _YES)


def _address(cell: str) -> str:
    """The bare address, also out of "Ann Lee <ann@a.example>" and "mailto:ann@a.example"."""
    inner = re.search(r"<([^<>]+)>", cell)
    return (inner.group(1) if inner else cell).strip().removeprefix("mailto:").strip()


def _turned(name: str) -> str:
    """ "Lee, Ann" as "Ann Lee"."""
    last, comma, first = name.partition(",")
    return f"{first.strip()} {last.strip()}" if comma and first.strip() and "," not in first else name


def _without_twins(people: Sequence[Person]) -> tuple[Person, ...]:
    seen: dict[str, int] = {}
    found = []
    for one in people:
        key = one.email.lower()
        if key and key in seen and not one.wrong:
            found.append(one.but(f"is the same address as line {seen[key]}"))
        else:
            seen.setdefault(key, one.line)
            found.append(one)
    return tuple(found)
