"""The newest concerns, for a customer's page; the table has a row for few tickets."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0017_pages_in_queue_order")]

    operations = [
        migrations.AddIndex("concern", models.Index(fields=["-at", "-id"], name="concern_newest")),
    ]
