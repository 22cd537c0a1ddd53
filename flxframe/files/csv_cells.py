"""The cells of a column of delimited text: the distinct ones, and which of them is where. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from flxframe.files.csv_quoting import has_scalar


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of a column. What is true of a text is determined once, not once for each cell.

    Parameters
    ----------
    texts : list of str
        The distinct cells, in the order in which they first appear.
    codes : ndarray of int
        For each cell, the position of its text.

    Examples
    --------
    >>> cells = Cells.of(["x", "7", "x"])
    >>> cells.texts, cells.codes.tolist(), list(cells)
    (['x', '7'], [0, 1, 0], ['x', '7', 'x'])
    """

    texts: list[str]
    codes: np.ndarray[Any, Any]

    @classmethod
    def of(cls, cells: Iterable[str] | pd.Series[Any]) -> Cells:
        """Return the cells of a column."""
        if isinstance(cells, pd.Series) and cells.dtype != object:
            codes, texts = pd.factorize(cells)
            return cls(texts.tolist(), codes)

        # Before pandas 3, factorize() takes a text to end at its first NUL, which is a mark here.
        numbers: dict[str, int] = {}
        found = [numbers.setdefault(cell, len(numbers)) for cell in cells]
        return cls(list(numbers), np.array(found, dtype=np.intp))

    def __len__(self) -> int:
        return len(self.codes)

    def __iter__(self) -> Iterator[str]:
        return map(self.texts.__getitem__, self.codes)

    def has_scalar(self) -> bool:
        """Return whether any of the cells is a number or boolean without quotes."""
        return has_scalar(self.texts)
