"""JSON text without losing a digit."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flxframe.request.json_text import decode, encode

numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | st.text(),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(), inside, max_size=4),
)


@given(values)
def test_every_value_is_read_as_it_was_written(value: object) -> None:
    """The standard library reads the same value."""
    text = encode(value)

    assert repr(decode(text)) == repr(value)
    assert repr(json.loads(text)) == repr(value)
    assert decode(text.encode()) == value


@given(st.decimals(allow_nan=False, allow_infinity=False, places=20), st.text())
def test_a_decimal_keeps_its_digits(number: Decimal, text: str) -> None:
    """It does so next to any text, and with sorted keys."""
    value = {"b": [number, text], "a": str(number)}
    body = encode(value, sort_keys=True)

    assert body.startswith('{"a":')
    assert f'"b":[{number},' in body

    decoded, other = decode(body)["b"]

    assert (Decimal(str(decoded)), other) == (number, text)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0.1", 0.1),
        ("1e2", 100.0),
        ("0.12345678901234567890", Decimal("0.12345678901234567890")),
        ("1e999", Decimal("1e999")),
        ("1e-400", Decimal("1e-400")),
        ("1.2e-323", Decimal("1.2e-323")),
        ("-0.0", -0.0),
        ("820982911946154508", 820982911946154508),
        ("7" * 4300, int("7" * 4300)),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_number_that_a_float_would_round_is_a_decimal(text: str, number: object) -> None:
    """Any other number with a point or an exponent is a float."""
    decoded = decode(text)

    assert (decoded, type(decoded)) == (number, type(number))


@pytest.mark.parametrize(
    "number",
    [
        "1e999999",
        "-1E+1000000",
        "1e-999999",
        "1e99999999999999999999",
        "1e-99999999999999999999",
        "0e99999999999999999999",
        "7" * 4301,
        "-" + "7" * 100_000,
        "0." + "3" * 100_000,
    ],
    ids=lambda number: number[:20],
)
def test_a_number_of_thousands_of_digits_stays_a_text(number: str) -> None:
    """Calculating with it would take minutes; the numbers next to it stay numbers."""
    assert decode(f'{{"n": [{number}, 7, 0.5]}}') == {"n": [number, 7, 0.5]}


@pytest.mark.parametrize("text", ["", "{", "NaN", "[Infinity]", "-Infinity", "{'a': 1}", "1 2"])
def test_text_that_is_not_json_is_refused(text: str) -> None:
    """This includes NaN and Infinity, which Python's own decoder accepts."""
    with pytest.raises(ValueError, match=r"not valid JSON|Expecting|Extra data"):
        decode(text)


@pytest.mark.parametrize("depth", [101, 200_000])
def test_text_that_is_nested_too_deeply_is_refused(depth: int) -> None:
    """It is refused whether or not Python could read it."""
    with pytest.raises(ValueError, match="nested too deeply"):
        decode("[" * depth + "]" * depth)


def test_an_unpaired_surrogate_is_replaced() -> None:
    """It is replaced in keys and values at any depth; a pair is one character."""
    assert decode(r'{"a\ud83d": ["b\ud83d", "\ud83d\ude00"]}') == {"a\ufffd": ["b\ufffd", "😀"]}


@pytest.mark.parametrize("value", [{1, 2}, b"x", [float("nan")], {"a": float("inf")}])
def test_a_value_that_is_not_json_is_never_written(value: object) -> None:
    """The API would refuse the body, or read something else."""
    with pytest.raises((TypeError, ValueError), match=r"not a JSON value|not JSON compliant"):
        encode(value)
