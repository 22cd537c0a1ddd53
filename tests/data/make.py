"""Make orders.xlsx, .ods and .xls with LibreOffice: ``python tests/data/make.py``.

See README.md.
"""

import datetime as dt
import subprocess
import tempfile
from pathlib import Path

import openpyxl
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.styles import Border, Font, PatternFill, Side

DATA = Path(__file__).parent
ORDER = "objects.order."
HEADER = [
    "Order",
    "eventHandle",
    "params.sourceId",
    f"{ORDER}number",
    f"{ORDER}shippingAddress.postalCode",
    f"{ORDER}shippingAddress.countryCode",
    f"{ORDER}placedAt",
    f"{ORDER}quantity",
    f"{ORDER}price",
    f"{ORDER}total",
    f"{ORDER}status",
    "Zip shown",
    "Note",
]
FORMATS = {7: "DD/MM/YY", 9: '#,##0.00" €"', 10: "#,##0.00", 12: "00000"}


def draft() -> openpyxl.Workbook:
    """Return the workbook before LibreOffice calculates and saves it."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Orders"
    sheet.append(HEADER)
    for cell in sheet[1]:
        cell.font = Font(bold=True, color="FFFFFF")
        cell.fill = PatternFill("solid", start_color="FF336699")

    for number in range(1, 13):
        row = number + 1
        event = {4: "order_imported", 9: "order_export"}.get(number, "order_import")
        address = [f"0{2130 + number}", "CA" if number % 3 == 0 else "US"]
        facts = [
            dt.date(2026, 11, number),
            number,
            19.9 + number,
            f"=H{row}*I{row}",
            "Open",
            2130 + number,
        ]
        source = "twelve" if number == 7 else 12
        note = "=not" if number == 2 else "note é"
        sheet.append([f"#{1000 + number}", event, source, f"{number:05}", *address, *facts, note])

        for column, code in FORMATS.items():
            sheet.cell(row, column).number_format = code
        sheet.cell(row, 13).data_type = "s"

        for cell in sheet[row]:
            cell.border = Border(bottom=Side(style="thin", color="FF999999"))
            if number % 2 == 0:
                cell.fill = PatternFill("solid", start_color="FFE8F0FE")

    sheet["A2"].comment = Comment("mine", "Ann")
    sheet["K4"].comment = Comment("a note of mine on a status", "Ann")
    sheet.column_dimensions["E"].width = 30
    sheet.auto_filter.ref = "A1:M13"

    other = book.create_sheet("Chart")
    other["A1"], other["B1"] = "Total", "=SUM(Orders!J2:J13)"
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=8, min_row=1, max_row=13), titles_from_data=True)
    other.add_chart(chart, "A3")
    return book


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "orders.xlsx"
        draft().save(path)
        for kind in ("xlsx", "ods", "xls"):
            profile = f"-env:UserInstallation=file://{folder}/profile"
            command = ["soffice", "--headless", "--norestore", profile]
            command += ["--convert-to", kind, "--outdir", DATA, path]
            subprocess.run(command, check=True)
