"""Count the rows of a result by outcome. Pure: no network, no clock, no disk."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import pandas as pd

from flxframe.exceptions import TableError
from flxframe.models import STATUSES
from flxframe.result.compare import check_table
from flxframe.result.listing import Listing

_MAX_EXAMPLES = 5

# A quoted name, which is part of the cause: at the start of a message, after a colon, or after a
# noun such as "column".
_NAME = r"""
    (?: ^ | :[ ] | \b (?: attribute | column | event | field | key | parameter | property ) [ ] )
    (?: '[^']*' | "[^"]*" )
"""

# Any other quoted word is a value: a single word, or anything after "not".
_QUOTED = r"""
    (?<! \w ) (?: '[^'\s]+' | "[^"\s]+" ) (?! [\w:] )
  | (?<= \b not[ ] ) '[^']*'
"""

# A word of a server's message: an id, a time, an e-mail address and a URL are one word each.
_WORD = r"""
    [\w@#+-]+ (?: [.:/] [\w@#+-]+ )*
"""

_PARTS = re.compile(
    f"(?P<name> {_NAME} ) | (?P<quoted> {_QUOTED} ) | (?P<word> {_WORD} )", re.VERBOSE
)

# A word is an id if it has an "@", two digits, or a digit that does not follow a letter.
_ID = re.compile(
    r"""
    @
  | \d .* \d
  | (?<! [^\W\d] ) \d
    """,
    re.VERBOSE,
)


@dataclass(slots=True)
class _Group:
    """Rows with the same status, HTTP status and kind of error; `error` is that of the first."""

    status: str
    http_status: int | None
    error: str | None
    positions: list[int] = field(default_factory=list)


def summary(result: pd.DataFrame) -> pd.DataFrame:
    """Count the rows of a result by status, HTTP status and error.

    Errors that differ only in an id are counted together; errors about different columns or fields
    are not.

    Parameters
    ----------
    result : DataFrame
        A result of `run_workflows`.

    Returns
    -------
    DataFrame
        `status`, `http_status`, `error` (of the first such row), `rows` (the count) and `examples`
        (the positions of the first five), with ok rows first. Errors are displayed in full.

    Raises
    ------
    TableError
        If it is not a result.

    Examples
    --------
    >>> result = pd.DataFrame({"run.status": ["ok", "rejected", "rejected"]})
    >>> result["run.http_status"] = [200, 400, 400]
    >>> result["run.error"] = [None, "order 17 is unknown", "order 23 is unknown"]
    >>> summary(result)
    status    http_status  error                rows  examples
    ok        200                               1     0
    rejected  400          order 17 is unknown  2     1, 2
    """
    check_table("summary()", result)
    if "run.status" not in result.columns:
        raise TableError(
            "summary() expects a result of run_workflows: the table has no column 'run.status'"
        )

    groups = _group_rows(result)
    order: dict[str, int] = {status: number for number, status in enumerate(STATUSES)}
    groups.sort(key=lambda group: (order.get(group.status, len(order)), -len(group.positions)))

    statuses = [group.status for group in groups]
    http_statuses = [group.http_status for group in groups]
    errors = [group.error for group in groups]
    counts = [len(group.positions) for group in groups]
    examples = [", ".join(map(str, group.positions[:_MAX_EXAMPLES])) for group in groups]
    return Listing(
        {
            "status": pd.Series(statuses, dtype="str"),
            "http_status": pd.array(http_statuses, dtype="Int64"),
            "error": pd.Series(errors, dtype="str" if groups else object),
            "rows": pd.Series(counts, dtype="int64"),
            "examples": pd.Series(examples, dtype="str"),
        }
    )


def _group_rows(result: pd.DataFrame) -> list[_Group]:
    """Group the rows of a result; the groups are in the order of their first rows."""
    groups: dict[tuple[str, int | None, str], _Group] = {}
    columns = (result[name].tolist() for name in ("run.status", "run.http_status", "run.error"))

    for position, (status, http_status, error) in enumerate(zip(*columns, strict=True)):
        code = None if pd.isna(http_status) else int(http_status)
        text = error if isinstance(error, str) else None
        key = (str(status), code, _without_ids(text or ""))

        group = groups.get(key)
        if group is None:
            group = groups[key] = _Group(str(status), code, text)
        group.positions.append(position)
    return list(groups.values())


def _without_ids(error: str) -> str:
    """Replace each id in an error, so that errors with the same cause are equal.

    Examples
    --------
    A quoted name is kept, any other quoted word is an id:

    >>> _without_ids("field 'sku' is missing"), _without_ids("SKU 'RED-L' is missing")
    ("field 'sku' is missing", 'SKU … is missing')
    >>> _without_ids("column 'draft' must be yes or no, not 'on a Monday'")
    "column 'draft' must be yes or no, not …"

    So is a word that looks like a number, a time or an address:

    >>> _without_ids("at 2026-01-01T00:00:00Z bob@example.com sent order A123")
    'at … … sent order …'
    """
    return _PARTS.sub(_mark_id, error)


def _mark_id(part: re.Match[str]) -> str:
    text = part[0]
    kind = part.lastgroup
    if kind == "quoted" or (kind == "word" and _is_id(text)):
        return "…"
    return text


def _is_id(word: str) -> bool:
    """Return whether a word looks like an id.

    Examples
    --------
    >>> [_is_id(word) for word in ("7", "A123", "x9y9", "bob@example.com")]
    [True, True, True, True]
    >>> [_is_id(word) for word in ("order", "addressLine1")]
    [False, False]
    """
    return _ID.search(word) is not None


def stop_reason(result: pd.DataFrame) -> str | None:
    """Return why the run of a result stopped early (``attrs["flxframe"]["stopped"]``), or None."""
    facts = result.attrs.get("flxframe", {})
    reason: str | None = facts.get("stopped")
    return reason
