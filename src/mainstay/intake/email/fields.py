"""What a request already says: read out of a plain mail, each value with the place it was found.

Labelled lines ("Severity: 1"), filled-in templates and simple tables come first, in English and German;
then the signature, the sender and the subject; then what a sentence states plainly. Offsets are into
`Message.body_text`, so that a page can mark the place. Nothing here sets anything: triage decides.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mainstay.intake.email.charsets import printable

if TYPE_CHECKING:
    from mainstay.intake.email.parse import Message

MAX_SCANNED: Final = 200_000
MAX_VALUE: Final = 20_000
MAX_LINE: Final = 2_000

NAMES: Final = (
    "customer_id", "contact_name", "contact_email", "contact_phone", "business_impact", "desired_severity",
    "related_tickets", "description", "steps", "frequency", "product_version", "environment", "debugging",
    "customer_reference", "since",
)  # fmt: skip
_TECHNICAL: Final = (
    "business_impact", "desired_severity", "description", "steps", "frequency", "product_version",
    "environment", "contact_phone",
)  # fmt: skip
WANTED: Final = {
    "technical": _TECHNICAL,
    "billing": ("description", "customer_id", "contact_phone"),
    "feature": ("description", "business_impact", "product_version"),
    "enquiry": ("description",),
}
_CATEGORY: Final = {
    "technical_problem": "technical",
    "problem": "technical",
    "billing_problem": "billing",
    "feature_request": "feature",
    "general_enquiry": "enquiry",
    "general": "enquiry",
}


@dataclass(frozen=True)
class Field:
    """One value found: `source` in words ("body, line 6", "signature", "sender", "subject").

    `start` and `end` mark it in `body_text`, -1 where it was found elsewhere. `rank` is the severity 1 to
    3 that a desired severity clearly means, else None.
    """

    name: str
    value: str
    source: str
    start: int = -1
    end: int = -1
    rank: int | None = None


# --- labels -------------------------------------------------------------------------------------------

_LABEL_WORDS: Final = {
    "customer_id": "customer id|customer no|customer number|customer|customer name|customer code|client id|client number|"
    "account id|account number|account no|account|contract id|contract number|contract no|contract|company id|"
    "organisation|organization|company|subscription id|"
    "kundennummer|kunden-nr|kundennr|kunden nr|kunden-id|kunde|vertragsnummer|vertrag|vertrags-nr|firma",
    "contact_name": "contact name|contact|contact person|name|your name|full name|reported by|reporter|requester|"
    "ansprechpartner|ansprechpartnerin|kontakt|kontaktperson|ihr name|gemeldet von|melder",
    "contact_email": "email|e-mail|contact email|contact e-mail|email address|e-mail address|mail|e-mail-adresse|mailadresse",
    "contact_phone": "phone|phone number|telephone|tel|telephone number|contact phone|mobile|mobile number|cell|call back|"
    "callback number|direct|direct line|phone no|telefon|telefonnummer|tel-nr|mobil|mobilnummer|handy|rückruf|rückrufnummer|durchwahl|"
    "contact number|t|m|téléphone",
    "business_impact": "business impact|impact|impact on business|business effect|effect|consequence|consequences|"
    "what is the impact|users affected|affected users|auswirkung|auswirkungen|geschäftliche auswirkung|"
    "geschäftliche auswirkungen|geschäftsauswirkung|betroffene benutzer|betroffene",
    "desired_severity": "severity|desired severity|requested severity|severity level|sev|priority|prio|desired priority|urgency|"
    "criticality|schweregrad|gewünschter schweregrad|priorität|dringlichkeit|gewünschte priorität|severity requested",
    "related_tickets": "related tickets|related ticket|related ticket numbers|related open tickets|related open ticket numbers|"
    "ticket|ticket number|ticket no|ticket id|your ticket|your reference|related cases|see also|related|case number|"
    "related open ticket number|ticketnummer|ticket-nr|ihr ticket|ihr zeichen|verwandte tickets|zugehörige tickets|bezug",
    "description": "description|detailed description|problem description|issue description|problem|issue|details|summary|"
    "what happened|what happens|actual result|actual behaviour|actual behavior|request|question|"
    "beschreibung|fehlerbeschreibung|problembeschreibung|detaillierte beschreibung|was ist passiert|anfrage|frage|fehlerbild",
    "steps": "steps to reproduce|steps|reproduction|reproduction steps|how to reproduce|repro steps|repro|to reproduce|"
    "steps taken|schritte|schritte zum nachstellen|schritte zur reproduktion|reproduktionsschritte|"
    "so lässt es sich nachstellen|nachstellen|reproduktion|wie nachstellen",
    "frequency": "frequency|how often|how often does it happen|how often does it occur|occurrence|reproducibility|"
    "reproducible|häufigkeit|wie oft|wie häufig|reproduzierbar|tritt auf|auftreten",
    "product_version": "product version|version|software version|product and version|product|release|build|version number|"
    "product release|app version|produktversion|produkt|softwareversion|programmversion|versionsnummer|"
    "product version and build|produkt und version",
    "environment": "environment|env|system environment|operating environment|environments|platform|operating system|os|"
    "system|instance|site|server|umgebung|systemumgebung|betriebssystem|plattform|instanz",
    "debugging": "debugging details|debugging|debugging information|debug information|debug|logs|log|log output|log excerpt|"
    "error|error message|error text|error code|stack trace|stacktrace|trace|diagnostics|diagnostic information|"
    "fehlermeldung|fehlertext|fehlercode|protokoll|logauszug|diagnose|log-auszug|debug-informationen",
    "customer_reference": "our reference|our ref|our ticket|our case|our ticket number|internal reference|internal ticket|"
    "reference|reference number|ref|po number|our incident|unser zeichen|unsere referenz|unsere ticketnummer|unser ticket|"
    "interne referenz|referenz|interne ticketnummer|unsere vorgangsnummer|vorgangsnummer|bestellnummer|customer reference",
    "since": "since|since when|started|start time|began|first seen|first occurrence|first occurred|date and time|when|"
    "when did it start|time of occurrence|seit|seit wann|beginn|erstmals|erstmals aufgetreten|aufgetreten am|zeitpunkt|wann",
}
_LABELS: Final = {label: name for name, words in _LABEL_WORDS.items() for label in words.split("|")}
_LONG: Final = frozenset(["description", "steps", "business_impact", "debugging", "environment"])
# Words that stand before a colon in ordinary sentences: their value must be on the same line and short.
_WEAK: Final = frozenset(
    "t|m|mail|name|product|system|site|server|problem|issue|error|question|request|frage|anfrage|when|wann|related|company|"
    "firma|kunde|customer|contact|kontakt|direct|log|logs|account|contract|vertrag|details|summary|started|ticket".split(
        "|"
    )
)
_MARKS = " \t>*_#-–•·|.°▪►[]()\u00a0"
_SEPARATOR = re.compile(r"\s*(?:[::=|\t]|\u2192|->| {2,}| - | – )\s*")
_PLACEHOLDER = re.compile(
    r"\s*(?:[<\[({].{0,80}[>\])}]|n/?a|none|unknown|tbd|-+|_+|\.{2,}|\?+|x{3,}|please (?:fill in|specify|enter).{0,60}|"
    r"(?:bitte )?(?:ausfüllen|angeben|eintragen)|unbekannt|keine angabe|k\.?\s?a\.?)\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class _Line:
    number: int
    start: int
    text: str

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def read(message: "Message") -> list[Field]:
    """Every field found in a message, in the order of NAMES; the best place for each, related tickets all."""
    text = message.body_text[:MAX_SCANNED]
    lines = _lines(text)
    own = _own_lines(lines, message.reply_text)
    found: dict[str, Field] = {}
    for source in (_tables(own), _labelled(own, message.signature)):
        for item in source:
            found.setdefault(item.name, item)
    used = [(item.start, item.end) for item in found.values() if item.start >= 0]
    free = [line for line in own if not any(start < line.end and line.start < end for start, end in used)]
    free = [line for line in free if not _label(line)]
    for item in (*_stated(free), *_elsewhere(message, text)):
        found.setdefault(item.name, item)
    described = _description(free, message.signature)
    if described and "description" not in found:
        found["description"] = described
    related = list(_related(message, own, found.pop("related_tickets", None)))
    return [*(found[name] for name in NAMES if name in found), *related]


def _lines(text: str) -> list[_Line]:
    lines, position = [], 0
    for number, line in enumerate(text.split("\n"), 1):
        lines.append(_Line(number, position, line))
        position += len(line) + 1
    return lines


def _own_lines(lines: list[_Line], reply: str) -> list[_Line]:
    """The lines that are not quoted from someone else; labels in a signature are read as well."""
    said = set(reply.split("\n"))
    fresh = [line for line in lines if line.text in said or line.text.rstrip() in said]
    unquoted = [line for line in lines if not line.text.lstrip().startswith(">")]
    return fresh if any(line.text.strip() for line in fresh) else unquoted


def _label(line: _Line) -> tuple[str, str, int] | None:
    """The field a line is labelled with, the label, and the offset in the line where its value begins."""
    text = line.text[:MAX_LINE]
    offset = len(text) - len(text.lstrip(_MARKS + "0123456789"))
    if offset > 12:
        return None
    match = _SEPARATOR.search(text, offset, offset + 70)
    while match:
        label = _normal(text[offset : match.start()])
        name = _LABELS.get(label)
        if name:
            return name, label, _skip_marks(text, match.end())
        if not match[0].strip() or match[0].strip() in "-–":
            match = _SEPARATOR.search(text, match.end(), offset + 70)
            continue
        return None
    label = _normal(text[offset : offset + 70].rstrip("?"))
    if len(text.strip()) <= 60 and label in _LABELS and label not in _WEAK and text.strip()[-1:] in "?*_#":
        return _LABELS[label], label, len(text)
    return None


def _normal(label: str) -> str:
    label = re.sub(r"\s*(?:\([^()]{0,80}\)|\[[^\[\]]{0,80}\])\s*", " ", label).strip(_MARKS + "?:!,").lower()
    label = re.sub(r"\s+", " ", label).replace("(s)", "s")
    return label.removeprefix("the ").removeprefix("your " if label not in _LABELS else "")


def _skip_marks(text: str, position: int) -> int:
    while position < len(text) and text[position] in " \t*_|\u00a0":
        position += 1
    return position


def _labelled(lines: Sequence[_Line], signature: str) -> Iterator[Field]:
    index = 0
    while index < len(lines):
        line = lines[index]
        found = _label(line)
        index += 1
        if not found:
            continue
        name, label, offset = found
        first = line.text[offset:].rstrip(" \t*_|")
        begin, end = line.start + offset, line.start + offset + len(first)
        last = line
        if name in _LONG or not first:
            taken = _following(lines, index, name, bool(first))
            index += len(taken)
            if taken:
                last = taken[-1]
                begin = begin if first else taken[0].start
                end = last.end
        if label in _WEAK and (last is not line or not first or len(first) > 200):
            if name not in _LONG or not first:
                continue
        value = _slice(lines, begin, end)
        field = _field(name, value, begin, end, line.number, last.number)
        if field:
            yield field


def _following(lines: Sequence[_Line], index: int, name: str, has_first: bool) -> list[_Line]:
    """The lines below a label that belong to it."""
    taken: list[_Line] = []
    blank = False
    for line in lines[index : index + 400]:
        text = line.text.strip()
        if not text:
            if not taken and has_first and name != "description":
                break
            if taken and name not in _LONG:
                break
            blank = True
            continue
        if _label(line) or _ends_block(text):
            break
        if blank and (taken or has_first) and name != "description" and not _ITEM.match(line.text[:50]):
            break
        if name not in _LONG and taken:
            break
        taken.append(line)
        blank = False
    return taken


_ITEM = re.compile(r"\s*(?:\d{1,3}\s?[.):]|[-*•–]\s|[a-z]\)|(?:step|schritt)\s\d)|\s{2,}\S|\t", re.IGNORECASE)
_ENDING = re.compile(
    r"(?:thanks|thank you|many thanks|best regards|kind regards|regards|cheers|vielen dank|danke|mit freundlichen|"
    r"viele grüße|beste grüße|freundliche grüße|gruß|mfg|sincerely)\b.{0,60}",
    re.IGNORECASE,
)


def _ends_block(text: str) -> bool:
    return len(text) <= 80 and (text in ("--", "-- ") or bool(_ENDING.fullmatch(text)))


def _slice(lines: Sequence[_Line], begin: int, end: int) -> str:
    return "\n".join(
        line.text[max(0, begin - line.start) : max(0, end - line.start)]
        for line in _between(lines, begin, end)
    ).strip()


def _between(lines: Sequence[_Line], begin: int, end: int) -> Iterator[_Line]:
    low, high = 0, len(lines)
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if lines[middle].end < begin else (low, middle)
    for line in lines[low:]:
        if line.start > end:
            return
        yield line


def _field(name: str, value: str, begin: int, end: int, first: int, last: int) -> Field | None:
    value = value.strip().strip("*_").strip()[:MAX_VALUE]
    if not value or _PLACEHOLDER.fullmatch(value[:200]) or not _fits(name, value):
        return None
    where = f"body, line {first}" if first == last else f"body, lines {first} to {last}"
    rank = severity_rank(value) if name == "desired_severity" else None
    return Field(name, value, where, begin, end, rank)


_PHONE = re.compile(r"(?<![\w/.-])\+?\(?\d[\d ().\-/\u00a0]{5,22}\d(?![\w-])")


def _fits(name: str, value: str) -> bool:
    """Whether a value can be one of its kind at all."""
    if name == "contact_phone":
        return bool(_PHONE.search(value[:200]))
    if name == "contact_email":
        return "@" in value[:200]
    if name == "related_tickets":
        return any(character.isdigit() for character in value[:500])
    if name == "desired_severity":
        return len(value) <= 120
    if name in ("customer_id", "contact_name", "product_version", "customer_reference", "frequency", "since"):
        return len(value) <= 300
    return True


_RANKS: Final = (
    (
        1,
        re.compile(
            r"critical|blocker|urgent|highest|emergency|showstopper|very high|kritisch|dringend|sehr hoch|höchste|"
            r"blockierend"
        ),
    ),
    (2, re.compile(r"medium|moderate|normal|mittel|major")),
    (3, re.compile(r"low(?:est)?|minor|trivial|cosmetic|niedrig|gering|unkritisch")),
)


def severity_rank(words: str) -> int | None:
    """Severity 1 to 3 where the words leave no doubt; "high" alone does."""
    text = words.lower()[:120]
    number = re.match(r"\W*(?:sev(?:erity)?|prio(?:rity)?|p|s|level|stufe)?\W{0,3}([0-5])(?![\d.])", text)
    if number:
        return min(max(int(number[1]), 1), 3)
    if re.search(r"\b(?:not|non|nicht|kein\w*)\b", text):
        return None
    ranks = {rank for rank, pattern in _RANKS if re.search(rf"\b(?:{pattern.pattern})\b", text)}
    return ranks.pop() if len(ranks) == 1 else None


# --- tables -------------------------------------------------------------------------------------------


def _tables(lines: Sequence[_Line]) -> Iterator[Field]:
    """A row of labels above a row of values, separated by | or tabs."""
    for index, line in enumerate(lines[:-1]):
        text = line.text[:MAX_LINE]
        separator = "|" if text.count("|") >= 1 else "\t" if "\t" in text else ""
        if not separator:
            continue
        cells = _cells(line, separator)
        names = [_LABELS.get(_normal(cell)) for cell, _ in cells]
        if sum(1 for name in names if name) < 2:
            continue
        below = next((row for row in lines[index + 1 : index + 3] if row.text.strip(" |-+:=\t")), None)
        if below is None or separator not in below.text:
            continue
        values = _cells(below, separator)
        if len(values) != len(cells) or any(_LABELS.get(_normal(value)) for value, _ in values):
            continue
        for name, (value, start) in zip(names, values, strict=True):
            field = (
                _field(name, value, start, start + len(value), below.number, below.number) if name else None
            )
            if field:
                yield field


def _cells(line: _Line, separator: str) -> list[tuple[str, int]]:
    cells, position = [], line.start
    for piece in line.text[:MAX_LINE].split(separator):
        if piece.strip() or (position > line.start and position < line.end):
            stripped = piece.strip()
            cells.append((stripped, position + (len(piece) - len(piece.lstrip()) if stripped else 0)))
        position += len(piece) + 1
    return cells


# --- what sentences state -----------------------------------------------------------------------------

_VERSION = re.compile(
    r"\b(?:version|release|ver\.?|build|v\.?)\s?:?\s?(v?\d{1,4}(?:\.\d{1,6}){1,4}(?:[-+ ]?(?:rc|beta|alpha|sp|hf|"
    r"p)\.?\d{0,3})?)(?![\w.]*@)"
    r"|\b(?:version|release)\s(\d{1,4})\b",
    re.IGNORECASE,
)
_ENVIRONMENT = re.compile(
    r"\b((?:our |the |unser(?:e[mnr]?)? |der |die |das )?(?:production|prod|live|staging|test|qa|uat|development|dev|"
    r"pre-?production|"
    r"acceptance|sandbox|produktiv|produktions|test|entwicklungs|abnahme|integrations)[- ]?"
    r"(?:environment|system|server|instance|cluster|site|umgebung|systeme?|instanz)"
    r"|(?:in|on|im|in der|auf) (?:production|prod|staging|uat|qa|produktion|testbetrieb|echtbetrieb|"
    r"produktivbetrieb))\b",
    re.IGNORECASE,
)
_FREQUENCY = re.compile(
    r"\b(every time|each time|always happens|happens always|always|permanently|constantly|continuously|"
    r"intermittent(?:ly)?|sporadic(?:ally)?|"
    r"from time to time|occasionally|once in a while|randomly|at random|only once|just once|"
    r"(?:once|twice|three times|several times|many times|\d{1,4} times|\d{1,4}x) (?:a|per|each|every) (?:minute|hour|"
    r"day|week|month)|"
    r"every (?:\d{1,4} )?(?:few )?(?:second|minute|hour|day|night|morning|week|month)s?|hourly|daily|"
    r"jedes mal|bei jedem \w{3,30}|immer wieder|ständig|dauernd|gelegentlich|sporadisch|ab und zu|hin und wieder|nur "
    r"einmal|einmalig|"
    r"(?:einmal|zweimal|mehrmals|\d{1,4} ?mal) (?:am|pro|in der|im) (?:tag|stunde|woche|monat|minute)|täglich|"
    r"stündlich|"
    r"in \d{1,3} ?% (?:of|der) (?:cases|all cases|fälle))\b",
    re.IGNORECASE,
)
_DAY = (
    r"(?:yesterday|today|this morning|this afternoon|last night|this week|last (?:week|month|friday|monday|weekend)|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|gestern|heute|heute (?:früh|morgen|mittag)|gestern (?:abend|mittag|"
    r"früh)|"
    r"letzter woche|letzte[rn]? \w{3,12}|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|"
    r"\d{1,2}[:.h]\d{2}(?: ?(?:am|pm|uhr|utc|cet|cest|gmt))?|\d{1,2} ?(?:am|pm|uhr|o'clock)|\d{4}-\d{2}-\d{2}|"
    r"\d{1,2}[./]\d{1,2}[./]\d{2,4}|"
    r"\d{1,2}\.? (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|januar|februar|märz|april|mai|juni|juli|august|"
    r"okt|dez)\w{0,6}|"
    r"the (?:update|upgrade|last update|migration|patch|release)(?: to [\w.]{1,20})?|dem (?:update|upgrade|letzten "
    r"update)|"
    r"about (?:an hour|\d{1,3} (?:minutes|hours|days))(?: ago)?|\d{1,3} (?:minutes|hours|days|tagen|stunden|minuten))"
)
_SINCE = re.compile(
    rf"\b((?:since|starting|started|began|seit|ab|beginnend)(?: (?:around|about|approximately|etwa|ca\.|circa|on|at|"
    rf"am|um|der|dem|den))?"
    rf" {_DAY}(?:,? (?:at |um |around |gegen )?\d{{1,2}}[:.]\d{{2}}(?: ?(?:am|pm|uhr|utc|cet|cest))?)?)",
    re.IGNORECASE,
)
_IMPACT = re.compile(
    r"\b(?:(?:all|\d{1,6}|many|most|several|some|none) (?:of )?(?:our |the )?(?:users|employees|customers|colleagues|"
    r"clients|people|staff|stores|sites)"
    r" (?:are|is|cannot|can't|can not|could not|have|were|who|affected)"
    r"|(?:alle|\d{1,6}|viele|mehrere|die meisten|sämtliche) (?:unserer |unsere )?(?:benutzer|anwender|nutzer|"
    r"mitarbeiter|kunden|kollegen|filialen)"
    r" (?:sind|können|koennen|haben)|we (?:cannot|can't|are unable to|can not) (?:ship|invoice|bill|work|produce|"
    r"deliver|sell|pay|process|serve|take)"
    r"|(?:business|production|revenue|sales|orders?|shipping|payroll|month-end)\b.{0,40}\b(?:stopped|blocked|at a "
    r"standstill|halted|lost|delayed|affected|at risk)"
    r"|wir können (?:nicht|keine)\b.{0,40}\b(?:arbeiten|liefern|ausliefern|fakturieren|produzieren|versenden|"
    r"verkaufen|rechnungen|aufträge)"
    r"|(?:produktion|geschäft|versand|lohnlauf|monatsabschluss)\b.{0,40}\b(?:steht|still|blockiert|betroffen|"
    r"gefährdet))",
    re.IGNORECASE,
)
_REFERENCE = re.compile(
    r"\b(?:(?:our|internal) (?:ref(?:erence)?|ticket|case|incident)(?: (?:number|no\.?|id|is))?|unsere? (?:referenz|"
    r"ticketnummer|zeichen|vorgangsnummer)|"
    r"unser (?:ticket|zeichen)|your order|po)\s?[:#]?\s?((?=[\w/.-]{0,24}\d)[A-Za-z0-9][\w/.-]{2,24}\w)"
    r"|\b((?:INC|REQ|RITM|CHG|PRB|SCTASK|CS)\d{5,12}|[A-Z]{2,6}-\d{3,8})\b",
)
_SEVERITY_SAID = re.compile(
    r"\b((?:sev(?:erity)?|prio(?:rity)?|schweregrad|priorität)[ \-.]?[1-4]|(?<![\w-])[PS][1-4])\b(?![\w.])",
    re.IGNORECASE,
)
_TRACE = re.compile(
    r"Traceback \(most recent call last\)|^\s*at [\w.$<>]{3,200}\([\w .:<>]{1,200}\)|Exception in thread|^\s*Caused "
    r"by: |"
    r"\b[A-Za-z_.]{3,80}(?:Exception|Error): |^\s*\[?(?:\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}).{0,60}\b(?:ERROR|FATAL|WARN|"
    r"SEVERE)\b|"
    r"\bHTTP(?:/1\.1)? [45]\d\d\b|\b(?:ORA|SQLSTATE|ERR)[-_ ]?\d{3,6}\b|\b0x[0-9A-Fa-f]{8}\b|Internal Server Error",
)
_NUMBERED = re.compile(r"\s{0,8}(?:\d{1,2}\s?[.):]|(?:step|schritt) \d{1,2}\b)\s?\S", re.IGNORECASE)


def _stated(lines: Sequence[_Line]) -> Iterator[Field]:
    """What a sentence says plainly, one pattern at a time over each line."""
    patterns = (
        ("product_version", _VERSION),
        ("environment", _ENVIRONMENT),
        ("frequency", _FREQUENCY),
        ("since", _SINCE),
        ("customer_reference", _REFERENCE),
        ("desired_severity", _SEVERITY_SAID),
    )
    found: set[str] = set()
    for line in lines:
        text = line.text[:MAX_LINE]
        for name, pattern in patterns:
            match = None if name in found else pattern.search(text)
            if match:
                found.add(name)
                group = next((number for number, part in enumerate(match.groups(), 1) if part), 0)
                yield _at(name, line, match.start(group), match.end(group))
        if "business_impact" not in found and (match := _IMPACT.search(text)):
            found.add("business_impact")
            yield _at("business_impact", line, *_sentence(text, match.start(), match.end()))
    yield from _trace(lines)
    yield from _numbered(lines)


def _at(name: str, line: _Line, start: int, end: int) -> Field:
    value = line.text[start:end].strip()
    rank = severity_rank(value) if name == "desired_severity" else None
    return Field(name, value, f"body, line {line.number}", line.start + start, line.start + end, rank)


def _sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """The sentence in one line around a place."""
    begin = max(
        text.rfind(mark, 0, start) + len(mark) if mark in text[:start] else 0 for mark in (". ", "! ", "? ")
    )
    stops = [text.find(mark, end) for mark in (". ", "! ", "? ")]
    stop = min((position + 1 for position in stops if position >= 0), default=len(text.rstrip()))
    return begin + len(text[begin:start]) - len(text[begin:start].lstrip()), max(stop, end)


def _trace(lines: Sequence[_Line]) -> Iterator[Field]:
    for index, line in enumerate(lines):
        if _TRACE.search(line.text[:500]):
            last = line
            for following in lines[index + 1 : index + 60]:
                if not following.text.strip():
                    break
                last = following
            yield _span("debugging", lines, line, last)
            return


def _numbered(lines: Sequence[_Line]) -> Iterator[Field]:
    """A numbered list: three items, or two below a line that speaks of reproducing."""
    run: list[_Line] = []
    before = ""
    for line in (*lines, _Line(0, 0, "")):
        if _NUMBERED.match(line.text[:60]):
            run.append(line)
            continue
        if line.number and (not line.text.strip() or line.text.startswith((" ", "\t"))) and run:
            continue
        hint = re.search(r"reproduc|steps|nachstell|schritt|reproduz", before[:500], re.IGNORECASE)
        if len(run) >= (2 if hint else 3):
            yield _span("steps", lines, run[0], run[-1])
            return
        run = []
        if line.text.strip():
            before = line.text


def _span(name: str, lines: Sequence[_Line], first: _Line, last: _Line) -> Field:
    where = f"body, line {first.number}" if first is last else f"body, lines {first.number} to {last.number}"
    return Field(name, _slice(lines, first.start, last.end)[:MAX_VALUE], where, first.start, last.end)


_GREETING = re.compile(
    r"\W*(?:hi|hello|dear|good (?:morning|afternoon|evening|day)|hallo|guten (?:tag|morgen|abend)|sehr geehrte[rs]?|"
    r"moin|"
    r"liebe[rs]?|bonjour|hey)\b[^.?!]{0,60}[,!.:]?\s*",
    re.IGNORECASE,
)


def _description(lines: Sequence[_Line], signature: str) -> Field | None:
    """The longest stretch of the writer's own words, when no line is labelled as the description."""
    signed = set(signature.split("\n"))
    best: list[_Line] = []
    run: list[_Line] = []
    previous = 0
    for line in (*lines, None):
        if line is not None and (line.number == previous + 1 or not run):
            previous = line.number
            text = line.text.strip()
            if (
                text
                and not _GREETING.fullmatch(text[:120])
                and not _ends_block(text)
                and line.text not in signed
            ):
                run.append(line)
            continue
        best = max(best, run, key=_weight)
        run = [line] if line is not None and line.text.strip() else []
        previous = line.number if line is not None else 0
    best = max(best, run, key=_weight)
    if _weight(best) < 12 or sum(len(line.text.split()) for line in best[:50]) < 3:
        return None
    return _span("description", lines, best[0], best[-1])


