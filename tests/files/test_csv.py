"""Delimited text: what it most plainly means, and what comes back."""

import datetime as dt
import string

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings

from flxframe.exceptions import FileError, SettingError, TableError
from flxframe.files.reading import read_table
from flxframe.files.writing import write_results
from tests.files.kinds import BOOLEANS, FLOATS, INTEGERS, TEXTS, assert_same_cells, tables

quick = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def written(tmp_path):
    """Return a function that writes a file and reads it as a table."""

    def write(content, name="t.csv", **settings):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_table(path, **settings)

    return write


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
def test_encodings_are_found_out(written, encoding):
    """Whatever program saved the file, its letters are right."""
    assert written("name,city\nJosé,Münster\n".encode(encoding)).loc[0].tolist() == [
        "José",
        "Münster",
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters_are_found_out(written, delimiter):
    """A European export with semicolons is a table too."""
    table = written(f"a{delimiter}b\n1{delimiter}x\n")
    assert list(table) == ["a", "b"]
    assert table.loc[0].tolist() == [1, "x"]


@pytest.mark.parametrize(
    "texts", [["02134", "10001"], ["+1", "2"], ["1", "x"], ["1.", "2"], ["1234567890123456", "2"]]
)
def test_one_odd_cell_keeps_the_column_text(written, texts):
    """A postcode keeps its zero, since one cell that is no plain number makes all of the column texts."""
    assert written("n\n" + "\n".join(texts) + "\n")["n"].tolist() == texts


def test_plain_numbers_are_numbers(written):
    """Whole numbers are integers beside blanks, others are floats, true and false are booleans."""
    table = written("i,f,b\n1,1.5,true\n,,\n3,2e3,false\n")
    assert [str(table[name].dtype) for name in table] == ["Int64", "float64", "boolean"]
    assert table.loc[2].tolist() == [3, 2000.0, False]


def test_a_type_can_be_given(written):
    """What the person says about a column wins over what its cells look like."""
    table = written("zip,n\n123,1\n456,2\n", dtype={"zip": "string", "n": "number"})
    assert table["zip"].tolist() == ["123", "456"]
    assert table["n"].tolist() == [1.0, 2.0]


def test_a_python_type_is_a_dtype_too(written):
    """`str`, `int`, `float` and `bool` say the same as the names."""
    text = "zip,i,f,b\n123,1,1,1\n"
    by_type = written(text, dtype={"zip": str, "i": int, "f": float, "b": bool})
    by_name = written(text, dtype={"zip": "string", "i": "integer", "f": "number", "b": "boolean"})
    pd.testing.assert_frame_equal(by_type, by_name)
    assert by_type.loc[0].tolist() == ["123", 1, 1.0, True]


def test_a_cell_that_does_not_fit_its_given_type_is_named(written):
    """The message names the row and the cell."""
    with pytest.raises(FileError, match=r"column 'n', row 3: 'x' is not an integer"):
        written("n\n1\nx\n", dtype={"n": "integer"})


def test_a_type_for_no_column_is_an_error(written):
    """A typing mistake in a column's name isn't passed over."""
    with pytest.raises(SettingError, match=r"has no column 'm'. It has: n"):
        written("n\n1\n", dtype={"m": "string"})
    with pytest.raises(SettingError, match="must be one of string, integer, number, boolean"):
        written("n\n1\n", dtype={"n": bytes})


def test_quoted_newlines_stay_in_their_cell(written):
    """An address of two lines is one cell."""
    assert written('a,b\n"x\ny",2\n').loc[0].tolist() == ["x\ny", 2]


def test_a_ragged_row_is_named_by_its_line(written):
    """A missing cell shifts no other cell in silence."""
    with pytest.raises(FileError, match="line 3 has 1 cells, but the header has 2"):
        written("a,b\n1,2\n3\n")


def test_a_trailing_delimiter_is_no_ragged_row(written):
    """Some exporters end each line with a delimiter."""
    assert written("a,b\n1,2,\n3,4,\n").shape == (2, 2)


def test_a_nul_byte_is_named_by_its_line(written):
    """A damaged file is not sent."""
    with pytest.raises(FileError, match="line 2 holds a NUL byte"):
        written(b"a,b\n1,\x00\n")


def test_an_open_quote_is_named(written):
    """A quote without its end would swallow the rest of the file."""
    with pytest.raises(FileError, match="look there for a quote"):
        written('a,b\n1,"x\n2,y\n')


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"name\ncaf\xe9 \x81\n", "is no text in cp1252 .*: save it as UTF-8"),
        (
            "name\nx\n".encode("utf-16-le") + b"\x00\xd8x\x00",
            "is no text in utf-16-le .*: save it as UTF-8",
        ),
        (
            b"PK\x03\x04 and so on",
            "is no text but a newer workbook, .*: rename it so that it ends in .xlsx",
        ),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000),
            "is an old Excel workbook .*: rename it",
        ),
        ("\ufeff\n<!DOCTYPE HTML><p>Sign in</p>", "is a web page by that name: open it in Excel"),
    ],
)
def test_what_is_no_text_is_one_sentence(written, content, told):
    """Bytes that no encoding has, workbooks and web pages under the name .csv."""
    with pytest.raises(FileError, match=told) as caught:
        written(content)
    assert "t.csv" in str(caught.value)


