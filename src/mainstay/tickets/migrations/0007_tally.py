"""Counts of open tickets that need no counting: each statement writes what it changed, and the sum is exact."""

from django.db import migrations, models

KINDS = """(VALUES
        ('open', 0, true),
        ('nobody', 0, t.assignee_id IS NULL),
        ('assignee', t.assignee_id, t.assignee_id IS NOT NULL),
        ('team', t.team_id, t.team_id IS NOT NULL),
        ('triage', 0, t.step IN ('acknowledgement', 'triage')),
        ('grave', 0, t.severity = 1),
        ('waiting', 0, t.state = 'waiting_on_customer'),
        ('emergencies', 0, t.emergency <> '{}' AND t.emergency_seen_at IS NULL)
    ) AS kind (what, who, holds)"""


def counted(rows: str, sign: str) -> str:
    return f"""
        SELECT what, who, {sign} count(*) AS n FROM {rows} t, LATERAL {KINDS}
        WHERE t.state <> 'closed' AND holds GROUP BY what, who"""


def body(rows: str, *parts: str) -> str:
    return f"""
        INSERT INTO tickets_tally (what, who, n)
        SELECT what, who, sum(n) FROM ({" UNION ALL ".join(parts)}) changes
        GROUP BY what, who HAVING sum(n) <> 0
        UNION ALL SELECT 'changed', 0, 0 WHERE EXISTS (SELECT 1 FROM {rows});
        RETURN NULL;"""


def trigger(name: str, when: str, tables: str, does: str) -> str:
    return f"""
    CREATE FUNCTION tickets_tally_{name}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        {does}
    END $$;
    CREATE TRIGGER tally_{name} AFTER {when} ON tickets_ticket {tables}
        FOR EACH STATEMENT EXECUTE FUNCTION tickets_tally_{name}();
    """


TRIGGERS = (
    trigger("insert", "INSERT", "REFERENCING NEW TABLE AS fresh", body("fresh", counted("fresh", "+")))
    + trigger("delete", "DELETE", "REFERENCING OLD TABLE AS gone", body("gone", counted("gone", "-")))
    + trigger(
        "update",
        "UPDATE",
        "REFERENCING OLD TABLE AS gone NEW TABLE AS fresh",
        body("fresh", counted("fresh", "+"), counted("gone", "-")),
    )
    + trigger(
        "truncate",
        "TRUNCATE",
        "",
        """DELETE FROM tickets_tally;
        INSERT INTO tickets_tally (what, who, n) VALUES ('changed', 0, 0);
        RETURN NULL;""",
    )
)

# many short-lived rows: swept often, so that adding them up reads few pages
SWEPT = """
ALTER TABLE tickets_tally SET (
    autovacuum_vacuum_threshold = 500, autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_insert_threshold = -1, autovacuum_analyze_threshold = 100000
);
"""
BEGUN = f"""
SET LOCAL mainstay.scope = 'all';
INSERT INTO tickets_tally (what, who, n) {counted("tickets_ticket", "+")};
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0006_not_entitled")]

    operations = [
        migrations.CreateModel(
            name="Tally",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "what",
                    models.CharField(
                        help_text="open, assignee, team, ...; changed: any ticket was", max_length=12
                    ),
                ),
                ("who", models.BigIntegerField(default=0, help_text="the assignee's or team's id")),
                ("n", models.BigIntegerField()),
            ],
        ),
        migrations.RunSQL(TRIGGERS, migrations.RunSQL.noop),
        migrations.RunSQL(SWEPT, migrations.RunSQL.noop),
        migrations.RunSQL(BEGUN, migrations.RunSQL.noop),
    ]
