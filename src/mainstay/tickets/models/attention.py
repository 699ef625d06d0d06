"""What one of us has put off, or wants to hear of."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from mainstay.tickets.models.ticket import Ticket


class Snooze(models.Model):
    """A ticket that one person has put off; the row goes when it comes back. It moves nothing for anybody else."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="snoozes")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    until = models.DateTimeField(null=True, help_text="null: until the customer answers")
    note = models.CharField(max_length=200, blank=True, help_text="what they want to be reminded of")
    set_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "ticket"], name="snooze_once")]
        indexes = [
            models.Index(fields=["until"], name="snooze_due", condition=Q(until__isnull=False)),
        ]


class Watcher(models.Model):
    """One of us who is told of what the customer writes on a ticket, whoever has it."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="watchers", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "user"], name="watcher_once")]
