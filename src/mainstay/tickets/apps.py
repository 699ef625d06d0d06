from django.apps import AppConfig


class TicketsConfig(AppConfig):
    name = "mainstay.tickets"
    label = "tickets"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from mainstay.tickets import instants

        instants.read_quickly()
