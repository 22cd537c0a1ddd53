"""The displayed value of a cell, in workbooks that no library writes."""

import datetime as dt
import json
import os
import subprocess
import sys

import pytest

from flxframe import preview
from flxframe.exceptions import FileError, TableError
from flxframe.files.reading import read_table
from flxframe.models import ErrorCell
from tests.files.raw_books import HEADER, MAIN, raw_book


@pytest.fixture
def value_of(tmp_path):
    """A function that reads one cell, given its attributes and its content."""

    def read(attributes, content, **settings):
        rows = (
            f'{HEADER}<row r="2"><c r="A2" {attributes}>{content}</c><c r="B2"><v>1</v></c></row>'
        )
        path = raw_book(tmp_path / "t.xlsx", rows, **settings)
        value = read_table(path)["objects.order.a"].astype(object)[0]
        return value.to_pydatetime() if hasattr(value, "to_pydatetime") else value

    return read


@pytest.mark.parametrize(
    ("code", "text", "value"),
    [
        ("General", "2014-01-16T15:59:59.9999999999984025", dt.datetime(2014, 1, 16, 16)),
        ("General", "10:59:59.9999999999984025", dt.time(11)),
        ("General", "PT24H0M0.000S", "24:00:00"),
        ("yyyy-mm-dd", "2026-11-23T11:01:02", dt.date(2026, 11, 23)),
        ("hh:mm", "2026-11-23T11:01:02", dt.time(11, 1, 2)),
        ("yyyy-mm-dd hh:mm", "2026-11-23T11:01:02", dt.datetime(2026, 11, 23, 11, 1, 2)),
    ],
)
def test_an_iso_date_follows_its_number_format(value_of, code, text, value):
    """Its noise is rounded away."""
    displayed = value_of('t="d" s="1"', f"<v>{text}</v>", codes=[code])
    assert displayed == value
    assert type(displayed) is type(value)


@pytest.mark.parametrize(
    "text", ["1_000", "nan", "inf", "1e999", "9" * 5000, "\u0661", "0x1f", "x"]
)
def test_a_text_in_place_of_a_number_is_an_error_cell(value_of, text):
    """Python would read some of them as numbers."""
    cell = value_of("", f"<v>{text}</v>")
    assert isinstance(cell, ErrorCell)
    assert "Orders!A2 contains " in cell.reason
    assert "as a number, which it is not: retype it" in cell.reason


@pytest.mark.parametrize("number", ["0", "0.25"])
@pytest.mark.parametrize("code", ["yyyy-mm-dd", "d.m.yy hh:mm"])
def test_zero_is_not_a_day(value_of, number, code):
    """Programs show the day 0 of January 1900; a formula that finds a blank cell returns 0."""
    cell = value_of('s="1"', f"<f>B9</f><v>{number}</v>", codes=[code])
    assert isinstance(cell, ErrorCell)
    assert "Orders!A2 contains 0" in cell.reason
    assert "enter the date, or clear the cell" in cell.reason


@pytest.mark.parametrize(
    ("attributes", "content", "value"),
    [
        ('s="99"', "<v>5</v>", 5),
        ('s="1"', "<v>7</v>", "#7"),
        ('s="1"', "<v></v>", None),
        ('t="s"', "<v/>", None),
        ('t="inlineStr"', "<is><t></t></is>", None),
        ('t="inlineStr"', "<is><r><t>a</t></r><r><t>b</t></r><rPh><t>c</t></rPh></is>", "ab"),
        ("", "<v> 5 </v>", 5),
        ('t="str"', "<f>B2</f><v></v>", None),
        ('t="inlineStr"', "<is><t>_xD83D__xDE00_</t></is>", "😀"),
        ('t="str"', "<f>B2</f><v>_xD83D_</v>", "\ufffd"),
    ],
)
def test_a_cell_is_read_as_it_is_displayed(value_of, attributes, content, value):
    """A style that does not exist is the general one."""
    assert value_of(attributes, content, codes=['"#"0']) == value


def test_formats_of_conditional_formatting_are_not_those_of_cells(value_of):
    """They can have the numbers of built-in formats."""
    styles = (
        f'<styleSheet {MAIN}><cellXfs><xf/><xf numFmtId="14"/></cellXfs><dxfs><dxf>'
        '<numFmt numFmtId="14" formatCode="0.00%"/></dxf></dxfs></styleSheet>'
    )
    assert value_of('s="1"', "<v>46349</v>", styles=styles) == dt.date(2026, 11, 23)


