"""Detect the container, the encoding and the delimiter of a file from its content."""

from __future__ import annotations

import codecs
import csv
import sys
import zipfile
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import IO, Literal

from flxframe.exceptions import FileError

Container = Literal["zip", "ole", "text"]

_DELIMITERS = ",;\t"
_SAMPLE_ROWS = 20
_CHUNK_SIZE = 2**20
_HEAD_SIZE = 4096

_MAX_SIZE = 4 * 2**30
_SUSPICIOUS_SIZE = 64 * 2**20
_MAX_RATIO = 200

_OLE_MARK = b"\xd0\xcf\x11\xe0"
_ZIP_MARK = b"PK"
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")

_WHITESPACE = b"\xef\xbb\xbf \t\r\n"
_HTML_STARTS = (b"<!doctype html", b"<html")


def detect_encoding(path: Path) -> str:
    """Detect the encoding of a text file.

    It is UTF-8 or UTF-16 according to the byte order mark; UTF-16 if most of the bytes in even or
    odd positions are NUL; UTF-8 if the whole file is valid UTF-8; otherwise Windows-1252.
    """
    with path.open("rb") as file:
        head = file.read(_CHUNK_SIZE)
        if head.startswith(codecs.BOM_UTF8):
            return "utf-8-sig"
        if head.startswith(_UTF16_MARKS):
            return "utf-16"

        for offset, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
            high_bytes = head[offset:64:2]
            if len(head) > 1 and high_bytes.count(0) > len(high_bytes) // 2:
                return encoding

        file.seek(0)
        return "utf-8" if _is_utf8(file) else "cp1252"


def _is_utf8(file: IO[bytes]) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := file.read(_CHUNK_SIZE):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def detect_delimiter(file: Iterable[str], header_row: int | None) -> str:
    """Detect the delimiter with which the header and the rows below have the same number of cells.

    If there is no such delimiter, it is the one that gives a row the most cells.
    """
    first_row = header_row or 1
    lines = list(islice(file, min(_SAMPLE_ROWS * 10 + first_row, sys.maxsize)))

    def score(delimiter: str) -> tuple[bool, bool, int]:
        widths = _row_widths(lines, delimiter, first_row)
        max_width = max(widths, default=0)
        is_regular = max_width > 1 and set(widths) == {max_width}

        # A ragged row must be reported with its line, not turn the whole file into one column.
        splits_header = max_width > 1 and widths[0] > 1
        return is_regular, splits_header, max_width

    return max(_DELIMITERS, key=score)


def _row_widths(lines: list[str], delimiter: str, first_row: int) -> list[int]:
    """Return the number of cells of each row in the sample that is not blank."""
    widths: list[int] = []
    try:
        for number, row in enumerate(csv.reader(lines, delimiter=delimiter), 1):
            if row and number >= first_row:
                widths.append(len(row))
            if len(widths) == _SAMPLE_ROWS:
                break
    except csv.Error:  # reading the file raises it again, with its line
        pass
    return widths


def check_container(file: IO[bytes], path: Path, *, expected: Container) -> None:
    """Check that the content of a file matches its extension.

    Parameters
    ----------
    file : file object
        The file, opened.
    path : Path
        Its name, for messages.
    expected : {"zip", "ole", "text"}
        The container that its extension implies: .xlsx, .ods and .xlsb are zip files, .xls uses the
        old container of Office.

    Raises
    ------
    FileError
        If it is something else, or is password-protected; the message says what to do.
    """
    head = file.read(_HEAD_SIZE)
    file.seek(0)

    container = _container_of(head)
    if container == "ole":
        content = file.read()
        file.seek(0)
        if _ENCRYPTED_STREAM in content:
            raise protected(path)

    if container != expected:
        raise _wrong_container(container, head, path)
    if container == "text" and head.lstrip(_WHITESPACE).lower().startswith(_HTML_STARTS):
        raise FileError(
            f"{path} is a web page with the wrong extension: open it in "
            "Excel or LibreOffice and save it as .xlsx"
        )


def check_size(package: zipfile.ZipFile, path: Path | str) -> None:
    """Refuse to unpack a package that would fill the memory.

    Raises
    ------
    FileError
        If the package would unpack to an implausible size.
    """
    # zipfile never unpacks more of a part than its entry declares, so these sizes are a bound.
    size = sum(info.file_size for info in package.infolist())
    packed_size = sum(info.compress_size for info in package.infolist())

    if is_implausible(size, packed_size):
        raise too_large(path, size)


def is_implausible(size: int, packed_size: int) -> bool:
    """Return whether a file unpacks to a size that no honest table has, in bytes."""
    is_suspicious = size > _SUSPICIOUS_SIZE and size > _MAX_RATIO * packed_size
    return is_suspicious or size > _MAX_SIZE


def too_large(path: Path | str, size: int) -> FileError:
    """Return the error for a package or a part that would unpack to an implausible size."""
    return FileError(
        f"refusing to open {path}: it would unpack to {size / 2**20:,.0f} MiB; copy the rows to a "
        "new workbook, or save them as .csv"
    )


def damaged(path: Path) -> FileError:
    """Return the error for a package that cannot be unpacked or read."""
    return FileError(
        f"{path} is damaged or cut short, so it can't be read as a "
        "workbook: open it in Excel or LibreOffice and save it again, or "
        "get a new copy"
    )


def protected(path: Path) -> FileError:
    """Return the error for a workbook that is password-protected."""
    return FileError(
        f"{path} is password-protected: save a copy without a password, and use that copy"
    )


def _container_of(head: bytes) -> Container:
    if head.startswith(_OLE_MARK):
        return "ole"
    return "zip" if head.startswith(_ZIP_MARK) else "text"


def _wrong_container(container: Container, head: bytes, path: Path) -> FileError:
    """Return the error for a file whose container does not match its extension."""
    if container == "ole":
        return FileError(
            f"{path} is an .xls workbook with the wrong extension: rename "
            "it so that it ends in .xls"
        )
    if container == "zip":
        return FileError(
            f"{path} is a newer workbook, or another zip file, with the "
            "wrong extension: rename it so that it ends in .xlsx"
        )

    if not head:
        return FileError(f"{path} is an empty file: save the workbook again")
    if head.lstrip(_WHITESPACE).startswith(b"<"):
        return FileError(
            f"{path} is not an Excel workbook but a web page or XML with "
            "the wrong extension: open it in Excel or LibreOffice and "
            "save it as .xlsx"
        )
    if b"\x00" not in head or head.startswith(_UTF16_MARKS):
        return FileError(
            f"{path} is not an Excel workbook but a text file: rename it so that it ends in .csv"
        )
    return damaged(path)
