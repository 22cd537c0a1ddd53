"""Questions to a result: what changed, and what became of the rows. Pure: no network, no clock, no disk."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd

from flxframe.cells import to_json
from flxframe.columns import check_unique
from flxframe.exceptions import RequestError, TableError
from flxframe.listings import Listing
from flxframe.outcomes import STATUSES
from flxframe.results import RUN_COLUMNS, kind_of, same

_EXAMPLES = 5
# What names a place is kept, since it is the cause; other quoted words, and words like numbers, are ids.
_NAME = r"(?:^|: |\b(?:attribute|column|event|field|key|parameter|property) )(?:'[^']*'|\"[^\"]*\")"
_QUOTED = r"(?<!\w)(?:'[^'\s]+'|\"[^\"\s]+\")(?![\w:])|(?<=\bnot )'[^']*'"
_WORD = r"[\w@#+-]+(?:[.:/][\w@#+-]+)*"
_PARTS = re.compile(f"(?P<name>{_NAME})|(?P<quoted>{_QUOTED})|{_WORD}")
_ID = re.compile(r"@|\d.*\d|(?<![^\W\d])\d")  # but addressLine1 is a name


def changes(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """List the fields that differ between two tables of the same rows.

    Input against result shows what the workflows did; a live result against a ``draft=True`` result shows what
    publishing the draft would change. Rows that didn't come back ``ok`` from either are left out: nothing is known
    of what the workflow would have done to them.

    Parameters
    ----------
    before, after : DataFrame
        Tables with the same number of rows; rows are matched by position.

    Returns
    -------
    DataFrame
        One row a changed field: `row` (its position), `column`, `before`, `after`. A field that only one of the
        tables has is missing (NA) in the other.

    Raises
    ------
    TableError
        If one is no table, or has two columns of one name, or they have different numbers of rows.

    Examples
    --------
    >>> before = pd.DataFrame({"objects.order.status": ["Open", "Open"]})
    >>> after = pd.DataFrame({"objects.order.status": ["Open", "Hold"]})
    >>> changes(before, after)
       row                column before after
    0    1  objects.order.status   Open  Hold
    """
    _check_table("changes()", before)
    _check_table("changes()", after)
    if len(before) != len(after):
        raise TableError(
            f"`before` has {len(before)} rows and `after` has {len(after)}: changes() needs the same rows in the same "
            "order; give it the table and the result that came of it"
        )
    check_unique(before)
    check_unique(after)
    known = _ok(before) & _ok(after)
    columns = [*before.columns, *(name for name in after.columns if name not in before.columns)]
    found: list[tuple[int, Any, Any, Any]] = []
    for name in columns:
        if name in RUN_COLUMNS:
            continue
        left, right = _cells(before, name), _cells(after, name)
        found += [
            (position, name, left[position], right[position])
            for position in range(len(before))
            if known[position] and not _alike(left[position], right[position])
        ]
    found.sort(key=lambda change: change[0])
    frame = pd.DataFrame(found, columns=["row", "column", "before", "after"], dtype=object)
    return frame.astype({"row": "int64", "column": "str"})


def summary(result: pd.DataFrame) -> pd.DataFrame:
    """Count the rows of a result by status, HTTP status and error.

    Errors that differ only in an id are one line; those about different columns or fields are not.

    Parameters
    ----------
    result : DataFrame
        What `run_workflows` returned.

    Returns
    -------
    DataFrame
        `status`, `http_status`, `error` (of the first such row), `rows` (how many) and `examples` (the positions of
        the first five), the ok rows first. It shows errors whole.

    Raises
    ------
    TableError
        If it is no result.
    """
    _check_table("summary()", result)
    if "run.status" not in result.columns:
        raise TableError("summary() wants a result of run_workflows: the table has no column 'run.status'")
    groups: dict[tuple[str, int | None, str], tuple[str | None, list[int]]] = {}
    for position, (status, http_status, error) in enumerate(
        zip(*(result[name].tolist() for name in RUN_COLUMNS[:3]), strict=True)
    ):
        text = error if isinstance(error, str) else None
        code = None if pd.isna(http_status) else int(http_status)
        key = (str(status), code, _without_ids(text or ""))
        groups.setdefault(key, (text, []))[1].append(position)
    order: dict[str, int] = {status: number for number, status in enumerate(STATUSES)}
    found = sorted(groups.items(), key=lambda group: (order.get(group[0][0], 9), -len(group[1][1])))
    return Listing(
        {
            "status": pd.Series([status for (status, _, _), _ in found], dtype="str"),
            "http_status": pd.array([code for (_, code, _), _ in found], dtype="Int64"),
            "error": pd.Series([text for _, (text, _) in found], dtype="str" if found else object),
            "rows": pd.Series([len(positions) for _, (_, positions) in found], dtype="int64"),
            "examples": pd.Series(
                [", ".join(map(str, positions[:_EXAMPLES])) for _, (_, positions) in found], dtype="str"
            ),
        }
    )


def _without_ids(error: str) -> str:
    return _PARTS.sub(
        lambda part: "…" if not part["name"] and (part["quoted"] or _ID.search(part[0])) else part[0], error
    )


def _check_table(who: str, table: object) -> None:
    if not isinstance(table, pd.DataFrame):
        raise TableError(
            f"{who} wants a DataFrame, such as run_workflows returns, not {table!r:.60}; read_table makes one of a file"
        )


def _ok(table: pd.DataFrame) -> np.ndarray[Any, Any]:
    if "run.status" not in table.columns:
        return np.ones(len(table), dtype=bool)
    return np.array([status == "ok" for status in table["run.status"].tolist()], dtype=bool)


def _cells(table: pd.DataFrame, name: Any) -> list[Any]:
    if name not in table.columns:
        return [pd.NA] * len(table)
    return [pd.NA if kind_of(cell) == "missing" else cell for cell in table[name].tolist()]


def _alike(left: Any, right: Any) -> bool:
    if left is right:
        return True
    if left is pd.NA or right is pd.NA:
        return False
    if type(left) is type(right) and isinstance(left, (str, int, float)):
        return bool(left == right)
    try:
        return same(to_json(left), to_json(right))
    except RequestError:  # a passenger may hold anything
        return repr(left) == repr(right)
