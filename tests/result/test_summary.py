"""Rows counted by status and error."""

import pandas as pd
import pytest

from flxframe import summary
from flxframe.exceptions import TableError


def test_a_summary_makes_one_line_of_errors_that_differ_in_an_id() -> None:
    """With how many there are, and which rows to look at."""
    result = pd.DataFrame(
        {
            "run.status": ["rejected", "ok", "rejected"],
            "run.http_status": pd.array([400, 200, 400], dtype="Int64"),
            "run.error": ["order 17 is unknown", None, "order 23 is unknown"],
        }
    )
    counted = summary(result)
    assert counted["status"].tolist() == ["ok", "rejected"]
    assert counted["rows"].tolist() == [1, 2]
    assert counted["examples"].tolist() == ["1", "0, 2"]


@pytest.mark.parametrize(
    ("first", "second", "lines"),
    [
        ("order A123 is unknown", "order B456 is unknown", 1),
        ("id 5f2b8c1e-0a1b-4bbb-8ccc-1234567890ab", "id a32b8c1e-0a1b-4bbb-8ccc-1234567890ab", 1),
        ("request id: req_8fJk2L failed", "request id: req_9aBc3D failed", 1),
        ("at 2026-01-01T00:00:00Z", "at 2026-01-02T10:10:10Z", 1),
        ("bob@example.com has no order", "al@example.org has no order", 1),
        ("SKU 'RED-L' is unknown", "SKU 'BLUE-M' is unknown", 1),
        (
            "column 'params.a' must be a whole number, not 'x'",
            "column 'params.a' must be a whole number, not 'a b'",
            1,
        ),
        (
            "column 'params.a' must be a whole number, not 'x'",
            "column 'params.b' must be a whole number, not 'x'",
            2,
        ),
        ("400: field 'sku' is missing", "400: field 'price' is missing", 2),
        ("400: 'sku' is missing", "400: 'price' is missing", 2),
        ("400: addressLine1 is missing", "400: addressLine2 is missing", 2),
        ("don't send it, it's late", "don't send it, that's late", 2),
    ],
)
def test_errors_are_alike_that_differ_in_an_id_and_not_in_what_is_wrong(
    first: str, second: str, lines: int
) -> None:
    """Two causes in one line would hide one of them."""
    errors = {"run.status": "rejected", "run.http_status": 400, "run.error": [first, second]}
    assert len(summary(pd.DataFrame(errors))) == lines


@pytest.mark.parametrize("value", [None, "orders.xlsx", [1]])
def test_a_summary_refuses_a_value_that_is_not_a_table(value) -> None:
    """A file name is refused as well; the message says how to read the file."""
    with pytest.raises(TableError, match=r"summary\(\) expects a DataFrame, .* use read_table"):
        summary(value)
