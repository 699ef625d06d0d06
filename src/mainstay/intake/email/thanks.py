"""Does a reply only thank? Then it is recorded, and neither reopens nor rejects anything."""

import re

from mainstay.intake.email.words import POLITE

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
    rest = _CALLED.sub(" ", _NAMED.sub(" ", _GRATITUDE.sub(" thanks ", rest)))
    if len(lines) > 1 and _is_name(lines[-1]):
        rest = rest.rstrip().removesuffix(lines[-1])
    words = [word.lower().replace("'", "") for word in _WORD.findall(rest)]
    return all(word in POLITE for word in words)


_NAMED = re.compile(r"\b(?:thanks|hi|hello|hey|hallo|dear|liebe[rs]?|guten (?:tag|morgen)|regards|grüße|gruß|cheers|"
    r"bye)\b,? "
                    r"(?:(?:Herr|Frau|Mr|Ms|Mrs|Dr)\.? )?((?-i:[A-ZÄÖÜÉ])[\w'-]{1,20})(?: "
                    r"(?-i:[A-ZÄÖÜÉ])[\w'-]{1,20})?(?=\s*(?:[,.!)]|\n|\Z|\band\b|\bund\b|\bfor\b|\bfür\b))",
                    re.IGNORECASE)  # fmt: skip


# "..., Anna!"
_CALLED = re.compile(r",\s*[A-ZÄÖÜÉ][\w'-]{1,20}\s*(?=[.!]*\s*(?:\n|\Z))")


def _is_name(line: str) -> bool:
    words = line.rstrip(".,!").split()
    return 0 < len(words) <= 3 and all(
        word[0].isupper() and word.replace("-", "").replace(".", "").isalpha() for word in words
    )
