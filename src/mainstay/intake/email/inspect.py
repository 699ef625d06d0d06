"""`mainstay mail inspect`: what the product would read in a mail, one JSON line per file, no database."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mainstay.intake.email.bounces import Bounce
    from mainstay.intake.email.parse import Message


def main(argv: Sequence[str]) -> int:
    """Prints a line for every file ("-" is standard input); 2 when a file cannot be opened."""
    parser = argparse.ArgumentParser(prog="mainstay mail inspect", description=__doc__)
    parser.add_argument(
        "files", nargs="+", metavar="FILE", help='a message as it was received; "-" for standard input'
    )
    parser.add_argument(
        "--authserv-id",
        default=os.environ.get("MAINSTAY_AUTHSERV_ID", ""),
        help="the name our own receiving server writes into Authentication-Results",
    )
    options = parser.parse_args(list(argv))
    code = 0
    for name in options.files:
        try:
            raw = _read(name)
        except OSError as error:
            print(f"{name}: {error.strerror or error}", file=sys.stderr)
            code = 2
            continue
        line = json.dumps({"file": _storable(name), **describe(raw, options.authserv_id)}, ensure_ascii=True)
        print(line)
    return code


def _read(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read()
    with open(name, "rb") as file:
        return file.read()


def _storable(name: str) -> str:
    """A file's name whose bytes are no text is shown with marks in their place, as any database stores it."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def describe(raw: bytes, authserv_id: str = "") -> dict[str, Any]:
    """What a message says as plain data: always the same keys; of what is no mail they are empty, with a reason."""
    from mainstay.intake.email import fields, sender
    from mainstay.intake.email.parse import parse

    message = parse(raw)
    authentication = sender.authenticate(message, authserv_id)
    return {
        "is_mail": message.is_mail,
        "reason": message.not_mail_reason,
        "from": message.from_address,
        "from_name": message.from_name,
        "from_ambiguous": list(message.from_ambiguous),
        "to": [box.address for box in message.to],
        "cc": [box.address for box in message.cc],
        "subject": message.subject,
        "date": message.date.isoformat() if message.date else None,
        "body_text": message.body_text,
        "reply_text": message.reply_text,
        "attachments": [
            {"name": file.name, "size": file.size, "type": file.type} for file in message.attachments
        ],
        "kind": message.kind,
        "is_auto": message.is_auto,
        "auto_reason": message.auto_reason,
        "suppress_answer": message.suppress_answer,
        "bounce": _bounce(message.bounce),
        "message_id": message.message_id,
        "in_reply_to": list(message.in_reply_to),
        "references": list(message.references),
        "authenticated": {"result": authentication.result, "why": authentication.why},
        "fields": _fields(message, fields),
        "notes": list(message.notes),
    }


def _bounce(bounce: "Bounce | None") -> dict[str, Any] | None:
    if bounce is None:
        return None
    return {
        "for": [
            {
                "address": who.address,
                "status": who.status,
                "permanent": who.permanent,
                "diagnostic": who.diagnostic,
            }
            for who in bounce.recipients
        ],
        "permanent": bounce.permanent,
        "original_message_id": bounce.original_message_id,
    }


def _fields(message: "Message", fields: Any) -> list[dict[str, Any]]:
    return [
        {
            "name": field.name,
            "value": field.value,
            "source": field.source,
            "start": field.start,
            "end": field.end,
        }
        | ({"rank": field.rank} if field.rank else {})
        for field in fields.read(message)
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
