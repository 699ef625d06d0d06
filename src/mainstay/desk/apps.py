"""The pages of staff."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "mainstay.desk"
