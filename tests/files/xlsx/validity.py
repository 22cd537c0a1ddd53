"""Check a written workbook part by part, as a strict program would."""

import posixpath
import zipfile
from xml.etree import ElementTree as ET

from flxframe.files.references import position, span

TYPES = "[Content_Types].xml"
GROUPS = """
numFmts fonts fills borders cellStyleXfs cellXfs cellStyles dxfs tableStyles colors extLst
""".split()  # noqa: SIM905
SECTIONS = """
sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetCalcPr sheetProtection
protectedRanges scenarios autoFilter sortState dataConsolidate customSheetViews mergeCells
phoneticPr conditionalFormatting dataValidations hyperlinks printOptions pageMargins pageSetup
headerFooter rowBreaks colBreaks customProperties cellWatches ignoredErrors smartTags drawing
legacyDrawing legacyDrawingHF drawingHF picture oleObjects controls webPublishItems tableParts
extLst
""".split()  # noqa: SIM905
EDITED = (
    "main+xml",
    "worksheet",
    "styles",
    "table",
    "comments",
    "vmlDrawing",
    "calcChain",
)


def local(name):
    """Return a name without its namespace."""
    return name.rpartition("}")[2]


def attributes(element):
    """Return the attributes of an element, without their namespaces."""
    return {local(name): value for name, value in element.attrib.items()}


def find(parent, *names):
    """Return the elements at a path below an element, whatever their namespace."""
    elements = [parent]
    for name in names:
        elements = [child for each in elements for child in each if local(child.tag) == name]
    return elements


def parts(path):
    """Return the parts of a package."""
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


class Checked:
    """A workbook whose package is valid."""

    def __init__(self, path):
        with zipfile.ZipFile(path) as package:
            names = package.namelist()
        self.content = parts(path)
        lower = [name.lower() for name in names]
        assert len(set(lower)) == len(lower), names
        assert not [name for name in names if "\\" in name or name.startswith("/")]

        self.trees = {}
        for name, part in self.content.items():
            if name.endswith((".xml", ".rels")):
                self.trees[name] = ET.fromstring(part)
        self.types = self._types()
        self.relations = {name: self._related(name) for name in ["", *self.content]}

    def _types(self):
        """Return the content type of each part; every part has one."""
        root = self.trees[TYPES]
        defaults = [item.get("Extension").lower() for item in find(root, "Default")]
        overrides = [item.get("PartName") for item in find(root, "Override")]
        assert len(set(defaults)) == len(defaults), defaults
        assert len({name.lower() for name in overrides}) == len(overrides), overrides
        assert len(defaults) + len(overrides) == len(root)

        by_name = {item.get("PartName").lower(): item for item in find(root, "Override")}
        by_extension = {item.get("Extension").lower(): item for item in find(root, "Default")}
        kinds = {}
        for name in self.content:
            if name != TYPES:
                extension = name.rpartition(".")[2].lower()
                item = by_name.get(f"/{name}".lower(), by_extension.get(extension))
                assert item is not None, f"{name} has no content type"
                kinds[name] = item.get("ContentType")
                if name.endswith(".rels"):
                    assert kinds[name].endswith("package.relationships+xml"), name

        assert {name[1:].lower() for name in overrides} <= {name.lower() for name in self.content}
        return kinds

    def _related(self, source):
        """Return the relationships of a part by their ids; every target exists."""
        folder, name = posixpath.split(source)
        relations = self.trees.get(posixpath.join(folder, "_rels", f"{name}.rels"), [])
        related = {}
        for item in relations:
            assert item.get("Id") not in related, f"{source}: {item.get('Id')} twice"
            target = item.get("Target")
            if item.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, target))[1:]
                assert target in self.content, f"{source}: {target} does not exist"
            related[item.get("Id")] = (item.get("Type").rpartition("/")[2], target)
        return related

    def of_kind(self, source, kind):
        """Return the parts of a kind that a part is related to."""
        return [target for each, target in self.relations[source].values() if each == kind]


