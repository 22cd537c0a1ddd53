"""Errors have one base class, and each also derives from a builtin."""

import inspect

import pytest

from flxframe import exceptions
from flxframe.exceptions import FlxframeError

ERRORS = [
    error
    for _, error in inspect.getmembers(exceptions, inspect.isclass)
    if issubclass(error, Exception) and not issubclass(error, Warning)
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.__name__)
def test_an_error_can_be_caught_as_flxframes_own(error: type[Exception]) -> None:
    """One except clause is enough."""
    assert issubclass(error, FlxframeError)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.__name__)
def test_the_tree_of_errors_is_drawn_in_the_docstring(error: type[Exception]) -> None:
    """Each error is listed with its builtin."""
    line = next(text for text in (exceptions.__doc__ or "").splitlines() if error.__name__ in text)
    for base in error.__bases__:
        if base.__module__ == "builtins" and base is not Exception:
            assert base.__name__ in line
