from django.apps import AppConfig


class AllowancesConfig(AppConfig):
    name = "mainstay.allowances"
    label = "allowances"
