"""Contract versions and the frozen terms they compile to."""

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import F, Func, Value

from mainstay.catalogue.models import Package
from mainstay.customers.models import Customer, Environment


class Int8Range(Func):
    """`int8range(id, id, '[]')`: equality inside an exclusion constraint without contrib; NULL is unbounded."""

    function = "int8range"
    output_field = models.Field()


class Contract(models.Model):
    """One version of what a customer signed, for all its environments or for one. Never edited, only ended."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="contracts")
    number = models.CharField(max_length=40)
    version = models.PositiveIntegerField(default=1)
    package = models.ForeignKey(Package, on_delete=models.PROTECT, related_name="contracts")
    environment = models.ForeignKey(
        Environment, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    period = DateRangeField(help_text="first day included, last day excluded")
    calendar = models.JSONField(
        default=dict, blank=True, help_text="overrides the customer's hours: time_zone, week, holidays"
    )
    phone_number = models.CharField(max_length=40, blank=True)
    signed_on = models.DateField(null=True, blank=True)
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["number", "version"], name="contract_version_once"),
            ExclusionConstraint(
                name="contract_periods_never_overlap",
                expressions=[
                    (Int8Range(F("customer_id"), F("customer_id"), Value("[]")), "&&"),
                    (Int8Range(F("environment_id"), F("environment_id"), Value("[]")), "&&"),
                    ("period", "&&"),
                ],
                violation_error_message="This customer already has a contract for some of these days.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}, version {self.version}"


class Terms(models.Model):
    """What judges tickets: canonical text under its own hash, written once."""

    hash = models.CharField(max_length=64, primary_key=True)
    text = models.TextField()
    zone_data = models.CharField(max_length=20, help_text="version of the time-zone data when written")
    created_at = models.DateTimeField(auto_now_add=True)
