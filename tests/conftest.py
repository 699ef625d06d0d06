"""What every test may use.

- `db` (pytest-django's): a transaction rolled back afterwards, as the role that runs, seeing everything.
- `live_db`: committed work, several connections, processes; afterwards the database is made anew.
- `site`: `live_db` and the pages served on a port of their own; gives the address.
- `environ`: what a command such as `mainstay watch` needs to work on this test's database.
- `cast`: the people and customers of `tests/cast.py`, made within `db` or `live_db`.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

# ---- before anything of Django's is used: folders of this run alone


if "PYTEST_XDIST_WORKER" not in os.environ:
    os.environ["MAINSTAY_TESTS"] = tempfile.mkdtemp(prefix="mainstay-tests-")
    for name in [name for name in os.environ if name.startswith("PG")]:
        del os.environ[name]
RUN = Path(os.environ["MAINSTAY_TESTS"])
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
os.environ["MAINSTAY_DATA"] = str(RUN / "data" / WORKER)
for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "DEMO", "MAINSTAY_RELAY", "MAINSTAY_BASE_URL"):
    os.environ.pop(name, None)
os.environ["MAINSTAY_DNS"] = "off"  # nothing is asked of other machines


def pytest_configure(config: pytest.Config) -> None:
    # laws are about what holds, never about how busy the machine is
    hypothesis.settings.register_profile(
        "laws", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
    )
    hypothesis.settings.load_profile("laws")
    _settings_of_this_run()
    if WORKER == "main":
        from postgres import Keeper

        config.stash[_KEEPER] = Keeper(RUN)


def pytest_unconfigure(config: pytest.Config) -> None:
    keeper = config.stash.get(_KEEPER, None)
    if keeper is not None:
        keeper.end()
        shutil.rmtree(RUN, ignore_errors=True)


_KEEPER: pytest.StashKey[Any] = pytest.StashKey()


def _settings_of_this_run() -> None:
    """The settings may have been read already; what depends on the data folder is read again."""
    from django.conf import settings

    from mainstay.config.env import env

    env.cache_clear()
    settings.ENV = env()
    settings.SECRET_KEY = env().key("django").hex()
    settings.MEDIA_ROOT = env().data / "files"
    settings.ALLOWED_HOSTS = ["*"]
    settings.UNDO_SECONDS = 0  # what is said goes out at once, but where a test is about taking back
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick


# ---- the database


@pytest.fixture(scope="session")
def worker_database() -> Any:
    """This worker's own database, an exact copy of the migrated template."""
    from postgres import Server

    database = Server.wanted(RUN).database(f"mainstay_{WORKER}")
    database.recreate()
    return database


@pytest.fixture(scope="session")
def django_db_setup(worker_database: Any) -> None:
    """In place of Django's own test database: both connections lead to this worker's."""
    from django.db import connections

    import serving  # noqa: F401 - it knows of every connection from the first on
    from mainstay.config.settings import _database
    from mainstay.tickets.scope import whole_process

    for alias, url in (("default", worker_database.app), ("owner", worker_database.owner)):
        fresh = _database(url)
        mine = connections.settings[alias]
        for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT"):
            mine[key] = fresh[key]
        mine["OPTIONS"] = {**mine["OPTIONS"], **fresh["OPTIONS"]}
    whole_process()


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """No suffixes: `django_db_setup` names the database."""


@pytest.fixture
def live_db(django_db_setup: None, django_db_blocker: Any, worker_database: Any) -> Iterator[Any]:
    """Work is committed and any connection or process sees it; gives this worker's `Database`."""
    from serving import committed

    with committed(django_db_blocker, worker_database):
        yield worker_database


@pytest.fixture
def environ(live_db: Any, tmp_path: Path) -> dict[str, str]:
    """The environment of a command on this test's database, with a data folder of its own."""
    data = tmp_path / "data"
    data.mkdir()
    return live_db.environ(data)  # type: ignore[no-any-return]


@pytest.fixture
def cast(request: pytest.FixtureRequest) -> Any:
    """The named cast, within `live_db` where the test uses it (or `site`, `environ`), else within `db`."""
    live = {"live_db", "site", "environ"} & set(request.fixturenames)
    request.getfixturevalue("live_db" if live else "db")
    from cast import make

    return make()


# ---- the pages, on a port


@pytest.fixture
def site(live_db: Any, settings: Any) -> Iterator[str]:
    """The pages on a port of their own, each request seeing only what its door lets it; gives the address."""
    from serving import served

    with served() as address:
        settings.BASE_URL = address
        settings.CSRF_TRUSTED_ORIGINS = [address]
        yield address
