"""A table is found wherever it is, and messages name it as the user does."""

import gzip
import io
import tempfile
import zipfile
from pathlib import Path

import openpyxl
import pytest

import flxframe
from flxframe import FileError, SettingError
from flxframe.sources.location import located, saved
from flxframe.sources.table import read_table
from tests.conftest import run
from tests.sources.conftest import CSV


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch) -> Path:
    """An empty folder for temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def zip_of(name: str, content: bytes, method: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as package:
        package.writestr(name, content)
    return file.getvalue()


def workbook() -> bytes:
    file = io.BytesIO()
    book = openpyxl.Workbook()
    book.active.append(["eventHandle", "objects.order.number"])
    book.active.append(["order_import", "007"])
    book.active.row_dimensions[2].hidden = True
    book.save(file)
    return file.getvalue()


def numbers(source: object, **settings: object) -> list[object]:
    return read_table(source, **settings)["objects.order.number"].tolist()


def test_a_file_is_read_where_it_is(tmp_path: Path, temporary: Path) -> None:
    """No copy is made, so the folder for temporary files is not needed."""
    path = tmp_path / "a.csv"
    path.write_bytes(CSV)
    temporary.rmdir()
    with located(path) as (file, name):
        assert (file, name) == (path, str(path))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("orders.csv.gz", gzip.compress(CSV)),
        ("orders.gz", gzip.compress(CSV)),
        ("ORDERS.CSV.GZ", gzip.compress(CSV)),
        ("orders.tsv.gz", gzip.compress(CSV.replace(b",", b"\t"))),
        ("orders.zip", zip_of("feed/orders.csv", CSV)),
        ("orders.xlsx.zip", zip_of("orders.xlsx", workbook())),
        ("orders.xlsx.gz", gzip.compress(workbook())),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.filterwarnings("ignore:.*hidden row")
def test_a_table_in_an_archive_is_read(tmp_path, temporary, files, name, content) -> None:
    """On the disk, and behind a link."""
    path = tmp_path / name
    path.write_bytes(content)
    link = files.serve(f"/{name}?sig=secret", content)
    for source in (path, str(path), link):
        assert numbers(source) == ["007"]
    assert read_table(link).attrs["flxframe"]["path"].startswith(f"{files.url}/{name}")
    assert list(temporary.iterdir()) == []


def test_an_archive_that_the_server_unpacks_is_read(files) -> None:
    """Some servers say of a .gz file that only its transfer is compressed."""
    link = files.serve("/a.csv.gz", gzip.compress(CSV), "200 OK", "Content-Encoding: gzip")
    assert numbers(link) == ["007"]


def test_a_bomb_behind_a_link_is_named_by_its_link(files) -> None:
    """With both of its slashes."""
    link = files.serve("/a.zip", zip_of("a.csv", bytes(2**27), zipfile.ZIP_DEFLATED))
    with pytest.raises(FileError, match=f"refusing to open {files.url}/a.zip: it would unpack"):
        read_table(link)


def test_a_link_is_run(files, api) -> None:
    """The result records where the table came from, without what might be a secret."""
    link = files.serve("/export?token=secret", CSV, "200 OK", "Content-Type: text/csv")
    result = run(link, api)
    assert result["run.status"].tolist() == ["ok"]
    assert result.attrs["flxframe"]["path"] == f"{files.url}/export"
    assert flxframe.preview(link).rows["error"].isna().all()


@pytest.mark.parametrize("path", ["/export", "/orders.csv", "/orders.xls"])
def test_a_workbook_behind_a_link_is_recognized_whatever_its_name_is(files, path) -> None:
    """Links to exports have no extension, or a wrong one."""
    link = files.serve(path, workbook())
    with pytest.warns(UserWarning, match=f"{files.url}{path}: the table includes 1 hidden row"):
        assert numbers(link, sheet="Sheet") == ["007"]


@pytest.mark.parametrize(
    ("content_type", "encoding", "city"),
    [
        ("text/csv; charset=utf-8", "cp1252", "Köln"),
        ("text/csv; charset=iso-8859-1", "utf-8", "Köln"),
        ("text/csv; charset=windows-1251", "windows-1251", "Киев"),
        ("text/csv; charset=nonsense", "utf-16", "Киев"),
        ('text/csv; charset="shift_jis"', "shift_jis", "東京"),
    ],
)
def test_a_wrong_charset_damages_no_text(files, content_type, encoding, city) -> None:
    """Servers often name one that is not the file's."""
    body = f"objects.order.city\n{city}\n".encode(encoding)
    link = files.serve("/a.csv", body, "200 OK", f"Content-Type: {content_type}")
    assert read_table(link)["objects.order.city"].tolist() == [city]


