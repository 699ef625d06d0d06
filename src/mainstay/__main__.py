"""`python -m mainstay` is the command `mainstay`."""

from mainstay.cli import main

raise SystemExit(main())
