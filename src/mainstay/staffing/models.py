"""Who can do what, and when they are on duty."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models


class Engineer(models.Model):
    """What dispatch knows about a member of staff."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="engineer")
    skills = ArrayField(models.CharField(max_length=60), default=list, blank=True, help_text="product codes")
    languages = ArrayField(models.CharField(max_length=8), default=list, blank=True)
    week = models.JSONField(
        default=dict, help_text="hours on duty, as in a calendar: {'mon': [['09:00','17:00']]}"
    )
    dedicated_to = ArrayField(
        models.CharField(max_length=60),
        default=list,
        blank=True,
        help_text="service level codes served first",
    )
    capacity = models.PositiveSmallIntegerField(default=12, help_text="open tickets that are enough")

    def __str__(self) -> str:
        return self.user.name


class Absence(models.Model):
    """Time off: not on duty from `starts_at` to `ends_at`."""

    engineer = models.ForeignKey(Engineer, on_delete=models.CASCADE, related_name="absences")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=200, blank=True)
