"""How often one may try to sign in."""

from functools import lru_cache

# limits would import it at the first sign-in, where a second one at the same time finds it half imported.
import redis  # noqa: F401
from limits import RateLimitItemPerMinute
from limits.storage import RedisStorage
from limits.strategies import MovingWindowRateLimiter

from app.errors import TooMany
from app.settings import settings

PER_NAME = RateLimitItemPerMinute(10, 10)
PER_ADDRESS = RateLimitItemPerMinute(100, 10)


@lru_cache
def limiter() -> MovingWindowRateLimiter:
    return MovingWindowRateLimiter(RedisStorage(settings().redis_url))


def refuse_too_many_tries(username: str, address: str) -> None:
    """Count one try. Raises TooMany after 10 for a name, or 100 from an address, within ten minutes."""
    for limit, key in ((PER_NAME, username), (PER_ADDRESS, address)):
        if not limiter().hit(limit, "sign-in", key):
            raise TooMany(
                "Too many tries to sign in. Wait ten minutes, or ask an admin for help.",
                retry_seconds=limit.get_expiry(),
            )


def forget_tries(username: str) -> None:
    """After a right password, so that a busy day of sign-ins never locks anyone out."""
    limiter().clear(PER_NAME, "sign-in", username)
