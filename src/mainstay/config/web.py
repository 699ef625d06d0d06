"""`mainstay web`: the pages, by several processes of several threads; one that dies is replaced at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

from mainstay.config.env import env
from mainstay.config.ports import Port, check_free

STOP_WITHIN = 2  # seconds that a page under way has to finish


def main(argv: list[str]) -> int:
    """Serve until told to stop (SIGTERM, Ctrl-C). Raises `Refused` when the port is taken."""
    check_free([Port("MAINSTAY_PORT", env().host, env().port)])
    _Pages().run()
    return 0


class _Pages(BaseApplication):  # type: ignore[misc] # gunicorn has no types
    def load_config(self) -> None:
        settings = env()
        shared_memory = Path("/dev/shm")  # noqa: S108 (gunicorn makes private files in it)
        for name, value in {
            "bind": f"[{settings.host}]:{settings.port}"
            if ":" in settings.host
            else f"{settings.host}:{settings.port}",
            "worker_class": "gthread",
            "workers": settings.web_workers,
            "threads": settings.web_threads,
            "graceful_timeout": STOP_WITHIN,
            "timeout": 60,
            "keepalive": 5,
            "preload_app": True,  # Django is read once; a replaced worker is there in milliseconds
            "worker_tmp_dir": str(shared_memory) if shared_memory.is_dir() else None,
            "control_socket_disable": True,
            "accesslog": None,
            "loglevel": "warning",
        }.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        from django.urls import get_resolver

        from mainstay.config.wsgi import application

        _ = get_resolver().url_patterns  # now, not at the first page: what is wrong stops the start
        return application
