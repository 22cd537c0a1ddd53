"""The parts with comments: they are added, extended, and kept where nothing changes."""

import pytest
from openpyxl.comments import Comment

from flxframe.exceptions import FileError
from tests.files.xlsx.packages import comments, parts

COMMENTS = "xl/comments/comment1.xml"


def test_comments_are_added_to_those_of_the_user(book):
    """They are in the same parts."""
    book.sheet["A2"].comment = Comment("mine", "Ann")
    path = book.write(n=[9, 2])
    assert comments(book.sheet_of(path)) == {"A2": "mine", "B2": "flxframe: was 1"}
    assert parts(path).keys() - parts(book.path).keys() == {"xl/worksheets/flxframe.xml"}


def test_parts_without_a_change_stay(book):
    """They are the same byte for byte."""
    book.sheet["A2"].comment = Comment("mine", "Ann")
    path = book.write()
    assert parts(path)[COMMENTS] == parts(book.path)[COMMENTS]


def test_a_list_that_is_missing_is_added(book):
    """Some programs leave out the authors."""
    book.sheet["A2"].comment = Comment("mine", "Ann")
    path = book.write(n=[9, 2], edits={COMMENTS: lambda _: '<comments xmlns="x"/>'})
    assert (
        b'<author>flxframe</author></authors><commentList><comment ref="B2"'
        in (parts(path)[COMMENTS])
    )


@pytest.mark.parametrize("text", ["", "<comments", "<comments><authors></comments>"])
def test_a_damaged_part_is_one_error(book, text):
    """It names the file, and what to do."""
    book.sheet["A2"].comment = Comment("mine", "Ann")
    with pytest.raises(FileError, match=r"orders.xlsx is damaged .*: open it in Excel"):
        book.write(n=[9, 2], edits={COMMENTS: lambda _: text})
    assert not (book.folder / "done.xlsx").exists()
