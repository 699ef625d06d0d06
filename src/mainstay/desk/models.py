"""What the desk keeps for those who work at it."""

from django.conf import settings
from django.db import models

from mainstay.accounts.models import Team


class Bulk(models.Model):
    """One act on many tickets: what was asked, and what came of it for each, so that it can be taken back."""

    once = models.UUIDField(unique=True, help_text="of the form: sent twice, done once")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    act = models.CharField(max_length=12)
    asked = models.JSONField(default=dict, help_text="what was typed")
    results = models.JSONField(
        default=list, help_text="ticket, seq of its event, what was before; or the error"
    )
    undone_at = models.DateTimeField(null=True)
    undone = models.JSONField(default=list, help_text="the same of taking it back")

    def __str__(self) -> str:
        return f"{self.act} {self.pk}"


class SavedView(models.Model):
    """A query of the queue under a name: one person's own, a team's, or everybody's."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=400)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    everybody = models.BooleanField(default=False)
    position = models.PositiveIntegerField(default=0)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def code(self) -> str:
        """How the address names it."""
        return f"v{self.pk}"
