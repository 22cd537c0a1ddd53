"""The proxy and the certificates of the environment, which are checked before the first row."""

import socket
import threading

import pytest

from flxframe import FlxpointClient, RunWorkflowRequest, SettingError, run_workflows
from flxframe.run.route import open_pool
from tests.conftest import DATA, TOKEN, orders
from tests.run.raw_server import CERTIFICATE, Arrival, echo, raw_server

REQUEST = RunWorkflowRequest(eventHandle="order_import", objects={"order": {"sku": "007"}})


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment without a proxy."""
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
@pytest.mark.parametrize(
    ("path", "reason"),
    [("/nowhere/ca.pem", "No such file"), (str(DATA / "README.md"), "contains no certificates")],
    ids=["missing", "no certificates"],
)
def test_certificates_that_cannot_be_read(
    variable: str, path: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message names the variable, the file and the reason."""
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.setenv(variable, path)
    with pytest.raises(SettingError, match=reason) as caught:
        run_workflows(orders(1), token=TOKEN, base_url="https://localhost:1")
    assert variable in str(caught.value)
    assert path in str(caught.value)


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "ALL_PROXY"])
@pytest.mark.parametrize(
    ("proxy", "problem"),
    [
        ("socks5h://127.0.0.1:1080", "requires PySocks"),
        ("http://", "is not a URL"),
        ("http:///x", "is not a URL"),
        ("ftp://me:hunter2@proxy", "is not a URL"),
        ("http://me:hunter2@proxy:port", "is not a URL"),
        ("http://me:hunter2@[proxy", "is not a URL"),
        ("http://me:hunter2@a..b", "is not a URL"),
    ],
)
def test_a_proxy_that_cannot_be_used(
    variable: str, proxy: str, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message says what to change, and shows no password."""
    monkeypatch.setenv(variable, proxy)
    with pytest.raises(SettingError, match=problem) as caught:
        run_workflows(orders(1), token=TOKEN, base_url="https://localhost:1")
    assert "HTTPS_PROXY and ALL_PROXY" in str(caught.value)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("name", ["proxy.example.com:8080", "http://me:pw@proxy.example.com"])
def test_a_proxy_by_name(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a scheme it is an http proxy."""
    monkeypatch.setenv("HTTPS_PROXY", name)
    assert open_pool("https://api.example.com", 1).proxy.host == "proxy.example.com"


def test_no_proxy_is_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The host is then reached without a proxy."""
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.com")
    monkeypatch.setenv("NO_PROXY", "api.example.com")
    assert open_pool("https://api.example.com", 1).proxy is None


def test_a_request_through_a_proxy_and_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    """The proxy passes bytes that it cannot read, and the connection is used again."""

    def tunnel(arrival: Arrival) -> bool:
        arrival.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
        relay(arrival, server.port)
        return False

    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(CERTIFICATE))
    with (
        raw_server(lambda arrival: arrival.send(echo(arrival)), tls=True) as server,
        raw_server(tunnel) as proxy,
    ):
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        with FlxpointClient(token=TOKEN, base_url=server.url) as client:
            statuses = [client.run_workflow(REQUEST).status for _ in range(3)]

    assert statuses == ["ok"] * 3
    assert len(proxy.arrivals) == 1
    assert TOKEN.encode() not in proxy.arrivals[0].head
    assert TOKEN.encode() in server.arrivals[0].head


def relay(arrival: Arrival, port: int) -> None:
    """Pass bytes in both directions until one end closes."""

    def copy(source: socket.socket, target: socket.socket) -> None:
        while chunk := source.recv(65536):
            target.sendall(chunk)

    with socket.create_connection(("127.0.0.1", port)) as server:
        back = threading.Thread(target=copy, args=(server, arrival.connection), daemon=True)
        back.start()
        copy(arrival.connection, server)


@pytest.mark.parametrize("host", ["\uff11\uff12\uff17.0.0.1", "\u2603.example"])
def test_a_host_that_cannot_be_connected_to_is_refused(host: str) -> None:
    """The library that connects is stricter about names than Python is."""
    with pytest.raises(SettingError, match="no URL has such a host"):
        open_pool(f"https://{host}", 1)
