"""Explain why a request could not be sent at all."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from urllib3.exceptions import ConnectTimeoutError, ReadTimeoutError

from flxframe.run.messages import shorten

_TIMEOUTS = {TimeoutError, ConnectTimeoutError, ReadTimeoutError}


def describe_obstacle(error: Exception, base_url: str, *, proxied: bool = False) -> str:
    """Return why nothing was sent, and what to check.

    Parameters
    ----------
    error : Exception
        The error, of any library.
    base_url : str
        Where the request was to be sent.
    proxied : bool
        Whether it was to be sent through a proxy.

    Examples
    --------
    >>> describe_obstacle(ConnectionRefusedError(111, "Connection refused"), "https://x.example")
    "x.example can't be reached (Connection refused); check the network and the base URL"
    """
    host = urlsplit(base_url).netloc
    causes = list(_causes(error))
    if is_untrusted(error):
        return (
            f"the certificate of {host} can't be trusted{_detail(causes)}, so nothing was sent; "
            "check the base URL and this computer's clock, or set REQUESTS_CA_BUNDLE to the file "
            "of the certificates that your network requires"
        )

    detail = _detail(causes)
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return (
            f"{host} does not answer as https does{detail}, so nothing was sent; "
            "check the base URL and its port"
        )

    if proxied:
        return (
            f"{host} can't be reached through the proxy{detail}; check the proxy of the environment"
        )

    # Not isinstance(): in urllib3, a refused connection is a kind of timeout.
    if not _TIMEOUTS.isdisjoint(map(type, causes)):
        return f"{host} did not accept a connection in time; check the network"
    return f"{host} can't be reached{detail}; check the network and the base URL"


def is_untrusted(error: Exception) -> bool:
    """Return whether the server's certificate is not trusted, which can't get better."""
    return any(isinstance(cause, ssl.SSLCertVerificationError) for cause in _causes(error))


def _detail(causes: list[BaseException]) -> str:
    """Return the system's own message in parentheses, otherwise that of the first cause."""
    for cause in reversed(causes):
        reason = getattr(cause, "reason", None)
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f" ({shorten(cause.verify_message)})"
        if isinstance(cause, ssl.SSLError) and isinstance(reason, str):
            return f" ({shorten(reason.replace('_', ' ').lower())})"
        if isinstance(cause, OSError) and cause.strerror:
            return f" ({shorten(cause.strerror)})"

    text = shorten(str(causes[-1]))
    return f" ({text})" if text else ""


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and the errors that it names as its causes, from the last to the first.

    The context is not a cause: it might be an error that the caller is just handling.
    """
    seen: set[int] = set()
    pending: list[Any] = [error]
    while pending:
        cause = pending.pop()
        if not isinstance(cause, BaseException) or id(cause) in seen:
            continue

        seen.add(id(cause))
        yield cause

        pending += cause.args
        pending.append(getattr(cause, "reason", None))
        pending.append(getattr(cause, "original_error", None))
        pending.append(cause.__cause__)
