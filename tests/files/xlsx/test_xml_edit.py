"""XML that is edited as text."""

import pytest

from flxframe.files.xlsx import xml_edit

DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_part_is_decoded_and_declared_as_utf8(encoding):
    """It is always written as UTF-8, whatever its encoding was."""
    part = '<?xml version="1.0"?><a>é</a>'.encode(encoding)
    assert xml_edit.decode(part) == f"{DECLARATION}<a>é</a>"


def test_comments_are_dropped_and_cdata_becomes_text():
    """A tag inside either of them is not an element."""
    assert xml_edit.decode(b"<a><!-- <b> --><![CDATA[<c> & d]]></a>") == "<a>&lt;c&gt; &amp; d</a>"


def test_a_text_without_an_element_is_refused():
    """There is nothing to edit in it."""
    with pytest.raises(ValueError, match="does not contain an XML element"):
        xml_edit.root("no XML")


def test_children_are_found_whatever_is_in_their_attributes():
    """A quoted > does not end a tag."""
    text = '<a><b x="1>0"/><c><b/></c></a>'
    top = xml_edit.root(text)
    assert [child.name for child in xml_edit.children(text, top)] == ["b", "c"]
    assert xml_edit.child(text, top, "c").name == "c"
    assert xml_edit.child(text, top, "d") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<a><b/></a>", "<a><b/><new/></a>"),
        ('<x:a y="1" />', '<x:a y="1"><new/></x:a>'),
    ],
)
def test_xml_is_appended_to_an_element(text, expected):
    """An empty tag is opened first."""
    assert xml_edit.append(text, xml_edit.root(text), "<new/>") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<a><b/><drawing/></a>", "<a><b/><new/><drawing/></a>"),
        ("<a><b/></a>", "<a><b/><new/></a>"),
        (
            "<a><b/><AlternateContent><Choice><drawing/></Choice></AlternateContent></a>",
            "<a><b/><new/><AlternateContent><Choice><drawing/></Choice></AlternateContent></a>",
        ),
    ],
)
def test_xml_is_inserted_before_its_followers(text, expected):
    """A follower can be wrapped in an AlternateContent; without a follower, the new XML is last."""
    assert xml_edit.insert(text, "<new/>", frozenset(["drawing"])) == expected


@pytest.mark.parametrize(("text", "prefix"), [("<a/>", ""), ("<?xml?><x:a><b/></x:a>", "x:")])
def test_the_prefix_is_that_of_the_root(text, prefix):
    """New elements need the same prefix."""
    assert xml_edit.prefix(text) == prefix


@pytest.mark.parametrize("tag", ['<c r="A&amp;1" s=""/>', "<c  s=''\n r = 'A&amp;1'>r=\"B2\"</c>"])
def test_an_attribute_is_read_from_the_first_tag(tag):
    """It can be in single quotes, escaped, empty or absent."""
    assert xml_edit.attribute(tag, "r") == "A&1"
    assert xml_edit.attribute(tag, "s") == ""
    assert xml_edit.attribute(tag, "t") is None


@pytest.mark.parametrize(
    ("tag", "value", "expected"),
    [
        ('<c r="A1" s="2"/>', None, '<c r="A1"/>'),
        ("<c s='2' r='A1'>7</c>", "3", "<c s=\"3\" r='A1'>7</c>"),
        ("<c>7</c>", '"&\\1', '<c s="&quot;&amp;\\1">7</c>'),
    ],
)
def test_an_attribute_is_set_or_removed(tag, value, expected):
    """The rest of the element stays as it is."""
    assert xml_edit.with_attribute(tag, "s", value) == expected
