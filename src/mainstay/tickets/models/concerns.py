"""What customers want decided."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mainstay.customers.models import Contact, Customer
from mainstay.tickets.models.ticket import Ticket


class Concern(models.Model):
    """What the customer wants somebody of ours to decide: an escalation, another severity, or a complaint.

    A complaint may be about no request; then it is of the customer alone.
    """

    class Kind(models.TextChoices):
        ESCALATION = "escalation", _("escalation asked for")
        SEVERITY = "severity", _("objection to the severity")
        COMPLAINT = "complaint", _("complaint")

    ticket = models.ForeignKey(Ticket, null=True, on_delete=models.CASCADE, related_name="concerns")
    customer = models.ForeignKey(
        Customer,
        null=True,
        on_delete=models.CASCADE,
        related_name="concerns",
        help_text="where it is about no request",
    )
    kind = models.CharField(max_length=10, choices=Kind.choices)
    text = models.TextField()
    by = models.ForeignKey(Contact, null=True, on_delete=models.SET_NULL, related_name="+")
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField()
    due_at = models.DateTimeField(help_text="when it is answered at the latest, by our own rule")
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    answered_name = models.CharField(max_length=200, blank=True)
    answer = models.TextField(blank=True, help_text="empty: answered by what was done")
    late_told_at = models.DateTimeField(null=True, help_text="when managers were told that it is late")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "kind"], name="concern_open_once", condition=Q(answered_at=None)
            ),
            models.UniqueConstraint(
                fields=["customer", "by"],
                name="complaint_open_once",
                condition=Q(answered_at=None, ticket=None),
            ),
            models.CheckConstraint(
                name="concern_of_one",
                condition=Q(ticket__isnull=False, customer=None)
                | Q(ticket=None, customer__isnull=False, kind="complaint"),
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="concern_open", condition=Q(answered_at=None)),
            models.Index(fields=["-at", "-id"], name="concern_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.ticket_id or self.number}"

    @property
    def number(self) -> str:
        """How a complaint about no request is called: "C12"."""
        return f"C{self.pk}"