def _weight(lines: Sequence[_Line]) -> int:
    return sum(len(line.text.strip()) for line in lines)


# --- sender, signature, subject -----------------------------------------------------------------------

_SIGNED_PHONE = re.compile(
    r"(?:phone|tel|telephone|telefon|mobile|mobil|cell|direct|fon|t|m|p|ph|handy|office)\b\.?\s?[::.]?\s?(\+?\(?\d[\d "
    r"().\-/\u00a0]{5,22}\d)",
    re.IGNORECASE,
)


def _elsewhere(message: "Message", text: str) -> Iterator[Field]:
    signature = message.signature[:4000]
    if signature:
        yield from _signed(signature, text)
    if message.from_name and "@" not in message.from_name:
        yield Field("contact_name", message.from_name, "sender")
    if message.from_address:
        yield Field("contact_email", message.from_address, "sender")
    subject = message.subject
    for name, pattern in (("product_version", _VERSION), ("customer_reference", _REFERENCE), ("environment", _ENVIRONMENT),
                          ("desired_severity", _SEVERITY_SAID)):  # fmt: skip
        match = pattern.search(subject)
        if match:
            value = next((part for part in match.groups() if part), match[0])
            yield Field(
                name, value, "subject", rank=severity_rank(value) if name == "desired_severity" else None
            )
    labelled = _label(_Line(0, 0, subject[:200]))
    if labelled and labelled[0] == "desired_severity":
        value = subject[labelled[2] :].strip()[:60]
        yield Field("desired_severity", value, "subject", rank=severity_rank(value))
    logs = [
        item.name
        for item in message.attachments
        if re.search(r"\.(?:log|dmp|har|trace|stacktrace|out|err)(?:\.\w{2,4})?$", item.name, re.IGNORECASE)
    ]
    if logs:
        yield Field("debugging", ", ".join(logs[:10]), "attached")


