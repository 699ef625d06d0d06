"""Senders are checked before a mail is handled, outside of every transaction: DNS may take its time.

What was found is kept with the mail, so that it is asked once, whatever happens afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from mainstay.config.env import env
from mainstay.intake.email.parse import parse
from mainstay.intake.email.prove import Envelope, prove
from mainstay.intake.email.sender import Authentication
from mainstay.intake.models import Mail

AT_ONCE = 8


def wanted() -> bool:
    """Whether we check ourselves: no receiving server of ours says it, and DNS may be asked."""
    return not env().authserv_id and env().dns != "off"


def prove_all(numbers: Iterable[int]) -> None:
    """Check the senders of these mails where that was not done yet."""
    waiting = list(Mail.objects.filter(pk__in=numbers, proof={}).values_list("pk", flat=True))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for start in range(0, len(waiting), AT_ONCE):
            mails = list(Mail.objects.filter(pk__in=waiting[start : start + AT_ONCE]).defer("reason"))
            for mail, proof in zip(mails, pool.map(_proof, mails), strict=True):
                Mail.objects.filter(pk=mail.pk).update(proof=proof)


def of(mail: Mail) -> Authentication | None:
    """What our own check said of the mail's sender; None where none was made."""
    said = mail.proof
    if not said or not said.get("result"):
        return None
    return Authentication(said["result"], said["why"], said["domain"])


def _proof(mail: Mail) -> dict[str, str]:
    raw = bytes(mail.raw)
    domain = parse(raw).from_address.rpartition("@")[2]
    found = prove(raw, domain, Envelope(mail.peer, mail.helo, mail.envelope_from))
    if found is None:
        return {"result": ""}
    return {"result": found.result, "why": found.why, "domain": found.domain}
