"""Names and types of attached files: what may be shown, and what the content really is."""

import re
import unicodedata
from typing import Final

from mainstay.intake.email.charsets import printable

MAX_NAME: Final = 200

_MAGIC: Final = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
    (b"BZh", "application/x-bzip2"),
    (b"\xfd7zXZ\x00", "application/x-xz"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"\x28\xb5\x2f\xfd", "application/zstd"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"{\\rtf", "application/rtf"),
    (b"\x78\x9f\x3e\x22", "application/vnd.ms-tnef"),
    (b"\x7fELF", "application/x-executable"),
    (b"MZ", "application/x-msdownload"),
    (b"\xca\xfe\xba\xbe", "application/java-vm"),
    (b"OggS", "application/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"fLaC", "audio/flac"),
    (b"\x1aE\xdf\xa3", "video/webm"),
    (b"%!PS", "application/postscript"),
    (b"SQLite format 3\x00", "application/vnd.sqlite3"),
)  # fmt: skip
_OFFICE: Final = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "jar": "application/java-archive",
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
    "msg": "application/vnd.ms-outlook",
}
_TEXTS: Final = {"csv": "text/csv", "json": "application/json", "ics": "text/calendar", "vcf": "text/vcard"}
_MARKUP = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|script|iframe|svg|math|img|a\s|meta|object|embed)\b", re.IGNORECASE
)
_SVG = re.compile(rb"<svg[\s>]", re.IGNORECASE)
_EXTENSION: Final = {
    "image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp", "image/bmp": "bmp",
    "image/tiff": "tif", "image/svg+xml": "svg", "application/pdf": "pdf", "application/zip": "zip",
    "application/gzip": "gz", "application/rtf": "rtf", "text/plain": "txt", "text/html": "html",
    "application/xml": "xml", "message/rfc822": "eml", "application/vnd.ms-tnef": "dat",
    "video/mp4": "mp4", "audio/mpeg": "mp3", "audio/x-wav": "wav",
}  # fmt: skip


def sniff(data: bytes, name: str = "") -> str:
    """The media type by content; the name only refines a container (zip, OLE, plain text)."""
    extension = name.rpartition(".")[2].lower()[:10]
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            return (
                _OFFICE.get(extension, kind)
                if kind in ("application/zip", "application/x-ole-storage")
                else kind
            )
    if data[:4] == b"RIFF" and data[8:12] in (b"WEBP", b"WAVE", b"AVI "):
        return {b"WEBP": "image/webp", b"WAVE": "audio/x-wav"}.get(data[8:12], "video/x-msvideo")
    if data[4:8] == b"ftyp":
        return "image/heic" if data[8:11] in (b"hei", b"mif") else "video/mp4"
    return _sniff_text(data[:8192], extension)


def _sniff_text(data: bytes, extension: str) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "text/plain"
    if not data or b"\x00" in data:
        return "application/octet-stream"
    if _SVG.search(data):
        return "image/svg+xml"
    if _MARKUP.search(data):
        return "text/html"
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<?xml"):
        return "application/xml"
    controls = sum(1 for byte in data if byte < 32 and byte not in b"\t\n\r\x0c\x1b")
    if controls * 50 > len(data):
        return "application/octet-stream"
    return _TEXTS.get(extension, "text/plain") if _is_text(data) else "application/octet-stream"


def _is_text(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start >= len(data) - 3:
            return True
        high = sum(1 for byte in data if byte >= 128)
        return high * 4 < len(data)
    return True


_FORBIDDEN = re.compile(r'[<>:"|?*\x00-\x1f]')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|\Z)", re.IGNORECASE)


def clean_name(name: str, number: int, kind: str) -> str:
    """A file name that is safe to show and to save: no path, no control or bidi characters, at most 200.

    Never empty and never beginning with "-" or "."; the extension survives the cut.
    """
    name = unicodedata.normalize("NFC", printable(name, 5000))
    name = re.split(r"[/\\\u2215\u2044\u29f8\uff0f\uff3c]", name)[-1]
    name = _FORBIDDEN.sub("_", name).strip(" .").lstrip("-.~ ").rstrip(" .")
    if not name:
        return f"attachment-{number}.{_EXTENSION.get(kind, 'bin')}"
    if _RESERVED.match(name):
        name = f"_{name}"
    return _shortened(name)


def _shortened(name: str) -> str:
    if len(name) <= MAX_NAME:
        return name
    stem, dot, extension = name.rpartition(".")
    if not dot or not 0 < len(extension) <= 20 or " " in extension:
        return name[:MAX_NAME].rstrip(" .")
    return stem[: MAX_NAME - len(extension) - 1].rstrip(" .") + "." + extension
