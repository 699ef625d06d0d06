"""Rows are seen only within `mainstay.scope` (see tickets.scope)."""

from django.db import migrations

RULE = """(SELECT coalesce(current_setting('mainstay.scope', true), '')) = 'all'"""


class Migration(migrations.Migration):
    dependencies = [("intake", "0001_initial"), ("tickets", "0002_guards")]

    operations = [
        migrations.RunSQL(
            f"ALTER TABLE intake_mail ENABLE ROW LEVEL SECURITY;"
            f"ALTER TABLE intake_mail FORCE ROW LEVEL SECURITY;"
            f"CREATE POLICY scope ON intake_mail USING ({RULE}) WITH CHECK ({RULE});",
            migrations.RunSQL.noop,
        )
    ]
