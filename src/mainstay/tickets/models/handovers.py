"""Who is to take a ticket over."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from mainstay.tickets.models.conversation import Message
from mainstay.tickets.models.ticket import Ticket


class ShiftHandover(models.Model):
    """A shift handed over at once: from whom to whom, until when the next one lasts, and words for all of it."""

    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    to = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField()
    until = models.DateTimeField(help_text="the end of the next shift")
    note = models.TextField(blank=True, help_text="inside only")


class Handover(models.Model):
    """One ticket given to somebody who has to say that they have it; an indexed copy of what the events say."""

    class State(models.TextChoices):
        WAITING = "waiting", "not accepted yet"
        ACCEPTED = "accepted", "accepted"
        DECLINED = "declined", "given back"
        MOOT = "moot", "overtaken: closed, or given to somebody else"

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="handovers")
    shift = models.ForeignKey(
        ShiftHandover, null=True, blank=True, on_delete=models.PROTECT, related_name="tickets"
    )
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    to = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    message = models.ForeignKey(Message, null=True, on_delete=models.SET_NULL, related_name="+")
    given_at = models.DateTimeField()
    given_seq = models.PositiveIntegerField(help_text="the event that gave it")
    accept_by = models.DateTimeField(help_text="not accepted by then, it is told to those who lead")
    look_at = models.DateTimeField(
        null=True, help_text="when the watch looks at it; null: nothing is left to do"
    )
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    ended_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True, help_text="when those who lead were told")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket"], condition=Q(state="waiting"), name="handover_waits_once"
            )
        ]
        indexes = [
            models.Index(fields=["look_at"], name="handover_look", condition=Q(look_at__isnull=False)),
            models.Index(fields=["to", "accept_by"], name="handover_to", condition=Q(state="waiting")),
            models.Index(fields=["given_by", "-id"], name="handover_by"),
        ]
