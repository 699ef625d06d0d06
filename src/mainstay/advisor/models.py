"""The advisor's rules as versions, and the prospects who asked sales to write to them."""

from django.conf import settings
from django.db import models

from mainstay.catalogue.models import Version


class AdvisorRules(Version):
    """Questions, points and least levels; `document` is defined in `advisor.rules`."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="advisor_version_once")]
        ordering = ["-version"]


class Lead(models.Model):
    """Somebody who pressed "send this to sales": what they typed, and the result they had before them."""

    class State(models.TextChoices):
        NEW = "new", "new"
        TAKEN = "taken", "taken"
        DONE = "done", "done"

    at = models.DateTimeField()
    advice = models.CharField(max_length=40, help_text="version of the rules and answers, see advisor.link")
    level_code = models.SlugField()
    package_code = models.SlugField()
    name = models.CharField(max_length=200)
    email = models.CharField(max_length=320)
    organisation = models.CharField(max_length=200, blank=True)
    words = models.TextField(blank=True)
    state = models.CharField(max_length=5, choices=State.choices, default=State.NEW)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    note = models.CharField(max_length=500, blank=True, help_text="what came of it")

    class Meta:
        indexes = [
            models.Index(fields=["-at", "-id"], name="lead_newest"),
            models.Index(fields=["state"], name="lead_new", condition=models.Q(state="new")),
        ]

    def __str__(self) -> str:
        return f"Lead {self.pk}"
