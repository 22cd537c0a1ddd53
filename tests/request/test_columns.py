"""The columns that are sent, and their paths."""

import pandas as pd
import pytest

from flxframe.exceptions import PathError, SettingError, TableError
from flxframe.request.columns import column_paths
from tests.request.conftest import bodies


def test_a_near_miss_gets_a_warning_with_the_right_spelling() -> None:
    """Otherwise a misspelt field would be left out of the request silently."""
    table = pd.DataFrame({"event_handle": ["x"], "objects.order.a": [1]})

    with pytest.warns(UserWarning, match="did you mean 'eventHandle'"):
        bodies(table)


@pytest.mark.parametrize(
    ("name", "correction"),
    [
        ("object.order.a", "objects.order.a"),
        ("Params.sourceId", "params.sourceId"),
        ("workflow-id", "id"),
        ("DRAFT", "draft"),
    ],
)
def test_a_near_miss_keeps_the_rest_of_its_path(name: str, correction: str) -> None:
    """The warning says how to leave the column out silently."""
    hint = f"did you mean {correction!r}? .* columns={{{name!r}: None}}"
    pattern = hint.replace("?", r"\?").replace("{", r"\{")

    with pytest.warns(UserWarning, match=pattern):
        column_paths(pd.DataFrame(columns=[name]))


@pytest.mark.parametrize(
    ("columns", "error"),
    [
        (["x"], TableError),
        (["objects..a"], PathError),
        (["objects.a", "objects.a"], TableError),
        (["id.x"], PathError),
        (["params.a.b"], PathError),
        (["params[0]"], PathError),
        (["objects[0]"], PathError),
    ],
)
def test_the_error_of_a_table_that_cannot_be_sent_names_the_column(
    columns: list[str], error: type[Exception]
) -> None:
    """It is raised before anything is sent."""
    pattern = columns[0].replace(".", r"\.").replace("[", r"\[")

    with pytest.raises(error, match=pattern):
        bodies(pd.DataFrame([["v"] * len(columns)], columns=columns))


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (["Note"], "columns= must be a dict"),
        ({"Note": 5}, r"columns=\{'Note': 5\}: a path is text"),
        ({"note": None}, r"columns= has 'note', but .* Did you mean 'Note'\?"),
        (
            {"Note": "order.note"},
            r"columns=\{'Note': 'order.note'\}.*did you mean 'objects.order.note'",
        ),
        ({"Note": "note"}, r"columns=\{'Note': 'note'\}.*did you mean 'objects.order.note'"),
        (
            {"Note": "objects..note"},
            r"columns=\{'Note': 'objects..note'\} is not a valid path.*columns=\{'Note': None\}",
        ),
    ],
    ids=repr,
)
def test_the_error_of_a_wrong_path_names_the_column(columns: object, message: str) -> None:
    """The error says what to write instead."""
    table = pd.DataFrame({"eventHandle": ["e"], "Note": ["x"]})

    with pytest.raises((SettingError, PathError, TableError), match=message):
        bodies(table, columns=columns)


def test_two_columns_with_one_path_are_refused() -> None:
    """The error names both columns, and says what to do."""
    table = pd.DataFrame(columns=["objects.order.sku", "SKU"])

    with pytest.raises(
        TableError, match=r"'objects\.order\.sku' and 'SKU' both .* columns=\{'SKU': None\}"
    ):
        column_paths(table, {"SKU": "objects.order.sku"})


def test_a_handle_sends_the_other_columns() -> None:
    """Columns of a run and columns that the caller excludes are not sent."""
    table = pd.DataFrame(columns=["eventHandle", "sku", "a[0]", "run.status", "Note"])

    assert column_paths(table, {"Note": None}, object_handle="item") == {
        "eventHandle": ("eventHandle",),
        "sku": ("objects", "item", "sku"),
        "a[0]": ("objects", "item", "a", 0),
    }


@pytest.mark.parametrize("object_handle", ["", 7, ["order"]])
def test_a_handle_that_is_not_a_name_is_refused(object_handle: object) -> None:
    """The error shows what a handle looks like."""
    with pytest.raises(SettingError, match="must be an object's handle, such as 'order'"):
        column_paths(pd.DataFrame(columns=["sku"]), object_handle=object_handle)


def test_an_unnamed_column_has_no_place_under_a_handle() -> None:
    """Its path would be that of the whole object."""
    table = pd.DataFrame({"": ["x"], "sku": ["007"]})

    with pytest.raises(TableError, match="column '' would be sent, but has no name"):
        column_paths(table, object_handle="order")


def test_a_column_name_that_is_not_text_has_no_place_under_a_handle() -> None:
    """Without a handle it is not sent."""
    table = pd.DataFrame(columns=["objects.order.a", 7])

    assert list(column_paths(table)) == ["objects.order.a"]
    with pytest.raises(TableError, match="the column name 7 is not text"):
        column_paths(table, object_handle="order")
