"""A way to a server that carries some bytes and then stands still, so that who sends them can be killed
halfway through: through a file, or a request."""

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

BYTES_AT_ONCE = 65_536


class Relay:
    """`n_bytes`: carried to the server since `stop_after`; `has_stopped`: some more were to be."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.address = ""
        self.has_stopped = threading.Event()
        self._lock = threading.Lock()
        self.stop_after(None)

    def stop_after(self, most_bytes: int | None) -> None:
        self.n_bytes, self._most_bytes = 0, most_bytes
        self.has_stopped.clear()

    def allow(self, n_bytes: int) -> int:
        """How many of them may go on."""
        with self._lock:
            most = self._most_bytes
            allowed = n_bytes if most is None else min(n_bytes, most - self.n_bytes)
            self.n_bytes += allowed
        if allowed < n_bytes:
            self.has_stopped.set()
        return allowed


class Carrier(socketserver.BaseRequestHandler):
    relay: Relay

    def handle(self) -> None:
        """Until one of both hangs up. What may not go on waits for that too."""
        with socket.create_connection(("127.0.0.1", self.relay.port)) as server:
            back = threading.Thread(target=carry_back, args=(server, self.request))
            back.start()
            # Whoever is killed resets the connection.
            with suppress(OSError):
                while content := self.request.recv(BYTES_AT_ONCE):
                    server.sendall(content[: self.relay.allow(len(content))])
            with suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)
            back.join()


def carry_back(server: socket.socket, asking: socket.socket) -> None:
    with suppress(OSError):
        while content := server.recv(BYTES_AT_ONCE):
            asking.sendall(content)
    with suppress(OSError):
        asking.shutdown(socket.SHUT_RDWR)


@contextmanager
def relay_to(port: int) -> Iterator[Relay]:
    relay = Relay(port)
    handler = type("OurCarrier", (Carrier,), {"relay": relay})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as ways:
        relay.address = f"http://127.0.0.1:{ways.server_address[1]}"
        thread = threading.Thread(target=ways.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield relay
        finally:
            ways.shutdown()
            thread.join()
