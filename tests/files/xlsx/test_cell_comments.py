"""Comments: flxframe's own are replaced, the user's are kept."""

import openpyxl
import pytest

from flxframe.files.xlsx.cell_comments import (
    NO_SHAPES,
    Comment,
    add,
    add_shapes,
    no_comments,
    strip,
    strip_shapes,
    without_collisions,
)
from tests.files.xlsx.packages import comments

COMMENT = Comment(2, 3, "was <Open>")
USERS = (
    "<comments><authors><author>Ann</author></authors><commentList>"
    '<comment ref="$A$2" authorId="0"><text><t>mine</t></text></comment>'
    "</commentList></comments>"
)


def test_changed_cells_have_their_old_values_as_comments(loop):
    """The comments of the user stay as they are."""
    assert comments(openpyxl.load_workbook(loop[0])["Orders"]) == {
        "A2": "mine",
        "K4": "a note of mine on a status",
        "K7": "flxframe: was Open",
        "K13": "flxframe: was Open",
    }


@pytest.mark.parametrize("part", [no_comments("x"), USERS, '<comments xmlns="x"/>'])
def test_comments_are_added_and_removed(part):
    """Removing and adding a comment returns the same text."""
    text = add(part, [COMMENT])
    assert 'ref="C2"' in text
    assert "flxframe: was &lt;Open&gt;" in text

    user_comments = strip(text)
    assert user_comments.stripped_cells == {"C2"}
    assert user_comments.cells == strip(part).cells
    assert "was" not in user_comments.text
    assert add(user_comments.text, [COMMENT]) == text


def test_a_comment_is_recognized_without_its_author():
    """LibreOffice drops the author, but not the text."""
    text = USERS.replace("mine", "flxframe: was </t><t>Open")
    assert strip(text).stripped_cells == {"A2"}
    assert strip(USERS) == (USERS, {"A2"}, set())


def test_a_cell_with_a_user_comment_becomes_a_remark():
    """The other comments are written."""
    free_comments, remarks = without_collisions([COMMENT, Comment(4, 1, "was 7")], {"C2"})
    assert free_comments == [(4, 1, "was 7")]
    assert remarks == ["C2 has your own comment, which was kept; the cell was <Open>"]


def test_comments_are_limited():
    """Spreadsheet programs become slow with too many comments."""
    all_comments = [Comment(row, 1, "was 1") for row in range(10_002)]
    free_comments, remarks = without_collisions(all_comments, set())
    assert free_comments == all_comments[:10_000]
    assert remarks == [
        "Only the first 10,000 of 10,002 changed cells have a comment with their old value"
    ]


def test_boxes_are_added_and_removed():
    """The boxes of other cells stay."""
    drawing = add_shapes(NO_SHAPES, [COMMENT])
    assert "<x:Row>1</x:Row><x:Column>2</x:Column>" in drawing
    assert drawing.count("<v:shapetype") == 1

    both = add_shapes(drawing, [Comment(9, 1, "was 7")])
    assert both.count("<v:shapetype") == 1
    assert both.count("<v:shape ") == 2
    assert '"_x0000_s1025"' in both
    assert '"_x0000_s1026"' in both
    assert strip_shapes(both, {"A9"}) == drawing
    assert strip_shapes(both, {"B9", "", "A9:B9"}) == both


def test_other_drawings_of_a_cell_stay():
    """A button can be in the cell of a comment."""
    drawing = add_shapes(NO_SHAPES, [COMMENT]).replace('ObjectType="Note"', 'ObjectType="Button"')
    assert strip_shapes(drawing, {"C2"}) == drawing


def test_a_long_text_has_a_taller_box():
    """The height has a limit."""
    short, long, huge = (
        add_shapes(NO_SHAPES, [Comment(5, 1, "x" * length)]) for length in (9, 300, 9_000)
    )
    assert "<x:Anchor>1, 15, 3, 10, 4, 15, 6, 4</x:Anchor>" in short
    assert "<x:Anchor>1, 15, 3, 10, 4, 15, 16, 4</x:Anchor>" in long
    assert "<x:Anchor>1, 15, 3, 10, 4, 15, 23, 4</x:Anchor>" in huge
