"""Those of us who watch a ticket, seen by whoever may see their ticket."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SCOPE = "(SELECT coalesce(current_setting('mainstay.scope', true), ''))"
RULE = f"{SCOPE} = 'all' OR EXISTS (SELECT 1 FROM tickets_ticket t WHERE t.id = ticket_id)"
GUARD = f"""
    ALTER TABLE tickets_watcher ENABLE ROW LEVEL SECURITY;
    ALTER TABLE tickets_watcher FORCE ROW LEVEL SECURITY;
    CREATE POLICY scope ON tickets_watcher USING ({RULE}) WITH CHECK ({RULE});
    """


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("tickets", "0019_snooze"),
    ]

    operations = [
        migrations.CreateModel(
            name="Watcher",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("since", models.DateTimeField()),
                (
                    "ticket",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="watchers",
                        to="tickets.ticket",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("ticket", "user"), name="watcher_once")],
            },
        ),
        migrations.RunSQL(GUARD, migrations.RunSQL.noop),
    ]
