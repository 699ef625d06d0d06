"""Messages to test with, written here: no real person's mail."""

import os
from pathlib import Path

SERVER = "mx.vendor.example"


def mail(
    *lines: str, body: str = "Hello,\n\nthe export fails.\n", sender: str = "Anna Berg <anna@acme.example>"
) -> bytes:
    """A plain message from a customer; `lines` are further headers, and replace the usual ones by name."""
    usual = {
        "From": sender,
        "To": "support@vendor.example",
        "Subject": "Export fails",
        "Date": "Mon, 02 Mar 2026 09:15:00 +0100",
        "Message-ID": "<m1@acme.example>",
    }
    named = {line.split(":", 1)[0].lower() for line in lines if ":" in line}
    kept = [f"{name}: {value}" for name, value in usual.items() if name.lower() not in named]
    return ("\r\n".join([*lines, *kept]) + "\r\n\r\n" + body.replace("\n", "\r\n")).encode(
        "utf-8", "surrogatepass"
    )


def html_mail(page: str) -> bytes:
    """A message that is one HTML page."""
    return mail("MIME-Version: 1.0", "Content-Type: text/html; charset=utf-8", body=page)


def multipart(kind: str, *parts: str) -> bytes:
    """A multipart message; each part with its headers."""
    body = "".join(f"--B\n{part}\n" for part in parts) + "--B--\n"
    return mail("MIME-Version: 1.0", f'Content-Type: multipart/{kind}; boundary="B"', body=body)


def corpus() -> list[Path]:
    """Difficult messages kept beside the project (MAINSTAY_CORPUS, `mail/` in it); none when there are none."""
    root = Path(__file__).resolve().parents[3]
    folder = Path(os.environ.get("MAINSTAY_CORPUS", root.parent / "shared")) / "mail"
    return sorted(path for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []
