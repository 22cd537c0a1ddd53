"""The parts of an empty workbook."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

from flxframe.files.xlsx.namespaces import (
    DECLARATION,
    MAIN,
    PACKAGE_RELATIONSHIPS,
    RELATIONSHIPS,
    SPREADSHEET,
)
from flxframe.files.xlsx.style_groups import completed
from flxframe.files.xlsx.workbook import Workbook

_PARTS = {
    "[Content_Types].xml": (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{SPREADSHEET}sheet.main+xml"/>'
        '<Override PartName="/xl/worksheets/sheet1.xml" '
        f'ContentType="{SPREADSHEET}worksheet+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{SPREADSHEET}styles+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{PACKAGE_RELATIONSHIPS}">'
        f'<Relationship Id="rId1" Type="{RELATIONSHIPS}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONSHIPS}"><workbookPr/>'
        "<bookViews><workbookView/></bookViews>"
        '<sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{PACKAGE_RELATIONSHIPS}">'
        f'<Relationship Id="rId1" Type="{RELATIONSHIPS}/worksheet" '
        'Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{RELATIONSHIPS}/styles" '
        'Target="styles.xml"/></Relationships>'
    ),
    "xl/worksheets/sheet1.xml": (
        f'<worksheet xmlns="{MAIN}"><sheetViews><sheetView tabSelected="1" '
        'workbookViewId="0"/></sheetViews><sheetData/></worksheet>'
    ),
    "xl/styles.xml": completed(f'<styleSheet xmlns="{MAIN}"/>'),
}


def blank(path: Path) -> Workbook:
    """Return a new workbook with one empty sheet, not saved to a file yet."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        for name, xml in _PARTS.items():
            package.writestr(name, DECLARATION + xml)

    file.seek(0)
    return Workbook(path, file=file)
