"""Does a message look like an emergency? The phrases that say so, so that a person looks at once.

Severity is never touched by words; whoever triages is told, with the phrases as they were written.
"""

import re
from collections.abc import Iterator
from typing import Final

from mainstay.intake.email.charsets import printable
from mainstay.intake.email.stems import Text, sought

MAX_SCANNED: Final = 200_000

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
        r"\b(?:dringend(?:st)?|notfall|eilt(?! nicht)|sehr eilig|höchste (?:priorität|dringlichkeit)|schnellstmöglich|"
        r"umgehend(?:e)? hilfe|sofort(?:ige)? hilfe|so schnell wie möglich)\b",
        r"\b(?:das|es|situation|problem|lage) ist (?:sehr |äußerst |extrem |geschäfts|betriebs|hoch)?kritisch\b|"
        r"\bkritische(?:r|s|n)? (?:fehler|problem|situation|störung|ausfall|vorfall)\b|\bbetriebskritisch\b",
    )
)
# A phrase of the same place above holds at least one of these, in small letters: see `stems`.
_STEMS: Final = (
    "broken|crashed|dead|down|inaccessible|not accessible|not available|not reachable|not responding|"
    "offline|stopped|unavailable|unreachable",
    "down",
    "crashed|does not respond|doesn't respond|no longer |not working|stopped working",
    "outage",
    "business|operation|production|shipping|standstill|the line",
    "branches|clients|colleagues|customer|employees|staff|stores|user",
    " one| user|-one|body|ne of us",
    "can not|can't|cannot|couldn't|impossible to|login |no longer|not able to|unable to",
    "corrupted|corruption of data|data |deleted|loss of data|lost ",
    "breached|compromised|data breach|data leak|encrypted by|hacked|intrusion|malware|ransomware|"
    "security |unauthori|under attack",
    "as soon as possible|asap|emergency|help |immediate |right now please|urgent",
    "critical|mission|stopper",
    "p-1|p1|prio|s1 incident|schweregrad|sev",
    "losing |patient|safety ",
    "alles|anwendung|applikation|cluster|datenbank|dienst|instanz|lager|plattform|portal|produktion|"
    "produktivumgebung|schnittstelle|server|shop|software|system|webseite|website|werk",
    "ausfall|ruht|stehen|steht|stillstand",
    "gar nichts mehr|geht gar nichts|geht nichts mehr|nichts geht mehr",
    "alle|keine der|keiner der|sämtliche",
    "keiner|niemand",
    "möglich|nicht ",
    "daten",
    "datenleck|datenpanne|erpressungstrojaner|gehackt|hackerangriff|kompromittiert|"
    "sicherheitslücke ausgenutzt|sicherheitsvorfall|unbefugter zugriff|verschlüsselungstrojaner",
    "dringend|eilt|höchste |notfall|schnellstmöglich|sehr eilig|so schnell wie möglich|sofort|umgehend",
    " ist |betriebskritisch|kritische",
)
_SOUGHT: Final = tuple(sought(*one) for one in zip(_EMERGENCIES, _STEMS, strict=True))
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
    r"drill)\b\W*(?:\w+\W+){0,2}\Z",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^.!?\n;]{1,600}(?:[.!?;](?=\s|\Z)|\n|\Z|(?=[^.!?\n;])|[.!?;])")


def emergency(text: str, subject: str = "") -> list[str]:
    """Why a message looks like an emergency: the phrases that say so, as written; empty when none does.

    Negated, asked-about, planned and already resolved ones do not count. Severity is not touched by it.
    """
    found: dict[str, str] = {}
    for source in (subject[:1000], text[:MAX_SCANNED]):
        source = source.replace("’", "'")
        searched = Text(source)
        patterns = [one.pattern for one in _SOUGHT if searched.may_hold(one)]
        for sentence in _SENTENCE.findall(source) if patterns else ():
            phrases = list(_phrases(sentence, patterns)) if len(sentence) >= 2 else []
            if phrases and not _ASKING.match(sentence.strip()) and not _is_over(sentence):
                for phrase in phrases:
                    found.setdefault(phrase.lower(), phrase)
            if len(found) >= 20:
                return list(found.values())
    return list(found.values())


def _is_over(sentence: str) -> bool:
    match = _OVER.search(sentence)
    return match is not None and not _NOT_OVER.search(sentence[max(0, match.start() - 25) : match.end()])


def _phrases(sentence: str, patterns: list[re.Pattern[str]]) -> Iterator[str]:
    for pattern in patterns:
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
