"""How the readers of files name a wrong field: a path, one line, whatever the file held."""

from __future__ import annotations

import json
from typing import Any

from mainstay.errors import Refused


def path(field: str, key: str) -> str:
    """The path of a key, quoted where it would not read as one word; at the top of a file just the key."""
    plain = key.isascii() and key.replace("_", "").replace("-", "").isalnum() and len(key) <= 60
    shown_key = key if plain or key == "*" else json.dumps(key[:60])
    return f"{field}.{shown_key}" if field else shown_key


def shown(value: object) -> str:
    """A value as it may stand in a message: short, ASCII, one line."""
    try:
        text = json.dumps(value)
    except (ValueError, TypeError, RecursionError):
        return "that"
    return text if len(text) <= 60 else text[:57] + "..."


def entries(document: object, field: str, required: set[str], optional: set[str]) -> dict[str, Any]:
    """The object with just these keys. Raises Refused for another type, a missing or an unknown key."""
    if not isinstance(document, dict):
        raise Refused(field or "file", "must be an object")
    for key in document:
        if key not in required and key not in optional:
            known = ", ".join(sorted(required | optional))
            raise Refused(path(field, key), f"is not known here; expected {known}")
    for key in sorted(required):
        if key not in document:
            raise Refused(path(field, key), "is missing")
    return document


def choice(value: object, allowed: tuple[str, ...], field: str) -> str:
    """One of the allowed words."""
    if not isinstance(value, str) or value not in allowed:
        raise Refused(field, f"must be one of {', '.join(allowed)}, not {shown(value)}")
    return value


def flag(value: object, field: str) -> bool:
    """True or false; 0 and 1 are neither."""
    if not isinstance(value, bool):
        raise Refused(field, f"must be true or false, not {shown(value)}")
    return value


def marked(text: str) -> str:
    """Marks words that pages translate, for the catalogue (`make messages`); here they stay English."""
    return text
