"""Unpack compressed files and zip files with one table in them."""

from __future__ import annotations

import errno
import gzip
import shutil
import struct
import zipfile
import zlib
from pathlib import Path

from flxframe.exceptions import FileError
from flxframe.files.detect import check_size, is_implausible
from flxframe.files.reading import KINDS
from flxframe.text import listed

ARCHIVES = (".gz", ".zip")

_CHUNK = 2**20
_MAX_NAMES = 10

_GZIP_ERRORS = (gzip.BadGzipFile, EOFError, zlib.error)
_ZIP_ERRORS = (
    zipfile.BadZipFile,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    struct.error,
    zlib.error,
)


def unpack_gzip(path: Path, target: Path, name: str) -> None:
    """Unpack a file that gzip compressed.

    Raises
    ------
    FileError
        If it is damaged, or would unpack to an implausible size; the message contains `name`.
    """
    packed_size = path.stat().st_size
    size = 0
    try:
        with gzip.open(path) as source, target.open("wb") as file:
            while chunk := source.read(_CHUNK):
                size += len(chunk)
                if is_implausible(size, packed_size):
                    raise FileError(
                        f"refusing to open {name}: it would unpack to more than "
                        f"{size // 2**20:,} MiB"
                    )
                file.write(chunk)
    except _GZIP_ERRORS:
        raise _damaged(name) from None


def unpack_zip(path: Path, folder: Path, name: str) -> tuple[Path, str]:
    """Unpack the only table of a zip file, and return its path, and its name for messages.

    Raises
    ------
    FileError
        If there is not exactly one table in it, if it is protected or damaged, or would unpack to
        an implausible size; the message contains `name`.
    """
    try:
        with zipfile.ZipFile(path) as package:
            info = _only_table(package, name)
            check_size(package, name)
            target = folder / f"unpacked{Path(info.filename).suffix.lower()}"
            with package.open(info) as source, target.open("wb") as file:
                shutil.copyfileobj(source, file, _CHUNK)
    except FileError:  # it is a ValueError too
        raise
    except _ZIP_ERRORS:
        raise _damaged(name) from None
    except OSError as error:
        if error.errno != errno.EINVAL:  # a position before the start of the file
            raise
        raise _damaged(name) from None
    return target, f"{name} ({info.filename})"


def _only_table(package: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    """Return the entry of the only table of a zip file."""
    tables = [info for info in package.infolist() if _is_table(info)]
    if not tables:
        raise FileError(f"there is no table in {name}: it needs a file such as orders.csv")
    if len(tables) > 1:
        names = [info.filename for info in tables[:_MAX_NAMES]]
        raise FileError(
            f"there are {len(tables)} tables in {name} ({listed(names)}): unpack it and choose one"
        )
    if tables[0].flag_bits & 1:
        raise FileError(f"{name} is password-protected: unpack it, and use the file in it")
    return tables[0]


def _damaged(name: str) -> FileError:
    return FileError(f"{name} is damaged or cut short, so it can't be unpacked: get a new copy")


def _is_table(info: zipfile.ZipInfo) -> bool:
    """Return whether an entry is a file that can be read, and not one that macOS hides."""
    parts = info.filename.split("/")
    is_hidden = parts[0] == "__MACOSX" or parts[-1].startswith((".", "~$"))
    return not is_hidden and Path(parts[-1]).suffix.lower() in KINDS
