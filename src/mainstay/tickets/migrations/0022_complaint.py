"""A complaint may be about no request; it is seen by its customer's people only, as tickets are."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

SCOPE = "(SELECT coalesce(current_setting('mainstay.scope', true), ''))"
IDS = (
    "(SELECT CASE WHEN coalesce(current_setting('mainstay.scope', true), '') IN ('', 'all') THEN '{}'"
    " ELSE string_to_array(current_setting('mainstay.scope', true), ',')::bigint[] END)::bigint[]"
)
RULE = (
    f"{SCOPE} = 'all' OR customer_id = ANY ({IDS})"
    " OR EXISTS (SELECT 1 FROM tickets_ticket t WHERE t.id = ticket_id)"
)


class Migration(migrations.Migration):
    dependencies = [("customers", "0004_unsubscribe"), ("tickets", "0021_appointment")]

    operations = [
        migrations.AlterField(
            model_name="concern",
            name="ticket",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="concerns",
                to="tickets.ticket",
            ),
        ),
        migrations.AddField(
            model_name="concern",
            name="customer",
            field=models.ForeignKey(
                help_text="where it is about no request",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="concerns",
                to="customers.customer",
            ),
        ),
        migrations.AddConstraint(
            model_name="concern",
            constraint=models.UniqueConstraint(
                condition=Q(answered_at=None, ticket=None),
                fields=("customer", "by"),
                name="complaint_open_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="concern",
            constraint=models.CheckConstraint(
                condition=Q(ticket__isnull=False, customer=None)
                | Q(ticket=None, customer__isnull=False, kind="complaint"),
                name="concern_of_one",
            ),
        ),
        migrations.RunSQL(
            f"ALTER POLICY scope ON tickets_concern USING ({RULE}) WITH CHECK ({RULE});",
            migrations.RunSQL.noop,
        ),
    ]
