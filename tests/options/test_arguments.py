"""Keyword arguments come from a dataclass, and a function receives them as one object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_type_hints

import pytest

from flxframe.options.arguments import argument, takes


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Two arguments."""

    size: int = argument(1, "The size.", notes="In rows.")
    secret: str | None = argument(None, "The secret.", secret=True)


@takes(Sample)
def described(data: str, options: Sample) -> tuple[str, int]:
    """Return both.

    Parameters
    ----------
    data : str
        The data.
    {options}
    """
    return data, options.size


class Holder:
    """An object with such a method."""

    @takes(Sample)
    def size_of(self, data: str, options: Sample) -> int:
        """Return the size."""
        return options.size


def test_a_function_takes_its_table_by_position_or_name() -> None:
    """All other arguments are passed by name."""
    assert described("x") == ("x", 1)
    assert described(data="x", size=2) == ("x", 2)
    assert Holder().size_of("x", size=3) == 3
    with pytest.raises(TypeError, match=r"described\(\) got too many positional arguments"):
        described("x", 2)
    with pytest.raises(TypeError, match=r"described\(\) missing a required argument: 'data'"):
        described(size=2)


def test_arguments_are_documented_where_the_docstring_says() -> None:
    """Each has its type, default, documentation and notes."""
    assert "data : str\n    The data.\nsize : int, default 1\n    The size. In rows.\n" in (
        described.__doc__ or ""
    )
    assert "secret : str, optional" in (described.__doc__ or "")


def test_a_secret_is_not_in_the_repr() -> None:
    """A traceback or a log can show the object."""
    assert repr(Sample(secret="4711")) == "Sample(size=1)"


def test_type_hints_are_those_of_the_signature() -> None:
    """Tools read them; the object of the options is not a parameter."""
    assert get_type_hints(described) == {
        "data": str,
        "size": int,
        "secret": str | None,
        "return": tuple[str, int],
    }


def test_an_unknown_argument_is_reported_with_the_right_spelling() -> None:
    """The message is Python's own, with the name of the function."""
    with pytest.raises(TypeError, match=r"described\(\) .* 'siz'; did you mean 'size'\?"):
        described("x", siz=1)


def test_an_unknown_argument_is_reported_before_a_missing_one() -> None:
    """It is usually the reason; a method is named with its class."""
    with pytest.raises(TypeError, match=r"Holder.size_of\(\) got an unexpected .* 'dat'; did you"):
        Holder().size_of(dat="x")
