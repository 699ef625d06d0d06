"""The languages of the pages: a catalogue for each, by standard gettext, compiled without gettext's tools.

A catalogue is `locale/CODE/LC_MESSAGES/django.po`, beside this package or in DATA/locale (a vendor's own, which wins
and may also change single words of ours). `docs/guide/languages.md` says how one is added.
"""

from __future__ import annotations

import logging
import os
import tempfile
from pathlib import Path

from django.conf.locale import LANG_INFO

OURS = Path(__file__).resolve().parents[1] / "locale"
SOURCE = "en"

log = logging.getLogger(__name__)


def folders(data: Path) -> list[Path]:
    """Where catalogues are looked for, the first found wins; each of them is compiled where it has changed."""
    found = [data / "locale", OURS]
    for folder in found:
        for catalogue in folder.glob("*/LC_MESSAGES/django.po"):
            _fresh(catalogue)
    return found


def offered(data: Path) -> list[tuple[str, str]]:
    """Codes and names of the languages there are: English, and each that has a catalogue."""
    codes = {
        path.parts[-3].replace("_", "-").lower()
        for folder in (data / "locale", OURS)
        for path in folder.glob("*/LC_MESSAGES/django.mo")
    }
    return [(code, _name(code)) for code in (SOURCE, *sorted(codes - {SOURCE}))]


def _name(code: str) -> str:
    """A language's name in itself: Deutsch."""
    known = LANG_INFO.get(code) or LANG_INFO.get(code.partition("-")[0]) or {}
    return str(known.get("name_local", code)).capitalize()


def _fresh(catalogue: Path) -> None:
    """Compile a catalogue that is newer than what was compiled of it. What cannot be compiled leaves English."""
    compiled = catalogue.with_suffix(".mo")
    try:
        if not compiled.exists() or compiled.stat().st_mtime < catalogue.stat().st_mtime:
            compile_catalogue(catalogue)
    except (OSError, ValueError, ImportError) as error:
        log.warning("no translations out of %s: %s", catalogue, error)


def compile_catalogue(catalogue: Path) -> Path:
    """Write `django.mo` beside `django.po`, whole or not at all; several processes may do so at once."""
    import polib  # only here: a wheel brings its catalogues compiled

    compiled = catalogue.with_suffix(".mo")
    handle, partial = tempfile.mkstemp(dir=catalogue.parent, suffix=".part")
    os.close(handle)
    polib.pofile(str(catalogue), encoding="utf-8").save_as_mofile(partial)
    Path(partial).chmod(0o644)
    Path(partial).replace(compiled)
    return compiled
