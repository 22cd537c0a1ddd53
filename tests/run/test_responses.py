"""Answers and failures become outcomes, over real sockets."""

import socket
import threading

import pytest

from flxframe import FlxpointClient, RunWorkflowRequest
from flxframe.sandbox.app import Sandbox
from tests.conftest import TOKEN

REQUEST = RunWorkflowRequest(eventHandle="order_import", objects={"order": {"sku": "007"}})


@pytest.mark.parametrize(
    ("fault", "status", "http_status", "verdict"),
    [
        ("html", "unknown", 200, "unsure"),
        ("empty", "unknown", 200, "unsure"),
        ("bad_json", "unknown", 200, "unsure"),
        ("list", "unknown", 200, "unsure"),
        ("no_objects", "unknown", 200, "unsure"),
        ("null_objects", "unknown", 200, "unsure"),
        ("400_html", "rejected", 400, "final"),
        ("400_text", "rejected", 400, "final"),
        ("400_empty", "rejected", 400, "final"),
        ("400_string", "rejected", 400, "final"),
        ("400_list", "rejected", 400, "final"),
        ("400_error", "rejected", 400, "final"),
        ("400_errors", "rejected", 400, "final"),
        ("400_detail", "rejected", 400, "final"),
        ("400_title", "rejected", 400, "final"),
        (401, "rejected", 401, "refused"),
        (403, "rejected", 403, "refused"),
        (404, "rejected", 404, "final"),
        (413, "rejected", 413, "final"),
        (422, "rejected", 422, "final"),
        (301, "rejected", 301, "final"),
        (307, "rejected", 307, "final"),
        ("429_seconds", "not_sent", 429, "throttled"),
        ("429_date", "not_sent", 429, "throttled"),
        ("429_absurd", "not_sent", 429, "throttled"),
        ("429_none", "not_sent", 429, "throttled"),
        ("503_retry_after", "not_sent", 503, "unavailable"),
        (500, "unknown", 500, "unsure"),
        (502, "unknown", 502, "unsure"),
        (503, "unknown", 503, "unsure"),
        (504, "unknown", 504, "unsure"),
        ("reset", "unknown", None, "unsure"),
        ("reset_after", "unknown", None, "unsure"),
        ("close_after", "unknown", None, "unsure"),
        ("truncated", "unknown", 200, "unsure"),
    ],
)
def test_an_answer_becomes_its_outcome(
    api: Sandbox, fault: str | int, status: str, http_status: int | None, verdict: str
) -> None:
    """Each fault has one status, one verdict on sending it again, a message, and one arrival."""
    api.fail(fault)
    with FlxpointClient(token=TOKEN, base_url=api.url) as client:
        attempt = client.attempt(REQUEST)
        assert client.run_workflow(REQUEST).status == "ok", "the next request must not be affected"

    outcome = attempt.outcome
    assert (outcome.status, outcome.http_status, attempt.verdict) == (status, http_status, verdict)
    assert outcome.error
    assert "<" not in outcome.error
    assert outcome.objects is None
    assert len(api.arrivals) == 2


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        ("html", "200, but the answer is not JSON: "),
        ("no_objects", "200, but the answer has no objects: "),
        (307, "the server redirects to "),
        (401, "The server refused the token: check the token and its type"),
        (403, "The server refused the token or this row: check the token and its type"),
        ("429_none", "429: the token's rate limit was exceeded."),
        (500, "The workflow might have run: check before you send the row again"),
        ("truncated", "the answer was cut short. The workflow might have run"),
        ("reset", "the connection broke before the answer arrived. The workflow might have run"),
    ],
)
def test_the_error_describes_the_answer(api: Sandbox, fault: str | int, text: str) -> None:
    """It also says what to check, if that helps."""
    api.fail(fault)
    with FlxpointClient(token=TOKEN, base_url=api.url) as client:
        assert text in client.run_workflow(REQUEST).error


def answer_once(answer: bytes) -> str:
    """Serve one connection, answer it with exactly these bytes, and return the URL."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with listener, listener.accept()[0] as connection:
            while b"{" not in connection.recv(65536):
                pass
            connection.sendall(answer)

    threading.Thread(target=serve, daemon=True).start()
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize("location", ["http://[::nowhere", "http://", "//", "\xff"])
def test_a_redirect_to_an_invalid_url_is_rejected_too(location: str) -> None:
    """The URL is not followed, so it need not be valid."""
    answer = f"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: {location}\r\n\r\n"
    url = answer_once(answer.encode("latin-1"))
    with FlxpointClient(token=TOKEN, base_url=url) as client:
        outcome = client.run_workflow(REQUEST)

    assert (outcome.status, outcome.http_status) == ("rejected", 302)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (
            '{"message": "no", "errors": [{"message": "sku is blank"}, "too late"]}',
            "400: no: sku is blank; too late",
        ),
        (
            '{"title": "no", "errors": {"objects.order": ["is required"]}}',
            "400: objects.order: is required",
        ),
        ('{"error": "Bad Request", "message": "no", "status": 400}', "400: no"),
        ('{"error": true, "message": "no"}', "400: no"),
        ("", "400: Bad Request"),
    ],
)
def test_a_rejection_contains_the_servers_message(body: str, error: str) -> None:
    """This is true even if the status line has no phrase, as with many proxies."""
    url = answer_once(f"HTTP/1.1 400 \r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
    with FlxpointClient(token=TOKEN, base_url=url) as client:
        assert client.run_workflow(REQUEST).error == error


def test_a_slow_answer_is_unknown(api: Sandbox) -> None:
    """After the timeout, it is not known whether the workflow ran."""
    api.fail("slow", seconds=20)
    with FlxpointClient(token=TOKEN, base_url=api.url, timeout=0.2) as client:
        attempt = client.attempt(REQUEST)

    assert (attempt.outcome.status, attempt.verdict) == ("unknown", "unsure")
    assert "0.2 s" in attempt.outcome.error


def test_a_refused_connection_was_never_sent() -> None:
    """No request was sent, so it can be sent again."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with FlxpointClient(token=TOKEN, base_url=url) as client:
            attempt = client.attempt(REQUEST)

    assert (attempt.outcome.status, attempt.verdict) == ("not_sent", "unreached")


def test_a_host_without_an_address_was_never_reached() -> None:
    """The message names the host of a misspelt base URL."""
    with FlxpointClient(token=TOKEN, base_url="https://nowhere.invalid") as client:
        attempt = client.attempt(REQUEST)
    assert (attempt.outcome.status, attempt.verdict) == ("not_sent", "unreached")
    assert "nowhere.invalid" in attempt.outcome.error


def test_an_answer_that_is_nested_too_deeply_is_unknown(api: Sandbox) -> None:
    """The answer cannot be read, but does not end the run."""

    def nest(objects: dict) -> dict:
        value: list = []
        for _ in range(300):
            value = [value]
        return {"order": value}

    api.add_workflow("order_import", nest)
    with FlxpointClient(token=TOKEN, base_url=api.url) as client:
        outcome = client.run_workflow(REQUEST)
    assert outcome.status == "unknown"
