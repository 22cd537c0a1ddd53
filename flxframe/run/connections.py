"""Connections that know how far a request got, and that are not reused while they owe bytes.

A connection is used again only if all of this is true of its last answer:

- It was read to its end, and nothing followed it.
- Its length was given in one unmistakable way, so that its end is known.
- It came before the deadline, and no more bytes have arrived since.

Otherwise the bytes that still come would be taken for the answer to the next row.
"""

from __future__ import annotations

import functools
import http.client
import io
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import ProtocolError

MAX_ANSWER = 64 * 2**20
"""Bytes. A larger answer, received or unpacked, is not read to its end."""

_MAX_HEAD = 2**20
"""Bytes of the status line and headers, those of interim answers included."""

_MAX_INTERIM = 20
"""The number of interim answers (1xx) before the final one."""

_MAX_IDLE = 30.0
"""Seconds after which an idle connection is closed: a router, or a computer that was asleep, might
have dropped it silently, and a request sent over it would be `unknown`."""


@dataclass(slots=True)
class Exchange:
    """One request and its answer: how long it may take, and how far it got.

    Parameters
    ----------
    deadline : float
        When the answer must be complete, by the monotonic clock.
    max_response : int
        The maximum number of bytes of the answer, as received.
    has_left : bool
        Whether the head of the request was handed to a connection that was established, through
        the proxy and TLS if there are any. Before that, nothing can have run.
    """

    deadline: float
    max_response: int = MAX_ANSWER
    has_left: bool = False

    def seconds_left(self) -> float:
        """Return the seconds until the deadline.

        Raises
        ------
        TimeoutError
            If it has passed.
        """
        seconds = self.deadline - time.monotonic()
        if seconds <= 0:
            raise TimeoutError("the deadline has passed")
        return seconds

    def is_over(self) -> bool:
        """Return whether the deadline has passed."""
        return time.monotonic() >= self.deadline


class _Current(threading.local):
    exchange: Exchange


_current = _Current()
"""urllib3 connects, sends and reads in the thread that called it."""


@contextmanager
def exchanging(exchange: Exchange) -> Iterator[None]:
    """Make an exchange the one that the connections of this thread work for."""
    _current.exchange = exchange
    try:
        yield
    finally:
        del _current.exchange


def watch_connections(pool: HTTPConnectionPool) -> None:
    """Give a pool of any kind connections that watch their bytes, before it has opened one."""
    plain = pool.ConnectionCls
    pool.ConnectionCls = type(f"Watched{plain.__name__}", (_WatchedConnection, plain), {})


class _Source(io.RawIOBase):
    """The bytes of a connection until the deadline, and up to a limit."""

    def __init__(self, connection: _WatchedConnection, sock: Any) -> None:
        self.limit = _MAX_HEAD
        self.is_over = False
        self._connection = connection
        self._exchange = _current.exchange
        self._sock = sock
        self._file = sock.makefile("rb", buffering=0)

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Return the buffered bytes, as `http.client` asks a socket for them."""
        return _Reader(self, self._connection)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Wait for bytes, but not after the deadline: an answer can't gain time by dripping."""
        if self.is_over:
            return 0
        if self.limit < 0:
            raise ProtocolError("the answer is too long")

        self._sock.settimeout(self._exchange.seconds_left())
        count: int | None = self._file.readinto(buffer)
        self.limit -= count or 0
        return count

    def raise_limit(self) -> None:
        """Allow as many more bytes as the body of the answer may have, and its trailer."""
        self.limit = self._exchange.max_response + _MAX_HEAD

    def close(self) -> None:
        super().close()
        self._file.close()


class _Reader(io.BufferedReader):
    """The answer to one request; on closing, it looks for bytes that belong to no request."""

    def __init__(self, source: _Source, connection: _WatchedConnection) -> None:
        super().__init__(source)
        self._source = source
        self._connection = connection

    def close(self) -> None:
        if not self.closed:
            self._source.is_over = True  # so that peek() returns only what was received
            self._connection.owes_bytes = bool(self.peek(1))
        super().close()


class _Response(http.client.HTTPResponse):
    """An answer after all interim ones, whose connection is closed if its end is uncertain."""

    def __init__(
        self, sock: Any, *args: Any, connection: _WatchedConnection, **kwargs: Any
    ) -> None:
        self._source = _Source(connection, sock)
        super().__init__(self._source, *args, **kwargs)  # type: ignore[arg-type]

    def begin(self, **settings: Any) -> None:
        """Read the head of the final answer."""
        super().begin(**settings)
        for _ in range(_MAX_INTERIM):
            if not self._is_interim():
                break
            self.headers = self.msg = None  # type: ignore[assignment]
            super().begin(**settings)

        if self._is_interim():
            raise http.client.HTTPException("too many interim answers")
        if not self._has_certain_end():
            self.will_close = True

        # urllib3 would log lines that it cannot parse, control characters included.
        self.headers.defects.clear()
        self.headers.set_payload("")
        self._source.raise_limit()

    def _is_interim(self) -> bool:
        # 101 is final: what follows it is not HTTP.
        return 100 <= self.status < 200 and self.status != 101

    def _has_certain_end(self) -> bool:
        if self.status < 200 or self.status in (204, 304) or self.headers.defects:
            return False

        lengths = self.headers.get_all("Content-Length", [])
        if self.headers.get_all("Transfer-Encoding", []):
            return self.chunked is True and not lengths
        return len(lengths) == 1 and re.fullmatch("[0-9]+", lengths[0]) is not None


class _WatchedConnection(HTTPConnection):
    """The part that all watched connections have in common, over TLS and proxies too."""

    owes_bytes = False
    _is_connecting = False
    _last_used = 0.0

    @property
    def response_class(self) -> Callable[..., _Response]:  # type: ignore[override]
        """Return the answer's class, which `http.client` calls with the socket."""
        return functools.partial(_Response, connection=self)

    @property
    def is_connected(self) -> bool:
        """Return whether the connection can be used again."""
        # Not the monotonic clock, which can stop while a computer is asleep.
        is_idle = time.time() - self._last_used > _MAX_IDLE
        if self.owes_bytes or is_idle or not super().is_connected:
            return False

        pending = getattr(self.sock, "pending", None)  # received by TLS, but not read
        return pending is None or pending() == 0

    def connect(self) -> None:
        """Connect, through the proxy and TLS if there are any."""
        self._is_connecting = True
        try:
            super().connect()
        finally:
            self._is_connecting = False

    def send(self, data: Any) -> None:
        """Send a part of the request, and note in the exchange that it has left."""
        if self._is_connecting:  # this is for the proxy
            super().send(data)
            return

        exchange = _current.exchange
        if self.sock is None:
            self.connect()
        self.sock.settimeout(exchange.seconds_left())
        try:
            super().send(data)
        except OSError as error:
            if exchange.has_left:
                raise
            # After some errors, urllib3 would look for an answer to what was not sent.
            raise ProtocolError("the connection was closed before the request") from error
        exchange.has_left = True

    def getresponse(self) -> Any:
        """Read the head of the answer."""
        self.owes_bytes = True
        self._last_used = time.time()
        return super().getresponse()
