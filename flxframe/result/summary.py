"""Count the rows of a result by what became of them. Pure."""

from __future__ import annotations

import re

import pandas as pd

from flxframe.exceptions import TableError
from flxframe.models import RUN_COLUMNS, STATUSES
from flxframe.result.compare import check_table
from flxframe.result.listing import Listing

_EXAMPLES = 5


# What names a place is kept, since it is the cause; other quoted words, and words like numbers, are ids.
_NAME = r"(?:^|: |\b(?:attribute|column|event|field|key|parameter|property) )(?:'[^']*'|\"[^\"]*\")"


_QUOTED = r"(?<!\w)(?:'[^'\s]+'|\"[^\"\s]+\")(?![\w:])|(?<=\bnot )'[^']*'"


_WORD = r"[\w@#+-]+(?:[.:/][\w@#+-]+)*"


_PARTS = re.compile(f"(?P<name>{_NAME})|(?P<quoted>{_QUOTED})|{_WORD}")


_ID = re.compile(r"@|\d.*\d|(?<![^\W\d])\d")  # but addressLine1 is a name


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
    check_table("summary()", result)
    if "run.status" not in result.columns:
        raise TableError(
            "summary() wants a result of run_workflows: the table has no column 'run.status'"
        )
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
                [", ".join(map(str, positions[:_EXAMPLES])) for _, (_, positions) in found],
                dtype="str",
            ),
        }
    )


def _without_ids(error: str) -> str:
    return _PARTS.sub(
        lambda part: (
            "…" if not part["name"] and (part["quoted"] or _ID.search(part[0])) else part[0]
        ),
        error,
    )


def stop_reason(result: pd.DataFrame) -> str | None:
    """Return why the run of a result stopped early, as ``attrs["flxframe"]["stopped"]`` says; None if it did not."""
    reason: str | None = result.attrs.get("flxframe", {}).get("stopped")
    return reason
