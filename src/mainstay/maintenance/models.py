"""Maintenance delivered (P7): what is published about products, who was told and has read it, and what is to be done.

A notice is one publication told to one contact about one environment, once. A task is work with an owner and a due
date; what is done to it stays in its log. Rows of a customer are seen only within `mainstay.scope`.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mainstay.accounts.models import Team
from mainstay.customers.models import Contact, Customer, Environment, Product, Release
from mainstay.knowledge.models import Article
from mainstay.notices.models import Delivery
from mainstay.tickets.models import Ticket


class Publication(models.Model):
    """Something told to everybody whom it concerns. Whom it concerns is computed from product and versions."""

    class Kind(models.TextChoices):
        RELEASE = "release", _("release")
        PATCH = "patch", _("patch")
        ADVISORY = "advisory", _("advisory")
        END_OF_LIFE = "end_of_life", _("end of life")

    class Severity(models.TextChoices):
        CRITICAL = "critical", _("critical")
        HIGH = "high", _("high")
        MEDIUM = "medium", _("medium")
        LOW = "low", _("low")

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")

    kind = models.CharField(max_length=12, choices=Kind.choices)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="publications")
    release = models.ForeignKey(
        Release,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="the release that is out, or whose life ends",
    )
    reference = models.CharField(max_length=60, blank=True, help_text="our number for it: ATLAS-2026-04")
    severity = models.CharField(max_length=8, choices=Severity.choices, blank=True, help_text="of advisories")
    affected = ArrayField(
        models.CharField(max_length=200), default=list, blank=True, help_text="ranges: >= 6.0, < 6.4.9"
    )
    fixed_in = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    language = models.CharField(max_length=8, default="en", help_text="for whoever has none of the others")
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    written_at = models.DateTimeField()
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    sent_at = models.DateTimeField(null=True, help_text="when sending was asked for")
    spread_to = models.BigIntegerField(default=0, help_text="environments up to this one have their notices")
    expected = models.PositiveIntegerField(default=0, help_text="environments concerned when it was sent")

    class Meta:
        indexes = [
            models.Index(fields=["id"], name="publication_sending", condition=Q(state="sending")),
            models.Index(fields=["product", "-id"], name="publication_of_product"),
        ]
        ordering = ["-id"]


class PublicationText(models.Model):
    """The words of a publication in one language."""

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="texts")
    language = models.CharField(max_length=8)
    title = models.CharField(max_length=200)
    text = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["publication", "language"], name="text_once")]
        ordering = ["language"]


class Notice(models.Model):
    """A publication told to a contact about an environment: once, whatever happens to the worker."""

    publication = models.ForeignKey(Publication, on_delete=models.PROTECT, related_name="notices")
    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    contact = models.ForeignKey(Contact, null=True, on_delete=models.SET_NULL, related_name="+")
    name = models.CharField(max_length=200, help_text="the contact's, also when they are none any more")
    because = models.CharField(max_length=300, help_text="why it concerns this environment, in words")
    told_at = models.DateTimeField(null=True, help_text="empty: the letter is still to be written")
    delivery = models.ForeignKey(Delivery, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["publication", "environment", "contact"], name="notice_once")
        ]
        indexes = [
            models.Index(
                fields=["publication", "contact"], name="notice_to_write", condition=Q(told_at=None)
            ),
            models.Index(fields=["customer", "-publication"], name="notice_of_customer"),
        ]


class Unwritten(models.Model):
    """A letter of a publication that could not be made: tried again later, parked after three tries."""

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="unwritten")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    tries = models.PositiveSmallIntegerField(default=0)
    again_at = models.DateTimeField(null=True, help_text="empty: parked, a person has to look")
    error = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["publication", "contact"], name="unwritten_once")]


class Reading(models.Model):
    """A contact has read a publication: by the link in the mail, or in the portal."""

    class How(models.TextChoices):
        LINK = "link", "by the link in the mail"
        PORTAL = "portal", "in the portal"

    publication = models.ForeignKey(Publication, on_delete=models.PROTECT, related_name="readings")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    contact = models.ForeignKey(Contact, null=True, on_delete=models.SET_NULL, related_name="+")
    name = models.CharField(max_length=200)
    at = models.DateTimeField()
    how = models.CharField(max_length=6, choices=How.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["publication", "contact"], name="read_once")]


class Review(models.Model):
    """A service review with a customer: planned for a day, or held, with what was agreed. Ours, not the customer's."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="reviews", db_index=False)
    planned_on = models.DateField()
    planned_by = models.CharField(max_length=200)
    held_on = models.DateField(null=True, blank=True, help_text="empty: it is planned")
    held_by = models.CharField(max_length=200, blank=True)
    agreed = models.TextField(blank=True, help_text="what was agreed, beside its tasks")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer"], condition=Q(held_on=None), name="review_planned_once"
            )
        ]
        indexes = [models.Index(fields=["customer", "-held_on"], name="review_of_customer")]

    def __str__(self) -> str:
        return f"review of {self.customer.name}, {self.held_on or self.planned_on}"


