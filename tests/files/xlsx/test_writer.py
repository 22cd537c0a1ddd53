"""The user's own workbook comes back: mended in place, and all else byte for byte."""

import datetime as dt
import os
import re
import subprocess
import sys
import warnings
import zipfile

import openpyxl
import pandas as pd
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.table import Table

import flxframe
from flxframe.exceptions import FileError
from flxframe.files.reading import read_table
from flxframe.files.writing import write_results
from flxframe.files.xlsx.styles import CHANGED_FILL, FAILED_FILL
from tests.conftest import DATA

SHEET = "xl/worksheets/sheet1.xml"
RUN = ["run.status", "run.http_status", "run.error"]
CELL = re.compile(rb'<c r="(\w+)"[^>]*?(?:/>|>.*?</c>)')


def marks(sheet, colour):
    """Return the cells of a colour."""
    return {cell.coordinate for row in sheet for cell in row if cell.fill.fgColor.rgb == colour}


def comments(sheet):
    """Return the comments by cell."""
    return {cell.coordinate: cell.comment.text for row in sheet for cell in row if cell.comment}


def parts(path):
    """Return the parts of a package."""
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


@pytest.fixture
def book(tmp_path):
    """Return a workbook of two orders, its path, and a function that writes a result of changed cells after it."""

    class Book:
        def __init__(self):
            self.book = openpyxl.Workbook()
            self.sheet = self.book.active
            self.path = tmp_path / "orders.xlsx"
            self.sheet.append(["objects.o.id", "objects.o.n", "note"])
            self.sheet.append(["007", 1, "x"])
            self.sheet.append(["008", 2, "y"])

        def written(self, status=("ok", "ok"), edit=None, name="done.xlsx", **cells):
            if not self.path.exists():
                self.book.save(self.path)
            if edit:
                changed = {
                    key: edit[key](text.decode()).encode() if key in edit else text
                    for key, text in parts(self.path).items()
                }
                assert changed != parts(self.path)
                with zipfile.ZipFile(self.path, "w") as package:
                    for key, text in changed.items():
                        package.writestr(key, text)
            before = read_table(self.path)
            result = before.drop(columns=[column for column in before if column.startswith("run.")])
            for column, values in cells.items():
                result[f"objects.o.{column}"] = values
            result["run.status"] = list(status)
            result["run.http_status"] = 200
            result["run.error"] = [None if word == "ok" else "no" for word in status]
            return write_results(
                result,
                tmp_path / name,
                template=self.path,
                before=before,
                base_url="http://x",
                overwrite=True,
            )

        def sheet_of(self, path):
            return openpyxl.load_workbook(path)[self.sheet.title]

    return Book()


@pytest.fixture(scope="module")
def loop(tmp_path_factory):
    """Send a workbook of LibreOffice to the sandbox, mend what came back, and send it again with the same journal."""
    folder = tmp_path_factory.mktemp("loop")
    with flxframe.sandbox(limit=None) as api:
        how = {
            "token": api.token,
            "base_url": api.url,
            "rate": None,
            "progress": False,
            "journal": folder / "x.db",
        }
        result = flxframe.run_workflows(DATA / "orders.xlsx", **how)
        write_results(result, folder / "done.xlsx", template=DATA / "orders.xlsx", base_url=api.url)
        sent = len(api.arrivals)
        mend(folder / "done.xlsx", folder / "mended.xlsx")
        again = flxframe.run_workflows(folder / "mended.xlsx", **how)
        write_results(
            again, folder / "again.xlsx", template=folder / "mended.xlsx", base_url=api.url
        )
        return folder / "done.xlsx", api.token, len(api.arrivals) - sent


def mend(path, to):
    """Type the right words into the red cells, as a person would."""
    with zipfile.ZipFile(to, "w") as package:
        for name, text in parts(path).items():
            if name == "xl/sharedStrings.xml":
                text = text.replace(b"order_imported", b"order_import").replace(
                    b"order_export", b"order_import"
                )
                text = text.replace(b">twelve<", b">12<")
            package.writestr(name, text)


