"""Every setting, read once from the environment and checked; standard library only, quick to import.

`SETTINGS` is the one list: `docs/settings.md` is held to it by a test. `env()` gives the values.
A bad value is `Refused` with the setting's name and what would be right.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from mainstay.errors import Refused


@dataclass(frozen=True)
class Setting:
    """One environment variable: its name, its default as a person would type it, what it means."""

    name: str
    default: str
    meaning: str


SETTINGS: tuple[Setting, ...] = (
    Setting("MAINSTAY_PORT", "8000", "port of the pages (desk and portal)"),
    Setting("MAINSTAY_HOST", "127.0.0.1", "address the pages listen on; 0.0.0.0 for every address"),
    Setting(
        "MAINSTAY_BASE_URL", "http://127.0.0.1:PORT", "how people reach the pages; links in mails begin so"
    ),
    Setting("MAINSTAY_SMTP_PORT", "2525", "port of mail intake by SMTP"),
    Setting("MAINSTAY_LMTP_PORT", "2424", "port of mail intake by LMTP"),
    Setting("MAINSTAY_MAIL_HOST", "127.0.0.1", "address mail intake listens on"),
    Setting(
        "MAINSTAY_DATA",
        ".data in a checkout, else ./mainstay-data",
        "folder of the database, the secret key, attachments and the mail outbox",
    ),
    Setting(
        "MAINSTAY_SECRET_FILE", "DATA/secret.key", "the secret that all keys derive from; made on first start"
    ),
    Setting("MAINSTAY_SUPPORT_ADDRESS", "support@vendor.example", "the address customers write to"),
    Setting("MAINSTAY_VENDOR_NAME", "Vendor", "the vendor's name in mails and pages, until one is set there"),
    Setting(
        "MAINSTAY_RELAY",
        "empty",
        "where mail goes out: smtp://user:password@host:port, smtps://..., graph://user@tenant (Microsoft);"
        " empty keeps it in DATA/outbox",
    ),
    Setting(
        "MAINSTAY_RELAY_TOKEN",
        "empty",
        "file of what OAuth 2 needs to send: JSON with token_url, client_id, refresh_token; for graph always",
    ),
    Setting(
        "MAINSTAY_AUTHSERV_ID", "empty", "whose Authentication-Results are believed; empty believes none"
    ),
    Setting(
        "MAINSTAY_DNS",
        "system",
        "where senders are checked (SPF, DKIM, DMARC) when MAINSTAY_AUTHSERV_ID is empty: system, address:port, off",
    ),
    Setting(
        "MAINSTAY_FONTS",
        "empty",
        "folder of further fonts for offers and contracts, such as of Japanese; empty: Latin, Greek and Cyrillic",
    ),
    Setting(
        "MAINSTAY_UNDO_SECONDS",
        "10",
        "how long what the desk sends is held, so that it can be taken back; 0 sends at once",
    ),
    Setting(
        "MAINSTAY_CLAMD",
        "empty",
        "a malware scanner that files are shown to (clamd): tcp://host:port or unix:/path; empty: none",
    ),
    Setting(
        "MAINSTAY_UNSCANNED",
        "wait",
        "files not scanned yet: wait (nobody gets them) or allow (they may be had)",
    ),
    Setting("MAINSTAY_DEBUG", "0", "1 shows errors in full on pages; never where customers come"),
    Setting("MAINSTAY_WEB_WORKERS", "2", "processes that serve pages"),
    Setting("MAINSTAY_UPLOAD_GB", "8", "the largest file that customers may send, in GB"),
    Setting("MAINSTAY_WEB_THREADS", "8", "threads in each of them"),
    Setting("MAINSTAY_PG_BIN", "of the wheel", "folder of another PostgreSQL's programs, 15 or newer"),
    Setting("MAINSTAY_PG_SHARED_BUFFERS", "256MB", "memory our own PostgreSQL keeps pages in"),
    Setting(
        "MAINSTAY_UNSAFE_DATABASE",
        "0",
        "1 accepts a database that may lose acknowledged work (fsync off); for tests only",
    ),
    Setting(
        "DATABASE_URL", "our own PostgreSQL", "postgresql://... of a server of yours, as the role that runs"
    ),
    Setting("DATABASE_OWNER_URL", "DATABASE_URL", "the same database as the role that owns it and migrates"),
    Setting("DEMO", "1", "0 starts an empty desk instead of a demo vendor, on the first start"),
)


@dataclass(frozen=True)
class Env:
    """The settings of this process. URLs of the database are empty when there is none to be found."""

    port: int
    host: str
    base_url: str
    smtp_port: int
    lmtp_port: int
    mail_host: str
    data: Path
    secret_file: Path
    support_address: str
    vendor_name: str
    relay: str
    relay_token: Path | None
    authserv_id: str
    dns: str
    fonts: Path | None
    undo_seconds: int
    clamd: str
    unscanned: str
    debug: bool
    web_workers: int
    web_threads: int
    upload_gb: int
    pg_bin: str
    pg_shared_buffers: str
    unsafe_database: bool
    database_url: str
    database_owner_url: str
    demo: bool

    @property
    def secret(self) -> str:
        """The secret all keys derive from, made on first use (a file of mode 0600)."""
        return _secret(self.secret_file)

    def key(self, purpose: str) -> bytes:
        """32 bytes for one purpose, such as "mail reply token 1"; the same on every start."""
        return hmac.digest(self.secret.encode(), purpose.encode(), hashlib.sha256)


@lru_cache(maxsize=1)
def env() -> Env:
    """The settings of this process, read once (`env.cache_clear()` reads them again).

    Raises `Refused` naming the first setting whose value cannot be used.
    """
    return read(os.environ)


def read(environ: Mapping[str, str]) -> Env:
    """The settings in `environ`; see `SETTINGS`."""
    value = _Values(environ)
    port = value.port("MAINSTAY_PORT", 8000)
    data = Path(value.text("MAINSTAY_DATA", "") or default_data()).expanduser().absolute()
    app, owner = _database(value, data)
    return Env(
        port=port,
        host=value.text("MAINSTAY_HOST", "127.0.0.1"),
        base_url=value.url("MAINSTAY_BASE_URL", f"http://127.0.0.1:{port}", ("http", "https")).rstrip("/"),
        smtp_port=value.port("MAINSTAY_SMTP_PORT", 2525),
        lmtp_port=value.port("MAINSTAY_LMTP_PORT", 2424),
        mail_host=value.text("MAINSTAY_MAIL_HOST", "127.0.0.1"),
        data=data,
        secret_file=Path(value.text("MAINSTAY_SECRET_FILE", "") or data / "secret.key")
        .expanduser()
        .absolute(),
        support_address=value.address("MAINSTAY_SUPPORT_ADDRESS", "support@vendor.example"),
        vendor_name=value.text("MAINSTAY_VENDOR_NAME", "Vendor"),
        relay=value.url("MAINSTAY_RELAY", "", ("smtp", "smtps", "graph")),
        relay_token=Path(token).expanduser() if (token := value.text("MAINSTAY_RELAY_TOKEN", "")) else None,
        authserv_id=value.text("MAINSTAY_AUTHSERV_ID", ""),
        dns=value.dns("MAINSTAY_DNS", "system"),
        fonts=value.folder("MAINSTAY_FONTS"),
        undo_seconds=value.number("MAINSTAY_UNDO_SECONDS", 10, 0, 120),
        clamd=value.scanner("MAINSTAY_CLAMD"),
        unscanned=value.choice("MAINSTAY_UNSCANNED", ("wait", "allow")),
        debug=value.flag("MAINSTAY_DEBUG", False),
        web_workers=value.number("MAINSTAY_WEB_WORKERS", 2, 1, 64),
        upload_gb=value.number("MAINSTAY_UPLOAD_GB", 8, 1, 1024),
        web_threads=value.number("MAINSTAY_WEB_THREADS", 8, 1, 256),
        pg_bin=value.text("MAINSTAY_PG_BIN", ""),
        pg_shared_buffers=value.size("MAINSTAY_PG_SHARED_BUFFERS", "256MB"),
        unsafe_database=value.flag("MAINSTAY_UNSAFE_DATABASE", False),
        database_url=app,
        database_owner_url=owner,
        demo=value.flag("DEMO", True),
    )


def unknown(environ: Mapping[str, str]) -> list[str]:
    """Names in `environ` that look like ours and are no setting: most likely misspelt."""
    known = {setting.name for setting in SETTINGS}
    return sorted(name for name in environ if name.startswith("MAINSTAY_") and name not in known)


def default_data() -> Path:
    """Where data is kept when nothing is said: `.data` of the checkout, else `mainstay-data` here."""
    root = checkout()
    return root / ".data" if root else Path.cwd() / "mainstay-data"


def checkout() -> Path | None:
    """The checkout this code runs from; None for an installed wheel."""
    root = Path(__file__).resolve().parents[3]
    return root if (root / "pyproject.toml").is_file() and (root / "src" / "mainstay").is_dir() else None


def urls_file(data: Path) -> Path:
    """Where a running server of ours over `data` says how to reach it."""
    return data / "run" / "urls"


def running(data: Path) -> dict[str, str]:
    """The URLs ("app", "owner") of our own server over `data` if it answers now, else empty."""
    try:
        urls: dict[str, str] = json.loads(urls_file(data).read_text())
        host = parse_qs(urlsplit(urls["app"]).query)["host"][0]
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(2)
            probe.connect(f"{host}/.s.PGSQL.5432")
    except (OSError, ValueError, KeyError):
        return {}
    return urls


def _database(value: _Values, data: Path) -> tuple[str, str]:
    schemes = ("postgresql", "postgres")
    app = value.url("DATABASE_URL", "", schemes)
    owner = value.url("DATABASE_OWNER_URL", "", schemes)
    if app or owner:
        return app or owner, owner or app
    urls = running(data)
    return urls.get("app", ""), urls.get("owner", "")


@lru_cache(maxsize=8)
def _secret(path: Path) -> str:
    """What the file says, made when it is not there; read once, since it is asked for with every letter."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        mine = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(mine, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48) + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(mine)  # the first of several processes wins, the others read its secret
        except FileExistsError:
            pass
        finally:
            mine.unlink()
    text = path.read_text().strip()
    if len(text) < 32:
        raise Refused("MAINSTAY_SECRET_FILE", f"{path} is too short: 32 characters or more are needed")
    return text


