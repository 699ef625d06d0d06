"""What a ticket's terms hang on, and other terms for many: a change is seen only by those who see everything."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

RULE = "(SELECT coalesce(current_setting('mainstay.scope', true), '')) = 'all'"
GUARDS = "".join(
    f"""
    ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
    ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
    CREATE POLICY scope ON {table} USING ({RULE}) WITH CHECK ({RULE});
    """
    for table in ("tickets_change", "tickets_changeofticket")
)


class Migration(migrations.Migration):
    dependencies = [
        ("contracts", "0002_signed_by"),
        ("tickets", "0003_indexes"),
    ]

    operations = [
        migrations.AddField(
            model_name="ticket",
            name="agreed",
            field=models.JSONField(
                blank=True,
                default=dict,
                help_text="clock -> target, calendar, why: agreed for this one ticket",
            ),
        ),
        migrations.AddField(
            model_name="ticket",
            name="flags",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=40),
                blank=True,
                default=list,
                help_text="facts that select rows of the policy: by_phone; sorted",
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="ticket",
            name="language",
            field=models.CharField(blank=True, help_text="of the case; empty: the customer's", max_length=8),
        ),
        migrations.CreateModel(
            name="Change",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("why", models.CharField(max_length=500)),
                (
                    "effective",
                    models.DateField(help_text="from the beginning of this day where the customer is"),
                ),
                ("starts_at", models.DateTimeField(help_text="when the day has begun for the first of them")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting for its day"),
                            ("running", "on its way"),
                            ("done", "done"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("by_kind", models.CharField(max_length=8)),
                ("by_id", models.BigIntegerField(null=True)),
                ("by_name", models.CharField(blank=True, max_length=200)),
                ("decided_at", models.DateTimeField()),
                ("total", models.PositiveIntegerField(default=0)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "contract",
                    models.ForeignKey(
                        blank=True,
                        help_text="the version that judges from then on; empty: each ticket's own, resolved anew",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="contracts.contract",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ChangeOfTicket",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(help_text="the beginning of the day where the customer is")),
                (
                    "result",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("changed", "other terms hold"),
                            ("same", "nothing was different"),
                            ("closed", "closed meanwhile"),
                            ("failed", "could not be reckoned"),
                        ],
                        max_length=8,
                    ),
                ),
                ("error", models.CharField(blank=True, max_length=500)),
                (
                    "change",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tickets",
                        to="tickets.change",
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tickets.ticket"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="change",
            index=models.Index(
                condition=models.Q(("state", "done"), _negated=True), fields=["starts_at"], name="change_open"
            ),
        ),
        migrations.AddIndex(
            model_name="changeofticket",
            index=models.Index(
                condition=models.Q(("result", "")), fields=["change", "id"], name="change_waiting"
            ),
        ),
        migrations.AddIndex(
            model_name="changeofticket",
            index=models.Index(fields=["change", "result"], name="change_results"),
        ),
        migrations.AddConstraint(
            model_name="changeofticket",
            constraint=models.UniqueConstraint(fields=("change", "ticket"), name="change_once_a_ticket"),
        ),
        migrations.RunSQL(GUARDS, migrations.RunSQL.noop),
    ]
