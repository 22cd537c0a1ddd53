"""Share links lead to files, and only safe links are followed."""

import pytest

from flxframe.exceptions import FileError
from flxframe.sources.links import (
    check_link,
    file_link,
    is_link,
    is_login,
    link_name,
    redirected,
    suffix_of,
)

GOOGLE = "https://docs.google.com/spreadsheets"


@pytest.mark.parametrize(
    ("link", "sheet", "file"),
    [
        ("/d/1a-B_c/edit?usp=sharing", None, "/d/1a-B_c/export?format=csv"),
        ("/d/1aB/edit#gid=42", None, "/d/1aB/export?format=csv&gid=42"),
        ("/d/1aB/edit?gid=7#gid=42", None, "/d/1aB/export?format=csv&gid=42"),
        ("/d/1aB/edit?gid=7", None, "/d/1aB/export?format=csv&gid=7"),
        ("/d/1aB/edit?gid=7&x=y#gid=a%26b", None, "/d/1aB/export?format=csv&gid=7"),
        ("/u/0/d/1aB/view", None, "/d/1aB/export?format=csv"),
        ("/d/1aB", None, "/d/1aB/export?format=csv"),
        ("/d/1aB/", None, "/d/1aB/export?format=csv"),
        ("/d/1aB/edit#gid=42", "Orders", "/d/1aB/export?format=xlsx"),
        ("/d/1aB/export?format=ods", None, "/d/1aB/export?format=ods"),
        (
            "/d/e/2PACX-x/pubhtml?gid=5&single=true",
            None,
            "/d/e/2PACX-x/pub?gid=5&output=csv&single=true",
        ),
        ("/d/e/2PACX-x/pubhtml", None, "/d/e/2PACX-x/pub?output=csv"),
        ("/d/e/2PACX-x/pub?output=csv", None, "/d/e/2PACX-x/pub?output=csv"),
    ],
)
def test_a_share_link_of_google_sheets_becomes_its_export(link, sheet, file) -> None:
    """The sheet is the one that the browser showed, or the one that the user names."""
    assert file_link(GOOGLE + link, sheet) == GOOGLE + file
    assert check_link(GOOGLE + file) == GOOGLE + file


@pytest.mark.parametrize(
    "link",
    [
        "https://docs.google.com.example.com/spreadsheets/d/1aB/edit",
        "https://example.com/spreadsheets/d/1aB/edit",
        "https://docs.google.com/document/d/1aB/edit",
    ],
)
def test_another_link_is_unchanged(link) -> None:
    """Only Google Sheets has such links."""
    assert file_link(link, None) == link


@pytest.mark.parametrize(
    ("link", "message"),
    [
        ("http://example.com/a.csv?s=secret", "^http://example.com/a.csv is not encrypted"),
        ("https://me:secret@example.com/a.csv", "^the link to example.com contains a user name or"),
        ("https:///a.csv", "https:///a.csv is not a link"),
        ("https://a..b/x", "is not a link"),
        ("https://example.com:99999/x?s=secret", "is not a link"),
        ("https://example.com/a\nb", "is not a link"),
        ("https:/example.com/a.csv", "is not a link: copy it again, as text"),
    ],
)
def test_a_link_that_is_not_safe_is_refused(link, message) -> None:
    """The message has no secret."""
    assert is_link(link)
    with pytest.raises(FileError, match=message) as caught:
        check_link(link)
    assert "secret" not in str(caught.value)


def test_a_link_to_this_computer_needs_no_encryption() -> None:
    """Nobody else sees what is read."""
    assert check_link("http://127.0.0.1:8000/a.csv#top") == "http://127.0.0.1:8000/a.csv"


@pytest.mark.parametrize("text", ["orders.csv", "C:/orders.csv", "httpsorders.csv", "ftp://a/b"])
def test_a_path_is_not_a_link(text) -> None:
    """It is read from the disk."""
    assert not is_link(text)


def test_the_name_of_a_link_has_no_secret() -> None:
    """It is in messages and in the result."""
    assert link_name("https://me:pw@a.example/x/y.csv?sig=7#z") == "https://a.example/x/y.csv"


def test_the_suffix_is_that_of_the_file_name() -> None:
    """A link to an export has none."""
    assert suffix_of("https://a.example/x.y/Orders%20new.CSV?a=b.c") == ".csv"
    assert suffix_of("https://a.example/orders.v2.tsv.gz") == ".tsv.gz"
    assert suffix_of("https://a.example/spreadsheets/export?format=csv") == ""


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("https://accounts.google.com/x", True),
        ("https://login.microsoftonline.com/x", True),
        ("https://a.example/users/sign_in", True),
        ("https://a.example/signin?next=x", True),
        ("https://a.example/login", True),
        ("https://a.example/logins.csv", False),
        ("https://a.example/orders.csv", False),
    ],
)
def test_a_login_is_known_by_its_link(link, expected) -> None:
    """Only a web page at such a link is reported as one."""
    assert is_login(link) is expected


def test_a_redirect_to_this_computer_is_refused() -> None:
    """A link could otherwise read what only this computer may see."""
    assert redirected("http://localhost:1/a", "/b", "a") == "http://localhost:1/b"
    for location in ("http://127.0.0.1:8000/", "https://localhost/"):
        with pytest.raises(FileError, match=r"^a redirects to this computer, which is not safe"):
            redirected("https://a.example/x", location, "a")
