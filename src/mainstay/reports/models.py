"""What figures are made of beside the log, figures as they were frozen, and the credits that they gave (P6, M4).

What was recorded is never edited: another row takes its place, and `withdrawn_at` says until when the first one
held. So a figure can be made again as it was known on the day it was frozen.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mainstay.contracts.models import Contract
from mainstay.customers.models import Customer, Environment
from mainstay.tickets.models import Ticket

USER = settings.AUTH_USER_MODEL


class Recorded(models.Model):
    """Something a person recorded of a system: kept as it is, at most withdrawn, with a reason."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    environment = models.ForeignKey(Environment, on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    note = models.CharField(max_length=1000, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_why = models.CharField(max_length=500, blank=True)

    class Meta:
        abstract = True


class Outage(Recorded):
    """A system was not available from `starts_at` to before `ends_at` (null: it is not over)."""

    ends_at = models.DateTimeField(null=True, blank=True)
    ticket = models.ForeignKey(
        Ticket, null=True, blank=True, on_delete=models.PROTECT, related_name="outages",
        help_text="the request that it was confirmed by",
    )  # fmt: skip

    class Meta:
        indexes = [models.Index(fields=["environment", "starts_at"], name="outage_of_system")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")), name="outage_lasts"
            )
        ]


class MaintenanceWindow(Recorded):
    """Time agreed for maintenance. Not measured when it was announced so long before as was agreed."""

    ends_at = models.DateTimeField()
    announced_at = models.DateTimeField()
    notice_hours = models.PositiveIntegerField(help_text="how long before it has to be announced")

    class Meta:
        indexes = [models.Index(fields=["environment", "starts_at"], name="window_of_system")]
        constraints = [models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="window_lasts")]

    @property
    def in_time(self) -> bool:
        """Whether it was announced as long before as was agreed."""
        return (self.starts_at - self.announced_at).total_seconds() >= self.notice_hours * 3600


class Measurement(models.Model):
    """How long the monitored service took to answer, once."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    environment = models.ForeignKey(Environment, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    milliseconds = models.PositiveIntegerField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["environment", "at"], name="measurement_once")]


class Cause(models.Model):
    """Why a promise was broken or a system was down, and whether that is excused (M4). The newest row holds."""

    ticket = models.ForeignKey(Ticket, null=True, blank=True, on_delete=models.PROTECT, related_name="causes")
    clock = models.CharField(max_length=20, blank=True)
    n = models.PositiveSmallIntegerField(default=0)
    outage = models.ForeignKey(Outage, null=True, blank=True, on_delete=models.PROTECT, related_name="causes")
    text = models.CharField(max_length=2000, help_text="what it was")
    changed = models.CharField(max_length=2000, blank=True, help_text="what we changed since")
    excuse = models.CharField(
        max_length=2000, blank=True, help_text="why it should not count; empty: it counts"
    )
    at = models.DateTimeField()
    by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    approved = models.BooleanField(null=True, help_text="of the excuse; null: nobody has decided")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_why = models.CharField(max_length=1000, blank=True)

    class Meta:
        indexes = [models.Index(fields=["ticket", "clock", "n"], name="cause_of_clock")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ticket__isnull=False, outage__isnull=True)
                | Q(ticket__isnull=True, outage__isnull=False),
                name="cause_of_one_thing",
            )
        ]

    @property
    def excused(self) -> bool:
        """An excuse counts once somebody has approved it."""
        return bool(self.excuse) and self.approved is True


class Figure(models.Model):
    """A judged figure of a closed period as it was frozen: canonical text under its own hash, never changed.

    A correction is another row with the next version, a reason and who approved it.
    """

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="figures")
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=60)
    per = models.CharField(max_length=7)
    period = models.CharField(max_length=8)
    first = models.DateField()
    end = models.DateField(help_text="the first day after it")
    version = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=8)
    value = models.CharField(max_length=40, blank=True, help_text="the figure as shown; empty: no data")
    text = models.TextField(help_text="the canonical document")
    hash = models.CharField(max_length=64)
    known_at = models.DateTimeField(help_text="it was made of what was recorded by then")
    frozen_by = models.ForeignKey(USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=1000, blank=True, help_text="of a correction")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["contract", "code", "first", "end", "version"], name="figure_once"
            )
        ]
        indexes = [
            models.Index(fields=["customer", "-first"], name="figure_of_customer"),
            models.Index(fields=["-end", "-id"], name="figure_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.code} of {self.period}, version {self.version}"


class Credit(models.Model):
    """What a frozen figure credits, and how far it has come. Its working is part of the figure."""

    class State(models.TextChoices):
        OPEN = "open", _("may be claimed")
        CLAIMED = "claimed", _("claimed")
        GRANTED = "granted", _("granted")
        DECLINED = "declined", _("declined")
        EXPIRED = "expired", _("expired")
        PAID = "paid", _("paid")
        REPLACED = "replaced", _("replaced by a correction")

    figure = models.OneToOneField(Figure, on_delete=models.PROTECT, related_name="credit")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="credits")
    percent = models.DecimalField(max_digits=12, decimal_places=6)
    days = models.DecimalField(max_digits=9, decimal_places=2, default=0)
    amount = models.DecimalField(
        max_digits=15, decimal_places=3, null=True, help_text="null: no fee is known"
    )
    currency = models.CharField(max_length=3, blank=True)
    claim_until = models.DateField(null=True, blank=True, help_text="the last day, included")
    state = models.CharField(max_length=8, choices=State.choices)

    class Meta:
        indexes = [
            models.Index(fields=["customer", "-id"], name="credit_of_customer"),
            models.Index(fields=["claim_until"], name="credit_expires", condition=Q(state="open")),
        ]


class CreditAct(models.Model):
    """One step of a credit: who, when, from what to what, why. Append-only."""

    credit = models.ForeignKey(Credit, on_delete=models.PROTECT, related_name="acts")
    at = models.DateTimeField()
    by_kind = models.CharField(max_length=8)
    by_id = models.BigIntegerField(null=True)
    by_name = models.CharField(max_length=200)
    before = models.CharField(max_length=8, blank=True)
    after = models.CharField(max_length=8)
    why = models.CharField(max_length=1000, blank=True)

    class Meta:
        ordering = ["pk"]
