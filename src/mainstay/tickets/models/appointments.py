"""Times agreed with the customer, and who takes part."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mainstay.customers.models import Contact
from mainstay.tickets.models.ticket import Ticket


class Appointment(models.Model):
    """A time agreed with the customer: a call, a remote session, a visit. Its changes are events of the ticket."""

    class Kind(models.TextChoices):
        CALL = "call", _("call")
        REMOTE = "remote", _("remote session")
        VISIT = "visit", _("visit")

    class State(models.TextChoices):
        AGREED = "agreed", _("agreed")
        CANCELLED = "cancelled", _("cancelled")

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="appointments")
    uid = models.CharField(max_length=200, unique=True, help_text="by which calendars know it (RFC 5545)")
    sequence = models.PositiveIntegerField(default=0, help_text="raised with each change (RFC 5545)")
    kind = models.CharField(max_length=6, choices=Kind.choices)
    state = models.CharField(max_length=9, choices=State.choices, default=State.AGREED)
    about = models.CharField(max_length=200)
    place = models.CharField(max_length=500, blank=True, help_text="a number, a link or an address")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    wish = models.TextField(blank=True, help_text="the customer asks for another time, in their words")
    wish_by = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["starts_at", "pk"]

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds()) // 60


class Attendee(models.Model):
    """Somebody who takes part in an appointment: one of us, or a contact."""

    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="attendees")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False) ^ Q(contact__isnull=False), name="attendee_is_somebody"
            ),
            models.UniqueConstraint(fields=["appointment", "user"], name="attendee_user_once"),
            models.UniqueConstraint(fields=["appointment", "contact"], name="attendee_contact_once"),
        ]
        ordering = ["pk"]
