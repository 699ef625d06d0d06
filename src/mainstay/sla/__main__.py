"""`python -m mainstay.sla explain CASE.json...`, the same as `mainstay clocks explain`."""

from .cli import main

raise SystemExit(main())
