"""A Python that has django-helpdesk, for the benchmarks that measure it beside the product."""

import atexit
import os
import shutil
import subprocess
import tempfile
import venv
from functools import cache
from pathlib import Path

HELPDESK = "django-helpdesk==2.6.1"


@cache
def python_with_helpdesk() -> str:
    """BENCH_HELPDESK, or of an environment made for this run; empty when it is "off" or cannot be had (said)."""
    named = os.environ.get("BENCH_HELPDESK", "")
    if named:
        return "" if named == "off" else named
    folder = Path(tempfile.mkdtemp(prefix="mainstay-bench-helpdesk-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    try:
        venv.create(folder, with_pip=True)
        python = str(folder / "bin" / "python")
        wanted = [HELPDESK, "psycopg[binary]", "setuptools<81"]
        subprocess.run(  # noqa: S603
            [python, "-m", "pip", "install", "-q", *wanted],
            check=True,
            timeout=300,
            stdout=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError) as error:
        print(f"  django-helpdesk              could not be installed, skipped: {error}", flush=True)
        return ""
    return python
