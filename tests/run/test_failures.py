"""Requests that never left are not sent, and the message says why."""

import socket
import threading
from collections.abc import Iterator

import pytest

from flxframe import FlxpointClient, RunWorkflowRequest
from flxframe.run.failures import describe_obstacle
from flxframe.run.responses import Attempt
from flxframe.sandbox import Sandbox
from tests.conftest import TOKEN
from tests.run.raw_server import CERTIFICATE, Arrival, raw_server, response

REQUEST = RunWorkflowRequest(eventHandle="order_import", objects={"order": {"sku": "007"}})


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment without a proxy."""
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)


def attempt_at(url: str, timeout: float = 5) -> Attempt:
    """Send a request to a URL."""
    with FlxpointClient(token=TOKEN, base_url=url, timeout=timeout) as client:
        return client.attempt(REQUEST)


def check_not_sent(attempt: Attempt, *texts: str, verdict: str = "unreached") -> None:
    """Check that a request was not sent, and the message."""
    outcome = attempt.outcome
    assert (outcome.status, outcome.http_status, attempt.verdict) == ("not_sent", None, verdict)
    for text in texts:
        assert text in outcome.error


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port on which nothing listens."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        yield silent.getsockname()[1]


def test_a_refused_connection(closed_port: int) -> None:
    """The system's message is included."""
    attempt = attempt_at(f"http://127.0.0.1:{closed_port}")
    check_not_sent(attempt, f"127.0.0.1:{closed_port} can't be reached (Connection refused)")


def test_https_to_an_http_port(api: Sandbox) -> None:
    """The port is probably wrong."""
    attempt = attempt_at(api.url.replace("http:", "https:"))
    check_not_sent(attempt, "does not answer as https does", "check the base URL and its port")
    assert api.arrivals == []


def test_http_to_an_https_port() -> None:
    """The request left, and nobody can prove that a server ignored it."""
    with raw_server(lambda arrival: None, tls=True) as server:
        attempt = attempt_at(server.url.replace("https:", "http:"))
    assert attempt.outcome.status == "unknown"
    assert server.arrivals == []


@pytest.mark.parametrize("reset", [False, True])
def test_a_handshake_that_is_cut(reset: bool) -> None:
    """Before it is complete, no byte of the request can leave."""
    listener = socket.create_server(("127.0.0.1", 0))

    def cut() -> None:
        connection, _ = listener.accept()
        with connection:
            if not reset:
                connection.recv(65536)  # otherwise closing it resets the connection

    thread = threading.Thread(target=cut, daemon=True)
    thread.start()
    with listener:
        attempt = attempt_at(f"https://127.0.0.1:{listener.getsockname()[1]}")
    thread.join()
    check_not_sent(attempt, "127.0.0.1")


def test_a_handshake_that_never_ends() -> None:
    """It has the time of a connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        attempt = attempt_at(f"https://127.0.0.1:{listener.getsockname()[1]}", timeout=0.2)
    check_not_sent(attempt, "did not accept a connection in time")


def test_a_certificate_that_is_not_trusted() -> None:
    """The check is never left out."""
    with raw_server(lambda arrival: None, tls=True) as server:
        attempt = attempt_at(server.url)
    texts = ("can't be trusted (", "so nothing was sent", "set REQUESTS_CA_BUNDLE to the file")
    check_not_sent(attempt, *texts, verdict="untrusted")


def test_a_certificate_of_another_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """A trusted certificate must also name the host."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(CERTIFICATE))
    with raw_server(lambda arrival: None, tls=True) as server:
        attempt = attempt_at(server.url.replace("localhost", "127.0.0.1"))
    texts = ("can't be trusted (", "so nothing was sent", "set REQUESTS_CA_BUNDLE to the file")
    check_not_sent(attempt, *texts, verdict="untrusted")


def test_a_proxy_that_is_not_there(monkeypatch: pytest.MonkeyPatch, closed_port: int) -> None:
    """The proxy is to blame, not the server."""
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{closed_port}")
    attempt = attempt_at("https://api.example.com")
    check_not_sent(attempt, "through the proxy", "Connection refused", "check the proxy")


@pytest.mark.parametrize(
    "answer",
    [response(b"", "407 Proxy \x1b[31mAuthentication Required"), b"", b"nonsense\r\n\r\n"],
    ids=["407", "closed", "nonsense"],
)
def test_a_proxy_that_refuses(answer: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it was asked is not the request, so nothing was sent."""

    def refuse(arrival: Arrival) -> bool:
        arrival.send(answer)
        return False

    with raw_server(refuse) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        attempt = attempt_at("https://api.example.com")
        assert proxy.arrivals[0].head.startswith(b"CONNECT api.example.com:443")
        assert TOKEN.encode() not in proxy.arrivals[0].head
    check_not_sent(attempt, "through the proxy")
    assert "\x1b" not in attempt.outcome.error


def test_the_context_of_an_error_is_not_its_cause() -> None:
    """It might be an error that the caller was handling."""
    try:
        try:
            raise TimeoutError("the caller's own")
        except TimeoutError:
            raise ConnectionRefusedError(111, "Connection refused")  # noqa: B904
    except OSError as error:
        text = describe_obstacle(error, "https://api.example.com")
    assert text.startswith("api.example.com can't be reached (Connection refused)")
