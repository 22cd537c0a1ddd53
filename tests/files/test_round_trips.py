"""What is sent from a file is what was sent from the table that was written to it."""

import math
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from flxframe.files.reading import read_table
from flxframe.files.writing import write_results
from flxframe.models import ErrorCell
from tests.files.tricky import TEXTS, VALUES, columns, one_column, sent

WHOLE = [0.0, 7.0, 1e22, 1.5e300]
"""Next to blanks, a large one is refused, since only blanks might have made it a float."""

KINDS = ["xlsx", "csv", "tsv", "jsonl", "parquet"]


def test_there_are_many_tricky_cells():
    """Each kind of cell is there."""
    assert len(TEXTS) + len(VALUES) >= 112


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("cells", [TEXTS, VALUES], ids=["texts", "values"])
def test_a_cell_among_blanks_is_sent_from_a_file_as_before(tmp_path, kind, cells):
    """Each cell decides the type of its column."""
    cells = [cell for cell in cells if type(cell) is not float or cell not in WHOLE]
    table = columns(cells)
    (before,) = sent(table.iloc[1:2])[:1]
    path = write_results(table, tmp_path / f"t.{kind}")
    after = sent(read_table(path))[1]
    assert differences(after, before, cells) == {}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("cells", [TEXTS, VALUES, TEXTS + VALUES], ids=["texts", "values", "all"])
def test_a_cell_among_others_is_sent_from_a_file_as_before(tmp_path, kind, cells):
    """One cell does not change the others of its column."""
    table = one_column(cells)
    after = read_table(write_results(table, tmp_path / f"t.{kind}"))
    changed = [
        (cell, new, old)
        for cell, new, old in zip(cells, sent(after), sent(table), strict=True)
        if new != old
    ]
    assert changed == []


def differences(after, before, cells):
    """Return the cells of the second row that are sent in another way than before."""
    assert isinstance(after, dict), after
    changed = {}
    for number, cell in enumerate(cells):
        old, new = before["c"].get(str(number)), after["c"].get(str(number))
        if old != new:
            changed[repr(cell)] = (new, old)
    return changed


def test_what_cannot_be_sent_is_refused_again_after_it_was_written(tmp_path):
    """An error value and infinity are not texts; texts that look like them are."""
    cells = [1.5, math.inf, -math.inf, ErrorCell("#N/A", "it is an error"), "#N/A", "inf", "-inf"]
    table = pd.DataFrame({"a": pd.Series(cells, dtype=object)})
    again = read_table(write_results(table, tmp_path / "table.csv"))["a"].tolist()

    assert again[0] == 1.5
    assert all(isinstance(cell, ErrorCell) for cell in again[1:4])
    assert [cell.text for cell in again[1:4]] == ["#NUM!", "#NUM!", "#N/A"]
    assert again[4:] == cells[4:]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "cells",
    [
        pd.Series([0.1, 16777216.0], dtype="float32"),
        pd.Series([0.1, None], dtype="Float32"),
        pd.Series([0.1, 2.5], dtype="float16"),
        pd.Series([820982911946154508, None], dtype="Int64"),
        pd.Series(np.array([2**64 - 1, 1], dtype="uint64")),
        pd.Series([Decimal("820982911946154508"), Decimal("1E-400")]),
        pd.Series([Decimal("-12345678901234567890.5"), "12345678901234567890.5"]),
        pd.Series([7.0, None]),
    ],
    ids=["float32", "Float32", "float16", "Int64", "uint64", "decimals", "texts", "integral"],
)
def test_the_digits_of_a_column_come_back(tmp_path, kind, cells):
    """Neither its dtype nor a text in it costs a digit."""
    table = pd.DataFrame({"objects.key": ["a", "b"], "objects.c": cells})
    assert sent(read_table(write_results(table, tmp_path / f"t.{kind}"))) == sent(table)


@pytest.mark.parametrize("kind", KINDS)
def test_an_integer_that_lost_its_digits_stays_refused(tmp_path, kind):
    """Blanks made its column float."""
    table = pd.DataFrame({"objects.key": ["a", "b", "c"], "objects.c": [1.0, None, 2.0**60]})
    assert "lost the last digits" in sent(table)[2]
    again = sent(read_table(write_results(table, tmp_path / f"t.{kind}")))
    assert again[:2] == sent(table)[:2]
    assert "digits" in again[2]
