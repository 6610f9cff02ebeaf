"""Someone else's server that webhooks call, and what it makes of them."""

import hmac
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRET = "a secret of the receiver's"


@dataclass(frozen=True)
class Received:
    headers: dict[str, str]
    body: bytes

    @property
    def is_genuine(self) -> bool:
        """As the documentation tells receivers to check it."""
        signed = self.headers["x-evenhand-timestamp"].encode() + b"." + self.body
        expected = "sha256=" + hmac.new(SECRET.encode(), signed, sha256).hexdigest()
        return hmac.compare_digest(expected, self.headers["x-evenhand-signature"])


@dataclass
class Receiver:
    """`statuses`: of the next answers; then 200."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    answer: bytes = b"thanks"
    received: list[Received] = field(default_factory=list)


class Door(BaseHTTPRequestHandler):
    receiver: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.receiver.received.append(Received(headers, body))
        self.send_response(self.receiver.statuses.pop(0) if self.receiver.statuses else 200)
        self.send_header("location", self.receiver.url)
        self.send_header("content-length", str(len(self.receiver.answer)))
        self.end_headers()
        self.wfile.write(self.receiver.answer)

    def log_message(self, *_: object) -> None:
        """Tests read what was received."""


@contextmanager
def open_receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("OurDoor", (Door,), {"receiver": receiver}))
    receiver.url = f"http://127.0.0.1:{server.server_port}/told"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
