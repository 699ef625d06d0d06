"""The worker's part of looking at files: one after another, patiently while the scanner is away; people are told."""

from __future__ import annotations

import logging
import threading
from datetime import datetime

from django.conf import settings
from django.urls import reverse

from mainstay.accounts.actor import Actor
from mainstay.accounts.models import Role, User
from mainstay.notices import trouble, words
from mainstay.tickets import clamd, resolution, scanning
from mainstay.tickets.messages import Said
from mainstay.tickets.models import Attachment, Scan, Ticket
from mainstay.tickets.watch import now

log = logging.getLogger("mainstay.worker")
WAITS = (1.0, 30.0)  # seconds between tries while there is no talking to it
BY = Actor.system("malware scanner")


class Scanner:
    """One thread's work: waits longer and longer while the scanner is away."""

    def __init__(self, stop: threading.Event) -> None:
        self.stop = stop
        self.wait = 0.0

    def step(self) -> int:
        """Have one file looked at; 0 when there is none, or nobody to ask."""
        at = now()
        try:
            scan = scanning.look(at, found=tell)
        except clamd.Away as away:
            self.wait = min(max(self.wait * 2, WAITS[0]), WAITS[1])
            log.warning("the malware scanner cannot be asked: %s; tried again in %d s", away, self.wait)
            self.stop.wait(self.wait)
            return 0
        self.wait = 0.0
        return 0 if scan is None else 1


def tell(scan: Scan, at: datetime) -> None:
    """Say on every ticket that has the file, and to people, what was found in it. Once for each ticket."""
    holding = (
        Attachment.objects.filter(sha256=scan.pk).select_related("message__ticket__assignee").order_by("pk")
    )
    for ticket, name in {one.message.ticket: one.name for one in holding}.items():
        said = f"Malware was found in the file {words.one_line(name, 150)}: {scan.finding}. It is handed to nobody."
        resolution.note(ticket, said=Said(said, "system"), by=BY, at=at)
        link = settings.BASE_URL + reverse("desk:ticket", args=[ticket.pk])
        trouble.write(f"malware {scan.pk[:16]} {ticket.pk}", f"Malware in a file of ticket {ticket.pk}",
                      [said, f"Warn whoever sent it. The ticket: {link}"], _people(ticket), at)  # fmt: skip


def _people(ticket: Ticket) -> list[User]:
    people = trouble.people(Role.ADMINISTRATOR)
    if ticket.assignee is not None and ticket.assignee.may_act and ticket.assignee not in people:
        people.append(ticket.assignee)
    return people