class Task(models.Model):
    """Work with an owner and a due day: upgrade advice, a preventive finding, anything that must not be forgotten."""

    class Kind(models.TextChoices):
        UPGRADE = "upgrade", "upgrade advice"
        PREVENTIVE = "preventive", "preventive finding"
        ARTICLE = "article", "article grown old"
        OTHER = "other", "other work"

    class State(models.TextChoices):
        OPEN = "open", "open"
        DONE = "done", "done"
        DROPPED = "dropped", "not to be done"

    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.OTHER)
    title = models.CharField(max_length=200)
    text = models.TextField(
        blank=True, help_text="what it is about, as the customer reads it if they are told"
    )
    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.CASCADE, related_name="tasks"
    )
    environment = models.ForeignKey(
        Environment, null=True, blank=True, on_delete=models.SET_NULL, related_name="tasks"
    )
    release = models.ForeignKey(
        Release, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", help_text="to upgrade to"
    )
    publication = models.ForeignKey(
        Publication, null=True, blank=True, on_delete=models.SET_NULL, related_name="tasks"
    )
    ticket = models.ForeignKey(
        Ticket, null=True, blank=True, on_delete=models.SET_NULL, related_name="tasks",
        help_text="whose log tells of it; it is not closed over an open task unless knowingly (tickets.closure)",
    )  # fmt: skip
    article = models.ForeignKey(
        Article, null=True, blank=True, on_delete=models.SET_NULL, related_name="tasks"
    )
    review = models.ForeignKey(
        Review,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="tasks",
        help_text="agreed in it",
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="tasks"
    )
    team = models.ForeignKey(
        Team,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="in place of an owner",
    )
    due_on = models.DateField(help_text="the last day on which it is in time")
    due_at = models.DateTimeField(null=True, blank=True, help_text="on that day, where a time was said")
    told = models.BooleanField(default=False, help_text="the customer sees it, and hears of changes")
    state = models.CharField(max_length=7, choices=State.choices, default=State.OPEN)
    outcome = models.TextField(blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    reminded_at = models.DateTimeField(null=True, blank=True, help_text="its owner was told that it is due")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["environment", "release"],
                condition=Q(kind="upgrade", state="open"),
                name="upgrade_advised_once",
            ),
            models.UniqueConstraint(fields=["article"], condition=Q(state="open"), name="article_task_once"),
            models.CheckConstraint(
                condition=Q(owner__isnull=False) | Q(team__isnull=False), name="task_in_hands"
            ),
        ]
        indexes = [
            models.Index(fields=["due_on", "id"], name="task_due", condition=Q(state="open")),
            models.Index(fields=["owner", "due_on"], name="task_of_owner", condition=Q(state="open")),
            models.Index(fields=["customer", "due_on"], name="task_of_customer"),
        ]
        ordering = ["due_on", "id"]

    def __str__(self) -> str:
        return self.title

    @property
    def hands(self) -> str:
        """In whose hands it is: a person, or a team."""
        return self.owner.name if self.owner is not None else self.team.name if self.team is not None else ""

    def late(self, at: datetime, zone: ZoneInfo) -> bool:
        """Whether its time is up for who reads it in `zone`: a day is over when it is over there."""
        return self.due_at < at if self.due_at is not None else self.due_on < at.astimezone(zone).date()


class TaskChange(models.Model):
    """One change of one task: append-only."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="changes")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=200)
    kind = models.CharField(max_length=40, help_text="opened, told, changed, done, dropped, opened again")
    words = models.TextField(blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["task", "id"], name="change_of_task")]
        ordering = ["id"]


class TaskOutbox(models.Model):
    """A change that its customer has not been told of yet: removed in the transaction that writes the letters.

    Where they cannot be made it waits until `again_at`; after three tries it is parked, until a person has looked.
    """

    change = models.OneToOneField(
        TaskChange, on_delete=models.CASCADE, primary_key=True, related_name="outbox"
    )
    tries = models.PositiveSmallIntegerField(default=0)
    again_at = models.DateTimeField(null=True, help_text="empty: at once, or parked")
    error = models.TextField(blank=True, default="")
