"""The rows that a journal knows: sendings are reduced to rows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flxframe.journal.known import DTYPES, IN_FLIGHT, KnownRows, no_known_rows, reduce_sendings
from flxframe.models import STATUSES

OK, REJECTED = STATUSES.index("ok"), STATUSES.index("rejected")
KEYS = [b"0123456789abcde\0", b"0123456789abcd\0\0", b"\0" * 16, b"\xff" * 16]
"""NumPy strips NULs from the end of a value, so these are the hard ones."""

CODES = [*range(len(STATUSES)), IN_FLIGHT]
SENDINGS = st.lists(st.tuples(st.sampled_from(KEYS), st.integers(0, 2), st.sampled_from(CODES)))


def known(sendings: list[tuple[bytes, int, int]]) -> KnownRows:
    """Return sendings, each given by its key, its number among equal rows, and its code."""
    keys, nths, codes = zip(*sendings, strict=True) if sendings else ((), (), ())
    values = {name: np.zeros(len(sendings), dtype=dtype) for name, dtype in DTYPES.items()}
    values |= {"keys": np.array(keys, dtype="S16"), "nth": np.array(nths, dtype="int64")}
    values |= {"codes": np.array(codes, dtype="int8"), "tries": values["tries"] + 1}
    values |= {"sendings": np.arange(1, len(sendings) + 1)}
    return KnownRows(**values)


@given(SENDINGS, st.randoms(use_true_random=False))
def test_a_row_is_its_last_sending_or_the_one_that_was_ok(sendings, chance) -> None:
    """Whatever the order in which the sendings were read; the tries of all of them are added."""
    order = chance.sample(range(len(sendings)), len(sendings))
    shuffled = known(sendings)
    shuffled = KnownRows(**{name: getattr(shuffled, name)[order] for name in DTYPES})

    last: dict[tuple[bytes, int], int] = {}
    tries: dict[tuple[bytes, int], int] = {}
    for number, (key, nth, code) in enumerate(sendings, start=1):
        row = (key.rstrip(b"\0"), nth)
        tries[row] = tries.get(row, 0) + 1
        if code == OK or row not in last or sendings[last[row] - 1][2] != OK:
            last[row] = number

    rows = reduce_sendings(shuffled)

    expected = sorted(last)
    assert list(zip(rows.keys.tolist(), rows.nth.tolist(), strict=True)) == expected
    assert rows.sendings.tolist() == [last[row] for row in expected]
    assert rows.tries.tolist() == [tries[row] for row in expected]
    for name, dtype in DTYPES.items():
        assert getattr(rows, name).dtype == np.dtype(dtype), name


def test_a_sending_after_the_one_that_was_ok_does_not_count() -> None:
    """The row has run."""
    rows = reduce_sendings(known([(KEYS[0], 0, OK), (KEYS[0], 0, REJECTED)]))

    assert rows.sendings.tolist() == [1]
    assert rows.codes.tolist() == [OK]


def test_a_run_without_a_journal_knows_no_rows() -> None:
    """The arrays have the dtypes of a journal's."""
    rows = no_known_rows()

    assert len(rows) == 0
    assert {name: getattr(rows, name).dtype.str[1:] for name in DTYPES} == {
        name: np.dtype(dtype).str[1:] for name, dtype in DTYPES.items()
    }
    with pytest.raises(AttributeError):
        rows.codes = rows.nth  # type: ignore[misc]
