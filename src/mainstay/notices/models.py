"""What is sent to whom because of which event: one row each, never twice."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from mainstay.customers.models import Contact
from mainstay.tickets.models import Event, Ticket


class Delivery(models.Model):
    """One announcement to one recipient on one channel."""

    class Channel(models.TextChoices):
        EMAIL = "email", "email"
        DESK = "desk", "notice in the desk"

    class State(models.TextChoices):
        PENDING = "pending", "waiting to be sent"
        SENT = "sent", "sent"
        FAILED = "failed", "could not be sent"
        SUPPRESSED = "suppressed", "not sent, on purpose"

    ticket = models.ForeignKey(Ticket, null=True, on_delete=models.CASCADE, related_name="deliveries")
    event = models.ForeignKey(Event, null=True, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.CharField(max_length=8, choices=Channel.choices)
    template = models.CharField(max_length=40, help_text="which announcement: acknowledgement, severity ...")
    recipient = models.CharField(max_length=320, help_text="address, or user:<id> in the desk")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+")
    contact = models.ForeignKey(Contact, null=True, on_delete=models.SET_NULL, related_name="+")
    subject = models.CharField(max_length=998)
    text = models.TextField()
    html = models.TextField(blank=True)
    message_id = models.CharField(max_length=250, blank=True)
    references = models.JSONField(default=list)
    reply_to = models.CharField(max_length=320, blank=True)
    unsubscribe = models.CharField(
        max_length=600, blank=True, help_text="List-Unsubscribe: only what goes to many and answers nobody"
    )
    automatic = models.CharField(
        max_length=14,
        blank=True,
        help_text="Auto-Submitted: auto-generated, auto-replied; empty: a person wrote",
    )
    files = models.JSONField(default=list, help_text="ids of the attachments that go along")
    urgent = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    created_at = models.DateTimeField()
    next_try_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    sent_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True, help_text="desk notices: when the person saw it")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "recipient", "channel"], name="delivery_once")
        ]
        indexes = [
            models.Index(
                F("next_try_at").asc(), F("id").asc(), name="delivery_due", condition=Q(state="pending")
            ),
            models.Index(F("id").asc(), name="delivery_urgent", condition=Q(state="pending", urgent=True)),
            models.Index(
                fields=["ticket", "recipient", "id"], name="delivery_lane", condition=Q(state="pending")
            ),
            models.Index(
                fields=["-id"], name="delivery_unsent", condition=Q(state__in=["pending", "failed"])
            ),
            models.Index(
                fields=["recipient", "-created_at"],
                name="delivery_answers",
                condition=Q(automatic="auto-replied"),
            ),
            models.Index(
                fields=["user", "-id"],
                name="delivery_unseen",
                condition=Q(seen_at__isnull=True, channel="desk"),
            ),
            models.Index(fields=["ticket", "id"], name="delivery_ticket"),
            models.Index(fields=["template", "-id"], name="delivery_house", condition=Q(event__isnull=True)),
        ]
        ordering = ["-id"]

    @property
    def announcement(self) -> str:
        """Which announcement it is, in words: "out of scope"."""
        return self.template.replace("_", " ")


class AnsweredAddress(models.Model):
    """Unknown addresses that were acknowledged: at most once a day each, few for each domain."""

    address = models.CharField(max_length=320)
    domain = models.CharField(max_length=253)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["address", "-at"], name="answered_address"),
            models.Index(fields=["domain", "-at"], name="answered_domain"),
        ]


class Setback(models.Model):
    """An event that could not be announced: tried again later, parked after three tries."""

    event = models.OneToOneField(Event, on_delete=models.CASCADE, primary_key=True, related_name="+")
    tries = models.PositiveSmallIntegerField(default=0)
    again_at = models.DateTimeField(null=True, help_text="empty: parked, a person has to look")
    error = models.TextField(blank=True)


class Wording(models.Model):
    """What a letter to customers says from now on, in one language: one row for each version, the last one holds.

    `text` empty: as shipped, again. Rows are only ever added.
    """

    letter = models.CharField(max_length=40)
    language = models.CharField(max_length=8)
    version = models.PositiveIntegerField()
    text = models.TextField(blank=True)
    why = models.CharField(max_length=300, blank=True)
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["letter", "language", "version"], name="wording_version")
        ]
