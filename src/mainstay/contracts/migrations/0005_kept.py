"""A signed version stays as it is; drafts are ours alone, papers their customer's (see tickets.scope)."""

import django.db.models.deletion
from django.db import migrations, models

SCOPE = "(SELECT coalesce(current_setting('mainstay.scope', true), ''))"
IDS = (
    "(SELECT CASE WHEN coalesce(current_setting('mainstay.scope', true), '') IN ('', 'all') THEN '{}'"
    " ELSE string_to_array(current_setting('mainstay.scope', true), ',')::bigint[] END)::bigint[]"
)
OURS = f"{SCOPE} = 'all'"
THEIRS = f"{SCOPE} = 'all' OR customer_id = ANY ({IDS})"

KEPT = """
CREATE FUNCTION contracts_contract_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'UPDATE' THEN
        RAISE EXCEPTION 'contract versions are kept: % refused', TG_OP;
    END IF;
    IF (to_jsonb(OLD) - '{period,suspended}'::text[]) IS DISTINCT FROM
       (to_jsonb(NEW) - '{period,suspended}'::text[]) THEN
        RAISE EXCEPTION 'contract % version % is signed: it is followed by another, never changed',
            OLD.number, OLD.version;
    END IF;
    IF isempty(NEW.period) OR lower(NEW.period) IS DISTINCT FROM lower(OLD.period)
       OR NOT (NEW.period <@ OLD.period) THEN
        RAISE EXCEPTION 'contract % version % is signed: its period may only end sooner', OLD.number, OLD.version;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER kept BEFORE UPDATE OR DELETE ON contracts_contract
    FOR EACH ROW EXECUTE FUNCTION contracts_contract_is_kept();
CREATE TRIGGER kept_whole BEFORE TRUNCATE ON contracts_contract
    FOR EACH STATEMENT EXECUTE FUNCTION contracts_contract_is_kept();
"""


def guard(table: str, rule: str) -> str:
    return f"""
    ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
    ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
    CREATE POLICY scope ON {table} USING ({rule}) WITH CHECK ({rule});
    """


GUARDS = "".join(guard(f"contracts_{one}", OURS) for one in ("draft", "draftnote", "approval", "reminder"))


class Migration(migrations.Migration):
    dependencies = [("contracts", "0004_desk_policy_of_old_contracts")]

    operations = [
        migrations.AlterField(
            model_name="contract",
            name="desk_policy",
            field=models.ForeignKey(
                help_text="the version in force when signed",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="catalogue.deskpolicy",
            ),
        ),
        migrations.RunSQL(KEPT, migrations.RunSQL.noop),
        migrations.RunSQL(GUARDS + guard("contracts_paper", THEIRS), migrations.RunSQL.noop),
    ]
