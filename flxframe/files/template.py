"""A workbook to begin with: the columns of an order, two example rows, and how to fill them in."""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flxframe.exceptions import FileError, SettingError
from flxframe.files.references import MAX_ROW, letters
from flxframe.files.writing import check_writable, new_file, write_errors
from flxframe.text import is_encodable, short_repr

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

_ORDER = "objects.order."
_ADDRESS = f"{_ORDER}shippingAddress."
_KEY = f"{_ORDER}orderNumber"
_TOTAL = f"{_ORDER}orderTotal"

_FONT = "Calibri"
_TEXT_FORMAT, _DATE_FORMAT, _NUMBER_FORMAT = "@", "yyyy-mm-dd", "General"
_MAX_EVENT_LENGTH = 200
"""A drop-down list has at most 255 characters."""


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of the template.

    Parameters
    ----------
    name : str
        Its name, which is where its values are in the request.
    meaning : str
        What to enter.
    examples : tuple
        Its cells in the two example rows.
    number_format : str
        The format of its cells: that of text, so that leading zeros stay, unless it has numbers.
    """

    name: str
    meaning: str
    examples: tuple[Any, Any]
    number_format: str = _TEXT_FORMAT


# The names are those that the vendor's own pages use.
_ORDER_COLUMNS = (
    _Column(_KEY, "The number of the order in its shop.", ("0001001", "0001002")),
    _Column(
        f"{_ORDER}orderedAt",
        "The day of the order.",
        (dt.date(2026, 11, 23), dt.date(2026, 11, 24)),
        _DATE_FORMAT,
    ),
    _Column(_TOTAL, "The total, a number.", (59.9, 189), _NUMBER_FORMAT),
    _Column(f"{_ORDER}note", "Any text.", (None, "Gift: no invoice")),
    _Column(f"{_ADDRESS}firstName", "The first name of the recipient.", ("Dana", "Zoë")),
    _Column(f"{_ADDRESS}lastName", "The last name of the recipient.", ("White", "Tremblay")),
    _Column(f"{_ADDRESS}companyName", "The company of the recipient, if any.", (None, None)),
    _Column(f"{_ADDRESS}addressLine1", "Street and number.", ("77 Pine Ave", "1200 Rue Rachel")),
    _Column(f"{_ADDRESS}addressLine2", "Apartment or floor.", (None, "App. 4")),
    _Column(f"{_ADDRESS}city", "The city.", ("Newark", "Montréal")),
    _Column(f"{_ADDRESS}stateCode", "The code of the state or province.", ("NJ", "QC")),
    _Column(f"{_ADDRESS}postal", "The postal code, with its zeros.", ("07102", "H2J 2J9")),
    _Column(f"{_ADDRESS}countryCode", "Two letters (ISO 3166).", ("US", "CA")),
    _Column(f"{_ADDRESS}email", "An e-mail address.", ("dana@example.com", "zoe@example.com")),
    _Column(f"{_ADDRESS}phone", "A phone number, with its zeros.", ("0155501234", None)),
)


def write_template(
    path: str | os.PathLike[str],
    *,
    event_handle: str,
    lines: bool = False,
    overwrite: bool = False,
) -> Path:
    """Write a workbook of orders to begin with.

    Its first sheet has the columns of an order, named as in the request, and two example rows;
    cells in which zeros can lead are formatted as text, and `draft` is a drop-down list. Its second
    sheet explains how to fill it in and run it.

    Parameters
    ----------
    path : path
        A .xlsx file.
    event_handle : str
        The event whose workflow will be run, such as ``order_import``.
    lines : bool
        Whether each row is one item of an order, so that an order can have several rows.
    overwrite : bool
        Whether an existing file is replaced.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    FileError
        If the file already exists or cannot be written.
    SettingError
        If `event_handle` is not the handle of an event.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_template(Path(folder) / "orders.xlsx", event_handle="order_import").name
    'orders.xlsx'
    """
    path = Path(path)
    _check_event(event_handle)
    if path.suffix.lower() != ".xlsx":
        raise FileError(f"{path} can't be written: a template is a .xlsx file")
    check_writable(path, overwrite=overwrite)

    content = BytesIO()
    _workbook(_columns(event_handle, lines), path.name, lines).save(content)
    with write_errors(path), new_file(path) as file:
        file.write(content.getvalue())
    return path


def _check_event(event_handle: object) -> None:
    is_handle = isinstance(event_handle, str) and event_handle.strip() == event_handle != ""
    if not is_handle or not is_encodable(str(event_handle)) or not str(event_handle).isprintable():
        raise SettingError(
            f"event_handle={short_repr(event_handle)} must be an event's handle, such as "
            "'order_import'"
        )


def _columns(event_handle: str, lines: bool) -> list[_Column]:
    items = f"{_ORDER}items[{'' if lines else 0}]."
    return [
        _Column("eventHandle", "The event whose workflow is run.", (event_handle, event_handle)),
        _Column("draft", "Whether to run the draft version: yes or no.", ("no", "no")),
        *_ORDER_COLUMNS,
        _Column(f"{items}sku", "The SKU of the item, with its zeros.", ("004534", "000119")),
        _Column(f"{items}quantity", "The quantity, a number.", (1, 3), _NUMBER_FORMAT),
        _Column(f"{items}price", "The price of one piece, a number.", (59.9, 63), _NUMBER_FORMAT),
    ]


def _workbook(columns: list[_Column], file_name: str, lines: bool) -> Workbook:
    """Return the workbook."""
    import openpyxl  # noqa: PLC0415  slow to import
    from openpyxl.worksheet.properties import PageSetupProperties  # noqa: PLC0415  slow to import

    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Orders"
    _fill(sheet, columns, lines)
    _explain(book.create_sheet("How to fill in"), columns, file_name, lines)
    for printed in book.worksheets:  # on one page, not one column on each
        printed.page_setup.orientation = "landscape"
        printed.page_setup.fitToHeight = 0
        printed.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    return book


def _fill(sheet: Worksheet, columns: list[_Column], lines: bool) -> None:
    """Write the columns, formatted down to the last row, and the example rows."""
    from openpyxl.styles import Font  # noqa: PLC0415  slow to import

    for number, column in enumerate(columns, 1):
        width = sheet.column_dimensions[letters(number)]
        width.width = len(column.name) + 3
        width.number_format = column.number_format

        header = sheet.cell(1, number, column.name)
        header.font = Font(_FONT, bold=True)
        for row, value in enumerate(_examples(column, lines), 2):
            cell = sheet.cell(row, number, value)
            cell.number_format = column.number_format
            if isinstance(value, str):
                cell.data_type = "s"  # also if it starts with "="

        if column.name == "draft":
            _add_list(sheet, number, "yes,no", is_strict=True)
        if column.name == "eventHandle":
            event = str(column.examples[0])
            if len(event) <= _MAX_EVENT_LENGTH and not set(event) & set(',"'):
                _add_list(sheet, number, event, is_strict=False)
    sheet.freeze_panes = "A2"


def _examples(column: _Column, lines: bool) -> tuple[Any, Any]:
    """Return the cells of the example rows: two orders, or two lines of one order."""
    first, second = column.examples
    if not lines or "[]" in column.name:
        return first, second
    if column.name == _TOTAL:
        return first + second, None
    is_repeated = column.name in ("eventHandle", "draft", _KEY)
    return second, second if is_repeated else None


def _add_list(sheet: Worksheet, number: int, choices: str, *, is_strict: bool) -> None:
    """Add a drop-down list to a column."""
    from openpyxl.worksheet.datavalidation import DataValidation  # noqa: PLC0415  slow to import

    validation = DataValidation(
        type="list",
        formula1=f'"{choices}"',
        allow_blank=True,
        showErrorMessage=is_strict,
        error=f"Choose one of: {choices.replace(',', ', ')}",
    )
    column = letters(number)
    validation.add(f"{column}2:{column}{MAX_ROW}")
    sheet.add_data_validation(validation)


def _explain(sheet: Worksheet, columns: list[_Column], file_name: str, lines: bool) -> None:
    """Write how to fill the workbook in, and what each column is."""
    from openpyxl.styles import Alignment, Font  # noqa: PLC0415  slow to import

    sheet.column_dimensions["A"].width = 52
    sheet.column_dimensions["B"].width = 64
    for text in _instructions(file_name, lines):
        sheet.append([text])
        row = sheet.max_row
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=2)
        sheet.cell(row, 1).alignment = Alignment(wrap_text=True, vertical="top")
        sheet.row_dimensions[row].height = 15 * (1 + len(text) // 110)
    sheet.cell(1, 1).font = Font(_FONT, 14, bold=True)
    sheet.row_dimensions[1].height = 22

    sheet.append([])
    sheet.append(["Column", "What to enter"])
    for cell in sheet[sheet.max_row]:
        cell.font = Font(_FONT, bold=True)
    for number, column in enumerate(columns, 1):
        # With its letter, it is not taken for the header of a table.
        sheet.append([f"{letters(number)}: {column.name}", column.meaning])


def _instructions(file_name: str, lines: bool) -> list[str]:
    """Return the lines above the columns."""
    rows = "Each row of the sheet Orders is one order, and one request."
    options = ""
    if lines:
        rows = (
            f"Each row of the sheet Orders is one item. The rows with the same {_KEY} are one "
            "order, and one request; what belongs to the whole order can be blank after its first "
            "row."
        )
        options = f" --group-by {_KEY}"
    return [
        "How to fill in this workbook",
        rows,
        "Replace the two example rows. A blank cell is left out of the request.",
        f"Add a column for any other field, such as {_ORDER}referenceNumber. Columns with other "
        "names are kept in the result, and not sent. Columns that you do not need can be deleted.",
        "Columns with numbers that start with zeros, such as postal codes, are formatted as text; "
        "format a column that you add as text before you fill it in.",
        f"To see what would be sent:  flxframe preview {file_name}{options}",
        f"To send it and get the result:  flxframe run {file_name}{options}",
    ]
