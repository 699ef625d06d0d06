"""What was done with a mail, where spam and trash came from, and its Message-ID for finding threads."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("intake", "0002_guards")]

    operations = [
        migrations.AddField(
            "mail",
            "outcome",
            models.CharField(
                blank=True,
                default="",
                help_text="what was done with it, see intake.email.decide.Act",
                max_length=12,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            "mail",
            "state_before",
            models.CharField(
                blank=True,
                default="",
                help_text="where spam and trash came from, for taking it back",
                max_length=10,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            "mail",
            "message_id",
            models.CharField(
                blank=True,
                default="",
                help_text="to find the ticket that another message names; empty when longer",
                max_length=250,
            ),
            preserve_default=False,
        ),
        migrations.AddIndex(
            "mail",
            models.Index(
                condition=models.Q(("message_id", ""), _negated=True),
                fields=["message_id"],
                name="mail_message_id",
            ),
        ),
    ]
