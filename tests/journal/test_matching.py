"""Matching rows of a table with rows of a journal, by content."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from flxframe.journal.matching import NEW, digest_array, known_rows, match_rows
from flxframe.models import STATUSES, RunWorkflowRequest
from flxframe.request.identity import digest
from tests.conftest import orders, run
from tests.journal.conftest import sent_numbers


def test_sorted_inserted_deleted_and_mended_rows_send_what_is_new(api, path) -> None:
    """Rows are known by content."""
    table = orders(6)
    run(table, api, journal=path)
    table = pd.concat([table.drop(index=2).sample(frac=1, random_state=1), orders(8).tail(1)])
    table.loc[4, "objects.order.number"] = "mended"
    result = run(table, api, journal=path)
    assert sent_numbers(api)[6:] in (["mended", "00007"], ["00007", "mended"])
    assert result["run.status"].tolist() == ["ok"] * 6


def test_equal_rows_are_counted_not_merged(api, path) -> None:
    """Three equal rows run three times; a fourth one runs once more."""
    table = pd.concat([orders(1)] * 3, ignore_index=True)
    run(table, api, journal=path)
    assert len(api.runs) == 3
    run(pd.concat([orders(1)] * 4, ignore_index=True), api, journal=path)
    assert len(api.runs) == 4
    run(table.head(2), api, journal=path)
    assert len(api.runs) == 4


def test_the_same_content_is_the_same_row() -> None:
    """Whatever the order of the columns."""
    one = RunWorkflowRequest(eventHandle="e", objects={"a": 1, "b": "x"})
    assert digest(one) == digest(RunWorkflowRequest(eventHandle="e", objects={"b": "x", "a": 1}))
    assert digest(one) != digest(RunWorkflowRequest(eventHandle="e", objects={"b": "x", "a": "1"}))


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4))), st.lists(st.integers(0, 4)))
def test_matching_takes_what_is_furthest_first(
    journal: list[tuple[int, int]], table: list[int]
) -> None:
    """As a plain model does: by content, each row of the journal once, new rows with numbers of their own."""
    name = [bytes([65 + content]) * 16 for content in range(5)]
    nth, counts = [], {}
    for content, _ in journal:
        nth.append(counts.setdefault(content, 0))
        counts[content] += 1
    digests = digest_array(b"".join(name[content] for content, _ in journal))
    codes = np.array([status for _, status in journal], dtype="int8")
    known = known_rows(digests, np.array(nth, dtype="int32"), codes, np.arange(len(nth)))
    match = match_rows(b"".join(name[content] for content in table), known)
    order = ["ok", "unknown", "rejected", "not_sent", "invalid"]
    left = {
        content: sorted(
            (STATUSES[status] for other, status in journal if other == content), key=order.index
        )
        for content in range(5)
    }
    expected = [left[content].pop(0) if left[content] else None for content in table]
    assert [None if code == NEW else STATUSES[code] for code in match.codes] == expected
    used = [(content, number) for content, number in zip(table, match.nth.tolist(), strict=True)]
    assert len(set(used)) == len(used)
