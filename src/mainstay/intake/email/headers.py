"""The header block of a message, its encoded words, its parameters and its addresses.

Everything here takes bytes or text from strangers and runs in time linear in its length.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple
from urllib.parse import unquote_to_bytes

from mainstay.intake.email.charsets import decode, has_bidi, printable
from mainstay.intake.email.words import words

MAX_FIELDS: Final = 200_000
MAX_KEPT: Final = 500
MAX_VALUE: Final = 1_000_000

# Fields that are looked for even behind a thousand others, and how many of each are kept.
_WANTED: Final = {
    **dict.fromkeys(
        [
            "from", "sender", "reply-to", "to", "cc", "bcc", "subject", "date", "message-id", "in-reply-to",
            "references", "mime-version", "content-type", "content-transfer-encoding", "content-disposition",
            "content-id", "return-path", "auto-submitted", "precedence", "x-auto-response-suppress",
            "x-failed-recipients", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to",
            "authentication-results", "x-mainstay-signature", "resent-from", "list-id", "list-post",
            "list-unsubscribe", "list-help", "list-subscribe", "list-owner", "list-archive", "x-autoreply",
            "x-autorespond", "x-autoresponder", "x-autoreply-from", "x-auto-reply-from", "x-mail-autoreply",
            "feedback-type", "priority", "importance", "x-priority",
        ],
        20,
    ),
    "received": 50,
}  # fmt: skip
# A file with none of these among its first fields is no mail.
_TELLING: Final = words(
    "from sender reply-to to cc subject date message-id in-reply-to references received return-path "
    "delivered-to x-original-to mime-version resent-from"
)
_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*+:([^\n]*+(?:\n[ \t][^\n]*+)*+)(?:\n|\Z)")
_NEXT = re.compile(rb"[^\n]*(?:\n|\Z)")
_FROM_LINE = re.compile(rb"\s*>?From \S[^\n]*\n")


class Address(NamedTuple):
    """A display name and an addr-spec; either may be empty."""

    name: str
    address: str


@dataclass
class Block:
    """The fields of one header block in order, names in lower case, values unfolded bytes."""

    fields: list[tuple[str, bytes]] = field(default_factory=list)
    end: int = 0
    total: int = 0
    telling: int = 0
    notes: list[str] = field(default_factory=list)

    def all(self, name: str) -> list[bytes]:
        """Every value of a field, top down."""
        return [value for key, value in self.fields if key == name]

    def first(self, name: str) -> bytes:
        """The topmost value of a field, or nothing."""
        return next((value for key, value in self.fields if key == name), b"")


def read_block(raw: bytes, start: int, end: int, *, top: bool = False) -> Block:
    """The header block that begins at `start`; `Block.end` is where the body begins."""
    block = Block()
    counts: dict[str, int] = {}
    position = _skip_preamble(raw, start, end, block) if top else start
    while position < end:
        if raw.startswith((b"\n", b"\r\n"), position):
            block.end = position + (1 if raw[position] == 10 else 2)
            return block
        match = _FIELD.match(raw, position, end)
        if match:
            _add(block, match, counts)
        elif not _is_broken_line(raw, position, end, block, top):
            if top and block.fields:
                block.notes.append("no blank line between the headers and the text")
            break
        else:
            match = _NEXT.match(raw, position, end)
            assert match
        position = max(match.end(), position + 1)
        if block.total >= MAX_FIELDS:
            block.notes.append(f"more than {MAX_FIELDS} header fields; the rest was not read")
            position = _after_blank_line(raw, position, end)
            break
    block.end = min(position, end)
    return block


def _skip_preamble(raw: bytes, start: int, end: int, block: Block) -> int:
    """Past a byte order mark, blank lines, an mbox "From " line and white space before the first field."""
    position = start
    if raw.startswith(b"\xef\xbb\xbf", position):
        position += 3
        block.notes.append("a byte order mark stood before the headers")
    while position < end and raw[position : position + 1] in (b"\n", b"\r", b" ", b"\t"):
        position += 1
    line = _FROM_LINE.match(raw, position, min(end, position + 1000))
    return line.end() if line else position


def _add(block: Block, match: "re.Match[bytes]", counts: dict[str, int]) -> None:
    name = match[1].decode("ascii").lower()
    block.total += 1
    if name in _TELLING:
        block.telling += 1
    wanted = _WANTED.get(name)
    if wanted is None and block.total > MAX_KEPT:
        return
    counts[name] = counts.get(name, 0) + 1
    if wanted is not None and counts[name] > wanted:
        return
    begin, stop = match.span(2)
    if stop - begin > MAX_VALUE:
        block.notes.append(f"the header {printable(name, 60)} is longer than {MAX_VALUE} bytes and was cut")
        begin = stop - MAX_VALUE if name == "references" else begin
    block.fields.append((name, _unfold(match.string[begin : min(stop, begin + MAX_VALUE)])))


def _unfold(value: bytes) -> bytes:
    """RFC 5322 unfolding: the line break goes, the white space after it stays."""
    return value.replace(b"\r\n", b"").replace(b"\n", b"").replace(b"\r", b" ").replace(b"\x00", b"").strip()


def _is_broken_line(raw: bytes, position: int, end: int, block: Block, top: bool) -> bool:
    """Whether a line that is no field still stands among the headers: known fields follow without a gap."""
    if _continues_parameters(raw, position, end, block):
        return True
    for count, line in enumerate(_lines(raw, position, min(end, position + 4000))):
        if not line.strip() or count > 6:
            return False
        match = _FIELD.match(line)
        if match and match[1].decode("ascii").lower() in _WANTED:
            break
    else:
        return False
    if not (top or block.fields):
        return False
    piece = _NEXT.match(raw, position, end)
    if piece and block.fields and len(piece[0]) < 998:
        name, value = block.fields[-1]
        block.fields[-1] = (name, value[:MAX_VALUE] + b" " + _unfold(piece[0]))
    if len(block.notes) < 20:
        block.notes.append("a line among the headers is no header")
    return True


_ASSIGNMENT = re.compile(rb"[A-Za-z][A-Za-z0-9*_-]{0,40}[ \t]*=[^\n]*")


def _continues_parameters(raw: bytes, position: int, end: int, block: Block) -> bool:
    """`boundary="..."` on a line of its own that should have been indented."""
    match = _ASSIGNMENT.match(raw, position, min(end, position + 1000))
    if not match or not block.fields or not block.fields[-1][1].endswith(b";"):
        return False
    name, value = block.fields[-1]
    block.fields[-1] = (name, value + b" " + _unfold(match[0]))
    return True


def _lines(raw: bytes, start: int, end: int) -> Iterator[bytes]:
    position = start
    while position < end:
        match = _NEXT.match(raw, position, end)
        assert match
        yield match[0]
        position = max(match.end(), position + 1)


def _after_blank_line(raw: bytes, position: int, end: int) -> int:
    found = re.compile(rb"\n\r?\n").search(raw, position - 1, end)
    return found.end() if found else end


# --- encoded words (RFC 2047) -------------------------------------------------------------------------

_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")


def decode_words(value: bytes | str, limit: int = 20_000) -> str:
    """A header value as people read it: encoded words decoded, repaired where they are broken."""
    text = decode(value[:limit])[0] if isinstance(value, bytes) else value[:limit]
    out: list[str] = []
    pending: tuple[str, bytes] | None = None
    position = 0
    for match in _WORD.finditer(text):
        between = text[position : match.start()]
        charset = match[1].partition("*")[0]
        data = _word_bytes(match[2], match[3])
        if pending and not between.strip() and pending[0].lower() == charset.lower():
            pending = (charset, pending[1] + data)  # one character may be split over two words
        else:
            if pending:
                out.append(decode(pending[1], pending[0])[0])
            out.append(between if between.strip() or not pending else "")
            pending = (charset, data)
        position = match.end()
    if pending:
        out.append(decode(pending[1], pending[0])[0])
    out.append(text[position:])
    return "".join(out)


def _word_bytes(encoding: str, text: str) -> bytes:
    data = text.encode("utf-8", "replace")
    if encoding in "qQ":
        return binascii.a2b_qp(data, header=True)
    return base64_bytes(data)


_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_NOT_BASE64 = bytes(set(range(256)) - set(_BASE64))


def base64_bytes(data: bytes) -> bytes:
    """What can be read of base64: foreign characters are skipped, missing padding is supplied."""
    try:
        return base64.b64decode(data.translate(None, b" \t\r\n"), validate=True)
    except (binascii.Error, ValueError):
        pass
    data = data.translate(None, _NOT_BASE64)
    if len(data) % 4 == 1:
        data = data[:-1]
    return base64.b64decode(data + b"=" * (-len(data) % 4))


# --- parameters (RFC 2045, 2231) ----------------------------------------------------------------------

_PARAMETER = re.compile(r';[\s;]*+([^\s=;"]{1,100})\s*+=\s*+(?:"([^"\\]*+(?:\\.[^"\\]*+)*+)"?|([^;]*+))')


def parameters(value: bytes) -> tuple[str, dict[str, str]]:
    """`text/plain; charset="x"` as ("text/plain", {"charset": "x"}); of a doubled parameter the first counts."""
    text = value[:20_000].decode("utf-8", "replace")
    head = text.partition(";")[0].partition("(")[0].strip().lower()
    found: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    for match in _PARAMETER.finditer(text):
        name = match[1].lower()
        content = re.sub(r"\\(.)", r"\1", match[2]) if match[2] is not None else match[3].strip()
        base, star, rest = name.partition("*")
        if not star:
            found.setdefault(name, content)
            continue
        index = rest.rstrip("*")
        if index.isascii() and index.isdigit() and len(index) <= 3:
            pieces.setdefault(base, {}).setdefault(int(index), (content, rest.endswith("*")))
        elif not index:
            pieces.setdefault(base, {}).setdefault(0, (content, True))
    for base, parts in pieces.items():
        found[base] = _joined(parts)
    return head, found


def _joined(parts: dict[int, tuple[str, bool]]) -> str:
    charset = ""
    data = b""
    for position, index in enumerate(sorted(parts)):
        content, encoded = parts[index]
        if encoded and position == 0 and content.count("'") >= 2:
            charset, _, content = content.split("'", 2)
        data += unquote_to_bytes(content) if encoded else content.encode("utf-8", "replace")
    return decode(data, charset or "utf-8")[0]


# --- addresses ----------------------------------------------------------------------------------------

_TOKEN = re.compile(
    r'"([^"\\]*+(?:\\.[^"\\]*+)*+)"?'  # 1 quoted
    r"|(\()"  # 2 a comment begins
    r"|<([^<>]*+)>?"  # 3 an address in angles
    r"|([,;:])"  # 4
    r'|([^"(<,;:\s][^"(<,;:]*+)'  # 5 words
    r"|\s++|.",
    re.DOTALL,
)
_COMMENT = re.compile(r"[()]|\\.?|[^()\\]++", re.DOTALL)
_SPEC = re.compile(r"""[^\s<>()\[\],;:"@\\]{1,320}@[^\s<>()\[\],;:"@\\]{1,255}""")
_ATEXT = re.compile(r"[^\s<>()\[\],;:\"@\\\x00-\x20\x7f]+")


@dataclass
class Mailboxes:
    """The mailboxes of one header; `odd` says what makes it readable in more than one way."""

    addresses: list[Address] = field(default_factory=list)
    total: int = 0
    odd: list[str] = field(default_factory=list)


@dataclass
class _Draft:
    words: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    angles: list[str] = field(default_factory=list)
    quoted: bool = False


def read_addresses(value: bytes, keep: int = 200) -> Mailboxes:
    """Every mailbox in an address header, groups flattened; the first `keep` are kept, all are counted."""
    text = decode(value)[0].replace("\n", " ")
    boxes = Mailboxes()
    draft = _Draft()
    position, length = 0, len(text)
    while position < length:
        match = _TOKEN.match(text, position)
        assert match
        position = match.end()
        if match[2]:
            comment, position = _read_comment(text, position)
            draft.comments.append(comment)
        elif match[1] is not None:
            draft.words.append(match[0] if text.startswith("@", position) else _unescape(match[1]))
            draft.quoted = True
        elif match[3] is not None:
            draft.angles.append(match[3].strip())
        elif match[4] == ":":
            _odd(boxes, "written as a group")
            draft = _Draft()
        elif match[4]:
            _finish(boxes, draft, keep)
            draft = _Draft()
        elif match[5]:
            draft.words.append(match[5].strip())
    _finish(boxes, draft, keep)
    return boxes


def _read_comment(text: str, position: int) -> tuple[str, int]:
    depth = 1
    begin = position
    for match in _COMMENT.finditer(text, position):
        position = match.end()
        depth += {"(": 1, ")": -1}.get(match[0], 0)
        if depth == 0:
            return text[begin : position - 1], position
    return text[begin:], position


def _unescape(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def _odd(boxes: Mailboxes, reason: str) -> None:
    if reason not in boxes.odd and len(boxes.odd) < 20:
        boxes.odd.append(reason)


def _finish(boxes: Mailboxes, draft: _Draft, keep: int) -> None:
    words = " ".join(word for word in draft.words if word)
    if not words and not draft.angles and not draft.comments:
        return
    boxes.total += 1
    if len(boxes.addresses) >= keep:
        return
    angles = [angle for angle in draft.angles if angle]
    if angles:
        _finish_angle(boxes, words, draft, angles)
    elif _SPEC.fullmatch(words) or _quoted_spec(words):
        boxes.addresses.append(_mailbox(boxes, " ".join(draft.comments), words))
    else:
        _finish_loose(boxes, words, draft)


def _finish_angle(boxes: Mailboxes, words: str, draft: _Draft, angles: list[str]) -> None:
    if len(angles) > 1:
        _odd(boxes, "two addresses in one mailbox")
    spec = angles[-1]
    if spec.startswith("@") or spec.count("@") > 1:
        _odd(boxes, "an address with a route or two @")
        spec = spec.rpartition(":")[2]
    spec = re.sub(r"\([^()]*\)|[ \t]+", "", spec)
    boxes.addresses.append(_mailbox(boxes, words or " ".join(draft.comments), spec))


def _finish_loose(boxes: Mailboxes, words: str, draft: _Draft) -> None:
    found = _SPEC.findall(words)
    if len(found) > 1:
        _odd(boxes, "several addresses without a comma")
        boxes.total += len(found) - 1
    elif words and not found:
        _odd(boxes, "not an address")
    elif words:
        _odd(boxes, "the address is not in angle brackets")
    for spec in found[:5]:
        boxes.addresses.append(_mailbox(boxes, words.replace(spec, "") if len(found) == 1 else "", spec))
    if not found:
        boxes.addresses.append(Address(printable(decode_words(words), 300), ""))


def _quoted_spec(words: str) -> bool:
    return bool(re.fullmatch(r'"[^"]{0,200}"\s?@[^\s<>()\[\],;:"@\\]{1,255}', words))


def _mailbox(boxes: Mailboxes, name: str, spec: str) -> Address:
    decoded = decode_words(name.replace("\\", ""), 2000)
    if has_bidi(decoded) or has_bidi(spec):
        _odd(boxes, "characters that change the reading direction")
    address = address_of(spec)
    if not address:
        _odd(boxes, "not an address")
    elif spec.startswith('"'):
        _odd(boxes, "the part before the @ is quoted")
    return Address(printable(decoded, 300), address)


def address_of(spec: str) -> str:
    """An addr-spec in lower case with its domain as A-label, or "" when it is none.

    Only letters of ASCII are folded: the Kelvin sign would otherwise become a "k" and one address
    another.
    """
    local, at, domain = spec.strip().rpartition("@")
    if not at or not local or len(local) > 320:
        return ""
    quoted = local.startswith('"') and local.rstrip().endswith('"')
    if not quoted and not _ATEXT.fullmatch(local):
        return ""
    label = a_label(domain)
    return f"{printable(_ascii_lower(local), 320)}@{label}" if label else ""


def a_label(domain: str) -> str:
    """A domain in lower case, other scripts as `xn--` labels (never mapped to a look-alike), or ""."""
    domain = domain.strip().rstrip(".")
    if not domain or len(domain) > 253:
        return ""
    labels = [_label(label) for label in domain.split(".")]
    joined = ".".join(labels)
    return joined if all(labels) and len(joined) <= 253 else ""


def _label(label: str) -> str:
    if label.isascii():
        return label.lower() if re.fullmatch(r"[A-Za-z0-9_-]{1,63}", label) else ""
    lowered = label.lower()
    if lowered.isascii():
        lowered = _ascii_lower(label)
    try:
        coded = "xn--" + lowered.encode("punycode").decode("ascii").lower()
    except UnicodeError:
        return ""
    return coded if re.fullmatch(r"[a-z0-9_-]{1,80}", coded) else ""


_FOLD = {code: code + 32 for code in range(65, 91)}


def _ascii_lower(text: str) -> str:
    return text.translate(_FOLD)


_MESSAGE_ID = re.compile(r"<([^<>\s]{1,998})>")


def message_ids(value: bytes) -> list[str]:
    """The ids of a Message-ID, In-Reply-To or References header, with their angle brackets."""
    text = printable(value.decode("utf-8", "replace").replace("\x00", ""), MAX_VALUE)
    found = [f"<{inner}>" for inner in _MESSAGE_ID.findall(text)]
    if found or not text:
        return found
    bare = re.sub(r"\s+", "", text.strip("<> "))[:998]
    return [f"<{bare}>"] if "@" in bare else []
