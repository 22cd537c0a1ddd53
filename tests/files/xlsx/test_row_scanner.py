"""Rows are scanned with the same cells that the XML parser finds in them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flxframe.files.references import letters
from flxframe.files.xlsx.reader import parsed_grid, scanned_grid
from flxframe.files.xlsx.row_scanner import UnusualError
from flxframe.files.xlsx.workbook import Workbook
from tests.files.kinds import quick
from tests.files.raw_books import MAIN, raw_book

CODES = ["00000", "yyyy-mm-dd", "0;-0;0;@", '0;0;0;"SKU-"@', "0.0##############", "[h]:mm"]
SHARED = "".join(
    f"<si><t>{text}</t></si>" for text in ("a", "7", "a &amp; b", "", "1234567890123456")
)

TEXTS = ["7", "-7", "007", "1.5", "1E+20", "46349", "0", "", " ", "x", "#N/A", "1234567890123456"]
TEXTS += ["a &amp; b", "&#65;&#x1F600;", "_x0041_", "é😀", "2026-11-23", "PT36H", "true", "a\nb"]
ODD_TEXTS = ["&nbsp;", "&", "&#0;", "a]]>b", "\x01", "<![CDATA[7]]>", "<!-- x -->7", "\ufffe"]

FORMULAS = ["", "<f>A1+1</f>", '<f t="shared" si="0"/>', '<f t="shared" ref="A1:A2" si="0">B1</f>']
FORMULAS += ["<f/>", "<f>A1&amp;B1</f>"]
CONTENTS = ["", "<v>{}</v>", "<is><t>{}</t></is>", '<is><t xml:space="preserve">{}</t></is>']
ODD_CONTENTS = ["<v/>", "<is><r><t>{}</t></r><rPh><t>hint</t></rPh></is>", "<v>{}</v><extLst/>"]
ODD_CONTENTS += ["<is><t>{}</t></is><v>8</v>", "<v>{}</v></v>", "<v>{}", "{}", "<is/>"]

STYLES = ["", *(f' s="{number}"' for number in range(len(CODES) + 1))]
KINDS = ["", *(f' t="{kind}"' for kind in ("s", "n", "str", "inlineStr", "b", "e", "d"))]
MORE = ["", ' cm="1"']
ODD_MORE = [' s="1" s="2"', ' x:y="1"', " s='1'", ' s="a&lt;b"', "  ", ' s="1>2"']

HEADS = [' r="{}"', ' r="{}" spans="1:3"', ' r="{}" hidden="1"', ' r="{}" hidden="0" ht="9"']
ODD_HEADS = ["", " ", ' spans="1:3" r="{}"', " r='{}'", ' r="0{}"', ' r="{}" r="9"', ' r="0"']
BETWEEN = ["", "", "\n  "]
ODD_BETWEEN = ["x", "<extLst/>", "<!-- x -->", "&amp;", "&x;"]


def read(book):
    """Return what the scanner and the parser read, or their errors."""
    answers = []
    with Workbook(book) as workbook:
        for read_sheet in (scanned_grid, parsed_grid):
            try:
                answers.append(repr(read_sheet(workbook, workbook.sheets[0])))
            except Exception as error:
                answers.append(error if isinstance(error, UnusualError) else repr(error))
    return answers


def write(path, rows, after=""):
    parts = {"xl/sharedStrings.xml": f"<sst {MAIN}>{SHARED}</sst>"}
    return raw_book(
        path, rows, after=after, codes=[c.replace('"', "&quot;") for c in CODES], parts=parts
    )


@st.composite
def sheets(draw, is_odd):
    """Draw the XML of some rows; odd ones are written in a way that is rare or not even valid."""

    def pick(usual, odd=()):
        return draw(st.sampled_from([*usual * 20, *odd] if is_odd else usual))

    rows = ""
    for row in draw(st.lists(st.integers(1, 12), max_size=5)):
        cells = ""
        for column in draw(st.lists(st.sampled_from(["A", "B", "C", "AB"]), max_size=4)):
            reference = pick(
                [f' r="{column}{row}"'], ["", f' r="${column}${row}"', ' r="A"', " r='A1'"]
            )
            attributes = reference + pick(STYLES) + pick(KINDS) + pick(MORE, ODD_MORE)
            content = pick(CONTENTS, ODD_CONTENTS).format(pick(TEXTS, ODD_TEXTS))
            inside = pick(FORMULAS) + content
            cells += pick(BETWEEN, ODD_BETWEEN) + (
                f"<c{attributes}>{inside}</c>" if inside else f"<c{attributes}/>"
            )
        head = pick(HEADS, ODD_HEADS).format(row)
        rows += pick(BETWEEN, ODD_BETWEEN) + (
            f"<row{head}>{cells}</row>" if cells else f"<row{head}/>"
        )
    return rows


@quick
@given(sheets(is_odd=False))
def test_usual_rows_are_scanned_as_they_are_parsed(tmp_path, rows):
    """The values, their types, the hidden rows and the messages of errors are the same."""
    scanned, parsed = read(write(tmp_path / "t.xlsx", rows))
    assert scanned == parsed or isinstance(scanned, UnusualError)


@quick
@given(sheets(is_odd=True))
def test_odd_rows_are_scanned_as_they_are_parsed_or_left_to_the_parser(tmp_path, rows):
    """No row is scanned wrongly, however it is written."""
    scanned, parsed = read(write(tmp_path / "t.xlsx", rows))
    assert scanned == parsed or isinstance(scanned, UnusualError)


def test_equal_contents_have_the_value_of_their_own_style_and_kind(tmp_path):
    """Values are kept for equal cells, but an error names its own cell."""
    rows = ""
    for row in range(1, 4):
        cells = ""
        for number, attributes in enumerate(style + kind for style in STYLES for kind in KINDS):
            text = "1" if 's"' in attributes else "46349"
            cells += f'<c r="{letters(number + 1)}{row}"{attributes}><v>{text}</v></c>'
        rows += f'<row r="{row}">{cells}</row>'

    scanned, parsed = read(write(tmp_path / "t.xlsx", rows))
    assert scanned == parsed
    assert len(set(re.findall(r"Orders![A-Z]+[0-9]+", scanned))) > 3


@pytest.mark.parametrize("text", ["\x01", "\x00", "\ufffe", "a]]>b"])
def test_a_text_that_xml_cannot_contain_is_left_to_the_parser(tmp_path, text):
    """It refuses the sheet as damaged."""
    row = f'<row r="1"><c r="A1" t="inlineStr"><is><t>{text}</t></is></c></row>'
    scanned, parsed = read(write(tmp_path / "t.xlsx", row))
    assert isinstance(scanned, UnusualError)
    assert "ExpatError" in parsed


@pytest.mark.parametrize("end", ["", "&#13;"])
def test_line_ends_are_those_of_xml(tmp_path, end):
    """A carriage return is one only if it is escaped."""
    row = f'<row r="1"><c r="A1" t="inlineStr"><is><t>a\r\nb\rc{end}</t></is></c></row>'
    scanned, parsed = read(write(tmp_path / "t.xlsx", row))
    assert scanned == parsed
    assert r"a\nb\nc" in scanned


def test_a_sheet_with_attributes_of_its_own_for_each_cell_is_parsed(tmp_path):
    """They would have to be kept, and fill the memory."""
    cells = "".join(f'<c r="A1" cm="{number}"><v>7</v></c>' for number in range(10_001))
    scanned, _ = read(write(tmp_path / "t.xlsx", f'<row r="1">{cells}</row>'))
    assert isinstance(scanned, UnusualError)


def test_rows_with_attributes_of_their_own_are_scanned(tmp_path):
    """Their heights can all differ."""
    rows = ""
    for row in range(1, 10_100):
        hidden = ' hidden="1"' if row % 1000 == 7 else ""
        rows += f'<row r="{row}" ht="{row / 64}"{hidden}><c r="A{row}"><v>7</v></c></row>'
    scanned, parsed = read(write(tmp_path / "t.xlsx", rows))
    assert scanned == parsed
