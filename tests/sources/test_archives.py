"""Compressed files and zip files with one table are unpacked, within limits."""

import contextlib
import gzip
import io
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flxframe.exceptions import FileError
from flxframe.sources.archives import unpack_gzip, unpack_zip

CSV = b"a,b\n1,2\n"


def zipped(path: Path, **members: bytes) -> Path:
    """Write a zip file; two underscores in a name are a slash, one is a dot."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in members.items():
            package.writestr(name.replace("__", "/").replace("_", "."), content)
    return path


def test_a_compressed_file_is_unpacked(tmp_path: Path) -> None:
    """Also one of several parts."""
    path = tmp_path / "t.gz"
    path.write_bytes(gzip.compress(CSV) + gzip.compress(b"3,4\n"))
    unpack_gzip(path, tmp_path / "t", "t.gz")
    assert (tmp_path / "t").read_bytes() == CSV + b"3,4\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", None),
        (CSV, "the file is damaged or cut short, so it can't be unpacked"),
        (gzip.compress(CSV)[:-3], "the file is damaged"),
        (gzip.compress(CSV)[:12], "the file is damaged"),
        (gzip.compress(CSV)[:-8] + bytes(8), "the file is damaged"),
        (gzip.compress(bytes(70 * 2**20)), "refusing to open the file: .* more than 65 MiB"),
    ],
    ids=["empty", "plain", "short", "start", "checksum", "bomb"],
)
def test_a_file_that_cannot_be_unpacked_is_an_error(tmp_path, content, message) -> None:
    """A bomb is not unpacked further than the limit."""
    path = tmp_path / "t.gz"
    path.write_bytes(content)
    if message is None:
        unpack_gzip(path, tmp_path / "t", "the file")
        return
    with pytest.raises(FileError, match=message):
        unpack_gzip(path, tmp_path / "t", "the file")
    assert (tmp_path / "t").stat().st_size < 70 * 2**20


def test_the_only_table_of_a_zip_file_is_unpacked(tmp_path: Path) -> None:
    """Files that are not tables, and those that macOS hides, do not count."""
    path = zipped(
        tmp_path / "t.zip",
        feed__Orders_CSV=CSV,
        feed__readme_md=b"x",
        __MACOSX__feed___Orders_CSV=b"x",
    )
    with zipfile.ZipFile(path, "a") as package:
        package.writestr("feed/", b"")
        package.writestr("__MACOSX/feed/._Orders.csv", b"x")
        package.writestr("feed/.hidden.csv", b"x")
        package.writestr("feed/~$orders.xlsx", b"x")
    target, name = unpack_zip(path, tmp_path, "t.zip")
    assert target.read_bytes() == CSV
    assert (target.suffix, name) == (".csv", "t.zip (feed/Orders.CSV)")


def test_a_name_in_a_zip_file_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    """The name is only shown."""
    folder = tmp_path / "in"
    folder.mkdir()
    path = tmp_path / "t.zip"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("../../evil.csv", CSV)
    target, _ = unpack_zip(path, folder, "t.zip")
    assert target.parent == folder


def protected(path: Path) -> Path:
    """Write a zip file that says that its only table is encrypted."""
    content = bytearray(zipped(path, t_csv=CSV).read_bytes())
    for mark, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        content[content.index(mark) + offset] |= 1
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: zipped(path), "there is no table in the file"),
        (lambda path: zipped(path, readme_txt=b"x"), "there is no table in the file"),
        (
            lambda path: zipped(path, a_csv=CSV, b_xlsx=b"x"),
            r"2 tables in the file \('a\.csv', 'b\.xlsx'\): unpack it and choose one",
        ),
        (lambda path: zipped(path, a_csv=bytes(2**27)), "refusing to open the file: .* 128 MiB"),
        (protected, "the file is password-protected"),
        (lambda path: path.write_bytes(CSV), "the file is damaged or cut short"),
        (lambda path: path.write_bytes(b""), "the file is damaged or cut short"),
    ],
    ids=["empty", "none", "two", "bomb", "protected", "text", "nothing"],
)
def test_a_zip_file_without_exactly_one_table_is_an_error(tmp_path, make, message) -> None:
    """The message says what to do."""
    path = tmp_path / "t.zip"
    make(path)
    with pytest.raises(FileError, match=message):
        unpack_zip(path, tmp_path, "the file")


def test_a_damaged_table_in_a_zip_file_is_an_error(tmp_path: Path) -> None:
    """Its checksum does not fit."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        package.writestr("t.csv", CSV)
    path = tmp_path / "t.zip"
    path.write_bytes(file.getvalue().replace(CSV, b"a,b\n1,3\n"))
    with pytest.raises(FileError, match="the file is damaged or cut short"):
        unpack_zip(path, tmp_path, "the file")


def test_a_zip_file_cut_anywhere_is_an_error(tmp_path: Path) -> None:
    """Whichever error Python raises for it."""
    path = zipped(tmp_path / "t.zip", t_csv=CSV * 3, note_txt=b"x")
    content = path.read_bytes()
    for size in range(len(content)):
        path.write_bytes(content[:size])
        with pytest.raises(FileError, match="the file is damaged or cut short"):
            unpack_zip(path, tmp_path, "the file")


@settings(deadline=None)
@given(st.integers(0, 200), st.integers(0, 255))
def test_a_zip_file_with_a_changed_byte_is_read_or_an_error(position, value) -> None:
    """No error of Python gets through."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = zipped(folder / "t.zip", t_csv=CSV)
        content = bytearray(path.read_bytes())
        content[position % len(content)] = value
        path.write_bytes(content)
        with contextlib.suppress(FileError):
            unpack_zip(path, folder, "the file")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")
def test_a_full_disk_is_not_called_a_damaged_file(tmp_path: Path) -> None:
    """The reason is the system's own."""
    path = tmp_path / "t.gz"
    path.write_bytes(gzip.compress(bytes(2**20)))
    with pytest.raises(OSError, match="No space left") as caught:
        unpack_gzip(path, Path("/dev/full"), "the file")
    assert not isinstance(caught.value, FileError)
