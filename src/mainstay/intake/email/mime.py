"""A message as a flat list of its leaf parts, without recursion and with limits.

The limits are chosen so that 50 MB of any shape is read within seconds; what lies beyond them is left in
the raw message, and a note says so.
"""

import binascii
import re
from dataclasses import dataclass, field
from typing import Final

from mainstay.intake.email.charsets import printable
from mainstay.intake.email.headers import Block, base64_bytes, decode_words, parameters, read_block

MAX_DEPTH: Final = 30
MAX_PARTS: Final = 1000


@dataclass
class Part:
    """One leaf: where its content lies in the raw message and what its headers say of it."""

    start: int
    end: int
    content_type: str
    params: dict[str, str]
    disposition: str = ""
    filename: str = ""
    content_id: str = ""
    encoding: str = ""
    parent: str = ""
    slot: int = -1  # the outermost multipart/alternative around it, -1 for none


@dataclass
class Tree:
    """The message's header block and its leaves in order."""

    raw: bytes
    block: Block
    content_type: str = "text/plain"
    params: dict[str, str] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def content(self, part: Part, limit: int | None = None) -> bytes:
        """The decoded bytes of a leaf; `limit` cuts the encoded bytes first."""
        end = part.end if limit is None else min(part.end, part.start + limit)
        return transfer_decode(self.raw[part.start : end], part.encoding)


@dataclass
class _Todo:
    start: int
    end: int
    depth: int
    parent: str
    slot: int
    default: str = "text/plain"


def read(raw: bytes) -> Tree:
    """The tree of a message; `raw` has line feeds somewhere (see `parse.parse` for the rest)."""
    block = read_block(raw, 0, len(raw), top=True)
    tree = Tree(raw, block, notes=list(dict.fromkeys(block.notes)))
    tree.content_type, tree.params = _content_type(block, "text/plain")
    todo: list[_Todo] = []
    _take(tree, block, _Todo(0, len(raw), 0, "", -1), todo)
    while todo:
        next_ = todo.pop()
        _take(tree, read_block(raw, next_.start, next_.end), next_, todo)
    return tree


def _take(tree: Tree, block: Block, at: _Todo, todo: list[_Todo]) -> None:
    content_type, params = _content_type(block, at.default)
    if len(tree.parts) >= MAX_PARTS:
        return
    if content_type.startswith("multipart/"):
        boundary = params.get("boundary", "").strip() or _guessed_boundary(tree, block.end, at.end)
        if at.depth >= MAX_DEPTH:
            _note(tree, f"parts nested deeper than {MAX_DEPTH} were not opened")
            content_type = "message/rfc822"
        elif not boundary or not _split(tree, content_type, boundary, block.end, at, todo):
            _note(tree, f"{printable(content_type, 60)} without its boundary, read as text")
            content_type = "text/plain"
        else:
            return
    tree.parts.append(_leaf(block, content_type, params, at))


def _content_type(block: Block, default: str) -> tuple[str, dict[str, str]]:
    content_type, params = parameters(block.first("content-type"))
    if not re.fullmatch(r"[!-.0-~]{1,100}/[!-.0-~]{1,100}", content_type):
        content_type = {"text": "text/plain", "html": "text/html"}.get(content_type, default)
    return content_type, params


def _guessed_boundary(tree: Tree, start: int, end: int) -> str:
    match = re.compile(rb"\s*--([^\s-][^\r\n]{0,200})\r?\n").match(tree.raw, start, end)
    return match[1].decode("latin-1").rstrip() if match else ""


def _split(tree: Tree, kind: str, boundary: str, start: int, at: _Todo, todo: list[_Todo]) -> bool:
    """Puts the parts of a multipart on the stack; False when its boundary never appears."""
    slot = at.slot if at.slot >= 0 or kind != "multipart/alternative" else start
    default = "message/rfc822" if kind == "multipart/digest" else "text/plain"
    spans = _spans(tree, boundary, start, at.end)
    parts = [_Todo(begin, stop, at.depth + 1, kind, slot, default) for begin, stop in spans if stop > begin]
    room = MAX_PARTS - len(tree.parts) - len(todo)
    if len(parts) > room:
        _note(tree, f"more than {MAX_PARTS} parts; the rest was not opened")
    todo.extend(reversed(parts[: max(room, 0)]))
    return bool(spans)


