"""Decide when a token stops.

==================================================  ================================
answer                                              the token stops
==================================================  ================================
401                                                 at once
403                                                 at once if no row was ok yet,
                                                    otherwise after 3 in a row
429 or 503, to wait for more than `MAX_WAIT`        at once, and the reason says
                                                    until when
only 429s                                           after `PATIENCE`
not connected, before any answer                    at once
the certificate of the server is not trusted        at once
a failure of the server or the network              after `stop_after_failures` in a row
rejected like the row before, and no row ok yet     after `stop_after_failures` in a row
==================================================  ================================

Rows are "in a row" in the order in which they started.
"""

from __future__ import annotations

from flxframe.options import RunOptions
from flxframe.run.lane import Lane, Stop
from flxframe.run.responses import Attempt
from flxframe.run.retries import MAX_WAIT, describe_wait
from flxframe.text import without_ids

PATIENCE = 300.0
"""Seconds after which a token that gets only 429s stops."""

_MAX_FORBIDDEN = 3

_FAILED = "failed"
_FORBIDDEN = "forbidden"


def find_stop(
    lane: Lane,
    position: int,
    attempt: Attempt,
    options: RunOptions,
    *,
    patient: bool,
) -> Stop | None:
    """Count a row's last answer; return the reason to stop its token, or None if it continues.

    Parameters
    ----------
    lane : Lane
        The token's rows.
    position : int
        The row that was answered.
    attempt : Attempt
        The answer.
    options : RunOptions
        When to stop.
    patient : bool
        False once the token has got only 429s for `PATIENCE`.
    """
    reason, length = _count(lane, position, attempt)
    error = attempt.outcome.error
    retry_after = attempt.retry_after
    if retry_after is not None and retry_after > MAX_WAIT:
        text = f"the server asks to send nothing {describe_wait(retry_after)} (Retry-After)"
        return Stop("failures", text)

    if not patient:
        seconds = f"{PATIENCE:g} s"
        text = f"the server sent only 429s for {seconds}"
        return Stop("failures", text)

    if attempt.verdict == "refused":
        return _stop_of_refusal(lane, position, attempt, length)

    is_useless = attempt.verdict == "unreached" and not lane.has_answer
    if is_useless or attempt.verdict == "untrusted":
        return Stop("failures", str(error))

    limit = options.stop_after_failures
    if limit is None or length < limit:
        return None

    what = "failed" if reason == _FAILED else "were rejected alike"
    text = f"{length} consecutive rows {what}, the last one with: {error}"
    return Stop("failures", text, is_rejection=reason != _FAILED)


def _count(lane: Lane, position: int, attempt: Attempt) -> tuple[object, int]:
    """Return why a row failed, and how many rows in a row did; None and 0 if it did not."""
    outcome = attempt.outcome
    lane.has_ok = lane.has_ok or outcome.status == "ok"

    reason: tuple[int | None, str] | str | None = None
    if attempt.verdict == "refused":
        reason = _FORBIDDEN
    elif attempt.verdict != "final":
        reason = _FAILED
    elif outcome.status == "rejected" and not lane.has_ok:
        reason = (outcome.http_status, without_ids(outcome.error or ""))

    if reason is None:
        lane.streaks.end(position)
        return None, 0
    return reason, lane.streaks.fail(position, reason)


def _stop_of_refusal(lane: Lane, position: int, attempt: Attempt, length: int) -> Stop | None:
    error = attempt.outcome.error
    if attempt.outcome.http_status == 401 or not lane.has_ok:
        text = f"the token was refused at row {position}: {error}"
        return Stop("token", text, is_rejection=True)

    if length >= _MAX_FORBIDDEN:
        text = f"{length} consecutive rows were refused, the last one with: {error}"
        return Stop("token", text, is_rejection=True)
    return None
