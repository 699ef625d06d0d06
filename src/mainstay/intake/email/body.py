"""What is new in a message: its text without quoted history and signature.

Works on lines, once over the text, with patterns that look at one short line at a time. When in doubt a
line is kept: a quote shown twice is a nuisance, a lost sentence is a lost request.
"""

import re
from dataclasses import dataclass
from typing import Final

MAX_LINE: Final = 1000


@dataclass(frozen=True)
class Split:
    """The parts of a text; `reply` is never empty when the text says anything new."""

    reply: str
    signature: str
    quoted: bool


_QUOTE = re.compile(r"\s{0,3}(?:>|\|\s?>)")
_ABOVE_LINE = re.compile(
    r"(?:[#=\-*~_ ]{2,})(?:please )?(?:reply|type your reply|write your reply|antwort(?:en)?|bitte antworten).{0,60}"
    r"(?:above|oberhalb|über|ueber).{0,60}",
    re.IGNORECASE,
)
_ATTRIBUTION = re.compile(
    r"(?:on\b.{4,400}\bwrote"
    r"|(?:am|on)\b.{4,400}\b(?:schrieb|hat geschrieben)\b.{0,200}"
    r"|.{1,300}\bschrieb am\b.{4,100}"
    r"|le\b.{4,400}\ba (?:é|e)crit"
    r"|el\b.{4,400}\bescribi(?:ó|o)"
    r"|il\b.{4,400}\bha scritto"
    r"|em\b.{4,400}\bescreveu"
    r"|op\b.{4,400}\b(?:schreef|het volgende geschreven)\b.{0,200}"
    r"|(?:den|d\.)\b.{4,400}\bskrev\b.{0,200}"
    r"|w dniu\b.{4,400}\b(?:napisał|pisze|napisał\(a\))\b.{0,100}"
    r"|dne\b.{4,400}\bnapsal.{0,100}"
    r"|.{4,400}\bkirjoitti"
    r"|.{4,400}(?:написала?|пишет)"
    r"|.{4,400}\b(?:wrote|writes|schrieb|schreef|skrev|escribió|ha scritto|escreveu)"
    r"|.{4,400}<[^<>\s]{3,200}@[^<>\s]{3,200}>"
    r"|在.{4,400}写道|.{4,400}のメール|.{4,200}님이 작성)"
    r"\s?[:：]",
    re.IGNORECASE,
)
_ATTRIBUTION_START = re.compile(
    r"(?:on|am|le|el|il|em|op|den|w dniu|dne)\s.{0,80}?(?:\d{1,4}[./\-:\s]|monday|tuesday|wednesday|thursday|friday|"
    r"saturday|sunday|(?:mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so|lun|mar|mer|jeu|ven|sam|"
    r"dim)[a-z]{0,7}[.,\s])",
    re.IGNORECASE,
)
_HAS_WHEN = re.compile(r"\d{1,2}[:.h]\d{2}|\b(?:19|20)\d{2}\b|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|@")
_ORIGINAL = re.compile(
    r"\s*(?:-{2,}|_{2,})\s?(?:original message|original-nachricht|originalnachricht|ursprüngliche nachricht|"
    r"urspruengliche nachricht|message d'origine|message original|mensaje original|messaggio originale|"
    r"mensagem original|oorspronkelijk bericht|oprindelig meddelelse|opprinnelig melding|originalmeddelande|"
    r"alkuperäinen viesti|wiadomość oryginalna|původní zpráva|исходное сообщение|reply message|antwort)"
    r"\s?(?:-{2,}|_{2,})\s*",
    re.IGNORECASE,
)
_FORWARD = re.compile(
    r"\s*(?:-{3,}\s?(?:forwarded (?:message|by)|weitergeleitete nachricht|message transféré|mensaje reenviado|"
    r"messaggio inoltrato|doorgestuurd bericht|vidarebefordrat).{0,100}"
    r"|(?:begin forwarded message|anfang der weitergeleiteten nachricht|anfang der weitergeleiteten e-mail|"
    r"début du message transféré|début du message réexpédié)\s?:)\s*",
    re.IGNORECASE,
)
_FROM = re.compile(r"[>\s*_]{0,6}(?:from|von|de|da|van|från|fra|od|от|lähettäjä|expéditeur|差出人|"
    r"发件人)\s?\*{0,2}\s?[:：]\s?\*{0,2}\s?\S",
                   re.IGNORECASE)  # fmt: skip