def _signed(signature: str, text: str) -> Iterator[Field]:
    """Phone and name out of a signature."""
    offset = text.rfind(signature)

    def place(start: int, end: int) -> tuple[int, int]:
        return (offset + start, offset + end) if offset >= 0 else (-1, -1)

    without_fax = re.sub(r"(?im)^.{0,20}\bfax\b[^\n]{0,60}$", lambda match: " " * len(match[0]), signature)
    phone = _SIGNED_PHONE.search(without_fax) or re.search(r"()(\+\d[\d ().\-/\u00a0]{6,22}\d)", without_fax)
    if phone:
        group = phone.lastindex or 1
        yield Field("contact_phone", phone[group].strip(), "signature", *place(*phone.span(group)))
    position = 0
    for line in signature.split("\n")[:6]:
        if (
            re.fullmatch(
                r"(?:(?:Dr|Prof|Mr|Ms|Mrs|Herr|Frau)\.? )?(?:[^\W\d_][\w'’.-]{0,30} ){1,3}[^\W\d_][\w'’-]{1,30}",
                line.strip(),
            )
            and not _ENDING.fullmatch(line.strip())
            and line.strip().istitle()
        ):
            start = position + len(line) - len(line.lstrip())
            yield Field("contact_name", line.strip(), "signature", *place(start, start + len(line.strip())))
            return
        position += len(line) + 1


