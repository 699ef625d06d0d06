"""Notes about customers, pinned ones beside their tickets; rows are there for staff only."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

OURS = "(SELECT coalesce(current_setting('mainstay.scope', true), '')) = 'all'"
GUARD = f"""
ALTER TABLE customers_customernote ENABLE ROW LEVEL SECURITY;
ALTER TABLE customers_customernote FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON customers_customernote USING ({OURS}) WITH CHECK ({OURS});
"""


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0004_unsubscribe"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CustomerNote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.TextField()),
                ("pinned", models.BooleanField(default=False)),
                ("by_name", models.CharField(max_length=200)),
                ("at", models.DateTimeField()),
                (
                    "removed_at",
                    models.DateTimeField(blank=True, help_text="put away; it holds no longer", null=True),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notes",
                        to="customers.customer",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        models.F("customer"),
                        models.OrderBy(models.F("pinned"), descending=True),
                        models.OrderBy(models.F("at"), descending=True),
                        condition=models.Q(("removed_at__isnull", True)),
                        name="note_of_customer",
                    )
                ],
            },
        ),
        migrations.RunSQL(GUARD, migrations.RunSQL.noop),
    ]
