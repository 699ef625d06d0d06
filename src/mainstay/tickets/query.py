"""PURE: what one types to find tickets: `sev:1 customer:acme due:<2h is:waiting "invoice error" -word`.

All terms hold together; values parted by a comma are alternatives; a minus before a term takes it away. What is not
a term is a word to look for. The fields are those of `FIELDS` and no others.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches

from mainstay.errors import Refused

LONGEST = 400
UNITS = {"m": 60, "min": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
DURATION = re.compile(r"(\d{1,4})(min|m|h|d|w)")
PIECE = re.compile(r'(?:[^\s"]|"[^"]*")+')
FIELD = re.compile(r"([a-z]+):(.*)", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True)
class Field:
    """A field that can be asked for: what it says, and its values, or the form they have."""

    name: str
    says: str
    values: tuple[str, ...] = ()
    form: str = "name"  # name: looked up where names are; one of: `values`; time, due: see `parse`
    example: str = ""


FIELDS = {
    one.name: one
    for one in (
        Field("sev", "severity", form="number", example="sev:1"),
        Field("customer", "customer, by code or name", example="customer:acme"),
        Field("due", "when the promise that breaks first is due", ("over", "none"), "due", "due:<2h"),
        Field(
            "is",
            "how it stands",
            ("open", "closed", "any", "untriaged", "waiting", "third", "proposed", "uncovered", "emergency",
             "snoozed", "watched", "tasks"),
            "one of",
            "is:waiting",
        ),
        Field("owner", "who has it: me, nobody, a name", ("me", "nobody"), example="owner:me"),
        Field("team", "the team", example="team:billing"),
        Field("level", "the service level", example="level:bc"),
        Field("product", "the product of its system", example="product:atlas"),
        Field("cat", "category", ("technical", "billing", "feature", "enquiry"), "one of", "cat:technical"),
        Field(
            "step",
            "the step",
            ("acknowledgement", "triage", "dispatch", "resolution", "closure"),
            "one of",
            "step:dispatch",
        ),
        Field(
            "via", "the channel", ("email", "portal", "phone", "api", "alert", "desk"), "one of", "via:phone"
        ),
        Field("older", "asked longer ago than", form="time", example="older:3d"),
        Field("newer", "asked since", form="time", example="newer:1d"),
        Field("quiet", "nothing happened for", form="time", example="quiet:2d"),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Term:
    """One thing that is asked of a field: any of `values`, or with `negated` none of them."""

    field: str
    values: tuple[str, ...]
    negated: bool = False
    typed: str = ""


@dataclass(frozen=True)
class Query:
    """All that is asked: terms, phrases to find, and phrases that must not be there."""

    terms: tuple[Term, ...] = ()
    phrases: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    def __and__(self, other: Query) -> Query:
        return Query(
            self.terms + other.terms, self.phrases + other.phrases, self.without + other.without
        )  # fmt: skip

    def __bool__(self) -> bool:
        return bool(self.terms or self.phrases or self.without)


def parse(text: str) -> Query:
    """Read a query. Raises `Refused` naming query, with the word that is wrong and what would be right."""
    if len(text) > LONGEST:
        raise Refused("query", f"is longer than {LONGEST} characters")
    terms: list[Term] = []
    phrases: list[str] = []
    without: list[str] = []
    for piece in pieces(text):
        bare = piece[1:] if piece.startswith("-") and len(piece) > 1 else piece
        named = FIELD.fullmatch(bare)
        if named and not bare.startswith('"'):
            terms.append(_term(piece, named[1].lower(), named[2], negated=bare != piece))
        elif words := bare.replace('"', " ").strip():
            (without if bare != piece else phrases).append(words)
    return Query(tuple(terms), tuple(phrases), tuple(without))


def pieces(text: str) -> list[str]:
    """The parts of a query as they were typed."""
    if text.count('"') % 2:
        rest = text[text.rindex('"') :][:40]
        raise Refused(
            "query", f'{rest} begins with a quotation mark that is not closed; put one more " behind it'
        )
    return PIECE.findall(text)


def _term(typed: str, name: str, given: str, *, negated: bool) -> Term:
    field = FIELDS.get(name)
    if field is None:
        near = get_close_matches(name, FIELDS, 1, 0.5)
        hint = f"do you mean {near[0]}:?" if near else f"there are {', '.join(f'{one}:' for one in FIELDS)}"
        raise Refused(
            "query",
            f'{typed} asks for {name}:, which there is not; {hint} In quotes, "{typed}", it is a word',
        )
    values = tuple(value for one in given.replace('"', "").split(",") if (value := one.strip().lower()))
    if not values:
        raise Refused("query", f"{typed} lacks its value, as in {field.example}")
    for value in values:
        _check(field, typed, value)
    return Term(name, values, negated, typed)


def _check(field: Field, typed: str, value: str) -> None:
    if field.form == "number" and not (value.isascii() and value.isdigit() and len(value) < 3):
        raise Refused("query", f"{typed}: a severity is a number, as in {field.example}")
    if field.form == "time" and not DURATION.fullmatch(value):
        raise Refused("query", f"{typed}: a time is a number with m, h, d or w, as in {field.example}")
    if field.form == "due" and value not in field.values and not DURATION.fullmatch(value.lstrip("<>")):
        raise Refused("query", f"{typed}: due is over, none, or as in due:<2h and due:>1d")
    if field.form == "one of" and value not in field.values:
        near = get_close_matches(value, field.values, 1, 0.6)
        hint = f"do you mean {field.name}:{near[0]}?" if near else f"it may be {', '.join(field.values)}"
        raise Refused("query", f"{typed}: {field.name} is never {value}; {hint}")


def duration(value: str) -> timedelta:
    """How long "2h" is; a day is 24 hours, a week seven of them."""
    found = DURATION.fullmatch(value.lstrip("<>"))
    assert found is not None
    return timedelta(seconds=int(found[1]) * UNITS[found[2]])
