"""PURE: secrets in files that somebody is about to send: private keys, tokens, passwords, JWTs, connection strings.

Found by a few words that stand in them (`bytes.find` reads gigabytes in seconds), then looked at closely. What is
found is never kept: a place is its kind, its line, and the words before it.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from functools import partial
from typing import BinaryIO, NamedTuple

OVERLAP = 16 * 1024  # a secret that lies across two pieces is seen whole; a private key fits
INSIDE_AT_MOST = 256 * 1024 * 1024  # of an archive, unpacked


class Found(NamedTuple):
    """A secret's place: what it is, and where its bytes begin and end."""

    kind: str
    start: int
    end: int


class Place(NamedTuple):
    """The same for people: the line it is in, and that line up to the secret."""

    kind: str
    line: int
    before: str


_VALUE = rb"[^\s\"'&,;<>]"
# kind -> (words that stand in it, what it looks like; the group is the secret)
PATTERNS: dict[str, tuple[tuple[bytes, ...], re.Pattern[bytes]]] = {
    "private_key": (
        (b"private key-----",),
        re.compile(
            rb"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY-----"
            rb"((?:(?!-----END)[\s\S]){1,12000})(?:-----END (?:[A-Z0-9]+ ){0,3}PRIVATE KEY-----|\Z)"
        ),
    ),
    "jwt": (
        (b"eyj",),
        re.compile(rb"\b(eyJ[A-Za-z0-9_-]{8,2000}\.eyJ[A-Za-z0-9_-]{8,6000}\.[A-Za-z0-9_-]{10,2000})"),
    ),
    "token": (
        (b"akia", b"asia", b"ghp_", b"gho_", b"ghs_", b"github_pat_", b"glpat-", b"xox", b"sk_live_", b"bearer "),
        re.compile(
            rb"((?:AKIA|ASIA)[A-Z0-9]{16}|gh[pos]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{40,90}"
            rb"|glpat-[A-Za-z0-9_-]{20}|xox[abprs]-[A-Za-z0-9-]{10,120}|sk_live_[A-Za-z0-9]{20,100}"
            rb"|(?i:bearer )[A-Za-z0-9._~+/-]{20,2000}=*)"
        ),
    ),
    "connection": (
        (b"://",),
        re.compile(rb"\b[A-Za-z][A-Za-z0-9+.-]{1,20}://[^\s:/@\"']{1,100}:([^\s/@\"']{1,200})@[^\s/\"']"),
    ),
    "password": (
        (b"passw", b"pwd", b"passphrase", b"secret", b"api_key", b"api-key", b"apikey", b"access_token", b"auth_token"),
        re.compile(
            rb"(?i)(?:password|passwd|passwort|pwd|passphrase|secret(?:[_-]?(?:access[_-]?)?key)?|api[_-]?key"
            rb"|access_token|auth_token)[\"']?\s{0,3}(?:=|:|=>)\s{0,3}[\"']?(" + _VALUE + rb"{4,200})"
        ),
    ),
}  # fmt: skip
_NO_SECRET = re.compile(
    rb"(?i)^(?:\*+|x{4,}|\.{3,}|null|none|true|false|nil|undefined|empty|required|redacted|masked|hidden|changed"
    rb"|invalid|incorrect|expired|missing|\[?redacted\]?|\$\{.*|\{\{.*|%\(.*|<.*)$"
)


def find(piece: bytes) -> list[Found]:
    """Every secret in a piece, in their order; what lies within another one is left out."""
    small = piece.lower()
    found: list[Found] = []
    for kind, (words, pattern) in PATTERNS.items():
        for word in words:
            found += _around(piece, small, word, kind, pattern)
    found.sort(key=lambda one: (one.start, -one.end))
    kept: list[Found] = []
    for one in found:
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return kept


def _around(
    piece: bytes, small: bytes, word: bytes, kind: str, pattern: re.Pattern[bytes]
) -> Iterator[Found]:
    at = small.find(word)
    while at != -1:
        begin = max(0, at - 40)  # where it may begin, before the word by which it was noticed
        match = pattern.search(piece, begin, min(len(piece), at + OVERLAP))
        if match and match.start() <= at + len(word):
            if match.group(1).strip(b"*\r\n ") and not _NO_SECRET.match(match.group(1)):
                yield Found(kind, match.start(1), match.end(1))
            at = small.find(word, max(match.end(), at + 1))
        else:
            at = small.find(word, at + 1)


def places(before: bytes, piece: bytes, lines: int) -> list[Place]:
    """Where secrets are that were not told yet. `piece` follows `before` (the end of what came earlier), in which
    and before which were `lines` line breaks."""
    whole, seam = before + piece, len(before)
    known = {one.start for one in find(before)}  # told when it came, perhaps only its beginning
    told = []
    for one in find(whole):
        if one.start in known:
            continue
        line = lines + 1 + piece.count(b"\n", 0, max(0, one.start - seam))
        if one.start < seam:
            line -= before.count(b"\n", one.start)
        start = max(whole.rfind(b"\n", 0, one.start) + 1, one.start - 40)
        told.append(Place(one.kind, line, _plain(whole[start : one.start])))
    return told


def _plain(line: bytes) -> str:
    text = line.decode("utf-8", "replace")
    return "".join(c if c.isprintable() else " " for c in text).strip()


def blacken(file: BinaryIO, size: int, piece: int = 4 * 1024 * 1024) -> int:
    """Overwrite every secret of an open file with stars, in place; line breaks stay. Returns how many."""
    at = done = count = 0
    while at < size:
        file.seek(at)
        held = file.read(piece + OVERLAP)
        for one in find(held):
            if at + one.end > done and one.start < piece:
                file.seek(at + one.start)
                file.write(re.sub(rb"[^\r\n]", b"*", held[one.start : one.end]))
                count, done = count + 1, at + one.end
        at += piece
    return count


def inside(path: str) -> list[Place]:
    """Secrets inside a .gz or .zip, as far as it is unpacked; nothing for what is no archive or is broken."""
    told: list[Place] = []
    try:
        for name, pieces in _members(path):
            before, lines = b"", 0
            for piece in pieces:
                told += [
                    one._replace(before=f"{name}: {one.before}".strip(": "))
                    for one in places(before, piece, lines)
                ]
                lines += piece.count(b"\n")
                before = (before + piece)[-OVERLAP:]
    except (OSError, ValueError, zlib.error, zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError):
        pass  # encrypted, broken, of a kind we do not know: then nothing is said of it
    return told


def _members(path: str) -> Iterator[tuple[str, Iterator[bytes]]]:
    with open(path, "rb") as file:
        start = file.read(4)
    if start[:2] == b"\x1f\x8b":
        yield "", _bounded(_gunzip(path))
    elif start == b"PK\x03\x04":
        with zipfile.ZipFile(path) as packed:
            for member in packed.infolist()[:200]:
                if not member.is_dir():
                    with packed.open(member) as file:
                        yield member.filename[-60:], _bounded(iter(partial(file.read, 1024 * 1024), b""))


def _gunzip(path: str) -> Iterator[bytes]:
    unpack = zlib.decompressobj(wbits=31)
    with open(path, "rb") as file:
        while piece := file.read(256 * 1024):
            while piece:
                yield unpack.decompress(piece, 1024 * 1024)
                piece = unpack.unconsumed_tail


def _bounded(pieces: Iterator[bytes]) -> Iterator[bytes]:
    room = INSIDE_AT_MOST
    for piece in pieces:
        if room <= 0:
            return
        room -= len(piece)
        yield piece
