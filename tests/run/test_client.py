"""One request to one outcome, for what can really happen, over real sockets."""

import logging
import socket
import threading

import pytest

from flxframe import FlxpointClient, RunWorkflowRequest, SettingError, TokenError
from flxframe.sandbox import Sandbox
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
        (401, "rejected", 401, "final"),
        (403, "rejected", 403, "final"),
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
        ("truncated", "unknown", None, "unsure"),
    ],
)
def test_an_answer_becomes_its_outcome(
    api: Sandbox, fault: str | int, status: str, http_status: int | None, verdict: str
) -> None:
    """Each trouble has one status, one verdict on sending it again, a message, and one arrival."""
    api.fail(fault)
    with FlxpointClient(token=TOKEN, base_url=api.url) as client:
        attempt = client.attempt(REQUEST)
        assert client.run_workflow(REQUEST).status == "ok", "the next request must not suffer"
    outcome = attempt.outcome
    assert (outcome.status, outcome.http_status, attempt.verdict) == (status, http_status, verdict)
    assert outcome.error
    assert "<" not in outcome.error
    assert outcome.objects is None
    assert len(api.arrivals) == 2


def test_an_ok_holds_the_answered_objects(api: Sandbox) -> None:
    """With how long it took."""
    request = RunWorkflowRequest(
        eventHandle="order_import",
        objects={"order": {"id": 820982911946154508, "shippingAddress": {"countryCode": "CA"}}},
    )
    with FlxpointClient(token=TOKEN, base_url=api.url) as client:
        outcome = client.run_workflow(request)
    assert outcome.objects["order"]["status"] == "Hold"
    assert outcome.objects["order"]["id"] == 820982911946154508
    assert outcome.seconds > 0


def answer_once(answer: bytes) -> str:
    """Serve one connection, which gets these very bytes, and return the URL."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with listener, listener.accept()[0] as connection:
            while b"{" not in connection.recv(65536):
                pass
            connection.sendall(answer)

    threading.Thread(target=serve, daemon=True).start()
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize("location", ["http://[::nowhere", "http://", "//", "\xff"])
def test_a_redirect_to_no_url_is_rejected_too(location: str) -> None:
    """It isn't followed, so it needn't make sense."""
    url = answer_once(
        f"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: {location}\r\n\r\n".encode("latin-1")
    )
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
def test_a_refusal_says_what_is_wrong(body: str, error: str) -> None:
    """Also where the status line has no words, as many proxies leave it."""
    url = answer_once(f"HTTP/1.1 400 \r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
    with FlxpointClient(token=TOKEN, base_url=url) as client:
        assert client.run_workflow(REQUEST).error == error


@pytest.mark.parametrize("timeout", [0, -1, float("nan"), float("inf"), 1e12])
def test_a_timeout_that_no_socket_has_is_refused(timeout: float) -> None:
    """Before a request, which would fail at it and be called unknown."""
    with pytest.raises(SettingError, match="timeout"):
        FlxpointClient(token=TOKEN, timeout=timeout)


def test_a_slow_answer_is_unknown(api: Sandbox) -> None:
    """Whoever stopped waiting can't know whether the workflow ran."""
    api.fail("slow", seconds=20)
    with FlxpointClient(token=TOKEN, base_url=api.url, timeout=0.2) as client:
        attempt = client.attempt(REQUEST)
    assert (attempt.outcome.status, attempt.verdict) == ("unknown", "unsure")
    assert "0.2 s" in attempt.outcome.error


def test_a_refused_connection_was_never_sent() -> None:
    """Nothing left, so it may be sent again."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with FlxpointClient(
            token=TOKEN, base_url=f"http://127.0.0.1:{taken.getsockname()[1]}"
        ) as client:
            attempt = client.attempt(REQUEST)
    assert (attempt.outcome.status, attempt.verdict) == ("not_sent", "unreached")


def test_a_host_that_has_no_address_was_never_reached() -> None:
    """A misspelt base URL is said plainly."""
    with FlxpointClient(token=TOKEN, base_url="https://nowhere.invalid") as client:
        attempt = client.attempt(REQUEST)
    assert (attempt.outcome.status, attempt.verdict) == ("not_sent", "unreached")
    assert "nowhere.invalid" in attempt.outcome.error


def test_the_token_is_shown_nowhere(api: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    """Not in the repr, not in the log, and not where a server quotes it."""
    caplog.set_level(logging.DEBUG)
    api.add_workflow("order_import", lambda objects: objects)
    with FlxpointClient(token=TOKEN, base_url=api.url) as client:
        request = RunWorkflowRequest(eventHandle=f"no event {TOKEN}", objects={})
        outcome = client.run_workflow(request)
        assert outcome.status == "rejected"
        assert TOKEN not in repr(client) + repr(outcome)
    assert TOKEN not in caplog.text


@pytest.mark.parametrize("token", ["", "  ", "two words", "line\nbreak", "tökén"])
def test_a_token_that_no_header_can_carry_is_refused(
    token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error doesn't show it."""
    monkeypatch.delenv("FLXPOINT_API_TOKEN", raising=False)
    with pytest.raises(TokenError) as caught:
        FlxpointClient(token=token)
    assert not token.strip() or token not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "http://api.flxpoint.com",
        "ftp://x",
        "api.flxpoint.com",
        "https://me:pw@x",
        "http://127.0.0.1.evil.example",
    ],
)
def test_a_token_goes_over_https_or_stays_here(url: str) -> None:
    """Only this machine may be spoken to in the clear."""
    with pytest.raises(SettingError):
        FlxpointClient(token=TOKEN, base_url=url)


def test_a_proxy_never_sees_a_token_in_the_clear(
    api: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What goes to this machine goes there directly."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    with FlxpointClient(token=TOKEN, base_url=api.url) as client:
        assert client.run_workflow(REQUEST).status == "ok"


def test_an_answer_nested_beyond_all_reason_is_unknown(api: Sandbox) -> None:
    """It can be read by nobody, and must not take the run down."""

    def nest(objects: dict) -> dict:
        value: list = []
        for _ in range(300):
            value = [value]
        return {"order": value}

    api.add_workflow("order_import", nest)
    with FlxpointClient(token=TOKEN, base_url=api.url) as client:
        outcome = client.run_workflow(REQUEST)
    assert outcome.status == "unknown"
