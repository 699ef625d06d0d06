"""HTML mail: what may be shown of it, and what it says as text.

Nothing a sender writes may run, load, or look like part of our page: an allow-list parser keeps structure
and words, drops styles, and turns every picture into a marker. The content security policy is the second
wall, not the first.
"""

import re
from typing import Any, Final

from mainstay.intake.email.charsets import storable
from mainstay.intake.email.words import words

MAX_SHOWN: Final = 1_000_000
MAX_READ: Final = 2_000_000
MAX_TAGS: Final = 40_000

_TAGS: Final = words(
    "a abbr address b bdi big blockquote br caption center cite code col colgroup dd del dfn div dl dt em "
    "figcaption figure font h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strike "
    "strong sub sup table tbody td tfoot th thead time tr tt u ul var wbr"
)
_ATTRIBUTES: Final = {
    "*": {"dir", "lang", "title"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height", "data-cid", "data-blocked"},
    "td": {"colspan", "rowspan", "align", "valign"},
    "th": {"colspan", "rowspan", "align", "valign", "scope"},
    "tr": {"align", "valign"},
    "ol": {"start", "type"},
    "col": {"span"},
    "p": {"align"},
    "div": {"align"},
}
_DROPPED_WITH_CONTENT: Final = words(
    "script style title template noscript iframe object embed applet svg math textarea select xmp noembed "
    "noframes audio video canvas button frameset"
)
_LINK = re.compile(r"(?:https?://[^\s/]|mailto:[^\s])", re.IGNORECASE)
_TAG = re.compile(r'<([a-z][a-z0-9]*)((?: [a-z-]++="[^"]*+")*+)>')
_ATTRIBUTE = re.compile(r' ([a-z-]+)="([^"]*)"')
_SPAN = re.compile(r"[0-9]{1,4}%?")


def sanitise(html: str) -> str:
    """HTML that is safe to show inside a page; the same again when applied again.

    Links go to http, https and mailto only. `<img src="cid:x">` becomes `<img data-cid="x">`; every other
    picture `<img data-blocked="address">`, which loads nothing until someone asks for it.
    """
    html, cut = _bounded(html, MAX_SHOWN)
    if _is_hostile(html, MAX_SHOWN_NESTED):
        return _plain(html)
    shown = html
    for _ in range(5):
        before, shown = shown, _clean(shown)
        if shown == before:
            break
    else:  # a page that reads otherwise each time it is read is shown as its words
        return _plain(html)
    return shown + ("<p>…</p>" if cut else "")


def _clean(html: str) -> str:
    import nh3

    cleaned = nh3.clean(
        html,
        tags=set(_TAGS),
        clean_content_tags=set(_DROPPED_WITH_CONTENT),
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        attribute_filter=_filter,
        url_schemes={"http", "https", "mailto", "cid"},
        url_relative="deny",
        link_rel=None,
        set_tag_attribute_values={"a": {"rel": "noopener noreferrer", "target": "_blank"}},
    )
    return _TAG.sub(_settled, cleaned)


def _plain(html: str) -> str:
    from html import escape

    return f"<pre>{escape(_tidy(strip_tags(html)), quote=False)}</pre>"


def _filter(tag: str, attribute: str, value: str) -> str | None:
    if attribute == "href":
        return value if _LINK.match(value) else None
    if attribute == "src":
        return value
    if attribute in ("width", "height", "colspan", "rowspan", "span", "start"):
        return value if _SPAN.fullmatch(value) else None
    if attribute == "data-blocked":
        return value if re.match(r"https?://", value, re.IGNORECASE) else "unknown"
    return value[:2000]


def _settled(match: "re.Match[str]") -> str:
    """A cleaned tag with its attributes in one order, and pictures as markers."""
    attributes = dict(_ATTRIBUTE.findall(match[2]))
    if match[1] == "img":
        _mark_picture(attributes)
    return f"<{match[1]}" + "".join(f' {name}="{attributes[name]}"' for name in sorted(attributes)) + ">"


def _mark_picture(attributes: dict[str, str]) -> None:
    source = attributes.pop("src", None)
    if source is not None and source.lower().startswith("cid:"):
        attributes["data-cid"] = source[4:2004]
    elif source is not None:
        attributes["data-blocked"] = source if source.lower().startswith("http") else "unknown"
    elif "data-cid" not in attributes:
        attributes.setdefault("data-blocked", "unknown")


def to_text(html: str) -> str:
    """The words of an HTML mail in lines, tables as columns, links without their addresses. Never raises."""
    html, cut = _bounded(html, MAX_READ)
    text = _readable(html, without_quotes=False)
    return text + ("\n[…]" if cut else "")


def to_reply_text(html: str) -> str:
    """As `to_text`, without what mail programs mark as quoted."""
    html, _ = _bounded(html, MAX_READ)
    return _readable(html, without_quotes=True)


_QUOTING = re.compile(r"gmail_|yahoo_quoted|moz-cite|_quote|zmail_extra|divRplyFwdMsg|appendonsend|mail-editor-ref|"
                      r"<blockquote|border-top:\s?solid", re.IGNORECASE)  # fmt: skip


def holds_quotes(html: str) -> bool:
    """Whether a mail program may have marked something as quoted; `to_reply_text` differs only then."""
    return bool(_QUOTING.search(html, 0, MAX_READ))


def _bounded(html: str, limit: int) -> tuple[str, bool]:
    """HTML cut at `limit` characters and at MAX_TAGS tags, and whether it was cut."""
    cut = len(html) > limit
    html = html[:limit]
    if html.count("<") > MAX_TAGS:
        html = "<".join(html.split("<", MAX_TAGS)[:MAX_TAGS])
        cut = True
    return html, cut


# A start or end tag as a browser's tokeniser sees it: quotes count only behind "=".
_MARK = re.compile(r"<(/?)([a-zA-Z][^\s/>]*+)((?:[^>=]|=\s*+(?:\"[^\"]*+\"|'[^']*+')?+)*+)(?:>|\Z)")
_VALUE = re.compile(r"=\s*+(?:\"[^\"]*+\"|'[^']*+')")
_GAP = re.compile(r"[\s/]+")
_UNNESTED: Final = words(
    "p li td th tr dt dd option br img hr meta link input col area base wbr source track param embed tbody thead tfoot"
)
MAX_NESTED: Final = 200  # libxml2 drops what lies deeper
MAX_SHOWN_NESTED: Final = 1000
MAX_ATTRIBUTES: Final = 500


def _is_hostile(html: str, nested: int) -> bool:
    """Whether a page is built to make parsers slow: they need the square of its depth or of its attributes."""
    depth = 0
    for match in _MARK.finditer(html):
        if match[2].lower() not in _UNNESTED:
            depth = max(depth - 1, 0) if match[1] else depth + 1
            if depth > nested:
                return True
        if len(match[3]) > 2 * MAX_ATTRIBUTES and _attributes(match[3]) > MAX_ATTRIBUTES:
            return True
    return False


def _attributes(text: str) -> int:
    return sum(1 for _ in _GAP.finditer(_VALUE.sub("= ", text)))


def _readable(html: str, *, without_quotes: bool) -> str:
    try:
        text = _by_inscriptis(html, without_quotes)
    except Exception:  # whatever a hostile page does to the parser, its words are still wanted
        text = strip_tags(html)
    return _tidy(text)


def _by_inscriptis(html: str, without_quotes: bool) -> str:
    from inscriptis.html_engine import Inscriptis
    from lxml import etree
    from lxml.html import HTMLParser, document_fromstring

    html = _DECLARATION.sub("", storable(html).strip(), count=1)
    if not html or not html.strip("<>! \n"):
        return ""
    if _is_hostile(html, MAX_NESTED):
        return strip_tags(html)
    try:
        tree = document_fromstring(html, parser=HTMLParser(encoding="utf-8"))
    except (etree.ParserError, ValueError):
        return strip_tags(html)
    for node in list(tree.iter("script", "style", "title", "template")):
        _drop(node)
    if without_quotes:
        _drop_quotes(tree)
    if _too_tabular(tree):
        return strip_tags(html)
    return str(Inscriptis(tree, _config()).get_text())


_DECLARATION = re.compile(r"^<\?xml [^>]{0,500}>")


def _config() -> Any:
    from inscriptis.css_profiles import CSS_PROFILES
    from inscriptis.model.config import ParserConfig

    return ParserConfig(css=CSS_PROFILES["strict"].copy())


def _too_tabular(tree: Any) -> bool:
    """Whether laying the tables out as text would cost too much: it takes lines times columns of each."""
    for table in tree.iter("table"):
        if sum(1 for _ in table.iterancestors("table")) > 12:
            return True
        lines = columns = 0
        for node in table.iter("tr", "br", "p", "div", "li"):
            lines += 1
            if node.tag == "tr":
                columns = max(columns, len(node))
        if lines * columns > 30_000:
            return True
    return False


def _drop(node: Any) -> None:
    """Removes an element and keeps the text after it."""
    parent = node.getparent()
    if parent is None:
        return
    if node.tail:
        before = node.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + node.tail
        else:
            parent.text = (parent.text or "") + node.tail
    parent.remove(node)


_QUOTE_CLASSES = re.compile(r"(?:^|\s)(?:gmail_quote|gmail_quote_container|gmail_extra|yahoo_quoted|moz-cite-prefix|"
                            r"protonmail_quote|tutanota_quote|zmail_extra|gmail_attr)(?:\s|$)")  # fmt: skip
_REST_IDS = frozenset(
    ["divRplyFwdMsg", "appendonsend", "x_divRplyFwdMsg", "mail-editor-reference-message-container"]
)
_OUTLOOK_LINE = re.compile(r"border:\s?none;\s?border-top:\s?solid #(?:E1E1E1|B5C4DF) 1\.0pt", re.IGNORECASE)
_FORWARDED = re.compile(
    r"-{3,}\s?(?:Forwarded message|Weitergeleitete Nachricht|Message transféré)", re.IGNORECASE
)


def _drop_quotes(tree: Any) -> None:
    for node in list(tree.iter("div", "blockquote", "hr")):
        if node.getparent() is None:
            continue
        if node.get("id") in _REST_IDS or _is_outlook_line(node):
            _drop_rest(node)
        elif _is_quote(node) and not _FORWARDED.search("".join(node.itertext())[:2000]):
            _drop(node)


def _is_outlook_line(node: Any) -> bool:
    return node.tag == "div" and bool(_OUTLOOK_LINE.search(node.get("style", "")[:500]))


def _is_quote(node: Any) -> bool:
    if _QUOTE_CLASSES.search(node.get("class", "")[:500]):
        return True
    return node.tag == "blockquote" and (node.get("type") == "cite" or bool(node.get("cite")))


def _drop_rest(node: Any) -> None:
    """Removes an element and everything after it in its container."""
    parent = node.getparent()
    following = list(node.itersiblings())
    for sibling in [*following, node]:
        sibling.tail = None
        parent.remove(sibling)


_ANY_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)[^<>]*+>|<!--(?:[^-]|-(?!->))*+(?:-->|\Z)|<[!?][^<>]*+>")
_BLOCKS = words("p div br tr li table h1 h2 h3 h4 h5 h6 blockquote pre hr ul ol dt dd section article")


def strip_tags(html: str) -> str:
    """The words between the tags, roughly; for what no parser should be given."""
    from html import unescape

    html = _without_scripts(html)
    text = _ANY_TAG.sub(lambda match: "\n" if (match[2] or "").lower() in _BLOCKS else " ", html)
    return storable(unescape(text))


def _without_scripts(html: str) -> str:
    """Drops script and style with their content in one pass; an unclosed one ends the text."""
    out, position, lowered = [], 0, html.lower()
    for match in re.finditer(r"<(script|style|title)\b", lowered):
        if match.start() < position:
            continue
        out.append(html[position : match.start()])
        close = lowered.find(f"</{match[1]}", match.end())
        if close < 0:
            position = len(html)
            break
        position = close
    out.append(html[position:])
    return "".join(out)


_TRAILING = re.compile(r"[ \t\xa0]+(?=\n|\Z)")
_MANY_LINES = re.compile(r"\n{3,}")


def _tidy(text: str) -> str:
    lines = [line.replace("\xa0", " ").rstrip() for line in storable(text).split("\n")]
    return _MANY_LINES.sub("\n\n", "\n".join(lines)).strip("\n")
