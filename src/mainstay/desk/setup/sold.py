"""A service level and a package: every field on one form, looked at before it is published (P2, P3).

What a level owes reaches what sells it: publishing a level publishes the packages of it anew, with the new version.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from mainstay.catalogue.models import Package, ServiceLevel, Version
from mainstay.desk.setup import calendars, flow
from mainstay.desk.setup.flow import Parts, Sheet
from mainstay.desk.targets import table
from mainstay.desk.typed import Typed
from mainstay.policy import controls, sold_sheet
from mainstay.policy.controls import Field, Said, Section, Table
from mainstay.policy.documents import calendars_of, ranks_in
from mainstay.ui.doors import StaffRequest

SPARE = {True: 2, False: 1}  # empty rows at the end of a table, and of groups of fields


class SoldSheet(Sheet):
    """What a level and a package have in common. A subclass says which, and what its form is made of."""

    template = "desk/setup/sold.html"
    here = "catalogue"
    kind: str
    group: str

    def __init__(self, code: str, title: str = "") -> None:
        self.code, self.title = code, title

    @property
    def url(self) -> str:
        return reverse("desk:document", args=[self.kind, self.code])

    def document(self, parts: Parts) -> dict[str, Any]:
        found: dict[str, Any] = parts[self.group][self.code]
        return found

    def pick(self, document: Mapping[str, Any]) -> dict[str, Any]:
        return dict(document)

    def placed(self, field: str) -> str:
        """Within the page its own name is left out: "levels.high.targets[2].target" is "targets 3, target"."""
        return flow.placed(field.removeprefix(f"{self.group}.{self.code}."))

    def sections(self, parts: Parts) -> list[Section]:
        """What the form is made of."""
        raise NotImplementedError

    def said(self, says: Mapping[str, Any]) -> Said:
        """The form that holds a level or package."""
        return controls.shown(self.sections(self.running), says)

    def fields(self, parts: Parts) -> dict[str, Any]:
        return {"sections": list(_drawn(self.sections(self.running), self.said(self.document(parts))))}

    def typed(self, typed: Typed) -> dict[str, Any]:
        sections = self.sections(self.running)
        return {"sections": list(_drawn(sections, _said(sections, typed)))}

    def more(self, parts: Parts, at: datetime, request: StaffRequest) -> dict[str, Any]:
        says = self.document(parts)
        return {
            "kind": self.kind,
            "says": says,
            "table": table(says["targets"]) if says.get("targets") else None,
            "read": list(_read(self.sections(self.running), self.said(says))),
            "hours": self.hours(says),
        }

    def hours(self, says: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        """Calendars that are set on pages of their own: name, in words, and where."""
        return []


class LevelSheet(SoldSheet):
    """The page of a level."""

    model, kind, group = ServiceLevel, "level", "levels"

    def said_by(self, version: Version) -> Mapping[str, Any]:
        assert isinstance(version, ServiceLevel)
        return {**version.document, "name": version.name, "rank": version.rank}

    def sections(self, parts: Parts) -> list[Section]:
        sold = [one for one in parts["packages"].values() if one["level"] == self.code]
        return sold_sheet.level_sections(ranks_in(parts["desk"]), _named(parts["desk"], *sold))

    def change(self, parts: Parts, typed: Typed) -> None:
        sections = self.sections(parts)
        parts["levels"][self.code] = controls.put(sections, _said(sections, typed), self.document(parts))


class PackageSheet(SoldSheet):
    """The page of a package."""

    model, kind, group, beside = Package, "package", "packages", ("level",)

    def said_by(self, version: Version) -> Mapping[str, Any]:
        assert isinstance(version, Package)
        return {**version.document, "name": version.name, "level": version.level.code}

    def sections(self, parts: Parts) -> list[Section]:
        desk = parts["desk"]
        levels = [(code, says["name"]) for code, says in parts["levels"].items()]
        addons = [(code, says["name"]) for code, says in desk.get("addons", {}).items()]
        named = _named(desk, self.document(parts))
        return sold_sheet.package_sections(ranks_in(desk), named, levels, addons)

    def said(self, says: Mapping[str, Any]) -> Said:
        return super().said(sold_sheet.spelled(says))

    def change(self, parts: Parts, typed: Typed) -> None:
        sections = self.sections(parts)
        made = sold_sheet.read_package(sections, _said(sections, typed), self.document(parts))
        parts["packages"][self.code] = made

    def hours(self, says: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        own = reverse("desk:business_hours", args=[self.code])
        return [
            (_("Business hours"), calendars.in_words(says["hours"]), own),
            *(
                (name, calendars.in_words(one), reverse("desk:calendar", args=[self.code, name]))
                for name, one in says.get("calendars", {}).items()
            ),
        ]


SHEETS: dict[str, type[SoldSheet]] = {"level": LevelSheet, "package": PackageSheet}


def _named(*documents: Any) -> list[str]:
    return [name for name in dict.fromkeys(calendars_of(*documents)) if name not in ("business", "always")]


# ---- the form as it was sent, and as it is drawn


def _said(sections: Sequence[Section], typed: Typed) -> Said:
    found: Said = {}
    for one in controls.controls(sections):
        if isinstance(one, Table):
            found[one.key] = _rows(one, typed)
        elif one.kind == "picks":
            found[one.key] = [value for value in typed.many(one.key) if value]
        else:
            found[one.key] = typed.raw(one.key)
    return found


def _rows(table: Table, typed: Typed) -> list[Said]:
    columns = {one.key: typed.many(f"{table.key}_{one.key}") for one in table.columns}
    number = max(len(values) for values in columns.values())
    return [
        {key: values[n] if n < len(values) else "" for key, values in columns.items()} for n in range(number)
    ]


def _drawn(sections: Sequence[Section], said: Said) -> Iterator[dict[str, Any]]:
    """The sections for the template, each with its controls as they are filled."""
    for n, section in enumerate(sections, start=1):
        drawn = [
            _table(one, said[one.key])
            if isinstance(one, Table)
            else _field(one, said[one.key], f"v-{one.key}")
            for one in section.controls
        ]
        filled = any(one["filled"] for one in drawn)
        yield {"n": n, "title": section.title, "hint": section.hint, "place": section.place,
               "controls": drawn, "open": filled}  # fmt: skip


def _field(one: Field, value: Any, name_id: str, name: str = "") -> dict[str, Any]:
    given = value if isinstance(value, list) else [value]
    known = {code for code, _words in one.options}
    beside = [(code, code) for code in given if code and code not in known] if one.options else []
    filled = bool(value) and not (one.kind == "check" and one.usual)
    return {"kind": one.kind, "id": name_id, "name": name or one.key, "label": one.label, "hint": one.hint,
            "value": value, "given": given, "options": [*one.options, *beside], "filled": filled}  # fmt: skip


def _table(table: Table, rows: Sequence[Said]) -> dict[str, Any]:
    """A table of what was filled, with empty rows at its end."""
    kept = [row for row in rows if table.kept(row)]
    empty: list[Said] = [{one.key: "" for one in table.columns}] * SPARE[table.wide]
    drawn = [
        [_field(one, row[one.key], f"v-{table.key}-{n}-{one.key}", f"{table.key}_{one.key}") for one in table.columns]
        for n, row in enumerate([*kept, *empty], start=1)
    ]  # fmt: skip
    return {"kind": "table", "table": table, "rows": drawn, "filled": bool(kept)}


# ---- for who reads it


def _read(sections: Sequence[Section], said: Said) -> Iterator[dict[str, Any]]:
    """What is said, in words, section by section; targets have a table of their own."""
    for section in sections:
        lines: list[tuple[str, str]] = []
        for one in section.controls:
            if isinstance(one, Table):
                lines += _row_lines(one, said[one.key])
            elif said[one.key] and one.key not in ("name", "summary"):
                lines.append((one.label, _in_words(one, said[one.key])))
        if lines or section.place:
            yield {"title": section.title, "lines": lines, "place": section.place}


def _row_lines(table: Table, rows: Sequence[Said]) -> Iterator[tuple[str, str]]:
    if table.key == "targets":
        return
    for row in rows:
        said = [
            f"{_(one.label).lower()} {_in_words(one, row[one.key])}"
            for one in table.columns[1:]
            if row[one.key]
        ]
        first = _in_words(table.columns[0], row[table.columns[0].key])
        yield first or table.label, ", ".join(said)


def _in_words(one: Field, value: Any) -> str:
    if one.kind == "check":
        return _("yes")
    words = dict(one.options)
    given = value if isinstance(value, list) else [value]
    return ", ".join(_(words.get(code) or code) for code in given if code)
