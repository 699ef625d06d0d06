"""Brings the database up to date before anything is served, and fills it on the first start.

Run by the supervisor as a process of its own, so that the supervisor stays small. Prints one JSON list on
standard output: who may sign in, as [role, address, password].
"""

from __future__ import annotations

import json
import sys

from django.utils import timezone

from mainstay.advisor import publish as advisor
from mainstay.config import demo, migrate
from mainstay.config.env import env


def main(argv: list[str]) -> int:
    """Migrate, then the demo vendor or (DEMO=0) an empty desk; a later start changes nothing."""
    migrate.migrate()
    accounts = demo.create() if env().demo else demo.install_empty()
    advisor.install(timezone.now())  # also where a desk is older than the advisor
    json.dump(accounts, sys.stdout)
    return 0
