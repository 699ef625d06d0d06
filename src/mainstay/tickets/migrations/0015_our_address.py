from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0014_scan")]

    operations = [
        migrations.AddField(
            model_name="ticket",
            name="our_address",
            field=models.CharField(
                blank=True,
                default="",
                help_text="the mailbox it came to, which answers it; empty: the support address",
                max_length=320,
            ),
            preserve_default=False,
        ),
    ]
