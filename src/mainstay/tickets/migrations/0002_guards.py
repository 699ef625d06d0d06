"""Events are append-only, and rows are seen only within `mainstay.scope` (see tickets.scope)."""

from django.db import migrations

SCOPE = "(SELECT coalesce(current_setting('mainstay.scope', true), ''))"
IDS = (
    "(SELECT CASE WHEN coalesce(current_setting('mainstay.scope', true), '') IN ('', 'all') THEN '{}'"
    " ELSE string_to_array(current_setting('mainstay.scope', true), ',')::bigint[] END)::bigint[]"
)
OWN = f"{SCOPE} = 'all' OR customer_id = ANY ({IDS})"
CHILDREN = [
    "message", "participant", "event", "clock", "alarm", "timer", "link", "defect",
]  # fmt: skip


def guard(table: str, rule: str) -> str:
    return f"""
    ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
    ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
    CREATE POLICY scope ON {table} USING ({rule}) WITH CHECK ({rule});
    """


def of_ticket(column: str = "ticket_id") -> str:
    return f"{SCOPE} = 'all' OR EXISTS (SELECT 1 FROM tickets_ticket t WHERE t.id = {column})"


GUARDS = (
    guard("tickets_ticket", OWN)
    + "".join(guard(f"tickets_{child}", of_ticket()) for child in CHILDREN)
    + guard(
        "tickets_attachment",
        f"{SCOPE} = 'all' OR EXISTS (SELECT 1 FROM tickets_message m WHERE m.id = tickets_attachment.message_id)",
    )
    + guard(
        "tickets_eventtext",
        f"{SCOPE} = 'all' OR EXISTS (SELECT 1 FROM tickets_event e WHERE e.id = tickets_eventtext.event_id)",
    )
)

APPEND_ONLY = """
CREATE FUNCTION tickets_event_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'events are append-only: % refused', TG_OP;
END $$;
CREATE TRIGGER kept BEFORE UPDATE OR DELETE ON tickets_event
    FOR EACH ROW EXECUTE FUNCTION tickets_event_is_kept();
CREATE TRIGGER kept_whole BEFORE TRUNCATE ON tickets_event
    FOR EACH STATEMENT EXECUTE FUNCTION tickets_event_is_kept();
"""

# people say ticket numbers: four digits from the first day on
NUMBERS = "SELECT setval(pg_get_serial_sequence('tickets_ticket', 'id'), 1000)"


class Migration(migrations.Migration):
    dependencies = [("tickets", "0001_initial")]

    operations = [
        migrations.RunSQL(GUARDS, migrations.RunSQL.noop),
        migrations.RunSQL(APPEND_ONLY, migrations.RunSQL.noop),
        migrations.RunSQL(NUMBERS, migrations.RunSQL.noop),
    ]
