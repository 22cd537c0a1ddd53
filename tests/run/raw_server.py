"""A server of raw bytes, which answers whatever a test tells it to."""

from __future__ import annotations

import json
import re
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeAlias

from tests.conftest import DATA

CERTIFICATE = DATA / "localhost.pem"

_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)


class Arrival:
    """A request that arrived, and the connection that waits for its answer."""

    def __init__(self, connection: socket.socket, head: bytes, content: bytes) -> None:
        self.connection = connection
        self.head = head
        self.content = content

    @property
    def body(self) -> Any:
        """The body, as JSON."""
        return json.loads(self.content)

    def send(self, *parts: bytes) -> None:
        """Send bytes."""
        for part in parts:
            self.connection.sendall(part)

    def reset(self) -> None:
        """Close the connection with a reset."""
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.connection.close()


Answer: TypeAlias = Callable[[Arrival], object]
"""Answers a request; the connection stays open unless it returns False."""


class RawServer:
    """A server on this computer.

    Parameters
    ----------
    answer : callable
        Answers each request.
    tls : bool
        Whether to serve https, with a certificate that `CERTIFICATE` confirms.
    """

    def __init__(self, answer: Answer, *, tls: bool = False) -> None:
        self.arrivals: list[Arrival] = []
        self.connections: list[socket.socket] = []
        self._answer = answer
        self._context = None
        if tls:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(CERTIFICATE)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://localhost:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Close the listener and all connections."""
        # Closing alone does not wake up a thread that waits in accept().
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self.connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.connections.append(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError, ValueError):
            if self._context is not None:
                connection = self._context.wrap_socket(connection, server_side=True)
                self.connections.append(connection)

            received = b""
            with connection:
                while True:
                    arrival, received = _receive(connection, received)
                    if arrival is None:
                        return
                    self.arrivals.append(arrival)
                    if self._answer(arrival) is False:
                        return


def _receive(connection: socket.socket, received: bytes) -> tuple[Arrival | None, bytes]:
    """Return the next request, and the bytes after it; None at the end of the connection."""
    while b"\r\n\r\n" not in received:
        chunk = connection.recv(65536)
        if not chunk:
            return None, b""
        received += chunk

    head, _, rest = received.partition(b"\r\n\r\n")
    length = _LENGTH.search(head)
    size = 0 if length is None else int(length[1])
    while len(rest) < size:
        chunk = connection.recv(65536)
        if not chunk:
            return None, b""
        rest += chunk
    return Arrival(connection, head, rest[:size]), rest[size:]


@contextmanager
def raw_server(answer: Answer, *, tls: bool = False) -> Iterator[RawServer]:
    """Serve on this computer while the context is open."""
    server = RawServer(answer, tls=tls)
    try:
        yield server
    finally:
        server.close()


def response(body: object, status: str = "200 OK", *headers: str) -> bytes:
    """Return the bytes of an answer; a body that is not bytes is written as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(content)}", *headers]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + content


def echo(arrival: Arrival) -> bytes:
    """Return the answer of a workflow that changes nothing."""
    return response({"objects": arrival.body["objects"]})
