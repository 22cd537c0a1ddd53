"""HTTP over real sockets: bodies, connections, and clients that disconnect."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from flxframe.sandbox import Sandbox, sandbox
from tests.sandbox.conftest import BODY, order_of, send


def test_a_chunked_body_is_read_like_any_other(api: Sandbox) -> None:
    headers = {"X-API-TOKEN": api.token, "Content-Type": "application/json"}
    text = json.dumps(BODY).encode()
    with requests.Session() as session:
        for _ in range(2):
            chunks = iter([text[:7], text[7:]])
            answer = session.post(
                f"{api.url}/workflow/run", data=chunks, headers=headers, timeout=20
            )
            assert order_of(answer)["status"] == "Hold"


@pytest.mark.parametrize(
    "header", ["Content-Length: x", "Content-Length: -1", "Transfer-Encoding: chunked"]
)
def test_a_body_of_unknown_length_gets_a_400_and_the_connection_is_closed(
    api: Sandbox, header: str
) -> None:
    request = f"POST /workflow/run HTTP/1.1\r\nHost: x\r\n{header}\r\n\r\nx\r\n"
    with socket.create_connection(("127.0.0.1", api.port), timeout=20) as connection:
        connection.sendall(request.encode())
        answer = b"".join(iter(lambda: connection.recv(2**16), b""))

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"\r\nConnection: close\r\n" in answer


def test_a_client_that_disconnects_in_the_middle_of_a_request_is_ignored(
    api: Sandbox, capfd: pytest.CaptureFixture[str]
) -> None:
    """Nothing is logged or printed."""
    request = b"POST /workflow/run HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{"
    with socket.create_connection(("127.0.0.1", api.port), timeout=20) as connection:
        connection.sendall(request)

    api.stop()
    assert (api.arrivals, capfd.readouterr()) == ([], ("", ""))


def test_slow_answers_do_not_wait_for_one_another() -> None:
    barrier = threading.Barrier(20, timeout=20)

    def latency() -> float:
        barrier.wait()  # passes only if 20 requests are pending at once
        return 0.0

    with sandbox(limit=None, latency=latency) as api, ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: send(api), range(20)))

    assert {answer.status_code for answer in answers} == {200}


def test_hundreds_of_connections_can_be_open_at_once(api: Sandbox) -> None:
    """All of them are served."""
    headers = {"X-API-TOKEN": api.token, "Content-Type": "application/json"}
    with contextlib.ExitStack() as stack:
        connections = []
        for _ in range(200):
            connection = http.client.HTTPConnection("127.0.0.1", api.port, timeout=20)
            connections.append(stack.enter_context(contextlib.closing(connection)))

        for connection in connections:
            connection.request("POST", "/workflow/run", json.dumps(BODY), headers)

        answers = [stack.enter_context(connection.getresponse()) for connection in connections]
        served = {(answer.status, b"Hold" in answer.read()) for answer in answers}

    assert served == {(200, True)}
    assert len(api.runs) == 200


def test_one_connection_serves_many_requests(api: Sandbox) -> None:
    """Each answer, here an error, is sent in one piece."""
    request = (
        f"POST /workflow/run HTTP/1.1\r\nHost: x\r\nX-API-TOKEN: {api.token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}"
    ).encode()
    with socket.create_connection(("127.0.0.1", api.port), timeout=20) as connection:
        for _ in range(3):
            connection.sendall(request)
            assert connection.recv(2**16).endswith(b"}")


def test_nothing_is_printed_when_a_connection_fails(
    api: Sandbox, post: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    api.fail("reset")
    with pytest.raises(requests.ConnectionError):
        post()

    assert post().status_code == 200
    assert capfd.readouterr() == ("", "")
