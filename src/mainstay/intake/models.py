"""Mail as it came: the raw bytes are their own queue."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from mainstay.tickets.models import Ticket


class Mail(models.Model):
    """One received message. Accepted from its source only after this row is committed."""

    class State(models.TextChoices):
        NEW = "new", "waiting to be handled"
        DONE = "done", "became a ticket or a message"
        HELD = "held", "held for a person"
        QUARANTINE = "quarantine", "could not be handled"
        NOTED = "noted", "noted, no ticket"
        SPAM = "spam", "spam"
        TRASH = "trash", "trash"

    key = models.CharField(max_length=64, unique=True, help_text="digest of Message-ID and content hash")
    received_at = models.DateTimeField(help_text="the instant of acceptance, never the Date header")
    source = models.CharField(max_length=8, help_text="smtp, lmtp, pipe, import")
    envelope_from = models.CharField(max_length=320, blank=True)
    recipients = models.JSONField(default=list)
    raw = models.BinaryField()
    size = models.PositiveBigIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.NEW)
    reason = models.TextField(blank=True, help_text="why it is held, noted or in quarantine")
    outcome = models.CharField(
        max_length=12, blank=True, help_text="what was done with it, see intake.email.decide.Act"
    )
    tries = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True, blank=True)
    ticket = models.ForeignKey(Ticket, null=True, blank=True, on_delete=models.SET_NULL, related_name="mails")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    state_before = models.CharField(
        max_length=10, blank=True, help_text="where spam and trash came from, for taking it back"
    )
    message_id = models.CharField(
        max_length=250,
        blank=True,
        help_text="to find the ticket that another message names; empty when longer",
    )
    # shown on the page of what is held, without reading the raw bytes
    from_address = models.CharField(max_length=320, blank=True)
    from_name = models.CharField(max_length=200, blank=True)
    subject = models.CharField(max_length=998, blank=True)

    class Meta:
        indexes = [
            models.Index(F("id").asc(), name="mail_new", condition=Q(state="new")),
            models.Index(
                fields=["-received_at", "-id"],
                name="mail_held",
                condition=Q(state__in=["held", "quarantine"]),
            ),
            models.Index(fields=["state", "-received_at", "-id"], name="mail_state"),
            models.Index(fields=["message_id"], name="mail_message_id", condition=~Q(message_id="")),
        ]
        ordering = ["-received_at", "-id"]
