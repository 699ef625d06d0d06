"""Contracts signed before they named a desk policy get the newest one, which has judged them until now."""

from django.db import migrations

BACKFILL = """
UPDATE contracts_contract SET
    first_signed_on = signed_on,
    desk_policy_id = (SELECT id FROM catalogue_deskpolicy ORDER BY version DESC LIMIT 1)
"""


class Migration(migrations.Migration):
    dependencies = [("contracts", "0003_agreements")]

    operations = [migrations.RunSQL(BACKFILL, migrations.RunSQL.noop)]
