"""Links are followed safely, and a link without a file gets an error that says why."""

import gzip
import time
from pathlib import Path

import pytest

from flxframe.exceptions import FileError
from flxframe.sources.download import Limits, download
from tests.run.raw_server import CERTIFICATE, raw_server, response
from tests.sources.conftest import CSV

NAME = "the link"
BOMB = gzip.compress(bytes(70 * 2**20))
LOGIN_PAGE = b"<!DOCTYPE html><form><input name=p type='password'></form>"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "download"


def test_a_file_is_downloaded_as_it_is(files, path) -> None:
    """The content type is returned, since it might name the charset."""
    link = files.serve("/a.csv", CSV, "200 OK", "Content-Type: text/csv; charset=utf-8")
    assert download(link, path, name=NAME) == "text/csv; charset=utf-8"
    assert path.read_bytes() == CSV


def test_only_four_headers_leave_and_no_token(files, path, monkeypatch, tmp_path) -> None:
    """Neither the API's token nor a password of the user's .netrc file, redirects included."""
    monkeypatch.setenv("FLXPOINT_API_TOKEN", "secret-4711")
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login me password secret-4712\n")
    monkeypatch.setenv("NETRC", str(netrc))
    files.answers["/b.csv"] = response(CSV, "200 OK")
    first = response(b"", "302 Found", "Location: /b.csv", "Set-Cookie: id=secret-4713")
    files.answers["/a.csv"] = first
    download(f"{files.url}/a.csv", path, name=NAME)

    assert len(files.heads) == 2
    for head in files.heads:
        assert "secret" not in head
        names = {line.partition(":")[0].lower() for line in head.split("\r\n")[1:]}
        assert names == {"host", "accept", "accept-encoding", "user-agent"}


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See", "307 T", "308 P"])
def test_a_redirect_is_followed(files, path, status) -> None:
    """Also to another path that needs quoting, on a link with a query."""
    files.serve("/final%20file.csv")
    link = files.redirect("/start?id=7", "/final file.csv?x=1", status)
    download(link, path, name=NAME)
    assert path.read_bytes() == CSV
    assert files.heads[0].startswith("GET /start?id=7 HTTP/1.1")
    assert files.heads[1].startswith("GET /final%20file.csv?x=1 HTTP/1.1")


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_a_path_that_is_not_ascii_is_requested_in_utf8(files, path, encoding) -> None:
    """In a link of the user, and in a redirect, quoted or not."""
    files.serve("/Gr%C3%B6%C3%9Fe.csv")
    location = "/Größe.csv".encode() if encoding == "utf-8" else b"/Gr%C3%B6%C3%9Fe.csv"
    head = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + location + b"\r\n\r\n"
    files.answers["/start"] = head
    for link in (f"{files.url}/start", f"{files.url}/Größe.csv"):
        download(link, path, name=NAME)
        assert path.read_bytes() == CSV


@pytest.mark.parametrize(
    ("location", "message"),
    [
        ("/start", "redirects without end"),
        (
            "http://example.com/a.csv",
            "redirects to another link: http://example.com/a.csv is not encr",
        ),
        ("file:///etc/passwd", "redirects to another link: file:///etc/passwd is not a link"),
        ("https://me:pw@example.com/", "link to example.com contains a user name or password"),
        ("https://[::1", "redirects to another link"),
    ],
)
def test_a_redirect_that_is_not_safe_is_refused(files, path, location, message) -> None:
    """Nothing is sent to where it leads."""
    link = files.redirect("/start", location)
    with pytest.raises(FileError, match=message) as caught:
        download(link, path, name=NAME)
    assert str(caught.value).startswith(f"{NAME} ") or "password" in message


@pytest.mark.parametrize(
    ("status", "message"),
    [
        ("404 Not Found", r"there is no file at the link \(status 404\): check the link"),
        ("410 Gone", "there is no file at the link"),
        ("401 Unauthorized", "the link asks for a login: share the file with anyone"),
        ("403 Forbidden", "the link asks for a login"),
        ("500 Oops", r"can't be read \(status 500\): try it again later"),
        ("429 Slow", r"can't be read \(status 429\): try it again later"),
        ("400 Bad", r"can't be read \(status 400\): check the link"),
        ("204 No", r"can't be read \(status 204\): check the link"),
        ("302 Found", r"can't be read \(status 302\): check the link"),
    ],
)
def test_an_answer_without_a_file_is_an_error(files, path, status, message) -> None:
    """The message says what to do."""
    link = files.serve("/a.csv", b"", status)
    with pytest.raises(FileError, match=message):
        download(link, path, name=NAME)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (LOGIN_PAGE, "the link asks for a login"),
        (b"\n<!-- a --><HTML><body>Hello", "the link is a web page, not a file with a table"),
    ],
)
def test_a_web_page_is_not_a_table(files, path, body, message) -> None:
    """A share link leads to one, often with the content type of a table."""
    link = files.serve("/a.csv", body, "200 OK", "Content-Type: text/csv")
    with pytest.raises(FileError, match=message):
        download(link, path, name=NAME)