@pytest.mark.parametrize("content", ["", "\n\n", "   \n"])
def test_an_empty_file_is_an_error(written, content):
    """There is nothing to send."""
    with pytest.raises(FileError, match="is empty"):
        written(content)


def test_a_title_can_be_skipped(written):
    """header_row counts lines as a spreadsheet does."""
    table = written("Orders of May\n\na,b\n1,2\n", header_row=3)
    assert list(table) == ["a", "b"]
    assert table.attrs["flxframe"]["first_row"] == 4


def test_two_columns_of_one_request_field_are_an_error(written):
    """Only one of them can be sent, and which is not ours to choose."""
    with pytest.raises(TableError, match="columns A and B are both named"):
        written("objects.order.id,objects.order.id\n1,2\n")


def test_blank_rows_at_the_end_are_none(written):
    """Excel writes rows of delimiters under the table."""
    assert len(written("a,b\n1,2\n,\n,\n")) == 1


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-x", "@x", "'=x", "\t=1", "''007", "'7", "true", "007", "1e5"]
)
def test_dangerous_and_odd_texts_come_back(tmp_path, text):
    """In the file they are harmless to a spreadsheet; read again they are what they were."""
    path = write_results(pd.DataFrame({"t": [text], "u": ["x"]}), tmp_path / "t.csv")
    content = path.read_text(encoding="utf-8-sig").splitlines()[1]
    assert not content.lstrip('"').startswith(("=", "+", "@"))
    assert read_table(path)["t"].tolist() == [text]


@pytest.mark.parametrize("kind", ["csv", "tsv"])
@pytest.mark.parametrize("text", ["a;b", "a,b", "a\tb"])
def test_a_delimiter_in_a_lone_column_does_not_part_it(tmp_path, kind, text):
    """Neither in its name nor in its cells, whichever delimiter the file has."""
    path = write_results(pd.DataFrame({f"objects.o.{text}": [text, "x"]}), tmp_path / f"t.{kind}")
    table = read_table(path)
    assert list(table) == [f"objects.o.{text}"]
    assert table.iloc[:, 0].tolist() == [text, "x"]


def test_a_text_too_long_for_a_workbook_comes_back(tmp_path):
    """For which a .csv is recommended."""
    table = pd.DataFrame({"objects.o": ["x" * 200_000]})
    assert read_table(write_results(table, tmp_path / "t.csv"))["objects.o"].tolist() == [
        "x" * 200_000
    ]


def test_dates_are_written_as_they_are_sent(tmp_path):
    """A .csv knows no dates: they are ISO 8601 texts, before and after."""
    table = pd.DataFrame({"d": [dt.date(2026, 11, 23)], "t": [pd.Timestamp("2026-11-23 06:00")]})
    assert read_table(write_results(table, tmp_path / "t.csv")).loc[0].tolist() == [
        "2026-11-23",
        "2026-11-23T06:00:00",
    ]


@pytest.mark.parametrize("kind", [".csv", ".tsv"])
@quick
@given(
    table=tables(TEXTS(string.printable + "é€日😀'=+-@"), INTEGERS(10**15 - 1), FLOATS, BOOLEANS)
)
def test_texts_numbers_and_booleans_come_back(tmp_path, kind, table):
    """A column of one kind comes back cell by cell, type by type."""
    path = write_results(table, tmp_path / f"t{kind}", overwrite=True)
    assert_same_cells(read_table(path), table)
