from django.apps import AppConfig


class AdvisorConfig(AppConfig):
    name = "mainstay.advisor"
    label = "advisor"
    default_auto_field = "django.db.models.BigAutoField"