_TICKET = re.compile(
    r"(?:\[\s?)?(?:\b(?:ticket|case|request|anfrage|vorgang)(?:[- ]?(?:id|nr|no|number|nummer))?\.?\s?[:#]?\s?#?|"
    r"(?<![\w&/#])#)(\d{1,10})\b(?![.,:]\d)",
    re.IGNORECASE,
)


def _related(message: "Message", lines: Sequence[_Line], labelled: Field | None) -> Iterator[Field]:
    """Every ticket number named: labelled, in the subject, in the text. Hints only."""
    seen: set[str] = set()
    if labelled:
        for match in re.finditer(r"\d{1,10}", labelled.value[:500]):
            if match[0] not in seen:
                seen.add(match[0])
                yield Field("related_tickets", match[0], labelled.source, labelled.start, labelled.end)
    for match in _TICKET.finditer(message.subject):
        if match[1] not in seen:
            seen.add(match[1])
            yield Field("related_tickets", match[1], "subject")
    for line in lines:
        for match in _TICKET.finditer(line.text[:MAX_LINE]):
            if match[1] not in seen and len(seen) < 50:
                seen.add(match[1])
                yield Field(
                    "related_tickets",
                    match[1],
                    f"body, line {line.number}",
                    line.start + match.start(1),
                    line.start + match.end(1),
                )


