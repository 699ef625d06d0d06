"""The rules as a text file (TOML), so that a person can read, compare and edit them. PURE.

`write` and `read` are inverse: a document written and read is the same document.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from typing import Any

from mainstay.errors import Refused

_HEAD = (
    "# The questions and rules of the right-fit advisor. Answers stand from the least need to the greatest.\n"
)


def read(text: str) -> dict[str, Any]:
    """The document that a text holds. Raises `Refused` with the line that is no TOML."""
    try:
        return tomllib.loads(text.replace("\r\n", "\n"))
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise Refused("file", f"cannot be read as TOML: {str(error)[:200]}") from None


def write(document: Mapping[str, Any]) -> str:
    """The document as a file, in an order that reads well."""
    parts = [_HEAD, *_plain(document, ("format", "intro", "in", "levels"))]
    parts += ["combinations = []\n"] if document.get("combinations") == [] else []
    for name in ("bands", "packages", "combinations"):
        for row in document.get(name, []):
            parts += [f"\n[[{name}]]\n", *_plain(row)]
    for question in document["questions"]:
        parts += ["\n\n[[questions]]\n", *_plain(question, ("code", "part", "ask", "help", "why", "in"))]
        for answer in question["answers"]:
            parts += ["\n[[questions.answers]]\n", *_plain(answer)]
    return "".join(parts)


def _plain(row: Mapping[str, Any], names: Iterable[str] | None = None) -> list[str]:
    return [f"{name} = {_value(row[name])}\n" for name in names or row if name in row]


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        inner = ", ".join(f"{_key(key)} = {_value(one)}" for key, one in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list):
        return f"[{', '.join(_value(one) for one in value)}]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return str(value)


def _key(key: str) -> str:
    return key if key.isascii() and key.replace("_", "").replace("-", "").isalnum() else _value(key)
