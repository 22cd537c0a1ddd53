"""The package of a workbook."""

import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from flxframe.exceptions import FileError, FlxframeError
from flxframe.files.xlsx.workbook import Sheet, Workbook, cell_formats, workbook_errors
from tests.conftest import DATA
from tests.files.raw_books import HEADER, raw_book

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def relations(**targets):
    """Return a part with relationships: their types and targets."""
    elements = [
        f'<Relationship Id="rId{number}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets.items(), 1)
    ]
    return f"{RELATIONS}{''.join(elements)}</Relationships>"


@pytest.fixture
def workbook(tmp_path):
    """Return a function that opens a workbook of some parts; `main` is the part of its sheets."""

    def opened(main, **parts):
        path = tmp_path / "t.xlsx"
        with zipfile.ZipFile(path, "w") as package:
            package.writestr("_rels/.rels", relations(officeDocument="xl/workbook.xml"))
            package.writestr(
                "xl/workbook.xml", f'<workbook {MAIN} xmlns:r="{OFFICE}">{main}</workbook>'
            )
            package.writestr(
                "xl/_rels/workbook.xml.rels",
                relations(
                    worksheet="/xl/worksheets/sheet1.xml",
                    chartsheet="chartsheets/sheet1.xml",
                    sharedStrings="../xl/strings.xml",
                    styles="styles.xml",
                ),
            )
            for name, xml in parts.items():
                package.writestr(f"xl/{name}.xml", xml)

        return Workbook(path)

    return opened


def test_the_sheets_are_listed_without_charts(workbook):
    """A sheet that is only a chart has no cells."""
    main = (
        '<sheets><sheet name="Orders" state="hidden" r:id="rId1"/>'
        '<sheet name="Chart" r:id="rId2"/><sheet name="Lost" r:id="rId9"/></sheets>'
    )
    with workbook(main) as book:
        assert book.sheets == [Sheet("Orders", "xl/worksheets/sheet1.xml")]


@pytest.mark.parametrize(
    ("main", "is_1904"),
    [
        ("", False),
        ('<workbookPr date1904="0"/>', False),
        ('<workbookPr date1904="1"/>', True),
        ('<workbookPr date1904="true"/>', True),
    ],
)
def test_the_workbook_says_whether_days_are_counted_from_1904(workbook, main, is_1904):
    """Old Macs did that."""
    with workbook(main) as book:
        assert book.date1904 is is_1904


def test_shared_strings_are_read_without_fonts_and_phonetic_hints(workbook):
    """Characters that XML can't contain are restored."""
    strings = (
        f"<sst {MAIN}><si><t>a_x0007_b</t></si><si/>"
        "<si><r><rPr><b/></rPr><t>two </t></r><r><t>runs</t></r>"
        "<rPh><t>hint</t></rPh></si></sst>"
    )
    with workbook("", strings=strings) as book:
        assert book.strings == ["a\x07b", "", "two runs"]


def test_each_cell_style_has_a_number_format(workbook):
    """The formats of named styles are not included."""
    styles = (
        f'<styleSheet {MAIN}><numFmts><numFmt numFmtId="164" formatCode="00000"/></numFmts>'
        '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
        '<cellXfs><xf/><xf numFmtId="164"/><xf numFmtId="14"/></cellXfs></styleSheet>'
    )
    assert [style.kind for style in cell_formats(ET.fromstring(styles))] == [
        "number",
        "text",
        "date",
    ]
    with workbook("", styles=styles) as book:
        assert [style.kind for style in book.formats] == ["number", "text", "date"]


def test_parts_are_found_whatever_their_case(workbook):
    """Some programs do not use the same case for a name and its relationship."""
    with workbook("", Styles="<styleSheet/>") as book:
        assert book.has("xl/styles.xml")
        assert book.read("XL/STYLES.XML") == b"<styleSheet/>"
        assert not book.has("xl/comments1.xml")
        with pytest.raises(FileError, match=r"t\.xlsx is damaged"):
            book.read("xl/comments1.xml")


def test_another_zip_file_is_not_a_workbook(tmp_path):
    """The message says what to use instead."""
    path = tmp_path / "t.xlsx"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("readme.txt", "hello")

    with (
        Workbook(path) as book,
        pytest.raises(FileError, match=r"t\.xlsx is not an Excel workbook .*: use a \.xlsx file"),
    ):
        assert book.sheets


def test_a_file_that_is_refused_is_closed_again():
    """Otherwise Windows could not delete it."""
    with (DATA / "locked.xlsx").open("rb") as file:
        with pytest.raises(FileError, match="is password-protected"):
            Workbook(DATA / "locked.xlsx", file=file)
        assert file.closed


@pytest.mark.parametrize("error", [ValueError("x"), KeyError("x"), zipfile.BadZipFile("x")])
def test_an_error_of_a_damaged_workbook_names_the_file(error):
    """The traceback still shows the cause."""
    with (
        pytest.raises(FileError, match=r"orders\.xlsx is damaged") as caught,
        workbook_errors(Path("orders.xlsx")),
    ):
        raise error
    assert caught.value.__cause__ is error


def test_an_error_of_flxframe_is_not_replaced():
    """Its message is more precise."""
    error = FlxframeError("the table has two columns named 'a'")
    with pytest.raises(FlxframeError) as caught, workbook_errors(Path("orders.xlsx")):
        raise error
    assert caught.value is error


def test_a_part_that_would_fill_the_memory_is_refused(workbook):
    """Its elements take much more memory than its XML."""
    with (
        workbook("", styles=f"<styleSheet>{' ' * (65 * 2**20)}</styleSheet>") as book,
        pytest.raises(FileError, match=r"refusing to open .*t\.xlsx: it would unpack to 65 MiB"),
    ):
        assert book.formats


def test_names_with_backslashes_are_read(tmp_path):
    """Some programs write the separators of Windows."""
    path = raw_book(tmp_path / "t.xlsx", HEADER, slash="\\")
    with Workbook(path) as book:
        assert book.sheets == [Sheet("Orders", "xl/worksheets/sheet1.xml")]
        assert book.entry_name("xl/styles.xml") == "xl\\styles.xml"


def test_missing_styles_and_texts_are_not_missed(workbook):
    """Some programs refer to parts that they do not write."""
    with workbook("") as book:
        assert book.strings == []
        assert [style.kind for style in book.formats] == ["number"]
