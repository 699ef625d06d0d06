"""Acts name what they are about, so that a page finds its history; existing rows name nothing."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_stand_in")]

    operations = [
        migrations.AddField(
            model_name="act",
            name="about",
            field=models.CharField(
                blank=True, default="", help_text="what has a history of its own: team 3", max_length=60
            ),
        ),
        migrations.AddIndex(
            model_name="act",
            index=models.Index(condition=~models.Q(about=""), fields=["about", "-id"], name="acts_about"),
        ),
        migrations.AddIndex(
            model_name="act", index=models.Index(fields=["kind", "-id"], name="acts_by_kind")
        ),
    ]
