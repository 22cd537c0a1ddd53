"""The lengths of texts, which a cell limits."""

import pandas as pd
import pytest

from flxframe.exceptions import FileError
from flxframe.files.xlsx.lengths import check_lengths


def test_a_long_text_is_refused_with_its_place():
    """The row is that of the sheet."""
    table = pd.DataFrame({"a": ["x", "y" * 32_767], "b": ["x", "y" * 32_768]})
    check_lengths(table[["a"]], first_row=5)
    with pytest.raises(FileError, match=r"column 'b', row 6 contains 32,768 characters"):
        check_lengths(table, first_row=5)