# --- completeness -------------------------------------------------------------------------------------


def wanted(category: str) -> tuple[str, ...]:
    """The fields a good request of a category holds: technical, billing, feature or enquiry."""
    return WANTED.get(_CATEGORY.get(category, category), _TECHNICAL)


def missing(fields: Iterable[Field], category: str = "technical") -> list[str]:
    """The wanted fields that were not found, in the order in which to ask for them."""
    have = {field.name for field in fields}
    return [name for name in wanted(category) if name not in have]


def completeness(fields: Iterable[Field], category: str = "technical") -> tuple[int, int]:
    """How many of the wanted fields were found, of how many."""
    names = wanted(category)
    return len(names) - len(missing(fields, category)), len(names)


# --- emergencies --------------------------------------------------------------------------------------

_THING = (
    r"(?:production|prod|live|system|systems|server|servers|service|services|site|website|web site|web shop|shop|"
    r"store|application|app|platform|portal|"
    r"database|cluster|network|everything|it|api|environment|instance|software|erp|crm|gateway|checkout|login|vpn|"
    r"mail|node|nodes|plant|line)"
)
_DING = (
    r"(?:produktion|produktivsystem|produktivumgebung|system|server|dienst|anwendung|applikation|plattform|portal|"
    r"webseite|website|shop|datenbank|"
    r"software|netzwerk|alles|schnittstelle|cluster|instanz|lager|werk)"
)
_EMERGENCIES: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b{_THING}\b(?: \S{{1,20}}){{0,4}}? (?:is|are|was|went|has gone|have gone|has been|have been|seems|appears|"
        rf"goes|keeps going)(?: \S{{1,15}}){{0,2}}? "
        r"(?:down|offline|dead|unavailable|unreachable|inaccessible|not available|not reachable|not responding|not "
        r"accessible|broken|crashed|stopped)\b",
        r"\b(?:production|prod|system|server|site|service|website|platform|database|shop)[- ](?:is )?down\b",
        rf"\b{_THING}\b(?: \S{{1,20}}){{0,2}}? (?:crashed|stopped working|does not respond|doesn't respond|no longer "
        rf"(?:works|responds)|not working)\b",
        r"\b(?:total|complete|full|major|system[- ]?wide|service|current|ongoing|massive|unplanned|an|another|the)? "
        r"?outage\b",
        r"\b(?:production|business|operations?|the line|shipping) (?:has |have |is |are )?(?:completely )?(?:stopped|"
        r"halted|standing still|at a standstill|blocked)\b|\bstandstill\b",
        r"\b(?:all|none of|most of|every one of)(?: of)? (?:our |the |my )?(?:users?|customers?|employees|staff|"
        r"clients|colleagues|branches|stores)\b[^.?!\n]{0,60}?"
        r"\b(?:cannot|can't|can not|can|could not|unable|affected|blocked|locked|lost|down|fail|fails|failing|error|"
        r"errors|impacted|without)\b",
        r"\b(?:nobody|no one|no-one|no user|no users|none of us) (?:can|is able|are able|could|has access)\b",
        r"\b(?:cannot|can't|can not|unable to|not able to|impossible to|no longer|couldn't) (?:log|sign)[ -]?(?:in|"
        r"on)\b(?! (?:with|as|to) (?:a|my|one|the old|the test))|\blogin (?:is )?(?:impossible|broken|not possible)\b",
        r"\b(?:data loss|loss of data|lost (?:all |our |some )?data|data (?:is|are|was|has been|have been|seems|went) "
        r"(?:lost|gone|missing|corrupt(?:ed)?|deleted)|"
        r"(?:corrupted|deleted) (?:data|database|records)|data corruption|corruption of data)\b",
        r"\b(?:security (?:breach|incident)|data breach|data leak|hacked|ransomware|compromised|unauthori[sz]ed "
        r"access|intrusion|breached|under attack|malware|encrypted by)\b",
        r"\b(?:urgent(?:ly)?|asap|as soon as possible|emergency|immediate (?:help|assistance|attention|action|"
        r"support)|help (?:us )?immediately|right now please)\b",
        r"\b(?:this|it|situation|issue|problem|which) (?:is|are) (?:very |extremely |highly |really |now |absolutely |"
        r"business[- ])?critical\b|"
        r"\bcritical (?:issue|problem|error|situation|incident|failure|outage|bug|impact)\b|\b(?:show|work)[- "
        r"]?stopper\b|\bshowstopper\b|\bmission[- ]critical (?:system|application)\b",
        r"(?<![\w-])(?:p1|p-1|sev ?-?1|sev1|s1 incident|prio(?:rity)?[ :\-]{0,2}1|severity[ :\-]{0,2}1|"
        r"schweregrad[ :\-]{0,2}1|priorität[ :\-]{0,2}1)(?![\w.])",
        r"\bwe are losing (?:money|orders|customers|revenue)|\blosing (?:money|revenue) (?:every|each|per)\b|\bsafety "
        r"(?:risk|hazard)\b|\bpatients? (?:safety|at risk)\b",
        rf"\b{_DING}\b(?: \S{{1,20}}){{0,4}}? (?:steht(?: still)?|down|offline|ausgefallen|abgestürzt|tot|lahm|"
        rf"lahmgelegt|nicht (?:mehr )?(?:erreichbar|verfügbar|nutzbar|benutzbar)|"
        r"reagiert nicht|läuft nicht(?: mehr)?|funktioniert nicht mehr|geht nicht mehr)\b",
        r"\b(?:produktion|betrieb|band|fertigung|versand|lager|alles) (?:steht|stehen|ruht)\b|"
        r"\b(?:produktions)?stillstand\b|\btotalausfall\b|\b(?:system|server|netz|komplett)?ausfall\b",
        r"\b(?:nichts geht mehr|es geht nichts mehr|geht gar nichts|gar nichts mehr|geht nichts mehr)\b",
        r"\b(?:alle|sämtliche|keiner der|keine der) (?:unserer |unsere )?(?:benutzer|anwender|nutzer|user|mitarbeiter|"
        r"kunden|kollegen|filialen)\b[^.?!\n]{0,60}?"
        r"\b(?:nicht|kann|können|betroffen|gesperrt|fehler|keinen zugriff|ausgesperrt|blockiert)\b",
        r"\b(?:niemand|keiner) (?:kann|kommt|hat zugriff)\b|\b(?:kann|können|koennen) (?:sich )?(?:niemand|keiner)\b",
        r"\b(?:kann|können|koennen)\b[^.?!\n]{0,40}?\bnicht (?:mehr )?(?:anmelden|einloggen)\b|\b(?:anmeldung|login) "
        r"(?:ist )?(?:nicht|un)(?: mehr)? ?möglich\b",
        r"\b(?:datenverlust|daten (?:sind |wurden )?(?:weg|verloren|gelöscht|verschwunden|zerstört|korrupt)|daten "
        r"verloren)\b",
        r"\b(?:sicherheitsvorfall|sicherheitslücke ausgenutzt|gehackt|hackerangriff|datenleck|datenpanne|"
        r"verschlüsselungstrojaner|erpressungstrojaner|kompromittiert|unbefugter zugriff)\b",
        r"\b(?:dringend(?:st)?|notfall|eilt|sehr eilig|höchste (?:priorität|dringlichkeit)|schnellstmöglich|"
        r"umgehend(?:e)? hilfe|sofort(?:ige)? hilfe|so schnell wie möglich)\b",
        r"\b(?:das|es|situation|problem|lage) ist (?:sehr |äußerst |extrem |geschäfts|betriebs|hoch)?kritisch\b|"
        r"\bkritische(?:r|s|n)? (?:fehler|problem|situation|störung|ausfall|vorfall)\b|\bbetriebskritisch\b",
    )
)
_NEGATED = re.compile(
    r"(?:\b(?:not|no|non|never|isn't|isnt|aren't|wasn't|nothing|without|neither|nor|less|hardly|nicht|kein|keine|"
    r"keinen|keinerlei|nie|ohne|weder|un|avoid(?:ed|ing)?|"
    r"prevent(?:ed|ing)?|if|unless|in case of|in case|falls|wenn|sollte)(?:\W+(?:so|that|very|really|yet|a|an|any|at "
    r"all|particularly|all that|too|super|even|mehr|sehr|"
    r"besonders|wirklich|ganz|allzu|mal|the|any|risk of|our|is|are|ist|sind|immediately|immediate|currently))*|"
    r"non)[\s\-]*\Z",
    re.IGNORECASE,
)
_OVER = re.compile(
    r"\b(?:(?:is|are|was|were|has been|have been|now) (?:now |already |since )?(?:resolved|fixed|solved|over|back up|"
    r"restored|closed)|"
    r"(?:ist|sind|wurde|wurden)(?: \w{1,12}){0,2} (?:behoben|gelöst|vorbei|erledigt|wiederhergestellt)|back (?:online|"
    r"to normal)|no longer (?:an issue|a problem))\b",
    re.IGNORECASE,
)
_NOT_OVER = re.compile(r"\b(?:not|nicht|isn't|never|until|bis|noch)\b", re.IGNORECASE)
_ASKING = re.compile(
    r"\s*(?:(?:hi|hello|hallo)\W+)?(?:how|what|which|who|where|does|do you|is there|are there|could you (?:explain|"
    r"tell)|can you (?:explain|tell)|wie|was|welche[rs]?|wer|wo|gibt es|"
    r"what happens|was passiert)\b[^!]{0,400}\?\s*\Z",
    re.IGNORECASE,
)
_PLANNED = re.compile(
    r"\b(?:planned|scheduled|announced|geplante[rnsm]?|angekündigte[rnsm]?|simulated|test of|testing|"
    r"drill)\W+(?:\w+\W+){0,2}\Z",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^.!?\n;]{1,600}(?:[.!?;](?=\s|\Z)|\n|\Z|(?=[^.!?\n;])|[.!?;])")