class _Values:
    """Reads one value at a time and says in one line what is wrong with it."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ

    def text(self, name: str, default: str) -> str:
        return self.environ.get(name, "").strip() or default

    def choice(self, name: str, may: tuple[str, ...]) -> str:
        """One of some words, the first by default."""
        text = self.text(name, may[0])
        if text not in may:
            raise Refused(name, f"is {text!r}; it may be {' or '.join(may)}")
        return text

    def scanner(self, name: str) -> str:
        """tcp://host:port or unix:/path."""
        text = self.text(name, "")
        host, _, port = text.removeprefix("tcp://").rpartition(":")
        tcp = (
            text.startswith("tcp://")
            and host
            and port.isascii()
            and port.isdigit()
            and 0 < int(port) < 65_536
        )
        if text and not tcp and not text.startswith("unix:/"):
            raise Refused(name, f"is {text!r}; it may be tcp://host:port or unix:/path")
        return text

    def folder(self, name: str) -> Path | None:
        """A folder that is there; None where none is named."""
        text = self.text(name, "")
        if not text:
            return None
        if not Path(text).expanduser().is_dir():
            raise Refused(name, f"is {text!r}, which is no folder here")
        return Path(text).expanduser()

    def flag(self, name: str, default: bool) -> bool:
        text = self.text(name, "1" if default else "0").lower()
        if text in {"1", "yes", "true", "on"}:
            return True
        if text in {"0", "no", "false", "off"}:
            return False
        raise Refused(name, f"is {text!r}; it may be 1 or 0")

    def number(self, name: str, default: int, least: int, most: int) -> int:
        text = self.text(name, str(default))
        if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
            raise Refused(name, f"is {text!r}; it may be a whole number from {least} to {most}")
        return int(text)

    def port(self, name: str, default: int) -> int:
        return self.number(name, default, 1, 65535)

    def url(self, name: str, default: str, schemes: tuple[str, ...]) -> str:
        text = self.text(name, default)
        if not text:
            return text
        try:
            parts = urlsplit(text)
            fine = parts.scheme in schemes and (bool(parts.hostname) or schemes[0] == "postgresql")
            _ = parts.port
        except ValueError:
            fine = False
        if not fine:  # the value may hold a password, so it is not shown
            raise Refused(name, f"is no address of the form {schemes[0]}://host:port")
        return text

    def address(self, name: str, default: str) -> str:
        text = self.text(name, default)
        local, _, domain = text.rpartition("@")
        if not local or "." not in domain or any(c.isspace() or c in "<>,;" for c in text):
            raise Refused(name, f"is {text!r}; it may be one mail address such as support@vendor.example")
        return text

    def dns(self, name: str, default: str) -> str:
        text = self.text(name, default)
        host, _, port = text.rpartition(":")
        if text not in {"system", "off"} and not (host and port.isascii() and port.isdigit()):
            raise Refused(name, f"is {text!r}; it may be system, off, or a server such as 127.0.0.1:53")
        return text

    def size(self, name: str, default: str) -> str:
        text = self.text(name, default)
        if not (text[:-2].isascii() and text[:-2].isdigit() and text[-2:] in {"kB", "MB", "GB"}):
            raise Refused(name, f"is {text!r}; it may be a size such as 256MB or 1GB")
        return text
