"""Django's settings, made from `config.env`."""

from typing import Any

from psycopg.conninfo import conninfo_to_dict

from mainstay.config import languages
from mainstay.config.env import checkout, env

ENV = env()

DEBUG = ENV.debug
SECRET_KEY = ENV.key("django").hex()
ALLOWED_HOSTS = ["*"]  # links are built from BASE_URL alone, never from the Host header
BASE_URL = ENV.base_url
SUPPORT_ADDRESS = ENV.support_address
VENDOR_NAME = ENV.vendor_name
UNDO_SECONDS = ENV.undo_seconds
CSRF_TRUSTED_ORIGINS = [ENV.base_url]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "mainstay.accounts",
    "mainstay.customers",
    "mainstay.catalogue",
    "mainstay.contracts",
    "mainstay.allowances",
    "mainstay.advisor",
    "mainstay.staffing",
    "mainstay.knowledge",
    "mainstay.tickets",
    "mainstay.intake",
    "mainstay.notices",
    "mainstay.maintenance",
    "mainstay.reports",
    "mainstay.ui",
    "mainstay.portal",
    "mainstay.desk",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "mainstay.ui.middleware.headers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "mainstay.ui.middleware.language",
    "django.contrib.messages.middleware.MessageMiddleware",
    "mainstay.ui.middleware.refusals",
]

ROOT_URLCONF = "mainstay.config.urls"
WSGI_APPLICATION = "mainstay.config.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "DIRS": [],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "mainstay.ui.context.shared",
            ],
        },
    }
]


def _database(url: str, **extra: Any) -> dict[str, Any]:
    parts = conninfo_to_dict(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname", "mainstay"),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": str(parts.pop("port", "")),
        "CONN_MAX_AGE": 1800,  # seconds; a connection keeps its plans, and is asked whether it still stands
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {**parts, "application_name": "mainstay"},
        **extra,
    }


DATABASES = {
    # runs: may not change events, sees only what is in scope
    "default": _database(ENV.database_url, ATOMIC_REQUESTS=True),
    # migrates
    "owner": _database(ENV.database_owner_url, CONN_MAX_AGE=0),
}
for _alias in DATABASES.values():
    _alias["OPTIONS"].setdefault("options", "-c timezone=UTC")

AUTH_USER_MODEL = "accounts.User"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTHENTICATION_BACKENDS = ["mainstay.accounts.signed_in.Accounts"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/sign-in"
LOGIN_REDIRECT_URL = "/"

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = languages.SOURCE
LOCALE_PATHS = languages.folders(ENV.data)
LANGUAGES = languages.offered(ENV.data)
LANGUAGE_COOKIE_NAME = "mainstay_language"
LANGUAGE_COOKIE_AGE = 365 * 86400
LANGUAGE_COOKIE_SAMESITE = "Lax"
FORMAT_MODULE_PATH = ["mainstay.ui.formats"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = bool(checkout()) and DEBUG
MEDIA_ROOT = ENV.data / "files"
FONTS = ENV.fonts
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

SESSION_ENGINE = "mainstay.accounts.signed_in"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = ENV.base_url.startswith("https:")
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE
LANGUAGE_COOKIE_SECURE = SESSION_COOKIE_SECURE
SESSION_COOKIE_AGE = 14 * 86400
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
APPEND_SLASH = False

DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
UPLOAD_LIMIT = ENV.upload_gb * 1024**3  # of a file that comes piece by piece
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"mainstay": {"level": "INFO"}},
}
