from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """Figures of customers: KPIs, outages, credits."""

    name = "mainstay.reports"
    label = "reports"
