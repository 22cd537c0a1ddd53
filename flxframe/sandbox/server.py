"""The sandbox's HTTP: connections and bytes, and nothing of what they mean."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import struct
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import urlsplit

from flxframe.sandbox.contract import Answer, json_answer

_PIECE = 2**16


_RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # linger for 0 seconds


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request as it came.

    Parameters
    ----------
    method, path : str
        What is asked of what; the path without its query.
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
        Where it listens; 0 for any free port.
    respond : callable
        Takes a request and returns its answer, in the thread of the connection.
    largest_body : int
        Bytes; larger bodies are read, but not kept.
    """

    allow_reuse_address = True
    daemon_threads = True
    # A test or benchmark may open all its connections at once.
    request_queue_size = 2048

    def __init__(
        self, port: int, respond: Callable[[Incoming], Answer], *, largest_body: int
    ) -> None:
        self.respond = respond
        self.largest_body = largest_body
        self.stopping = threading.Event()
        self._connections: dict[Any, threading.Thread] = {}
        super().__init__(("127.0.0.1", port), _Handler)
        self.port = int(self.server_address[1])
        # The poll is what stop() may have to wait.
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def stop(self) -> None:
        """Answer at once what was asked, close all connections, and serve no more."""
        self.stopping.set()
        self.shutdown()
        self._thread.join()
        self.server_close()
        for connection, thread in list(self._connections.items()):
            # What was asked can still be answered, but nothing more be asked.
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RD)
            thread.join(5.0)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Start the thread of a connection; unlike the base class's, stop() knows it."""
        thread = threading.Thread(
            target=self.process_request_thread, args=(request, client_address), daemon=True
        )
        self._connections[request] = thread
        thread.start()

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve a connection to its end."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            del self._connections[request]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that went away; they are what a sandbox is for."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Unreadable(Exception):  # noqa: N818  it is no error of ours
    """The body has no end that could be found."""


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def __getattr__(self, name: str) -> Callable[[], None]:
        # The base class looks for a do_METHOD, and answers 501 where there is none; whether a method is allowed is
        # not for it to say.
        if name.startswith("do_"):
            return self._exchange
        raise AttributeError(name)

    def log_message(self, format: str, *args: Any) -> None:
        """Print nothing."""

    def _exchange(self) -> None:
        try:
            raw = self._read_body()
        except _Unreadable as error:
            self.close_connection = True
            self._write(json_answer(400, {"message": str(error)}))
            return
        answer = self.server.respond(
            Incoming(self.command, urlsplit(self.path).path, self.headers, raw)
        )
        if answer.delay > 0:
            self.server.stopping.wait(answer.delay)
        if answer.cut is not None or self.server.stopping.is_set():
            self.close_connection = True
        if answer.status is not None:
            self._write(answer)
        elif answer.cut == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            # Both, and here: the base class would say goodbye first, and the last one to hold the socket closes it.
            self.rfile.close()
            self.connection.close()

    def _write(self, answer: Answer) -> None:
        status = answer.status or 500
        lines = [
            f"HTTP/1.1 {status} {self.responses.get(status, ('Unknown',))[0]}",
            f"Date: {self.date_time_string()}",
            f"Content-Length: {len(answer.body) + answer.missing}",
            *(f"{name}: {value}" for name, value in answer.headers.items()),
            *(["Connection: close"] if self.close_connection else []),
        ]
        head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
        # At one go: in two packets it would be slower, and a client could see half of it.
        self.wfile.write(head if self.command == "HEAD" else head + answer.body)

    def _read_body(self) -> bytes | None:
        """Read the body to its end, so that the next request of the connection begins where it should."""
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            sizes = self._chunk_sizes()
        else:
            sizes = iter([_size(self.headers.get("Content-Length", "0"), 10)])
        pieces, total = [], 0
        for size in sizes:
            total += size
            left = size
            while left:
                piece = self.rfile.read(min(left, _PIECE))
                if not piece:
                    raise ConnectionError("the client went away in the middle of a request")
                left -= len(piece)
                if total <= self.server.largest_body:
                    pieces.append(piece)
        return b"".join(pieces) if total <= self.server.largest_body else None

    def _chunk_sizes(self) -> Any:
        """Yield the size of each chunk; each must be read before the next is asked for."""
        while size := _size(
            self.rfile.readline(_PIECE).partition(b";")[0].decode("latin-1").strip(), 16
        ):
            yield size
            self.rfile.readline(_PIECE)
        while self.rfile.readline(_PIECE).strip():
            pass  # trailers


def _size(text: str, base: int) -> int:
    try:
        size = int(text, base)
    except ValueError:
        size = -1
    if size < 0:
        raise _Unreadable(f"{text!r} is no length of a body")
    return size
