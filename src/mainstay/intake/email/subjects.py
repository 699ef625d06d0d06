"""Subjects without reply prefixes, and the ticket number they may hint at."""

import re

_PREFIX = re.compile(
    r"\s*(?:\[(?:ext|extern|external|spam\??)\]\s*)?(?:re|aw|antw|antwort|antwoord|sv|vs|vá|ref|rif|ris|res|rsp|odp|"
    r"ynt|回复|答复|回覆|"
    r"fwd?|wg|tr|rv|vb|vl|fs|doorst|enc|i|pd|továbbítás|転送|转发)"
    r"\s?(?:\[\s?\d{1,4}\s?\]|\(\s?\d{1,4}\s?\)|\^\d{1,4}|\*\d{1,4}|\d{1,3})?\s?[:：]\s*",
    re.IGNORECASE,
)


def reply_prefix(subject: str) -> tuple[str, str]:
    """Splits "AW: RE[2]: Login fails" into its prefixes ("AW: RE[2]:") and the normalised subject."""
    position = 0
    while match := _PREFIX.match(subject, position):
        position = match.end()
    return subject[:position].strip(), " ".join(subject[position:].split())


_HINT = re.compile(
    r"(?:\[[^\[\]\n]{0,30}?#?\s?(\d{1,10})\s?\]|(?:ticket|case|vorgang|anfrage)\s?(?:nr\.?|"
    r"no\.?)?\s?#?\s?(\d{1,10})\b|(?<!\w)#(\d{1,10})\b)",
    re.IGNORECASE,
)


def ticket_hint(subject: str) -> int | None:
    """The ticket number a subject names. A hint to people, never a reason to join (see `signed`)."""
    match = _HINT.search(subject)
    return int(next(part for part in match.groups() if part)) if match else None
