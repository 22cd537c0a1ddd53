"""The user's workbook is edited in place, and all other parts stay the same byte for byte."""

import datetime as dt
import re
import zipfile

import openpyxl
import pandas as pd
import pytest
from openpyxl.worksheet.formula import ArrayFormula

import flxframe
from flxframe.exceptions import FileError
from flxframe.files.reading import read_table
from flxframe.files.writing import write_results
from flxframe.files.xlsx.marks import CHANGED_FILL, FAILED_FILL
from tests.conftest import DATA
from tests.files.xlsx.packages import RUN, SHEET, STYLES, comments, marks, parts, rewrite

CELL = re.compile(rb'<c r="(\w+)"[^>]*?(?:/>|>.*?</c>)')


def test_only_corrected_rows_are_sent_again(loop):
    """Rows with an answer in the sheet are not sent, and no cell is red any more."""
    done, _, sent_again = loop
    sheet = openpyxl.load_workbook(done.with_name("again.xlsx"))["Orders"]
    assert sent_again == 3
    assert not marks(sheet, FAILED_FILL)
    assert marks(sheet, CHANGED_FILL) == {"K10", "N10"}
    assert {cell.value for cell in sheet["O"][1:]} == {"ok"}


def test_charts_formulas_and_formats_are_unchanged(loop):
    """Unchanged parts and cells are the same byte for byte."""
    before, after = parts(DATA / "orders.xlsx"), parts(loop[0])
    unchanged = {name for name in before if before[name] == after[name]}
    assert {
        "xl/charts/chart1.xml",
        "xl/worksheets/sheet2.xml",
        "xl/sharedStrings.xml",
        "xl/drawings/drawing2.xml",
    } <= unchanged

    cells = {match[1]: match[0] for match in CELL.finditer(before[SHEET])}
    cells_after = {match[1]: match[0] for match in CELL.finditer(after[SHEET])}
    different = {name for name in cells if cells[name] != cells_after[name]}
    rows = {int(re.sub(rb"\D", b"", name)) for name in different - {b"K4", b"K7", b"K13"}}
    assert rows == {5, 8, 10}
    assert b'<f aca="false">H5*I5</f><v>95.6</v>' in cells_after[b"J5"]


def test_a_written_result_is_read_as_the_result(loop):
    """So the file can be sent again."""
    table = read_table(loop[0])
    assert list(table)[-len(flxframe.models.RUN_COLUMNS) :] == list(flxframe.models.RUN_COLUMNS)
    assert table["objects.order.shippingAddress.postalCode"].tolist()[0] == "02131"
    assert table["Zip shown"].tolist()[0] == "02131"
    assert table["objects.order.placedAt"].tolist()[0] == dt.date(2026, 11, 1)


def test_a_shared_formula_is_kept_in_the_other_cells(book):
    """Excel writes a formula that was filled down only once."""
    cell = '<c r="B{}"><f t="shared"{} si="0">{}</f><v>{}</v></c>'
    first = cell.format(2, ' ref="B2:B3"', "LEN($A2)", 3)
    second = cell.format(3, "", "", 3).replace("></f>", "/>")

    def share(text):
        text = re.sub(r'<c r="B2".*?</c>', first, text)
        return re.sub(r'<c r="B3".*?</c>', second, text)

    def remove_settings(text):
        return re.sub(r"<calcPr[^>]*/>", "", text)

    path = book.write(n=[9, 3], edits={SHEET: share, "xl/workbook.xml": remove_settings})
    sheet = book.sheet_of(path)
    assert [cell.value for cell in sheet["B"]] == ["objects.o.n", 9, "=LEN($A3)"]
    assert comments(sheet) == {"B2": "flxframe: was 3, by the formula =LEN($A2)"}
    assert b'fullCalcOnLoad="1"' in parts(path)["xl/workbook.xml"]


def test_an_array_formula_is_kept(book):
    """None of its cells can have a value of its own; the summary reports the workflow's value."""
    book.sheet["B2"] = ArrayFormula("B2:B3", "=LEN(A2:A3)")

    def save_values(text):
        return re.sub(r"</f>(<v ?/>|<v></v>)", "</f><v>3</v>", text)

    path = book.write(n=[9, 2], edits={SHEET: save_values})
    assert b'<f t="array" ref="B2:B3">' in parts(path)[SHEET]
    remarks = [row[0] for row in openpyxl.load_workbook(path)["flxframe"].values]
    assert (
        "B2 has a formula that fills other cells too, which was kept; the workflow returned 9"
        in remarks
    )


