"""A last row that looks like totals. Pure: no network, clock or disk.

Only some files record which row is the totals row of a table. In the others it would be sent like
every other row, so it is named before.
"""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import pandas as pd

from flxframe.dtypes import kind_of
from flxframe.files.grid import is_blank

# fmt: off
_LABELS = frozenset([
    "total", "totals", "subtotal", "sum", "gesamt", "gesamtsumme", "summe", "insgesamt",
    "ergebnis", "somme", "totaal", "totale", "totali", "somma", "soma", "summa", "итого",
    "razem", "suma", "celkem", "yhteensä", "toplam", "összesen", "合计", "合計", "总计", "総計",
])
# fmt: on
"""How the label of a totals row starts; ``Ergebnis`` is that of a German Excel."""

_PHRASES = frozenset(["grand total", "sub total", "total general", "total général", "i alt"])

_MIN_SUMMANDS = 2


def totals_remarks(table: pd.DataFrame, *, first_row: int) -> list[str]:
    """Return a remark on the last row of a table if it looks like totals.

    Its label says so, or its first cell is blank and its numbers are the sums of their columns.

    Parameters
    ----------
    table : DataFrame
        The table.
    first_row : int
        The row of its file that is the first of the table.

    Examples
    --------
    >>> orders = pd.DataFrame({"number": ["1001", "1002", "Total"], "qty": [2, 3, 5]})
    >>> totals_remarks(orders, first_row=2)[0][:42]
    'The last row, 4, looks like a row of total'
    """
    if not _has_totals(table):
        return []
    row = first_row + len(table) - 1
    return [
        f"The last row, {row}, looks like a row of totals: delete it from the file if it must not "
        "be sent."
    ]


def _has_totals(table: pd.DataFrame) -> bool:
    """Return whether the last row looks like totals."""
    if len(table) <= 1:
        return False

    texts, positions = [], []
    lacks_key = False
    for position in range(table.shape[1]):
        above, cell = table.iloc[-2:, position].tolist()
        if _is_number(cell):
            positions.append(position)
        elif isinstance(cell, str) and not is_blank(cell):
            texts.append(cell)
        elif kind_of(cell) not in ("missing", "str"):
            return False
        elif position == 0:
            lacks_key = kind_of(above) != "missing"

    words = [" ".join(text.casefold().strip(" :.").split()) for text in texts]
    if any(word in _LABELS or word in _PHRASES for word in words):
        return bool(positions)
    if not all(word.split(" ")[0] in _LABELS for word in words):
        return False
    has_no_key = lacks_key or bool(words)
    return has_no_key and bool(positions) and all(_is_sum(table, each) for each in positions)


def _is_sum(table: pd.DataFrame, position: int) -> bool:
    """Return whether the last cell of a column is the sum of at least two others."""
    *cells, last = table.iloc[:, position].tolist()
    summands = [float(cell) for cell in cells if _is_number(cell)]
    if len(summands) < _MIN_SUMMANDS or not last:
        return False
    return math.isclose(math.fsum(summands), float(last), rel_tol=1e-9)


def _is_number(cell: Any) -> bool:
    if isinstance(cell, Decimal):
        return cell.is_finite()
    return kind_of(cell) in ("int", "float") and math.isfinite(cell)
