"""Escapes are decoded, and the place of each character is known."""

import pytest

from flxframe.run.escapes import decode_escapes


@pytest.mark.parametrize(
    ("text", "decoded"),
    [
        ("plain", ["plain"]),
        ("%41%4a%", ["%41%4a%", "AJ%"]),
        ("%2541", ["%2541", "%41", "A"]),
        ("&#65;&#x41;&#X0041;&#0065;", ["&#65;&#x41;&#X0041;&#0065;", "AAAA"]),
        ("&lt;&amp;gt;&unknown;", ["&lt;&amp;gt;&unknown;", "<&gt;&unknown;", "<>&unknown;"]),
        (r"\u0041\\U0041\/a", ["u0041U0041/a", "AA/a"]),
        ("&#;&#x;&#9999;&#a;%4", ["&#;&#x;&#9999;&#a;%4"] * 2),
        ("", [""]),
        ("%", ["%", "%"]),
        ("&", ["&", "&"]),
    ],
)
def test_a_text_is_decoded_layer_by_layer(text: str, decoded: list[str]) -> None:
    """An escape that is not complete stays."""
    assert [part.characters.decode() for part in decode_escapes(text)] == decoded


def test_each_character_ends_where_its_escape_ends() -> None:
    """In the text, after each layer."""
    parts = list(decode_escapes("a%2541€&amp;lt;b"))
    ends = [part.ends().tolist() for part in parts]
    assert parts[2].characters == b"aA\xff<b"
    assert ends[2] == [1, 6, 7, 15, 16]
    assert ends[0] == list(range(1, 17))
