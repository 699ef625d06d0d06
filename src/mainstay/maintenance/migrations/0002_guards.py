"""A task's log is only ever added to; rows of a customer are seen only within `mainstay.scope` (see tickets.scope).

Publications and their words are of no customer; who may read which is asked of the notices.
"""

from django.db import migrations

SCOPE = "(SELECT coalesce(current_setting('mainstay.scope', true), ''))"
IDS = (
    "(SELECT CASE WHEN coalesce(current_setting('mainstay.scope', true), '') IN ('', 'all') THEN '{}'"
    " ELSE string_to_array(current_setting('mainstay.scope', true), ',')::bigint[] END)::bigint[]"
)
OURS = f"{SCOPE} = 'all'"
THEIRS = f"{SCOPE} = 'all' OR customer_id = ANY ({IDS})"
TOLD = f"{SCOPE} = 'all' OR (told AND customer_id = ANY ({IDS}))"
OF_TASK = f"{SCOPE} = 'all' OR EXISTS (SELECT 1 FROM maintenance_task t WHERE t.id = task_id)"


def guard(table: str, rule: str) -> str:
    return f"""
    ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
    ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
    CREATE POLICY scope ON {table} USING ({rule}) WITH CHECK ({rule});
    """


GUARDS = (
    guard("maintenance_notice", THEIRS)
    + guard("maintenance_reading", THEIRS)
    + guard("maintenance_task", TOLD)
    + guard("maintenance_taskchange", OF_TASK)
    + guard("maintenance_taskoutbox", OURS)
)

KEPT = """
CREATE FUNCTION maintenance_change_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the log of tasks is append-only: % refused', TG_OP;
END $$;
CREATE TRIGGER kept BEFORE UPDATE OR DELETE ON maintenance_taskchange
    FOR EACH ROW EXECUTE FUNCTION maintenance_change_is_kept();
CREATE TRIGGER kept_whole BEFORE TRUNCATE ON maintenance_taskchange
    FOR EACH STATEMENT EXECUTE FUNCTION maintenance_change_is_kept();
"""


class Migration(migrations.Migration):
    dependencies = [("maintenance", "0001_initial"), ("tickets", "0002_guards")]

    operations = [
        migrations.RunSQL(GUARDS, migrations.RunSQL.noop),
        migrations.RunSQL(KEPT, migrations.RunSQL.noop),
    ]
