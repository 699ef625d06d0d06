"""What prospects typed is seen only by those who see everything: never by a customer's page."""

from django.db import migrations

RULE = """(SELECT coalesce(current_setting('mainstay.scope', true), '')) = 'all'"""


class Migration(migrations.Migration):
    dependencies = [("advisor", "0001_initial")]

    operations = [
        migrations.RunSQL(
            f"ALTER TABLE advisor_lead ENABLE ROW LEVEL SECURITY;"
            f"ALTER TABLE advisor_lead FORCE ROW LEVEL SECURITY;"
            f"CREATE POLICY scope ON advisor_lead USING ({RULE}) WITH CHECK ({RULE});",
            migrations.RunSQL.noop,
        )
    ]
