"""The template is a workbook whose example rows can be run as they are."""

import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest

import flxframe
from flxframe import FileError, SettingError, write_template
from flxframe.files.reading import read_table
from tests.conftest import run

KEY = "objects.order.orderNumber"
ADDRESS = "objects.order.shippingAddress"


@pytest.fixture(params=[False, True], ids=["orders", "lines"])
def lines(request) -> bool:
    return bool(request.param)


@pytest.fixture
def path(tmp_path: Path, lines: bool) -> Path:
    """A template of each kind."""
    return write_template(tmp_path / "orders.xlsx", event_handle="order_import", lines=lines)


def test_the_example_rows_are_run(api, tmp_path: Path) -> None:
    """No option is needed; the order to another country is put on hold."""
    path = write_template(tmp_path / "orders.xlsx", event_handle="order_import")
    result = run(path, api, max_in_flight=1)
    assert result["run.status"].tolist() == ["ok", "ok"]
    assert result["objects.order.status"].fillna("").tolist() == ["", "Hold"]
    assert result[f"{ADDRESS}.postal"].tolist() == ["07102", "H2J 2J9"]
    order = api.arrivals[0].body["objects"]["order"]
    assert order["orderNumber"] == "0001001"
    assert order["orderedAt"] == "2026-11-23"
    assert order["items"] == [{"sku": "004534", "quantity": 1, "price": 59.9}]
    assert api.arrivals[0].body["draft"] is False


def test_a_column_of_the_template_is_spelled_as_the_vendor_does(path) -> None:
    """A near miss would be warned about."""
    table = read_table(path).rename(columns=lambda name: name.replace("[]", "[0]"))
    assert flxframe.preview(table).unsent_columns == []


def test_the_example_lines_are_one_order(api, tmp_path: Path) -> None:
    """What belongs to the order is filled in its first row."""
    path = write_template(tmp_path / "orders.xlsx", event_handle="order_import", lines=True)
    result = run(path, api, group_by=KEY)
    assert result["run.status"].tolist() == ["ok", "ok"]
    (arrival,) = api.arrivals
    assert [item["sku"] for item in arrival.body["objects"]["order"]["items"]] == [
        "004534",
        "000119",
    ]


def test_the_rows_of_lines_are_two_items_of_one_order(tmp_path: Path) -> None:
    """Their total is that of the order."""
    path = write_template(tmp_path / "orders.xlsx", event_handle="order_import", lines=True)
    table = read_table(path)
    assert table[KEY].tolist() == ["0001002"] * 2
    items = table[["objects.order.items[].quantity", "objects.order.items[].price"]]
    assert table["objects.order.orderTotal"].tolist()[0] == items.prod(axis=1).sum()
    assert table[f"{ADDRESS}.city"].isna().tolist() == [False, True]


def test_a_column_in_which_zeros_can_lead_is_formatted_as_text(path) -> None:
    """Down to its last row, so also the cells that the user fills."""
    sheet = openpyxl.load_workbook(path).worksheets[0]
    formats = {}
    for cell in sheet[1]:
        formats[cell.value] = sheet.column_dimensions[cell.column_letter].number_format
    assert {formats[name] for name in (KEY, f"{ADDRESS}.postal", f"{ADDRESS}.phone")} == {"@"}
    assert {name for name, code in formats.items() if code == "General"} == {
        name for name in formats if name.endswith(("orderTotal", ".quantity", ".price"))
    }
    assert formats["objects.order.orderedAt"] == "yyyy-mm-dd"


def lists(path: Path) -> dict[str, str]:
    """Return the choices of the drop-down lists of the first sheet, by the header of the column."""
    sheet = openpyxl.load_workbook(path).worksheets[0]
    choices = {}
    for validation in sheet.data_validations.dataValidation:
        (area,) = validation.sqref.ranges
        assert (validation.type, area.min_row) == ("list", 2)
        assert area.max_row >= 1000
        choices[sheet.cell(1, area.min_col).value] = validation.formula1
    return choices


def test_draft_and_the_event_are_drop_down_lists(path, tmp_path: Path) -> None:
    """An event whose handle a list cannot contain has none."""
    assert lists(path) == {"eventHandle": '"order_import"', "draft": '"yes,no"'}
    for number, event in enumerate(["a,b", 'a"b', "x" * 300]):
        other = write_template(tmp_path / f"{number}.xlsx", event_handle=event)
        assert lists(other) == {"draft": '"yes,no"'}
        assert read_table(other)["eventHandle"].tolist() == [event] * 2


def test_a_handle_is_never_a_formula(tmp_path: Path) -> None:
    """It is text, whatever it looks like."""
    path = write_template(tmp_path / "orders.xlsx", event_handle="=1+1")
    assert read_table(path)["eventHandle"].tolist() == ["=1+1"] * 2
    assert openpyxl.load_workbook(path).worksheets[0]["A2"].data_type == "s"


def test_the_second_sheet_explains_each_column_and_how_to_run(path, lines) -> None:
    """With the command for this file."""
    book = openpyxl.load_workbook(path)
    orders, explanation = book.worksheets
    text = "\n".join(str(cell.value) for row in explanation for cell in row)
    for cell in orders[1]:
        assert f"{cell.column_letter}: {cell.value}\n" in text
    option = f" --group-by {KEY}" if lines else ""
    assert f"flxframe run orders.xlsx{option}\n" in text


@pytest.mark.parametrize("event", ["", " ", " a", None, 7, "\ud800", "a\nb"])
def test_an_event_that_is_not_a_handle_is_refused(tmp_path, event) -> None:
    """Every row would be rejected."""
    with pytest.raises(SettingError, match=r"event_handle=.* must be an event's handle"):
        write_template(tmp_path / "orders.xlsx", event_handle=event)
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_replaced_only_on_demand(path) -> None:
    """The user might have filled it in."""
    with pytest.raises(FileError, match=r"already exists: .* overwrite=True \(--force\)"):
        write_template(path, event_handle="order_import")
    write_template(path, event_handle="order_update", overwrite=True)
    assert read_table(path)["eventHandle"].tolist() == ["order_update"] * 2


@pytest.mark.parametrize("name", ["orders.csv", "orders.xlsm", "orders", "missing/orders.xlsx"])
def test_a_file_that_cannot_be_a_template_is_refused(tmp_path, name) -> None:
    """Only a workbook has formats and lists, and one without macros is not an .xlsm file."""
    with pytest.raises(FileError, match="can't be written"):
        write_template(tmp_path / name, event_handle="order_import")


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_keeps_the_template(path, tmp_path: Path) -> None:
    """Saved again, it has the same rows, formats and lists."""
    subprocess.run(
        [
            "soffice",
            "--headless",
            "--norestore",
            f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
            "--convert-to",
            "xlsx",
            "--outdir",
            str(tmp_path / "saved"),
            str(path),
        ],
        check=True,
        capture_output=True,
        timeout=60,
    )
    saved = tmp_path / "saved" / path.name
    assert read_table(saved).to_csv() == read_table(path).to_csv()
    assert lists(saved) == lists(path)
