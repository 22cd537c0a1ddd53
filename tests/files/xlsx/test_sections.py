"""The sections of a number format decide which text a number shows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flxframe.files.xlsx.sections import split


@pytest.mark.parametrize(
    ("code", "number", "displayed"),
    [
        ('"#"0', 1001, "#1001"),
        ('"SKU-"00', 7, "SKU-07"),
        ('"SKU-"0', 12, "SKU-12"),
        ('"SKU-"#', 12, "SKU-12"),
        ('"SKU-"General', 12, "SKU-12"),
        (r"\S\K\U0", 12, "SKU12"),
        ('0"-"00', 1234, "12-34"),
        ("00000;;;@", 2134, "02134"),
        ("00000;;;@", 0, None),
        ("00000;;;@", -5, None),
        (";;;", 7, None),
        ("#", 0, None),
        ("#,###", 0.0, None),
        ("#,###", 1234, 1234),
        ("#,###", 0.4, 0.4),
        ("#,##0;#", 0, 0),
        ('0.00;-0.00;;@', 0, None),
        ("00-00-00;@", 112233, "11-22-33"),
        ('00;"minus "00', -7, "minus 07"),
        ('"#"0', -5, "-#5"),
        ("[<=9999999]###-####;(###) ###-####", 5551234567, "(555) 123-4567"),
        ("[<=9999999]###-####;(###) ###-####", 5551234, "555-1234"),
        ("[Red]00000", 7, "00007"),
        ('[$-409]"No. "0', 7, "No. 7"),
    ],
)  # fmt: skip
def test_a_number_is_part_of_what_its_cell_shows(code, number, displayed):
    """Literal text, leading zeros and hidden numbers are displayed, so they are read."""
    assert split(code).show_number(number) == displayed


@pytest.mark.parametrize(
    "code",
    [
        "General", "0", "0.00", "#,##0", "0.0%", "0.00E+00", "# ?/?", "# ##0", '#"\'"##0',
        '"$"#,##0.00', '"$"0', '"EUR "0', "[$€-407] 0", '"US$"0', '"R$ "0', "(0)", '0" kg"',
        '_(* #,##0.00_);_(* (#,##0.00);_(* "-"??_);_(@_)', "0;-0", "General;-General", '"yes"', "@",
        '"SKU-"0.00',
    ],
)  # fmt: skip
@pytest.mark.parametrize("number", [0, 7, -7, 2.5])
def test_amounts_and_quantities_remain_numbers(code, number):
    """A currency, a unit or a percentage is only the look of a number."""
    assert split(code).show_number(number) == number


def test_a_fraction_of_an_identifier_remains_a_number():
    """Excel would round it."""
    assert split('"SKU-"0').show_number(1.5) == 1.5


@pytest.mark.parametrize(
    ("code", "displayed"),
    [("@", "A7"), ("0", "A7"), (";;;", None), ('0;0;0;"SKU-"@', "SKU-A7"), ('"x"@', "xA7")],
)
def test_a_text_is_shown_by_the_last_section(code, displayed):
    """It can add to the text or hide it."""
    assert split(code).show_text("A7") == displayed


@given(st.text('[];"\\0#@_*<>=-1x.', max_size=300), st.integers(-(10**15), 10**15))
def test_any_code_is_read(code, number):
    """A code that no program would write is not an error."""
    sections = split(code)
    assert sections.show_number(number) is None or str(sections.show_number(number)) is not None
    assert isinstance(sections.show_text("x"), str | None)


@given(st.integers(1, 20), st.integers(0, 10**15))
def test_leading_zeros_keep_the_number(places, number):
    """The text is the number with at least as many digits as the code has places."""
    text = split("0" * places).show_number(number)
    assert int(text) == number
    assert places == 1 or len(text) == max(places, len(str(number)))