def test_a_redirect_to_a_login_is_said_to_be_one(files, path) -> None:
    """Its page might have no field for a password yet."""
    files.serve("/ServiceLogin", b"<html><body>Who are you?")
    link = files.redirect("/a.csv", "/ServiceLogin?next=/a.csv")
    with pytest.raises(FileError, match="the link asks for a login"):
        download(link, path, name=NAME)


@pytest.mark.parametrize("chunked", [False, True])
def test_a_compressed_answer_is_unpacked(files, path, chunked) -> None:
    """Servers compress text, whether its length is known or not."""
    packed = gzip.compress(CSV)
    link = files.serve("/a.csv", packed, "200 OK", "Content-Encoding: gzip")
    if chunked:
        head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
        files.answers["/a.csv"] = head + b"%x\r\n%s\r\n0\r\n\r\n" % (len(packed), packed)
    download(link, path, name=NAME)
    assert path.read_bytes() == CSV


@pytest.mark.parametrize(
    ("body", "coding", "message"),
    [
        (gzip.compress(CSV)[:-9], "gzip", "the link is damaged or cut short"),
        (CSV, "gzip", "the link is damaged or cut short"),
        (CSV, "br", "the link was sent compressed in an unknown way"),
        (
            gzip.compress(bytes(70 * 2**20)),
            "gzip",
            "refusing to open the link: .* more than 65 MiB",
        ),
    ],
    ids=["short", "plain", "unknown", "bomb"],
)
def test_an_answer_that_cannot_be_unpacked_is_an_error(files, path, body, coding, message) -> None:
    """A few bytes cannot fill the disk."""
    link = files.serve("/a.csv", body, "200 OK", f"Content-Encoding: {coding}")
    with pytest.raises(FileError, match=message):
        download(link, path, name=NAME)


def test_a_download_that_is_cut_short_is_an_error(files, path) -> None:
    """The rows that are missing would not be sent, and nobody would notice."""

    def cut(arrival) -> bool:
        arrival.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + CSV)
        return False

    files.answers["/a.csv"] = cut
    with pytest.raises(FileError, match="download of the link was cut short"):
        download(f"{files.url}/a.csv", path, name=NAME)


def never(arrival) -> object:
    return None


def dripping(arrival) -> object:
    arrival.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(1000):
        arrival.send(b"a")
        time.sleep(0.01)  # a real server is slow in real time
    return None


@pytest.mark.parametrize("answer", [never, dripping])
def test_a_slow_server_is_not_waited_for_without_end(files, path, answer) -> None:
    """Also one that sends a byte from time to time."""
    files.answers["/a.csv"] = answer
    start = time.monotonic()
    limits = Limits(answer_seconds=0.3, seconds=0.4)
    with pytest.raises(FileError, match="the link takes too long"):
        download(f"{files.url}/a.csv", path, name=NAME, limits=limits)
    assert time.monotonic() - start < 3


def test_a_server_that_cannot_be_reached_is_an_error(path) -> None:
    """The message has the host and the reason."""
    with raw_server(never) as server:
        link = f"{server.url}/a.csv"
    with pytest.raises(FileError, match=r"localhost:\d+ can't be reached \(Connection refused\)"):
        download(link, path, name=NAME)


def test_https_is_followed_only_with_a_certificate_that_can_be_trusted(path, monkeypatch) -> None:
    """Somebody in between could exchange the rows."""
    with raw_server(lambda arrival: arrival.send(response(CSV)), tls=True) as server:
        link = f"{server.url}/a.csv"
        with pytest.raises(FileError, match=r"the certificate of localhost:.* can't be trusted"):
            download(link, path, name=NAME)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(CERTIFICATE))
        download(link, path, name=NAME)
    assert path.read_bytes() == CSV


def test_redirects_share_one_time_limit(files, path) -> None:
    """Otherwise ten slow ones would take ten times as long."""

    def slowly(arrival) -> None:
        time.sleep(0.1)  # a real server is slow in real time
        arrival.send(response(b"", "302 Found", "Location: /again"))

    files.answers["/again"] = slowly
    with pytest.raises(FileError, match="the link takes too long"):
        download(f"{files.url}/again", path, name=NAME, limits=Limits(answer_seconds=0.35))
    assert len(files.heads) < 6
