"""Figures and the steps of credits are only ever added, and each customer's rows are seen in its scope alone."""

from django.db import migrations

SCOPE = "(SELECT coalesce(current_setting('mainstay.scope', true), ''))"
IDS = (
    "(SELECT CASE WHEN coalesce(current_setting('mainstay.scope', true), '') IN ('', 'all') THEN '{}'"
    " ELSE string_to_array(current_setting('mainstay.scope', true), ',')::bigint[] END)::bigint[]"
)
OWN = f"{SCOPE} = 'all' OR customer_id = ANY ({IDS})"
RULES = {
    "outage": OWN,
    "maintenancewindow": OWN,
    "measurement": OWN,
    "figure": OWN,
    "credit": OWN,
    "creditact": f"{SCOPE} = 'all' OR EXISTS (SELECT 1 FROM reports_credit c WHERE c.id = credit_id)",
    "cause": f"{SCOPE} = 'all' OR EXISTS (SELECT 1 FROM tickets_ticket t WHERE t.id = ticket_id)"
    " OR EXISTS (SELECT 1 FROM reports_outage o WHERE o.id = outage_id)",
}
GUARDS = "".join(
    f"""
    ALTER TABLE reports_{table} ENABLE ROW LEVEL SECURITY;
    ALTER TABLE reports_{table} FORCE ROW LEVEL SECURITY;
    CREATE POLICY scope ON reports_{table} USING ({rule}) WITH CHECK ({rule});
    """
    for table, rule in RULES.items()
)
APPEND_ONLY = """
CREATE FUNCTION reports_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'figures and the steps of credits are append-only: % refused', TG_OP;
END $$;
""" + "".join(
    f"""
CREATE TRIGGER kept BEFORE UPDATE OR DELETE ON reports_{table}
    FOR EACH ROW EXECUTE FUNCTION reports_is_kept();
CREATE TRIGGER kept_whole BEFORE TRUNCATE ON reports_{table}
    FOR EACH STATEMENT EXECUTE FUNCTION reports_is_kept();
"""
    for table in ("figure", "creditact")
)


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_initial")]

    operations = [
        migrations.RunSQL(GUARDS, migrations.RunSQL.noop),
        migrations.RunSQL(APPEND_ONLY, migrations.RunSQL.noop),
    ]
