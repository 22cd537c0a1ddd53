"""The grammar of paths, and nested values taken apart and put together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flxframe.exceptions import PathError
from flxframe.request import nested, paths

steps = st.text(max_size=5) | st.text(alphabet='."[]\\ a', max_size=4) | st.integers(0, 10**9)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inside: (
        st.lists(inside, max_size=4) | st.dictionaries(st.text(max_size=4), inside, max_size=4)
    ),
)


@given(st.lists(steps, max_size=6).map(tuple))
def test_every_path_can_be_written_and_read(path: paths.Path) -> None:
    """The two are inverse, whatever the keys hold."""
    assert paths.parse(paths.format(path)) == path


@given(values)
def test_every_value_can_be_taken_apart_and_put_together(value: object) -> None:
    """Empty dicts, empty lists and nulls are kept as leaves."""
    assert nested.unflatten(nested.flatten(value)) == value


def leaves(value: object, path: paths.Path = ()) -> dict[paths.Path, object]:
    """Take a value apart in the plainest way."""
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    inside = {
        leaf: found for step, item in items for leaf, found in leaves(item, (*path, step)).items()
    }
    return inside or {path: value}


@given(st.lists(values))
def test_many_values_taken_apart_together_are_those_taken_apart_one_by_one(
    many: list[object],
) -> None:
    """Whatever their shapes have in common: the same leaves, each with the position of its row."""
    tree = nested.Tree()
    for position, value in enumerate(many):
        tree.add(position, value)
    found: list[dict[paths.Path, object]] = [{} for _ in many]
    for path, positions, cells in tree.columns():
        assert len(positions) == len(set(positions)) == len(cells)
        for position, cell in zip(positions, cells, strict=True):
            found[position][path] = cell
    assert found == list(map(leaves, many))


@pytest.mark.parametrize(
    "name", ["a..b", ".a", "a.", "a[01]", "a[-1]", "a]", "a[x]", 'a["x]', "a[0]b"]
)
def test_what_is_no_path_is_refused_by_name(name: str) -> None:
    """The error names the column and offers to leave it out."""
    with pytest.raises(PathError, match="None"):
        paths.parse(name)
