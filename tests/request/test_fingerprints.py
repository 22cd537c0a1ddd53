"""Fingerprints: written, read again, and refused if a character was changed."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flxframe.models import STATUSES
from flxframe.request.fingerprints import (
    OPTIONS,
    Fingerprint,
    occasion_tag,
    option_tags,
    parse,
    place_tag,
    token_tag,
)
from flxframe.request.scalars import parse_boolean, parse_number
from flxframe.request.token import Token
from tests.conftest import TOKEN

_FINGERPRINTS = st.builds(
    Fingerprint,
    status=st.sampled_from(STATUSES),
    ended=st.booleans(),
    id=st.binary(min_size=10, max_size=10),
    content=st.binary(min_size=8, max_size=8),
    options=st.binary(min_size=len(OPTIONS), max_size=len(OPTIONS)),
    place=st.binary(min_size=3, max_size=3),
    token=st.binary(min_size=4, max_size=4),
    occasion=st.binary(min_size=3, max_size=3),
)
_DEFAULTS = {
    "event_handle": (None, None),
    "draft": None,
    "params": [],
    "columns": [],
    "object_handle": None,
    "blanks": "omit",
    "group_by": None,
}


@given(_FINGERPRINTS)
def test_a_fingerprint_is_read_as_it_was_written(fingerprint: Fingerprint) -> None:
    """Also in capitals, or with spaces around it."""
    text = str(fingerprint)
    assert parse(text) == parse(f" {text.upper()} ") == fingerprint


@given(_FINGERPRINTS)
def test_no_spreadsheet_takes_a_fingerprint_for_a_number(fingerprint: Fingerprint) -> None:
    """It has letters and digits alone, and a letter first."""
    text = str(fingerprint)
    assert set(text) <= set(string.ascii_lowercase + string.digits)
    assert text[0].isalpha()
    assert parse_number(text) is None
    assert parse_boolean(text) is None


@given(_FINGERPRINTS, st.data())
def test_a_changed_character_is_noticed(fingerprint: Fingerprint, data: st.DataObject) -> None:
    """Each character counts, and so does the length."""
    text = str(fingerprint)
    number = data.draw(st.integers(0, len(text) - 1))
    letters = [letter for letter in "abcdefgh234567" if letter != text[number]]
    changed = text[:number] + data.draw(st.sampled_from(letters)) + text[number + 1 :]

    for damaged in (changed, text[:-1], text + "a", text[:number] + text[number + 1 :]):
        try:
            assert parse(damaged) == fingerprint  # the last character has bits that mean nothing
        except ValueError:
            continue
        assert damaged == changed
        assert number == len(text) - 1


@pytest.mark.parametrize(
    "text", ["", "fx", "7", "hello", "é" * 64, "f" * 64, "\0", "fx" + "a" * 62]
)
def test_another_text_is_not_a_fingerprint(text: str) -> None:
    """It raises instead of being guessed at."""
    with pytest.raises(ValueError, match=r"not a fingerprint|was changed"):
        parse(text)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("event_handle", ("order_import", None)),
        ("event_handle", (None, 7)),
        ("draft", True),
        ("params", [("sourceId", 12)]),
        ("columns", [("Note", None)]),
        ("object_handle", "order"),
        ("blanks", "null"),
        ("group_by", ["Order ID"]),
    ],
)
def test_each_argument_that_decides_the_content_has_its_own_byte(name: str, value: object) -> None:
    """So a question can name it."""
    before = option_tags(_DEFAULTS)
    after = option_tags({**_DEFAULTS, name: value})
    changed = [number for number in range(len(OPTIONS)) if before[number] != after[number]]
    assert changed == [OPTIONS.index(name)]


def test_the_tags_reveal_nothing() -> None:
    """A result may be mailed."""
    assert TOKEN.encode() not in token_tag(Token(TOKEN))
    assert token_tag(Token(TOKEN)) != token_tag(Token(f"{TOKEN}2"))
    assert place_tag("https://a.example") != place_tag("https://b.example")
    assert occasion_tag(None) == bytes(3) != occasion_tag("2026-12-01")
