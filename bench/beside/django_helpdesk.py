"""django-helpdesk's intake of mails of the bench, in a schema of its own beside the product's tables.

Run by `bench/mail.py` with a Python that has the package: owner's URL, then files of mails, one folder of new
requests; their replies name each ticket in the subject, which is how django-helpdesk knows it.
"""

import logging
import sys
import tempfile
import time
from pathlib import Path

SCHEMA = "bench_beside"
APPS = """
    django.contrib.auth django.contrib.contenttypes django.contrib.sessions django.contrib.sites
    django.contrib.humanize django.contrib.messages django.contrib.admin rest_framework helpdesk
"""


def main(url: str, folder: str) -> None:
    import psycopg

    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        owner.execute(f"CREATE SCHEMA {SCHEMA}")
        try:
            measure(url, [path.read_bytes() for path in sorted(Path(folder).iterdir())])
        finally:
            from django.db import connection

            connection.close()
            owner.execute(f"DROP SCHEMA {SCHEMA} CASCADE")


def measure(url: str, mails: list[bytes]) -> None:
    setup(url)
    from django.core.management import call_command
    from helpdesk.models import Queue

    call_command("migrate", verbosity=0)
    queue = Queue.objects.create(
        slug="q", title="Q", allow_email_submission=True, email_address="support@vendor.example"
    )
    logging.disable(logging.CRITICAL)
    take(mails[:10], queue)
    tickets = take(mails[10:], queue, "new requests")
    replies = [
        raw.replace(b"Subject: ", f"Subject: Re: [q-{ticket.id}] ".encode(), 1)
        for raw, ticket in zip(mails[10:], tickets, strict=True)
    ]
    take([raw.replace(b"Message-ID: <", b"Message-ID: <re.", 1) for raw in replies], queue, "replies")


def take(mails: list[bytes], queue: object, say: str = "") -> list:
    from helpdesk import email

    log = logging.getLogger("beside")
    began, cpu = time.perf_counter(), time.process_time()
    made = [email.extract_email_metadata(raw.decode(), queue, log) for raw in mails]
    took, cpu = time.perf_counter() - began, time.process_time() - cpu
    if say:
        each = f"CPU each: Python {1000 * cpu / len(mails):.2f} ms"
        print(f"  {'django-helpdesk, ' + say:<28} {len(mails) / took:7.0f} mails/s   (one process, {each})")
    return made


def setup(url: str) -> None:
    import django
    from django.conf import settings
    from psycopg.conninfo import conninfo_to_dict

    parts = conninfo_to_dict(url)
    settings.configure(
        SECRET_KEY="bench" * 10,
        USE_TZ=True,
        SITE_ID=1,
        ROOT_URLCONF="urls_beside",
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
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
        EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend",
        MEDIA_ROOT=tempfile.mkdtemp(prefix="mainstay-bench-"),
        HELPDESK_TEAMS_MODE_ENABLED=False,
        HELPDESK_DEFAULT_SETTINGS={},
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


if __name__ == "__main__":
    main(*sys.argv[1:3])
