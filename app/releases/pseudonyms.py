"""Names for annotators that are good for one release alone.

A pseudonym is HMAC-SHA256 of the annotator's id by a salt of the release, and the salt follows from the
installation's secret and the release's id. So a release that is made again has the same pseudonyms, two
releases never share one, and nobody without the secret can try out ids. Neither salt nor id is in a release.
"""

import hmac
from functools import lru_cache
from hashlib import sha256

PURPOSE = b"pseudonyms of release "


def salt_of(secret: str, release_id: int) -> bytes:
    return hmac.digest(secret.encode(), PURPOSE + str(release_id).encode(), sha256)


@lru_cache(maxsize=100_000)
def pseudonym_of(salt: bytes, annotator_id: int) -> str:
    """64 lower hex letters."""
    return hmac.new(salt, str(annotator_id).encode(), sha256).hexdigest()
