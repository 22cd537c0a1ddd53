"""Short texts in messages and displays."""

import pytest

from flxframe.text import counted, cut, duration, listed, one_line, short_repr


@pytest.mark.parametrize(
    ("number", "expected"), [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), (2062, "2,062 rows")]
)
def test_a_noun_is_in_the_plural_unless_the_number_is_1(number: int, expected: str) -> None:
    """Large numbers have separators."""
    assert counted(number, "row") == expected


def test_a_long_text_is_cut_to_its_length() -> None:
    """The ellipsis is part of the length; a missing value has no text."""
    assert cut("x" * 10, 10) == "x" * 10
    assert cut("x" * 11, 10) == "x" * 9 + "…"
    assert cut(float("nan")) == ""
    assert len(short_repr("x" * 100)) == 60


def test_many_names_are_listed_in_part() -> None:
    """Twelve of them are listed, with the number of the others."""
    assert listed(range(12)) == ", ".join(map(str, range(12)))
    assert listed(range(15)).endswith("10, 11 and 3 more")


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(-1, "0 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (3600, "1 h 0 min"), (98765, "27 h 26 min")],
)
def test_a_length_of_time_has_two_units(seconds: float, expected: str) -> None:
    """It is rounded to seconds first."""
    assert duration(seconds) == expected


def test_a_line_has_no_control_characters() -> None:
    """Line ends and terminal codes are replaced."""
    assert one_line("a\r\nb\tc\xa0d\x1b[31m\x00") == r"a  b c d\x1b[31m\x00"