def test_a_message_names_the_source_and_not_a_temporary_file(tmp_path, temporary, files) -> None:
    """Its temporary name means nothing to the user."""
    ragged = CSV + b"a,b,c\n"
    path = tmp_path / "orders.csv.gz"
    path.write_bytes(gzip.compress(ragged))
    link = files.serve("/orders.csv?sig=secret", ragged)
    for source, name in ((path, str(path)), (link, f"{files.url}/orders.csv")):
        with pytest.raises(FileError) as caught:
            read_table(source)
        assert name in str(caught.value)
        assert str(temporary) not in str(caught.value)
    with pytest.raises(SettingError, match=f"but {files.url}/orders.csv has no sheets"):
        read_table(link, sheet="Orders")
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("name", ["missing.csv.gz", "missing.zip"])
def test_an_archive_that_does_not_exist_is_an_error(tmp_path, name) -> None:
    """As with any other file."""
    with pytest.raises(FileError, match=f"there is no file .*{name}"):
        read_table(tmp_path / name)


def test_an_archive_in_an_archive_is_not_unpacked(tmp_path: Path) -> None:
    """It could be one without end."""
    path = tmp_path / "orders.zip.gz"
    path.write_bytes(gzip.compress(zip_of("orders.csv", CSV)))
    with pytest.raises(FileError, match=r"there is an archive in .*orders\.zip\.gz: unpack it"):
        read_table(path)


def test_a_link_must_be_passed_as_text() -> None:
    """A Path of it has only one slash, and might have lost more."""
    with pytest.raises(FileError, match="is a link: pass it as text, since a Path changes it"):
        read_table(Path("https://example.com/a.csv"))


@pytest.mark.parametrize(
    "content", [CSV, gzip.compress(CSV), zip_of("a.csv", CSV)], ids=["csv", "gzip", "zip"]
)
def test_a_stream_is_read_by_its_content(content, temporary) -> None:
    """It has no name that shows its kind."""
    with saved(io.BytesIO(content), "standard input") as (file, name):
        assert file.suffix == ".csv"
        assert file.read_bytes() == CSV
        assert name.startswith("standard input")
    assert list(temporary.iterdir()) == []


def test_an_empty_stream_is_an_error() -> None:
    """The program before the pipe has failed."""
    with (
        pytest.raises(FileError, match="standard input is empty: it needs a table"),
        saved(io.BytesIO(), "standard input"),
    ):
        pass


def test_a_link_that_is_not_a_url_is_an_error(temporary) -> None:
    """Whatever is wrong with it, and nothing is sent."""
    for link in ("https://[::1", " https://a b.example/x", "https://*.example/", "https://"):
        with pytest.raises(FileError, match="is not a link"):
            read_table(link)
    assert list(temporary.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path, temporary, files) -> None:
    """The message says where the table was to be stored."""
    temporary.rmdir()
    path = tmp_path / "orders.csv.gz"
    path.write_bytes(gzip.compress(CSV))
    for source in (path, files.serve("/a.csv")):
        with pytest.raises(FileError, match=r"can't be unpacked or stored \(No such file"):
            read_table(source)
