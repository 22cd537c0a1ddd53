"""The message in a server's answer."""

import json
import time

import pytest

from flxframe.run.answers import Answer
from flxframe.run.messages import find_message, read_excerpt


def answer(body: str | bytes, content_type: str = "application/json") -> Answer:
    """Return an answer with this body."""
    content = body.encode() if isinstance(body, str) else body
    return Answer(400, headers={"Content-Type": content_type}, body=content)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('"no"', "no"),
        ('["no", null, true, 7]', "no; 7"),
        ('{"msg": "no", "status": 400}', "no"),
        ('{"error": {"reason": "no"}}', "no"),
        ('{"message": "no", "errors": "no"}', "no"),
        ('{"message": "no", "details": ["sku", "id"]}', "no: sku; id"),
        (
            '{"sku": "is blank", "id": ["is 0", "is odd"], "n": null}',
            "sku: is blank; id: is 0; is odd",
        ),
        ("[]", ""),
        ("null", ""),
        ("not JSON,\n  but text", "not JSON, but text"),
    ],
)
def test_json_of_any_shape_has_a_message(body: str, message: str) -> None:
    """Common keys for messages are preferred, otherwise all keys are listed."""
    assert find_message(answer(body)) == message


def test_deeply_nested_errors_are_read_quickly() -> None:
    """Each level is read once, so that no answer can block a run."""
    for innermost in ("sku is blank", ""):
        body: object = innermost
        for _ in range(60):
            body = {"errors": body}
        assert find_message(answer(json.dumps(body))) == innermost


def test_a_page_is_read_without_its_tags() -> None:
    """Tags and scripts are not part of the message."""
    page = "<html><style>b {}</style><script>run()</script><b>Bad</b>\n<i>Gateway</i></html>"
    assert read_excerpt(answer(page, "text/html")) == "Bad Gateway"
    assert find_message(answer(page, "text/html; charset=utf-8")) == "Bad Gateway"


def test_a_long_message_is_cut() -> None:
    """The message is one readable line."""
    message = find_message(answer(json.dumps({"message": "sku is blank\n" * 100})))
    assert message.startswith("sku is blank sku is blank")
    assert len(message) == 300
    assert message.endswith("…")


@pytest.mark.parametrize(
    "page",
    [
        "<" * 2**18,
        "<a " * 2**17,
        "<!--" * 2**17,
        "<script>" * 2**16,
        "<script" * 2**16,
        "</" * 2**17,
        '<a b="' * 2**16,
    ],
    ids=lambda page: page[:8],
)
def test_no_page_takes_long(page: str) -> None:
    """The time is proportional to the length, whatever the page consists of."""
    start = time.process_time()
    find_message(answer(page, "text/html"))
    assert time.process_time() - start < 1


@pytest.mark.parametrize("count", [10, 100_000])
def test_no_json_takes_long(count: int) -> None:
    """The message is cut, however many parts it could have."""
    start = time.process_time()
    body = json.dumps({"errors": [{"message": f"sku {number}"} for number in range(count)]})
    assert find_message(answer(body)).startswith("sku 0; sku 1; sku 2; ")
    assert time.process_time() - start < 3


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("caf\u00e9".encode(), "caf\u00e9"),
        ("caf\u00e9".encode("cp1252"), "caf\u00e9"),
        (b"x" * (2**16 - 1) + "\u00e9".encode(), "x" * 299 + "\u2026"),
        (b"\x81\xff", "\ufffd\u00ff"),
    ],
    ids=["utf-8", "cp1252", "cut inside a letter", "neither"],
)
@pytest.mark.parametrize("charset", ["utf-8", "idna", "undefined", "punycode", "made-up", "zip"])
def test_the_charset_of_the_server_is_not_used(body: bytes, message: str, charset: str) -> None:
    """Python has charsets that raise other errors, or that take very long."""
    assert find_message(answer(body, f"text/plain; charset={charset}")) == message


def test_control_characters_are_escaped() -> None:
    """A message cannot colour a terminal, or show its letters in another order."""
    message = find_message(answer("\x1b[2J no\x00 \u202eon", "text/plain"))
    assert message == r"\x1b[2J no\x00 \u202eon"