def emergency(text: str, subject: str = "") -> list[str]:
    """Why a message looks like an emergency: the phrases that say so, as written; empty when none does.

    Negated, asked-about, planned and already resolved ones do not count. Severity is not touched by it.
    """
    found: dict[str, str] = {}
    for source in (subject[:1000], text[:MAX_SCANNED]):
        for sentence in _SENTENCE.findall(source.replace("’", "'")):
            if len(sentence) < 3 or _ASKING.match(sentence.strip()) or _is_over(sentence):
                continue
            for phrase in _phrases(sentence):
                found.setdefault(phrase.lower(), phrase)
            if len(found) >= 20:
                return list(found.values())
    return list(found.values())


def _is_over(sentence: str) -> bool:
    match = _OVER.search(sentence)
    return bool(match) and not _NOT_OVER.search(sentence[max(0, match.start() - 25) : match.end()])


def _phrases(sentence: str) -> Iterator[str]:
    for pattern in _EMERGENCIES:
        for match in pattern.finditer(sentence):
            before = sentence[max(0, match.start() - 60) : match.start()]
            if _NEGATED.search(before) or _PLANNED.search(before) or _negated_inside(match[0]):
                continue
            yield printable(match[0], 120)
            break


def _negated_inside(phrase: str) -> bool:
    return bool(
        re.search(
            r"\b(?:is|are|was|it's) (?:not|never) (?:down|offline|dead|broken|critical|very critical|stopped)\b",
            phrase,
            re.IGNORECASE,
        )
    )


