"""django-helpdesk in a schema of its own beside the product's tables, for the time of one measurement."""

import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

SCHEMA = "bench_beside"
APPS = """
    django.contrib.auth django.contrib.contenttypes django.contrib.sessions django.contrib.sites
    django.contrib.humanize django.contrib.messages django.contrib.staticfiles django.contrib.admin rest_framework
    helpdesk
"""


@contextmanager
def beside(url: str) -> Iterator[None]:
    """Its tables, empty, in the database at the owner's `url`; gone afterwards."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        owner.execute(f"CREATE SCHEMA {SCHEMA}")
        try:
            setup(url)
            from django.core.management import call_command

            call_command("migrate", verbosity=0)
            logging.disable(logging.CRITICAL)
            yield
        finally:
            from django.db import connection

            connection.close()
            owner.execute(f"DROP SCHEMA {SCHEMA} CASCADE")


def setup(url: str) -> None:
    import django
    from django.conf import settings
    from psycopg.conninfo import conninfo_to_dict

    parts = conninfo_to_dict(url)
    settings.configure(
        SECRET_KEY="bench" * 10,
        USE_TZ=True,
        SITE_ID=1,
        ROOT_URLCONF="urls_helpdesk",
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        INSTALLED_APPS=APPS.split(),
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": parts.get("dbname", ""),
                "USER": parts.get("user", ""),
                "PASSWORD": parts.get("password", ""),
                "HOST": parts.get("host", ""),
                "PORT": parts.get("port", ""),
                "OPTIONS": {"options": f"-c search_path={SCHEMA}"},
            }
        },
        STATIC_URL="/static/",
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.contrib.auth.context_processors.auth",
                        "django.contrib.messages.context_processors.messages",
                    ]
                },
            }
        ],
        EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend",
        MEDIA_ROOT=tempfile.mkdtemp(prefix="mainstay-bench-"),
        HELPDESK_TEAMS_MODE_ENABLED=False,
        HELPDESK_DEFAULT_SETTINGS={},
        ALLOWED_HOSTS=["*"],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
        ],
        SILENCED_SYSTEM_CHECKS=[
            "admin.E402",
            "admin.E403",
            "admin.E404",
            "admin.E408",
            "admin.E409",
            "admin.E410",
        ],
    )
    django.setup()
