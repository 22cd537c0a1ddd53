"""A table is looked up in its own marks and in a journal, before each row is decided about."""

import pandas as pd
import pytest

from flxframe.exceptions import TableError
from flxframe.journal.lookup import run_option_tags
from flxframe.journal.recorded import RecordedRows
from flxframe.options import RunOptions
from flxframe.request.fingerprints import OPTIONS
from tests.conftest import SECOND_TOKEN, TOKEN, orders, run
from tests.journal.conftest import URL
from tests.journal.deciding import actions
from tests.journal.lookups import lookup_of, rows_in

COUNTRY = "objects.order.shippingAddress.countryCode"


def decided(table: pd.DataFrame, base_url: str, path: object, **arguments: object) -> list[str]:
    """Return what would happen to each row."""
    lookup = lookup_of(table, base_url, **arguments)
    journal = None if path is None else RecordedRows(path)
    return actions(lookup.decide(rows_in(lookup), journal))


def test_a_row_is_found_by_what_was_sent_by_what_was_left_and_by_its_fingerprint(api, path) -> None:
    """The table again, the result without its `run.*` columns, and the result."""
    table = orders(2).assign(**{COUNTRY: "CA"})
    result = run(table, api, journal=path)
    cells = result.drop(columns=[name for name in result if name.startswith("run.")])

    assert decided(table, api.url, path) == ["ended"] * 2
    assert decided(cells, api.url, path) == ["ended"] * 2
    assert decided(result, api.url, path) == ["keep"] * 2
    assert decided(result, api.url, None) == ["keep"] * 2
    assert decided(table, api.url, None) == ["send"] * 2


def test_naming_the_journal_answers_for_equal_rows(api, path) -> None:
    """In the call; the same file in the environment is the default's place."""
    run(orders(1), api, journal=path)
    assert decided(orders(1), api.url, path, journal=path) == ["recall"]
    assert decided(orders(1), api.url, path) == ["ended"]


def test_another_place_occasion_or_token_cell_is_another_row(api, path) -> None:
    """A spelling of the place is not."""
    table = orders(1).assign(Store="EU")
    several = {"token": {"EU": TOKEN, "US": TOKEN}, "token_column": "Store"}
    run(table, api, journal=path, **several)

    assert decided(table, api.url, path, **several) == ["ended"]
    assert decided(table, f"{api.url}/".upper(), path, **several) == ["ended"]
    assert decided(table, URL, path, **several) == ["send"]
    assert decided(table, api.url, path, occasion="monday", **several) == ["send"]
    assert decided(table.assign(Store="US"), api.url, path, **several) == ["send"]


def test_a_result_counts_for_its_own_occasion(api) -> None:
    """And for a call without one."""
    result = run(orders(1), api, occasion="monday")
    assert decided(result, api.url, None, occasion="monday") == ["keep"]
    assert decided(result, api.url, None) == ["keep"]
    assert decided(result, api.url, None, occasion="tuesday") == ["send"]


def test_same_account_is_answered_for_each_token_by_any_of_its_names(api, path) -> None:
    """A token without an answer is asked about."""
    table = orders(3).assign(Store=["EU", "US", "UK"])
    run(
        table,
        api,
        journal=path,
        token=dict.fromkeys(("EU", "US", "UK"), TOKEN),
        token_column="Store",
    )
    renewed = {"EU": SECOND_TOKEN, "Europe": SECOND_TOKEN, "US": "another-1", "UK": "another-2"}
    settings = {"token": renewed, "token_column": "Store", "journal": path}

    answers = {"Europe": True, "US": False}
    expected = ["recall", "send", "token"]
    assert decided(table, api.url, path, same_account=answers, **settings) == expected
    assert decided(table, api.url, path, same_account=True, **settings) == ["recall"] * 3


def test_a_fingerprint_that_is_damaged_is_an_error(api) -> None:
    """Its message names the row."""
    result = run(orders(2), api)
    result.loc[1, "run.fingerprint"] = result.loc[1, "run.fingerprint"][:-1] + "!"
    with pytest.raises(TableError, match=r"row 1 .*run\.fingerprint"):
        decided(result, api.url, None)


@pytest.mark.parametrize(("before", "after"), [("omit", "null"), ("null", "omit")])
def test_blanks_that_were_sent_in_another_way_are_asked_about(api, before, after) -> None:
    """Only in rows that have any."""
    table = orders(2).assign(**{"objects.order.note": ["x", None]})
    result = run(table, api, blanks=before)
    assert decided(result, api.url, None, blanks=before) == ["keep", "keep"]
    assert decided(result, api.url, None, blanks=after) == ["keep", "options"]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("event_handle", {"event_handle": "product_update"}),
        ("event_handle", {"event_handle": None, "workflow_id": 12}),
        ("draft", {"draft": False}),
        ("params", {"params": {"a": 1, "b": 3}}),
        ("columns", {"columns": {"Country": COUNTRY}}),
        ("object_handle", {"object_handle": "order"}),
        ("blanks", {"blanks": "null"}),
    ],
)
def test_each_argument_that_decides_the_content_has_a_tag(name, arguments) -> None:
    """So a question can name it; the order of params and columns does not count."""
    how = {"event_handle": "order_import", "params": {"a": 1, "b": 2}}
    tags = run_option_tags(RunOptions(**how))
    others = run_option_tags(RunOptions(**{**how, **arguments}))

    changed = [OPTIONS[number] for number, tag in enumerate(tags) if others[number] != tag]
    assert changed == [name]
    assert run_option_tags(RunOptions(**{**how, "params": {"b": 2, "a": 1}})) == tags
    assert run_option_tags(RunOptions(**how, rate=None, limit=3, occasion="monday")) == tags
