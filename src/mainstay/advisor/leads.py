"""A prospect asks sales to write to them: kept only when they press the button, limited against spam (P4).

Nothing is sent to the address that was typed, so the form cannot be used to write to strangers. Only staff read
leads; removing one removes what the person typed.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from mainstay.accounts import acts
from mainstay.accounts.actor import Actor
from mainstay.advisor.models import Lead
from mainstay.errors import Refused

OF_ADDRESS: Final = 3
OF_DOMAIN: Final = 20
OF_ALL: Final = 200
DAY: Final = timedelta(days=1)
_ADDRESS = re.compile(r"[^@\s,;<>\"']{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)+")


def send(
    *, advice: str, level: str, package: str, name: str, email: str, organisation: str, words: str,
    at: datetime,
) -> Lead:  # fmt: skip
    """Keep what a prospect typed for sales. Raises `Refused` naming the field, or `email` when a limit is reached."""
    fields = {"name": (name, 200), "organisation": (organisation, 200), "words": (words, 5000)}
    given = {field: _text(value, field, most) for field, (value, most) in fields.items()}
    if not given["name"]:
        raise Refused("name", _("is missing; say whom we may write to"))
    address = email.strip().lower()
    if len(address) > 254 or not _ADDRESS.fullmatch(address):
        raise Refused("email", _("must be one mail address, such as pat@example.com"))
    with transaction.atomic():
        _within_limits(address, at)
        return Lead.objects.create(
            at=at.replace(microsecond=0), advice=advice, level_code=level, package_code=package,
            email=address, **given,
        )  # fmt: skip


def _text(value: str, field: str, most: int) -> str:
    text = value.replace("\x00", "").strip()
    if any("\ud800" <= one <= "\udfff" for one in text):
        raise Refused(field, _("holds characters that are no text"))
    if len(text) > most:
        raise Refused(field, _("is longer than %(most)s characters") % {"most": f"{most:,}"})
    return text


def _within_limits(address: str, at: datetime) -> None:
    """Few a day for one address and for one domain, and a ceiling for all; counted one after the other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('leads'), 2)")
    today = Lead.objects.filter(at__gt=at - DAY)
    domain = address.rpartition("@")[2]
    if today.filter(email=address).count() >= OF_ADDRESS:
        raise Refused("email", _("has reached us already; we write to it as soon as we can"))
    if today.filter(email__endswith=f"@{domain}").count() >= OF_DOMAIN or today.count() >= OF_ALL:
        raise Refused("email", _("cannot be taken today; please write to us instead"))


def take(lead: Lead, *, by: Actor, at: datetime) -> None:
    """Somebody of ours sees to it."""
    _moves(lead, Lead.State.TAKEN, "lead taken", by, at, lead.note)


def settle(lead: Lead, *, note: str, by: Actor, at: datetime) -> None:
    """It is done; what came of it, in a line."""
    note = _text(note, "note", 500)
    if not note:
        raise Refused("note", "is missing; say what came of it")
    _moves(lead, Lead.State.DONE, "lead settled", by, at, note)


def remove(lead: Lead, *, by: Actor, at: datetime) -> None:
    """Forget what the person typed; the log keeps only that a lead was removed."""
    with transaction.atomic():
        acts.record("lead removed", f"Lead {lead.pk}, {lead.package_code}", by=by, at=at)
        lead.delete()


def _moves(lead: Lead, state: str, done: str, by: Actor, at: datetime, note: str) -> None:
    with transaction.atomic():
        held = Lead.objects.select_for_update().get(pk=lead.pk)
        before = {"state": held.state}
        held.state, held.note = state, note
        held.taken_by_id = by.id if by.kind == "staff" else None
        held.save(update_fields=["state", "note", "taken_by"])
        acts.record(
            done, f"Lead {held.pk}, {held.package_code}", by=by, at=at, before=before, after={"state": state}
        )


def new() -> QuerySet[Lead]:
    """The leads that nobody has taken."""
    return Lead.objects.filter(state=Lead.State.NEW)


def waiting() -> int:
    """How many they are."""
    return new().count()
