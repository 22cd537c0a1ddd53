"""Determine the kind of a file from its content, for those that have no reliable name."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

from flxframe.files.detect import detect_encoding

_HEAD_SIZE = 2**16
_TEXT_KINDS = (".csv", ".tsv", ".json", ".jsonl")
_MARKS = {
    b"\x1f\x8b": ".gz",
    b"\xd0\xcf\x11\xe0": ".xls",
    b"PAR1": ".parquet",
}


def kind_of_content(path: Path, suffix: str = "") -> str:
    """Return the extension that fits the content of a file.

    Parameters
    ----------
    path : Path
        The file.
    suffix : str
        The extension that it had elsewhere. It decides between kinds of texts.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD_SIZE)
    for mark, kind in _MARKS.items():
        if head.startswith(mark):
            return kind
    if head.startswith(b"PK"):
        return _kind_of_zip(path)

    if suffix in _TEXT_KINDS:
        return suffix
    return _kind_of_text(head.decode(detect_encoding(path), "replace"))


def to_utf8(path: Path, charset: str) -> None:
    """Write a text in a charset as UTF-8, unless it is UTF-8 or UTF-16, or not in that charset.

    Servers often name a wrong charset, so it only counts where the content does not show another.
    """
    if detect_encoding(path) != "cp1252":
        return
    try:
        text = path.read_bytes().decode(charset)
    except (LookupError, ValueError):  # there is no such charset, or it is another one
        return
    if charset.lower() not in ("latin-1", "iso-8859-1", "us-ascii"):  # often said of Windows-1252
        path.write_bytes(text.encode())


def _kind_of_zip(path: Path) -> str:
    """Return the extension of a workbook in a zip container, otherwise .zip."""
    try:
        with zipfile.ZipFile(path) as package:
            names = set(package.namelist())
    except (zipfile.BadZipFile, OSError, ValueError):
        return ".xlsx"  # reading it reports that it is damaged

    if "xl/workbook.bin" in names:
        return ".xlsb"
    if any(name.startswith("xl/") for name in names):
        return ".xlsx"
    return ".ods" if {"mimetype", "content.xml"} <= names else ".zip"


def _kind_of_text(text: str) -> str:
    """Return the extension of a text.

    Examples
    --------
    >>> [_kind_of_text(text) for text in ('{"a": 1}', '{"a":', '[{"a": 1}]', "a;b")]
    ['.jsonl', '.json', '.json', '.csv']
    """
    text = text.lstrip("\ufeff \t\r\n")
    if text.startswith("["):
        return ".json"
    if not text.startswith("{"):
        return ".csv"

    try:
        json.loads(text.partition("\n")[0])
    except ValueError:
        return ".json"
    return ".jsonl"
