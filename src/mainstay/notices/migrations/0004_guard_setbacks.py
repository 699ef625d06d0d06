"""What could not be announced is the worker's own affair: seen only by those who see everything."""

from django.db import migrations

RULE = """(SELECT coalesce(current_setting('mainstay.scope', true), '')) = 'all'"""


class Migration(migrations.Migration):
    dependencies = [("notices", "0003_letters")]

    operations = [
        migrations.RunSQL(
            f"ALTER TABLE notices_setback ENABLE ROW LEVEL SECURITY;"
            f"ALTER TABLE notices_setback FORCE ROW LEVEL SECURITY;"
            f"CREATE POLICY scope ON notices_setback USING ({RULE}) WITH CHECK ({RULE});",
            migrations.RunSQL.noop,
        )
    ]
