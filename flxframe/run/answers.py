"""The answer to a request: its status, its headers, and its body up to a limit."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.client import HTTPException

from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError
from urllib3.exceptions import TimeoutError as HTTPTimeoutError

_CHUNK = 2**16

_MAX_MESSAGE = 2**20
"""Bytes of an answer other than 200, of which only the message is used."""

_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS

_READ_ERRORS = (HTTPError, HTTPException, OSError)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer.

    Parameters
    ----------
    status : int
        The HTTP status.
    reason : str
        The phrase after the status, which many proxies leave out.
    headers : Mapping
        The headers; the names are compared without case.
    body : bytes
        The unpacked body, as far as it was read.
    problem : str, optional
        The reason why the body is not complete; None if it is.
    """

    status: int
    reason: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    problem: str | None = None


class _BodyError(Exception):
    """The body can't be read to its end; the message says why."""


def receive(response: BaseHTTPResponse, max_response: int) -> Answer:
    """Read the body of an answer; its connection is closed unless it was read to its end.

    Parameters
    ----------
    response : BaseHTTPResponse
        The answer, of which the head was read.
    max_response : int
        The maximum number of bytes of its unpacked body.
    """
    parts: list[bytes] = []
    problem = None
    limit = max_response if response.status == 200 else _MAX_MESSAGE
    try:
        _read_body(response, parts, limit)
    except _BodyError as error:
        problem = str(error)
    except (TimeoutError, HTTPTimeoutError):
        problem = "the answer was not complete in time"
    except _READ_ERRORS:
        problem = "the answer was cut short"
    finally:
        response.close()

    if problem is not None:  # of such an answer, only the start is shown
        del parts[_MAX_MESSAGE // _CHUNK :]
    body = b"".join(parts)
    return Answer(response.status, response.reason or "", response.headers, body, problem)


def _read_body(response: BaseHTTPResponse, parts: list[bytes], limit: int) -> None:
    """Append the parts of the body; raise if it is not complete."""
    unpacker = _Unpacker(response.headers.get("Content-Encoding", ""))
    size = 0
    while chunk := response.read(_CHUNK, decode_content=False):
        for part in unpacker.unpack(chunk):
            parts.append(part)
            size += len(part)
            if size > limit:
                raise _BodyError(
                    f"the answer is larger than {limit // 2**20} MiB (max_response_mib)"
                )

    if not unpacker.is_complete():
        raise _BodyError("the answer was cut short")


class _Unpacker:
    """Unpacks a body in small parts, so that a few bytes cannot fill the memory."""

    def __init__(self, coding: str) -> None:
        coding = coding.strip().lower()
        self._unzip = None
        if coding in ("gzip", "x-gzip", "deflate"):
            self._unzip = zlib.decompressobj(_GZIP_OR_ZLIB)
        elif coding not in ("", "identity"):
            raise _BodyError("the answer is compressed in a way that was not asked for")

    def unpack(self, chunk: bytes) -> Iterator[bytes]:
        """Yield the next parts of the body."""
        if self._unzip is None:
            yield chunk
            return

        part = b""
        while chunk or len(part) == _CHUNK:
            try:
                part = self._unzip.decompress(chunk, _CHUNK)
            except zlib.error:
                raise _BodyError("the answer can't be decompressed") from None
            yield part
            chunk = self._unzip.unconsumed_tail

    def is_complete(self) -> bool:
        """Return whether nothing is missing at the end of what was unpacked."""
        return self._unzip is None or self._unzip.eof
