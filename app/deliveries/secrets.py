"""Secrets at rest, and keys that each serve one purpose; all follow from the installation's own secret."""

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken

from app.deliveries.errors import NotDelivered
from app.settings import settings


def key_for(purpose: str) -> bytes:
    """32 bytes; from one purpose's nobody learns another's."""
    secret = settings().secret_key.get_secret_value().encode()
    return hmac.digest(secret, purpose.encode(), sha256)


def sealed(secret: str) -> str:
    return vault().encrypt(secret.encode()).decode()


def unsealed(sealed_secret: str) -> str:
    """Raises NotDelivered where it was sealed under another secret of the installation."""
    try:
        return vault().decrypt(sealed_secret.encode()).decode()
    except InvalidToken as unreadable:
        raise NotDelivered(
            "The stored secret can't be read: EVENHAND_SECRET_KEY has changed since. Enter it again."
        ) from unreadable


def vault() -> Fernet:
    return Fernet(urlsafe_b64encode(key_for("secrets of targets and webhooks")))
