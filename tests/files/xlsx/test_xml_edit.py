"""XML that is edited as text."""

import pytest

from flxframe.files.xlsx import xml_edit


@pytest.mark.parametrize(
    ("main", "relations"),
    [
        (
            "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
            "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        ),
        (
            "http://purl.oclc.org/ooxml/spreadsheetml/main",
            "http://purl.oclc.org/ooxml/officeDocument/relationships",
        ),
    ],
)
def test_a_strict_document_has_a_relations_namespace_of_its_own(main, relations):
    """Excel refuses a document that mixes the two families."""
    xml = f'<?xml version="1.0"?><x:worksheet xmlns:x="{main}"><x:sheetData/></x:worksheet>'
    assert xml_edit.relations_namespace(xml) == relations
