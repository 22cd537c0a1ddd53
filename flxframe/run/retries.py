"""Decide which requests can be sent again, and after how long.

===========  ==================================  =====================================
verdict      what happened                       sent again
===========  ==================================  =====================================
final        the server accepted or refused it   no
throttled    429                                 yes, at the widened pace
unavailable  503 with Retry-After                yes, up to `UNREACHED_TRIES` requests
unreached    not connected, so nothing was sent  yes, up to `UNREACHED_TRIES` requests
unsure       sent, but its outcome is unknown    only with ``retry_unknown=True``
===========  ==================================  =====================================
"""

from __future__ import annotations

import email.utils
import time
from typing import Literal, TypeAlias

from flxframe.request.scalars import parse_number

Verdict: TypeAlias = Literal["final", "throttled", "unavailable", "unreached", "unsure"]

UNREACHED_TRIES = 6

MAX_WAIT = 300.0
"""Seconds. A longer `Retry-After` is treated as a mistake, so that a run never waits for hours."""

_FIRST_BACKOFF = 0.5
_MAX_BACKOFF = 30.0


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
    if verdict == "final" or (verdict == "unsure" and not retry_unknown):
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


def parse_retry_after(header: str | None, *, now: float | None = None) -> float | None:
    """Read a `Retry-After` header: seconds, or a date.

    Parameters
    ----------
    header : str, optional
        The header's value.
    now : float, optional
        Seconds since the epoch; the system's time by default.

    Returns
    -------
    float or None
        Seconds from now, at most `MAX_WAIT`; None if the header is missing or unusable.

    Examples
    --------
    >>> parse_retry_after("2"), parse_retry_after("soon"), parse_retry_after("99999999999")
    (2.0, None, None)
    >>> parse_retry_after("Mon, 23 Nov 2026 12:00:05 GMT", now=1795435200.0)
    5.0
    """
    if header is None:
        return None

    seconds = parse_number(header)
    if seconds is None:
        try:
            date = email.utils.parsedate_to_datetime(header).timestamp()
        except (ValueError, OverflowError, OSError):
            return None

        if now is None:
            now = time.time()
        seconds = max(0.0, date - now)

    return float(seconds) if 0 <= seconds <= MAX_WAIT else None
