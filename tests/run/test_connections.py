"""Answers belong to their rows, end in time, and are of a limited size, over real sockets."""

import io
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from flxframe import FlxpointClient, RunWorkflowRequest
from flxframe.models import Outcome
from tests.conftest import TOKEN
from tests.run.raw_server import CERTIFICATE, Arrival, RawServer, echo, raw_server, response

EARLY_HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n"
PROCESSING = b"HTTP/1.1 102 Processing\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


def request_of(number: int) -> RunWorkflowRequest:
    """Return a request with a number."""
    return RunWorkflowRequest(eventHandle="order_import", objects={"order": {"number": number}})


def send(server: RawServer, count: int = 1, timeout: float = 10) -> list[Outcome]:
    """Send requests with consecutive numbers, and return their outcomes."""
    outcomes = []
    with FlxpointClient(token=TOKEN, base_url=server.url, timeout=timeout) as client:
        for number in range(count):
            outcomes.append(client.run_workflow(request_of(number)))
    return outcomes


def numbers(outcomes: list[Outcome]) -> list[int | str]:
    """Return the number in each answer, and the status of rows without one."""
    found = []
    for outcome in outcomes:
        has_answer = outcome.objects is not None
        found.append(outcome.objects["order"]["number"] if has_answer else outcome.status)
    return found


def opened(server: RawServer) -> int:
    """Return the number of connections that the client opened."""
    return len(server.connections)


def test_a_connection_is_used_again() -> None:
    """This is true of ordinary answers, a rejection among them."""

    def answer(arrival: Arrival) -> None:
        is_first = arrival.body["objects"]["order"]["number"] == 0
        arrival.send(response({"message": "no"}, "400 Bad Request") if is_first else echo(arrival))

    with raw_server(answer) as server:
        assert numbers(send(server, 4)) == ["rejected", 1, 2, 3]
        assert opened(server) == 1


@pytest.mark.parametrize(
    "interim",
    [[CONTINUE], [PROCESSING], [EARLY_HINTS], [CONTINUE, PROCESSING, *[EARLY_HINTS] * 5]],
    ids=["100", "102", "103", "seven"],
)
def test_interim_answers_are_skipped(interim: list[bytes]) -> None:
    """The final answer is still that of its own row, even if it comes later."""

    def answer(arrival: Arrival) -> None:
        arrival.send(*interim)
        time.sleep(0.02)  # the client has read the interim answers by now
        arrival.send(echo(arrival))

    with raw_server(answer) as server:
        assert numbers(send(server, 6)) == list(range(6))


@pytest.mark.parametrize(
    "interim",
    [EARLY_HINTS * 1000, b"HTTP/1.1 101 Switching Protocols\r\n\r\n"],
    ids=["many", "101"],
)
def test_interim_answers_without_an_end_are_unknown(interim: bytes) -> None:
    """The connection is closed, so that the final answer is not taken for another row's."""

    def answer(arrival: Arrival) -> None:
        is_first = arrival.body["objects"]["order"]["number"] == 0
        arrival.send((interim if is_first else b"") + echo(arrival))

    with raw_server(answer) as server:
        assert numbers(send(server, 3)) == ["unknown", 1, 2]


