"""The cells of a row become its objects."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flxframe.exceptions import RequestError
from flxframe.request import nested
from flxframe.request.cells import BLANK
from flxframe.request.tree import Node
from tests.request.conftest import bodies

objects = st.recursive(
    st.none() | st.integers() | st.text(),
    lambda inside: (
        st.lists(inside, min_size=1, max_size=3)
        | st.dictionaries(st.text(max_size=3), inside, min_size=1, max_size=3)
    ),
)


def test_a_gap_in_a_list_is_refused() -> None:
    """Blank items at the end are left out; a blank one in the middle is an error."""
    items = [["a", "a"], [None, "b"], ["c", None]]
    table = pd.DataFrame({f"objects.o.items[{n}]": cells for n, cells in enumerate(items)})
    gap, short = bodies(table)

    assert "objects.o.items[1] is blank" in str(gap)
    assert short == '{"o":{"items":["a","b"]}}'


def test_a_place_filled_as_a_whole_and_in_parts_is_refused() -> None:
    """A row that fills only one of them is valid."""
    table = pd.DataFrame({"objects.order": [{"a": 1}, None], "objects.order.a": [2, 2]})
    invalid, valid = bodies(table)

    assert "as a whole and in parts" in str(invalid)
    assert valid == '{"order":{"a":2}}'


def test_keys_and_items_of_one_place_are_refused() -> None:
    """A value is either an object or an array."""
    node = Node(("objects", "o"), {("a",): 0, (0,): 1})

    assert node.build([7, BLANK]) == {"a": 7}
    assert node.build([BLANK, 7]) == [7]
    with pytest.raises(RequestError, match=r"^objects\.o is filled as a whole and in parts"):
        node.build([7, 7])


def test_items_are_in_the_order_of_their_positions() -> None:
    """The order of the columns does not matter; keys are in the order of their columns."""
    node = Node(("objects",), {("b",): 0, ("a", 1): 1, ("a", 0): 2})

    assert repr(node.build(["x", "y", "z"])) == "{'b': 'x', 'a': ['z', 'y']}"


@given(objects)
def test_a_value_is_built_from_its_leaves(value: object) -> None:
    """The result is that of `unflatten`."""
    leaves = nested.flatten(value)
    columns = {path: number for number, path in enumerate(leaves)}
    node = Node(("objects",), columns)

    assert node.build(list(leaves.values())) == value
    assert node.build([BLANK] * len(leaves)) is BLANK
    assert sorted(node.nullable()) == list(range(len(leaves)))


def test_a_column_above_or_inside_another_is_not_nullable() -> None:
    """A null would fill the place as a whole, and cells inside it could never be sent."""
    node = Node(("objects",), {("o",): 0, ("o", "a"): 1, ("p", "b"): 2, ("p", "c", 0): 3})

    assert list(node.nullable()) == [2, 3]
