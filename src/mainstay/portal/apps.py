from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "mainstay.portal"
    label = "portal"