def test_three_refused_rows_are_red_and_tell_why(loop):
    """From the first to the last column."""
    sheet = openpyxl.load_workbook(loop[0])["Orders"]
    assert marks(sheet, FAILED_FILL) == {
        f"{chr(65 + column)}{row}" for row in (5, 8, 10) for column in range(20)
    }
    assert "there is no event 'order_imported'" in sheet["Q5"].value
    assert "must be a whole number, not 'twelve'" in sheet["Q8"].value


def test_only_the_mended_rows_are_sent_again(loop):
    """Not those whose answer stands in the sheet by now; and nothing is red any more."""
    sheet = openpyxl.load_workbook(loop[0].with_name("again.xlsx"))["Orders"]
    assert loop[2] == 3
    assert not marks(sheet, FAILED_FILL)
    assert marks(sheet, CHANGED_FILL) == {"K10", "N10"}
    assert {cell.value for cell in sheet["O"][1:]} == {"ok"}


def test_changed_cells_are_marked_and_tell_what_they_were(loop):
    """The comments of the user stay as they are."""
    sheet = openpyxl.load_workbook(loop[0])["Orders"]
    assert marks(sheet, CHANGED_FILL) == {"K4", "K7", "K13", "N4", "N7", "N13"}
    assert [sheet[cell].value for cell in ("K4", "K7", "N7", "K5")] == [
        "Hold",
        "Hold",
        "International",
        "Open",
    ]
    assert comments(sheet) == {
        "A2": "mine",
        "K4": "a note of mine on a status",
        "K7": "flxframe: was Open",
        "K13": "flxframe: was Open",
    }


def test_chart_formulas_and_formats_are_untouched(loop):
    """Parts that nothing changed in are the same bytes; so are the cells."""
    was, now = parts(DATA / "orders.xlsx"), parts(loop[0])
    same = {name for name in was if was[name] == now[name]}
    assert {
        "xl/charts/chart1.xml",
        "xl/worksheets/sheet2.xml",
        "xl/sharedStrings.xml",
        "xl/drawings/drawing2.xml",
    } <= same
    cells, after = (
        {cell[1]: cell[0] for cell in CELL.finditer(each[SHEET])} for each in (was, now)
    )
    differ = {name for name in cells if cells[name] != after[name]}
    assert {int(re.sub(rb"\D", b"", name)) for name in differ - {b"K4", b"K7", b"K13"}} == {
        5,
        8,
        10,
    }
    assert b'<f aca="false">H5*I5</f><v>95.6</v>' in after[b"J5"]


def test_number_formats_and_borders_survive_the_red(loop):
    """Only the fill of a cell changes."""
    was, now = (openpyxl.load_workbook(path)["Orders"] for path in (DATA / "orders.xlsx", loop[0]))
    for cell in was[5]:
        twin = now[cell.coordinate]
        assert twin.number_format == cell.number_format
        assert (repr(twin.border), repr(twin.font)) == (repr(cell.border), repr(cell.font))
    assert now.freeze_panes == "A2"
    assert now.column_dimensions["E"].width == was.column_dimensions["E"].width
    assert now.auto_filter.ref == "A1:M13"


def test_the_summary_counts_and_names_no_token(loop):
    """Counts, errors by kind, when and where to."""
    path, token, _ = loop
    told = [
        [cell for cell in row if cell is not None]
        for row in openpyxl.load_workbook(path)["flxframe"].values
    ]
    assert ["ok", 9] in told
    assert [
        "invalid",
        "column 'params.sourceId' must be a whole number, not 'twelve'",
        1,
        "8",
    ] in told
    assert any(
        row and row[0] == "Base URL" and row[1].startswith("http://127.0.0.1") for row in told
    )
    assert not any(token.encode() in part for part in parts(path).values())


