"""How often one may try to sign in, or guess a link."""

from functools import lru_cache

# limits would import it at the first sign-in, where a second one at the same time finds it half imported.
import redis  # noqa: F401
from limits import RateLimitItemPerMinute
from limits.storage import RedisStorage
from limits.strategies import MovingWindowRateLimiter

from app.errors import TooMany
from app.i18n import gettext as _
from app.settings import settings

PER_NAME = RateLimitItemPerMinute(10, 10)
PER_ADDRESS = RateLimitItemPerMinute(100, 10)


@lru_cache
def limiter() -> MovingWindowRateLimiter:
    return MovingWindowRateLimiter(RedisStorage(settings().redis_url))


def refuse_too_many_tries(username: str, address: str) -> None:
    """Count one try. Raises TooMany after 10 for a name in ten minutes, or 100 wrong ones from an address."""
    may_try = limiter().hit(PER_NAME, "sign-in", username)
    if not may_try or not limiter().test(PER_ADDRESS, "sign-in", address):
        raise TooMany(
            _("Too many tries to sign in. Wait ten minutes, or ask an admin for help."),
            retry_seconds=PER_NAME.get_expiry(),
        )


def count_wrong_try(address: str) -> None:
    limiter().hit(PER_ADDRESS, "sign-in", address)


def refuse_too_many_links(address: str) -> None:
    """Raises TooMany after 100 links from an address in ten minutes that are none."""
    if not limiter().test(PER_ADDRESS, "link", address):
        raise TooMany(
            _("Too many links that are none. Wait ten minutes, or ask an admin for help."),
            retry_seconds=PER_ADDRESS.get_expiry(),
        )


def count_wrong_link(address: str) -> None:
    limiter().hit(PER_ADDRESS, "link", address)


def forget_tries(username: str) -> None:
    """After a right password, so that a busy day of sign-ins never locks anyone out."""
    limiter().clear(PER_NAME, "sign-in", username)
