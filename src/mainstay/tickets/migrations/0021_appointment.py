"""Appointments and who takes part in them, seen by whoever may see their ticket."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SCOPE = "(SELECT coalesce(current_setting('mainstay.scope', true), ''))"
OF_TICKET = f"{SCOPE} = 'all' OR EXISTS (SELECT 1 FROM tickets_ticket t WHERE t.id = ticket_id)"
OF_ONE = f"{SCOPE} = 'all' OR EXISTS (SELECT 1 FROM tickets_appointment a WHERE a.id = appointment_id)"


def guard(table: str, rule: str) -> str:
    return f"""
    ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
    ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
    CREATE POLICY scope ON {table} USING ({rule}) WITH CHECK ({rule});
    """


GUARDS = guard("tickets_appointment", OF_TICKET) + guard("tickets_attendee", OF_ONE)


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0002_lifecycle"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("tickets", "0020_watcher"),
    ]

    operations = [
        migrations.CreateModel(
            name="Appointment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "uid",
                    models.CharField(
                        help_text="by which calendars know it (RFC 5545)", max_length=200, unique=True
                    ),
                ),
                (
                    "sequence",
                    models.PositiveIntegerField(default=0, help_text="raised with each change (RFC 5545)"),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("call", "call"), ("remote", "remote session"), ("visit", "visit")],
                        max_length=6,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("agreed", "agreed"), ("cancelled", "cancelled")],
                        default="agreed",
                        max_length=9,
                    ),
                ),
                ("about", models.CharField(max_length=200)),
                (
                    "place",
                    models.CharField(blank=True, help_text="a number, a link or an address", max_length=500),
                ),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                (
                    "wish",
                    models.TextField(
                        blank=True, help_text="the customer asks for another time, in their words"
                    ),
                ),
                ("wish_by", models.CharField(blank=True, max_length=200)),
                (
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="appointments",
                        to="tickets.ticket",
                    ),
                ),
            ],
            options={"ordering": ["starts_at", "pk"]},
        ),
        migrations.CreateModel(
            name="Attendee",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "appointment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attendees",
                        to="tickets.appointment",
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="customers.contact",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("user__isnull", False), ("contact__isnull", False), _connector="XOR"
                        ),
                        name="attendee_is_somebody",
                    ),
                    models.UniqueConstraint(fields=("appointment", "user"), name="attendee_user_once"),
                    models.UniqueConstraint(fields=("appointment", "contact"), name="attendee_contact_once"),
                ],
            },
        ),
        migrations.RunSQL(GUARDS, migrations.RunSQL.noop),
    ]
