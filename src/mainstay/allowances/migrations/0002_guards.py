"""Draws, work and prices are only ever added to; rows are seen only within `mainstay.scope` (see tickets.scope)."""

from django.db import migrations

SCOPE = "(SELECT coalesce(current_setting('mainstay.scope', true), ''))"
IDS = (
    "(SELECT CASE WHEN coalesce(current_setting('mainstay.scope', true), '') IN ('', 'all') THEN '{}'"
    " ELSE string_to_array(current_setting('mainstay.scope', true), ',')::bigint[] END)::bigint[]"
)
OURS = f"{SCOPE} = 'all'"
THEIRS = f"{SCOPE} = 'all' OR customer_id = ANY ({IDS})"
OF_TICKET = f"{SCOPE} = 'all' OR EXISTS (SELECT 1 FROM tickets_ticket t WHERE t.id = ticket_id)"


def guard(table: str, rule: str) -> str:
    return f"""
    ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
    ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
    CREATE POLICY scope ON {table} USING ({rule}) WITH CHECK ({rule});
    """


GUARDS = (
    guard("allowances_namedcontact", THEIRS)
    + guard("allowances_draw", THEIRS)
    + guard("allowances_work", OF_TICKET)
    + guard("allowances_decision", OF_TICKET)
    + guard("allowances_timer", OURS)
    + guard("allowances_tick", OURS)
)

KEPT = """
CREATE FUNCTION allowances_row_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP;
END $$;
""" + "".join(
    f"""
    CREATE TRIGGER kept BEFORE UPDATE OR DELETE ON allowances_{table}
        FOR EACH ROW EXECUTE FUNCTION allowances_row_is_kept();
    CREATE TRIGGER kept_whole BEFORE TRUNCATE ON allowances_{table}
        FOR EACH STATEMENT EXECUTE FUNCTION allowances_row_is_kept();
    """
    for table in ("draw", "work", "price")
)

# what came without an entitlement and is still open has waited for somebody all along
WAITING = """
SELECT set_config('mainstay.scope', 'all', true);
INSERT INTO allowances_decision (ticket_id, because, asked_at, outcome, reason, by_name)
SELECT id, entitled_because, opened_at, '', '', '' FROM tickets_ticket
WHERE entitlement = 'none' AND state <> 'closed';
"""


class Migration(migrations.Migration):
    dependencies = [("allowances", "0001_initial"), ("tickets", "0003_indexes")]

    operations = [
        migrations.RunSQL(KEPT, migrations.RunSQL.noop),
        migrations.RunSQL(WAITING, migrations.RunSQL.noop),
        migrations.RunSQL(GUARDS, migrations.RunSQL.noop),
    ]