_BESIDE_FROM = re.compile(
    r"[>\s*_]{0,6}(?:sent|date|gesendet|datum|envoyé|enviado|inviato|data|verzonden|skickat|sendt|wysłano|дата|"
    r"to|an|à|para|a|aan|till|til|do|кому|cc|kopie|subject|betreff|objet|asunto|oggetto|assunto|onderwerp|ämne|"
    r"emne|temat|тема|reply-to|importance|wichtigkeit|件名|主题)\s?\*{0,2}\s?[:：]",
    re.IGNORECASE,
)
_RULE = re.compile(r"\s*(?:_{10,}|-{10,}|={10,})\s*")
_SIGNATURE = re.compile(r"--\s?")
_DEVICE = re.compile(
    r"(?:sent from (?:my|mail for|outlook|yahoo|proton|samsung).{0,60}|get outlook for .{0,60}|von meinem .{2,40} "
    r"gesendet.{0,40}|"
    r"gesendet (?:von|mit) .{2,60}|diese nachricht wurde von meinem .{2,60} gesendet.{0,40}|envoyé de(?:puis)? mon "
    r".{2,40}|"
    r"enviado desde mi .{2,40}|inviato da .{2,40}|verzonden vanaf mijn .{2,40}|skickat från min .{2,40}|"
    r"holen sie sich outlook für .{2,40}|outlook für (?:ios|android).{0,60})",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"(?:(?:(?:with )?(?:best|kind|kindest|warm|many|sincere)?\s?(?:regards|wishes|greetings))|best|cheers|"
    r"sincerely(?: yours)?|"
    r"yours (?:sincerely|faithfully|truly)|br|kr|rgds|"
    r"(?:mit )?(?:freundlichen?|besten?|vielen?|schönen?|liebe[n]?|herzlichen?) (?:grüße[n]?|grüssen?|gruß|gruss|"
    r"gruessen?)"
    r"(?: aus .{2,40})?|(?:viele|beste|liebe|schöne|freundliche) grüße|gruß|grüße|mfg|vg|lg|hochachtungsvoll|"
    r"cordialement|bien cordialement|(?:sincères )?salutations|bien à vous|saludos(?: cordiales)?|un saludo|"
    r"atentamente|"
    r"cordiali saluti|distinti saluti|saluti|met vriendelijke groet(?:en)?|groeten|mvh|med vänlig(?:a)? "
    r"hälsning(?:ar)?|"
    r"med venlig hilsen|vennlig hilsen|z poważaniem|pozdrawiam|com os melhores cumprimentos|atenciosamente)"
    r"\s?[,.!]?",
    re.IGNORECASE,
)
_DISCLAIMER = re.compile(
    r"confidential|vertraulich|intended (?:only |solely )?for|intended recipient|privileged|disclaimer|"
    r"think before you print|please consider the environment|confidentiel",
    re.IGNORECASE,
)
_POSTSCRIPT = re.compile(r"(?:p\.?\s?s\.?|n\.?b\.?|edit|update|nachtrag)\s?[:.\-]", re.IGNORECASE)
_LABELLED = re.compile(r"(?:severity|priority|version|steps|environment|customer|impact|description|"
    r"schweregrad)\b.{0,30}:",
                       re.IGNORECASE)  # fmt: skip


def split_reply(text: str, *, forwarded: bool = False) -> Split:
    """Splits a text into what is new and the signature; a forwarded message counts as new."""
    lines = text.split("\n")
    keep, quoted = _without_quotes(lines, forwarded)
    reply, signature = _without_signature(keep)
    if not reply.strip():
        reply = _fallback(lines, keep)
    return Split(reply.strip("\n"), signature.strip("\n"), quoted)


def _fallback(lines: list[str], keep: list[str]) -> str:
    """When everything was cut: the unquoted lines, and when there are none, the text as it is."""
    for candidate in (keep, [line for line in lines if not _QUOTE.match(line)], lines):
        joined = "\n".join(candidate)
        if any(character.isalnum() for character in joined):
            return _squeeze(joined)
    return "\n".join(lines) if len(lines) < 1000 else ""


def _without_quotes(lines: list[str], forwarded: bool) -> tuple[list[str], bool]:
    """The lines that are no quote, and whether any was."""
    keep: list[str] = []
    quoted = False
    position, count = 0, len(lines)
    first_quote_after = _next_quotes(lines)
    while position < count:
        line = lines[position]
        short = line.strip()[:MAX_LINE]
        if _QUOTE.match(line):
            quoted = True
            if keep and keep[-1].strip():
                keep.append("")
            position += 1
            continue
        if len(line) <= MAX_LINE and short:
            if not forwarded and _FORWARD.fullmatch(short):
                forwarded = True
            length = _attribution(lines, position)
            if length:
                quoted = True
                if first_quote_after[position + length] > 3:
                    return keep, True  # quoted without marks: all that follows is history
                position += length
                continue
            if not forwarded and _history_begins(lines, position, short):
                return _strip_rule(keep), True
        keep.append(line)
        position += 1
    return keep, quoted


