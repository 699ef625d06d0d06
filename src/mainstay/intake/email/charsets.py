"""Bytes of a mail into text that any database can store.

Only text charsets on the list below are ever used. Python knows codecs that are no charsets at all (zlib,
rot13, idna, unicode_escape); a sender may name them, and gets the fallback instead.
"""

import re
from typing import Final

_PYTHON_NAMES: Final = {
    # what Python calls it: what mail calls it besides
    "utf-8": "utf8 utf-8 unicode-1-1-utf-8 x-utf-8 utf_8 utf8mb4 utf-8-sig",
    "utf-7": "utf-7 utf7 unicode-1-1-utf-7",
    "utf-16": "utf-16 utf16 ucs-2 iso-10646-ucs-2",
    "utf-16-le": "utf-16le",
    "utf-16-be": "utf-16be",
    "utf-32": "utf-32 utf32",
    # a browser's habit: what calls itself Latin 1 or ASCII is Windows 1252
    "cp1252": "us-ascii ascii ansi_x3.4-1968 iso646-us 646 iso-8859-1 iso8859-1 iso_8859-1 latin1 latin-1 l1 "
    "windows-1252 cp1252 x-ansi ansi win-1252 8859-1",
    "iso8859-2": "iso-8859-2 latin2 iso8859-2",
    "iso8859-3": "iso-8859-3",
    "iso8859-4": "iso-8859-4",
    "iso8859-5": "iso-8859-5 cyrillic",
    "iso8859-6": "iso-8859-6 iso-8859-6-i iso-8859-6-e arabic",
    "iso8859-7": "iso-8859-7 greek",
    "iso8859-8": "iso-8859-8 iso-8859-8-i iso-8859-8-e hebrew",
    "cp1254": "iso-8859-9 latin5 windows-1254 cp1254",
    "iso8859-10": "iso-8859-10",
    "cp874": "iso-8859-11 tis-620 windows-874 cp874",
    "iso8859-13": "iso-8859-13",
    "iso8859-14": "iso-8859-14",
    "iso8859-15": "iso-8859-15 iso8859-15 latin9 latin-9",
    "iso8859-16": "iso-8859-16",
    "cp1250": "windows-1250 cp1250",
    "cp1251": "windows-1251 cp1251",
    "cp1253": "windows-1253 cp1253",
    "cp1255": "windows-1255 cp1255",
    "cp1256": "windows-1256 cp1256",
    "cp1257": "windows-1257 cp1257",
    "cp1258": "windows-1258 cp1258",
    "cp437": "cp437 ibm437",
    "cp850": "cp850 ibm850",
    "cp852": "cp852 ibm852",
    "cp866": "cp866 ibm866",
    "koi8-r": "koi8-r koi8",
    "koi8-u": "koi8-u",
    "mac-roman": "macintosh mac-roman x-mac-roman mac",
    "mac-cyrillic": "x-mac-cyrillic",
    "gb18030": "gb2312 gbk gb18030 gb_2312-80 x-gbk cp936 euc-cn",
    "hz": "hz-gb-2312 hz",
    "big5hkscs": "big5 big5-hkscs big5hkscs cp950 x-big5",
    "cp932": "shift_jis shift-jis sjis x-sjis cp932 windows-31j ms_kanji",
    "euc_jp": "euc-jp eucjp x-euc-jp",
    "iso2022_jp_2": "iso-2022-jp iso-2022-jp-1 iso-2022-jp-2 iso-2022-jp-ms cp50220",
    "iso2022_jp_3": "iso-2022-jp-3",
    "cp949": "euc-kr euckr ks_c_5601-1987 ksc5601 cp949 windows-949 x-windows-949 uhc",
    "iso2022_kr": "iso-2022-kr",
}
CHARSETS: Final = {alias: python for python, aliases in _PYTHON_NAMES.items() for alias in aliases.split()}

# C0 and C1 control characters but tab and newline, lone surrogates, and characters that are none
_UNSTORABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_NEWLINES = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# what makes a line read otherwise than it is stored: bidi controls, zero widths
_INVISIBLE = re.compile(
    "[\u200b\u200e\u200f\u061c\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]"
)
_BIDI = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")
_SPACES = re.compile(r"\s+")


def codec_for(charset: str | None) -> str | None:
    """The Python codec for a charset named in a mail, or None when it is not a text charset we know."""
    if not charset or len(charset) > 60:
        return None
    return CHARSETS.get(charset.strip(" \t\"'").lower())


def decode(data: bytes, charset: str | None = None) -> tuple[str, str]:
    """Text of `data` and, when something had to be repaired, what. Never raises."""
    codec = codec_for(charset)
    if codec is None:
        unknown = f"unknown charset {printable(charset or '')!r}, guessed" if charset else ""
        return _guess(data), unknown
    if codec == "utf-8" or (codec == "cp1252" and not data.isascii()):
        return _western(data, codec)
    try:
        return storable(data.decode(codec)), ""
    except (UnicodeError, ValueError):
        return storable(data.decode(codec, "replace")), f"bytes that are not {codec} were replaced"


def _western(data: bytes, codec: str) -> tuple[str, str]:
    """UTF-8 and Windows 1252 are confused so often that the bytes decide, not the label."""
    try:
        return storable(data.decode("utf-8")), ""
    except UnicodeDecodeError:
        if codec == "cp1252":
            return storable(data.decode("cp1252", "replace")), ""
    text = data.decode("utf-8", "replace")
    high = sum(map(data.count, _LEADS))
    if text.count("\ufffd") > high // 2:
        return storable(data.decode("cp1252", "replace")), "bytes that are not utf-8 were read as cp1252"
    return storable(text), "bytes that are not utf-8 were replaced"


_LEADS = [bytes([lead]) for lead in range(0xC2, 0xF5)]


def _guess(data: bytes) -> str:
    try:
        return storable(data.decode("utf-8"))
    except UnicodeDecodeError:
        return storable(data.decode("cp1252", "replace"))


def storable(text: str) -> str:
    """`text` with newlines as \\n and without what PostgreSQL refuses or a screen cannot show."""
    if text.isascii() and text.isprintable():
        return text
    text = _UNSTORABLE.sub("", _NEWLINES.sub("\n", text))
    return text if text.isascii() else _SURROGATES.sub("\ufffd", text)


def printable(text: str, limit: int = 998) -> str:
    """One line without control, bidi or zero-width characters, cut to `limit` characters."""
    text = _INVISIBLE.sub("", storable(text[: limit * 8]))
    return _SPACES.sub(" ", text).strip()[:limit].strip()


def has_bidi(text: str) -> bool:
    """Whether characters reorder the text, so that it reads otherwise than it is."""
    return bool(_BIDI.search(text))
