"""Packages: changed and new parts are written, other parts are copied."""

import re
import zipfile

import openpyxl
import pytest

from flxframe.exceptions import FileError
from flxframe.files.reading import read_table
from flxframe.files.writing import write_results
from flxframe.files.xlsx.package import Package
from flxframe.files.xlsx.packed_text import PackedText
from flxframe.files.xlsx.workbook import Workbook
from tests.files.xlsx.packages import SHEET, parts, rewrite

MAIN = "xl/workbook.xml"
RELATIONS = "xl/_rels/workbook.xml.rels"


@pytest.fixture
def workbook(tmp_path):
    """A workbook with a part that is not XML."""
    path = tmp_path / "t.xlsx"
    openpyxl.Workbook().save(path)
    with zipfile.ZipFile(path, "a") as package:
        package.writestr(zipfile.ZipInfo("xl/x.bin", (1999, 1, 2, 3, 4, 6)), b"\x00\xff")
    with Workbook(path) as workbook:
        yield workbook


def saved(package, tmp_path):
    """Save a package, and return its path."""
    path = tmp_path / "saved.xlsx"
    with path.open("wb") as file:
        package.save(file)
    return path


def test_unchanged_parts_are_copied(workbook, tmp_path):
    """Their dates and their order stay the same."""
    package = Package(workbook)
    package.text(SHEET)
    path = saved(package, tmp_path)
    assert parts(path) == parts(workbook.path)
    with zipfile.ZipFile(path) as copy:
        assert copy.namelist() == workbook.package.namelist()
        assert copy.getinfo("xl/x.bin").date_time == (1999, 1, 2, 3, 4, 6)
        assert copy.getinfo("xl/x.bin").compress_type == zipfile.ZIP_DEFLATED


def test_a_changed_part_is_written(workbook, tmp_path):
    """The current text can be read before saving."""
    package = Package(workbook)
    package.put(SHEET, "<worksheet>é</worksheet>")
    assert package.text(SHEET) == "<worksheet>é</worksheet>"
    assert parts(saved(package, tmp_path))[SHEET] == "<worksheet>é</worksheet>".encode()


def test_a_packed_part_is_written(workbook, tmp_path):
    """It is unpacked piece by piece, and checked like any other."""
    package = Package(workbook)
    package.put(SHEET, PackedText(["<worksheet>", "é" * 2_000_000, "</worksheet>"]))
    expected = f"<worksheet>{'é' * 2_000_000}</worksheet>"
    assert package.text(SHEET) == expected
    assert parts(saved(package, tmp_path))[SHEET] == expected.encode()

    package.put(SHEET, PackedText(["<worksheet>", "</sheet>"]))
    with pytest.raises(FileError, match="is damaged"):
        saved(package, tmp_path)


def test_a_new_part_is_declared_and_related(workbook, tmp_path):
    """A name in use gets a number."""
    package = Package(workbook)
    first = package.add(SHEET, "<a/>", source=MAIN, kind="/x", content_type="x")
    second = package.add(SHEET, "<b/>", source=MAIN, kind="/y", content_type="text/y")
    assert (first, second) == ("rIdFlx1", "rIdFlx2")

    content = parts(saved(package, tmp_path))
    assert content["xl/worksheets/sheet11.xml"] == b"<a/>"
    assert content["xl/worksheets/sheet12.xml"] == b"<b/>"
    types = content["[Content_Types].xml"].decode()
    assert 'sheet11.xml" ContentType="application/vnd.openxmlformats' in types
    assert 'sheet12.xml" ContentType="text/y"' in types
    assert b'relationships/y" Target="/xl/worksheets/sheet12.xml"' in content[RELATIONS]


def test_new_parts_are_in_the_order_in_which_they_were_added(workbook, tmp_path):
    """So the same result is always the same file."""
    package = Package(workbook)
    names = [f"xl/{letter}.xml" for letter in "dabc"]
    for name in names:
        package.add(name, "<a/>", source=MAIN, kind="/x", content_type="x")
    with zipfile.ZipFile(saved(package, tmp_path)) as copy:
        assert copy.namelist()[-4:] == names


def test_relations_of_a_part_that_had_none_are_added(workbook, tmp_path):
    """A sheet without comments, for example, has no relationships."""
    package = Package(workbook)
    package.add("xl/comments1.xml", "<a/>", source=SHEET, kind="/comments", content_type="comments")
    relations = parts(saved(package, tmp_path))["xl/worksheets/_rels/sheet1.xml.rels"]
    assert b'Id="rIdFlx1"' in relations
    assert b'Target="/xl/comments1.xml"' in relations


def test_a_dropped_part_is_not_mentioned_any_more(workbook, tmp_path):
    """It is in no content type and in no relationship."""
    package = Package(workbook)
    package.drop("xl/theme/theme1.xml", source=MAIN)
    content = parts(saved(package, tmp_path))
    assert "xl/theme/theme1.xml" not in content
    assert b"theme1.xml" not in content["[Content_Types].xml"] + content[RELATIONS]
    assert b"styles.xml" in content[RELATIONS]


