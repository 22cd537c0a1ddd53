"""Namespaces: strict and transitional workbooks have different ones."""

import pytest

from flxframe.files.xlsx.namespaces import RELATIONSHIPS, STRICT_RELATIONSHIPS, relations_namespace


@pytest.mark.parametrize(
    ("part", "namespace"),
    [
        ('<workbook xmlns="http://purl.oclc.org/ooxml/spreadsheetml/main"/>', STRICT_RELATIONSHIPS),
        (
            '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>',
            RELATIONSHIPS,
        ),
        (f"<a>{'x' * 3_000}purl.oclc.org/ooxml/spreadsheetml/main</a>", RELATIONSHIPS),
    ],
)
def test_a_strict_part_has_strict_relations(part, namespace):
    """A user's text further down in the part is ignored."""
    assert relations_namespace(part) == namespace
