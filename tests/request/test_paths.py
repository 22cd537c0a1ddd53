"""The grammar of paths."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flxframe.exceptions import PathError
from flxframe.request import paths

steps = st.text(max_size=5) | st.text(alphabet='."[]\\ a', max_size=4) | st.integers(0, 10**9)


@given(st.lists(steps, max_size=6).map(tuple))
def test_every_path_is_read_as_it_was_written(path: paths.Path) -> None:
    """The two functions are inverse for all keys."""
    assert paths.parse(paths.format(path)) == path


@pytest.mark.parametrize(
    "name", ["a..b", ".a", "a.", "a[01]", "a[-1]", "a]", "a[x]", 'a["x]', "a[0]b"]
)
def test_a_name_that_is_not_a_path_is_refused(name: str) -> None:
    """The error names the column and says how to leave it out."""
    with pytest.raises(PathError, match="None") as caught:
        paths.parse(name)

    assert str(caught.value).startswith(f"column {name!r} is not a valid path (at ")


def test_the_error_quotes_the_name_from_the_first_invalid_character() -> None:
    """This shows where a long name is wrong."""
    with pytest.raises(PathError, match=r"\(at '\.\.b'\)"):
        paths.parse("objects.a..b")


def test_the_error_names_the_path_as_the_caller_wrote_it() -> None:
    """The same is true of the column to leave out."""
    with pytest.raises(PathError) as caught:
        paths.parse("a..b", label="columns={7: 'a..b'}", column=7)
    message = str(caught.value)

    assert message.startswith("columns={7: 'a..b'} is not a valid path (at '..b')")
    assert message.endswith("columns={7: None}")


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("objects.a.b", "objects"),
        ("id", "id"),
        ("a[0].b", "a"),
        ("", ""),
        (".x", ""),
        ("a\nb.c", "a\nb"),
    ],
)
def test_the_first_key_ends_at_a_dot_or_a_bracket(name: str, key: str) -> None:
    """The rest of the name need not be a valid path."""
    assert paths.first_key(name) == key