@pytest.mark.parametrize(
    ("cell", "settings"),
    [
        ('<c r="a2"><v>7</v></c>', {}),
        ('<c r="A2"><v>7</v></c>', {"slash": "\\"}),
        ('<c r="A2" s="5"><v>7</v></c>', {"parts": {"xl/styles.xml": None}}),
        ('<c r="A2"><v>7</v></c>', {"after": '<mergeCells><mergeCell ref="D:E"/></mergeCells>'}),
        ('<c r="A2"><v>7</v></c>', {"after": '<mergeCells><mergeCell ref="#REF!"/></mergeCells>'}),
        ('<c r="A2"><v>7</v></c>', {"codes": ["[" * 300_000]}),
    ],
)
def test_what_can_be_read_is_read(tmp_path, cell, settings):
    """Other programs open these files too."""
    path = raw_book(tmp_path / "t.xlsx", f'{HEADER}<row r="2">{cell}</row>', **settings)
    shown = preview(path, event_handle="e")
    assert json.loads(shown.rows["request"][0])["objects"] == {"order": {"a": 7}}


STRINGS = {"xl/sharedStrings.xml": f"<sst {MAIN}><si><t>another</t></si></sst>"}
WIDE = "".join(f"<c><v>{number}</v></c>" for number in range(16_384))


@pytest.mark.parametrize(
    ("row", "message", "settings"),
    [
        ('<row r="4000000000"><c r="A4"><v>1</v></c></row>', "at most 1048576 rows", {}),
        ('<row r="0"><c r="A2"><v>1</v></c></row>', "is damaged", {}),
        (f'<row r="1048576">{WIDE}</row>', "D1048576 is filled, but nearly all", {}),
        ('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>', "XFD1048576 is filled, but", {}),
        ('<row r="2"><c r="XFE2"><v>1</v></c></row>', "and 16384 columns", {}),
        (f'<row r="2"><c r="{"A" * 200_000}2"><v>1</v></c></row>', "is damaged", {}),
        ('<row r="2"><c r="A2" t="s"><v>-1</v></c></row>', "is damaged", {"parts": STRINGS}),
        ('<row r="2"><c r="A2" t="s"><v>0</v></c></row>', "is damaged", {}),
        ('<row r="2"><c r="A2"', "is damaged", {}),
        ('<row r="2"/>', "is damaged", {"parts": {"xl/workbook.xml": "<a>\0"}}),
    ],
    ids=range(10),
)
def test_what_cannot_be_read_is_one_sentence(tmp_path, row, message, settings):
    """It names the file, and is raised before the memory is full."""
    path = raw_book(tmp_path / "t.xlsx", HEADER + row, **settings)
    with pytest.raises(TableError, match=message) as caught:
        read_table(path)
    assert str(path) in str(caught.value)


READ = """
import sys
from resource import RUSAGE_SELF, getrusage
from flxframe.files.reading import read_table
small = read_table(sys.argv[1])
before = getrusage(RUSAGE_SELF).ru_maxrss
large = read_table(sys.argv[2])
print(len(large), (getrusage(RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the unit of the memory's size differs")
def test_empty_cells_take_no_memory(tmp_path):
    """As elements of a tree they would need 50 MB here, and 6 GB in a file of 240 KB."""
    rows = f'{HEADER}<row r="2"><c r="A2"><v>1</v></c>'
    small = raw_book(tmp_path / "small.xlsx", f"{rows}</row>")
    large = raw_book(tmp_path / "large.xlsx", f"{rows}{'<c/>' * 500_000}</row>")
    command = [sys.executable, "-c", READ, str(small), str(large)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    length, megabytes = map(int, done.stdout.split())
    assert length == 1
    assert megabytes < 20


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
@pytest.mark.parametrize("name", ["t.csv", "t.xlsx", "t.xls", "t.jsonl"])
def test_a_pipe_is_not_waited_for(tmp_path, name):
    """Nothing would ever come."""
    os.mkfifo(tmp_path / name)
    with pytest.raises(FileError, match=f"{name} is not a file but a folder, a pipe or a device"):
        read_table(tmp_path / name)
