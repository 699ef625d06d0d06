"""Clock rows say under which severity they are judged and when they are missed, for figures in SQL.

Rows from before say nothing (null) until `mainstay clocks verify --repair` rebuilds them; figures read such
tickets from the log meanwhile.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0004_agreement")]

    operations = [
        migrations.AddField(
            model_name="clock",
            name="missed_at",
            field=models.DateTimeField(
                help_text="the first second beyond a target of its; while it runs, when that will be",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="clock",
            name="severity",
            field=models.PositiveSmallIntegerField(
                help_text="under which the present target was taken; null: not yet rebuilt", null=True
            ),
        ),
        migrations.AddIndex(
            model_name="clock",
            index=models.Index(
                fields=["clock", "ticket"],
                include=[
                    "n",
                    "state",
                    "kind",
                    "severity",
                    "stopped_at",
                    "due_at",
                    "missed_at",
                    "started_at",
                ],
                name="clock_figures",
            ),
        ),
    ]
