"""What is written in Markdown is shown, and nothing else of it runs or loads (ATTACKS 24, 25, 36, 41)."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mainstay.knowledge import markdown

SAFE = re.compile(
    r"</?(?:a|blockquote|br|code|em|h[234]|hr|img|li|ol|p|pre|s|strong|table|tbody|td|th|thead|tr|ul)"
    r'(?: (?:href="(?:https?://[^"]+|mailto:[^"]+)"|title="[^"]*"|rel="noopener noreferrer"'
    r'|src="/articles/1/pictures/\d+"'
    r'|alt="[^"]*"|start="\d+"))*\s?/?>'
)


def shown(body: str) -> str:
    return markdown.as_html(body, "/articles/1/pictures/")


def safe(html: str) -> bool:
    return "<" not in SAFE.sub("", html)


def test_what_articles_are_made_of() -> None:
    html = shown(
        "# One\n\n**b** *i* `c`\n\n1. x\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```\n<x>\n```\n\n![it](picture:7)"
    )
    for part in (
        "<h2>One</h2>",
        "<strong>b</strong>",
        "<td>1</td>",
        "&lt;x&gt;",
        'src="/articles/1/pictures/7"',
    ):
        assert part in html
    assert safe(html)


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,<script>alert(1)</script>",
        "vbscript:x", "//evil.example",
        "/desk/tickets/1", "file:///etc/passwd", "java&#x73;cript:alert(1)", 
        "java\tscript:alert(1)", "\x01javascript:alert(1)",
        "https:evil", "picture:1", "ftp://x.example/",
    ],
)  # fmt: skip
def test_a_link_leads_to_http_https_or_mailto__attack_41(link: str) -> None:
    for body in (f"[x]({link})", f"[x](<{link}>)", f"<{link}>", f"[x][1]\n\n[1]: {link}"):
        assert not re.search(r'href="(?!https?://|mailto:)', shown(body)), body


def test_good_links_stay() -> None:
    html = shown("[a](https://x.example/y?z=1) [b](mailto:a@x.example) <http://x.example/>")
    assert html.count("href=") == 3
    assert 'rel="noopener noreferrer"' in html


@pytest.mark.parametrize(
    "picture",
    ["https://canary.example/p.png", "http://127.0.0.1/",
        "data:image/svg+xml,<svg/>", "picture:x", 
        "/files/1", "picture:7/../../x"],
)  # fmt: skip
def test_a_picture_is_the_articles_own__attack_36(picture: str) -> None:
    assert "src=" not in shown(f"![x]({picture})")


@pytest.mark.parametrize(
    "body",
    [
        "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<scr<script>ipt>alert(1)</scr</script>ipt>",
        '[x](https://x.example/" onmouseover="alert(1))', '![x" onerror="alert(1)](picture:7)',
        "<svg onload=alert(1)>",
        '[x](https://x.example "t\\" onclick=\\"alert(1)")', "```html\n<script>alert(1)</script>\n```",
        "<style>*{}</style>",
        "<iframe src=javascript:alert(1)>", "<a href=javascript:alert(1)>x</a>", "<!--><script>alert(1)</script>-->",
    ],
)  # fmt: skip
def test_nothing_that_is_written_runs__attack_24(body: str) -> None:
    html = shown(body)
    assert safe(html), html


@settings(max_examples=150)
@given(st.text(alphabet="<>\"'&[]()!`*_#|:/\\ =\njavscriptpueoncl0x1-", max_size=200))
def test_whatever_is_written_is_safe_and_cleaning_again_changes_nothing__attack_25(body: str) -> None:
    assert safe(shown(body))


@pytest.mark.parametrize(
    "body", ["[" * 50_000, "*a " * 30_000, "> " * 40_000, "![" * 40_000, "`" * 99_999, "|a" * 40_000]
)
def test_hostile_bodies_take_no_time__attack_33(body: str) -> None:
    assert safe(shown(body))


def test_the_words_of_an_article_are_without_its_marks() -> None:
    assert markdown.as_words("## A & B\n\n[link](https://x.example)").split() == ["A", "&", "B", "link"]
    assert markdown.pictures_of("![a](picture:7) ![b](<picture:12>)") == [7, 12]
