"""Settings, read once from the environment. The README's table lists them all."""

import base64
import os
import secrets
from pathlib import Path

ROOT = Path(__file__).resolve().parent
INSTANCE = Path(os.environ.get("INSTANCE_DIR", ROOT / "instance"))


class MissingSetting(RuntimeError):
    """A setting that production cannot do without."""


def _development_secret() -> str:
    """Return the key of this checkout, made at the first start, so that sign-ins outlive restarts."""
    file = INSTANCE / "development-secret"
    if not file.exists():
        INSTANCE.mkdir(parents=True, exist_ok=True)
        file.write_text(secrets.token_hex(32))
        file.chmod(0o600)
    return file.read_text().strip()


def _development_signing_key() -> str:
    """Return the key that signs certificates in this checkout, made at the first start."""
    file = INSTANCE / "development-seal-key"
    if not file.exists():
        INSTANCE.mkdir(parents=True, exist_ok=True)
        file.write_text(base64.b64encode(secrets.token_bytes(32)).decode())
        file.chmod(0o600)
    return file.read_text().strip()


def _required(name: str, fallback: str) -> str:
    value = os.environ.get(name, "")
    if not value and Settings.PRODUCTION:
        raise MissingSetting(f"{name} must be set where MARKETPLACE_ENV=production")
    return value or fallback


class Settings:
    """Every setting of the product; ``from_environment`` fills those that have no constant default."""

    PRODUCTION = os.environ.get("MARKETPLACE_ENV", "development") == "production"
    SECRET_KEY = ""
    DATABASE_URL = ""
    SEAL_SIGNING_KEY = ""
    PLACE_SECRET = os.environ.get("PLACE_SECRET", "")
    STORAGE_URL = os.environ.get("STORAGE_URL", f"file://{INSTANCE / 'media'}")
    PUBLIC_URL = os.environ.get("PUBLIC_URL", "http://127.0.0.1:8000")
    TRUSTED_PROXIES = int(os.environ.get("TRUSTED_PROXIES", "0"))
    SMTP_URL = os.environ.get("SMTP_URL", "")
    MAIL_FROM = os.environ.get("MAIL_FROM", "SoPro <no-reply@localhost>")
    MAIL_DOMAIN = os.environ.get("MAIL_DOMAIN", "")
    INCOMING_URL = os.environ.get("INCOMING_URL", "")
    RATELIMIT_STORAGE_URI = os.environ.get("RATELIMIT_STORAGE_URI", "memory://")
    SIGN_IN_LIMIT = os.environ.get("SIGN_IN_LIMIT", "10 per minute; 60 per hour")
    MAP_TILES_URL = os.environ.get("MAP_TILES_URL", "")
    MAP_TILES_BY = os.environ.get("MAP_TILES_BY", "")
    ROUTING_URL = os.environ.get("ROUTING_URL", "")
    LISTING_DAYS = int(os.environ.get("LISTING_DAYS", "90"))
    OPERATOR = os.environ.get("OPERATOR", "SoPro-InnovationAgency")
    TIMEZONE = os.environ.get("TIMEZONE", "Europe/Vienna")
    MAX_CONTENT_LENGTH = int(os.environ.get("MAX_UPLOAD_MB", "120")) * 1024 * 1024
    MAX_FORM_MEMORY_SIZE = 2 * 1024 * 1024
    SESSION_COOKIE_SAMESITE = "Lax"
    SESSION_COOKIE_HTTPONLY = True
    SESSION_COOKIE_SECURE = PRODUCTION
    REMEMBER_COOKIE_SAMESITE = "Lax"
    REMEMBER_COOKIE_HTTPONLY = True
    REMEMBER_COOKIE_SECURE = PRODUCTION
    WTF_CSRF_TIME_LIMIT = None


Settings.SECRET_KEY = _required("SECRET_KEY", "") or _development_secret()
Settings.DATABASE_URL = _required("DATABASE_URL", f"sqlite:///{INSTANCE / 'marketplace.db'}")
Settings.SEAL_SIGNING_KEY = _required("SEAL_SIGNING_KEY", "") or _development_signing_key()
Settings.PLACE_SECRET = Settings.PLACE_SECRET or Settings.SECRET_KEY
if Settings.DATABASE_URL.startswith("sqlite:///"):
    Path(Settings.DATABASE_URL.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
