"""Chromium for the tests of the portal."""

from chromium import browser  # noqa: F401 - a fixture
