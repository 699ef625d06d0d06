"""django-helpdesk's intake of mails of the bench, in a schema of its own beside the product's tables.

Run by `bench/mail.py` with a Python that has the package: owner's URL, then files of mails, one folder of new
requests; their replies name each ticket in the subject, which is how django-helpdesk knows it.
"""

import logging
import sys
import time
from pathlib import Path

from schema import beside


def main(url: str, folder: str) -> None:
    with beside(url):
        measure([path.read_bytes() for path in sorted(Path(folder).iterdir())])


def measure(mails: list[bytes]) -> None:
    from helpdesk.models import Queue

    queue = Queue.objects.create(
        slug="q", title="Q", allow_email_submission=True, email_address="support@vendor.example"
    )
    take(mails[:10], queue)
    tickets = take(mails[10:], queue, "new requests")
    replies = [
        raw.replace(b"Subject: ", f"Subject: Re: [q-{ticket.id}] ".encode(), 1)
        for raw, ticket in zip(mails[10:], tickets, strict=True)
    ]
    take([raw.replace(b"Message-ID: <", b"Message-ID: <re.", 1) for raw in replies], queue, "replies")


def take(mails: list[bytes], queue: object, say: str = "") -> list:
    from helpdesk import email

    log = logging.getLogger("beside")
    began, cpu = time.perf_counter(), time.process_time()
    made = [email.extract_email_metadata(raw.decode(), queue, log) for raw in mails]
    took, cpu = time.perf_counter() - began, time.process_time() - cpu
    if say:
        each = f"CPU each: Python {1000 * cpu / len(mails):.2f} ms"
        print(f"  {'django-helpdesk, ' + say:<28} {len(mails) / took:7.0f} mails/s   (one process, {each})")
    return made


if __name__ == "__main__":
    main(*sys.argv[1:3])
