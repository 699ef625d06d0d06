"""A ticket: where it stands, what it is about, what judges it."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mainstay.accounts.models import Team
from mainstay.catalogue.models import ServiceLevel
from mainstay.contracts.models import Contract, Terms
from mainstay.customers.models import Contact, Customer, Environment


class State(models.TextChoices):
    """Where a ticket stands. Everything but `closed` is open."""

    OPEN = "open", _("open")
    WAITING_CUSTOMER = "waiting_on_customer", _("waiting for the customer")
    WAITING_THIRD = "waiting_on_third_party", _("waiting for a third party")
    OUT_OF_SCOPE = "out_of_scope", _("out of scope")
    PROPOSED = "solution_proposed", _("solution proposed")
    CLOSED = "closed", _("closed")


class Step(models.TextChoices):
    """The five steps; a ticket stands in one of them."""

    ACKNOWLEDGEMENT = "acknowledgement", _("Acknowledgement")
    TRIAGE = "triage", _("Triage")
    DISPATCH = "dispatch", _("Dispatch")
    RESOLUTION = "resolution", _("Resolution")
    CLOSURE = "closure", _("Closure")


class Category(models.TextChoices):
    """The ticket's type: decides team, clocks and life (T1)."""

    TECHNICAL = "technical", _("Technical problem")
    BILLING = "billing", _("Billing problem")
    FEATURE = "feature", _("Feature request")
    ENQUIRY = "enquiry", _("General enquiry")


class Channel(models.TextChoices):
    EMAIL = "email", _("email")
    PORTAL = "portal", _("portal")
    PHONE = "phone", _("phone")
    API = "api", _("API")
    ALERT = "alert", _("monitoring")
    DESK = "desk", _("desk")


class CloseReason(models.TextChoices):
    RESOLVED = "resolved", _("resolved")
    CLOSED_BY_CUSTOMER = "closed_by_customer", _("closed by the customer, unresolved")
    NO_ANSWER = "no_answer_to_solution", _("the proposed solution got no answer")
    NO_INFORMATION = "no_information", _("the information we asked for never came")
    OUT_OF_SCOPE = "out_of_scope", _("out of scope")
    NOT_ENTITLED = "not_entitled", _("not covered by any agreement")
    DUPLICATE = "duplicate", _("duplicate")
    SPAM = "spam", _("spam")


def _queued(name: str, *of: str, where: Q | None = None) -> models.Index:
    """Open tickets in the order of the queue (sla.order), of one `of` each: a page of them needs no sorting."""
    order = (
        F("queue_at").asc(), F("level_rank").desc(), F("severity").asc(), F("opened_at").asc(), F("id").asc(),
    )  # fmt: skip
    still_open = ~Q(state="closed")
    return models.Index(*map(F, of), *order, name=name, condition=still_open & where if where else still_open)


