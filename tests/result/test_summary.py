"""The rows of a result are counted by status and error."""

import pandas as pd
import pytest

from flxframe import summary
from flxframe.exceptions import TableError
from flxframe.result.summary import stop_reason
from tests.conftest import orders, run


def test_errors_that_differ_in_an_id_are_counted_together() -> None:
    """The line has the number of rows, and the positions of some of them."""
    result = pd.DataFrame(
        {
            "run.status": ["rejected", "ok", "rejected"],
            "run.http_status": pd.array([400, 200, 400], dtype="Int64"),
            "run.error": ["order 17 is unknown", None, "order 23 is unknown"],
        }
    )
    counts = summary(result)

    assert counts["status"].tolist() == ["ok", "rejected"]
    assert counts["rows"].tolist() == [1, 2]
    assert counts["examples"].tolist() == ["1", "0, 2"]


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
def test_only_errors_with_the_same_cause_are_counted_together(
    first: str, second: str, lines: int
) -> None:
    """If two causes shared a line, one of them would be hidden."""
    errors = {"run.status": "rejected", "run.http_status": 400, "run.error": [first, second]}
    assert len(summary(pd.DataFrame(errors))) == lines


def test_the_lines_are_sorted_by_status_and_number_of_rows() -> None:
    """A status that flxframe does not know comes last."""
    statuses = ["odd", "not_sent", "rejected", "rejected", "rejected", "ok"]
    errors = ["x", "x", "rare", "common", "common", None]
    result = pd.DataFrame({"run.status": statuses, "run.http_status": None, "run.error": errors})
    counts = summary(result)

    assert counts["status"].tolist() == ["ok", "rejected", "rejected", "not_sent", "odd"]
    assert counts["error"].tolist()[1:3] == ["common", "rare"]


def test_a_line_has_five_examples_at_most() -> None:
    """They are the positions of the first rows."""
    result = pd.DataFrame({"run.status": ["ok"] * 7, "run.http_status": 200, "run.error": None})
    assert summary(result)["examples"].tolist() == ["0, 1, 2, 3, 4"]


def test_a_result_without_rows_has_a_summary_without_lines() -> None:
    """It has the same columns as any other."""
    result = pd.DataFrame({"run.status": [], "run.http_status": [], "run.error": []})
    counts = summary(result)

    assert counts.columns.tolist() == ["status", "http_status", "error", "rows", "examples"]
    assert len(counts) == 0


def test_a_table_without_a_status_is_refused() -> None:
    """The message names the column."""
    with pytest.raises(TableError, match=r"expects a result .* no column 'run\.status'"):
        summary(pd.DataFrame({"a": [1]}))


@pytest.mark.parametrize(
    ("value", "described"),
    [
        (None, "a value of type NoneType"),
        ("orders.xlsx", r"'orders\.xlsx'; to read a file, use read_table"),
        ([1], r"a list with 1 at position 0"),
    ],
)
def test_a_summary_refuses_a_value_that_is_not_a_table(value, described) -> None:
    """A file name is refused as well; the message says how to read the file."""
    with pytest.raises(TableError, match=rf"summary\(\) expects a table, .* not {described}"):
        summary(value)


def test_the_stop_reason_is_none_for_a_run_that_was_not_stopped() -> None:
    """Otherwise it is the reason that the run recorded."""
    result = pd.DataFrame({"run.status": ["ok"]})

    assert stop_reason(result) is None
    result.attrs["flxframe"] = {"stopped": "deadline"}
    assert stop_reason(result) == "deadline"


def test_rows_without_a_token_are_alike_whatever_their_cells_contain(api) -> None:
    """A sheet can have thousands of unknown names."""
    table = orders(6).assign(store=["A", "C", "D", "E", "F", None])
    tokens = {"A": api.token, "B": "another"}
    result = run(table, api, token=tokens, token_column="store")
    assert summary(result)["rows"].tolist() == [1, 4, 1]
