"""The fastest server that answers like the API: it echoes each body, and checks nothing."""

from __future__ import annotations

import asyncio
import multiprocessing
import re
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
_SPAWN = multiprocessing.get_context("spawn")


class _Echo(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._received = b""

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, blank_line, payload = self._received.partition(b"\r\n\r\n")
        match = _LENGTH.search(head)
        if not blank_line or match is None:
            return

        length = int(match[1])
        if len(payload) < length:
            return

        body, self._received = payload[:length], payload[length:]
        self._transport.write(_ANSWER % (length, body))  # type: ignore[attr-defined]


@contextmanager
def echo() -> Iterator[str]:
    """Serve in another process, and yield the URL."""
    receiver, sender = _SPAWN.Pipe()
    process = _SPAWN.Process(target=_serve, args=(sender,), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{receiver.recv()}"
    finally:
        process.kill()
        process.join()


def _serve(pipe: Connection) -> None:
    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(_Echo, "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())
