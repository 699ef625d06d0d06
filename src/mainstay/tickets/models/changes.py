"""Other terms for many open tickets."""

from django.db import models
from django.db.models import Q

from mainstay.contracts.models import Contract
from mainstay.tickets.models.ticket import Ticket


class Change(models.Model):
    """Other terms for many open tickets: decided once, brought to each in the background (LESSON 14)."""

    class State(models.TextChoices):
        WAITING = "waiting", "waiting for its day"
        RUNNING = "running", "on its way"
        DONE = "done", "done"

    why = models.CharField(max_length=500)
    contract = models.ForeignKey(
        Contract, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        help_text="the version that judges from then on; empty: each ticket's own, resolved anew",
    )  # fmt: skip
    effective = models.DateField(help_text="from the beginning of this day where the customer is")
    starts_at = models.DateTimeField(help_text="when the day has begun for the first of them")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    by_kind = models.CharField(max_length=8)
    by_id = models.BigIntegerField(null=True)
    by_name = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField()
    total = models.PositiveIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["starts_at"], name="change_open", condition=~Q(state="done"))]

    def __str__(self) -> str:
        return self.why


class ChangeOfTicket(models.Model):
    """One open ticket of a change: waiting (no result yet), or what came of it."""

    class Result(models.TextChoices):
        CHANGED = "changed", "other terms hold"
        SAME = "same", "nothing was different"
        CLOSED = "closed", "closed meanwhile"
        FAILED = "failed", "could not be reckoned"

    change = models.ForeignKey(Change, on_delete=models.CASCADE, related_name="tickets", db_index=False)
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="+", db_index=False)
    at = models.DateTimeField(help_text="the beginning of the day where the customer is")
    result = models.CharField(max_length=8, choices=Result.choices, blank=True)
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["change", "ticket"], name="change_once_a_ticket")]
        indexes = [
            models.Index(fields=["change", "id"], name="change_waiting", condition=Q(result="")),
            models.Index(fields=["change", "result"], name="change_results"),
        ]
