"""The log of a ticket: its events, their personal words, and those that notices have not looked at yet."""

from django.db import models
from django.db.models import F

from mainstay.tickets.models.ticket import Ticket


class Event(models.Model):
    """One change of one ticket. Append-only: neither role may update or delete a row."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="events", db_index=False)
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=40)
    at = models.DateTimeField(help_text="whole seconds, never before the ticket's last")
    recorded_at = models.DateTimeField(auto_now_add=True)
    by_kind = models.CharField(max_length=8)
    by_id = models.BigIntegerField(null=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    text_digest = models.CharField(max_length=64, blank=True, help_text="keyed digest of EventText")
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "seq"], name="event_once")]
        ordering = ["ticket", "seq"]


class EventText(models.Model):
    """The personal words of an event, apart from it so that they can be erased and the chain stays whole."""

    event = models.OneToOneField(Event, on_delete=models.CASCADE, primary_key=True, related_name="text")
    by_name = models.CharField(max_length=200, blank=True)
    why = models.TextField(blank=True)
    detail = models.JSONField(default=dict, blank=True, help_text="message ids, names, addresses")
    key = models.BinaryField(max_length=16, help_text="of the digest; dropped on erasure")


class Outbox(models.Model):
    """An event that notices have not looked at yet: written with it, removed when its deliveries stand."""

    event = models.OneToOneField(Event, on_delete=models.CASCADE, primary_key=True)
    urgent = models.BooleanField(default=False)
    not_before = models.DateTimeField(null=True, blank=True, help_text="it may be taken back until then")

    class Meta:
        indexes = [models.Index(F("urgent").desc(), F("event").asc(), name="outbox_order")]
