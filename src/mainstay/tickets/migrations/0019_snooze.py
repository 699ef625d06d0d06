"""Tickets that somebody has put off, seen by whoever may see their ticket."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SCOPE = "(SELECT coalesce(current_setting('mainstay.scope', true), ''))"
RULE = f"{SCOPE} = 'all' OR EXISTS (SELECT 1 FROM tickets_ticket t WHERE t.id = ticket_id)"
GUARD = f"""
    ALTER TABLE tickets_snooze ENABLE ROW LEVEL SECURITY;
    ALTER TABLE tickets_snooze FORCE ROW LEVEL SECURITY;
    CREATE POLICY scope ON tickets_snooze USING ({RULE}) WITH CHECK ({RULE});
    """


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("tickets", "0018_concern_newest"),
    ]

    operations = [
        migrations.CreateModel(
            name="Snooze",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "until",
                    models.DateTimeField(help_text="null: until the customer answers", null=True),
                ),
                (
                    "note",
                    models.CharField(
                        blank=True, help_text="what they want to be reminded of", max_length=200
                    ),
                ),
                ("set_at", models.DateTimeField()),
                (
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="snoozes",
                        to="tickets.ticket",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("until__isnull", False)), fields=["until"], name="snooze_due"
                    )
                ],
                "constraints": [models.UniqueConstraint(fields=("user", "ticket"), name="snooze_once")],
            },
        ),
        migrations.RunSQL(GUARD, migrations.RunSQL.noop),
    ]
