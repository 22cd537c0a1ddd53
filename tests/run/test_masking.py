"""Tokens are masked in whatever a server answers."""

import base64
import html
import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html.entities import html5
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
from tests.run.slow_masking import slowly_masked

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


ESCAPES: list[Callable[[str, int], str]] = [
    lambda letter, _: letter,
    lambda letter, depth: "\\" * depth + letter,
    lambda letter, depth: f"%{'25' * depth}{ord(letter):02x}",
    lambda letter, depth: f"%{'25' * depth}{ord(letter):02X}",
    lambda letter, depth: f"&{'amp;' * depth}#{'0' * depth}{ord(letter)};",
    lambda letter, depth: f"&{'amp;' * depth}#x{ord(letter):x};",
    lambda letter, depth: f"&{'amp;' * depth}{NAMES.get(letter, f'#X{ord(letter):X};')}",
    lambda letter, depth: "\\" * 2**depth + f"u00{ord(letter):02x}",
    lambda letter, depth: "\\" * 2**depth + f"U00{ord(letter):02X}",
]
NAMES = {meaning: name for name, meaning in reversed(html5.items()) if name.endswith(";")}
TOKENS = [TOKEN, OTHER, "41-2f/+Zzz==", "abcdef0123456789"]
FILLERS = ["%", "%25", "&", "&amp;", "\\", "\\u00", "u00", "#", "&#", "4", "0", "x", ";", "é", "€"]
seldom = settings(deadline=None, max_examples=200)


@seldom
@given(data=st.data(), token=st.sampled_from(TOKENS))
@pytest.mark.parametrize("padding", [0, 2**12], ids=["short", "long"])
def test_texts_are_masked_as_by_one_regular_expression(padding, data, token: str) -> None:
    """That is simple, but takes minutes for a hostile text."""
    fillers = st.lists(st.sampled_from([*FILLERS, token[:3], token[:-1]]), max_size=6)
    ends = st.sampled_from([" ", "x", "=", '"'])  # not an escape that the token would complete
    escapes = st.lists(st.sampled_from(ESCAPES), min_size=len(token), max_size=len(token))
    depths = st.lists(st.integers(0, 3), min_size=len(token), max_size=len(token))

    parts = ["x" * padding]
    for _ in range(data.draw(st.integers(0, 3))):
        parts += [*data.draw(fillers), data.draw(ends)]
        for letter, escape, depth in zip(token, data.draw(escapes), data.draw(depths), strict=True):
            parts.append(escape(letter, depth))
    text = "".join([*parts, *data.draw(fillers)])

    # The one leaves backslashes in front of some escapes.
    masked = Mask([Token(token)]).text(text)
    assert masked == re.sub(r"\\+\[token\]", MASK, slowly_masked(text, token))


HOSTILE = [
    "\\",
    "%25",
    "&amp;",
    "%41",
    "&#4",
    "&#0000000",
    "&lt;",
    "\\u002d",
    "amp;",
    "25",
    "A",
    "0 ",
]


@pytest.mark.parametrize("piece", [*HOSTILE, TOKEN, TOKEN[:-1]])
def test_a_hostile_answer_is_masked_in_a_second(piece: str) -> None:
    """No repeated text takes long, whether the token is in it or not."""
    mask = Mask([Token(TOKEN)])
    text = piece * (2**22 // len(piece))
    start = time.thread_time()
    assert mask.is_in(text.encode()) == (TOKEN in text)
    assert mask.text(f"%25&amp;{text} {TOKEN}").endswith(f" {MASK}")
    assert mask.objects({"a": [text, TOKEN]})["a"][1] == MASK
    assert time.thread_time() - start < 1


def test_a_token_is_masked_wherever_it_is_in_a_long_text() -> None:
    """A long text is decoded in parts, which overlap."""
    mask = Mask([Token(TOKEN)])
    for form in (FORMS["percent"](TOKEN), FORMS["HTML numbers"](TOKEN)):
        for position in range(2**18 - len(form) - 10, 2**18 + 20, 10):
            text = "x" * position
            assert mask.text(f"{text} {form} {text}") == f"{text} {MASK} {text}"


def test_a_million_texts_are_masked_at_once() -> None:
    """Each of them alone would take too long."""
    mask = Mask([Token(TOKEN)])
    texts = [f"{number}\n\\{TOKEN}" for number in range(50_000)]
    start = time.thread_time()
    assert mask.objects(texts) == [f"{number}\n{MASK}" for number in range(50_000)]
    assert time.thread_time() - start < 1


def test_a_token_that_looks_like_an_escape_is_masked() -> None:
    """It is found in an answer that was decoded, and in one that was not."""
    for token in ("&lt;a-token&gt;", "%41-token-%42%", "\\u0041-token", "a\\b\\token-1"):
        for form in FORMS.values():
            assert Mask([Token(token)]).text(f"x {form(token)} y") == f"x {MASK} y"


def test_a_token_of_backslashes_destroys_no_text() -> None:
    """Backslashes are not compared, so it can't be found."""
    assert Mask([Token("\\" * 10)]).text("a text") == "a text"


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
