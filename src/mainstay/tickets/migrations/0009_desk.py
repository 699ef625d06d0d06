"""What a desk keeps beside a ticket: drafts, who looks at it, canned answers, common causes."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SCOPE = "(SELECT coalesce(current_setting('mainstay.scope', true), ''))"
GUARDS = "".join(
    f"""
    ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
    ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
    CREATE POLICY scope ON {table} USING ({SCOPE} = 'all') WITH CHECK ({SCOPE} = 'all');
    """
    for table in ("tickets_draft", "tickets_presence", "tickets_cannedanswer", "tickets_commoncause")
)


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0008_words"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CannedAnswer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=100)),
                (
                    "language",
                    models.CharField(blank=True, help_text="empty: for every language", max_length=8),
                ),
                (
                    "category",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("technical", "Technical problem"),
                            ("billing", "Billing problem"),
                            ("feature", "Feature request"),
                            ("enquiry", "General enquiry"),
                        ],
                        help_text="empty: any",
                        max_length=10,
                    ),
                ),
                ("text", models.TextField()),
                ("retired_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["title", "language", "id"],
            },
        ),
        migrations.CreateModel(
            name="CommonCause",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=200)),
                ("since", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.AddField(
            model_name="message",
            name="out_at",
            field=models.DateTimeField(
                blank=True,
                help_text="ours: not to be seen outside before; it may be taken back until then",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="outbox",
            name="not_before",
            field=models.DateTimeField(blank=True, help_text="it may be taken back until then", null=True),
        ),
        migrations.AlterField(
            model_name="link",
            name="kind",
            field=models.CharField(
                choices=[
                    ("related", "related"),
                    ("duplicate", "duplicate"),
                    ("caused_by", "same cause"),
                    ("blocks", "waits for"),
                    ("follow_up", "follow-up"),
                    ("maybe", "maybe related"),
                ],
                max_length=9,
            ),
        ),
        migrations.AddField(
            model_name="ticket",
            name="common_cause",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="tickets",
                to="tickets.commoncause",
            ),
        ),
        migrations.CreateModel(
            name="Draft",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        help_text="reply, note, report, question, workaround, solution", max_length=12
                    ),
                ),
                ("said", models.JSONField(default=dict, help_text="field -> what was typed")),
                ("at", models.DateTimeField()),
                (
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tickets.ticket"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("ticket", "user"), name="draft_once")],
            },
        ),
        migrations.CreateModel(
            name="Presence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("seen_at", models.DateTimeField()),
                ("typing_at", models.DateTimeField(null=True)),
                (
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tickets.ticket"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["seen_at"], name="presence_old")],
                "constraints": [models.UniqueConstraint(fields=("ticket", "user"), name="presence_once")],
            },
        ),
        migrations.RunSQL(GUARDS, migrations.RunSQL.noop),
    ]
