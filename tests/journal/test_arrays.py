"""Sendings as arrays."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flxframe.journal.arrays import NO_ANSWER, is_among, join, split, to_arrays
from flxframe.journal.known import DTYPES
from flxframe.models import STATUSES

DIGESTS = st.lists(st.binary(min_size=16, max_size=16))


def record(number: int, *, status: str | None = "ok", key: bytes = b"key 1234 with 16") -> tuple:
    """Return a record as a query returns it."""
    return (number, key, b"left 234 with 16", b"uid with10", 0, status, 1, -1, 0, 1.5, 7)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_records_become_arrays_of_the_known_rows(count: int) -> None:
    """Each column has its dtype, also if there are no records."""
    arrays = to_arrays([record(number) for number in range(count)])

    assert arrays["sendings"].tolist() == list(range(count))
    assert arrays["runs"].tolist() == [7] * count
    assert {name: array.dtype for name, array in arrays.items()} == {
        name: np.dtype(DTYPES[name]) for name in DTYPES if name != "run_ended"
    }


def test_each_status_has_its_code() -> None:
    """A sending without an answer has one of its own."""
    arrays = to_arrays([record(1, status=status) for status in (*STATUSES, None)])
    assert arrays["codes"].tolist() == [*range(len(STATUSES)), NO_ANSWER]


@pytest.mark.parametrize("damage", [{"status": "okay"}, {"key": b"short"}])
def test_damage_is_an_error(damage: dict) -> None:
    """The caller turns it into a JournalError."""
    with pytest.raises((KeyError, ValueError)):
        to_arrays([record(1), record(2, **damage)])


def test_chunks_are_joined() -> None:
    """Nothing is joined to empty arrays."""
    chunks = [to_arrays([record(1), record(2)]), to_arrays([record(3)])]
    assert join(chunks)["sendings"].tolist() == [1, 2, 3]
    assert join([])["keys"].dtype == "S16"


@given(DIGESTS, DIGESTS)
def test_membership_is_that_of_numpy(values: list[bytes], others: list[bytes]) -> None:
    """Both arrays can be empty, and digests can end in NULs."""
    array = np.array([*values, *others[:2]], dtype="S16")
    ordered = np.unique(np.array(others, dtype="S16"))
    assert is_among(array, ordered).tolist() == np.isin(array, ordered).tolist()


@given(DIGESTS)
def test_digests_are_split(digests: list[bytes]) -> None:
    """NULs at their ends are kept."""
    assert split(b"".join(digests), 16) == digests
