"""Customers, their people, what they run."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class Customer(models.Model):
    """An organisation that buys from the vendor."""

    code = models.CharField(max_length=40, unique=True, help_text="The customer id people say: ACME")
    name = models.CharField(max_length=200)
    time_zone = models.CharField(max_length=64, default="UTC")
    country = models.CharField(max_length=2, blank=True, help_text="ISO 3166-1, for public holidays")
    subdivision = models.CharField(
        max_length=10, blank=True, help_text="ISO 3166-2 part, for public holidays"
    )
    language = models.CharField(max_length=8, default="en")
    tam = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    shares_tickets = models.BooleanField(
        default=False, help_text="Its people see, and may join, each other's tickets"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class CustomerDomain(models.Model):
    """Mail from this domain is from this customer, unless the address says otherwise."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="domains")
    domain = models.CharField(max_length=253, unique=True, help_text="lower case, A-label")

    def __str__(self) -> str:
        return self.domain


class Contact(models.Model):
    """A person at a customer. One person may be a contact of several customers."""

    class Sees(models.TextChoices):
        OWN = "own", _("own tickets")
        TEAM = "team", _("tickets of their team")
        ALL = "all", _("all tickets of the customer")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="contacts")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="contacts"
    )
    email = models.CharField(max_length=320)
    name = models.CharField(max_length=200)
    phone = models.CharField(max_length=40, blank=True)
    sees = models.CharField(max_length=4, choices=Sees.choices, default=Sees.OWN)
    team = models.CharField(
        max_length=100, blank=True, help_text="their role or team at the customer, in its words"
    )
    is_admin = models.BooleanField(default=False, help_text="Manages the customer's other contacts")
    failing_since = models.DateTimeField(null=True, blank=True, help_text="Mail to this address bounces")
    failing_reason = models.CharField(max_length=300, blank=True)
    ended_at = models.DateTimeField(
        null=True, blank=True, help_text="their access has ended; what they wrote stays"
    )
    unsubscribed_at = models.DateTimeField(
        null=True, blank=True, help_text="wants no mail about publications, but for what endangers a system"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint("customer", Lower("email"), name="contact_once_per_customer")]
        indexes = [models.Index(Lower("email"), name="contact_email")]

    def __str__(self) -> str:
        return self.name


class Product(models.Model):
    """Something the vendor sells and supports."""

    code = models.SlugField(unique=True)
    name = models.CharField(max_length=100)

    def __str__(self) -> str:
        return self.name


class Release(models.Model):
    """A version of a product and how long it is looked after."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="releases")
    version = models.CharField(max_length=40)
    released_on = models.DateField()
    maintained_until = models.DateField(
        null=True,
        blank=True,
        help_text="the last day on which it is looked after at all; empty: no end is set",
    )
    phases = models.JSONField(
        default=dict,
        blank=True,
        help_text="the last day of each earlier phase of the desk policy: full -> 2026-06-30",
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["product", "version"], name="release_once")]

    def __str__(self) -> str:
        return f"{self.product.name} {self.version}"


class Environment(models.Model):
    """A system of a customer on which a product runs."""

    class Kind(models.TextChoices):
        PRODUCTION = "production", _("production")
        TEST = "test", _("test")
        DEVELOPMENT = "development", _("development")

    class Criticality(models.TextChoices):
        ORDINARY = "ordinary", _("not critical")
        CRITICAL = "critical", _("critical, not immediate")
        MISSION = "mission", _("mission critical")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="environments")
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.PRODUCTION)
    criticality = models.CharField(
        max_length=8, choices=Criticality.choices, blank=True, help_text="empty: nobody has said"
    )
    product = models.ForeignKey(Product, null=True, blank=True, on_delete=models.SET_NULL)
    release = models.ForeignKey(Release, null=True, blank=True, on_delete=models.SET_NULL)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "name"], name="environment_once")]

    def __str__(self) -> str:
        return self.name


class Subscription(models.Model):
    """A current one entitles to the included support (P1)."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="subscriptions")
    product = models.ForeignKey(Product, null=True, blank=True, on_delete=models.SET_NULL)
    starts_on = models.DateField()
    ends_on = models.DateField(help_text="the last day, included")


class CustomerNote(models.Model):
    """What we should know of a customer, among ourselves; a pinned one stands beside each of their tickets."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="notes", db_index=False)
    text = models.TextField()
    pinned = models.BooleanField(default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True, help_text="put away; it holds no longer")

    class Meta:
        indexes = [
            models.Index(
                "customer", models.F("pinned").desc(), models.F("at").desc(),
                name="note_of_customer", condition=models.Q(removed_at__isnull=True),
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.text[:80]
