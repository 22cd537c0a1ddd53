"""Count rows in a row that failed for the same reason, in the order in which they started. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable


class Streaks:
    """The rows of a token that failed, by their reason.

    Answers come in any order, so a row joins the streaks before and after it. A row that has no
    answer yet separates two streaks, since it might be ok.

    Examples
    --------
    >>> streaks = Streaks()
    >>> for position in (10, 11, 12):
    ...     streaks.start(position)
    >>> streaks.fail(10, "500"), streaks.fail(12, "500"), streaks.fail(11, "500")
    (1, 1, 3)
    """

    def __init__(self) -> None:
        self._started = 0
        self._last_reason: Hashable = None
        # All rows from this one on have failed for the last reason, or have no answer yet.
        self._doubtful_from = 0
        self._numbers: dict[int, int] = {}
        # Of each streak, its length by the number of its first row, and by that of its last.
        self._firsts: defaultdict[Hashable, dict[int, int]] = defaultdict(dict)
        self._lasts: defaultdict[Hashable, dict[int, int]] = defaultdict(dict)

    def start(self, position: int) -> None:
        """Note that a row is sent for the first time."""
        self._numbers[position] = self._started
        self._started += 1

    def fail(self, position: int, reason: Hashable) -> int:
        """Count a row that failed, and return the length of its streak."""
        number = self._numbers.pop(position)
        if self._last_reason not in (None, reason):
            self._doubtful_from = max(self._doubtful_from, number)
        self._last_reason = reason

        firsts, lasts = self._firsts[reason], self._lasts[reason]
        before = lasts.pop(number - 1, 0)
        after = firsts.pop(number + 1, 0)

        length = before + 1 + after
        firsts[number - before] = length
        lasts[number + after] = length
        return length

    def end(self, position: int) -> None:
        """Note that a row did not fail."""
        number = self._numbers.pop(position)
        self._doubtful_from = max(self._doubtful_from, number + 1)

    @property
    def doubtful(self) -> int:
        """The number of rows at the end that might turn out to be one streak."""
        return self._started - self._doubtful_from