class Sheet:
    """A worksheet whose rows and cells are valid."""

    def __init__(self, book, part):
        self.root = book.trees[part]
        sections = [local(item.tag) for item in self.root if local(item.tag) in SECTIONS]
        order = [SECTIONS.index(name) for name in sections]
        assert order == sorted(order), sections
        once = [name for name in sections if name != "conditionalFormatting"]
        assert len(set(once)) == len(once), once

        self.cells = {}
        last_row = 0
        for row in find(self.root, "sheetData", "row"):
            number = int(row.get("r", last_row + 1))
            assert number > last_row, (part, number)
            last_row, last_column = number, 0
            for cell in find(row, "c"):
                reference = cell.get("r")
                place = position(reference) if reference else (number, last_column + 1)
                assert place[0] == number, (part, reference)
                assert last_column < place[1] <= 16_384, (part, reference)
                last_column = place[1]
                self.cells[place] = cell

        last = 0
        for column in find(self.root, "cols", "col"):
            first, until = int(column.get("min")), int(column.get("max"))
            assert last < first <= until <= 16_384, (part, first, until)
            last = until

    def refs(self, *path):
        """Return the attribute ``ref`` of the elements at a path."""
        return [item.get("ref") for item in find(self.root, *path)]


def filled(cells):
    """Return the cells that hold a value or a formula."""
    return {place: cell for place, cell in cells.items() if len(cell)}


def check_workbook(path):
    """Check a workbook, and return its parts and its sheets by name."""
    book = Checked(path)
    (main,) = book.of_kind("", "officeDocument")
    texts = [find(book.trees[part], "si") for part in book.of_kind(main, "sharedStrings")]
    styles = [_check_styles(book.trees[part]) for part in book.of_kind(main, "styles")]

    sheets = {}
    numbers = set()
    for item in find(book.trees[main], "sheets", "sheet"):
        kind, part = book.relations[main][attributes(item)["id"]]
        assert item.get("sheetId") not in numbers
        numbers.add(item.get("sheetId"))
        assert item.get("name").lower() not in {name.lower() for name in sheets}
        if kind == "worksheet":
            sheets[item.get("name")] = sheet = Sheet(book, part)
            namespace = book.trees[main].tag.partition("}")[0]
            assert sheet.root.tag.partition("}")[0] == namespace, part
            _check_cells(sheet, part, *styles, len(texts[0]) if texts else 0)
            _check_size(sheet, part)
            _check_tables(book, sheet, part)
            _check_comments(book, sheet, part)
            _check_ids(book, sheet, part)

    _check_names(book.trees[main], list(sheets.values()))
    for chain in book.of_kind(main, "calcChain"):
        for item in book.trees[chain]:
            place = position(item.get("r"))
            assert any(find(sheet.cells.get(place, []), "f") for sheet in sheets.values()), place
    return book, sheets


def _check_styles(root):
    """Return the number of cell styles; what they refer to exists."""
    groups = [local(group.tag) for group in root]
    order = [GROUPS.index(name) for name in groups]
    assert order == sorted(set(order)), groups
    sizes = {}
    for group in root:
        name = local(group.tag)
        sizes[name] = len(group)
        if group.get("count"):
            assert int(group.get("count")) == len(group), name

    for xf in find(root, "cellXfs", "xf") + find(root, "cellStyleXfs", "xf"):
        for name, group in (("fontId", "fonts"), ("fillId", "fills"), ("borderId", "borders")):
            assert int(xf.get(name, 0)) < sizes[group], (name, xf.attrib)
    for xf in find(root, "cellXfs", "xf"):
        assert int(xf.get("xfId", 0)) < sizes["cellStyleXfs"], xf.attrib
    for style in find(root, "cellStyles", "cellStyle"):
        assert int(style.get("xfId")) < sizes["cellStyleXfs"], style.attrib
    names = [style.get("name").lower() for style in find(root, "cellStyles", "cellStyle")]
    assert len(set(names)) == len(names), names
    return sizes["cellXfs"]


def _check_size(sheet, part):
    """The declared size includes all filled cells."""
    for dimension in find(sheet.root, "dimension"):
        top, left, bottom, right = span(dimension.get("ref"))
        for row, column in filled(sheet.cells):
            assert top <= row <= bottom, (part, dimension.get("ref"), row)
            assert left <= column <= right, (part, dimension.get("ref"), column)


def _check_cells(sheet, part, styles, texts):
    for place, cell in sheet.cells.items():
        assert int(cell.get("s", 0)) < styles, (part, place)
        kind = cell.get("t", "n")
        for value in find(cell, "v"):
            if kind == "n" and value.text:
                float(value.text)
            if kind == "s":
                assert 0 <= int(value.text) < texts, (part, place)


