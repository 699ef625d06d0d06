from django.apps import AppConfig


class MaintenanceConfig(AppConfig):
    name = "mainstay.maintenance"
    label = "maintenance"
