"""Delimited text: how cells are read, and that they come back unchanged."""

import csv
import datetime as dt
import string
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given

from flxframe.exceptions import FileError, SettingError, TableError
from flxframe.files.reading import read_table
from flxframe.files.writing import write_results
from flxframe.request.fields import Defaults
from flxframe.request.plan import Plan
from tests.files.kinds import BOOLEANS, FLOATS, assert_same_cells, integers, quick, tables, texts

DEFAULTS = Defaults(event_handle="order_import")
PRINTABLE = string.printable + "é€日😀'=+-@"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
def test_encodings_are_detected(read_content, encoding):
    """Accented letters are correct, whichever program saved the file."""
    table = read_content("name,city\nJosé,Münster\n".encode(encoding))
    assert table.loc[0].tolist() == ["José", "Münster"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters_are_detected(read_content, delimiter):
    """A European export has semicolons."""
    table = read_content(f"a{delimiter}b\n1{delimiter}x\n")
    assert list(table) == ["a", "b"]
    assert table.loc[0].tolist() == [1, "x"]


@pytest.mark.parametrize(
    "cells", [["02134", "10001"], ["+1", "2"], ["1", "x"], ["1.", "2"], ["1234567890123456", "2"]]
)
def test_one_odd_cell_keeps_the_column_text(read_content, cells):
    """A postcode keeps its zero, because one cell that is not a number makes all of them texts."""
    assert read_content("n\n" + "\n".join(cells) + "\n")["n"].tolist() == cells


def test_numbers_and_booleans_are_recognised(read_content):
    """Whole numbers stay integers next to blanks."""
    table = read_content("i,f,b\n1,1.5,true\n,,\n3,2e3,false\n")
    assert [str(table[name].dtype) for name in table] == ["Int64", "float64", "boolean"]
    assert table.loc[2].tolist() == [3, 2000.0, False]


def test_a_dtype_can_be_given(read_content):
    """A dtype from the user has priority over what the cells look like."""
    table = read_content("zip,n\n123,1\n456,2\n", dtype={"zip": "string", "n": "number"})
    assert table["zip"].tolist() == ["123", "456"]
    assert table["n"].tolist() == [1.0, 2.0]


def test_a_python_type_is_a_dtype_too(read_content):
    """`str`, `int`, `float` and `bool` mean the same as the names."""
    content = "zip,i,f,b\n123,1,1,1\n"
    by_type = read_content(content, dtype={"zip": str, "i": int, "f": float, "b": bool})
    names = {"zip": "string", "i": "integer", "f": "number", "b": "boolean"}
    pd.testing.assert_frame_equal(by_type, read_content(content, dtype=names))
    assert by_type.loc[0].tolist() == ["123", 1, 1.0, True]


def test_a_cell_that_does_not_fit_its_dtype_is_reported(read_content):
    """The message names the row and the cell."""
    with pytest.raises(FileError, match=r"column 'n', row 3: 'x' is not an integer"):
        read_content("n\n1\nx\n", dtype={"n": "integer"})


def test_a_dtype_of_a_missing_column_is_an_error(read_content):
    """A typing error in the name of a column is not ignored."""
    with pytest.raises(SettingError, match=r"has no column 'm'; it has 'n'"):
        read_content("n\n1\n", dtype={"m": "string"})


def test_an_unknown_dtype_is_an_error(read_content):
    """The message lists the known ones."""
    with pytest.raises(SettingError, match="must be one of string, integer, number, boolean"):
        read_content("n\n1\n", dtype={"n": bytes})


def test_a_quoted_line_break_stays_in_its_cell(read_content):
    """An address of two lines is one cell."""
    assert read_content('a,b\n"x\ny",2\n').loc[0].tolist() == ["x\ny", 2]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a,b\n1,2\n3\n", "line 3 has 1 cell but the header has 2; fix the line"),
        ("a,b\n1,2\n3,4,5\n", "line 3 has 3 cells but the header has 2; fix the line"),
        ('a,b\n"1\n2",3\n4\n', "line 4 has 1 cell but the header has 2; fix the line"),
    ],
)
def test_a_ragged_row_is_reported_with_its_line(read_content, content, message):
    """A missing cell must not shift the others silently."""
    with pytest.raises(FileError, match=rf"{message} \(quote text that contains the delimiter\)"):
        read_content(content)


