"""Handovers of tickets and of whole shifts: who was given what, and whether they have accepted it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

OURS = "(SELECT coalesce(current_setting('mainstay.scope', true), '')) = 'all'"


def guard(table: str) -> str:
    """What is handed over is inside only: rows are there for staff, for no customer."""
    return f"""
    ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
    ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
    CREATE POLICY scope ON {table} USING ({OURS}) WITH CHECK ({OURS});
    """


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0010_fewer_indexes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ShiftHandover",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("given_at", models.DateTimeField()),
                ("until", models.DateTimeField(help_text="the end of the next shift")),
                ("note", models.TextField(blank=True, help_text="inside only")),
                (
                    "given_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "to",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Handover",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("given_at", models.DateTimeField()),
                ("given_seq", models.PositiveIntegerField(help_text="the event that gave it")),
                (
                    "accept_by",
                    models.DateTimeField(help_text="not accepted by then, it is told to those who lead"),
                ),
                (
                    "look_at",
                    models.DateTimeField(
                        help_text="when the watch looks at it; null: nothing is left to do", null=True
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "not accepted yet"),
                            ("accepted", "accepted"),
                            ("declined", "given back"),
                            ("moot", "overtaken: closed, or given to somebody else"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "told_at",
                    models.DateTimeField(blank=True, help_text="when those who lead were told", null=True),
                ),
                (
                    "given_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="tickets.message",
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="handovers",
                        to="tickets.ticket",
                    ),
                ),
                (
                    "to",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "shift",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tickets",
                        to="tickets.shifthandover",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("look_at__isnull", False)),
                        fields=["look_at"],
                        name="handover_look",
                    ),
                    models.Index(
                        condition=models.Q(("state", "waiting")),
                        fields=["to", "accept_by"],
                        name="handover_to",
                    ),
                    models.Index(fields=["given_by", "-id"], name="handover_by"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "waiting")),
                        fields=("ticket",),
                        name="handover_waits_once",
                    )
                ],
            },
        ),
        migrations.RunSQL(guard("tickets_handover") + guard("tickets_shifthandover"), migrations.RunSQL.noop),
    ]
