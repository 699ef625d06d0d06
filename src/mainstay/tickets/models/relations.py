"""What belongs together: tickets with tickets, with a defect, with a common cause."""

from django.db import models

from mainstay.tickets.models.ticket import Ticket


class CommonCause(models.Model):
    """One cause behind tickets of any number of customers; only staff see that they belong together."""

    title = models.CharField(max_length=200)
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.title


class Link(models.Model):
    """Two tickets that belong together; written once for the pair, smaller number first, or who waits first."""

    class Kind(models.TextChoices):
        RELATED = "related", "related"
        DUPLICATE = "duplicate", "duplicate"
        CAUSED_BY = "caused_by", "same cause"
        BLOCKS = "blocks", "waits for"
        FOLLOW_UP = "follow_up", "follow-up"
        MAYBE = "maybe", "maybe related"

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="links")
    other = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="linked_from")
    kind = models.CharField(max_length=9, choices=Kind.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "other", "kind"], name="link_once")]


class Defect(models.Model):
    """A defect of the product behind a ticket, and the release that mends it."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="defects")
    reference = models.CharField(max_length=100)
    url = models.URLField(blank=True)
    fixed_in = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "reference"], name="defect_once")]
