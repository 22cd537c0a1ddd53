"""The message in a server's answer."""

import json

import pytest
import requests

from flxframe.run.messages import find_message, read_excerpt


def answer(body: str, content_type: str = "application/json") -> requests.Response:
    """Return an answer as `requests` does."""
    response = requests.Response()
    response.status_code = 400
    response.encoding = "utf-8"
    response.headers["Content-Type"] = content_type
    response._content = body.encode()
    return response


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
    body: object = "sku is blank"
    for _ in range(60):
        body = {"errors": body}
    assert find_message(answer(json.dumps(body))) == "sku is blank"


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
