"""A version may be taken back before it begins: once, for ever, and never one that judges a ticket."""

import django.contrib.postgres.constraints
import django.db.models.manager
from django.db import migrations, models
from django.db.models import F, Value

from mainstay.contracts.models import Int8Range

KEPT = """
CREATE OR REPLACE FUNCTION contracts_contract_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'UPDATE' THEN
        RAISE EXCEPTION 'contract versions are kept: % refused', TG_OP;
    END IF;
    IF (to_jsonb(OLD) - '{period,suspended,taken_back}'::text[]) IS DISTINCT FROM
       (to_jsonb(NEW) - '{period,suspended,taken_back}'::text[]) THEN
        RAISE EXCEPTION 'contract % version % is signed: it is followed by another, never changed',
            OLD.number, OLD.version;
    END IF;
    IF isempty(NEW.period) OR lower(NEW.period) IS DISTINCT FROM lower(OLD.period)
       OR NOT (NEW.period <@ OLD.period) THEN
        RAISE EXCEPTION 'contract % version % is signed: its period may only end sooner', OLD.number, OLD.version;
    END IF;
    IF NEW.taken_back IS DISTINCT FROM OLD.taken_back AND (
        OLD.taken_back <> '{}' OR EXISTS (SELECT 1 FROM tickets_ticket WHERE contract_id = OLD.id)
    ) THEN
        RAISE EXCEPTION 'contract % version % is taken back once, and not once it judges a ticket',
            OLD.number, OLD.version;
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("contracts", "0005_kept")]

    operations = [
        migrations.AddField(
            model_name="contract",
            name="taken_back",
            field=models.JSONField(
                blank=True, default=dict, help_text='before it began, once and for ever: {"at", "by", "why"}'
            ),
        ),
        migrations.AlterField(
            model_name="contract",
            name="how",
            field=models.CharField(
                choices=[
                    ("signed", "signed"),
                    ("amended", "amended"),
                    ("renewed", "renewed"),
                    ("added", "a covered system added"),
                    ("restored", "as before"),
                ],
                default="signed",
                max_length=8,
            ),
        ),
        migrations.AlterModelOptions(name="contract", options={"base_manager_name": "every"}),
        migrations.AlterModelManagers(
            name="contract",
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("every", django.db.models.manager.Manager()),
            ],
        ),
        migrations.RemoveConstraint(model_name="contract", name="contract_periods_never_overlap"),
        migrations.AddConstraint(
            model_name="contract",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("taken_back", {})),
                expressions=[
                    (Int8Range(F("customer_id"), F("customer_id"), Value("[]")), "&&"),
                    (Int8Range(F("environment_id"), F("environment_id"), Value("[]")), "&&"),
                    ("period", "&&"),
                ],
                name="contract_periods_never_overlap",
                violation_error_message="This customer already has a contract for some of these days.",
            ),
        ),
        migrations.RunSQL(KEPT, migrations.RunSQL.noop),
    ]
