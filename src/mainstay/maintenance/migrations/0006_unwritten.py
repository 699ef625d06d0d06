"""A letter that cannot be made fails alone: of a publication its row says why, of a task's change the outbox."""

import django.db.models.deletion
from django.db import migrations, models

GUARD = """
    ALTER TABLE maintenance_unwritten ENABLE ROW LEVEL SECURITY;
    ALTER TABLE maintenance_unwritten FORCE ROW LEVEL SECURITY;
    CREATE POLICY scope ON maintenance_unwritten
        USING ((SELECT coalesce(current_setting('mainstay.scope', true), '')) = 'all')
        WITH CHECK ((SELECT coalesce(current_setting('mainstay.scope', true), '')) = 'all');
"""


class Migration(migrations.Migration):
    dependencies = [("maintenance", "0005_ticket_tasks")]

    operations = [
        migrations.CreateModel(
            name="Unwritten",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                (
                    "again_at",
                    models.DateTimeField(help_text="empty: parked, a person has to look", null=True),
                ),
                ("error", models.TextField(blank=True)),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="customers.contact"
                    ),
                ),
                (
                    "publication",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="unwritten",
                        to="maintenance.publication",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("publication", "contact"), name="unwritten_once")
                ]
            },
        ),
        migrations.RunSQL(GUARD, migrations.RunSQL.noop),
        migrations.AddField(
            model_name="taskoutbox", name="tries", field=models.PositiveSmallIntegerField(default=0)
        ),
        migrations.AddField(
            model_name="taskoutbox",
            name="again_at",
            field=models.DateTimeField(help_text="empty: at once, or parked", null=True),
        ),
        migrations.AddField(
            model_name="taskoutbox", name="error", field=models.TextField(blank=True, default="")
        ),
    ]
