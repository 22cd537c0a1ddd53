"""Matching the rows of a table with the rows of a journal, by content."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from flxframe.journal.matching import NEW, digest_array, match_rows, reduce_attempts
from flxframe.models import STATUSES
from tests.conftest import orders, run
from tests.journal.conftest import sent_numbers, statuses

_CONTENTS = range(5)
_CODES = {status: code for code, status in enumerate(STATUSES)}
_STATUS_ORDER = ["ok", "unknown", "rejected", "not_sent", "invalid"]


def test_only_new_rows_are_sent_after_rows_are_sorted_inserted_or_deleted(api, path) -> None:
    """Rows are identified by content, so a corrected row is new."""
    table = orders(6)
    run(table, api, journal=path)

    table = pd.concat([table.drop(index=2).sample(frac=1, random_state=1), orders(8).tail(1)])
    table.loc[4, "objects.order.number"] = "corrected"
    result = run(table, api, journal=path)

    assert sent_numbers(api)[6:] in (["corrected", "00007"], ["00007", "corrected"])
    assert statuses(result) == ["ok"] * 6


def test_equal_rows_are_counted_not_merged(api, path) -> None:
    """Three equal rows run three times, and a fourth one runs once more."""
    table = pd.concat([orders(1)] * 3, ignore_index=True)
    run(table, api, journal=path)
    assert len(api.runs) == 3

    run(pd.concat([orders(1)] * 4, ignore_index=True), api, journal=path)
    assert len(api.runs) == 4

    run(table.head(2), api, journal=path)
    assert len(api.runs) == 4


def test_the_last_attempt_of_a_row_counts_unless_one_was_ok() -> None:
    """All of its attempts are counted."""
    attempts = ["rejected", "ok", "unknown", "not_sent", "rejected"]
    codes = np.array([_CODES[status] for status in attempts], dtype="int8")
    digests = digest_array(b"A" * 48 + b"B" * 32)

    known = reduce_attempts(digests, np.zeros(5, dtype="int32"), codes, np.arange(5))

    assert [STATUSES[code] for code in known.codes] == ["ok", "rejected"]
    assert known.attempts.tolist() == [1, 4]
    assert known.tries.tolist() == [3, 2]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4))), st.lists(st.integers(0, 4)))
def test_the_row_that_has_progressed_furthest_is_matched_first(
    journal: list[tuple[int, int]], table: list[int]
) -> None:
    """A simple model agrees: rows match by content, each once, and new rows get new numbers."""
    match = match_rows(_digests(table), _known(journal))

    codes = [_CODES.get(status, NEW) for status in _expected(journal, table)]
    assert match.codes.tolist() == codes

    numbered = list(zip(table, match.nth.tolist(), strict=True))
    assert len(set(numbered)) == len(numbered)


def _digests(contents: list[int]) -> bytes:
    return b"".join(bytes([65 + content]) * 16 for content in contents)


def _known(journal: list[tuple[int, int]]):
    nth, counts = [], dict.fromkeys(_CONTENTS, 0)
    for content, _ in journal:
        nth.append(counts[content])
        counts[content] += 1

    digests = digest_array(_digests([content for content, _ in journal]))
    codes = np.array([status for _, status in journal], dtype="int8")
    return reduce_attempts(digests, np.array(nth, dtype="int32"), codes, np.arange(len(nth)))


def _expected(journal: list[tuple[int, int]], table: list[int]) -> list[str | None]:
    unmatched = {content: [] for content in _CONTENTS}
    for content, status in journal:
        unmatched[content].append(STATUSES[status])
    for equal_rows in unmatched.values():
        equal_rows.sort(key=_STATUS_ORDER.index)

    expected = []
    for content in table:
        equal_rows = unmatched[content]
        expected.append(equal_rows.pop(0) if equal_rows else None)
    return expected
