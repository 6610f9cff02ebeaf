"""How often one may try to guess a link."""

from limits import RateLimitItemPerMinute

from app.accounts.throttle import limiter
from app.errors import TooMany
from app.i18n import gettext as _

PER_ADDRESS = RateLimitItemPerMinute(100, 10)
SPACE = "shared link"


def refuse_too_many_guesses(address: str) -> None:
    """Raises TooMany after 100 links that don't hold, from one address in ten minutes."""
    if not limiter().test(PER_ADDRESS, SPACE, address):
        raise TooMany(_("Too many links that don't hold. Wait ten minutes."), PER_ADDRESS.get_expiry())


def count_guess(address: str) -> None:
    limiter().hit(PER_ADDRESS, SPACE, address)