def test_a_trailing_delimiter_does_not_make_a_row_ragged(read_content):
    """Some exporters end each line with a delimiter."""
    assert read_content("a,b\n1,2,\n3,4,\n").shape == (2, 2)


def test_a_nul_byte_is_reported_with_its_line(read_content):
    """The file is damaged, so it is not sent."""
    with pytest.raises(FileError, match="line 2 contains a NUL byte"):
        read_content(b"a,b\n1,\x00\n")


def test_a_missing_quote_is_reported(read_content):
    """A quote that is not closed would swallow the remaining rows."""
    with pytest.raises(FileError, match="check the line for a missing or an extra quote"):
        read_content('a,b\n1,"x\n2,y\n')


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"name\ncaf\xe9 \x81\n", r"cannot decode .* as cp1252 \(.*\); save it as UTF-8"),
        (
            "name\nx\n".encode("utf-16-le") + b"\x00\xd8x\x00",
            r"cannot decode .* as utf-16-le \(.*\); save it as UTF-8",
        ),
        (
            b"PK\x03\x04 and so on",
            "is a newer workbook, .* with the wrong extension: rename it .* ends in .xlsx",
        ),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000),
            "is an .xls workbook with the wrong extension: rename it .* ends in .xls",
        ),
        (
            "\ufeff\n<!DOCTYPE HTML><p>Sign in</p>",
            "is a web page with the wrong extension: open it in Excel",
        ),
    ],
)
def test_other_content_is_one_clear_error(read_content, content, message):
    """Undecodable bytes, and workbooks or web pages with the extension .csv, are reported."""
    with pytest.raises(FileError, match=message) as caught:
        read_content(content)
    assert "t.csv" in str(caught.value)


@pytest.mark.parametrize("content", ["", "\n\n", "   \n"])
def test_an_empty_file_is_an_error(read_content, content):
    """There is nothing to send."""
    with pytest.raises(FileError, match="is empty"):
        read_content(content)


def test_header_row_skips_a_title(read_content):
    """Rows are counted as a spreadsheet program counts them."""
    table = read_content("Orders of May\n\na,b\n1,2\n", header_row=3)
    assert list(table) == ["a", "b"]
    assert table.attrs["flxframe"]["first_row"] == 4


@pytest.mark.parametrize("header_row", [2, 9])
def test_a_blank_or_missing_header_row_is_an_error(read_content, header_row):
    """The columns would have no names."""
    with pytest.raises(FileError, match=f"row {header_row} is blank or missing, so header_row="):
        read_content("Orders of May\n\na,b\n1,2\n", header_row=header_row)


def test_two_columns_named_like_the_same_request_field_are_an_error(read_content):
    """Only one of them can be sent, and the user must choose."""
    with pytest.raises(TableError, match="columns A and B are both named"):
        read_content("objects.order.id,objects.order.id\n1,2\n")


def test_blank_rows_at_the_end_are_dropped(read_content):
    """Excel writes rows of delimiters below the table."""
    assert len(read_content("a,b\n1,2\n,\n,\n")) == 1


def test_blank_rows_between_filled_rows_are_kept(read_content):
    """Row numbers in messages stay those of the file."""
    assert read_content("a,b\n,\n\n1,2\n")["a"].fillna(0).tolist() == [0, 0, 1]


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-x", "@x", "'=x", "\t=1", "''007", "'7", "true", "007", "1e5"]
)
def test_dangerous_and_odd_texts_come_back(tmp_path, text):
    """A spreadsheet program does not treat them as formulas, and reading returns them unchanged."""
    path = write_results(pd.DataFrame({"t": [text], "u": ["x"]}), tmp_path / "t.csv")
    content = path.read_text(encoding="utf-8-sig").splitlines()[1]
    assert not content.lstrip('"').startswith(("=", "+", "@"))
    assert read_table(path)["t"].tolist() == [text]


