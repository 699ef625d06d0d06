"""Who is named, what was drawn, what was worked, what waits for a decision, and what things cost.

Draws and work are only ever added to; a correction is a row of its own.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q

from mainstay.customers.models import Contact, Customer

TICKET = "tickets.Ticket"


class NamedContact(models.Model):
    """A person who may ask under an agreement, from one instant to another."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="named")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="named_on")
    number = models.CharField(max_length=40, blank=True, help_text="the contract's; empty: by subscription")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    beyond = models.CharField(
        max_length=300, blank=True, help_text="why one more than the limit was let in; empty: within it"
    )
    by_name = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["contact", "number"], condition=Q(until__isnull=True), name="named_once"
            )
        ]
        indexes = [models.Index(fields=["customer", "number"], name="named_of_contract")]


class Draw(models.Model):
    """A request counted against a quota, or given back (a duplicate, spam, somebody else's after all)."""

    ticket = models.ForeignKey(TICKET, on_delete=models.CASCADE, related_name="draws")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=40, blank=True)
    part = models.PositiveSmallIntegerField(default=0)
    day = models.DateField(help_text="of receipt, in the customer's zone; the same for what gives it back")
    count = models.SmallIntegerField(help_text="1 drawn, -1 given back")
    why = models.CharField(max_length=200)
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["customer", "number", "part", "day"], name="draw_of_quota"),
            models.Index(fields=["ticket"], name="draw_of_ticket"),
        ]


class Receipt(models.Model):
    """What the agreement's allowances said of a request when it came, and which agreement that was."""

    ticket = models.OneToOneField(TICKET, on_delete=models.CASCADE, primary_key=True, related_name="receipt")
    customer = models.ForeignKey(Customer, null=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, help_text="contract, included or none")
    number = models.CharField(max_length=40, blank=True)
    part = models.PositiveSmallIntegerField(default=0)
    because = models.JSONField(default=list, help_text="sentences, beside those of the entitlement")


class Work(models.Model):
    """Time worked on a ticket. A row that `corrects` another stands in its place; 0 minutes strike it out."""

    ticket = models.ForeignKey(TICKET, on_delete=models.CASCADE, related_name="work")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=200)
    day = models.DateField()
    minutes = models.PositiveIntegerField()
    text = models.CharField(max_length=500)
    billable = models.BooleanField(default=True, help_text="counts against the included hours")
    timed = models.BooleanField(default=False, help_text="by the timer")
    corrects = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="corrected_by"
    )
    reason = models.CharField(max_length=300, blank=True, help_text="of a correction")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["ticket", "day"], name="work_of_ticket")]
        ordering = ["day", "id"]


class Timer(models.Model):
    """Work going on now: one for each person."""

    by = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="work_timer")
    ticket = models.ForeignKey(TICKET, on_delete=models.CASCADE, related_name="work_timers")
    since = models.DateTimeField()


class Decision(models.Model):
    """A request that its agreement does not cover, put before a person (P1)."""

    class Outcome(models.TextChoices):
        SERVE = "serve", "served once"
        OFFER = "offer", "a package was offered"
        DECLINE = "decline", "declined"
        ENTITLED = "entitled", "entitled after all"
        MOOT = "moot", "closed before anybody decided"

    ticket = models.ForeignKey(TICKET, on_delete=models.CASCADE, related_name="decisions")
    because = models.JSONField(default=list, help_text="sentences: why it is not covered")
    asked_at = models.DateTimeField()
    outcome = models.CharField(max_length=8, choices=Outcome.choices, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    by_name = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket"], condition=Q(outcome=""), name="decision_open_once")
        ]
        indexes = [
            models.Index(
                fields=["asked_at", "id"], name="decision_open", condition=Q(outcome__in=["", "offer"])
            ),
            models.Index(fields=["ticket", "-id"], name="decision_of_ticket"),
        ]


class Price(models.Model):
    """What a package costs in a currency from a day on; the newest row for the day counts."""

    package = models.SlugField(help_text="the package's code")
    currency = models.CharField(max_length=3, help_text="ISO 4217")
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    from_day = models.DateField()
    note = models.CharField(max_length=200, blank=True)
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["package", "currency", "-from_day", "-id"], name="price_of_package")]


class Tick(models.Model):
    """One item of a customer's onboarding, ticked by hand."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="ticks")
    item = models.SlugField()
    note = models.CharField(max_length=200, blank=True)
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "item"], name="tick_once")]
