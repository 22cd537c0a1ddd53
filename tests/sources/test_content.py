"""The kind of a file is determined from its content."""

from pathlib import Path

import pandas as pd
import pytest

from flxframe import write_results
from flxframe.sources.content import kind_of_content, to_utf8
from tests.conftest import DATA

TEXT = "Name;Stadt\nŽižkov;Kyjiv\n"


@pytest.mark.parametrize("kind", [".xlsx", ".csv", ".jsonl", ".parquet"])
def test_a_file_is_recognized_without_its_extension(tmp_path: Path, kind) -> None:
    """A download or a stream has none."""
    path = write_results(pd.DataFrame({"a": ["x", "y"], "b": [1, 2]}), tmp_path / f"t{kind}")
    assert kind_of_content(path.rename(tmp_path / "t")) == kind


def test_a_workbook_of_another_format_is_recognized(tmp_path: Path) -> None:
    """Their containers are those of .xlsx and of old Office files."""
    path = tmp_path / "t"
    for source in DATA.glob("*.[xo][ld]s"):
        path.write_bytes(source.read_bytes())
        assert kind_of_content(path) == source.suffix
    assert path.exists()


@pytest.mark.parametrize(
    ("content", "suffix", "kind"),
    [
        (b"a\tb\n", ".tsv", ".tsv"),
        (b"a\tb\n", ".xlsx", ".csv"),
        (b'{"a": [1]}', ".json", ".json"),
        (b'{"a": 1}\n{"a": 2}\n', "", ".jsonl"),
        (b'{\n"a": [1]}', "", ".json"),
        (b' [{"a": 1}]', "", ".json"),
        ('\ufeff{"a": 1}\n'.encode("utf-16"), "", ".jsonl"),
        (b"PK\x03\x04cut", ".csv", ".xlsx"),
        (b"\x1f\x8b..", ".csv", ".gz"),
        (b"", "", ".csv"),
    ],
)
def test_a_suffix_only_decides_between_texts(tmp_path, content, suffix, kind) -> None:
    """A server might name a file wrongly."""
    path = tmp_path / "t"
    path.write_bytes(content)
    assert kind_of_content(path, suffix) == kind


@pytest.mark.parametrize(
    ("encoding", "charset", "expected"),
    [
        ("utf-8", "iso-8859-1", TEXT),
        ("utf-8", "windows-1251", TEXT),
        ("utf-16", "utf-8", TEXT),
        ("iso-8859-2", "iso-8859-2", TEXT),
        ("iso-8859-2", "ISO-8859-2", TEXT),
        ("cp1252", "utf-8", None),
        ("cp1252", "latin-1", None),
        ("cp1252", "no-such-charset", None),
        ("cp1252", "", None),
        ("cp1252", "rot13", None),
    ],
)
def test_a_charset_counts_only_where_the_content_shows_no_other(
    tmp_path, encoding, charset, expected
) -> None:
    """Otherwise the file is unchanged, and its encoding is detected as that of any file."""
    path = tmp_path / "t.csv"
    before = "Größe €\n".encode(encoding) if expected is None else TEXT.encode(encoding)
    path.write_bytes(before)
    to_utf8(path, charset)
    if encoding == "iso-8859-2":
        assert path.read_bytes().decode() == expected
    else:
        assert path.read_bytes() == before
