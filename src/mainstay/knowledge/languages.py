"""Languages of articles, as they are written."""

import re

from mainstay.errors import Refused

NAMES = {"en": "English", "de": "Deutsch", "fr": "français", "es": "español", "it": "italiano", "ja": "日本語",
         "nl": "Nederlands", "pt": "português", "sv": "svenska", "pl": "polski"}  # fmt: skip
_CODE = re.compile(r"[a-z]{2,3}(-[a-z]{2,4})?")


def checked(language: str) -> str:
    """A language's letters in small. Raises `Refused` naming the field."""
    plain = language.strip().lower().replace("_", "-")
    if not _CODE.fullmatch(plain) or len(plain) > 8:
        raise Refused("language", "must be a language's letters, such as en, de or pt-br")
    return plain


def name(language: str) -> str:
    """What its own people call it, else its letters."""
    return NAMES.get(language, language)