def _next_quotes(lines: list[str]) -> list[int]:
    """For every line how many non-empty lines stand before the next quoted one (many when none)."""
    distances = [10_000] * (len(lines) + 4)
    for position in range(len(lines) - 1, -1, -1):
        if _QUOTE.match(lines[position]):
            distances[position] = 0
        else:
            distances[position] = distances[position + 1] + (1 if lines[position].strip() else 0)
    return distances


def _attribution(lines: list[str], position: int) -> int:
    """How many lines "On ... wrote:" takes from here, 0 for none."""
    joined = ""
    for length in range(1, 4):
        if position + length > len(lines) or len(lines[position + length - 1]) > MAX_LINE:
            return 0
        piece = lines[position + length - 1].strip()
        if not piece or (length > 1 and _QUOTE.match(lines[position + length - 1])):
            return 0
        joined = f"{joined} {piece}".strip()
        if len(joined) > 500:
            return 0
        if joined[-1] in ":：" and _HAS_WHEN.search(joined) and _ATTRIBUTION.fullmatch(joined):
            return length
        if length == 1 and not _ATTRIBUTION_START.match(joined):
            return 0
    return 0


def _history_begins(lines: list[str], position: int, short: str) -> bool:
    if _ORIGINAL.fullmatch(short) or _ABOVE_LINE.fullmatch(short):
        return True
    return bool(_FROM.match(short)) and _is_header_block(lines, position)


def _is_header_block(lines: list[str], position: int) -> bool:
    """From: with at least two of Sent:, To:, Subject: right below, as Outlook quotes."""
    beside = 0
    for line in lines[position + 1 : position + 7]:
        if _BESIDE_FROM.match(line[:200]):
            beside += 1
        elif not line.strip() and beside:
            break
    return beside >= 2


def _strip_rule(keep: list[str]) -> list[str]:
    end = len(keep)
    while end and (not keep[end - 1].strip() or _RULE.fullmatch(keep[end - 1][:300])):
        end -= 1
    return keep[:end]


def _without_signature(lines: list[str]) -> tuple[str, str]:
    delimiter = _delimiter(lines)
    if delimiter is not None:
        return _squeeze("\n".join(lines[:delimiter])), "\n".join(lines[delimiter + 1 :])
    closing = _closing(lines)
    if closing is not None:
        return _squeeze("\n".join(lines[:closing])), "\n".join(lines[closing:])
    return _squeeze("\n".join(lines)), ""


def _delimiter(lines: list[str]) -> int | None:
    """Where the signature is cut off: at "-- " when up to 40 lines follow, at "--" when up to 12 do."""
    written = sum(1 for line in lines if line.strip())
    before = 0
    for position, line in enumerate(lines):
        if not line.strip():
            continue
        following = written - before - 1
        if (
            before
            and len(line) <= 3
            and _SIGNATURE.fullmatch(line)
            and following <= (40 if line == "-- " else 12)
        ):
            return position
        before += 1
    return None


def _closing(lines: list[str]) -> int | None:
    """Where "Kind regards" and a signature begin at the end of the text, or "Sent from my phone"."""
    tail = [position for position, line in enumerate(lines) if line.strip()][-40:]
    for index, position in enumerate(tail):
        short = lines[position].strip()[:MAX_LINE]
        if index + 1 == len(tail) and _DEVICE.fullmatch(short):
            return position
        if len(short) <= 80 and (_CLOSING.fullmatch(short) or _DEVICE.fullmatch(short)):
            return position if _looks_signed([lines[at].strip() for at in tail[index + 1 :]]) else None
    return None


def _looks_signed(lines: list[str]) -> bool:
    for count, line in enumerate(lines):
        if count and _DISCLAIMER.search(line[:MAX_LINE]):
            return True
        if count >= 14 or len(line) > 120 or _POSTSCRIPT.match(line) or _LABELLED.match(line):
            return False
        if line[-1:] in ".?!" and len(line.split()) > 5:
            return False
    return True


_MANY = re.compile(r"\n{3,}")


def _squeeze(text: str) -> str:
    return _MANY.sub("\n\n", text).strip("\n").rstrip()


_QUOTE_MARKS = re.compile(r">*+")


def unflow(text: str, delete_space: bool) -> str:
    """format=flowed (RFC 3676) joined into the lines its writer wrote."""
    out: list[list[str]] = []
    open_depth = -1
    for line in text.split("\n"):
        match = _QUOTE_MARKS.match(line)
        depth = match.end() if match else 0
        content = line[depth:].removeprefix(" ")
        flowed = content.endswith(" ") and content != "-- "
        piece = content[:-1] if flowed and delete_space else content
        if open_depth == depth and content != "-- ":
            out[-1].append(piece)
        else:
            out.append([">" * depth + " " if depth else "", piece])
        open_depth = depth if flowed else -1
    return "\n".join(map("".join, out))
