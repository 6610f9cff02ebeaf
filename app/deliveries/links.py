"""Links that let anyone who has them download from a release, until a time that stands in them.

The signature is an HMAC-SHA256 of all that the link says. The series makes it possible to revoke the links of
a release, all at once.
"""

import hmac
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import quote, urlencode

from app.deliveries.secrets import key_for

PURPOSE = "download links"


@dataclass(frozen=True, slots=True)
class Link:
    """`path`: of a file of the release; empty: all of them as a zip file. `until`: seconds since 1970."""

    release_id: int
    path: str
    until: int
    series: int

    @property
    def signature(self) -> str:
        """Lower hex. The path is last, since only it may hold any character."""
        said = f"{self.release_id} {self.until} {self.series} {self.path}"
        return hmac.new(key_for(PURPOSE), said.encode(), sha256).hexdigest()

    def is_signed_by(self, signature: str) -> bool:
        return hmac.compare_digest(self.signature.encode(), signature.encode())

    @property
    def address(self) -> str:
        """On this site. What proves it stands behind the "?", which no log of ours keeps."""
        file = f"/files/{quote(self.path)}" if self.path else ""
        proof = urlencode({"until": self.until, "series": self.series, "signature": self.signature})
        return f"/shared/releases/{self.release_id}{file}?{proof}"
