"""The marks of lines, folded to those of their order."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from flxframe.exceptions import TableError
from flxframe.request.fingerprints import OTHER_LINES, Fingerprint, parse
from flxframe.request.groups import find_groups
from flxframe.request.line_marks import fold_marks, line_order
from flxframe.request.marks import read_marks

TAGS = {"options": b"options", "place": b"url", "token": b"tokn", "occasion": b"day"}


def fingerprint(line: int, lines: int, *, status="ok", id=b"0123456789") -> str:
    """Return the fingerprint of a line."""
    own = Fingerprint(status, True, id, b"contents", line=line, lines=lines, **TAGS)
    return str(own)


def folded(fingerprints: list, statuses: list | None = None) -> pd.DataFrame:
    """Return the folded marks of one order."""
    columns = {"Order": ["A"] * len(fingerprints), "run.fingerprint": fingerprints}
    if statuses is not None:
        columns["run.status"] = statuses
    lines = pd.DataFrame(columns)
    groups = find_groups(lines, ["Order"], fill_down=False)
    return fold_marks(lines, read_marks(lines), groups, pd.DataFrame(index=range(1)))


def test_the_lines_of_a_whole_order_have_its_fingerprint() -> None:
    """In whatever order they are; then they are put in the one in which they were sent."""
    texts = [fingerprint(2, 3), fingerprint(3, 3), fingerprint(1, 3)]
    (text,) = folded(texts)["run.fingerprint"]
    assert parse(text).content == b"contents"
    assert parse(text).lines == 0

    lines = pd.DataFrame({"Order": "A", "run.fingerprint": texts})
    groups = find_groups(lines, ["Order"], fill_down=False)
    order = line_order(read_marks(lines), groups)
    assert groups.sorted(order).of(0) == [2, 0, 1]


@pytest.mark.parametrize(
    "texts",
    [
        [fingerprint(1, 2)],
        [fingerprint(1, 1), None],
        [fingerprint(1, 2), fingerprint(1, 2)],
        [fingerprint(1, 2), fingerprint(2, 2), fingerprint(2, 2)],
        [fingerprint(1, 2), fingerprint(2, 2, id=b"abcdefghij")],
        [None, fingerprint(1, 1)],
        [fingerprint(0, 0)],
    ],
)
def test_an_order_with_other_lines_is_not_as_it_was(texts) -> None:
    """Its content fits no request, so the run asks."""
    (text,) = folded(texts)["run.fingerprint"]
    assert parse(text).content == OTHER_LINES


def test_an_order_that_was_rejected_needs_no_question() -> None:
    """A line can be added to it."""
    (text,) = folded([fingerprint(1, 1, status="rejected"), None])["run.fingerprint"]
    assert parse(text).content == b"contents"


@pytest.mark.parametrize("status", ["rejected", "not_sent", "invalid"])
def test_a_line_of_an_order_that_is_missing_needs_one(status) -> None:
    """A filtered table would send truncated orders."""
    (text,) = folded([fingerprint(2, 2, status=status)])["run.fingerprint"]
    assert parse(text).content == OTHER_LINES


def test_two_statuses_that_contradict_each_other_are_neither() -> None:
    """Nobody can set invalid, so the call asks."""
    texts = [fingerprint(line, 2, status="unknown") for line in (1, 2)]
    assert folded(texts, ["not_sent", "ok"])["run.status"].tolist() == ["invalid"]


def test_a_status_that_a_person_set_on_one_line_counts() -> None:
    """The order was unknown, and ran."""
    texts = [fingerprint(line, 2, status="unknown") for line in (1, 2)]
    assert folded(texts, ["unknown", "ok"])["run.status"].tolist() == ["ok"]


def test_changes_are_summed() -> None:
    """They are counted once, on the lines that have them."""
    lines = pd.DataFrame({"Order": ["A", "A", "B"], "run.changes": [2, 1, None]})
    groups = find_groups(lines, ["Order"], fill_down=False)
    table = fold_marks(lines, read_marks(lines), groups, pd.DataFrame(index=range(2)))
    assert table["run.changes"].tolist() == [3, pd.NA]
    assert line_order(read_marks(lines), groups) is None


def test_a_changed_number_of_a_line_is_noticed() -> None:
    """A spreadsheet that fills cells down counts a number at the end up."""
    text = fingerprint(1, 2)
    lines = pd.DataFrame({"Order": ["A"], "run.fingerprint": [text.replace("1/2", "1/3")]})
    groups = find_groups(lines, ["Order"], fill_down=False)
    with pytest.raises(TableError, match="it was changed"):
        fold_marks(lines, read_marks(lines), groups, pd.DataFrame(index=range(1)))
    assert parse(text) == replace(parse(text), line=1, lines=2)
    assert np.ndim(text) == 0
