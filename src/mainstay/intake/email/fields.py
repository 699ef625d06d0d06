"""What a request already says: read out of a plain mail, each value with the place it was found.

Labelled lines ("Severity: 1"), filled-in templates and simple tables come first, in English and German;
then the signature, the sender and the subject; then what a sentence states plainly. Offsets are into
`Message.body_text`, so that a page can mark the place. Nothing here sets anything: triage decides.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from mainstay.intake.email.emergency import emergency
from mainstay.intake.email.stems import Sought, Text, sought
from mainstay.intake.email.subjects import reply_prefix, ticket_hint
from mainstay.intake.email.thanks import is_thanks
from mainstay.intake.email.words import WEAK_LABELS, labels

if TYPE_CHECKING:
    from mainstay.intake.email.parse import Message

__all__ = [
    "NAMES",
    "Field",
    "completeness",
    "emergency",
    "is_thanks",
    "missing",
    "read",
    "reply_prefix",
    "severity_rank",
    "ticket_hint",
    "wanted",
]

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

_LABELS: Final = labels()
_LONG: Final = frozenset(["description", "steps", "business_impact", "debugging", "environment"])
_MARKS = " \t>*_#-–•·|.°▪►[]()\u00a0"
_SEPARATOR = re.compile(r"\s*(?:[:：=|\t]|\u2192|->| {2,}| - | – )\s*")
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

    @cached_property
    def label(self) -> tuple[str, str, int] | None:
        """The field the line is labelled with, the label, and the offset in the line where its value begins."""
        return _label_of(self.text[:MAX_LINE])


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
    free = [line for line in free if not line.label]
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


def _label_of(text: str) -> tuple[str, str, int] | None:
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
    if (
        len(text.strip()) <= 60
        and label in _LABELS
        and label not in WEAK_LABELS
        and text.strip()[-1:] in "?*_#"
    ):
        return _LABELS[label], label, len(text)
    return None


_BRACKETS = re.compile(r"\s*(?:\([^()]{0,80}\)|\[[^\[\]]{0,80}\])\s*")
_SPACES = re.compile(r"\s+")


def _normal(label: str) -> str:
    if "(" in label or "[" in label:
        label = _BRACKETS.sub(" ", label)
    label = _SPACES.sub(" ", label.strip(_MARKS + "?:!,").lower()).replace("(s)", "s")
    return label.removeprefix("the ").removeprefix("your " if label not in _LABELS else "")


def _skip_marks(text: str, position: int) -> int:
    while position < len(text) and text[position] in " \t*_|\u00a0":
        position += 1
    return position


def _labelled(lines: Sequence[_Line], signature: str) -> Iterator[Field]:
    index = 0
    while index < len(lines):
        line = lines[index]
        found = line.label
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
        if label in WEAK_LABELS and (not first or (name not in _LONG and len(first) > 200)):
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
        if line.label or _ends_block(text):
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
    while low < len(lines) and lines[low].start <= end:
        yield lines[low]
        low += 1


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
    r"\b[A-Za-z_.]{3,80}(?:Exception: |Error: )|"
    r"^\s*\[?(?:\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}).{0,60}\b(?:ERROR|FATAL|WARN|SEVERE)\b|"
    r"\bHTTP(?:/1\.1)? [45]\d\d\b|\b(?:ORA|SQLSTATE|ERR)[-_ ]?\d{3,6}\b|\b0x[0-9A-Fa-f]{8}\b|Internal Server Error",
)
_NUMBERED = re.compile(r"\s{0,8}(?:\d{1,2}\s?[.):]|(?:step|schritt) \d{1,2}\b)\s?\S", re.IGNORECASE)


_TRACED: Final = sought(
    _TRACE,
    "Traceback|at |xception: |Exception in |Caused by|ERR|rror: |FATAL|WARN|SEVERE|HTTP|ORA|SQLSTATE|0x|"
    "Internal Server",
)
_STATED: Final = (
    ("product_version", Sought(_VERSION)),
    (
        "environment",
        sought(
            _ENVIRONMENT,
            "environment|system|server|instance|cluster|site|umgebung|instanz|prod|staging|uat|qa|betrieb",
        ),
    ),
    (
        "frequency",
        sought(
            _FREQUENCY,
            "every |each time|always|permanent|constant|continuous|intermittent|sporadi|from time to time|occasion|"
            "once in a while|random|only once|just once|minute|hour|day|week|month|daily|mal|bei jedem|immer wieder|"
            "ständig|dauernd|gelegentlich|ab und zu|hin und wieder|täglich|stündlich|cases|fälle",
        ),
    ),
    ("since", sought(_SINCE, "since|start|began|seit|ab|beginn")),
    ("customer_reference", Sought(_REFERENCE)),
    ("desired_severity", Sought(_SEVERITY_SAID)),
    (
        "business_impact",
        sought(
            _IMPACT,
            "users|employees|customers|colleagues|clients|people|staff|stores|sites|nutzer|anwender|mitarbeiter|"
            "kunden|kollegen|filialen|cannot|can't|can not|unable to|stopped|blocked|standstill|halted|lost|delayed|"
            "affected|at risk|wir können|produktion|geschäft|versand|lohnlauf|monatsabschluss",
        ),
    ),
)


def _stated(lines: Sequence[_Line]) -> Iterator[Field]:
    """What a sentence says plainly, one pattern at a time over each line."""
    whole = Text("\n".join(line.text[:MAX_LINE] for line in lines))
    patterns = {name: one.pattern for name, one in _STATED if whole.may_hold(one)}
    for line in lines if patterns else ():
        text = line.text[:MAX_LINE]
        for name, pattern in list(patterns.items()):
            match = pattern.search(text)
            if match:
                del patterns[name]
                yield _at(name, line, *_place(name, text, match))
    if whole.may_hold(_TRACED):
        yield from _trace(lines)
    yield from _numbered(lines)


def _place(name: str, text: str, match: re.Match[str]) -> tuple[int, int]:
    if name == "business_impact":
        return _sentence(text, *match.span())
    return match.span(next((number for number, part in enumerate(match.groups(), 1) if part), 0))


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


_REPRODUCES = re.compile(r"reproduc|steps|nachstell|schritt|reproduz", re.IGNORECASE)


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
        if len(run) >= 3 or (len(run) == 2 and _REPRODUCES.search(before[:500])):
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
    r"(?:phone|tel|telephone|telefon|mobile|mobil|cell|direct|fon|t|m|p|ph|handy|office)\b\.?\s?[:：.]?\s?(\+?\(?\d[\d "
    r"().\-/\u00a0]{5,22}\d)",
    re.IGNORECASE,
)


_IN_SUBJECT: Final = (
    ("product_version", _VERSION),
    ("customer_reference", _REFERENCE),
    ("environment", _ENVIRONMENT),
    ("desired_severity", _SEVERITY_SAID),
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
    for name, pattern in _IN_SUBJECT:
        match = pattern.search(subject)
        if match:
            value = next((part for part in match.groups() if part), match[0])
            yield Field(
                name, value, "subject", rank=severity_rank(value) if name == "desired_severity" else None
            )
    labelled = _label_of(subject[:200])
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


_NUMBERED_TICKET: Final = sought(_TICKET, "ticket|case|request|anfrage|vorgang|#")


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
    whole = Text("\n".join(line.text[:MAX_LINE] for line in lines))
    for line in lines if whole.may_hold(_NUMBERED_TICKET) else ():
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