def _check_tables(book, sheet, part):
    """The header of a table is its columns' names, and its areas are inside it."""
    listed = [book.relations[part][attributes(item)["id"]][1]
              for item in find(sheet.root, "tableParts", "tablePart")]  # fmt: skip
    assert listed == book.of_kind(part, "table")
    for name in listed:
        table = book.trees[name]
        top, left, bottom, right = span(table.get("ref"))
        columns = find(table, "tableColumns", "tableColumn")
        assert len(columns) == right - left + 1, name
        assert int(find(table, "tableColumns")[0].get("count")) == len(columns)
        names = [column.get("name") for column in columns]
        assert len({each.lower() for each in names}) == len(names), names
        assert len({column.get("id") for column in columns}) == len(columns), name
        for area in find(table, "autoFilter") + find(table, "sortState"):
            inner = span(area.get("ref"))
            assert top <= inner[0] <= inner[2] <= bottom, area.get("ref")
            assert left <= inner[1] <= inner[3] <= right, area.get("ref")
            if local(area.tag) == "autoFilter":
                assert (inner[1], inner[3]) == (left, right)
        if table.get("headerRowCount") != "0":
            titles = [text_of(book, sheet.cells[top, column]) for column in range(left, right + 1)]
            assert titles == names


def text_of(book, cell):
    """Return the text of a cell."""
    if cell.get("t") == "s":
        (part,) = [name for name in book.content if name.lower().endswith("sharedstrings.xml")]
        cell = book.trees[part][int(find(cell, "v")[0].text)]
    texts = [item.text or "" for item in cell.iter() if local(item.tag) in ("t", "v")]
    return "".join(texts)


def _check_comments(book, sheet, part):
    comments = book.of_kind(part, "comments")
    assert len(comments) <= 1
    for name in comments:
        authors = find(book.trees[name], "authors", "author")
        items = find(book.trees[name], "commentList", "comment")
        assert len({item.get("ref") for item in items}) == len(items), name
        assert all(int(item.get("authorId")) < len(authors) for item in items), name
        assert find(sheet.root, "legacyDrawing"), part


def _check_ids(book, sheet, part):
    """Every id that the sheet refers to is one of its relationships."""
    for element in sheet.root.iter():
        for name, value in element.attrib.items():
            if name.endswith("relationships}id"):
                assert value in book.relations[part], (part, value)


def _check_names(main, sheets):
    """The hidden name of a filter is the filter's own area."""
    for item in find(main, "definedNames", "definedName"):
        if item.get("name") == "_xlnm._FilterDatabase":
            area = item.text.rpartition("!")[2].replace("$", "")
            filters = sheets[int(item.get("localSheetId"))].refs("autoFilter")
            assert filters in ([area], []), (item.text, filters)


def check_kept(path, template, sheet, changed=frozenset()):
    """Check that a workbook has everything that its template has, and return the workbook.

    Parameters
    ----------
    path, template : Path
        The workbook, and the one that it was written from.
    sheet : str
        The sheet with the table.
    changed : set of tuple of int
        The cells whose value can differ.
    """
    book, sheets = check_workbook(path)
    before = parts(template)
    for name, part in before.items():
        new_name = name.replace("\\", "/")
        if new_name.endswith((".rels", TYPES)):
            continue
        if not any(word in book.types.get(new_name, "calcChain") for word in EDITED):
            assert book.content[new_name] == part, name

    old_sheets = _sheets_of(before)
    for place, cell in filled(old_sheets[sheet]).items():
        if place not in changed:
            now = sheets[sheet].cells[place]
            assert [ET.tostring(child) for child in now] == [ET.tostring(c) for c in cell], place
            assert now.get("t") == cell.get("t")
    return book, sheets


def _sheets_of(content):
    """Return the cells of each sheet of a workbook, whose sheets are in order."""
    roots = {name.replace("\\", "/"): part for name, part in content.items()}
    main = ET.fromstring(roots["xl/workbook.xml"])
    names = [item.get("name") for item in find(main, "sheets", "sheet")]
    sheets = {}
    for number, name in enumerate(names, 1):
        cells = {}
        part = roots.get(f"xl/worksheets/sheet{number}.xml", b"<none/>")
        for cell in find(ET.fromstring(part), "sheetData", "row", "c"):
            cells[position(cell.get("r"))] = cell
        sheets[name] = cells
    return sheets