@pytest.mark.parametrize("kind", ["csv", "tsv"])
@pytest.mark.parametrize("text", ["a;b", "a,b", "a\tb"])
def test_a_delimiter_in_the_only_column_does_not_split_it(tmp_path, kind, text):
    """The delimiter can be in the name or in the cells, and need not be the file's own."""
    path = write_results(pd.DataFrame({f"objects.o.{text}": [text, "x"]}), tmp_path / f"t.{kind}")
    table = read_table(path)
    assert list(table) == [f"objects.o.{text}"]
    assert table.iloc[:, 0].tolist() == [text, "x"]


def test_a_text_too_long_for_a_workbook_comes_back(tmp_path):
    """flxframe recommends a .csv file for such texts."""
    text = "x" * 200_000
    path = write_results(pd.DataFrame({"objects.o": [text]}), tmp_path / "t.csv")
    assert read_table(path)["objects.o"].tolist() == [text]


def test_the_limit_of_the_csv_module_is_left_alone(tmp_path):
    """It is one for the whole process, and another thread might rely on it, whatever its value."""
    path = write_results(pd.DataFrame({"objects.o": ["x" * 500] * 2}), tmp_path / "t.csv")
    limit = csv.field_size_limit(100)
    try:
        assert read_table(path)["objects.o"].tolist() == ["x" * 500] * 2
        assert csv.field_size_limit() == 100
    finally:
        csv.field_size_limit(limit)


def test_an_error_below_a_long_cell_names_its_line(read_content):
    """The file is split in another way then."""
    with pytest.raises(FileError, match="line 3 has 1 cell but the header has 2"):
        read_content(f"a,b\n1,{'x' * 200_000}\n3\n")
    with pytest.raises(FileError, match=r"line 3: .*; check the line for a missing"):
        read_content(f'a,b\n1,{"x" * 200_000}\n3,"4')


@pytest.mark.parametrize("line", ["sep=;", '"sep=;"', "SEP=;"])
def test_a_first_line_gives_the_delimiter(read_content, line):
    """Excel obeys it, and does not show it as a row."""
    table = read_content(f"{line}\na;b\n1;x,y\n")
    assert list(table) == ["a", "b"]
    assert table.loc[0].tolist() == [1, "x,y"]
    assert table.attrs["flxframe"]["first_row"] == 2


def test_any_character_can_be_the_delimiter(read_content):
    """Quotes mark texts as with the others; lines are counted from the top of the file."""
    table = read_content('sep=|\na|b|c\n1|"2"|x\n')
    assert table.loc[0].tolist() == [1, "2", "x"]
    with pytest.raises(FileError, match="line 4 has 1 cell"):
        read_content("sep=|\na|b\n1|2\n3\n")


def test_a_file_of_flxframe_keeps_the_type_of_each_cell(tmp_path):
    """One cell does not change the others of its column."""
    digits = Decimal("0.12345678901234567890")
    columns = {
        "objects.id": [7, 820982911946154508, None],
        "objects.price": [Decimal("19.90"), digits, 7],
        "objects.mixed": [True, "TRUE", 2.5],
        "objects.text": ["7", "true", "'tis"],
    }
    table = pd.DataFrame({name: pd.Series(cells, dtype=object) for name, cells in columns.items()})
    read = read_table(write_results(table, tmp_path / "t.csv"))
    assert read["objects.id"].tolist()[:2] == [7, 820982911946154508]
    assert read["objects.price"].tolist() == [19.9, digits, 7]
    assert read["objects.mixed"].tolist() == [True, "TRUE", 2.5]
    assert read["objects.text"].tolist() == ["7", "true", "'tis"]


