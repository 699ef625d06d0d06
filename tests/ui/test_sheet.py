"""The style sheets, the scripts, what a page loads of them, and what no template may hold."""

import re
from pathlib import Path

import pytest

import mainstay.ui

UI = Path(mainstay.ui.__file__).parent
STATIC = UI / "static" / "mainstay"
SHEET = (STATIC / "mainstay.css").read_text()
SHEETS = sorted(STATIC.glob("*.css"))
PACKAGE = UI.parent
OF_PAGES = [folder / "templates" for folder in (UI, PACKAGE / "desk", PACKAGE / "portal")]
PAGES = [page for folder in OF_PAGES for page in folder.rglob("*.html") if page.name != "mail.html"]
WRITTEN = {
    str(page.relative_to(folder)): page.read_text() for folder in OF_PAGES for page in folder.rglob("*.html")
}
WHOLE = sorted(name for name, text in WRITTEN.items() if "{% extends" in text)
TOKEN = re.compile(r"--([\w-]+): light-dark\((#\w+), (#\w+)\)")
TOKENS = {name: (light, dark) for name, light, dark in TOKEN.findall(SHEET)}
SURFACES = ("paper", "sheet", "sunk")

TEXT, MARK = 4.5, 3.0
NEEDED = [
    *[(role, on, TEXT) for role in ("ink", "ink-2", "ink-3", "signal-text", "yours") for on in SURFACES],
    *[(role, "yours-tint", TEXT) for role in ("ink", "ink-2", "yours")],
    *[(role, on, MARK) for role in ("line-2", "signal") for on in SURFACES],
    ("line-2", "day", MARK), ("line-2", "night", MARK), ("ink", "day", TEXT), ("ink", "night", TEXT),
    ("on-ink", "ink", TEXT), ("on-signal", "signal-fill", TEXT), ("on-yours", "yours", TEXT),
]  # fmt: skip


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("role", "on", "least"), NEEDED)
@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_every_role_can_be_read_on_what_it_may_lie_on(role, on, least, theme):
    assert round(contrast(TOKENS[role][theme], TOKENS[on][theme]), 1) >= least


def loaded(page: str, kind: str) -> set[str]:
    """The names of the sheets ("css") or scripts ("js") that a page and the frames around it ask for."""
    text = WRITTEN[page]
    more = re.findall(r'{% (?:extends|include|fixed) "([\w/]+\.html)"', text)
    own = set(re.findall(rf'{{% static "mainstay/(\w+\.{kind})" %}}', text))
    return own.union(*(loaded(one, kind) for one in more if one in WRITTEN))


def size(names: set[str]) -> int:
    return sum(next(PACKAGE.glob(f"*/static/mainstay/{name}")).stat().st_size for name in names)


@pytest.mark.parametrize("page", WHOLE)
def test_a_page_loads_less_than_50_kB_of_style_and_100_kB_of_script(page):
    sheets, scripts = loaded(page, "css"), loaded(page, "js")
    assert "mainstay.css" in sheets
    assert size(sheets) < 50_000, sheets
    assert size(scripts) < 100_000, scripts


def test_every_sheet_and_every_script_is_loaded_by_some_page():
    loads = set().union(*(loaded(page, kind) for page in WHOLE for kind in ("css", "js")))
    assert {one.name for one in [*SHEETS, *STATIC.glob("*.js")]} <= loads


def test_the_order_of_the_layers_is_said_once():
    assert [sheet.name for sheet in SHEETS if re.search(r"@layer [\w, ]+;", sheet.read_text())] == [
        "mainstay.css"
    ]
    order = re.search(r"@layer ([\w, ]+);", SHEET)
    used = {name for sheet in SHEETS for name in re.findall(r"@layer (\w+) {", sheet.read_text())}
    assert used == set(order[1].split(", "))


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_every_rule_of_a_sheet_is_in_a_layer(sheet):
    outside = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.S)
    depth, heads = 0, []
    for part in re.split(r"([{}])", outside):
        if part == "{":
            depth += 1
        elif part == "}":
            depth -= 1
        elif depth == 0 and part.strip():
            heads.append(part.strip().split(";")[-1].strip())
    assert depth == 0
    assert all(head.startswith("@layer") for head in heads if head)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PACKAGE)))
def test_no_page_has_inline_style_or_script(page):
    text = page.read_text()
    assert not re.search(r"\sstyle\s*=", text)
    assert not re.search(r"\son\w+\s*=\s*[\"']", text)
    assert "<style" not in text
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)


def test_scripts_bring_no_inline_style():
    for script in STATIC.glob("*.js"):
        assert not re.search(r"\.style\b|style=|\beval\(|new Function", script.read_text()), script.name


def test_all_classes_of_states_are_drawn_in_the_sheet():
    for k in ("warn", "over", "wait", "third", "goal", "met", "was"):
        assert f"[data-k={k}]" in SHEET
