"""The lengths of texts, which a cell of a workbook limits. Pure: no network, no clock, no disk."""

from __future__ import annotations

import pandas as pd

from flxframe.exceptions import FileError
from flxframe.files.xlsx import cell_values


def check_lengths(table: pd.DataFrame, *, first_row: int) -> None:
    """Raise if a text does not fit into a cell.

    Raises
    ------
    FileError
        If a text is too long; the message names its row and column.
    """
    for number, name in enumerate(table.columns):
        values = table.iloc[:, number].tolist()
        for row, value in enumerate(values, first_row):
            if length := cell_values.too_long(value):
                raise FileError(
                    f"column {str(name)!r}, row {row} contains {length:,} characters, but a cell "
                    f"of a workbook can contain at most {cell_values.MAX_TEXT_LENGTH:,}: write a "
                    ".jsonl or .csv file instead"
                )