def _spans(tree: Tree, boundary: str, start: int, end: int) -> list[tuple[int, int]]:
    data = boundary.encode("utf-8", "replace") if not boundary.isascii() else boundary.encode()
    delimiter = re.compile(rb"\n--" + re.escape(data) + rb"(--)?[ \t]*+(?=\r|\n|\Z)")
    spans: list[tuple[int, int]] = []
    begin: int | None = None
    first = start - 1 if start and tree.raw[start - 1] == 10 else start
    for match in delimiter.finditer(tree.raw, first, end):
        if begin is not None:
            spans.append((begin, max(begin, _before_newline(tree.raw, match.start()))))
            if len(spans) > MAX_PARTS:
                return spans
        line_end = tree.raw.find(b"\n", match.end(), end)
        begin = end if line_end < 0 else line_end + 1
        if match[1]:
            return spans
    if begin is not None:
        _note(tree, "the last part is not closed")
        spans.append((begin, end))
    return spans


def _before_newline(raw: bytes, position: int) -> int:
    return position - 1 if position and raw[position - 1] == 13 else position


def _leaf(block: Block, content_type: str, params: dict[str, str], at: _Todo) -> Part:
    disposition, disposition_params = parameters(block.first("content-disposition"))
    name = disposition_params.get("filename") or params.get("name") or ""
    content_id = block.first("content-id").decode("utf-8", "replace")
    return Part(
        start=block.end,
        end=max(at.end, block.end),
        content_type=content_type,
        params=params,
        disposition=disposition[:40],
        filename=decode_words(name, 6000),
        content_id=printable(content_id, 998).strip("<> "),
        encoding=parameters(block.first("content-transfer-encoding"))[0].strip(" \"'"),
        parent=at.parent,
        slot=at.slot,
    )


def _note(tree: Tree, note: str) -> None:
    if note not in tree.notes and len(tree.notes) < 30:
        tree.notes.append(note)


_UUENCODED = ("x-uuencode", "uuencode", "x-uue", "uue")
KNOWN_ENCODINGS: Final = frozenset(["", "7bit", "8bit", "binary", "base64", "quoted-printable", *_UUENCODED])


def transfer_decode(data: bytes, encoding: str) -> bytes:
    """The bytes behind a Content-Transfer-Encoding; an unknown one is taken as it is. Never raises."""
    if encoding == "base64":
        return base64_bytes(data)
    if encoding == "quoted-printable":
        return binascii.a2b_qp(data)
    if encoding in _UUENCODED:
        _, found = split_uuencoded(data)
        return found[0][1] if found else data
    return data


_BEGIN = re.compile(rb"(?:\A|(?<=\n))begin [0-7]{3,4} ([^\r\n]{1,255})\r?\n")
_END = re.compile(rb"\nend[ \t]*\r?(?=\n|\Z)")


def split_uuencoded(data: bytes) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """Text without its uuencoded files, and the files as (name, content)."""
    rest: list[bytes] = []
    files: list[tuple[bytes, bytes]] = []
    position = 0
    while len(files) < 100:
        begin = _BEGIN.search(data, position)
        end = _END.search(data, begin.end() - 1) if begin else None
        if not begin or not end:
            break
        content = _uu_lines(data[begin.end() : end.start()])
        rest.append(data[position : begin.start()] if content is not None else data[position : end.end()])
        if content is not None:
            files.append((begin[1], content))
        position = end.end()
    rest.append(data[position:])
    return b"".join(rest), files


def _uu_lines(data: bytes) -> bytes | None:
    out = []
    for line in data.split(b"\n"):
        line = line.rstrip(b"\r")
        if not line:
            continue
        try:
            out.append(binascii.a2b_uu(line))
        except binascii.Error:
            try:
                out.append(binascii.a2b_uu(line[: (((line[0] - 32) & 63) * 4 + 5) // 3]))
            except binascii.Error:
                return None
    return b"".join(out)
