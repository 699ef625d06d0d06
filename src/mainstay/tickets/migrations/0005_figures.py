"""Clock rows say under which severity they are judged and when they were first missed, for figures in SQL.

What earlier rows can tell is filled in; the rest says nothing (null) until `mainstay clocks verify --repair`
rebuilds them, and figures read such tickets from the log meanwhile.
"""

from django.db import migrations, models

FILL = """
SELECT set_config('mainstay.scope', 'all', true);
UPDATE tickets_clock SET missed_at = LEAST(
    (SELECT min(one::timestamptz) FROM jsonb_array_elements_text(earlier_breaches) one),
    CASE WHEN state = 'stopped' AND breached OR state = 'running' AND due_at < as_of THEN due_at END
) WHERE breached OR earlier_breaches <> '[]' OR state = 'running' AND due_at < as_of;
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0004_agreement")]

    operations = [
        migrations.AddField(
            model_name="clock",
            name="missed_at",
            field=models.DateTimeField(
                help_text="when the first of its targets lapsed; running: by `as_of`", null=True
            ),
        ),
        migrations.AddField(
            model_name="clock",
            name="severity",
            field=models.PositiveSmallIntegerField(
                help_text="under which the present target was taken; null: not yet rebuilt", null=True
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="clock",
            index=models.Index(
                fields=["clock", "ticket"],
                include=(
                    "n",
                    "state",
                    "kind",
                    "severity",
                    "stopped_at",
                    "due_at",
                    "missed_at",
                    "started_at",
                ),
                name="clock_figures",
            ),
        ),
    ]