def test_what_comes_back_is_read_as_the_result(loop):
    """So that it can be sent again."""
    table = read_table(loop[0])
    assert list(table)[-6:] == list(flxframe.models.RUN_COLUMNS)
    assert table["objects.order.shippingAddress.postalCode"].tolist()[0] == "02131"
    assert table["Zip shown"].tolist()[0] == "02131"
    assert table["objects.order.placedAt"].tolist()[0] == dt.date(2026, 11, 1)


def test_marks_of_an_earlier_run_are_taken_off(book):
    """Fill, comment and red are gone; the fill that the user had given is back."""
    book.sheet["B2"].fill = PatternFill("solid", start_color="FFE8F0FE")
    book.sheet["A2"].comment = Comment("mine", "Ann")
    book.path = book.written(n=[5, 2], status=["ok", "rejected"])
    first = book.sheet_of(book.path)
    assert marks(first, CHANGED_FILL) == {"B2"}
    assert comments(first) == {"A2": "mine", "B2": "flxframe: was 1"}
    again = book.sheet_of(book.written(name="again.xlsx"))
    assert not marks(again, CHANGED_FILL) | marks(again, FAILED_FILL)
    assert again["B2"].fill.fgColor.rgb.endswith("E8F0FE")
    assert again["B3"].fill.fill_type is None
    assert comments(again) == {"A2": "mine"}
    assert [cell.value for cell in again[1]] == ["objects.o.id", "objects.o.n", "note", *RUN]


def test_texts_from_the_server_are_texts(book):
    """Also those that begin with =, and in a column of numbers."""
    sheet = book.sheet_of(book.written(n=["=1+1", "007"], new=["=HYPERLINK(1)", "+1"]))
    assert [(cell.data_type, cell.value) for cell in sheet["B"][1:]] == [
        ("s", "=1+1"),
        ("s", "007"),
    ]
    assert [(cell.data_type, cell.value) for cell in sheet["D"][1:]] == [
        ("s", "=HYPERLINK(1)"),
        ("s", "+1"),
    ]


def test_an_answered_date_keeps_the_format_of_its_cell(book):
    """What was a date is one."""
    for row in (2, 3):
        book.sheet.cell(row, 2, dt.date(2026, 1, row)).number_format = "d mmm yy"
    sheet = book.sheet_of(book.written(n=["2026-05-06", "soon"]))
    assert (sheet["B2"].value, sheet["B2"].number_format) == (dt.datetime(2026, 5, 6), "d mmm yy")
    assert sheet["B3"].value == "soon"


def test_a_formula_that_others_share_leaves_them_theirs(book):
    """Excel writes a formula that was filled down only once."""
    sums = '<c r="B{}"><f t="shared"{} si="0">{}</f><v>{}</v></c>'
    rows = [sums.format(2, ' ref="B2:B3"', "LEN($A2)", 3), sums.format(3, "", "", 3)]
    rows[1] = rows[1].replace("></f>", "/>")

    def share(text):
        for row, xml in zip((2, 3), rows, strict=True):
            text = re.sub(rf'<c r="B{row}".*?</c>', xml, text)
        return text

    path = book.written(n=[9, 3], edit={SHEET: share})
    sheet = book.sheet_of(path)
    assert [cell.value for cell in sheet["B"]] == ["objects.o.n", 9, "=LEN($A3)"]
    assert comments(sheet) == {"B2": "flxframe: was 3, by the formula =LEN($A2)"}
    assert b'fullCalcOnLoad="1"' in parts(path)["xl/workbook.xml"]


def test_an_array_formula_is_kept(book):
    """None of its cells can hold a value of its own; the summary tells what it would have been."""
    book.sheet["B2"] = ArrayFormula("B2:B3", "=LEN(A2:A3)")

    def save_values(text):
        return (
            text.replace("</f><v />", "</f><v>3</v>")
            .replace("</f><v/>", "</f><v>3</v>")
            .replace("</f><v></v>", "</f><v>3</v>")
        )

    path = book.written(n=[9, 2], edit={SHEET: save_values})
    assert b'<f t="array" ref="B2:B3">' in parts(path)[SHEET]
    told = [row[0] for row in openpyxl.load_workbook(path)["flxframe"].values]
    assert "B2 is part of an array formula, which was kept; the workflow returned 9" in told


