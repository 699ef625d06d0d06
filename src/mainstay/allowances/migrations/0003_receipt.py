"""What the allowances said of each request at its receipt."""

import django.db.models.deletion
from django.db import migrations, models

RULE = """(SELECT coalesce(current_setting('mainstay.scope', true), '')) = 'all' OR EXISTS (SELECT 1 FROM tickets_ticket t WHERE t.id = ticket_id)"""


class Migration(migrations.Migration):
    dependencies = [
        ("allowances", "0002_guards"),
        ("customers", "0001_initial"),
        ("tickets", "0003_indexes"),
    ]

    operations = [
        migrations.CreateModel(
            name="Receipt",
            fields=[
                (
                    "ticket",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="receipt",
                        serialize=False,
                        to="tickets.ticket",
                    ),
                ),
                ("kind", models.CharField(help_text="contract, included or none", max_length=12)),
                ("number", models.CharField(blank=True, max_length=40)),
                ("part", models.PositiveSmallIntegerField(default=0)),
                (
                    "because",
                    models.JSONField(default=list, help_text="sentences, beside those of the entitlement"),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.customer",
                    ),
                ),
            ],
        ),
        migrations.RunSQL(
            f"ALTER TABLE allowances_receipt ENABLE ROW LEVEL SECURITY;"
            f"ALTER TABLE allowances_receipt FORCE ROW LEVEL SECURITY;"
            f"CREATE POLICY scope ON allowances_receipt USING ({RULE}) WITH CHECK ({RULE});",
            migrations.RunSQL.noop,
        ),
    ]
