"""The one door through which tables come in."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TextIO, TypeAlias

import pandas as pd

from flxframe.exceptions import FileError, TableError
from flxframe.files import reading
from flxframe.frames import Frame, as_frame
from flxframe.options.arguments import takes
from flxframe.options.reading import ReadOptions
from flxframe.sources.location import located, saved

Table: TypeAlias = Frame | Iterator[Frame] | str | os.PathLike[str]

_CALLER = "a run"
_STDIN = "standard input"


def as_table(data: Table, options: ReadOptions) -> pd.DataFrame:
    """Return the table: read from its file if it is a path, joined if it comes in parts.

    Raises
    ------
    TableError
        If it is not a table, or the file cannot be read as one.
    SettingError
        If an option has an invalid value, or does not apply to this table.
    """
    if isinstance(data, (str, os.PathLike)):
        return _read(data, options)
    # An Arrow stream is an iterator too, but as_frame() knows how to read one as a whole.
    if isinstance(data, Iterator) and not hasattr(data, "__arrow_c_stream__"):
        table = _joined(data)
    else:
        table = as_frame(data, _CALLER)
    options.check_unused()
    return table


@takes(ReadOptions)
def read_table(path: str | os.PathLike[str], options: ReadOptions) -> pd.DataFrame:
    """Read a file as a table.

    Parameters
    ----------
    path : path
        A .xlsx, .xlsm, .csv, .tsv, .json, .jsonl or .parquet file; one in a .gz or .zip file; or an
        ``https://`` link to one, such as a share link of Google Sheets: of its
        sheet, or with `sheet` of the whole workbook. From .xls, .ods and .xlsb
        files only the values are read, without number formats, and with errors as blanks.
    {options}

    Returns
    -------
    DataFrame
        The rows. ``attrs["flxframe"]`` records where they came from and, under ``remarks``, what to
        know about them before they are sent, such as merged cells that were filled down.

    Raises
    ------
    FileError
        If the file cannot be read as a table; the message names it and says what to do.
    SettingError
        If a setting has an invalid value, or does not apply to this kind of file.
    """
    return _read(path, options)


@takes(ReadOptions)
def read_stream(stream: TextIO | None, options: ReadOptions) -> pd.DataFrame:
    """Read the bytes of standard input as a table; their content shows which kind of file it is.

    Parameters
    ----------
    stream : TextIO or None
        Standard input; None if it is closed.
    {options}

    Raises
    ------
    FileError
        If the bytes cannot be read as a table.
    """
    if stream is None:
        raise FileError(f"{_STDIN} is closed: pass a file, or connect a pipe")
    with saved(stream.buffer, _STDIN) as (file, name):
        return reading.read_table(file, name=name, **options.read_keywords())


def _joined(parts: Iterator[Frame]) -> pd.DataFrame:
    """Return the tables of an iterator as one."""
    frames = []
    for number, part in enumerate(parts, 1):
        try:
            frames.append(as_frame(part, _CALLER))
        except TableError as error:
            raise TableError(f"table {number} of an iterator: {error}") from None

    if not frames:
        raise TableError(
            "an iterator has no tables, or none any more: create it again for each call, or join "
            "the tables first"
        )
    return pd.concat(frames)


def _read(path: str | os.PathLike[str], options: ReadOptions) -> pd.DataFrame:
    with located(path, sheet=options.sheet) as (file, name):
        return reading.read_table(file, name=name, **options.read_keywords())
