"""A ticket may be closed because no agreement covers it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0005_figures"),
    ]

    operations = [
        migrations.AlterField(
            model_name="ticket",
            name="close_reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("resolved", "resolved"),
                    ("closed_by_customer", "closed by the customer, unresolved"),
                    ("no_answer_to_solution", "the proposed solution got no answer"),
                    ("no_information", "the information we asked for never came"),
                    ("out_of_scope", "out of scope"),
                    ("not_entitled", "not covered by any agreement"),
                    ("duplicate", "duplicate"),
                    ("spam", "spam"),
                ],
                max_length=24,
            ),
        ),
    ]
