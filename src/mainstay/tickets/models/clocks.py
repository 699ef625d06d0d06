"""What hangs on a ticket's clocks: their rows, the alarms and rungs that they bring about, and timers."""

from django.db import models
from django.db.models import Q

from mainstay.tickets.models.ticket import Ticket


class Clock(models.Model):
    """An indexed copy of what `sla.clocks.explain` says; may be thrown away and rebuilt."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="clocks", db_index=False)
    clock = models.CharField(max_length=20)
    n = models.PositiveSmallIntegerField()
    position = models.PositiveSmallIntegerField(help_text="in the order in which they started")
    kind = models.CharField(max_length=8, help_text="promise, goal, or internal")
    state = models.CharField(max_length=9, help_text="running, paused, stopped, cancelled")
    target = models.CharField(max_length=12, help_text="as the terms say it: 4h, 2bd")
    target_seconds = models.BigIntegerField()
    calendar = models.CharField(max_length=40)
    used = models.BigIntegerField(help_text="at `as_of`; while running, the rest is reckoned")
    as_of = models.DateTimeField()
    started_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    warn_at = models.DateTimeField(null=True)
    breached = models.BooleanField(
        default=False, help_text="of a stopped or cancelled clock; running: derived"
    )
    earlier_breaches = models.JSONField(default=list)
    severity = models.PositiveSmallIntegerField(
        null=True, help_text="under which the present target was taken; null: not yet rebuilt"
    )
    missed_at = models.DateTimeField(
        null=True, help_text="the first second beyond a target of its; while it runs, when that will be"
    )
    next_alarm_at = models.DateTimeField(null=True)
    next_alarm = models.CharField(max_length=6, blank=True, help_text="warn or breach")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "clock", "n"], name="clock_once")]
        indexes = [
            models.Index(
                fields=["next_alarm_at"], name="clock_alarm", condition=Q(next_alarm_at__isnull=False)
            ),
            models.Index(
                fields=["clock", "ticket"], name="clock_figures",
                include=["n", "state", "kind", "severity", "stopped_at", "due_at", "missed_at", "started_at"],
            ),
        ]  # fmt: skip
        ordering = ["ticket", "position"]


class Alarm(models.Model):
    """A warning or breach that was noticed: once for each (ticket, clock, n, kind, due)."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="alarms", db_index=False)
    clock = models.CharField(max_length=20)
    n = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=6)
    due_at = models.DateTimeField()
    noticed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "clock", "n", "kind", "due_at"], name="alarm_once")
        ]


class LadderRung(models.Model):
    """A step of an escalation ladder on a ticket: due, or told; once for each (ticket, rung, n, due).

    Those that are only due are derived, like the clocks that they hang on; those that were told stay.
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="rungs", db_index=False)
    rung = models.CharField(
        max_length=500, help_text="see sla.ladder: for whom, at which severity, of which clock"
    )
    n = models.PositiveSmallIntegerField(help_text="of the clock")
    due_at = models.DateTimeField()
    says = models.JSONField(default=dict, help_text="the rung as the terms have it")
    told_at = models.DateTimeField(null=True)
    carried = models.BooleanField(default=False, help_text="told already, under another due instant")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "rung", "n", "due_at"], name="rung_once")]
        indexes = [models.Index(fields=["due_at"], name="rung_due", condition=Q(told_at__isnull=True))]
        ordering = ["due_at", "pk"]


class Timer(models.Model):
    """Something that happens by itself when nothing else does: a reminder, a closing, a waking."""

    class Kind(models.TextChoices):
        REMIND = "remind", "remind the customer"
        CLOSE = "close", "close by itself"
        WAKE = "wake", "resume work"

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="timers")
    kind = models.CharField(max_length=6, choices=Kind.choices)
    due_at = models.DateTimeField()
    set_at_seq = models.PositiveIntegerField(help_text="the event that set it")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "kind", "due_at"], name="timer_once")]
        indexes = [models.Index(fields=["due_at"], name="timer_due")]