# --- thanks -------------------------------------------------------------------------------------------

_GRATITUDE = re.compile(
    r"\b(?:thanks|thank you|thank u|thx|thnx|tnx|ty|tyvm|many thanks|cheers|much appreciated|appreciate it|"
    r"appreciated|danke|dankeschön|danke schön|vielen dank|"
    r"besten dank|herzlichen dank|tausend dank|merci|merci beaucoup|gracias|muchas gracias|grazie|grazie mille|"
    r"obrigado|obrigada|dank je|dank u|bedankt|"
    r"tack|tak|takk|kiitos|dziękuję|dzięki|děkuji|díky|спасибо|ありがとう(?:ございます|ございました)?|谢谢|teşekkürler)(?!\w)|[👍🙏❤🎉😊🙂]",
    re.IGNORECASE,
)
_SOLVED = re.compile(
    r"\b(?:(?:it|that|this|everything|all|now)(?: now)? (?:works|worked|is working|is solved|is fixed|is fine|is "
    r"resolved)(?: now| again| fine| perfectly| great)*|works (?:now|again|fine|perfectly|great)|"
    r"(?:problem|issue|ticket|case)(?: is| has been| was)? (?:now )?(?:solved|fixed|resolved)|that (?:solved|fixed|"
    r"did|helped|resolved)(?: it| the problem| the issue)?|"
    r"all good(?: now)?|(?:es |jetzt |alles )?(?:funktioniert|läuft|geht|klappt)(?: jetzt| nun| wieder| alles| "
    r"einwandfrei| bestens| prima)+|hat (?:geklappt|funktioniert|geholfen)|"
    r"(?:problem |ist )(?:ist )?(?:gelöst|behoben|erledigt)|alles (?:gut|bestens|ok|in ordnung)|(?:you can|please|"
    r"feel free to|can be|kann|können sie|bitte)"
    r"(?: \w{1,8}){0,3} (?:close|closed|geschlossen|schließen|zumachen)(?: werden)?(?: (?:the|this|das|den) (?:ticket|"
    r"case|vorgang))?)(?!\w)",
    re.IGNORECASE,
)
_POLITE: Final = frozenset(
    "a all am and again also absolutely alles allen alle an amazing as at awesome auch auf aus best bis bye by brilliant beste bestens bien cheers colleague colleagues cool confirm "
    "confirmed confirming confirmation das day dear den der die dir dich du dann evening everyone everybody everything excellent es euch ein eine einen fabulous fantastic fast fine folks for from für fuer "
    "fürs gern gerne glad good goodbye great grüße gruesse gruß gruss guys guten gut happy have hallo hello help helped helpful helping hey hi hilfe hier i ich ihnen ihr ihre ihren im in is ist it its "
    "jetzt ja job kind kindly later lg liebe lieben looks lot lots lovely love lösung loesung ma many mfg mit morning moin much my nice night now nochmal nochmals noted nun of ok okay on one our perfect perfectly "
    "perfekt prima prompt pretty quick quickly rapid rasche reaktion received reply response resolution regards really reading answer antwort answering schnell schnelle schnellen schönen schöne sehr service servus "
    "seems see sie sincerely so solution solving sorting soon speedy super support swift sure team tag that the thats this thanks thank tip to today tschüss toll tolle und uns unterstützung up update us very viele vielen vg "
    "warm we week weekend well wieder wir wish wishes wonderful wochenende work worked working works yes yesterday you your yours yep yup zusammen zurück rückmeldung info information infos "
    "beaucoup pour votre aide et bonne journée bonjour muchas por su ayuda la le les de mille per il tuo aiuto voor je hulp så mycket för mucho buen dia buenos hola ciao hej attention assistance time patience "
    "explanation explaining clarification effort fix fixing fixed taking care getting back me quickest heads followup follow excellent afternoon bem hast haben hat geholfen habt klasse spitze einen abend schon erledigt "
    "kr br rgds sincere sent mobile iphone".split()
)
_TROUBLE = re.compile(
    r"\?|\b(?:but|however|although|though|still|not|no|nope|never|unfortunately|sadly|again (?:broken|failing)|broken|"
    r"break|breaks|fail|fails|failed|failing|failure|error|errors|down|crash|crashes|crashed|"
    r"wrong|issue remains|except|unless|question|another|different|new problem|instead|waiting|when|why|how|can you|"
    r"could you|would you|please (?!close)|need|needs|advance|nothing|aber|leider|nicht|kein|keine|"
    r"jedoch|noch|trotzdem|fehler|weiterhin|voraus|vorab|bitte(?! (?:schließen|das ticket|ticket))|frage|wann|warum|"
    r"mais|pas|toujours|erreur|avance|pero|sin embargo|anticipo|antemano|maar|niet|vooraf|men|inte|ikke|förväg)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")


