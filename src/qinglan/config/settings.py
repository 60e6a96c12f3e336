"""All settings of the site, read from the environment; every name and its default is in docs/reference/settings.

Nothing secret has a default: keys are made on first start in the data folder (see keys.py).
"""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from qinglan import server
from qinglan.config import mlps
from qinglan.config.keys import read_or_create


def _flag(name: str, default: bool) -> bool:
    """Read a yes/no variable: 1, true, yes, on count as yes."""
    return os.environ.get(name, "1" if default else "0").strip().lower() in {"1", "true", "yes", "on"}


def _words(name: str, default: str) -> list[str]:
    """Read a comma-separated variable."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


# --- where things are --------------------------------------------------------------------------------------------------
DATA_DIR = server.data_dir()
KEYS_DIR = DATA_DIR / "keys"
# Keys of the encrypted fields: beside the data folder, not in it, so that a stolen copy of the data opens nothing.
QINGLAN_KEYS = os.environ.get("QINGLAN_KEYS") or DATA_DIR.with_name(f"{DATA_DIR.name}-keys") / "fields.json"
# The newest hashes of the log's chain, beside the keys: what rewrites the whole database does not reach them.
QINGLAN_AUDIT_HEADS = os.environ.get("QINGLAN_AUDIT_HEADS") or Path(QINGLAN_KEYS).with_name("audit-heads.jsonl")
# The numbers of the erased, there as well: a restored backup must not bring them back.
QINGLAN_ERASED = os.environ.get("QINGLAN_ERASED") or Path(QINGLAN_KEYS).with_name("erased.jsonl")
MEDIA_ROOT = DATA_DIR / "files"
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STATIC_URL = "static/"
STATICFILES_DIRS = [folder for folder in [server.PACKAGE_DIR / "static"] if folder.is_dir()]

# --- what runs ---------------------------------------------------------------------------------------------------------
SECRET_KEY = os.environ.get("QINGLAN_SECRET_KEY") or read_or_create(KEYS_DIR, "django.key")
DEBUG = _flag("QINGLAN_DEBUG", False)
ALLOWED_HOSTS = _words("QINGLAN_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = _words("QINGLAN_ORIGINS", "")
ADMIN_SITE = _flag("QINGLAN_ADMIN", False)
ROOT_URLCONF = "qinglan.config.urls"
WSGI_APPLICATION = "qinglan.config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "qinglan.apps.portal",
    "qinglan.apps.erasure",
    "qinglan.apps.rights",
    "qinglan.apps.assistant",
    "qinglan.apps.pay",
    "qinglan.apps.rehearsal",
    "qinglan.apps.policy",
    "qinglan.apps.facts",
    "qinglan.apps.exchange",
    "qinglan.apps.notices",
    "qinglan.apps.people",
    "qinglan.apps.audit",
    "qinglan.apps.base",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_filters",
    "django_htmx",
    "django_tables2",
    "pgtrigger",
    "pghistory",
    "procrastinate.contrib.django",
    "rules.apps.AutodiscoverRulesConfig",
    "template_partials.apps.SimpleAppConfig",  # loaders are set by hand below
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "qinglan.config.security.ContentSecurityPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "qinglan.config.security.RefusalsRecorded",
    "qinglan.config.accounts.SecondFactorSeen",
    "qinglan.config.accounts.OwnPasswordFirst",
    "pghistory.middleware.HistoryMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "OPTIONS": {
            # By hand: two libraries that wrap the loaders by themselves undo each other in silence.
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "builtins": ["template_partials.templatetags.partials"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "qinglan.apps.notices.queries.bell",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
DJANGO_TABLES2_TEMPLATE = "django_tables2/bootstrap5.html"

# --- the database ------------------------------------------------------------------------------------------------------
# The pool is for the web server; commands and tests open what they need and close it.
_pool = {"min_size": 1, "max_size": int(os.environ.get("QINGLAN_POOL_SIZE", "8")), "timeout": 10}
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        **server.connection(os.environ.get("QINGLAN_DB_ROLE", "app")),
        "CONN_MAX_AGE": 0,
        "TEST": {"NAME": os.environ.get("QINGLAN_TEST_DATABASE")},
    }
}
if _flag("QINGLAN_POOL", False):
    DATABASES["default"]["OPTIONS"] = {**DATABASES["default"].get("OPTIONS", {}), "pool": _pool}
# Shared by all processes, so that sign-in lock-out counts are those of the site, not of one worker.
# Django's own limit is 300 entries; beyond it any of them is dropped, these counts too.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "qinglan_cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}

# --- language and time -------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

# --- signing in --------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = [
    "rules.permissions.ObjectPermissionBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
# How strict: the profile's numbers, or each by a variable of its own (config.mlps has them with their sources).
PROFILE = os.environ.get("QINGLAN_PROFILE", "standard").strip().lower()
if PROFILE not in mlps.PROFILES:
    raise ImproperlyConfigured("QINGLAN_PROFILE 应为 standard 或 mlps。")


def _number(name: str) -> int:
    try:
        return mlps.value(name, PROFILE, os.environ.get(name))
    except ValueError as error:
        raise ImproperlyConfigured(str(error)) from None


PASSWORD_CLASSES = _number("QINGLAN_PASSWORD_CLASSES")
PASSWORD_DAYS = _number("QINGLAN_PASSWORD_DAYS")
PASSWORD_HISTORY = _number("QINGLAN_PASSWORD_HISTORY")
_idle = _number("QINGLAN_IDLE_MINUTES")
_checks = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_checks}.UserAttributeSimilarityValidator"},
    {
        "NAME": f"{_checks}.MinimumLengthValidator",
        "OPTIONS": {"min_length": _number("QINGLAN_PASSWORD_LENGTH")},
    },
    {"NAME": f"{_checks}.CommonPasswordValidator"},
    {"NAME": f"{_checks}.NumericPasswordValidator"},
    {"NAME": "qinglan.config.passwords.Classes"},
    {"NAME": "qinglan.config.passwords.Remembered"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_ADAPTER = "qinglan.config.accounts.ClosedDoor"  # no signing up by oneself
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
# So many wrong passwords for one account, or thirty from one address, and the door stays shut for a while.
_failures, _lock = _number("QINGLAN_LOGIN_FAILURES"), _number("QINGLAN_LOCK_MINUTES")
ACCOUNT_RATE_LIMITS = {"login_failed": f"30/{_lock}m/ip,{_failures}/{_lock}m/key"}
# Who signs, publishes, closes or releases must have proved a second factor: on, off, or auto (all but fictional districts).
SECOND_FACTOR = os.environ.get("QINGLAN_SECOND_FACTOR", "auto").strip().lower()
if SECOND_FACTOR not in {"auto", "on", "off"}:
    raise ImproperlyConfigured("QINGLAN_SECOND_FACTOR 应为 auto、on 或 off。")
# Days for the next step of what people decide (本区设定), and between reminders after that.
DECIDE_DAYS = max(1, int(os.environ.get("QINGLAN_DECIDE_DAYS", "7")))
MFA_ADAPTER = "qinglan.config.accounts.SealedFactors"
MFA_FORMS = {"add_webauthn": "qinglan.apps.people.forms.mfa.AddKeyForm"}
MFA_TOTP_TOLERANCE = 1  # clocks of phones are not exact: one step of 30 seconds either way
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "青蓝"

# --- safety of the connection ------------------------------------------------------------------------------------------
# Behind https set QINGLAN_HTTPS=1: cookies then travel encrypted only.
_https = _flag("QINGLAN_HTTPS", False)
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not _https  # browsers themselves allow passkeys on https and on localhost only
SESSION_COOKIE_SECURE = _https
CSRF_COOKIE_SECURE = _https
SECURE_SSL_REDIRECT = _https and _flag("QINGLAN_HTTPS_REDIRECT", True)
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
if _flag("QINGLAN_BEHIND_PROXY", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    ALLAUTH_TRUSTED_PROXY_COUNT = 1  # else all the world would count as one address: the proxy's
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = _idle * 60 or 12 * 3600
SESSION_SAVE_EVERY_REQUEST = bool(_idle)  # so that the time runs from the last request, not from the first
CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]

# --- e-mail: notices go out by it once a server is named; until then nothing leaves this machine -------------------------
EMAIL_HOST = os.environ.get("QINGLAN_MAIL_HOST", "")
EMAIL_PORT = int(os.environ.get("QINGLAN_MAIL_PORT", "587"))
EMAIL_HOST_USER = os.environ.get("QINGLAN_MAIL_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("QINGLAN_MAIL_PASSWORD", "")
EMAIL_USE_TLS = _flag("QINGLAN_MAIL_STARTTLS", True)
EMAIL_TIMEOUT = 20  # seconds
DEFAULT_FROM_EMAIL = os.environ.get("QINGLAN_MAIL_FROM", "") or EMAIL_HOST_USER or "qinglan@localhost"
NOTICES_BY_MAIL = bool(EMAIL_HOST)
SITE_ADDRESS = os.environ.get("QINGLAN_SITE", "").rstrip("/")

# --- erasing ----------------------------------------------------------------------------------------------------------------
# Years after leaving for which records of pay and results are kept before a person may be erased without another ground (本区设定).
RETENTION_YEARS = max(0, int(os.environ.get("QINGLAN_RETENTION_YEARS", "5")))

# --- the assistant ----------------------------------------------------------------------------------------------------------
ASSISTANT_DAYS = max(
    1, int(os.environ.get("QINGLAN_ASSISTANT_DAYS", "30"))
)  # what was typed is kept so long (本区设定)
ASSISTANT_RATE = max(1, int(os.environ.get("QINGLAN_ASSISTANT_RATE", "20")))  # questions a minute from one address
# An OpenAI-compatible chat endpoint that may rephrase an answered card's text; none unless set.
CHAT_URL = os.environ.get("QINGLAN_CHAT_URL", "")
CHAT_KEY = os.environ.get("QINGLAN_CHAT_KEY", "")
CHAT_MODEL = os.environ.get("QINGLAN_CHAT_MODEL", "")
ACCOUNT_RATE_LIMITS |= {"assistant_ask": f"{ASSISTANT_RATE}/m/ip", "assistant_hand_over": "10/h/ip"}
# A whole office may sit behind one address: who is signed in is counted by her account.
ACCOUNT_RATE_LIMITS |= {"assistant_panel": f"{ASSISTANT_RATE}/m/user", "assistant_panel_hand_over": "10/h/user"}
# A system that speaks for many residents: they share its account.
ACCOUNT_RATE_LIMITS |= {"assistant_api_hand_over": "100/h/user"}

# --- counts of people ------------------------------------------------------------------------------------------------------
# A published count below this is hidden, and so is what would give it away (people.queries.hiding).
LEAST_CELL = int(os.environ.get("QINGLAN_LEAST_CELL", "5"))

# --- static files ------------------------------------------------------------------------------------------------------
# Once `make assets` has collected them they carry a hash in the name; before that they are served from the sources.
_collected = (STATIC_ROOT / "staticfiles.json").is_file()
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if _collected or _flag("QINGLAN_COLLECT", False)
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
}
WHITENOISE_USE_FINDERS = not _collected

# --- other systems: the API and its webhooks ------------------------------------------------------------------------------
API_CALLS_A_MINUTE = int(os.environ.get("QINGLAN_API_RATE", "600"))  # of one token
# Events are told to these hosts alone (none by default); one with a private address besides needs its network named.
WEBHOOK_HOSTS = _words("QINGLAN_WEBHOOK_HOSTS", "")
WEBHOOK_NETWORKS = _words("QINGLAN_WEBHOOK_NETWORKS", "")

# --- logs: what happened, never whose number -----------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("QINGLAN_LOG_LEVEL", "WARNING")},
}
