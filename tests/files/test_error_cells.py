"""Error cells in files that flxframe writes."""

from decimal import Decimal

import pandas as pd
import pytest

from flxframe.files.reading import read_table
from flxframe.files.writing import write_results
from flxframe.models import ErrorCell
from flxframe.preview import preview


@pytest.mark.parametrize("kind", [".xlsx", ".csv", ".tsv", ".jsonl", ".parquet"])
@pytest.mark.parametrize("other", ["x", 7, 1.5, True, {"a": 1}])
@pytest.mark.parametrize(
    "cell",
    [
        *[ErrorCell(text, "it is wrong") for text in ("#N/A", "#NV", "########", "=A1", "9" * 18)],
        *[float("inf"), float("-inf"), Decimal("Infinity")],
    ],
)
def test_what_cannot_be_sent_cannot_be_sent_after_writing_it(tmp_path, kind, other, cell):
    """Its text would be sent as if it were the value, next to cells of any type."""
    cells = pd.Series([cell, other, None], dtype=object)
    table = pd.DataFrame({"eventHandle": ["e"] * 3, "objects.o.c": cells})
    read = read_table(write_results(table, tmp_path / f"t{kind}"))

    errors = preview(read, base_url="http://127.0.0.1:9").rows["error"]
    assert errors.notna().tolist() == [True, False, False]
    assert "objects.o.c" in errors[0]


@pytest.mark.parametrize("kind", [".xlsx", ".csv", ".tsv", ".jsonl", ".parquet"])
def test_a_text_that_looks_like_an_error_stays_a_text(tmp_path, kind):
    """It was not an error in the file that it was read from."""
    table = pd.DataFrame({"objects.o.c": ["#N/A", "#NUM!", "inf"]})
    read = read_table(write_results(table, tmp_path / f"t{kind}"))
    assert read["objects.o.c"].tolist() == ["#N/A", "#NUM!", "inf"]


@pytest.mark.parametrize("kind", [".jsonl", ".parquet"])
def test_an_error_cell_keeps_its_reason(tmp_path, kind):
    """These files have no errors of their own."""
    cell = ErrorCell("#N/A", "Orders!B2 shows the error #N/A")
    table = pd.DataFrame({"objects.o.c": pd.Series([cell, "x"], dtype=object)})
    read = read_table(write_results(table, tmp_path / f"t{kind}"))
    assert read["objects.o.c"].tolist() == [cell, "x"]
