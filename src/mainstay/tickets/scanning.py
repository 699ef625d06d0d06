"""Files are looked at by a scanner for malware before anybody gets them (`MAINSTAY_CLAMD`).

A file is known by its content: the same bytes are looked at once, however often they come. What was found is kept
apart: shown by name with the finding, and handed to nobody. While the scanner is away files wait, and are shown as
"not scanned yet"; `MAINSTAY_UNSCANNED` says whether they may be had meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from mainstay.config.env import env
from mainstay.errors import Refused
from mainstay.tickets import clamd, files
from mainstay.tickets.models import Attachment, Scan

FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=10), timedelta(hours=1)


@dataclass(frozen=True)
class Verdict:
    """`note` stands beside the file's name; `served`: whether it is handed out."""

    note: str = ""
    served: bool = True


def expect(shas: Iterable[str]) -> None:
    """These files have come and are to be looked at, if they never were. Call it where their rows are written."""
    wanted = sorted(set(shas))
    if wanted and env().clamd:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO tickets_scan (sha256, state, finding, tries, next_try_at, error)"
                " SELECT sha, 'waiting', '', 0, clock_timestamp(), '' FROM unnest(%s::text[]) sha"
                " ON CONFLICT DO NOTHING",
                [wanted],
            )


def with_scans(attachments: QuerySet[Attachment]) -> QuerySet[Attachment]:
    """The same files, with what the scanner said of each."""
    said = Scan.objects.filter(pk=OuterRef("sha256"))
    return attachments.annotate(
        scan_state=Subquery(said.values("state")), scan_finding=Subquery(said.values("finding"))
    )


def verdict(found: Attachment) -> Verdict:
    """Whether a file is handed out, and what is to be said of it."""
    if not hasattr(found, "scan_state"):
        scan = Scan.objects.filter(pk=found.sha256).first()
        found.scan_state = scan.state if scan else None  # type: ignore[attr-defined]
        found.scan_finding = scan.finding if scan else ""  # type: ignore[attr-defined]
    state = found.scan_state  # type: ignore[attr-defined]
    if state == Scan.State.FOUND:
        finding = found.scan_finding  # type: ignore[attr-defined]
        return Verdict(_("malware: %(finding)s; kept apart") % {"finding": finding}, served=False)
    if state == Scan.State.WAITING and env().clamd:
        return Verdict(_("not scanned yet"), served=env().unscanned == "allow")
    return Verdict()


def needs_served(found: Attachment) -> None:
    """Raise `Refused` naming file for what is handed to nobody, or not yet."""
    said = verdict(found)
    if not said.served:
        raise Refused("file", f"{found.name}: {said.note}")


# ---- looking


def look(at: datetime, *, found: Callable[[Scan, datetime], None]) -> Scan | None:
    """Have the next file looked at; the row says how it went, `found` is called in its transaction when there is
    malware in it. None: there is nothing to look at. Raises `clamd.Away`."""
    away: clamd.Away | None = None
    with transaction.atomic():
        waiting = Scan.objects.filter(state=Scan.State.WAITING, next_try_at__lte=at)
        scan = waiting.select_for_update(skip_locked=True).order_by("next_try_at").first()
        if scan is None:
            return None
        try:
            with files.where(scan.pk).open("rb") as content:
                answer = clamd.scan(env().clamd, content)
        except clamd.Away as error:
            away, answer = error, clamd.Answer(trouble=str(error))
        except OSError as error:
            answer = clamd.Answer(trouble=f"the file cannot be read: {error}")
        _settle(scan, answer, at)
        if answer.finding:
            found(scan, at)
    if away is not None:
        raise away
    return scan


def _settle(scan: Scan, answer: clamd.Answer, at: datetime) -> None:
    if answer.trouble:
        scan.next_try_at = at + min(FIRST_WAIT * 2 ** min(scan.tries, 10), LONGEST_WAIT)
        scan.tries, scan.error = scan.tries + 1, answer.trouble[:300]
        scan.failing_since = scan.failing_since or at
    else:
        scan.state = Scan.State.FOUND if answer.finding else Scan.State.CLEAN
        scan.finding, scan.scanned_at, scan.error, scan.failing_since = answer.finding, at, "", None
    scan.save()


def main(argv: list[str]) -> int:
    """`mainstay files scan`: have every file looked at that never was, those from before the scanner too."""
    from mainstay.tickets import scope

    scope.whole_process()
    if not env().clamd:
        raise Refused("MAINSTAY_CLAMD", "names no scanner; say where clamd listens")
    shas: Final = list(Attachment.objects.values_list("sha256", flat=True).distinct())
    before = Scan.objects.count()
    expect(shas)
    print(f"{Scan.objects.count() - before} files wait for the scanner, {timezone.now():%Y-%m-%d %H:%M} UTC")
    return 0
