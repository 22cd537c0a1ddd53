"""Packages: changed and new parts are written, other parts are copied."""

import zipfile

import openpyxl
import pytest

from flxframe.exceptions import FileError
from flxframe.files.xlsx.package import Package
from flxframe.files.xlsx.workbook import Workbook
from tests.files.xlsx.packages import SHEET, parts

MAIN = "xl/workbook.xml"
RELATIONS = "xl/_rels/workbook.xml.rels"


@pytest.fixture
def workbook(tmp_path):
    """A workbook with a part that is not XML."""
    path = tmp_path / "t.xlsx"
    openpyxl.Workbook().save(path)
    with zipfile.ZipFile(path, "a") as package:
        package.writestr(zipfile.ZipInfo("xl/x.bin", (1999, 1, 2, 3, 4, 6)), b"\x00\xff")
    with Workbook(path) as workbook:
        yield workbook


def saved(package, tmp_path):
    """Save a package, and return its path."""
    path = tmp_path / "saved.xlsx"
    with path.open("wb") as file:
        package.save(file)
    return path


def test_unchanged_parts_are_copied(workbook, tmp_path):
    """Their dates and their order stay the same."""
    package = Package(workbook)
    package.text(SHEET)
    path = saved(package, tmp_path)
    assert parts(path) == parts(workbook.path)
    with zipfile.ZipFile(path) as copy:
        assert copy.namelist() == workbook.package.namelist()
        assert copy.getinfo("xl/x.bin").date_time == (1999, 1, 2, 3, 4, 6)
        assert copy.getinfo("xl/x.bin").compress_type == zipfile.ZIP_DEFLATED


def test_a_changed_part_is_written(workbook, tmp_path):
    """The current text can be read before saving."""
    package = Package(workbook)
    package.put(SHEET, "<worksheet>é</worksheet>")
    assert package.text(SHEET) == "<worksheet>é</worksheet>"
    assert parts(saved(package, tmp_path))[SHEET] == "<worksheet>é</worksheet>".encode()


def test_a_new_part_is_declared_and_related(workbook, tmp_path):
    """A name in use gets a number."""
    package = Package(workbook)
    first = package.add(SHEET, "<a/>", source=MAIN, kind="/x", content_type="x")
    second = package.add(SHEET, "<b/>", source=MAIN, kind="/y", content_type="text/y")
    assert (first, second) == ("rIdFlx1", "rIdFlx2")

    content = parts(saved(package, tmp_path))
    assert content["xl/worksheets/sheet11.xml"] == b"<a/>"
    assert content["xl/worksheets/sheet12.xml"] == b"<b/>"
    types = content["[Content_Types].xml"].decode()
    assert 'sheet11.xml" ContentType="application/vnd.openxmlformats' in types
    assert 'sheet12.xml" ContentType="text/y"' in types
    assert b'relationships/y" Target="/xl/worksheets/sheet12.xml"' in content[RELATIONS]


def test_new_parts_are_in_the_order_in_which_they_were_added(workbook, tmp_path):
    """So the same result is always the same file."""
    package = Package(workbook)
    names = [f"xl/{letter}.xml" for letter in "dabc"]
    for name in names:
        package.add(name, "<a/>", source=MAIN, kind="/x", content_type="x")
    with zipfile.ZipFile(saved(package, tmp_path)) as copy:
        assert copy.namelist()[-4:] == names


def test_relations_of_a_part_that_had_none_are_added(workbook, tmp_path):
    """A sheet without comments, for example, has no relationships."""
    package = Package(workbook)
    package.add("xl/comments1.xml", "<a/>", source=SHEET, kind="/comments", content_type="comments")
    relations = parts(saved(package, tmp_path))["xl/worksheets/_rels/sheet1.xml.rels"]
    assert b'Id="rIdFlx1"' in relations
    assert b'Target="/xl/comments1.xml"' in relations


def test_a_dropped_part_is_not_mentioned_any_more(workbook, tmp_path):
    """It is in no content type and in no relationship."""
    package = Package(workbook)
    package.drop("xl/theme/theme1.xml", source=MAIN)
    content = parts(saved(package, tmp_path))
    assert "xl/theme/theme1.xml" not in content
    assert b"theme1.xml" not in content["[Content_Types].xml"] + content[RELATIONS]
    assert b"styles.xml" in content[RELATIONS]


def test_xml_that_is_not_well_formed_is_not_written(workbook, tmp_path):
    """VML is an exception, since some programs write it that way."""
    package = Package(workbook)
    package.put(SHEET, "<worksheet><row></worksheet>")
    with pytest.raises(FileError, match=r"t.xlsx is damaged .*: open it in Excel"):
        saved(package, tmp_path)

    package.put(SHEET, "<worksheet/>")
    package.put("xl/drawings/a.vml", "<xml><br></xml>")
    assert parts(saved(package, tmp_path))["xl/drawings/a.vml"] == b"<xml><br></xml>"
