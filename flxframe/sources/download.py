"""Download the file behind a link. No token and no cookie is ever sent with such a request."""

from __future__ import annotations

import time
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlsplit

from requests.utils import default_user_agent, requote_uri
from urllib3 import BaseHTTPResponse, Timeout
from urllib3.exceptions import HTTPError
from urllib3.exceptions import TimeoutError as HTTPTimeoutError

from flxframe.exceptions import FileError
from flxframe.run.connections import Exchange, exchanging
from flxframe.run.failures import describe_obstacle
from flxframe.run.route import open_pool
from flxframe.sources.archives import unpack_gzip
from flxframe.sources.links import check_link, redirected
from flxframe.sources.pages import LOGIN_STATUSES, check_page, login_error

_HEADERS = {"Accept": "*/*", "Accept-Encoding": "gzip", "User-Agent": default_user_agent()}

_CHUNK = 2**16
_MAX_SIZE = 2**30
_MAX_REDIRECTS = 10
_REDIRECTS = (301, 302, 303, 307, 308)
_READ_ERRORS = (HTTPError, HTTPException, OSError)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a download may take.

    Parameters
    ----------
    connect_seconds : float
        Until the server is reached.
    answer_seconds : float
        Until the server starts to answer, redirects included.
    seconds : float
        Until the file is complete.
    """

    connect_seconds: float = 10.0
    answer_seconds: float = 60.0
    seconds: float = 300.0


_LIMITS = Limits()


def download(link: str, path: Path, *, name: str, limits: Limits = _LIMITS) -> str:
    """Download the file behind a link, and return its content type.

    Parameters
    ----------
    link : str
        The link; up to ten redirects are followed.
    path : Path
        The new file, which is not compressed for the transfer any more.
    name : str
        The name of the link in messages.
    limits : Limits
        How long it may take.

    Raises
    ------
    FileError
        If the link is not safe, or there is no file at it; the message contains `name`.
    """
    start = time.monotonic()
    exchange = Exchange(start + limits.answer_seconds, _MAX_SIZE)
    link = check_link(link)

    with exchanging(exchange):
        for _ in range(_MAX_REDIRECTS + 1):
            response = _request(link, name, exchange, limits)
            location = response.headers.get("Location")
            if response.status not in _REDIRECTS or not location:
                break
            response.close()
            link = redirected(link, _as_utf8(location), name)
        else:
            raise FileError(f"{name} redirects without end: copy it again")

        exchange.deadline = start + limits.seconds
        try:
            _save(response, path, name)
        finally:
            response.close()

    if response.headers.get("Content-Encoding", "").strip().lower() in ("gzip", "x-gzip"):
        packed = path.rename(path.with_name("packed"))
        unpack_gzip(packed, path, name)
    check_page(path, link, name)
    return response.headers.get("Content-Type", "")


def _request(link: str, name: str, exchange: Exchange, limits: Limits) -> BaseHTTPResponse:
    """Request a link, and return the answer, of which the body was not read."""
    parts = urlsplit(link)
    pool = open_pool(f"{parts.scheme.lower()}://{parts.netloc}", 1)
    target = requote_uri(parts._replace(scheme="", netloc="", path=parts.path or "/").geturl())
    exchange.has_left = False
    try:
        seconds = exchange.seconds_left()
        return pool.urlopen(
            "GET",
            target,
            headers=_HEADERS,
            retries=False,
            redirect=False,
            timeout=Timeout(connect=min(limits.connect_seconds, seconds), read=seconds),
            preload_content=False,
            decode_content=False,
        )
    except (TimeoutError, HTTPTimeoutError) as error:
        if exchange.has_left or exchange.is_over():
            raise _slow(name) from None
        raise _unreachable(error, link, name, proxied=pool.proxy is not None) from None
    except _READ_ERRORS as error:
        raise _unreachable(error, link, name, proxied=pool.proxy is not None) from None


def _as_utf8(header: str) -> str:
    """Return the text of a header, which Python reads as Latin-1, if it is UTF-8."""
    try:
        return header.encode("latin-1").decode()
    except UnicodeError:
        return header


def _save(response: BaseHTTPResponse, path: Path, name: str) -> None:
    """Write the body of an answer to a file."""
    _check_status(response, name)
    coding = response.headers.get("Content-Encoding", "").strip().lower()
    if coding not in ("", "identity", "gzip", "x-gzip"):
        raise FileError(f"{name} was sent compressed in an unknown way: download it yourself")

    size = 0
    try:
        with path.open("wb") as file:
            while chunk := response.read(_CHUNK, decode_content=False):
                size += len(chunk)
                if size > _MAX_SIZE:
                    raise FileError(f"{name} is larger than {_MAX_SIZE // 2**20:,} MiB")
                file.write(chunk)
    except FileError:
        raise
    except (TimeoutError, HTTPTimeoutError):
        raise _slow(name) from None
    except (HTTPError, HTTPException):
        raise FileError(f"the download of {name} was cut short: try it again") from None


def _check_status(response: BaseHTTPResponse, name: str) -> None:
    """Raise if an answer has no file."""
    status = response.status
    if status == 200:
        return

    if status in LOGIN_STATUSES:
        raise login_error(name)
    if status in (404, 410):
        raise FileError(f"there is no file at {name} (status {status}): check the link")
    remedy = "try it again later" if status == 429 or status >= 500 else "check the link"
    raise FileError(f"{name} can't be read (status {status}): {remedy}")


def _slow(name: str) -> FileError:
    return FileError(f"{name} takes too long: try it again, or download the file and use the file")


def _unreachable(error: Exception, link: str, name: str, *, proxied: bool) -> FileError:
    reason = describe_obstacle(error, link, proxied=proxied).partition(";")[0]
    text = reason.removesuffix(", so nothing was sent")
    return FileError(f"{name} can't be read: {text}; check the link and the network")
