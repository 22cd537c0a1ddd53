"""Single requests over real sockets, and their outcomes."""

import logging
import os
import signal
import traceback

import pytest

from flxframe import FlxpointClient, RunWorkflowRequest, SettingError, TokenError
from flxframe.sandbox import Sandbox
from tests.conftest import TOKEN
from tests.run.raw_server import raw_server

REQUEST = RunWorkflowRequest(eventHandle="order_import", objects={"order": {"sku": "007"}})


def test_an_ok_outcome_contains_the_answered_objects(api: Sandbox) -> None:
    """It also has the seconds until the answer."""
    request = RunWorkflowRequest(
        eventHandle="order_import",
        objects={"order": {"id": 820982911946154508, "shippingAddress": {"countryCode": "CA"}}},
    )
    with FlxpointClient(token=TOKEN, base_url=api.url) as client:
        outcome = client.run_workflow(request)

    assert outcome.objects["order"]["status"] == "Hold"
    assert outcome.objects["order"]["id"] == 820982911946154508
    assert outcome.seconds > 0


@pytest.mark.parametrize("timeout", [0, -1, float("nan"), float("inf"), 1e12])
def test_a_timeout_out_of_range_is_refused(timeout: float) -> None:
    """It is refused before a request, which would fail and be reported as unknown."""
    with pytest.raises(SettingError, match="timeout"):
        FlxpointClient(token=TOKEN, timeout=timeout)


def test_the_token_is_shown_nowhere(api: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    """It is not in the repr and not in the log, even if the server quotes it."""
    caplog.set_level(logging.DEBUG)
    api.add_workflow("order_import", lambda objects: objects)
    with FlxpointClient(token=TOKEN, base_url=api.url) as client:
        request = RunWorkflowRequest(eventHandle=f"no event {TOKEN}", objects={})
        outcome = client.run_workflow(request)
        assert outcome.status == "rejected"
        assert TOKEN not in repr(client) + repr(outcome)

    assert TOKEN not in caplog.text


def test_an_interrupted_request_shows_no_token_in_its_traceback() -> None:
    """Below this package, local variables contain the headers of the request."""

    def interrupt(_: object) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    with raw_server(interrupt) as server, pytest.raises(KeyboardInterrupt) as caught:
        FlxpointClient(token=TOKEN, base_url=server.url).run_workflow(REQUEST)

    trace = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert TOKEN not in "".join(trace.format())


@pytest.mark.parametrize("token", ["", "  ", "two words", "line\nbreak", "tökén"])
def test_a_token_that_a_header_cannot_contain_is_refused(
    token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error does not show the token."""
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
def test_a_token_is_only_sent_over_https_or_to_this_machine(url: str) -> None:
    """Only requests to this machine can be unencrypted."""
    with pytest.raises(SettingError):
        FlxpointClient(token=TOKEN, base_url=url)


def test_a_proxy_never_sees_an_unencrypted_token(
    api: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Requests to this machine bypass the proxy."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    with FlxpointClient(token=TOKEN, base_url=api.url) as client:
        assert client.run_workflow(REQUEST).status == "ok"
