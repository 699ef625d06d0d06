"""Concerns are seen only within `mainstay.scope`, as everything else of a ticket."""

from django.db import migrations

RULE = (
    "(SELECT coalesce(current_setting('mainstay.scope', true), '')) = 'all'"
    " OR EXISTS (SELECT 1 FROM tickets_ticket t WHERE t.id = ticket_id)"
)
GUARD = f"""
ALTER TABLE tickets_concern ENABLE ROW LEVEL SECURITY;
ALTER TABLE tickets_concern FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON tickets_concern USING ({RULE}) WITH CHECK ({RULE});
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0012_concerns")]

    operations = [migrations.RunSQL(GUARD, migrations.RunSQL.noop)]
