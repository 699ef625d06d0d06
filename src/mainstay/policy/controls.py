"""Documents as forms: a control knows its place in a document, how what stands there is written, and how it is read.

What nobody touched stays exactly as it was, so `put(sections, shown(sections, document), document)` gives the same
document. A reader turns text into what the document would hold, and leaves what it cannot read as it was typed, so that
the strict check of the document says what would be right. Refusals name the control by its label.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from mainstay.errors import Refused
from mainstay.policy.calendar_sheet import read_when
from mainstay.policy.closing_sheet import when_text
from mainstay.policy.conditions import CONDITIONS
from mainstay.sla.fields import marked
from mainstay.sla.fields import shown as quoted

NOTHING: Any = object()
Document = dict[str, Any]
Options = Sequence[tuple[str, str]]
Said = dict[str, Any]
"""What a form holds: a text for each field, a list for picks, a list of rows for a table."""


# ---- how values are written


class Codec(NamedTuple):
    """How a value is written in a control, and read from a text that is not empty."""

    write: Callable[[Any], str]
    read: Callable[[str, str], Any]


def _whole(text: str, where: str) -> Any:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else text


def _rank(text: str, where: str) -> Any:
    return _whole(text, where) if len(text) < 4 else text


def _listed(text: str, where: str = "") -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]


def _ranks(text: str, where: str) -> Any:
    found = ["*" if one == "*" else _rank(one, where) for one in _listed(text)]
    return found[0] if len(found) == 1 else found


def _yes(text: str, where: str) -> bool:
    if text not in ("yes", "no"):
        raise Refused(where, f"must be yes, no, or nothing, not {quoted(text)}")
    return text == "yes"


def when(known: Sequence[str] = CONDITIONS) -> Codec:
    """Conditions of a row."""
    return Codec(when_text, lambda text, where: read_when(text, where, known=known))


def _several(value: Any) -> str:
    return ", ".join(str(one) for one in value) if isinstance(value, list) else str(value)


TEXT = Codec(str, lambda text, where: text)
WHOLE = Codec(str, _whole)
RANK = Codec(str, _rank)
RANKS = Codec(_several, _ranks)
LIST = Codec(_several, _listed)
ONE_OR_MORE = Codec(_several, lambda text, where: said[0] if len(said := _listed(text)) == 1 else said)
LINES = Codec("\n".join, lambda text, where: [one.strip() for one in text.split("\n") if one.strip()])
YES = Codec(lambda value: "yes" if value else "no", _yes)
YES_NO: Options = (("", "–"), ("yes", marked("yes")), ("no", marked("no")))


# ---- controls


@dataclass(frozen=True)
class Field:
    """One control. `kind`: line, area, choice, check or picks; `usual`: what a box that nothing is said of means."""

    path: tuple[str, ...]
    label: str
    kind: str = "line"
    hint: str = ""
    options: Options = ()
    codec: Codec = TEXT
    usual: bool = False

    @property
    def key(self) -> str:
        """Its name in the form."""
        return "_".join(self.path)

    def shown(self, document: Mapping[str, Any]) -> Any:
        """What the control holds for a document."""
        value = _at(document, self.path)
        if self.kind == "check":
            return "1" if (self.usual if value is NOTHING else value) else ""
        if self.kind == "picks":
            return [] if value is NOTHING else [str(one) for one in value]
        return "" if value is NOTHING else self.codec.write(value)

    def put(self, document: Document, said: Any, where: str) -> None:
        """Write what was typed into a document; what says the same as before is left as it is."""
        if _plain(said) != _plain(self.shown(document)):
            _set(document, self.path, self.read(said, where))

    def read(self, said: Any, where: str) -> Any:
        """The value that was typed; `NOTHING` where nothing was."""
        if self.kind == "check":
            return bool(said)
        if self.kind == "picks":
            order = [value for value, _ in self.options]
            chosen = sorted(said, key=lambda one: order.index(one) if one in order else len(order))
            return [RANK.read(one, where) if self.codec is RANK else one for one in chosen] or NOTHING
        text = _plain(said)
        return self.codec.read(text, where) if text else NOTHING


@dataclass(frozen=True)
class Table:
    """Rows of one shape under a key. A row whose `needs` is empty is left out, else one that is empty altogether.
    `by`: the rows are an object by it."""

    key: str
    label: str
    columns: tuple[Field, ...]
    needs: str = ""
    hint: str = ""
    wide: bool = True  # a line for each row; else a group of fields for each
    required: bool = False
    by: str = ""

    def shown(self, document: Mapping[str, Any]) -> list[Said]:
        """A row of texts for each row of the document."""
        return [{one.key: one.shown(row) for one in self.columns} for row in self._rows(document)]

    def put(self, document: Document, said: Sequence[Said]) -> None:
        """Write the typed rows into a document."""
        typed = [row for row in said if self.kept(row)]
        if [_plain_row(row) for row in typed] == [_plain_row(row) for row in self.shown(document)]:
            return
        before: list[Document] = self._rows(document)
        made: list[Document] = []
        for n, row in enumerate(said):
            if self.kept(row):
                where = f"{self.label} {len(made) + 1}"
                made.append(self._put(copy.deepcopy(before[n]) if n < len(before) else {}, row, where))
        if made or self.required:
            document[self.key] = self._keyed(made) if self.by else made
        else:
            document.pop(self.key, None)

    def kept(self, row: Mapping[str, Any]) -> bool:
        """Whether a typed row says anything."""
        return any(_plain(row[one]) for one in ([self.needs] if self.needs else row))

    def _put(self, held: Document, row: Said, where: str) -> Document:
        for one in self.columns:
            one.put(held, row[one.key], f"{where}, {one.label.lower()}")
        return held

    def _rows(self, document: Mapping[str, Any]) -> list[Document]:
        found = document.get(self.key, {} if self.by else [])
        return [{self.by: name, **says} for name, says in found.items()] if self.by else list(found)

    def _keyed(self, rows: Sequence[Document]) -> Document:
        made: Document = {}
        for row in rows:
            name = str(row.pop(self.by))
            if name in made:
                raise Refused(self.label, f"has {quoted(name)} twice; keep one of the two")
            made[name] = row
        return made


@dataclass(frozen=True)
class Section:
    """Controls that belong together."""

    title: str
    controls: tuple[Field | Table, ...]
    hint: str = ""
    place: str = ""  # what else the page shows there


# ---- whole forms


def controls(sections: Sequence[Section]) -> Iterator[Field | Table]:
    """Every control of a form, in its order."""
    for section in sections:
        yield from section.controls


def shown(sections: Sequence[Section], document: Mapping[str, Any]) -> Said:
    """The form that holds a document."""
    return {one.key: one.shown(document) for one in controls(sections)}


def put(sections: Sequence[Section], said: Said, document: Mapping[str, Any]) -> Document:
    """The document that was typed, made from the one it was."""
    made = copy.deepcopy(dict(document))
    for one in controls(sections):
        if isinstance(one, Table):
            one.put(made, said[one.key])
        else:
            one.put(made, said[one.key], one.label)
    return made


def _at(document: Mapping[str, Any], path: Sequence[str]) -> Any:
    found: Any = document
    for key in path:
        if not isinstance(found, Mapping) or key not in found:
            return NOTHING
        found = found[key]
    return found


def _set(document: Document, path: Sequence[str], value: Any) -> None:
    """Put a value in its place; an object of which nothing is left goes too, where it is not one by severity."""
    *above, last = path
    held = document
    for key in above:
        held = held.setdefault(key, {})
    if value is NOTHING:
        held.pop(last, None)
    else:
        held[last] = value
    if above and not held and above[0] != "head_start_minutes":
        document.pop(above[0], None)


def _plain(said: Any) -> Any:
    return said.replace("\r\n", "\n").strip() if isinstance(said, str) else sorted(said)


def _plain_row(row: Mapping[str, Any]) -> Said:
    return {key: _plain(value) for key, value in row.items()}
