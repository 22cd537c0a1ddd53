"""A web page is distinguished from a file with a table."""

import time
from pathlib import Path

import pytest

from flxframe.exceptions import FileError
from flxframe.sources.pages import check_page

LINK = "https://a.example/a.csv"


def check(tmp_path: Path, content: bytes, link: str = LINK) -> None:
    path = tmp_path / "download"
    path.write_bytes(content)
    check_page(path, link, "the link")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"a,b\n<html>,1\n",
        b'<?xml version="1.0"?><orders/>',
        b"PK\x03\x04<html>",
        b"html,b\n",
    ],
)
def test_a_file_that_is_not_a_page_is_left_to_its_reader(tmp_path, content) -> None:
    """A cell can contain HTML."""
    check(tmp_path, content)


@pytest.mark.parametrize(
    "content",
    [
        b"<!doctype html>",
        b"\xef\xbb\xbf\r\n<!-- x --> <!-- y --><HTML lang=en>",
        b'<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML">',
        b"<script>location='/login'</script>",
    ],
)
def test_a_page_is_not_a_table(tmp_path, content) -> None:
    """The message says what is needed instead."""
    with pytest.raises(FileError, match=r"the link is a web page, .*: use the link that downloads"):
        check(tmp_path, content)


@pytest.mark.parametrize(
    ("content", "link"),
    [
        (b"<html><INPUT name='x' TYPE=password>", LINK),
        (b'<html><input type = "password">', LINK),
        (b"<html>", "https://accounts.google.com/v3/signin"),
        (b"<html>", "https://a.example/login?next=/a.csv"),
    ],
)
def test_a_page_that_asks_for_a_login_is_said_to_be_one(tmp_path, content, link) -> None:
    """The user then knows that the file is not shared."""
    with pytest.raises(FileError, match="the link asks for a login: share the file with anyone"):
        check(tmp_path, content, link)


def test_a_page_of_a_million_comments_takes_no_time(tmp_path) -> None:
    """Regular expressions can take exponential time."""
    start = time.perf_counter()
    check(tmp_path, b"<!---->" * 150_000)
    check(tmp_path, b"<!--" * 250_000)
    check(tmp_path, b"<?xml" * 200_000)
    assert time.perf_counter() - start < 5
