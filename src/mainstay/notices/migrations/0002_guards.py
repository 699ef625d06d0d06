"""Rows are seen only within `mainstay.scope` (see tickets.scope)."""

from django.db import migrations

RULE = """(SELECT coalesce(current_setting('mainstay.scope', true), '')) = 'all' OR EXISTS (SELECT 1 FROM tickets_ticket t WHERE t.id = ticket_id)"""


class Migration(migrations.Migration):
    dependencies = [("notices", "0001_initial"), ("tickets", "0002_guards")]

    operations = [
        migrations.RunSQL(
            f"ALTER TABLE notices_delivery ENABLE ROW LEVEL SECURITY;"
            f"ALTER TABLE notices_delivery FORCE ROW LEVEL SECURITY;"
            f"CREATE POLICY scope ON notices_delivery USING ({RULE}) WITH CHECK ({RULE});",
            migrations.RunSQL.noop,
        )
    ]
