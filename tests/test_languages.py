"""The catalogues of translations: nothing of the portal lacks its German, and no translation loses a placeholder."""

import re
import runpy
from pathlib import Path
from typing import Any

import polib
import pytest
from django.test import Client
from django.utils import translation

from mainstay.config import languages

ROOT = Path(__file__).resolve().parents[1]
TOOL = runpy.run_path(str(ROOT / "scripts" / "messages"))
CATALOGUE = polib.pofile(str(languages.OURS / "de" / "LC_MESSAGES" / "django.po"))
GERMAN = {(one.msgid, one.msgctxt or ""): one for one in CATALOGUE if not one.obsolete}
HOLDS = re.compile(r"%\(\w+\)[sd]|\{\w+\}|%[sd]\b")
NOT_YET = ("desk/", "notices/", "policy/", "intake/email/", "intake/mailboxes/")
"""Staff's own words and the letters; everything else is complete."""


def owed() -> list[Any]:
    return [one for one in TOOL["found"]() if not all(name.startswith(NOT_YET) for name in sorted(one.files))]


def test_everything_that_a_customer_reads_has_its_german() -> None:
    lacking = [
        f"{sorted(one.files)[0]}: {one.text}"
        for one in owed()
        if (entry := GERMAN.get((one.text, one.context))) is None or not entry.translated()
    ]
    assert not lacking, "run `make messages` and translate:\n" + "\n".join(lacking)


def test_the_portal_is_found_to_be_translated_at_all() -> None:
    files = {name for one in owed() for name in one.files}
    for name in (
        "portal/templates/portal/home.html",
        "portal/shown.py",
        "tickets/customer_sentences.py",
        "ui/words.py",
    ):
        assert name in files


def test_no_translation_loses_or_adds_a_placeholder() -> None:
    wrong = []
    for entry in (one for one in CATALOGUE if one.translated() and not one.obsolete):
        given = entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]
        wanted = [set(HOLDS.findall(text)) for text in (entry.msgid, entry.msgid_plural) if text]
        wrong += [text for text in given if set(HOLDS.findall(text)) not in wanted]
    assert not wrong


def test_texts_of_templates_that_nobody_marked_are_found() -> None:
    """What stands between tags in the portal's templates is a tag, a variable, or marked for translation."""
    bare = []
    for path in sorted((ROOT / "src/mainstay/portal/templates/portal").glob("*.html")):
        text = re.sub(
            r"{% blocktrans.*?{% endblocktrans %}|{% block page_class %}.*?{% endblock %}|{#.*?#}|{%.*?%}|{{.*?}}",
            " ",
            path.read_text(),
            flags=re.S,
        )
        text = re.sub(r"<(script|style)\b.*?</\1>|<[^>]*>", " ", text, flags=re.S)
        bare += [
            f"{path.name}: {word}"
            for word in re.findall(r"[A-Za-z][a-z]{2,}[^\n]*", text.replace("&nbsp;", " "))
        ]
    assert not bare


def test_a_catalogue_is_compiled_where_it_has_changed_and_a_broken_one_leaves_english(tmp_path: Path) -> None:
    folder = tmp_path / "locale" / "fr" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(
        'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "Home"\nmsgstr "Accueil"\n'
    )
    languages.folders(tmp_path)
    assert polib.mofile(str(folder / "django.mo")).find("Home").msgstr == "Accueil"
    assert ("fr", "Français") in languages.offered(tmp_path)
    (folder / "django.po").write_text("this is no catalogue")
    (folder / "django.mo").unlink()
    languages.folders(tmp_path)
    assert not (folder / "django.mo").exists()


@pytest.mark.django_db
def test_a_stranger_reads_what_their_browser_asks_for_or_what_they_chose() -> None:
    client = Client(headers={"accept-language": "de-AT,de;q=0.9,en;q=0.5"})
    page = client.get("/sign-in")
    assert "Anmelden" in page.content.decode()
    assert (page["Content-Language"], "Accept-Language" in page["Vary"]) == ("de", True)
    assert '<html lang="de"' in page.content.decode()
    client.post("/ui/language", {"language": "en", "next": "/sign-in"})
    assert "Sign in" in client.get("/sign-in").content.decode()


@pytest.mark.django_db
def test_a_contact_reads_their_own_language_whatever_the_browser_says_and_may_switch(cast: Any) -> None:
    cast.priya.user.language = "de"
    cast.priya.user.save(update_fields=["language"])
    client = Client(headers={"accept-language": "en"})
    client.force_login(cast.priya.user)
    assert "Was wir Ihnen schulden" in client.get("/").content.decode()
    client.post("/ui/language", {"language": "en", "next": "/"})
    cast.priya.user.refresh_from_db()
    assert cast.priya.user.language == "en"
    assert "What we owe you" in client.get("/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("wanted", ["xx", "", "de; path=/", "../../etc"])
def test_a_language_that_we_do_not_have_changes_nothing(cast: Any, wanted: str) -> None:
    client = Client()
    client.force_login(cast.priya.user)
    assert client.post("/ui/language", {"language": wanted}).status_code == 302
    cast.priya.user.refresh_from_db()
    assert cast.priya.user.language == "en"


def test_days_and_times_are_written_as_the_language_does() -> None:
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    from mainstay.ui import words

    at, now = datetime(2026, 3, 24, 9, 6, tzinfo=UTC), datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    assert words.when(at, now, ZoneInfo("UTC")) == "24 Mar 09:06"
    with translation.override("de"):
        assert words.when(at, now, ZoneInfo("UTC")) == "24. März 09:06"
        assert words.due_in(now.replace(minute=52), now, ZoneInfo("UTC")) == "in 52 min"
        assert words.span(3 * 86400 + 4 * 3600) == "3 Tg. 4 h"
