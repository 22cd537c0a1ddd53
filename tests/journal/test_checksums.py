"""Checksums of a journal's records."""

from hypothesis import given
from hypothesis import strategies as st

from flxframe.journal.checksums import checksum, sending_checksum
from flxframe.journal.schema import FIXED_FIELDS, SENDING_FIELDS

VALUES = st.one_of(st.none(), st.integers(), st.floats(), st.text(), st.binary())


def test_the_checksum_of_a_record_never_changes() -> None:
    """A journal that another version wrote would be called damaged."""
    assert checksum(("größer\0", 1, 1.5, 1e300, b"\xff\0", None)) == 0xB4DEDE9F


@given(st.lists(VALUES, max_size=6), st.data())
def test_another_value_has_another_checksum(values: list[object], data: st.DataObject) -> None:
    """Also one of another type, and the same values in another order."""
    other = data.draw(st.one_of(st.permutations(values), st.lists(VALUES, max_size=6)))

    is_same = ascii(values) == ascii(other)
    assert (checksum(values) == checksum(other)) == is_same


def test_a_flipped_bit_of_a_field_changes_the_checksum() -> None:
    """Each bit of a text of a hundred bytes."""
    text = b"x" * 100
    sums = {checksum((text,))}
    for bit in range(800):
        flipped = int.from_bytes(text, "big") ^ (1 << bit)
        sums.add(checksum((flipped.to_bytes(100, "big"),)))
    assert len(sums) == 801


def test_the_fields_that_never_change_are_summed_first() -> None:
    """So that an answer needs only the checksum of those, not their values."""
    values = [f"value {name}" for name in SENDING_FIELDS]
    fixed = checksum(values[:FIXED_FIELDS])

    assert sending_checksum(*values) == checksum(values[FIXED_FIELDS:], fixed)
    assert "request" in SENDING_FIELDS[:FIXED_FIELDS]
