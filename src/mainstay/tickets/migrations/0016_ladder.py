"""Rungs of escalation ladders, seen by whoever may see their ticket."""

import django.db.models.deletion
from django.db import migrations, models

SCOPE = "(SELECT coalesce(current_setting('mainstay.scope', true), ''))"
RULE = f"{SCOPE} = 'all' OR EXISTS (SELECT 1 FROM tickets_ticket t WHERE t.id = ticket_id)"
GUARD = f"""
    ALTER TABLE tickets_ladderrung ENABLE ROW LEVEL SECURITY;
    ALTER TABLE tickets_ladderrung FORCE ROW LEVEL SECURITY;
    CREATE POLICY scope ON tickets_ladderrung USING ({RULE}) WITH CHECK ({RULE});
    """


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0015_our_address"),
    ]

    operations = [
        migrations.CreateModel(
            name="LadderRung",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "rung",
                    models.CharField(
                        help_text="see sla.ladder: for whom, at which severity, of which clock",
                        max_length=500,
                    ),
                ),
                ("n", models.PositiveSmallIntegerField(help_text="of the clock")),
                ("due_at", models.DateTimeField()),
                ("says", models.JSONField(default=dict, help_text="the rung as the terms have it")),
                ("told_at", models.DateTimeField(null=True)),
                (
                    "carried",
                    models.BooleanField(default=False, help_text="told already, under another due instant"),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rungs",
                        to="tickets.ticket",
                    ),
                ),
            ],
            options={
                "ordering": ["due_at", "pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("told_at__isnull", True)), fields=["due_at"], name="rung_due"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("ticket", "rung", "n", "due_at"), name="rung_once")
                ],
            },
        ),
        migrations.RunSQL(GUARD, migrations.RunSQL.noop),
    ]
