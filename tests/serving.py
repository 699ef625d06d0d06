"""Committed work and pages on a port, for as long as wanted: what the fixtures `live_db` and `site` give a test."""

import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.test.testcases import QuietWSGIRequestHandler

# Every connection of this process. Beside the loop that Playwright keeps running, Django finds other connections than
# without one; `connections.close_all()` closes those of the moment only, and the rest would be met later, cut off.
_OPENED: weakref.WeakSet[BaseDatabaseWrapper] = weakref.WeakSet()


def _opened(connection: BaseDatabaseWrapper, **_: Any) -> None:
    _OPENED.add(connection)


connection_created.connect(_opened)


@contextmanager
def committed(blocker: Any, database: Any) -> Iterator[None]:
    """What `live_db` lets a test do, for as long as wanted; afterwards the database is made anew."""
    with blocker.unblock():
        try:
            yield
        finally:
            close_all()
            database.recreate()


def close_all() -> None:
    """Whatever this process has open, of every thread: each opens anew when it is next asked."""
    for one in list(_OPENED):
        one.inc_thread_sharing()  # else only the thread that opened it may close it
        try:
            one.close()
        finally:
            one.dec_thread_sharing()


@contextmanager
def served() -> Iterator[str]:
    """The pages on a port of their own, each request seeing only what its door lets it; gives the address, which the
    caller sets as `BASE_URL` and trusts."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), QuietWSGIRequestHandler, allow_reuse_address=False)
    address = f"http://127.0.0.1:{server.server_address[1]}"
    server.set_app(_as_a_web_process())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield address
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def _as_a_web_process() -> Any:
    """The product's application; its connections start seeing nothing, as in `mainstay web`."""
    pages = WSGIHandler()

    def answer(environ: Any, start_response: Any) -> Any:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('mainstay.scope', '', false)")
        return pages(environ, start_response)

    return answer
