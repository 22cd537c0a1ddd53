"""The texts of a workbook."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flxframe.files.xlsx.strings import read_strings, unescape


@pytest.mark.parametrize(
    ("text", "displayed"),
    [
        ("_x0041_", "A"),
        ("_x005F_x0041_", "_x0041_"),
        ("_x41_", "_x41_"),
        ("a_b", "a_b"),
        ("Great _xD83D__xDE00_!", "Great 😀!"),
        ("_xD83D_", "\ufffd"),
        ("_xDE00__xD83D_", "\ufffd\ufffd"),
    ],
)
def test_an_escaped_character_is_restored(text, displayed):
    """Two surrogates are one character, and an unpaired one is none."""
    assert unescape(text) == displayed


@given(st.text("_xDd83E0", max_size=40))
def test_every_text_can_be_encoded(text):
    """An unpaired surrogate could not be sent."""
    unescape(text).encode()


def test_texts_are_read_without_fonts_and_hints():
    """An element can have a prefix, and a text can be empty."""
    xml = (
        '<x:sst xmlns:x="m"><x:si><x:t>a</x:t></x:si><x:si/><x:si><x:r><x:t>two </x:t></x:r>'
        "<x:r><x:t>runs</x:t></x:r><x:rPh><x:t>hint</x:t></x:rPh></x:si></x:sst>"
    )
    assert read_strings(io.BytesIO(xml.encode())) == ["a", "", "two runs"]
