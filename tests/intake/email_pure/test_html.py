"""Nothing in an HTML mail runs, loads or leads where it should not."""

import re

import pytest

from mainstay.intake.email.html import sanitise, to_text

HOSTILE = [
    "<script>alert(1)</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<scr<scr<scr<script>ipt>ipt>ipt>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "<a href=' &#106;avascript:alert(1)'>x</a>",
    "<a href=vbscript:x>x</a>",
    "<a href='data:text/html,<script>1</script>'>x</a>",
    "<iframe src=//evil.example>",
    "<object data=x>",
    "<embed src=x>",
    "<form action=//evil.example><input name=a><button formaction=javascript:1>x</button></form>",
    "<style>*{background:url(//evil.example)}</style>",
    "<p style='background:url(//evil.example)' class=x id=y onclick=1>x</p>",
    "<link rel=stylesheet href=//evil.example>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<base href=//evil.example>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<template><img src=x onerror=1></template>",
    "<textarea><img title='</textarea><img src=x onerror=1>'></textarea>",
    "<title><img src=x onerror=1></title>",
    "<xmp><img src=x onerror=1></xmp>",
    "<!--><img src=x onerror=1>-->",
    "<![CDATA[<img src=x onerror=1>]]>",
    "<details open ontoggle=1>",
    "<video><source onerror=1>",
    "<table background=//evil.example/x.png><tr><td>x",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<svg></p><style><a id='</style><img src=1 onerror=alert(1)>'>",
    "<a href='//evil.example'>x</a>",
    "<a href='/desk/tickets/1'>x</a>",
    "<b><i><a href=http://x.example><a href=http://y.example>x",
    "<img srcset='http://evil.example/p 1x'>",
    "<input type=image src=http://evil.example>",
    "<p title='<img src=x onerror=1>'>x</p>",
    "<a href='https://x.example/\"onclick=1'>x</a>",
    "<img alt='\"><script>1</script>' src=cid:x>",
]


@pytest.mark.parametrize("page", HOSTILE)
def test_attack_24_nothing_executes_and_attack_25_cleaning_again_changes_nothing(page: str) -> None:
    clean = sanitise(page)
    assert sanitise(clean) == clean
    tags = re.findall(r'<[a-z][^\s>]*(?: [a-z-]+="[^"]*")*', clean)
    for tag in tags:
        assert not re.match(
            r"<(?:script|style|iframe|object|embed|form|input|svg|math|link|meta|base|video|template)\b", tag
        )
        names = re.findall(r' ([a-z-]+)="', tag)
        assert not {
            name
            for name in names
            if name.startswith("on") or name in ("style", "src", "srcset", "class", "id", "background")
        }
        for target in re.findall(r' href="([^"]*)"', tag):
            assert re.match(r"(?:https?://|mailto:)", target)


def test_attack_36_no_picture_is_loaded() -> None:
    page = (
        '<img src="http://127.0.0.1/x"><img src="https://track.example/p.gif" width=1>'
        '<img src="cid:logo1"><img src="data:image/png;base64,AA"><img src="//t.example/x">'
    )
    clean = sanitise(page)
    assert " src=" not in clean
    assert 'data-cid="logo1"' in clean
    assert 'data-blocked="https://track.example/p.gif"' in clean
    assert clean.count("data-blocked") == 4


def test_attack_41_links_lead_outside_without_telling_where_from() -> None:
    clean = sanitise('<a href="https://x.example/a?b=1&c=2">x</a> <a href="mailto:a@b.example">m</a>')
    assert clean.count('rel="noopener noreferrer"') == 2
    assert clean.count('target="_blank"') == 2
    assert 'href="https://x.example/a?b=1&amp;c=2"' in clean


def test_words_and_structure_stay() -> None:
    page = (
        '<h1>Hi</h1><p>a <b>b</b></p><ul><li>c</li></ul><table><tbody><tr><td colspan="2">'
        "d</td></tr></tbody></table><pre>e\n f</pre>"
    )
    assert sanitise(page) == page


def test_text_keeps_lines_lists_and_tables() -> None:
    text = to_text(
        "<p>Hi</p><p>a<br>b&nbsp;c</p><script>no()</script><style>x</style><table>"
        "<tr><td>Severity</td><td>1</td></tr></table><ul><li>x</li></ul>"
    )
    assert text == "Hi\n\na\nb c\n\nSeverity  1\n\n  * x"


@pytest.mark.parametrize("depth", [200, 900, 30_000])
def test_text_deep_inside_is_still_found(depth: int) -> None:
    assert "hello" in to_text("<div>" * depth + "hello")
    assert "hello" in sanitise("<div>" * depth + "hello")
