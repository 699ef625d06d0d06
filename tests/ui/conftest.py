"""The look is tested by itself: only its own addresses, no other package's."""

from typing import Any

import pytest
from django.urls import include, path

from chromium import browser  # noqa: F401 - a fixture


@pytest.fixture(autouse=True)
def _only_the_look(settings: Any) -> None:
    settings.ROOT_URLCONF = (path("ui/", include("mainstay.ui.urls")),)