def test_a_change_of_a_cell_that_a_merge_hides_is_reported(book):
    """Written under the merge, it would be neither displayed nor read."""
    book.sheet.append(["009", 3, "z"])
    book.sheet.merge_cells("B2:B4")
    path = book.write(n=[5, 5, 6])

    sheet = book.sheet_of(path)
    assert sheet["B2"].value == 5
    assert comments(sheet) == {"B2": "flxframe: was 1"}
    assert read_table(path)["objects.o.n"].tolist() == [5, 5, 5]

    content = parts(path)
    assert re.search(r'<c r="B[34]"[^>]*>[^<]*<[vi]', content[SHEET].decode()) is None
    assert "B4 is merged into B2" in content["xl/worksheets/flxframe.xml"].decode()
    assert "B3 is merged" not in content["xl/worksheets/flxframe.xml"].decode()


def test_the_order_of_calculation_is_dropped_with_a_formula(book):
    """Excel reports a calcChain that names a cell without a formula as damage."""
    book.book.save(book.path)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml"
    types = f'<Override PartName="/xl/calcChain.xml" ContentType="{kind}"/></Types>'
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/calcChain"
    relation = f'<Relationship Id="rId99" Type="{kind}" Target="calcChain.xml"/></Relationships>'
    with zipfile.ZipFile(book.path, "a") as package:
        package.writestr("xl/calcChain.xml", '<calcChain xmlns="x"><c r="B2" i="1"/></calcChain>')

    value, formula = '<c r="B2" t="n"><v>1</v>', '<c r="B2"><f>1</f><v>1</v>'
    edits = {
        "[Content_Types].xml": lambda text: text.replace("</Types>", types),
        "xl/_rels/workbook.xml.rels": lambda text: text.replace("</Relationships>", relation),
        SHEET: lambda text: text.replace(value, formula),
    }
    content = parts(book.write(n=[9, 2], edits=edits))
    assert "xl/calcChain.xml" not in content
    assert not any(b"calcChain" in part for part in content.values())


def test_the_sheet_that_was_read_is_edited(book, tmp_path):
    """There can be several sheets, and a title above the header."""
    other = book.book.create_sheet("Other")
    for row in (["A title"], [], ["objects.o.id", "n"], ["5", 1]):
        other.append(row)
    book.book.save(book.path)

    table = read_table(book.path, sheet="Other")
    table["run.status"] = ["ok"]
    path = write_results(table, tmp_path / "t.xlsx", template=book.path)
    assert [cell.value for cell in openpyxl.load_workbook(path)["Other"][4]] == ["5", 1, "ok"]


def test_new_columns_follow_everything_in_the_sheet(book):
    """A legend next to the table is not overwritten."""
    book.sheet["F1"] = "Legend"
    sheet = book.sheet_of(book.write(new=["a", "b"]))
    assert sheet["F1"].value == "Legend"
    assert [cell.value for cell in sheet[1]][6:] == ["objects.o.new", *RUN]


def test_new_columns_have_the_styles_of_their_range(book):
    """Only their widths are their own."""
    columns = '<cols><col min="2" max="99" width="9" style="1"/></cols><sheetData>'
    style = '<xf numFmtId="2" fontId="0" fillId="0" borderId="0"/></cellXfs>'
    edits = {
        SHEET: lambda text: text.replace("<sheetData>", columns),
        STYLES: lambda text: text.replace("</cellXfs>", style),
    }
    sheet = book.sheet_of(book.write(new=[7, 8], edits=edits))
    assert sheet["D2"].number_format == "0.00"
    assert sheet.column_dimensions["D"].width > 9


def test_a_comment_of_the_user_is_kept_and_reported(book):
    """A cell can have only one comment, so the old value is on the summary sheet."""
    book.sheet["B2"].comment = openpyxl.comments.Comment("mine", "Ann")
    path = book.write(n=[9, 2])
    assert comments(book.sheet_of(path)) == {"B2": "mine"}
    remarks = [row[0] for row in openpyxl.load_workbook(path)["flxframe"].values]
    assert remarks[-1] == "B2 has your own comment, which was kept; the cell was 1"


def test_a_workbook_without_styles_gets_some(book):
    """Cells are marked with them, and the headings are bold."""
    book.book.save(book.path)
    content = parts(book.path)
    del content[STYLES]
    for name in ("xl/_rels/workbook.xml.rels", "[Content_Types].xml"):
        content[name] = re.sub(rb"<\w+ [^>]*styles.xml[^>]*/>", b"", content[name])
    rewrite(book.path, content)

    sheet = book.sheet_of(book.write(status=("ok", "rejected")))
    assert {cell[1:] for cell in marks(sheet, FAILED_FILL)} == {"3"}
    assert sheet["A2"].fill.fill_type is None


def test_a_workbook_with_empty_styles_gets_some(book):
    """Some programs write a part without any style."""

    def emptied(text):
        return re.sub(r'(?s)(?<=/main").*', "/>", text)

    sheet = book.sheet_of(book.write(status=("ok", "rejected"), edits={STYLES: emptied}))
    assert {cell[1:] for cell in marks(sheet, FAILED_FILL)} == {"3"}


