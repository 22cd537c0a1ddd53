"""What happens to each row: sent, recalled, waited for, or asked about. Pure.

What can be meant in two ways is a doubt, and never guessed: the caller answers, or the call raises.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from flxframe.journal.known import SILENT, Array, KnownRows
from flxframe.journal.matching import NEW, digest_array
from flxframe.models import STATUSES, Status
from flxframe.request.fingerprints import Fingerprint
from flxframe.request.marks import Mark
from flxframe.request.rows import SendableRows

Resend = Literal["ask", "never", "edited", "all"]

Reason = Literal[
    "ended", "edited", "options", "copy", "place", "token", "status", "silent", "blanks"
]

DONE_CODES = (STATUSES.index("ok"), STATUSES.index("unknown"), SILENT)

_EDITS = ("edited", "options", "blanks")


class Action(enum.IntEnum):
    """What happens to a row."""

    SEND = 0
    RECALL = 1  # its outcome is in the journal
    KEEP = 2  # its outcome is in the table
    WAIT = 3  # another live run has it in flight
    ASK = 4
    INVALID = 5  # it can't be sent, and it isn't recalled


@dataclass(frozen=True, slots=True)
class Doubt:
    """The reason why a row can be meant in two ways.

    Parameters
    ----------
    reason : str
        The reason, as a word.
    known : int
        The index of the known row of the journal; -1 if the doubt comes from the table.
    fingerprint : Fingerprint, optional
        The fingerprint of the row.
    """

    reason: Reason
    known: int = NEW
    fingerprint: Fingerprint | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """How the run would send the rows, and what the caller has answered in advance.

    Parameters
    ----------
    place, occasion, options : bytes
        The tags of the run; see `flxframe.request.fingerprints`.
    has_occasion : bool
        Whether the run has an occasion.
    tokens : list of bytes
        The tag of each token; empty if the tokens are not known.
    of_row : ndarray of int
        The number of the token of each row that can be sent.
    named : bool
        Whether the caller named the journal, so that equal rows are recalled without asking.
    retry_unknown : bool
        Whether rows that are ``unknown`` are sent again.
    resend : str
        The answer to doubts.
    same_account : list of bool or None
        For each token, whether a token that sent a row before is of the same account.
    sensitive : frozenset of int
        The rows whose request differs if their blanks are sent in another way than before.
    """

    place: bytes
    occasion: bytes
    options: bytes
    has_occasion: bool
    tokens: list[bytes]
    of_row: Array
    named: bool
    retry_unknown: bool
    resend: Resend
    same_account: list[bool | None]
    sensitive: frozenset[int] = frozenset()


@dataclass(slots=True)
class Decisions:
    """What happens to each row that can be sent, by its index among these rows.

    Parameters
    ----------
    rows : SendableRows
        The rows.
    marks : dict
        The marks of an earlier run, by index.
    known : KnownRows
        The rows of the journal.
    known_of_id : dict
        The index of the known row that each fingerprint's id names.
    question : Question
        How the rows would be sent, and what was answered.

    Attributes
    ----------
    written : Mapping
        The marks as they were in the table; `marks` loses those that are another row's.
    actions : ndarray of int
        An `Action` for each row.
    continues : ndarray of int
        The known row that it continues, or `NEW`.
    sources : ndarray of int
        The index of the row whose ``run.*`` cells are its outcome, or -1.
    nth : ndarray of int
        Its number among equal rows, if it is sent.
    is_late : ndarray of bool
        Whether it was rejected before, so that it goes last.
    is_unsure : ndarray of bool
        Whether it is sent again although an earlier request might have run.
    corrections : dict
        For each known row that did not run and was corrected, the known row that ran instead.
    settled : dict
        The statuses that a user set for rows that were unknown, by index.
    doubts : dict
        The doubts, by index.
    """

    rows: SendableRows
    marks: dict[int, Mark]
    known: KnownRows
    known_of_id: dict[bytes, int]
    question: Question

    written: Mapping[int, Mark] = field(init=False)
    keys: Array = field(init=False)
    actions: Array = field(init=False)
    continues: Array = field(init=False)
    sources: Array = field(init=False)
    nth: Array = field(init=False)
    is_late: Array = field(init=False)
    is_unsure: Array = field(init=False)
    is_open: Array = field(init=False)
    is_free: Array = field(init=False)
    corrections: dict[int, int] = field(init=False)
    settled: dict[int, Status] = field(default_factory=dict)
    doubts: dict[int, Doubt] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.written = dict(self.marks)
        count = len(self.rows.positions)
        self.keys = digest_array(self.rows.keys)
        self.actions = np.full(count, Action.SEND, dtype="int8")
        self.continues = np.full(count, NEW, dtype="int64")
        self.sources = np.full(count, -1, dtype="int64")
        self.nth = np.zeros(count, dtype="int32")
        self.is_late = np.zeros(count, dtype=bool)
        self.is_unsure = np.zeros(count, dtype=bool)
        self.is_open = np.ones(count, dtype=bool)  # not decided yet

        # The known rows that no row continues. A draft is run again on purpose, unless its run was
        # interrupted.
        self.is_free = ~(self.known.drafts & self.known.run_ended)
        self.corrections = _corrections(self.known)

    def token(self, index: int) -> bytes | None:
        """Return the tag of a row's token; None if it is not known."""
        tokens = self.question.tokens
        number = int(self.question.of_row[index])
        return tokens[number] if tokens and number >= 0 else None

    def same_account(self, index: int) -> bool | None:
        """Return the answer whether another token than the row's is of the same account."""
        number = int(self.question.of_row[index])
        return self.question.same_account[number] if number >= 0 else None

    def claim(self, known: int) -> None:
        """Mark a known row as continued by a row of the table."""
        self.is_free[known] = False

    def settle(self, index: int, action: Action, *, known: int = NEW, source: int = -1) -> None:
        """Decide what happens to a row."""
        self.is_open[index] = False
        self.actions[index] = action
        self.continues[index] = known
        self.sources[index] = source
        if known != NEW:
            self.claim(known)

    def ask(
        self,
        index: int,
        reason: Reason,
        *,
        known: int = NEW,
        fingerprint: Fingerprint | None = None,
    ) -> None:
        """Record a doubt about a row, or decide by the caller's answer."""
        resend = self.question.resend
        if resend == "ask":
            self.settle(index, Action.ASK, known=known)
            self.doubts[index] = Doubt(reason, known, fingerprint)
        elif resend == "edited" and reason in _EDITS:
            self.settle(index, Action.SEND)
        elif known != NEW:
            self.settle(index, Action.RECALL, known=known)
        elif self._is_settled_by_table(index):
            self.settle(index, Action.KEEP, source=index)
        else:
            self.settle(index, Action.SEND)

    def _is_settled_by_table(self, index: int) -> bool:
        """Return whether the table's own cells say what became of the row."""
        mark = self.marks.get(index)
        return mark is not None and (mark.fingerprint is not None or mark.is_done)


def _corrections(known: KnownRows) -> dict[int, int]:
    """Return the known rows that ran instead of those that did not: they have the same id."""
    is_done = np.isin(known.codes, DONE_CODES)
    left = np.flatnonzero(~is_done)
    # Nearly all rows ran, and few of them instead of another one.
    ran = np.flatnonzero(is_done & ~known.drafts & np.isin(known.uids, known.uids[left]))
    by_id = dict(zip(known.uids[ran].tolist(), ran.tolist(), strict=True))

    corrections = {}
    for index, uid in zip(left.tolist(), known.uids[left].tolist(), strict=True):
        if uid in by_id:
            corrections[index] = by_id[uid]
    return corrections
