"""What a file is by its bytes: its container, its encoding, its delimiter."""

from __future__ import annotations

import codecs
import csv
import zipfile
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import IO, Literal

from flxframe.exceptions import FileError

_DELIMITERS = ",;\t"


_SAMPLE_ROWS = 20


_CHUNK = 2**20


def encoding_of(path: Path) -> str:
    """Find out the encoding: by its mark, else UTF-8 if all of it is, else by its NULs, else Windows-1252."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        start = file.read(_CHUNK)
        if start.startswith(codecs.BOM_UTF8):
            return "utf-8-sig"
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        for order, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
            if len(start) > 1 and start[order:64:2].count(0) > len(start[order:64:2]) // 2:
                return encoding
        try:
            chunk = start
            while chunk:
                decoder.decode(chunk)
                chunk = file.read(_CHUNK)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8"


def delimiter_of(file: Iterable[str], header_row: int | None) -> str:
    """Find the delimiter that gives the header and the rows below it the same number of cells, or else the most."""
    lines = list(islice(file, _SAMPLE_ROWS * 10 + (header_row or 0)))

    def plainness(delimiter: str) -> tuple[bool, bool, int]:
        widths = []
        try:
            for number, row in enumerate(csv.reader(lines, delimiter=delimiter), 1):
                if row and number >= (header_row or 1):
                    widths.append(len(row))
                if len(widths) == _SAMPLE_ROWS:
                    break
        except csv.Error:  # reading will say what is wrong, and where
            pass
        widest = max(widths, default=0)
        # A ragged row must not make one column of the whole file: that is an error, and names the line.
        return set(widths) == {widest} and widest > 1, widths[:1] > [1], widest

    return max(_DELIMITERS, key=plainness)


Container = Literal["zip", "ole", "text"]


_START = 4096


_LARGEST = 4 * 2**30


_SUSPICIOUS = 256 * 2**20


_RATIO = 200


_WHITE = b"\xef\xbb\xbf \t\r\n"


_PAGES = (b"<!doctype html", b"<html")


_SIXTEEN_BITS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def check_container(file: IO[bytes], path: Path, *, wants: Container) -> None:
    """Find out whether a file is what its name says.

    Parameters
    ----------
    file : file object
        The file, opened.
    path : Path
        Its name, for messages.
    wants : {"zip", "ole", "text"}
        What it is to be: .xlsx, .ods and .xlsb are zip files, .xls stands in the old container of Office.

    Raises
    ------
    FileError
        If it is something else, or is protected by a password; the message says what to do.
    """
    start = file.read(_START)
    file.seek(0)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        whole = file.read()
        file.seek(0)
        if "EncryptedPackage".encode("utf-16-le") in whole:
            raise protected(path)
        if wants != "ole":
            raise FileError(
                f"{path} is an old Excel workbook under a new name: rename it so that it ends in .xls"
            )
    elif start.startswith(b"PK"):
        if wants != "zip":
            raise FileError(
                f"{path} is no {'old Excel workbook' if wants == 'ole' else 'text'} but a newer workbook, or another "
                "zip file, by that name: rename it so that it ends in .xlsx"
            )
    elif wants == "text":
        if start.lstrip(_WHITE).lower().startswith(_PAGES):
            raise FileError(
                f"{path} is a web page by that name: open it in Excel or LibreOffice, save it as .xlsx"
            )
    else:
        raise _no_workbook(start, path)


def check_size(package: zipfile.ZipFile, path: Path) -> None:
    """Refuse to unpack what would fill the memory.

    Raises
    ------
    FileError
        If it would.
    """
    # zipfile never unpacks more of a part than its entry announces, so the announced sizes bound what can come.
    size = sum(info.file_size for info in package.infolist())
    packed = sum(info.compress_size for info in package.infolist())
    if size > _LARGEST or (size > _SUSPICIOUS and size > _RATIO * packed):
        raise FileError(
            f"{path} would unpack to {size / 2**20:,.0f} MiB, which no honest workbook does, so it stays shut: copy "
            "rows to a new workbook, or save them as .csv"
        )


def damaged(path: Path) -> FileError:
    """Return the error for a package that can't be unpacked or read."""
    return FileError(
        f"{path} is damaged or cut short, so it can't be read as a workbook: open it in Excel or LibreOffice, save it "
        "anew, or get it again"
    )


def protected(path: Path) -> FileError:
    """Return the error for a workbook that is protected by a password."""
    return FileError(
        f"{path} is protected by a password: save a copy without one, and use that copy"
    )


def _no_workbook(start: bytes, path: Path) -> FileError:
    if not start:
        return FileError(f"{path} is an empty file: save the workbook again")
    if start.lstrip(_WHITE).startswith(b"<"):
        return FileError(
            f"{path} is no Excel workbook but a web page or XML by that name: open it in Excel or LibreOffice, save it "
            "as .xlsx"
        )
    if b"\x00" not in start or start.startswith(_SIXTEEN_BITS):
        return FileError(
            f"{path} is no Excel workbook but plain text: rename it so that it ends in .csv"
        )
    return damaged(path)
