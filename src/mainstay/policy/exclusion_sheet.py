"""One exclusion as a form, and back: the clause, the courteous answer, what may be bought, what speaks for it (X1).

`read(shown(one), one) == one`. Refusals name the field.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from mainstay.errors import Refused

WORDS = ("title", "wording", "paid_path")
_CODE = re.compile(r"[a-z][a-z0-9_]{1,39}", re.ASCII)


def shown(one: Mapping[str, Any], languages: Sequence[str]) -> dict[str, Any]:
    """The form that holds an exclusion, with its words in each of the languages."""
    evidence, own = one.get("evidence", {}), one.get("in", {})
    return {
        "code": one.get("code", ""),
        **{name: one.get(name, "") for name in WORDS},
        "words": "\n".join(evidence.get("words", [])),
        "products": list(evidence.get("products", [])),
        "ended": evidence.get("releases") == "ended",
        "texts": {
            code: {name: own.get(code, {}).get(name, "") for name in WORDS}
            for code in dict.fromkeys([*languages, *own])
        },
    }


def read(typed: Mapping[str, Any], before: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The exclusion that was typed; `before` is what it was."""
    had = before or {}
    code = had.get("code") or typed["code"].strip()
    if not _CODE.fullmatch(code):
        raise Refused("name", 'must be small letters, digits and _, such as "third_party"')
    made: dict[str, Any] = {"code": code}
    for name in WORDS:
        said = typed[name].strip()
        if said:
            made[name] = said
        elif name != "paid_path":
            raise Refused(name, "is missing")
    evidence = _evidence(typed)
    if evidence or "evidence" in had:
        made["evidence"] = evidence
    own = {
        code: {name: said.strip() for name, said in words.items() if said.strip()}
        for code, words in typed["texts"].items()
    }
    own = {code: words for code, words in own.items() if words}
    return made | ({"in": own} if own else {})


def _evidence(typed: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    words = [line.strip() for line in typed["words"].split("\n") if line.strip()]
    for number, word in enumerate(words, start=1):
        if not word.strip("* "):
            raise Refused(f"words, line {number}", "is only a star; write a word, with a star for any ending")
        if "*" in word[:-1]:
            raise Refused(
                f"words, line {number}", f"has a star within {word[:40]!r}; it may only stand at the end"
            )
    if words:
        found["words"] = words
    if typed["products"]:
        found["products"] = list(typed["products"])
    if typed["ended"]:
        found["releases"] = "ended"
    return found