def test_the_order_of_counting_is_forgotten_with_a_formula(book):
    """Excel calls a calcChain that names a cell without a formula damage."""
    book.book.save(book.path)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml"
    types = f'<Override PartName="/xl/calcChain.xml" ContentType="{kind}"/></Types>'
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/calcChain"
    relation = f'<Relationship Id="rId99" Type="{kind}" Target="calcChain.xml"/></Relationships>'
    with zipfile.ZipFile(book.path, "a") as package:
        package.writestr("xl/calcChain.xml", '<calcChain xmlns="x"><c r="B2" i="1"/></calcChain>')
    edits = {
        "[Content_Types].xml": lambda text: text.replace("</Types>", types),
        "xl/_rels/workbook.xml.rels": lambda text: text.replace("</Relationships>", relation),
        SHEET: lambda text: text.replace('<c r="B2" t="n"><v>1</v>', '<c r="B2"><f>1</f><v>1</v>'),
    }
    now = parts(book.written(n=[9, 2], edit=edits))
    assert "xl/calcChain.xml" not in now
    assert not any(b"calcChain" in text for text in now.values())


def test_a_sheet_with_prefixes_stays_well_formed(book):
    """Some writers give every element a prefix."""

    def prefixed(text):
        text = text.replace("<worksheet xmlns=", "<worksheet xmlns:x=")
        return re.sub(r"<(/?)(?=[a-zA-Z])", r"<\1x:", text)

    sheet = book.sheet_of(
        book.written(n=[9, 2], new=["a", "b"], status=["ok", "rejected"], edit={SHEET: prefixed})
    )
    assert [cell.value for cell in sheet[2]] == ["007", 9, "x", "a", "ok", 200, None]
    assert comments(sheet) == {"B2": "flxframe: was 1"}


def test_attributes_in_single_quotes_are_seen(book):
    """XML allows them, and some writers write them."""
    quoted = {SHEET: lambda text: text[:80] + re.sub(r'="([^"\']*)"', r"='\1'", text[80:])}
    sheet = book.sheet_of(book.written(n=[9, 2], status=["ok", "rejected"], edit=quoted))
    assert [cell.value for cell in sheet[2]] == ["007", 9, "x", "ok", 200, None]
    assert {"A3", "B3", "C3"} <= marks(sheet, FAILED_FILL)


def test_the_sheet_that_was_read_is_the_one_that_is_mended(book, tmp_path):
    """Also when it was named, since there are several, and a title stands above its header."""
    other = book.book.create_sheet("Other")
    for row in (["A title"], [], ["objects.o.id", "n"], ["5", 1]):
        other.append(row)
    book.book.save(book.path)
    table = read_table(book.path, sheet="Other")
    table["run.status"] = ["ok"]
    path = write_results(table, tmp_path / "t.xlsx", template=book.path)
    assert [cell.value for cell in openpyxl.load_workbook(path)["Other"][4]] == ["5", 1, "ok"]


def test_tables_and_ignorable_namespaces_are_kept(book):
    """A table keeps its area and its names, and mc:Ignorable its declarations, or Excel would mend the workbook."""
    book.sheet.add_table(Table(displayName="Orders", ref="A1:C3"))
    space = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" mc:Ignorable="x1" xmlns:x1="u:x"'
    path = book.written(
        n=[9, 2], edit={SHEET: lambda text: text.replace("<worksheet ", f"<worksheet {space} ")}
    )
    now = parts(path)
    assert now["xl/tables/table1.xml"] == parts(book.path)["xl/tables/table1.xml"]
    assert space.encode() in now[SHEET]
    assert now[SHEET].index(b"<legacyDrawing") < now[SHEET].index(b"<tableParts")
    assert [cell.value for cell in book.sheet_of(path)[1]][3:] == RUN


