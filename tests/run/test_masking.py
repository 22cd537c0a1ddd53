"""Tokens are masked in whatever a server answers."""

import base64
import html
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import quote

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flxframe import run_workflows
from flxframe.request.token import Token
from flxframe.run.masking import MASK, NOTE, Mask

TOKEN = "sec/ret+47&11-\"long'token=="
OTHER = "another-token-0815"
LETTERS = "abcXYZ0189-_.~+/=:&<>\"'"
letters = st.text(LETTERS, min_size=8, max_size=40)
unhurried = settings(deadline=None, max_examples=15)  # the pattern of a token takes long to compile

FORMS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "percent": lambda text: quote(text, safe=""),
    "percent in lower case": lambda text: "".join(f"%{ord(letter):02x}" for letter in text),
    "percent twice": lambda text: quote(quote(text, safe=""), safe=""),
    "HTML": html.escape,
    "HTML numbers": lambda text: "".join(f"&#x{ord(letter):X};" for letter in text),
    "JSON": lambda text: json.dumps(text)[1:-1],
    "JSON numbers": lambda text: "".join(f"\\u{ord(letter):04X}" for letter in text),
}


@pytest.mark.parametrize("form", FORMS)
@unhurried
@given(token=letters, before=st.sampled_from(["", " ", "x", '"']))
def test_a_token_is_masked_in_each_form(form: str, token: str, before: str) -> None:
    """The text around it stays."""
    text = f"{before}{FORMS[form](token)} is refused"
    assert Mask([Token(token)]).text(text) == f"{before}{MASK} is refused"


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
@unhurried
@given(token=letters, before=st.binary(max_size=4))
def test_a_token_is_masked_in_base64_at_each_alignment(encode, token: str, before: bytes) -> None:
    """At most one character at each end depends on the token and on what is next to it."""
    text = encode(before + token.encode() + b":").decode()
    masked = Mask([Token(token)]).text(text)

    assert MASK in masked
    assert len(masked.replace(MASK, "")) <= len(encode(before)) + 6


def test_a_short_token_destroys_no_text() -> None:
    """It is masked as a whole word of a message, and as a whole value or key."""
    mask = Mask([Token("a"), Token("4711")])

    assert mask.text("a key and 4711, but not 47110") == "[token] key and [token], but not 47110"
    answer = {"a": "a", "name": "a banana for 4711", "n": 4711, "b": [None, True, 1.5, "ab"]}
    masked = {MASK: MASK, "name": "a banana for 4711", "n": MASK, "b": [None, True, 1.5, "ab"]}
    assert mask.objects(answer) == masked


def test_a_mask_shows_no_token() -> None:
    """Nor does what it consists of."""
    mask = Mask([Token(TOKEN)])
    assert TOKEN not in f"{mask!r} {vars(mask)}"


@contextmanager
def answering(status: int, body: bytes, **headers: str) -> Iterator[str]:
    """Run a server that gives every request the same answer; yield its URL."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Write nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def outcome(status: int, body: bytes, journal=None, **headers: str) -> pd.Series:
    """Run one row with two tokens against such a server; return its row of the result."""
    table = pd.DataFrame({"eventHandle": ["e"], "Store": ["EU"], "objects.o.k": ["x"]})
    with answering(status, body, **headers) as url:
        result = run_workflows(
            table,
            token={"EU": TOKEN, "US": OTHER},
            token_column="Store",
            base_url=url,
            journal=journal,
            progress=False,
            stop_after_failures=None,
        )
    return result.iloc[0]


@pytest.mark.parametrize("token", [TOKEN, OTHER])
@pytest.mark.parametrize("form", FORMS)
def test_no_part_of_a_token_stays_in_an_error_that_is_cut(token: str, form: str) -> None:
    """Masking comes before cutting, and covers every token of the run."""
    body = f"{'x' * 285} {FORMS[form](token)} {'y' * 300}".encode()
    error = outcome(400, body, **{"Content-Type": "text/plain"})["run.error"]

    assert FORMS[form](token)[:4] not in error
    assert "[tok" in error


def test_a_token_in_the_objects_is_masked_in_the_result_and_the_journal(tmp_path) -> None:
    """The row is ok, and says so."""
    objects = {"o": {"k": "x", f"key {TOKEN}": f"{OTHER}!", "list": [TOKEN]}}
    body = json.dumps({"objects": objects}).encode()
    row = outcome(200, body, journal=tmp_path / "j.db")

    assert (row["run.status"], row["run.error"]) == ("ok", NOTE)
    assert row['objects.o["key [token]"]'] == f"{MASK}!"
    assert row["objects.o.list[0]"] == MASK
    content = (tmp_path / "j.db").read_bytes()
    assert OTHER.encode() not in content
    assert TOKEN[:8].encode() not in content
