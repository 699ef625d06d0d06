"""Indexes of open tickets hold the whole order of the queue: a page of one view needs no sorting.

And PostgreSQL is told what it needs to know to use them. It took the guard, an OR, for a condition that one ticket in
forty meets, and open tickets without an owner for one or two among a million: so it sorted all of them.
"""

from django.db import migrations, models
from django.db.models import F, OrderBy

OF = {"mine": "assignee", "step": "step", "state": "state", "team": "team", "severity": "severity"}


WHERE = {
    "nobody": models.Q(("assignee", None)),
    "untriaged": models.Q(("step__in", ["acknowledgement", "triage"])),
}
OPEN = models.Q(("state", "closed"), _negated=True)


def index(name: str, *of: str, where: models.Q = OPEN) -> models.Index:
    return models.Index(
        *map(F, of), OrderBy(F("queue_at")), OrderBy(F("level_rank"), descending=True), OrderBy(F("severity")),
        OrderBy(F("opened_at")), OrderBy(F("id")), condition=where, name=name,
    )  # fmt: skip


SCOPE = "(SELECT coalesce(current_setting('mainstay.scope', true), ''))"
IDS = (
    "(SELECT CASE WHEN coalesce(current_setting('mainstay.scope', true), '') IN ('', 'all') THEN '{}'"
    " ELSE string_to_array(current_setting('mainstay.scope', true), ',')::bigint[] END)::bigint[]"
)
PLANS = f"""
    ALTER POLICY scope ON tickets_ticket
        USING (CASE WHEN {SCOPE} = 'all' THEN true ELSE customer_id = ANY ({IDS}) END);
    CREATE STATISTICS ticket_stage (mcv) ON state, step, assignee_id, severity FROM tickets_ticket;
"""
BACK = f"""
    ALTER POLICY scope ON tickets_ticket USING ({SCOPE} = 'all' OR customer_id = ANY ({IDS}));
    DROP STATISTICS ticket_stage;
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0016_ladder")]

    operations = [
        *(
            operation
            for name, of in OF.items()
            for operation in (
                migrations.RemoveIndex(model_name="ticket", name=f"ticket_{name}"),
                migrations.AddIndex(model_name="ticket", index=index(f"ticket_{name}", of)),
            )
        ),
        *(
            migrations.AddIndex(model_name="ticket", index=index(f"ticket_{name}", where=OPEN & where))
            for name, where in WHERE.items()
        ),
        migrations.RunSQL(PLANS, BACK),
    ]