def test_new_columns_go_beyond_everything(book):
    """A legend beside the table is not overwritten."""
    book.sheet["F1"] = "Legend"
    sheet = book.sheet_of(book.written(new=["a", "b"]))
    assert sheet["F1"].value == "Legend"
    assert [cell.value for cell in sheet[1]][6:] == ["objects.o.new", *RUN]


def test_macros_stay(book, tmp_path):
    """A .xlsm comes back as .xlsm, macros and all; as .xlsx it would be damaged."""
    book.book.save(tmp_path / "orders.xlsm")
    with zipfile.ZipFile(tmp_path / "orders.xlsm", "a") as package:
        package.writestr("xl/vbaProject.bin", b"macros")
    table = read_table(tmp_path / "orders.xlsm")
    path = write_results(table, tmp_path / "done.xlsm", template=tmp_path / "orders.xlsm")
    assert parts(path)["xl/vbaProject.bin"] == b"macros"
    with pytest.raises(FileError, match=r"both must be .xlsx, or .xlsm"):
        write_results(table, tmp_path / "done.xlsx", template=tmp_path / "orders.xlsm")


def test_a_template_of_other_rows_is_refused(book, tmp_path):
    """The rows would land beside their own."""
    book.book.save(book.path)
    with pytest.raises(FileError, match="has 2 rows under its names, and the result 1"):
        write_results(pd.DataFrame({"a": [1]}), tmp_path / "t.xlsx", template=book.path)
    with pytest.raises(FileError, match=r"there is no file .*nothing.xlsx"):
        write_results(
            pd.DataFrame({"a": [1]}), tmp_path / "t.xlsx", template=tmp_path / "nothing.xlsx"
        )
    assert not (tmp_path / "t.xlsx").exists()


def test_rows_in_another_order_than_the_template_are_refused(book, tmp_path):
    """A sorted result would put each answer beside another row."""
    book.book.save(book.path)
    result = read_table(book.path)
    result["run.status"] = ["ok", "rejected"]
    with pytest.raises(
        FileError, match=r"in another order than in .*orders.xlsx: .*result.sort_index\(\)"
    ):
        write_results(
            result.sort_values("run.status", ascending=False),
            tmp_path / "t.xlsx",
            template=book.path,
        )
    assert not (tmp_path / "t.xlsx").exists()


def test_without_a_template_a_fresh_workbook_has_it_all(tmp_path):
    """Marks, comments, red rows, the summary and a frozen header."""
    before = pd.DataFrame({"objects.o.n": [1, 2]})
    result = pd.DataFrame(
        {"objects.o.n": [5, 2], "objects.o.new": ["a", None], "run.status": ["ok", "rejected"]}
    )
    result["run.http_status"], result["run.error"] = [200, 400], [None, "no"]
    path = write_results(result, tmp_path / "t.xlsx", before=before)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Sheet1", "flxframe"]
    assert marks(book["Sheet1"], CHANGED_FILL) == {"A2", "B2"}
    assert marks(book["Sheet1"], FAILED_FILL) == {"A3", "B3", "C3", "D3", "E3"}
    assert comments(book["Sheet1"]) == {"A2": "flxframe: was 1"}
    assert book["Sheet1"].freeze_panes == "A2"
    assert book["Sheet1"]["A1"].font.bold
    assert len(read_table(path)) == 2


@pytest.mark.parametrize("kind", ["ods", "xls", "xlsb"])
def test_other_workbooks_are_read_and_told_of(kind):
    """Their values alone are seen."""
    pytest.importorskip("python_calamine")
    with pytest.warns(UserWarning, match="number formats and errors can't be seen"):
        table = read_table(DATA / f"orders.{kind}")
    wanted = read_table(DATA / "orders.xlsx")
    same = [name for name in wanted if name != "Zip shown"]
    pd.testing.assert_frame_equal(table[same], wanted[same])


