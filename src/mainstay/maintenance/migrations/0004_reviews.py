"""Service reviews and what was agreed in them; rows are there for staff only."""

import django.db.models.deletion
from django.db import migrations, models

OURS = "(SELECT coalesce(current_setting('mainstay.scope', true), '')) = 'all'"
GUARD = f"""
ALTER TABLE maintenance_review ENABLE ROW LEVEL SECURITY;
ALTER TABLE maintenance_review FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON maintenance_review USING ({OURS}) WITH CHECK ({OURS});
"""


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0005_notes"),
        ("maintenance", "0003_article_tasks"),
    ]

    operations = [
        migrations.CreateModel(
            name="Review",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("planned_on", models.DateField()),
                ("planned_by", models.CharField(max_length=200)),
                ("held_on", models.DateField(blank=True, help_text="empty: it is planned", null=True)),
                ("held_by", models.CharField(blank=True, max_length=200)),
                ("agreed", models.TextField(blank=True, help_text="what was agreed, beside its tasks")),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reviews",
                        to="customers.customer",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="task",
            name="review",
            field=models.ForeignKey(
                blank=True,
                help_text="agreed in it",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="tasks",
                to="maintenance.review",
            ),
        ),
        migrations.AddIndex(
            model_name="review",
            index=models.Index(fields=["customer", "-held_on"], name="review_of_customer"),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.UniqueConstraint(
                condition=models.Q(("held_on", None)), fields=("customer",), name="review_planned_once"
            ),
        ),
        migrations.RunSQL(GUARD, migrations.RunSQL.noop),
    ]
