"""Brings the database up to date before anything is served, and the demo vendor with it.

Run by the supervisor as a process of its own, so that the supervisor stays small. Prints one JSON list on
standard output: the demo's accounts as [role, address, password].
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import sys

from mainstay.config.env import env


def main(argv: list[str]) -> int:
    """Migrate, then make the demo vendor unless DEMO=0. `mainstay.config.demo.create` is safe to repeat."""
    importlib.import_module("mainstay.config.migrate").main([])
    wanted = env().demo and importlib.util.find_spec("mainstay.config.demo")
    accounts = importlib.import_module("mainstay.config.demo").create() if wanted else []
    json.dump([list(account) for account in accounts or []], sys.stdout)
    return 0
