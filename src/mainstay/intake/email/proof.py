"""Senders are checked before a mail is handled, outside of every transaction: DNS may take its time.

What was found is kept with the mail, so that it is asked once, whatever happens afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

from mainstay import rows
from mainstay.config.env import env
from mainstay.intake.email.parse import sender
from mainstay.intake.email.prove import Envelope, prove
from mainstay.intake.email.sender import Authentication
from mainstay.intake.models import Mail
from mainstay.prepared import Arg, Prepared

AT_ONCE = 8


_WAITING = Prepared(
    lambda: Mail.objects.filter(pk__any=Arg("mails"), proof={}).order_by("pk").values_list("pk", flat=True)
)
_MAILS = Prepared(
    lambda: Mail.objects.filter(pk__any=Arg("mails")).only("raw", "peer", "helo", "envelope_from")
)


@lru_cache(maxsize=1)
def _pool() -> ThreadPoolExecutor:
    """Those who ask DNS: of the process, since to start them takes longer than to ask."""
    return ThreadPoolExecutor(AT_ONCE, "proof")


def wanted() -> bool:
    """Whether we check ourselves: no receiving server of ours says it, and DNS may be asked."""
    return not env().authserv_id and env().dns != "off"


def prove_all(numbers: Iterable[int]) -> None:
    """Check the senders of these mails where that was not done yet."""
    waiting = _WAITING.all(mails=numbers)
    checked: list[Mail] = []
    for start in range(0, len(waiting), AT_ONCE):
        mails = _MAILS.all(mails=waiting[start : start + AT_ONCE])
        for mail, proof in zip(mails, _pool().map(_proof, mails), strict=True):
            mail.proof, mail.raw = proof, b""  # a batch of large mails need not be kept in memory
            checked.append(mail)
    rows.update(Mail, checked, ("proof",))


def of(mail: Mail) -> Authentication | None:
    """What our own check said of the mail's sender; None where none was made."""
    said = mail.proof
    if not said or not said.get("result"):
        return None
    return Authentication(said["result"], said["why"], said["domain"])


def _proof(mail: Mail) -> dict[str, str]:
    raw = bytes(mail.raw)
    domain = sender(raw).rpartition("@")[2]
    found = prove(raw, domain, Envelope(mail.peer, mail.helo, mail.envelope_from))
    if found is None:
        return {"result": ""}
    return {"result": found.result, "why": found.why, "domain": found.domain}
