"""Matching the rows of a table with the rows of a journal, by content."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from flxframe.journal.known import Array
from flxframe.journal.matching import (
    NEW,
    digest_array,
    match_digests,
    number_new_rows,
    progress_ranks,
)
from flxframe.models import STATUSES
from tests.conftest import orders, run
from tests.journal.conftest import sent_numbers, statuses

_CONTENTS = range(5)
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


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4))), st.lists(st.integers(0, 4)))
def test_rows_match_in_order_or_those_that_progressed_furthest_first(
    journal: list[tuple[int, int]], table: list[int]
) -> None:
    """A simple model agrees: rows match by content, each once; some are left if too many ran."""
    known = _digests([content for content, _ in journal])
    codes = np.array([code for _, code in journal], dtype="int8")
    rows = _digests(table)

    matches = match_digests(rows, known, progress_ranks(codes), np.arange(len(codes)))
    found = [None if match == NEW else STATUSES[codes[match]] for match in matches]
    assert found == _expected(journal, table)
    matched = matches[matches != NEW].tolist()
    assert len(set(matched)) == len(matched)


@given(st.lists(st.integers(0, 4)), st.lists(st.integers(0, 4)))
def test_new_rows_are_numbered_after_all_known_ones(known: list[int], table: list[int]) -> None:
    """Equal rows are never numbered alike, even if the numbers in the journal have gaps."""
    nth = np.arange(len(known)) * 3
    numbers = number_new_rows(_digests(table), _digests(known), nth)

    numbered = [*zip(known, nth, strict=True), *zip(table, numbers, strict=True)]
    assert len(set(numbered)) == len(numbered)


def _digests(contents: list[int]) -> Array:
    return digest_array(b"".join(bytes([65 + content]) * 16 for content in contents))


def _expected(journal: list[tuple[int, int]], table: list[int]) -> list[str | None]:
    unmatched = {content: [] for content in _CONTENTS}
    for content, status in journal:
        unmatched[content].append(STATUSES[status])
    for content, equal_rows in unmatched.items():
        if table.count(content) < len(equal_rows):
            equal_rows.sort(key=_STATUS_ORDER.index)

    expected = []
    for content in table:
        equal_rows = unmatched[content]
        expected.append(equal_rows.pop(0) if equal_rows else None)
    return expected
