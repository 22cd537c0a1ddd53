"""Decide which requests can be sent again, and after how long.

===========  ==================================  =====================================
verdict      what happened                       sent again
===========  ==================================  =====================================
final        the server accepted or refused it   no
refused      the token was refused: 401, 403     no
throttled    429                                 yes, at the widened pace
unavailable  503 with Retry-After                yes, up to `UNREACHED_TRIES` requests
untrusted    the certificate is not trusted      no
unreached    not connected, so nothing was sent  yes, up to `UNREACHED_TRIES` requests
unsure       sent, but its outcome is unknown    only with ``retry_unknown=True``
===========  ==================================  =====================================

A row is not sent again by this run if the server asks for more than `MAX_WAIT`.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import time
from typing import Literal, TypeAlias

from flxframe.request.scalars import parse_number

Verdict: TypeAlias = Literal[
    "final", "refused", "throttled", "unavailable", "untrusted", "unreached", "unsure"
]

UNREACHED_TRIES = 6

MAX_WAIT = 300.0
"""Seconds. A longer `Retry-After` stops the token, so that a run never waits for hours."""

_FIRST_BACKOFF = 0.5
_MAX_BACKOFF = 30.0
_YEAR = 366 * 86_400


def retry_wait(
    verdict: Verdict,
    tries: int,
    *,
    retry_after: float | None,
    jitter: float,
    retry_unknown: bool = False,
) -> float | None:
    """Return the seconds to wait before a row is sent again.

    Parameters
    ----------
    verdict : str
        The outcome of the last request.
    tries : int
        The number of requests that were sent for this row so far.
    retry_after : float, optional
        The seconds that the server asked for.
    jitter : float
        A random number between 0 and 1, so that several runs do not retry at the same time.
    retry_unknown : bool
        Whether to send a request again even though its workflow might have run.

    Returns
    -------
    float or None
        The seconds; None if the row must not be sent again.

    Examples
    --------
    >>> retry_wait("throttled", 1, retry_after=2.0, jitter=0.0)
    2.0
    >>> retry_wait("unreached", 3, retry_after=None, jitter=0.0)
    2.0
    >>> retry_wait("unsure", 1, retry_after=None, jitter=0.0) is None
    True
    """
    if verdict in ("final", "refused", "untrusted") or (verdict == "unsure" and not retry_unknown):
        return None
    if retry_after is not None and retry_after > MAX_WAIT:
        return None

    if verdict == "throttled":
        # The throttle does the backoff. A new run on a busy token can need dozens of tries, which
        # must not fail a row; the run stops a token that gets only 429s for minutes.
        return retry_after or 0.0

    if tries >= UNREACHED_TRIES:
        return None
    if retry_after is not None:
        return retry_after

    backoff = min(_MAX_BACKOFF, _FIRST_BACKOFF * 2 ** (tries - 1))
    return float(backoff * (1 + jitter / 2))


def parse_retry_after(
    header: str | None, *, date: str | None = None, now: float | None = None
) -> float | None:
    """Read a `Retry-After` header: seconds, or a date.

    Parameters
    ----------
    header : str, optional
        The header's value.
    date : str, optional
        The `Date` header of the same answer: the server's clock might differ from this one's.
    now : float, optional
        Seconds since the epoch, used without a valid `date`; the system's time by default.

    Returns
    -------
    float or None
        Seconds from now; None if the header is missing or unusable.

    Examples
    --------
    >>> parse_retry_after("2"), parse_retry_after("soon")
    (2.0, None)
    >>> server_time = "Mon, 23 Nov 2026 12:00:00 GMT"
    >>> parse_retry_after("Mon, 23 Nov 2026 12:00:05 GMT", date=server_time)
    5.0
    """
    if header is None:
        return None

    seconds = parse_number(header)
    if seconds is not None:
        return float(seconds) if seconds >= 0 else None

    end = _parse_date(header)
    if end is None:
        return None

    start = None if date is None else _parse_date(date)
    if start is None:
        start = time.time() if now is None else now
    return max(0.0, end - start)


def _parse_date(header: str) -> float | None:
    """Return the date of a header in seconds since the epoch; None if it is not valid."""
    try:
        date = email.utils.parsedate_to_datetime(header)
        # All dates of HTTP are in GMT, even if they don't say so.
        return (date if date.tzinfo else date.replace(tzinfo=dt.UTC)).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


def describe_wait(seconds: float, *, now: float | None = None) -> str:
    """Return until when a wait lasts, in local time with its zone.

    Parameters
    ----------
    seconds : float
        The length of the wait.
    now : float, optional
        Seconds since the epoch; the system's time by default.

    Examples
    --------
    >>> describe_wait(1e9)
    'for more than a year'
    """
    if seconds > _YEAR:
        return "for more than a year"

    start = time.time() if now is None else now
    end = dt.datetime.fromtimestamp(start + seconds).astimezone()
    return f"until {end:%Y-%m-%d %H:%M:%S %Z}"
