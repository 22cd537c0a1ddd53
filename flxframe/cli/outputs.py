"""Where a command writes the result of a table."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

from flxframe.exceptions import SettingError
from flxframe.sources.archives import ARCHIVES
from flxframe.sources.links import is_link

STDIN = "-"
"""The table that means standard input."""

_DONE = re.compile(r"\.done[0-9]*$")
_SUFFIXES = {
    ".csv": ".csv",
    ".json": ".jsonl",
    ".jsonl": ".jsonl",
    ".parquet": ".parquet",
    ".tsv": ".tsv",
    ".xlsm": ".xlsm",
}
_WORKBOOKS = (".xlsx", ".xlsm")


def is_file(table: str) -> bool:
    """Return whether a table is a file on this computer, and not a link or standard input."""
    return table != STDIN and not is_link(table)


def check_output(table: str, output: Path | None) -> None:
    """Raise, before a table is read, if there is no file to write its result to.

    Raises
    ------
    SettingError
        If there is no output, and no file to put one next to.
    """
    if output is None and not is_file(table):
        raise SettingError(
            "a link and standard input require -o (--output), the file to write the result to"
        )


def output_of(table: str, *, overwrite: bool) -> Path:
    """Return the path of a table's result next to its file: TABLE.done.EXT, TABLE.done2.EXT.

    It is the first that no file has, or that may be overwritten.

    Examples
    --------
    >>> tables = ("orders.csv", "orders.done.csv", "orders.csv.gz", "orders.zip")
    >>> [output_of(table, overwrite=True).name for table in tables]
    ['orders.done.csv', 'orders.done.csv', 'orders.done.csv', 'orders.done.xlsx']
    """
    path = Path(table)
    if path.suffix.lower() in ARCHIVES:
        path = path.with_suffix("")
    suffix = _SUFFIXES.get(path.suffix.lower(), ".xlsx")
    stem = _DONE.sub("", path.stem)
    names = itertools.chain(["done"], (f"done{number}" for number in itertools.count(2)))
    paths = (path.with_name(f"{stem}.{name}{suffix}") for name in names)
    return next(path for path in paths if overwrite or not path.exists())


def template_of(table: str, output: Path) -> Path | None:
    """Return the table if the result can be written to a copy of it, because it is a workbook."""
    path = Path(table)
    is_template = is_file(table) and output.suffix.lower() == path.suffix.lower() in _WORKBOOKS
    return path if is_template else None
