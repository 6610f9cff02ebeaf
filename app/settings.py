"""Every setting, read once from the environment; `evenhand up` has its own three (host, port, processes)."""

import os
from functools import lru_cache
from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

# What `evenhand up` writes as long as it runs, so that other commands find its servers.
ENVIRONMENT_FILE = "run.env"


class Settings(BaseSettings):
    """Environment names are the field names with the prefix EVENHAND_, but for the two well-known URLs."""

    model_config = SettingsConfigDict(env_prefix="EVENHAND_", frozen=True, extra="ignore")

    database_url: str = Field(validation_alias="DATABASE_URL")
    # Of the role that owns the tables: for migrations alone. None: the one above owns them too.
    owner_database_url: str | None = None
    redis_url: str = Field(validation_alias="REDIS_URL")
    secret_key: SecretStr = Field(min_length=32)
    home: Path = Path(".evenhand")
    secure_cookies: bool = False
    session_hours: int = Field(default=12, ge=1)
    upload_limit_mb: int = Field(default=2048, ge=1)
    # How long an upload that was only checked is kept for someone to import it.
    checked_upload_days: int = Field(default=14, ge=1)

    @field_validator("database_url", "owner_database_url")
    @classmethod
    def use_psycopg(cls, url: str | None) -> str | None:
        """Accept the URL forms that hosting providers hand out."""
        scheme, separator, rest = (url or "").partition("://")
        return f"postgresql+psycopg://{rest}" if separator and scheme in {"postgres", "postgresql"} else url

    @field_validator("home")
    @classmethod
    def make_absolute(cls, home: Path) -> Path:
        return home.absolute()


@lru_cache
def settings() -> Settings:
    """From the environment, and where that is silent from a stack that runs in the data folder.

    Raises pydantic.ValidationError, which names each missing or wrong variable.
    """
    home = Path(os.environ.get("EVENHAND_HOME", ".evenhand"))
    return Settings(_env_file=home / ENVIRONMENT_FILE)
