"""The columns that were changed since a row was sent."""

import pandas as pd

from flxframe import Journal
from flxframe.files.reading import read_table
from flxframe.files.writing import write_results
from flxframe.journal.changed import changed_cells
from flxframe.journal.recorded import RecordedRows
from tests.conftest import orders, run
from tests.journal.lookups import lookup_of, rows_in

COUNTRY = "objects.order.shippingAddress.countryCode"
TOTAL = "objects.order.total"


def changes(table: pd.DataFrame, api, path, **arguments: object) -> list[list[str]]:
    """Return the changed columns of each row that is asked about."""
    lookup = lookup_of(table, api.url, **arguments)
    journal = None if path is None else RecordedRows(path)
    decisions = lookup.decide(rows_in(lookup), journal)
    return [
        sorted(cells) for cells in changed_cells(decisions, lookup, journal, [*decisions.doubts])
    ]


def test_a_changed_cell_is_named_and_what_the_workflow_changed_is_not(api, path) -> None:
    """The row is compared with what the workflow left."""
    table = orders(3).assign(**{COUNTRY: "CA", TOTAL: [1, 2, 3]})
    result = run(table, api, journal=path)
    assert result["objects.order.status"].tolist() == ["Hold"] * 3
    result.loc[1, TOTAL] = 7
    result.loc[2, [COUNTRY, "objects.order.status"]] = ["US", None]

    assert changes(result, api, path) == [[TOTAL], [COUNTRY, "objects.order.status"]]


def test_a_column_is_named_as_in_the_table(api, path) -> None:
    """Not by its path in the request."""
    how = {"columns": {"Country": COUNTRY}}
    result = run(
        orders(1).assign(Country="US"), api, journal=path, event_handle="order_import", **how
    )
    result["Country"] = "GB"

    assert changes(result, api, path, **how) == [["Country"]]


def test_a_value_that_a_file_spells_differently_is_not_named(api, path) -> None:
    """7.0 is 7 and a blank is nothing; only the edited cell counts."""
    table = orders(2).assign(**{TOTAL: [7.0, 8.5], "objects.order.note": [None, ""]})
    result = run(table, api, journal=path)
    saved = read_table(write_results(result, path.parent / "out.csv"))
    saved["objects.order.number"] = ["edited", "00001"]

    assert changes(saved, api, path) == [["objects.order.number"]]


def test_a_null_of_the_server_is_the_blank_of_the_result(api, path) -> None:
    """It is not named either."""
    api.add_workflow("order_import", lambda objects: objects["order"].update(note=None, new=None))
    result = run(orders(1).assign(**{"objects.order.note": "x"}), api, journal=path)
    result["objects.order.number"] = "edited"

    assert changes(result, api, path) == [["objects.order.number"]]


def test_without_the_bodies_nothing_is_named(api, path) -> None:
    """No journal, one that does not know the row, or one that has forgotten what was sent."""
    result = run(orders(2), api, journal=path)
    result["objects.order.number"] = ["x", "y"]
    other = path.with_name("other.db")
    run(orders(3).tail(1), api, journal=other)

    assert changes(result, api, None) == []
    assert changes(result, api, other) == []
    assert changes(result, api, path) == [["objects.order.number"]] * 2
    Journal(path).prune(before="2100-01-01")
    assert changes(result, api, path) == []
