"""What may be sent again, and after how long. Pure: no network, no clock, no disk.

=============  ==============================================  ==========================================
verdict        what happened                                   sent again
=============  ==============================================  ==========================================
final          the server answered, and that is that           no
throttled      429                                             yes, at the widened pace
unavailable    503 with Retry-After                            yes, up to `UNREACHED_TRIES` requests
unreached      no connection came about, so nothing was sent   yes, up to `UNREACHED_TRIES` requests
unsure         sent, but what came of it is not known          only with ``retry_unknown=True``
=============  ==============================================  ==========================================
"""

from __future__ import annotations

import email.utils
import time
from typing import Literal, TypeAlias

Verdict: TypeAlias = Literal["final", "throttled", "unavailable", "unreached", "unsure"]


UNREACHED_TRIES = 6


LONGEST_WAIT = 300.0
"""Seconds. A `Retry-After` beyond it is taken for a mistake: a run that stands still for hours helps nobody."""


_FIRST_WAIT = 0.5


_LONGEST_BACKOFF = 30.0


def retry_wait(
    verdict: Verdict,
    tries: int,
    *,
    retry_after: float | None,
    jitter: float,
    retry_unknown: bool = False,
) -> float | None:
    """Say how long to wait before a row is sent again.

    Parameters
    ----------
    verdict : str
        What became of the last request.
    tries : int
        How many requests of this row have left so far.
    retry_after : float, optional
        The seconds that the server asked for.
    jitter : float
        A random number between 0 and 1, so that many runs don't come back at the same instant.
    retry_unknown : bool
        Whether a request that may have run may run again.

    Returns
    -------
    float or None
        Seconds; None if it isn't to be sent again.

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
        # The throttle's widening is the backoff; a newcomer to a busy token may need dozens of tries, and no row is to
        # fail for it. The run gives up on a token that gets nothing else for minutes.
        return retry_after or 0.0
    if tries >= UNREACHED_TRIES:
        return None
    if retry_after is not None:
        return retry_after
    return float(min(_LONGEST_BACKOFF, _FIRST_WAIT * 2 ** (tries - 1)) * (1 + jitter / 2))


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
        Seconds from now, at most `LONGEST_WAIT`; None where the header says nothing usable.

    Examples
    --------
    >>> parse_retry_after("2"), parse_retry_after("soon"), parse_retry_after("99999999999")
    (2.0, None, None)
    >>> parse_retry_after("Mon, 23 Nov 2026 12:00:05 GMT", now=1795435200.0)
    5.0
    """
    if header is None:
        return None
    try:
        seconds = float(header)
    except ValueError:
        try:
            date = email.utils.parsedate_to_datetime(header)
            seconds = max(0.0, date.timestamp() - (time.time() if now is None else now))
        except (ValueError, OverflowError, OSError):
            return None
    return seconds if 0 <= seconds <= LONGEST_WAIT else None
