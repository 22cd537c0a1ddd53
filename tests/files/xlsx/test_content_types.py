"""The content types of parts: each part has one, and only one."""

import pytest

from flxframe.files.xlsx.content_types import RELATIONS, declare, forget

DEFAULT = f'<Default Extension="RELS" ContentType="{RELATIONS}"/>'


def override(part, kind):
    return f'<Override PartName="/{part}" ContentType="{kind}"/>'


def test_a_part_has_the_type_of_its_extension():
    """It needs no type of its own then."""
    types = f"<Types>{DEFAULT}</Types>"
    assert declare(types, "xl/_rels/a.xml.rels", RELATIONS) == types


@pytest.mark.parametrize(
    "declared", ["", override("xl/_rels/b.xml.rels", RELATIONS), DEFAULT.replace("RELS", "xml")]
)
def test_a_part_without_a_type_gets_one(declared):
    """Some programs declare each part with relationships, without a type for their extension."""
    types = f"<Types>{declared}</Types>"
    expected = f"<Types>{declared}{override('xl/_rels/a.xml.rels', RELATIONS)}</Types>"
    assert declare(types, "xl/_rels/a.xml.rels", RELATIONS) == expected
    assert declare(expected, "xl/_rels/a.xml.rels", RELATIONS) == expected


def test_a_part_has_only_one_type():
    """One that an earlier part of the same name left, in upper or lower case, is replaced."""
    types = f"<Types>{override('XL/A.xml', 'text/old')}</Types>"
    assert declare(types, "xl/a.xml", "text/new") == (
        f"<Types>{override('xl/a.xml', 'text/new')}</Types>"
    )


def test_a_part_is_forgotten():
    """A type without a part is an error to strict programs."""
    types = f"<x:Types>{override('xl/b.xml', 'b')}<x:Override PartName='/xl/a.xml'/></x:Types>"
    assert forget(types, "xl/A.xml") == f"<x:Types>{override('xl/b.xml', 'b')}</x:Types>"
    assert forget(types, "xl/c.xml") == types
