"""The container, encoding and delimiter of a file are detected from its content."""

import codecs
import io
import zipfile
from pathlib import Path

import pytest

from flxframe.exceptions import FileError
from flxframe.files.detect import (
    check_container,
    check_size,
    detect_delimiter,
    detect_encoding,
)

TEXT = "name;city\nJosé;Münster\n"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = OLE + bytes(1000) + "EncryptedPackage".encode("utf-16-le")


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (TEXT.encode(), "utf-8"),
        (TEXT.encode("utf-8-sig"), "utf-8-sig"),
        (TEXT.encode("utf-16"), "utf-16"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "utf-16"),
        (TEXT.encode("utf-16-le"), "utf-16-le"),
        (TEXT.encode("utf-16-be"), "utf-16-be"),
        (TEXT.encode("cp1252"), "cp1252"),
        (b"", "utf-8"),
        (b"\x00", "utf-8"),
    ],
)
def test_the_encoding_is_detected(tmp_path, content, encoding):
    """The byte order mark, NUL bytes and valid UTF-8 determine it."""
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    assert detect_encoding(path) == encoding


@pytest.mark.parametrize(("last", "encoding"), [("é".encode(), "utf-8"), (b"\xe9", "cp1252")])
def test_a_large_file_is_checked_completely(tmp_path, last, encoding):
    """A letter can be split between two chunks."""
    path = tmp_path / "t.csv"
    path.write_bytes(b"x" * (2**20 - 1) + last)
    assert detect_encoding(path) == encoding


@pytest.mark.parametrize(
    ("lines", "delimiter"),
    [
        (["a,b", "1,2"], ","),
        (["a;b", "1;2"], ";"),
        (["a\tb", "1\t2"], "\t"),
        (["a;b", "1,5;2,5"], ";"),
        (["a,b", "x;y,z"], ","),
        (['"a;b;c",d', "1,2"], ","),
        (["a", "1"], ","),
        (["a,b", "1,2", "3"], ","),
        ([], ","),
    ],
)
def test_the_delimiter_gives_all_rows_the_same_number_of_cells(lines, delimiter):
    """If none does, the one with the most cells is used, and a ragged row is an error later."""
    assert detect_delimiter([f"{line}\n" for line in lines], None) == delimiter


def test_a_title_above_the_header_does_not_count():
    """Its commas are punctuation, not delimiters."""
    lines = ["Orders, returns, and refunds\n", "a;b\n", "1;2\n"]
    assert detect_delimiter(lines, header_row=2) == ";"


def test_a_missing_quote_does_not_stop_the_detection():
    """When the file is read, the quote is reported with its line."""
    assert detect_delimiter(["a;b\n", '1;"x\n'], None) == ";"


def check(content, expected):
    """Check the container of a file with this content."""
    check_container(io.BytesIO(content), Path("orders.xlsx"), expected=expected)


@pytest.mark.parametrize(
    ("content", "expected"),
    [(b"PK\x03\x04", "zip"), (OLE, "ole"), (b"a,b\n", "text"), (b"", "text")],
)
def test_the_expected_container_passes(content, expected):
    """The file can still be read from its start."""
    file = io.BytesIO(content)
    check_container(file, Path("orders.xlsx"), expected=expected)
    assert file.read() == content


@pytest.mark.parametrize(
    ("content", "expected", "message"),
    [
        (ENCRYPTED, "zip", "is password-protected: save a copy without a password"),
        (ENCRYPTED, "ole", "is password-protected: save a copy without a password"),
        (OLE, "zip", "is an .xls workbook with the wrong extension: rename it .* in .xls"),
        (OLE, "text", "is an .xls workbook with the wrong extension: rename it .* in .xls"),
        (b"PK\x03\x04", "ole", "is a newer workbook, .* wrong extension: rename it .* in .xlsx"),
        (b"PK\x03\x04", "text", "is a newer workbook, .* wrong extension: rename it .* in .xlsx"),
        (b"<html>", "zip", "is not an Excel workbook but a web page or XML"),
        (b"\n<HTML>", "text", "is a web page with the wrong extension"),
        (b"a,b\n", "ole", "is not an Excel workbook but a text file: rename it .* in .csv"),
        ("a,b\n".encode("utf-16"), "zip", "is not an Excel workbook but a text file"),
        (b"", "zip", "is an empty file: save the workbook again"),
        (b"\x00\x01", "zip", "is damaged or cut short"),
    ],
)
def test_another_container_is_an_error(content, expected, message):
    """The message says what the file is and what to do."""
    with pytest.raises(FileError, match=f"orders.xlsx {message}"):
        check(content, expected)


def package_of(size):
    """Return a zip file with a part of zeros."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package,
        package.open("a", "w") as part,
    ):
        for _ in range(size // 2**20):
            part.write(bytes(2**20))
    return zipfile.ZipFile(file)


def test_a_zip_bomb_is_refused_before_it_is_unpacked():
    """A file of a few KB would fill the memory."""
    message = "refusing to open orders.xlsx: it would unpack to 300 MiB"
    with package_of(300 * 2**20) as package, pytest.raises(FileError, match=message):
        check_size(package, Path("orders.xlsx"))


def test_a_well_packed_workbook_of_a_common_size_passes():
    """Only sizes above 64 MiB are suspicious."""
    with package_of(60 * 2**20) as package:
        check_size(package, Path("orders.xlsx"))
