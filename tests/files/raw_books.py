"""Workbooks of given XML, which no program would write, for the tests."""

import zipfile

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
HEADER = '<row r="1"><c r="A1" t="inlineStr"><is><t>objects.order.a</t></is></c></row>'


def relations(**targets):
    """Return a part with relationships: their types and targets."""
    xml = ""
    for kind, target in targets.items():
        xml += f'<Relationship Id="{kind}" Type="{OFFICE}/{kind}" Target="{target}"/>'
    return f'<Relationships xmlns="{PACKAGE}/relationships">{xml}</Relationships>'


def raw_book(path, rows, *, after="", codes=(), styles=None, parts=None, slash="/"):
    """Write a workbook.

    Parameters
    ----------
    path : Path
        The file.
    rows : str
        The XML of its rows.
    after : str
        The XML after its rows, such as merged cells.
    codes : sequence
        Number formats; the cell style 1 has the first.
    styles : str, optional
        The XML of its styles, instead of these formats.
    parts : dict, optional
        More parts, or None to leave a part out.
    slash : str
        The separator in the names of parts and targets.
    """
    formats = "".join(
        f'<numFmt numFmtId="{164 + number}" formatCode="{code.replace("&", "&amp;")}"/>'
        for number, code in enumerate(code.replace('"', "&quot;") for code in codes)
    )
    formats = formats.replace("&amp;quot;", "&quot;")
    xfs = "".join(f'<xf numFmtId="{164 + number}"/>' for number in range(len(codes)))
    content = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>',
        "_rels/.rels": relations(officeDocument=slash.join(["xl", "workbook.xml"])),
        "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{OFFICE}"><sheets>'
        '<sheet name="Orders" r:id="worksheet"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relations(
            worksheet=slash.join(["worksheets", "sheet1.xml"]),
            styles="styles.xml",
            sharedStrings="sharedStrings.xml",
        ),
        "xl/worksheets/sheet1.xml": f"<worksheet {MAIN}><sheetData>{rows}</sheetData>{after}"
        "</worksheet>",
        "xl/styles.xml": styles
        or f"<styleSheet {MAIN}><numFmts>{formats}</numFmts>"
        f'<cellXfs><xf numFmtId="0"/>{xfs}</cellXfs></styleSheet>',
        **(parts or {}),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, xml in content.items():
            if xml is not None:
                package.writestr(name.replace("/", slash), xml)
    return path