def test_xml_that_is_not_well_formed_is_not_written(workbook, tmp_path):
    """VML is an exception, since some programs write it that way."""
    package = Package(workbook)
    package.put(SHEET, "<worksheet><row></worksheet>")
    with pytest.raises(FileError, match=r"t.xlsx is damaged .*: open it in Excel"):
        saved(package, tmp_path)

    package.put(SHEET, "<worksheet/>")
    package.put("xl/drawings/a.vml", "<xml><br></xml>")
    assert parts(saved(package, tmp_path))["xl/drawings/a.vml"] == b"<xml><br></xml>"


def renamed(path, rename):
    """Write a workbook whose zip entries have other names, and return the result of a run."""
    book = openpyxl.Workbook()
    for row in (["objects.o.id", "objects.o.n"], ["007", 1], ["008", 2]):
        book.active.append(row)
    book.active["A2"].comment = openpyxl.comments.Comment("mine", "Ann")
    book.save(path)
    rewrite(path, {rename(name): part for name, part in parts(path).items()})

    before = read_table(path)
    result = before.copy()
    result.attrs = before.attrs
    result["objects.o.n"] = [1, 9]
    result["run.status"] = ["rejected", "ok"]
    return write_results(result, path.with_name("done.xlsx"), template=path, before=before)


@pytest.mark.parametrize(
    "rename",
    [
        lambda name: name.replace("/", "\\"),
        lambda name: name.replace("worksheets/sheet1", "Worksheets/SHEET1"),
        lambda name: f"/{name}",
        lambda name: name.replace("comments", "Comments").replace("styles", "STYLES"),
    ],
)
def test_names_that_differ_from_their_references_are_written_once(tmp_path, rename):
    """Backslashes become slashes; a part in another case is replaced, not added again."""
    path = renamed(tmp_path / "t.xlsx", rename)
    names = [name.lower() for name in parts(path)]
    assert len(set(names)) == len(names)
    assert not any("\\" in name or name.startswith("/") for name in names)
    assert sum("worksheets/sheet" in name for name in names) == 1
    assert read_table(path)["objects.o.n"].tolist() == [1, 9]


def test_backslashes_in_references_become_slashes(tmp_path):
    """Those of links to files stay."""
    path = tmp_path / "t.xlsx"
    openpyxl.Workbook().save(path)
    content = parts(path)
    link = '<Relationship Id="x" Type="x" Target="file:///C:\\a.txt" TargetMode="External"/>'
    text = content[RELATIONS].decode().replace("theme/theme1", "theme\\theme1")
    content[RELATIONS] = text.replace("</Relationships>", f"{link}</Relationships>").encode()
    rewrite(path, content)

    with Workbook(path) as workbook:
        relations = parts(saved(Package(workbook), tmp_path))[RELATIONS]
    assert b'"theme/theme1.xml"' in relations
    assert b'"file:///C:\\a.txt"' in relations


def test_of_two_entries_with_the_same_name_one_is_written(tmp_path):
    """It is the last one, which programs read."""
    path = tmp_path / "t.xlsx"
    openpyxl.Workbook().save(path)
    with zipfile.ZipFile(path, "a") as package:
        package.writestr("XL/theme/theme1.xml", b"<last/>")
        with pytest.warns(UserWarning, match="Duplicate name"):
            package.writestr(MAIN, b"<last/>")

    with Workbook(path) as workbook:
        content = parts(saved(Package(workbook), tmp_path))
    assert content[MAIN] == content["XL/theme/theme1.xml"] == b"<last/>"
    assert "xl/theme/theme1.xml" not in content


def test_each_part_has_a_content_type(book):
    """New parts with relationships too, where their extension has none."""
    kind = "application/vnd.openxmlformats-package.relationships+xml"

    def declare(text):
        text = re.sub(r'<Default Extension="rels"[^>]*/>', "", text)
        names = ("_rels/.rels", "xl/_rels/workbook.xml.rels")
        overrides = [f'<Override PartName="/{name}" ContentType="{kind}"/>' for name in names]
        return text.replace("</Types>", "".join(overrides) + "</Types>")

    path = book.write(n=[9, 2], edits={"[Content_Types].xml": declare})
    assert "xl/worksheets/_rels/sheet1.xml.rels" in parts(path)


def test_a_relationship_in_single_quotes_is_dropped_with_its_part(workbook, tmp_path):
    """A relationship to a part that does not exist is an error."""
    package = Package(workbook)
    package.put(RELATIONS, package.text(RELATIONS).replace('"', "'"))
    package.drop("XL/theme/theme1.xml", source=MAIN)
    content = parts(saved(package, tmp_path))
    assert "xl/theme/theme1.xml" not in content
    assert b"theme1.xml" not in content["[Content_Types].xml"] + content[RELATIONS]
