"""What is said on a ticket, with files, by whom and to whom; what is being written, and by whom."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from mainstay.customers.models import Contact
from mainstay.tickets.models.ticket import Category, Channel, Ticket


class Message(models.Model):
    """Words said on a ticket: by the customer, by us to the customer, or a note among us."""

    class Kind(models.TextChoices):
        IN = "in", "from the customer"
        OUT = "out", "to the customer"
        NOTE = "note", "note, inside only"

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="messages")
    at = models.DateTimeField()
    kind = models.CharField(max_length=4, choices=Kind.choices)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    author_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    author_contact = models.ForeignKey(
        Contact, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    author_name = models.CharField(max_length=200)
    author_address = models.CharField(max_length=320, blank=True)
    text = models.TextField(help_text="what is new, without quotes")
    full_text = models.TextField(blank=True, help_text="all of it, when more came than what is new")
    html = models.TextField(blank=True, help_text="sanitised, for display")
    # mail only
    message_id = models.CharField(max_length=998, blank=True)
    authenticated = models.CharField(
        max_length=4, blank=True, help_text="pass, fail, none; empty: not a mail"
    )
    authenticated_why = models.CharField(max_length=300, blank=True)
    notes = models.JSONField(default=list, blank=True, help_text="what was repaired, flags such as thanks")
    out_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="ours: not to be seen outside before; it may be taken back until then",
    )

    class Meta:
        indexes = [models.Index(fields=["ticket", "at", "id"], name="message_of_ticket")]
        ordering = ["at", "id"]


class Attachment(models.Model):
    """A file on a message: stored under its SHA-256, served only as a download."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="attachments")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    content_id = models.CharField(max_length=300, blank=True)


class Scan(models.Model):
    """What the scanner for malware said of a file, known by its content (see `scanning`)."""

    class State(models.TextChoices):
        WAITING = "waiting", "not scanned yet"
        CLEAN = "clean", "nothing found"
        FOUND = "found", "malware found"

    sha256 = models.CharField(max_length=64, primary_key=True)
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    finding = models.CharField(max_length=200, blank=True)
    tries = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField()
    failing_since = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)
    scanned_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["next_try_at"], name="scan_waiting", condition=Q(state="waiting"))]


class Participant(models.Model):
    """Someone who hears of a ticket by mail and may join it. Approved, or waiting for approval."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="participants")
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    address = models.CharField(max_length=320)
    name = models.CharField(max_length=200, blank=True)
    since = models.DateTimeField()
    accepted = models.BooleanField(default=True, help_text="False: listed, awaiting approval")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "address"], name="participant_once")]
        indexes = [models.Index(fields=["address"], name="participant_address")]


class Draft(models.Model):
    """What somebody of the desk is writing on a ticket and has not sent."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12, help_text="reply, note, report, question, workaround, solution")
    said = models.JSONField(default=dict, help_text="field -> what was typed")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "user"], name="draft_once")]


class Presence(models.Model):
    """Who has a ticket before them, and whether they are writing; of the last minutes only."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()
    typing_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "user"], name="presence_once")]
        indexes = [models.Index(fields=["seen_at"], name="presence_old")]


class CannedAnswer(models.Model):
    """An answer that is written once and used often, in one language."""

    title = models.CharField(max_length=100)
    language = models.CharField(max_length=8, blank=True, help_text="empty: for every language")
    category = models.CharField(max_length=10, choices=Category.choices, blank=True, help_text="empty: any")
    text = models.TextField()
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["title", "language", "id"]

    def __str__(self) -> str:
        return self.title
