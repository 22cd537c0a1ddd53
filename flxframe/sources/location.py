"""Where a table is: a file, a file behind a link, in an archive, or on standard input."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from pathlib import Path
from typing import IO, NamedTuple

from flxframe.exceptions import FileError, FlxframeError
from flxframe.files.reading import KINDS, open_errors
from flxframe.sources.archives import ARCHIVES, unpack_gzip, unpack_zip
from flxframe.sources.content import kind_of_content, to_utf8
from flxframe.sources.download import download
from flxframe.sources.links import check_link, file_link, is_link, link_name, suffix_of


class Location(NamedTuple):
    """A file on this computer, and the name of the table for messages."""

    path: Path
    name: str


@contextmanager
def located(source: str | os.PathLike[str], *, sheet: str | None = None) -> Iterator[Location]:
    """Make a table a file on this computer while the context is open.

    Parameters
    ----------
    source : path
        The file, or a link to it.
    sheet : str, optional
        The sheet, which decides what is downloaded from Google Sheets.

    Raises
    ------
    FileError
        If it can't be downloaded or unpacked.
    """
    text = os.fspath(source)
    if is_link(text):
        if not isinstance(source, str):
            raise FileError(f"{text} is a link: pass it as text, since a Path changes it")
        with (
            _folder(link_name(text)) as folder,
            _shown(_download(text, sheet, folder), folder) as location,
        ):
            yield location
        return

    location = Location(Path(text), text)
    if location.path.suffix.lower() not in ARCHIVES:
        yield location
        return
    with _folder(text) as folder, _shown(location, folder) as location:
        yield location


@contextmanager
def saved(stream: IO[bytes], name: str) -> Iterator[Location]:
    """Make the bytes of a stream a file on this computer while the context is open."""
    with _folder(name) as folder:
        path = folder / "stream"
        with path.open("wb") as file:
            shutil.copyfileobj(stream, file)
        if not path.stat().st_size:
            raise FileError(f"{name} is empty: it needs a table")

        path = path.rename(folder / f"stream{kind_of_content(path)}")
        with _shown(Location(path, name), folder) as location:
            yield location


@contextmanager
def _folder(name: str) -> Iterator[Path]:
    """Make a temporary folder; an error of the disk is a `FileError` that contains `name`."""
    try:
        with tempfile.TemporaryDirectory(prefix="flxframe-", ignore_cleanup_errors=True) as folder:
            yield Path(folder)
    except FlxframeError:
        raise
    except OSError as error:
        raise FileError(
            f"{name} can't be unpacked or stored ({error.strerror or error}): check the disk with "
            "the folder for temporary files"
        ) from None


@contextmanager
def _shown(location: Location, folder: Path) -> Iterator[Location]:
    """Unpack a file if it is an archive; errors show its name instead of the temporary path."""
    location = _unpack(location, folder)
    try:
        yield location
    except FlxframeError as error:
        text = str(error).replace(str(location.path), location.name)
        raise type(error)(text) from None


def _download(link: str, sheet: str | None, folder: Path) -> Location:
    name = link_name(link)
    check_link(link)
    link = file_link(link, sheet)
    path = folder / "download"
    content_type = download(link, path, name=name)

    suffix = suffix_of(link)
    for archive in ARCHIVES:
        suffix = suffix.removesuffix(archive)
    kind = kind_of_content(path, suffix)
    if kind in (".csv", ".tsv", ".json", ".jsonl"):
        to_utf8(path, _charset(content_type))
    return Location(path.rename(folder / f"download{suffix if kind == '.gz' else ''}{kind}"), name)


def _unpack(location: Location, folder: Path) -> Location:
    """Return the table in an archive; other files are returned unchanged."""
    path, name = location
    kind = path.suffix.lower()
    with open_errors(path):
        if kind == ".zip":
            return Location(*unpack_zip(path, folder, name))
        if kind != ".gz":
            return location

        target = folder / "unpacked"
        unpack_gzip(path, target, name)

    suffix = Path(path.stem).suffix.lower()
    kind = kind_of_content(target, suffix)
    if kind not in KINDS:
        raise FileError(f"there is an archive in {name}: unpack it, and use the table in it")
    return Location(target.rename(folder / f"unpacked{kind}"), name)


def _charset(content_type: str) -> str:
    message = Message()
    message["Content-Type"] = content_type
    return str(message.get_param("charset", ""))
