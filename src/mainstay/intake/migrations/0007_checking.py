"""Large files on their way are looked at in the background, once they are whole."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("intake", "0006_uploads"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="upload",
            name="checking_at",
            field=models.DateTimeField(help_text="since when somebody looks at all of it", null=True),
        ),
        migrations.AlterField(
            model_name="upload",
            name="sha256",
            field=models.CharField(blank=True, help_text="once it is whole and was looked at", max_length=64),
        ),
        migrations.AddIndex(
            model_name="upload",
            index=models.Index(
                condition=models.Q(received=models.F("size"), sha256=""),
                fields=["created_at"],
                name="upload_unchecked",
            ),
        ),
    ]
