"""Calling a webhook: a signed POST, of whose answer little is read."""

import hmac
import time
from dataclasses import dataclass, field
from hashlib import sha256

import httpx2

from app import __version__
from app.deliveries.models import LONGEST_ANSWER

LONGEST_SECONDS = 10
# A character has four bytes at most.
MOST_BYTES = 4 * LONGEST_ANSWER


@dataclass(frozen=True, slots=True)
class Call:
    """`key`: the same at each try, so that the receiver can tell a repeated one."""

    url: str
    key: str
    body: bytes
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """`status`: None where none came, and `text` says why; else it is how the answer begins."""

    status: int | None
    text: str

    @property
    def is_yes(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def call(client: httpx2.Client, asked: Call) -> Answer:
    timestamp = str(int(time.time()))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"Evenhand/{__version__}",
        "X-Evenhand-Delivery": asked.key,
        "X-Evenhand-Timestamp": timestamp,
        "X-Evenhand-Signature": signature_of(asked.secret, timestamp, asked.body),
    }
    try:
        with client.stream("POST", asked.url, content=asked.body, headers=headers) as response:
            return Answer(response.status_code, beginning_of(response))
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        return Answer(None, str(error) or type(error).__name__)


def client() -> httpx2.Client:
    """Follows no redirect: the secret's owner is whoever stands at the address that was entered."""
    return httpx2.Client(timeout=LONGEST_SECONDS, follow_redirects=False)


def signature_of(secret: str, timestamp: str, body: bytes) -> str:
    """Of the two together, so that an old body can't be sent again under a new time."""
    signed = hmac.new(secret.encode(), timestamp.encode() + b"." + body, sha256)
    return f"sha256={signed.hexdigest()}"


def beginning_of(response: httpx2.Response) -> str:
    """What comes within the time and fits."""
    give_up_at = time.monotonic() + LONGEST_SECONDS
    read = b""
    for part in response.iter_bytes():
        read += part[:MOST_BYTES]
        if len(read) >= MOST_BYTES or time.monotonic() > give_up_at:
            break
    return read.decode(errors="replace")[:LONGEST_ANSWER]