@pytest.mark.parametrize(
    "extra",
    [
        response({"objects": {"order": {"number": -1}}}),
        b"\r\n",
        b"x" * 100_000,
        EARLY_HINTS,
        b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n",
    ],
    ids=["a second answer", "a blank line", "much", "103", "408"],
)
@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
def test_bytes_after_an_answer_answer_no_other_row(
    extra: bytes, tls: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They might have been read with the answer, or be on their way."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(CERTIFICATE))
    with raw_server(lambda arrival: arrival.send(echo(arrival) + extra), tls=tls) as server:
        assert numbers(send(server, 4)) == [0, 1, 2, 3]
        assert opened(server) == 4 * (1 + tls)


@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
def test_bytes_that_are_received_but_not_read_answer_no_other_row(
    tls: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer fills the buffer exactly, so the next one is still in the socket, or in TLS."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(CERTIFICATE))

    def answer(arrival: Arrival) -> None:
        own = echo(arrival)
        body = own.partition(b"\r\n\r\n")[2]
        size = io.DEFAULT_BUFFER_SIZE - len(response(b" " * 1000)) + 1000
        other = response({"objects": {"order": {"number": -1}}})
        arrival.send(response(body.ljust(size)) + other)

    with raw_server(answer, tls=tls) as server:
        assert numbers(send(server, 4)) == [0, 1, 2, 3]


@pytest.mark.parametrize(
    "headers",
    [
        "Content-Length: 5\r\nContent-Length: 5",
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Content-Length: +5",
        "Content-Length: 5\r\nno header",
        "Transfer-Encoding: identity, chunked",
    ],
)
def test_an_answer_of_uncertain_length_ends_its_connection(headers: str) -> None:
    """Its row might be rejected or unknown, but it does not affect others."""
    body = b"5\r\nsorry\r\n0\r\n\r\n" if "chunked" in headers else b"sorry"
    head = f"HTTP/1.1 400 Bad Request\r\n{headers}\r\n\r\n".encode()

    def answer(arrival: Arrival) -> None:
        is_first = arrival.body["objects"]["order"]["number"] == 0
        arrival.send(head + body if is_first else echo(arrival))

    with raw_server(answer) as server:
        first, *others = send(server, 3, timeout=0.3)
        assert first.status in ("rejected", "unknown")
        assert numbers(others) == [1, 2]
        assert opened(server) == 2


def test_an_answer_after_the_timeout_answers_no_other_row() -> None:
    """Its connection is closed."""
    release = threading.Event()

    def answer(arrival: Arrival) -> None:
        if arrival.body["objects"]["order"]["number"] == 0:
            release.wait(10)
        arrival.send(echo(arrival))

    with raw_server(answer) as server:
        with FlxpointClient(token=TOKEN, base_url=server.url, timeout=0.2) as client:
            outcomes = [client.run_workflow(request_of(0))]
            release.set()
            outcomes += [client.run_workflow(request_of(number)) for number in (1, 2)]
        assert numbers(outcomes) == ["unknown", 1, 2]


@pytest.mark.parametrize("part", ["head", "body", "interim"])
def test_a_dripping_answer_gains_no_time(part: str) -> None:
    """The timeout bounds the whole answer, not the pause between two bytes."""

    def drip(arrival: Arrival) -> None:
        head, _, body = echo(arrival).partition(b"\r\n\r\n")
        if part == "interim":
            pieces = [PROCESSING] * 15
        elif part == "body":
            arrival.send(head, b"\r\n\r\n")
            pieces = [bytes([byte]) for byte in body]
        else:
            pieces = [bytes([byte]) for byte in head]
        for piece in pieces:
            arrival.send(piece)
            time.sleep(0.1)

    with raw_server(drip) as server:
        (outcome,) = send(server, timeout=0.5)

    assert outcome.status == "unknown"
    assert "within 0.5 s" in outcome.error or "not complete in time" in outcome.error
    assert outcome.seconds < 1


def test_a_connection_that_the_server_closed_is_not_used() -> None:
    """The row is sent over another one, and has one attempt."""

    def answer(arrival: Arrival) -> bool:
        arrival.send(echo(arrival))
        return False

    with raw_server(answer) as server, FlxpointClient(token=TOKEN, base_url=server.url) as client:
        assert client.run_workflow(request_of(0)).status == "ok"
        wait_until_closed(server)
        assert client.run_workflow(request_of(1)).status == "ok"
        assert opened(server) == 2


def wait_until_closed(server: RawServer) -> None:
    """Wait until the server's connections are closed."""
    while any(connection.fileno() >= 0 for connection in server.connections):
        time.sleep(0.001)


def test_an_idle_connection_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A router might have dropped it silently."""
    with (
        raw_server(lambda arrival: arrival.send(echo(arrival))) as server,
        FlxpointClient(token=TOKEN, base_url=server.url) as client,
    ):
        client.run_workflow(request_of(0))
        # The computer was asleep for a minute, as far as its clock shows.
        monkeypatch.setattr(time, "time", lambda now=time.time: now() + 60)
        client.run_workflow(request_of(1))
        assert opened(server) == 2


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port on which nothing listens."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        yield silent.getsockname()[1]


def test_an_error_that_the_caller_handles_does_not_matter(closed_port: int) -> None:
    """A request that the server took is not reported as not sent because of an older error."""
    with raw_server(lambda arrival: arrival.reset()) as server:
        try:
            socket.create_connection(("127.0.0.1", closed_port))
        except ConnectionError:
            (outcome,) = send(server)
    assert outcome.status == "unknown"
    assert len(server.arrivals) == 1


def test_no_cookies_are_kept() -> None:
    """Each request has the same headers, however many cookies a server sets."""

    def answer(arrival: Arrival) -> None:
        body = {"objects": arrival.body["objects"]}
        arrival.send(response(body, "200 OK", f"Set-Cookie: c{len(server.arrivals)}=1; Path=/"))

    with raw_server(answer) as server:
        send(server, 3)
        heads = {arrival.head for arrival in server.arrivals}
    assert len(heads) == 1
    assert b"cookie" not in heads.pop().lower()


def test_a_huge_head_is_not_read() -> None:
    """Its size has a limit, as that of the body has."""
    line = b"X-Filler: " + b"x" * 60_000 + b"\r\n"

    def answer(arrival: Arrival) -> bool:
        arrival.send(b"HTTP/1.1 200 OK\r\n", *[line] * 50, b"\r\n")
        return False

    with raw_server(answer) as server:
        (outcome,) = send(server)
    assert outcome.status == "unknown"


def test_lines_that_are_no_headers_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Their control characters would reach the terminal."""

    def answer(arrival: Arrival) -> None:
        arrival.send(response(b"no", "400 Bad Request", "Ok: 1", "\x1b[31mno header"))

    with raw_server(answer) as server:
        (outcome,) = send(server, timeout=1)
    assert outcome.status == "rejected"
    assert [record for record in caplog.records if record.levelname != "DEBUG"] == []