class Ticket(models.Model):
    """The id is the number people say. Derived columns say so; `mainstay clocks verify` rebuilds them."""

    subject = models.CharField(max_length=998)
    # Each index is written with every change of a ticket: columns that an index below begins with have none of
    # their own, nor do those by which no ticket is ever looked for.
    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.PROTECT, related_name="tickets", db_index=False
    )
    requester = models.ForeignKey(
        Contact, null=True, blank=True, on_delete=models.SET_NULL, related_name="tickets", db_index=False
    )
    requester_address = models.CharField(max_length=320, blank=True)
    requester_name = models.CharField(max_length=200, blank=True)
    customer_reference = models.CharField(max_length=100, blank=True, help_text="the customer's own number")
    channel = models.CharField(max_length=8, choices=Channel.choices)
    opened_at = models.DateTimeField()

    state = models.CharField(max_length=24, choices=State.choices, default=State.OPEN)
    state_since = models.DateTimeField()
    waiting_until = models.DateTimeField(null=True, blank=True)
    waiting_for = models.CharField(max_length=500, blank=True)
    step = models.CharField(max_length=16, choices=Step.choices, default=Step.ACKNOWLEDGEMENT)
    severity = models.PositiveSmallIntegerField(default=3)
    category = models.CharField(max_length=10, choices=Category.choices, blank=True)
    assessment = models.JSONField(default=dict, blank=True, help_text="answers of the assessment guide (V1)")
    facts = models.JSONField(
        default=dict,
        blank=True,
        help_text="R1: name -> value, source, start, end, by (None: read from the text)",
    )
    emergency = ArrayField(
        models.CharField(max_length=300),
        default=list,
        blank=True,
        help_text="why it looks like one; empty: no",
    )
    emergency_seen_at = models.DateTimeField(null=True, blank=True)

    contract = models.ForeignKey(Contract, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    level = models.ForeignKey(
        ServiceLevel, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    environment = models.ForeignKey(
        Environment, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    entitlement = models.CharField(max_length=12, default="none", help_text="contract, included or none")
    entitled_because = models.JSONField(default=list, blank=True)
    terms = models.ForeignKey(
        Terms, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    scope_decision = models.JSONField(default=dict, blank=True, help_text="rule, reason; empty: in scope")
    language = models.CharField(max_length=8, blank=True, help_text="of the case; empty: the customer's")
    our_address = models.CharField(
        max_length=320,
        blank=True,
        help_text="the mailbox it came to, which answers it; empty: the support address",
    )
    flags = ArrayField(
        models.CharField(max_length=40),
        default=list,
        blank=True,
        help_text="facts that select rows of the policy: by_phone; sorted",
    )
    agreed = models.JSONField(
        default=dict, blank=True, help_text="clock -> target, calendar, why: agreed for this one ticket"
    )

    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="tickets"
    )
    assigned_because = models.JSONField(default=list, blank=True)
    scheduled_for = models.DateTimeField(null=True, blank=True)
    estimate = models.DateTimeField(null=True, blank=True, help_text="when we expect it solved")
    next_step = models.CharField(max_length=1000, blank=True, help_text="what the customer has to do next")
    root_cause = models.JSONField(default=dict, blank=True, help_text="category, text, fix, by, at")

    closed_at = models.DateTimeField(null=True, blank=True)
    close_reason = models.CharField(max_length=24, choices=CloseReason.choices, blank=True)
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    follows = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="follow_ups", db_index=False
    )

    common_cause = models.ForeignKey(
        "CommonCause", null=True, blank=True, on_delete=models.SET_NULL, related_name="tickets"
    )

    # derived from clocks and events
    queue_at = models.DateTimeField(help_text="derived: sorts the queue, see sla.order")
    due_at = models.DateTimeField(null=True, blank=True, help_text="derived: the promise that breaks first")
    due_clock = models.CharField(max_length=20, blank=True, help_text="derived")
    level_rank = models.PositiveSmallIntegerField(default=0, help_text="derived, negated sort")
    last_seq = models.PositiveIntegerField(default=0)
    last_hash = models.CharField(max_length=64, blank=True)
    last_at = models.DateTimeField()

    class Meta:
        indexes = [
            _queued("ticket_queue"),
            _queued("ticket_mine", "assignee"),
            _queued("ticket_nobody", where=Q(assignee=None)),
            _queued("ticket_untriaged", where=Q(step__in=["acknowledgement", "triage"])),
            models.Index(fields=["customer", "-opened_at"], name="ticket_customer"),
            models.Index(fields=["requester", "-opened_at"], name="ticket_requester"),
            _queued("ticket_step", "step"),
            _queued("ticket_state", "state"),
            _queued("ticket_team", "team"),
            _queued("ticket_severity", "severity"),
            models.Index(fields=["-opened_at", "-id"], name="ticket_closed", condition=Q(state="closed")),
            _queued("ticket_emergency", where=~Q(emergency=[]) & Q(emergency_seen_at__isnull=True)),
            models.Index(fields=["customer", "severity"], name="ticket_grave", condition=~Q(state="closed")),
            models.Index(
                fields=["merged_into"], name="ticket_merged", condition=Q(merged_into__isnull=False)
            ),
            models.Index(fields=["follows"], name="ticket_follows", condition=Q(follows__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.subject}"

    @property
    def number(self) -> int:
        """What people say: the plain counter."""
        return int(self.pk)

    @property
    def is_open(self) -> bool:
        return self.state != State.CLOSED


class Tally(models.Model):
    """How the number of open tickets of a kind has changed; `tally` adds them up. Triggers write it (0007_tally)."""

    what = models.CharField(max_length=12, help_text="open, assignee, team, ...; changed: any ticket was")
    who = models.BigIntegerField(default=0, help_text="the assignee's or team's id")
    n = models.BigIntegerField()
