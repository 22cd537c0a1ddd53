"""Where a command writes the result of a table, and which journal it uses."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from flxframe.exceptions import JournalError, SettingError
from flxframe.journal.reader import Journal
from flxframe.sources.archives import ARCHIVES
from flxframe.sources.links import is_link

STDIN = "-"
"""The table that means standard input."""

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


def output_of(table: str) -> Path:
    """Return the default path of a table's result, next to its file.

    Examples
    --------
    >>> [output_of(table).name for table in ("orders.csv", "orders.csv.gz", "orders.zip")]
    ['orders.done.csv', 'orders.done.csv', 'orders.done.xlsx']
    """
    path = Path(table)
    if path.suffix.lower() in ARCHIVES:
        path = path.with_suffix("")
    suffix = _SUFFIXES.get(path.suffix.lower(), ".xlsx")
    return path.with_name(f"{path.stem}.done{suffix}")


def journal_of(table: str, output: Path) -> Path:
    """Return the journal of the run that wrote the table, otherwise one next to the result."""
    path = Path(table)
    journals = sorted(path.parent.glob("*.journal.db")) if is_file(table) else []
    for journal in journals:
        with suppress(JournalError):
            if Journal(journal).is_of(path):
                return journal
    return output.with_name(f"{output.name}.journal.db")


def template_of(table: str, output: Path) -> Path | None:
    """Return the table if the result can be written to a copy of it, because it is a workbook."""
    path = Path(table)
    is_template = is_file(table) and output.suffix.lower() == path.suffix.lower() in _WORKBOOKS
    return path if is_template else None
