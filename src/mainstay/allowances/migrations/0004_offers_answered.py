"""An offer that was answered waits for a person too: the index of what waits holds it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("allowances", "0003_receipt"),
        ("tickets", "0006_not_entitled"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="decision",
            name="decision_open",
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(
                condition=models.Q(("outcome__in", ["", "offer"])),
                fields=["asked_at", "id"],
                name="decision_open",
            ),
        ),
    ]
