"""The sandbox's HTTP server: connections and bytes, independent of their meaning."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import Message
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import urlsplit

from flxframe.sandbox.contract import Answer, error_answer

_READ_BYTES = 2**16

_POLL_SECONDS = 0.02
"""Also the maximum time that stop() waits for the server's loop."""

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # linger for 0 seconds


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request as it arrived.

    Parameters
    ----------
    method, path : str
        The method, and the path without its query.
    headers : Message
        The headers.
    raw : bytes or None
        The body; None if it is larger than allowed.
    """

    method: str
    path: str
    headers: Message
    raw: bytes | None


class Server(socketserver.ThreadingTCPServer):
    """An HTTP/1.1 server on loopback, with a thread for each connection.

    Parameters
    ----------
    port : int
        The port to listen on; 0 for any free port.
    respond : callable
        Receives a request and returns its answer, in the thread of the connection.
    max_body_bytes : int
        The size above which a body is read, but not kept.
    """

    allow_reuse_address = True
    daemon_threads = True
    # A test or benchmark can open all its connections at once.
    request_queue_size = 2048

    def __init__(
        self, port: int, respond: Callable[[Incoming], Answer], *, max_body_bytes: int
    ) -> None:
        self.respond = respond
        self.max_body_bytes = max_body_bytes
        self.stopping = threading.Event()
        self._connections: dict[Any, threading.Thread] = {}

        super().__init__(("127.0.0.1", port), _Handler)
        self.port = int(self.server_address[1])
        self._thread = threading.Thread(
            target=self.serve_forever, args=(_POLL_SECONDS,), daemon=True
        )

    def start(self) -> None:
        """Start serving."""
        self._thread.start()

    def stop(self) -> None:
        """Answer pending requests at once, close all connections, and stop serving."""
        self.stopping.set()
        self.shutdown()
        self._thread.join()
        self.server_close()

        for connection, thread in list(self._connections.items()):
            # A pending request can still be answered, but no further one can be sent.
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RD)
            thread.join(5.0)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Start the thread of a connection; stop() joins it, unlike the base class's."""
        thread = threading.Thread(
            target=self.process_request_thread,
            args=(request, client_address),
            daemon=True,
        )
        self._connections[request] = thread
        thread.start()

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve a connection until it ends."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            del self._connections[request]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore clients that disconnect, which is normal in a sandbox."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _InvalidLengthError(Exception):
    """The length of the body cannot be determined."""


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def __getattr__(self, name: str) -> Callable[[], None]:
        # The base class answers 501 if there is no do_METHOD, but `respond` decides which methods
        # are allowed.
        if name.startswith("do_"):
            return self._exchange

        raise AttributeError(name)

    def log_message(self, format: str, *args: Any) -> None:
        """Print nothing."""

    def _exchange(self) -> None:
        try:
            raw = self._read_body()
        except _InvalidLengthError as error:
            self.close_connection = True
            self._write(error_answer(400, str(error)))
            return

        path = urlsplit(self.path).path
        incoming = Incoming(self.command, path, self.headers, raw)
        answer = self.server.respond(incoming)
        if answer.delay > 0:
            self.server.stopping.wait(answer.delay)

        if answer.cut is not None or self.server.stopping.is_set():
            self.close_connection = True

        if answer.status is not None:
            self._write(answer)
        elif answer.cut == "reset":
            self._reset()

    def _reset(self) -> None:
        """Reset the connection."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        # Close both here: the base class would shut the connection down first, and the socket is
        # only closed with its last reference.
        self.rfile.close()
        self.connection.close()

    def _write(self, answer: Answer) -> None:
        status = answer.status or 500
        phrase = self.responses.get(status, ("Unknown",))[0]
        lines = [
            f"HTTP/1.1 {status} {phrase}",
            f"Date: {self.date_time_string()}",
            f"Content-Length: {len(answer.body) + answer.missing}",
        ]
        lines += [f"{name}: {value}" for name, value in answer.headers.items()]
        if self.close_connection:
            lines.append("Connection: close")

        data = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
        if self.command != "HEAD":
            data += answer.body

        # Write at once: two packets would be slower, and a client could get half an answer.
        self.wfile.write(data)

    def _read_body(self) -> bytes | None:
        """Read the body to its end, so that the connection's next request starts correctly."""
        max_bytes = self.server.max_body_bytes
        pieces, total = [], 0

        for size in self._sizes():
            total += size
            remaining = size
            while remaining:
                piece = self.rfile.read(min(remaining, _READ_BYTES))
                if not piece:
                    raise ConnectionError("the client disconnected in the middle of a request")

                remaining -= len(piece)
                if total <= max_bytes:
                    pieces.append(piece)

        return b"".join(pieces) if total <= max_bytes else None

    def _sizes(self) -> Iterator[int]:
        """Yield the size of each part of the body, which must be read before the next one."""
        if "chunked" not in self.headers.get("Transfer-Encoding", "").lower():
            yield _parse_size(self.headers.get("Content-Length", "0"), 10)
            return

        while size := self._next_chunk_size():
            yield size
            self.rfile.readline(_READ_BYTES)

        while self.rfile.readline(_READ_BYTES).strip():
            pass  # trailers

    def _next_chunk_size(self) -> int:
        line = self.rfile.readline(_READ_BYTES)
        digits = line.partition(b";")[0].decode("latin-1").strip()
        return _parse_size(digits, 16)


def _parse_size(text: str, base: int) -> int:
    try:
        size = int(text, base)
    except ValueError:
        size = -1

    if size < 0:
        raise _InvalidLengthError(f"{text!r} is not a valid length of a body")

    return size
