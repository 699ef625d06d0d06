"""Contract versions, the drafts they come from, and the frozen terms they compile to."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import F, Func, Value
from django.utils.translation import gettext_lazy as _

from mainstay.accounts.models import Team
from mainstay.catalogue.models import DeskPolicy, Package
from mainstay.customers.models import Customer, Environment


class Int8Range(Func):
    """`int8range(id, id, '[]')`: equality inside an exclusion constraint without contrib; NULL is unbounded."""

    function = "int8range"
    output_field = models.Field()


class Standing(models.Manager["Contract"]):
    """The versions that hold, held or will: none that was taken back before it began."""

    def get_queryset(self) -> models.QuerySet[Contract]:
        return super().get_queryset().filter(taken_back={})


class Contract(models.Model):
    """One version of what a customer signed, for all its environments or for one of them (P5).

    Never edited, only followed by another: a trigger lets its period end sooner and its suspensions change,
    nothing else. `number` is the contract; `version` counts its changes, `part` says which of the systems it
    covers this row is about, so a contract for two systems at different levels is two rows of one number.
    """

    class How(models.TextChoices):
        SIGNED = "signed", "signed"
        AMENDED = "amended", "amended"
        RENEWED = "renewed", "renewed"
        ADDED = "added", "a covered system added"
        RESTORED = "restored", "as before"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="contracts")
    number = models.CharField(max_length=40)
    version = models.PositiveIntegerField(default=1)
    part = models.PositiveSmallIntegerField(default=1, help_text="which of the covered systems, from 1")
    how = models.CharField(max_length=8, choices=How.choices, default=How.SIGNED)
    supersedes = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="followed_by",
        help_text="the version that this one amends or renews",
    )  # fmt: skip
    package = models.ForeignKey(Package, on_delete=models.PROTECT, related_name="contracts")
    desk_policy = models.ForeignKey(
        DeskPolicy, on_delete=models.PROTECT, related_name="+", help_text="the version in force when signed"
    )
    environment = models.ForeignKey(
        Environment, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    period = DateRangeField(help_text="first day included, last day excluded")
    suspended = models.JSONField(
        default=list, blank=True,
        help_text='days without entitlement: [{"from": first day, "until": first day again or null, "why": text}]',
    )  # fmt: skip
    overrides = models.JSONField(
        default=dict, blank=True, help_text="how it differs from the package (see contracts.differences)"
    )
    calendar = models.JSONField(
        default=dict, blank=True, help_text="overrides the customer's hours: time_zone, week, holidays"
    )
    price = models.JSONField(
        default=dict, blank=True, help_text="as agreed, whole: basis, amount, currency, ..."
    )
    phone_number = models.CharField(max_length=40, blank=True)
    tam = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    signatories = models.JSONField(
        default=list, blank=True, help_text='[{"side": "vendor" or "customer", "name", "title"}]'
    )
    applies_to_open = models.BooleanField(
        default=False, help_text="an amendment that also judges tickets open at its first day, from then on"
    )
    reason = models.CharField(max_length=500, blank=True, help_text="why it was amended")
    first_signed_on = models.DateField(null=True, blank=True, help_text="when version 1 was signed")
    signed_on = models.DateField(null=True, blank=True)
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    taken_back = models.JSONField(
        default=dict, blank=True, help_text='before it began, once and for ever: {"at", "by", "why"}'
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = Standing()
    every = models.Manager["Contract"]()

    class Meta:
        base_manager_name = "every"
        constraints = [
            models.UniqueConstraint(fields=["number", "version", "part"], name="contract_version_once"),
            ExclusionConstraint(
                name="contract_periods_never_overlap",
                expressions=[
                    (Int8Range(F("customer_id"), F("customer_id"), Value("[]")), "&&"),
                    (Int8Range(F("environment_id"), F("environment_id"), Value("[]")), "&&"),
                    ("period", "&&"),
                ],
                condition=models.Q(taken_back={}),
                violation_error_message="This customer already has a contract for some of these days.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}, version {self.version}"

    @property
    def first_day(self) -> date | None:
        day: date | None = self.period.lower
        return day

    @property
    def last_day(self) -> date | None:
        """The last day on which it holds, included; None without an end."""
        return self.period.upper - timedelta(days=1) if self.period.upper else None

    @property
    def tam_name(self) -> str:
        """The Technical Account Manager: the contract's, else the customer's; empty without one."""
        tam = self.tam or self.customer.tam
        return tam.name if tam else ""

    def suspension_on(self, day: date) -> dict[str, Any] | None:
        """The suspension that `day` falls into; the contract entitles to nothing on such a day."""
        for one in self.suspended:
            if one["from"] <= day.isoformat() and (one["until"] is None or day.isoformat() < one["until"]):
                found: dict[str, Any] = one
                return found
        return None


class Draft(models.Model):
    """What is being negotiated: what we offer and what they asked, both as differences from the package."""

    class Kind(models.TextChoices):
        NEW = "new", "new contract"
        AMENDMENT = "amendment", "amendment"
        RENEWAL = "renewal", "renewal"
        ADDITION = "addition", "another covered system"

    class State(models.TextChoices):
        OPEN = "open", "being negotiated"
        SUBMITTED = "submitted", "waits for approval"
        APPROVED = "approved", "approved"
        SIGNED = "signed", "signed"
        WITHDRAWN = "withdrawn", "withdrawn"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="drafts")
    kind = models.CharField(max_length=9, choices=Kind.choices, default=Kind.NEW)
    base = models.ForeignKey(
        Contract, null=True, blank=True, on_delete=models.PROTECT, related_name="drafts",
        help_text="the version that is amended, renewed or added to",
    )  # fmt: skip
    number = models.CharField(max_length=40)
    package = models.ForeignKey(Package, on_delete=models.PROTECT, related_name="+")
    desk_policy = models.ForeignKey(DeskPolicy, on_delete=models.PROTECT, related_name="+")
    environment = models.ForeignKey(
        Environment, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    offered = models.JSONField(default=dict, blank=True)
    asked = models.JSONField(default=dict, blank=True)
    first_day = models.DateField()
    last_day = models.DateField(null=True, blank=True, help_text="included; empty: no end")
    phone_number = models.CharField(max_length=40, blank=True)
    tam = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    applies_to_open = models.BooleanField(default=False)
    reason = models.CharField(max_length=500, blank=True)
    advice = models.CharField(max_length=500, blank=True, help_text="the advisor's result it began with")
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    contract = models.OneToOneField(
        Contract, null=True, blank=True, on_delete=models.PROTECT, related_name="draft"
    )
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["state", "-id"], name="draft_by_state")]

    def __str__(self) -> str:
        return f"{self.number}, {self.get_kind_display()}"


class DraftNote(models.Model):
    """A remark about one line of a draft (or the whole of it), kept with who made it."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="notes")
    line = models.CharField(max_length=120, blank=True, help_text="the line's key; empty: the whole draft")
    text = models.CharField(max_length=2000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()


class Approval(models.Model):
    """Somebody's yes or no to what a draft offered; it counts while the draft still has that digest."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="approvals")
    agreed = models.BooleanField()
    digest = models.CharField(max_length=64, help_text="of what was offered")
    text = models.CharField(max_length=1000, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()


class Paper(models.Model):
    """A file kept with a contract: the offer and contract as printed, the signed copy, anything else."""

    class Kind(models.TextChoices):
        OFFER = "offer", _("offer")
        CONTRACT = "contract", _("contract")
        SIGNED = "signed", _("signed copy")
        OTHER = "other", _("other document")

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="papers")
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="papers")
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.SIGNED)
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()


class Reminder(models.Model):
    """That a contract's end was told, once for each number of days before it."""

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="reminders")
    days = models.PositiveSmallIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["contract", "days"], name="reminder_once")]


class Terms(models.Model):
    """What judges tickets: canonical text under its own hash, written once."""

    hash = models.CharField(max_length=64, primary_key=True)
    text = models.TextField()
    zone_data = models.CharField(max_length=20, help_text="version of the time-zone data when written")
    created_at = models.DateTimeField(auto_now_add=True)