@pytest.mark.parametrize(
    "content",
    [
        "a,b\r\n7,x\r\ny,2\r\n",
        '"a","b"\r\n7,x\r\ny,2\r\n',
        '"a, b",b\r\n7,x\r\ny,2\r\n',
        '"a",b\n7,x\ny,2\n',
    ],
)
def test_a_file_of_another_program_has_columns_of_one_type(read_content, content):
    """One postcode with a letter makes all of them texts, though Excel's UTF-8 has a mark too."""
    table = read_content(f"\ufeff{content}")
    assert table.iloc[:, 0].tolist() == ["7", "y"]
    assert table.iloc[:, 1].tolist() == ["x", "2"]


def test_quotes_around_all_cells_of_a_single_column_have_no_meaning(read_content):
    """Its header is as flxframe writes it, but flxframe would not put these numbers in quotes."""
    assert read_content('\ufeff"a"\r\n"7"\r\n"8"\r\n')["a"].tolist() == [7, 8]


def test_an_error_value_makes_its_row_invalid(read_content):
    """The message names the column and says what to do; the other rows are numbers."""
    table = read_content("objects.o.n,objects.o.x\n1,a\n#N/A,b\n3,c\n")
    requests = [request for _, request in Plan(table, defaults=DEFAULTS).requests()]
    assert [request.objects["o"]["n"] for request in (requests[0], requests[2])] == [1, 3]
    assert str(requests[1]) == (
        "column 'objects.o.n': the cell shows the error #N/A: fix it in the spreadsheet, "
        "or clear it"
    )


def test_the_postcodes_of_a_shop_lose_their_apostrophe(read_content):
    """It is not part of them, and a name keeps its own."""
    content = "zip,name\n'02134,'Til Dawn\n'K1A 0B1,O'Neil\n'0,'tis\n"
    table = read_content(content)
    assert table["zip"].tolist() == ["02134", "K1A 0B1", "0"]
    assert table["name"].tolist() == ["'Til Dawn", "O'Neil", "'tis"]


def test_dates_are_written_as_they_are_sent(tmp_path):
    """A .csv file has no dates: they are ISO 8601 texts, before and after."""
    table = pd.DataFrame({"d": [dt.date(2026, 11, 23)], "t": [pd.Timestamp("2026-11-23 06:00")]})
    cells = read_table(write_results(table, tmp_path / "t.csv")).loc[0].tolist()
    assert cells == ["2026-11-23", "2026-11-23T06:00:00"]


@pytest.mark.parametrize("kind", [".csv", ".tsv"])
@quick
@given(table=tables(texts(PRINTABLE), integers(10**15 - 1), FLOATS, BOOLEANS))
def test_texts_numbers_and_booleans_come_back(tmp_path, kind, table):
    """A column of one kind comes back with the same cells and types."""
    path = write_results(table, tmp_path / f"t{kind}", overwrite=True)
    assert_same_cells(read_table(path), table)


@pytest.mark.parametrize(
    ("cells", "lines"),
    [
        ([0.0, -0.0, 1.5, 1.5], ["0.0", "-0.0", "1.5", "1.5"]),
        ([True, False, True], ["true", "false", "true"]),
        ([1, True, 1.0, "1", None], ["1", "true", "1.0", '"1"', '""']),
        (["x", "x", None, "7"], ["x", "x", '""', "'7"]),
    ],
)
def test_equal_cells_of_other_types_are_written_as_what_they_are(tmp_path, cells, lines):
    """True equals 1 and 1.0, and -0.0 equals 0.0, but each has its own text."""
    table = pd.DataFrame({"n": pd.Series(cells, dtype=object)})
    path = write_results(table, tmp_path / "t.csv")
    assert path.read_text(encoding="utf-8-sig").split("\n")[1:-1] == lines