def test_macros_are_kept(book, tmp_path):
    """A .xlsm file must be written as .xlsm; as .xlsx it would be damaged."""
    book.book.save(tmp_path / "orders.xlsm")
    with zipfile.ZipFile(tmp_path / "orders.xlsm", "a") as package:
        package.writestr("xl/vbaProject.bin", b"macros")
    table = read_table(tmp_path / "orders.xlsm")
    path = write_results(table, tmp_path / "done.xlsm", template=tmp_path / "orders.xlsm")
    assert parts(path)["xl/vbaProject.bin"] == b"macros"
    with pytest.raises(FileError, match=r"both must be .xlsx, or .xlsm"):
        write_results(table, tmp_path / "done.xlsx", template=tmp_path / "orders.xlsm")


def test_a_template_with_other_rows_is_refused(book, tmp_path):
    """Answers would be written next to the wrong rows."""
    book.book.save(book.path)
    with pytest.raises(FileError, match="has 2 rows below its header but the result has 1"):
        write_results(pd.DataFrame({"a": [1]}), tmp_path / "t.xlsx", template=book.path)
    with pytest.raises(FileError, match=r"there is no file .*nothing.xlsx"):
        write_results(
            pd.DataFrame({"a": [1]}), tmp_path / "t.xlsx", template=tmp_path / "nothing.xlsx"
        )
    assert not (tmp_path / "t.xlsx").exists()


def test_rows_in_another_order_than_the_template_are_refused(book, tmp_path):
    """A sorted result would put answers next to the wrong rows."""
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


def test_a_new_workbook_has_everything_without_a_template(tmp_path):
    """It has marks, comments, red rows, the summary and a frozen header."""
    before = pd.DataFrame({"objects.o.n": [1, 2]})
    result = pd.DataFrame(
        {
            "objects.o.n": [5, 2],
            "objects.o.new": ["a", None],
            "run.status": ["ok", "rejected"],
            "run.http_status": [200, 400],
            "run.error": [None, "no"],
        }
    )
    path = write_results(result, tmp_path / "t.xlsx", before=before)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Sheet1", "flxframe"]
    assert marks(book["Sheet1"], CHANGED_FILL) == {"A2", "B2"}
    assert marks(book["Sheet1"], FAILED_FILL) == {"A3", "B3", "C3", "D3", "E3"}
    assert comments(book["Sheet1"]) == {"A2": "flxframe: was 1"}
    assert book["Sheet1"].freeze_panes == "A2"
    assert book["Sheet1"]["A1"].font.bold
    assert len(read_table(path)) == 2


def test_a_strict_workbook_stays_strict(book):
    """Its new sheet, comments and relationships have the namespaces of ISO 29500."""
    book.book.save(book.path)
    strict = "http://purl.oclc.org/ooxml"
    transitional = "http://schemas.openxmlformats.org"
    names = {
        f"{transitional}/spreadsheetml/2006/main": f"{strict}/spreadsheetml/main",
        f"{transitional}/officeDocument/2006/relationships": (
            f"{strict}/officeDocument/relationships"
        ),
    }
    content = parts(book.path)
    for name, part in content.items():
        for old, new in names.items():
            part = part.replace(old.encode(), new.encode())
        content[name] = part
    rewrite(book.path, content)

    path = book.write(status=["ok", "rejected"], n=[9, 2])
    texts = b"".join(part for name, part in parts(path).items() if name != "[Content_Types].xml")
    assert not [name for name in names if name.encode() in texts]
    assert read_table(path)["objects.o.n"].tolist() == [9, 2]


@pytest.mark.parametrize("formula", ["A1048576+1", "IF(A2}", "&quot;A2", "XFD1048576"])
def test_a_shared_formula_that_cannot_be_written_out_is_kept(book, formula):
    """It refers to cells outside the sheet for the other cell, or is damaged."""
    cell = '<c r="B{}"><f t="shared"{} si="0">{}</f><v>{}</v></c>'

    def share(text):
        text = re.sub(r'<c r="B2".*?</c>', cell.format(2, ' ref="B2:B3"', formula, 3), text)
        return re.sub(r'<c r="B3".*?</c>', cell.format(3, "", "", 3), text)

    path = book.write(n=[9, 3], edits={SHEET: share})
    assert f">{formula}</f><v>3</v>" in parts(path)[SHEET].decode()
    summary = parts(path)["xl/worksheets/flxframe.xml"]
    assert b"B2 has a formula that fills other cells too, which was kept" in summary


def test_the_fingerprints_are_in_a_hidden_column(loop):
    """They are for the next run; all other columns of the run are visible."""
    sheet = openpyxl.load_workbook(loop[0])["Orders"]
    names = set()
    for cells in sheet.columns:
        if sheet.column_dimensions[cells[0].column_letter].hidden:
            names |= {cell.value for cell in cells if str(cell.value).startswith("run.")}
    assert names == {"run.fingerprint"}
