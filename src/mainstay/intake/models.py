"""Mail as it came: the raw bytes are their own queue."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mainstay.accounts.models import Team
from mainstay.customers.models import Product
from mainstay.tickets.models import Ticket


class Mailbox(models.Model):
    """An address that customers write to, and what its mail has in common.

    Its mail is handed to us by a mail server (SMTP, LMTP, pipe), or we fetch it by IMAP. What was fetched is
    known by the folder's UIDVALIDITY and the last UID; when the server counts anew, everything is looked at
    again and what is here already is recognised by its content.
    """

    class Kind(models.TextChoices):
        SMTP = "smtp", "handed to us by a mail server"
        IMAP = "imap", "fetched by IMAP"

    class Security(models.TextChoices):
        TLS = "tls", "TLS"
        STARTTLS = "starttls", "STARTTLS"
        NONE = "none", "none, for a server on this machine"

    class Auth(models.TextChoices):
        PASSWORD = "password", "user and password"
        OAUTH = "oauth", "OAuth 2 (Microsoft 365, Google)"

    class Afterwards(models.TextChoices):
        KEEP = "keep", "leave it as it is"
        SEEN = "seen", "mark it as read"
        DELETE = "delete", "delete it"

    address = models.CharField(max_length=320, unique=True, help_text="small letters")
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=4, choices=Kind.choices, default=Kind.SMTP)
    active = models.BooleanField(default=True)
    product = models.ForeignKey(Product, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    language = models.CharField(max_length=8, blank=True)

    host = models.CharField(max_length=253, blank=True)
    port = models.PositiveIntegerField(default=993)
    security = models.CharField(max_length=8, choices=Security.choices, default=Security.TLS)
    auth = models.CharField(max_length=8, choices=Auth.choices, default=Auth.PASSWORD)
    user = models.CharField(max_length=320, blank=True)
    secret = models.BinaryField(default=bytes, help_text="sealed: password, or what OAuth 2 needs")
    folder = models.CharField(max_length=200, default="INBOX")
    afterwards = models.CharField(max_length=6, choices=Afterwards.choices, default=Afterwards.SEEN)

    uid_validity = models.BigIntegerField(null=True)
    last_uid = models.BigIntegerField(default=0)
    fetched = models.BigIntegerField(default=0)
    reached_at = models.DateTimeField(null=True, help_text="when the server last answered")
    failing_since = models.DateTimeField(null=True)
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["address"]

    def __str__(self) -> str:
        return self.address


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
    source = models.CharField(max_length=8, help_text="smtp, lmtp, pipe, import, imap")
    mailbox = models.ForeignKey(Mailbox, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    envelope_from = models.CharField(max_length=320, blank=True)
    peer = models.CharField(max_length=45, blank=True, help_text="the machine that handed it over by SMTP")
    helo = models.CharField(max_length=255, blank=True, help_text="what it called itself")
    proof = models.JSONField(
        default=dict,
        blank=True,
        help_text="our own check of the sender: result, why, domain; empty: not made",
    )
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


class Upload(models.Model):
    """A file on its way in from somebody's form, whole or in part; gone once it was sent, or a week later."""

    class Decision(models.TextChoices):
        KEPT = "kept", _("as it is")
        BLACKENED = "blackened", _("secrets blackened")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    form = models.CharField(max_length=40, help_text="request, or reply-1042")
    name = models.CharField(max_length=200)
    size = models.BigIntegerField(help_text="as was said at the beginning")
    modified = models.CharField(
        max_length=40, blank=True, help_text="its time of change, as the browser says"
    )
    received = models.BigIntegerField(default=0, help_text="bytes that are on our disk")
    lines = models.BigIntegerField(default=0, help_text="line breaks among them")
    sha256 = models.CharField(max_length=64, blank=True, help_text="once it is whole and was looked at")
    checking_at = models.DateTimeField(null=True, help_text="since when somebody looks at all of it")
    content_type = models.CharField(max_length=100, blank=True)
    findings = models.JSONField(default=dict, blank=True, help_text="places of secrets, never the secrets")
    decision = models.CharField(max_length=9, choices=Decision.choices, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["user", "form", "created_at"], name="upload_of_form"),
            models.Index(fields=["expires_at"], name="upload_expires"),
            models.Index(
                fields=["created_at"],
                name="upload_unchecked",
                condition=models.Q(sha256="", received=models.F("size")),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def being_checked(self) -> bool:
        """All of it is here, and its hash is not known yet."""
        return not self.sha256 and self.received == self.size


class FormDraft(models.Model):
    """What somebody is writing in a form of the portal, until they send it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    form = models.CharField(max_length=40, help_text="request, or reply-1042")
    values = models.JSONField(default=dict)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "form"], name="form_draft_once")]
        indexes = [models.Index(fields=["updated_at"], name="form_draft_expires")]

    def __str__(self) -> str:
        return self.form
