"""Paths with [] and [+]."""

import pandas as pd
import pytest

from flxframe.exceptions import PathError, TableError
from flxframe.request.columns import column_paths
from flxframe.request.line_columns import line_lists, split_path


@pytest.mark.parametrize(
    ("text", "path", "marker", "inside"),
    [
        ("objects.order.items[].sku", ("objects", "order", "items"), "[]", ("sku",)),
        ("objects.order.tags[]", ("objects", "order", "tags"), "[]", ()),
        ("objects.order.items[+]", ("objects", "order", "items"), "[+]", ()),
        (
            "objects.order.items[].options[0].name",
            ("objects", "order", "items"),
            "[]",
            ("options", 0, "name"),
        ),
        ('objects.order["a.b"][].c', ("objects", "order", "a.b"), "[]", ("c",)),
        ('objects.order["a[]"][]["c[+]"]', ("objects", "order", "a[]"), "[]", ("c[+]",)),
    ],
)
def test_a_path_is_split_at_its_marker(text, path, marker, inside) -> None:
    """Before it is the list, after it a part of the item."""
    assert split_path(text, text) == (path, marker, inside)


@pytest.mark.parametrize(
    "text", ["objects.order.items[0].sku", "Order ID", 'objects.order["a[]"].b']
)
def test_other_paths_have_no_list(text) -> None:
    """They belong to the whole order."""
    assert split_path(text, text) is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("objects.order.items[].options[].name", "only once"),
        ("objects.order.items[].more[+]", "only once"),
        ("objects.order.items[+].sku", "inside of"),
        ("params.ids[]", "list inside an object"),
        ("objects[].sku", "list inside an object"),
        ("objects.order.items[]sku", "a dot"),
        ("objects.order[].sku", "list inside an object"),
        ("eventHandle[]", "list inside an object"),
    ],
)
def test_a_marker_in_a_wrong_place_is_one_sentence(text, problem) -> None:
    """The message names the column, also one whose path columns= gives."""
    with pytest.raises(PathError, match=problem) as caught:
        split_path(text, "Qty")
    assert "'Qty'" in str(caught.value)


def test_two_lists_each_have_their_columns() -> None:
    """Also columns with names of their own."""
    names = ["objects.order.items[].sku", "Text", "Qty", "objects.order.items[+]"]
    columns = {"Text": "objects.order.notes[]", "Qty": "objects.order.items[].qty"}
    items, notes = line_lists(names, columns)
    assert items.columns == {("sku",): names[0], ("qty",): "Qty"}
    assert items.more == "objects.order.items[+]"
    assert notes.columns == {(): "Text"}


def test_two_columns_of_one_place_are_refused() -> None:
    """Both are named."""
    with pytest.raises(TableError, match=r"items\[\]\.sku' and 'SKU'"):
        line_lists(["objects.order.items[].sku", "SKU"], {"SKU": "objects.order.items[].sku"})


def test_a_run_without_groups_refuses_them() -> None:
    """The message says which argument is missing."""
    with pytest.raises(PathError, match="pass group_by="):
        column_paths(pd.DataFrame(columns=["objects.order.items[].sku"]))