@pytest.mark.parametrize("kind", ["xlsx", "ods", "xls"])
def test_a_duration_and_a_sum_are_what_a_person_sees(kind):
    """36 hours are 36:00:00, and 0.1 + 0.2 is 0.3, in every kind of workbook."""
    pytest.importorskip("python_calamine")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*number formats and errors can't be seen")
        table = read_table(DATA / f"seen.{kind}")
    assert table.loc[0].tolist() == ["36:00:00", 0.3, "PT is a text"]


@pytest.mark.parametrize("kind", ["xlsx", "ods", "xls"])
def test_a_workbook_with_a_password_is_one_sentence(kind):
    """As real programs lock it."""
    pytest.importorskip("python_calamine")
    with pytest.raises(
        FileError, match=rf"locked.{kind} is protected by a password: save a copy without one"
    ):
        read_table(DATA / f"locked.{kind}")


@pytest.mark.parametrize(
    ("package", "arguments", "told"),
    [
        (
            "python_calamine",
            [DATA / "orders.xlsb"],
            "orders.xlsb: for .xlsb files install python-calamine",
        ),
        (
            "python_calamine",
            [DATA / "orders.ods"],
            "orders.ods: for .ods files install python-calamine",
        ),
        ("pyarrow", ["orders.parquet"], "orders.parquet: for Parquet files install pyarrow"),
        (
            "pyarrow",
            [DATA / "orders.xlsx", "-o", "done.parquet"],
            "done.parquet: for Parquet files install pyarrow",
        ),
    ],
)
def test_a_missing_extra_is_told_with_the_command_that_installs_it(
    tmp_path, package, arguments, told
):
    """Before anything is sent, in a process that can't import it."""
    pd.DataFrame({"eventHandle": ["e"]}).to_parquet(tmp_path / "orders.parquet")
    code = f"import sys; sys.modules[{package!r}] = None; from flxframe.cli import main; main()"
    with flxframe.sandbox() as api:
        done = subprocess.run(
            [sys.executable, "-c", code, "run", *map(str, arguments)],
            env={**os.environ, "FLXPOINT_API_TOKEN": api.token, "FLXPOINT_BASE_URL": api.url},
            cwd=tmp_path,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert not api.arrivals
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith(f"{told} with: pip install 'flxframe[formats]'\n")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("t.ods", b"PK nothing", "can't be read as a workbook"),
        ("t.xlsb", b"PK nothing", "can't be read as a workbook"),
        ("t.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 nothing", "can't be read as a workbook"),
        (
            "t.xls",
            b"nothing",
            "is no Excel workbook but plain text: rename it so that it ends in .csv",
        ),
        (
            "t.xls",
            "a\tb\n".encode("utf-16"),
            "is no Excel workbook but plain text: rename it so that it ends in .csv",
        ),
        ("t.xls", b"<html><table></table></html>", "is no Excel workbook but a web page or XML"),
        ("t.ods", b"", "is an empty file"),
        ("t.xls", b"PK nothing", "is no old Excel workbook but a newer workbook, .*: rename it"),
        (
            "t.xlsb",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 nothing",
            "is an old Excel workbook .*: rename it",
        ),
    ],
)
def test_what_is_no_workbook_of_another_kind_is_one_sentence(tmp_path, name, content, told):
    """Many a shop exports a web page and calls it .xls."""
    pytest.importorskip("python_calamine")
    (tmp_path / name).write_bytes(content)
    with pytest.raises(FileError, match=told) as caught:
        read_table(tmp_path / name)
    assert name in str(caught.value)


def test_a_zip_bomb_of_another_kind_stays_shut(tmp_path):
    """An .ods of a few KB that unpacks to GB is not unpacked."""
    pytest.importorskip("python_calamine")
    with (
        zipfile.ZipFile(tmp_path / "t.ods", "w", zipfile.ZIP_DEFLATED) as package,
        package.open("a", "w") as part,
    ):
        for _ in range(300):
            part.write(bytes(2**20))
    with pytest.raises(FileError, match="would unpack to 300 MiB"):
        read_table(tmp_path / "t.ods")
