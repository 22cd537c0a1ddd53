"""The empty workbook, which other programs can open."""

from pathlib import Path

import openpyxl

from flxframe.files.xlsx.blank import blank
from tests.files.xlsx.packages import rewrite


def test_a_blank_workbook_has_one_empty_sheet():
    """It is not saved to a file yet."""
    path = Path("nothing.xlsx")
    with blank(path) as workbook:
        assert workbook.path == path
        assert [sheet.name for sheet in workbook.sheets] == ["Sheet1"]
        assert [look.code for look in workbook.formats] == ["General"]
    assert not path.exists()


def test_a_blank_workbook_can_be_opened(tmp_path):
    """Another library opens it, and checks its parts."""
    path = tmp_path / "t.xlsx"
    with blank(path) as workbook:
        content = {name: workbook.read(name) for name in workbook.package.namelist()}
    rewrite(path, content)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Sheet1"]
    assert list(book["Sheet1"].values) == []
    assert book["Sheet1"]["A1"].font.name == "Calibri"
