"""The canonical form, whose docstring is the table that these tests read."""

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flxframe.request import canonical
from flxframe.request.canonical import canonical_text

_ROW = re.compile(r"^``(.+?)`` +``(.+?)`` +\S", re.MULTILINE)


def _pairs() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    equal, different = (canonical.__doc__ or "").split("Not equal:")
    return _ROW.findall(equal), _ROW.findall(different)


_EQUAL, _DIFFERENT = _pairs()

_NUMBERS = st.one_of(
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.decimals(allow_nan=False, allow_infinity=False),
)
_VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), _NUMBERS, st.text()),
    lambda values: st.one_of(
        st.lists(values, max_size=4), st.dictionaries(st.text(max_size=3), values, max_size=4)
    ),
    max_leaves=10,
)


def test_the_docstring_has_both_tables() -> None:
    """Otherwise the tests below would check nothing."""
    assert len(_EQUAL) == 13
    assert len(_DIFFERENT) == 9


@pytest.mark.parametrize(("left", "right"), _EQUAL)
def test_values_that_a_file_spells_differently_are_equal(left: str, right: str) -> None:
    """Each row of the first table."""
    assert _text(left) == _text(right)


@pytest.mark.parametrize(("left", "right"), _DIFFERENT)
def test_values_that_mean_something_else_are_not_equal(left: str, right: str) -> None:
    """Each row of the second table."""
    assert _text(left) != _text(right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (Decimal("0.12345678901234567890"), Decimal("0.12345678901234567891")),
        (Decimal("1E+999999"), Decimal("1E+999998")),
        (Decimal(10**30 + 1), Decimal(10**30 + 2)),
        (10**5000, 10**5000 + 1),
        (1e300, 1.1e300),
        ("[1", "[1]"),
    ],
    ids=["decimal", "exponent", "wide decimal", "long", "float", "text"],
)
def test_long_numbers_keep_their_digits(left: object, right: object) -> None:
    """And a huge exponent costs no memory."""
    assert canonical_text(left) != canonical_text(right)
    assert canonical_text(left) == canonical_text(left)


@given(_VALUES)
def test_the_form_of_a_value_is_the_form_of_its_json_text(value: object) -> None:
    """A list or an object that went through a cell of a file is itself."""
    text = canonical.encode(value)
    if isinstance(value, (list, dict)):
        assert canonical_text(text) == canonical_text(value)


@given(st.integers(-(10**20), 10**20))
def test_an_integer_is_the_same_as_a_float_or_a_decimal_of_its_value(number: int) -> None:
    """As far as a float keeps it."""
    assert canonical_text(number) == canonical_text(Decimal(number))
    if abs(number) < 10**15:
        assert canonical_text(number) == canonical_text(float(number))


def _text(expression: str) -> str:
    return canonical_text(eval(expression, {"Decimal": Decimal}))