def is_thanks(reply_text: str) -> bool:
    """Whether a reply only thanks or confirms. In doubt it does not: a wrong yes would hide a problem."""
    text = reply_text.strip()
    if not text or len(text) > 500:
        return False
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    rest = _SOLVED.sub(" ", text.replace("’", "'"))
    if (
        not (_GRATITUDE.search(text) or _SOLVED.search(text))
        or _TROUBLE.search(rest)
        or re.search(r"\d", rest)
    ):
        return False
    rest = _NAMED.sub(" ", _GRATITUDE.sub(" thanks ", rest))
    if len(lines) > 1 and _is_name(lines[-1]):
        rest = rest.rstrip().removesuffix(lines[-1])
    words = [word.lower().replace("'", "") for word in _WORD.findall(rest)]
    return all(word in _POLITE for word in words)


_NAMED = re.compile(r"\b(?:thanks|hi|hello|hey|hallo|dear|liebe[rs]?|guten (?:tag|morgen)|regards|grüße|gruß|cheers|"
    r"bye)\b,? "
                    r"(?:(?:Herr|Frau|Mr|Ms|Mrs|Dr)\.? )?((?-i:[A-ZÄÖÜÉ])[\w'-]{1,20})(?: "
                    r"(?-i:[A-ZÄÖÜÉ])[\w'-]{1,20})?(?=\s*(?:[,.!)]|\n|\Z|\band\b|\bund\b|\bfor\b|\bfür\b))",
                    re.IGNORECASE)  # fmt: skip


def _is_name(line: str) -> bool:
    words = line.rstrip(".,!").split()
    return 0 < len(words) <= 3 and all(
        word[0].isupper() and word.replace("-", "").replace(".", "").isalpha() for word in words
    )


# --- subjects -----------------------------------------------------------------------------------------

_PREFIX = re.compile(
    r"\s*(?:\[(?:ext|extern|external|spam\??)\]\s*)?(?:re|aw|antw|antwort|antwoord|sv|vs|vá|ref|rif|ris|res|rsp|odp|"
    r"ynt|回复|答复|回覆|"
    r"fwd?|wg|tr|rv|vb|vl|fs|doorst|enc|i|pd|továbbítás|転送|转发)"
    r"\s?(?:\[\s?\d{1,4}\s?\]|\(\s?\d{1,4}\s?\)|\^\d{1,4}|\*\d{1,4}|\d{1,3})?\s?[::]\s*",
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
