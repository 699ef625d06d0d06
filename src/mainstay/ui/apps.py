"""The Django application of the shared look; it has no models."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """Templates, tags, static files. It knows no other package's models."""

    name = "mainstay.ui"
    label = "ui"
    verbose_name = "Shared look"
