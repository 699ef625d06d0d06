"""What the vendor sells, as versioned documents: a published version never changes (P2, P3)."""

from django.conf import settings
from django.db import models


class Version(models.Model):
    """One published version of a document. `document` is defined in `policy.documents`."""

    code = models.SlugField()
    version = models.PositiveIntegerField()
    name = models.CharField(max_length=100)
    document = models.JSONField()
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.name}, version {self.version}"


class Sold(Version):
    """A version of something that may be withdrawn from the catalogue."""

    withdrawn = models.BooleanField(default=False, help_text="nobody new gets it; contracts keep theirs")

    class Meta:
        abstract = True


class ServiceLevel(Sold):
    """Targets per severity, head starts, KPIs, monitoring."""

    rank = models.PositiveSmallIntegerField(help_text="1 is the lowest; higher tiers go first")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="level_version_once")]
        ordering = ["rank", "version"]


class Package(Sold):
    """A thing to buy: a service level with its channels, hours, contacts, staffing and price basis."""

    level = models.ForeignKey(ServiceLevel, on_delete=models.PROTECT, related_name="packages")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="package_version_once")]
        ordering = ["level__rank", "code", "version"]


class DeskPolicy(Version):
    """What holds for every customer: severities, closing rules, exclusions, ceilings of the queue."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="desk_policy_version_once")]


class TakenOver(models.Model):
    """What the product shipped when it was installed or taken over last: the next edition is compared with it."""

    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    edition = models.JSONField(help_text="policy and advisor as they were shipped")

    def __str__(self) -> str:
        return f"taken over {self.at:%Y-%m-%d}"
