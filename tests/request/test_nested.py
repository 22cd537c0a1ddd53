"""Nested values, flattened and built again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flxframe.exceptions import PathError
from flxframe.request import nested, paths

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inside: (
        st.lists(inside, max_size=4) | st.dictionaries(st.text(max_size=4), inside, max_size=4)
    ),
)


@given(values)
def test_every_value_is_the_same_after_flatten_and_unflatten(value: object) -> None:
    """Empty dicts, empty lists and nulls are kept as leaves."""
    assert nested.unflatten(nested.flatten(value)) == value


def leaves(value: object, path: paths.Path = ()) -> dict[paths.Path, object]:
    """Flatten a value in the simplest way."""
    steps: list = []
    if isinstance(value, dict):
        steps = list(value.items())
    elif isinstance(value, list):
        steps = list(enumerate(value))

    inside: dict[paths.Path, object] = {}
    for step, item in steps:
        inside |= leaves(item, (*path, step))

    return inside or {path: value}


@given(st.lists(values))
def test_values_flattened_together_have_the_leaves_of_each(many: list[object]) -> None:
    """Their shapes can differ; each leaf has the position of its row."""
    tree = nested.Tree()
    for position, value in enumerate(many):
        tree.add(position, value)

    rows: list[dict[paths.Path, object]] = [{} for _ in many]
    for path, positions, cells in tree.columns():
        assert len(positions) == len(set(positions)) == len(cells)
        for position, cell in zip(positions, cells, strict=True):
            rows[position][path] = cell

    assert rows == list(map(leaves, many))


@pytest.mark.parametrize(
    ("contradiction", "message"),
    [
        ({(): 1, ("a",): 2}, "a value and something inside it"),
        ({("a",): 1, ("a", "b"): 2}, "a value and something inside it"),
        ({(0,): 1, (2,): 3}, "a list has a gap"),
        ({(0,): 1, ("a",): 2}, "both keys and list items"),
    ],
    ids=str,
)
def test_leaves_that_contradict_each_other_are_refused(contradiction: dict, message: str) -> None:
    """They cannot belong to the same value."""
    with pytest.raises(PathError, match=message):
        nested.unflatten(contradiction)


@given(values)
def test_every_leaf_is_at_its_path(value: object) -> None:
    """There is no value at a path beyond it."""
    for path, leaf in nested.flatten(value).items():
        assert nested.get(value, path) == leaf
        assert nested.get(value, (*path, "x"), "nothing") == "nothing"
        assert nested.get(value, (*path, 0), "nothing") == "nothing"


def test_a_row_can_be_added_after_the_columns_were_taken() -> None:
    """Columns of the same rows share their positions only until one of them gets more."""
    tree = nested.Tree()
    tree.add(0, {"a": [1, 2], "b": 3})
    columns = list(tree.columns())
    assert [positions for _, positions, _ in columns] == [[0], [0], [0]]

    tree.at(("b",)).add(1, 4)
    tree.add(2, {"a": [], "b": 5})
    assert list(tree.columns()) == [
        (("a",), [2], [[]]),
        (("a", 0), [0], [1]),
        (("a", 1), [0], [2]),
        (("b",), [0, 1, 2], [3, 4, 5]),
    ]
    assert columns[0][1] == [0]
