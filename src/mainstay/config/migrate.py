"""`mainstay migrate`: the owner brings the tables up to date, then says what the running role may do."""

import sys

from django.core.management import call_command
from django.db import connections, transaction

from mainstay.knowledge import extensions


def main(argv: list[str]) -> int:
    """Migrate and grant; quick when there is nothing to do. Exit status 0."""
    migrate()
    return 0


def migrate(*, verbosity: int = 0) -> None:
    """Bring the database up to date. Safe to repeat; each migration is one transaction."""
    call_command("migrate", database="owner", verbosity=verbosity, interactive=False)
    extensions.create()
    grant()


def grant() -> None:
    """`app` may read and write rows, but never change or remove an event or an act, nor the tables themselves."""
    app = connections["default"].settings_dict["USER"]
    owner = connections["owner"]
    if not app or app == owner.settings_dict["USER"]:
        print("one database role only: events are kept by a trigger, not by rights", file=sys.stderr)
        return
    role = owner.ops.quote_name(app)
    with transaction.atomic(using="owner"), owner.cursor() as cursor:
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}")
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}")
        kept = (
            "tickets_event, contracts_terms, accounts_act, allowances_draw, allowances_work, allowances_price"
        )
        cursor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {kept} FROM {role}")
        cursor.execute(f"REVOKE DELETE, TRUNCATE ON contracts_contract FROM {role}")
        figures = "reports_figure, reports_creditact, maintenance_taskchange, notices_wording"
        cursor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {figures} FROM {role}")
        cursor.execute(f"REVOKE ALL ON tickets_words, tickets_renaming FROM {role}")  # their functions alone
        cursor.execute(f"REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role}")
