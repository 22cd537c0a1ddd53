"""The endpoint: refusals by path, method, token and limit, and the log of what ran."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import requests

from flxframe.sandbox import Sandbox, sandbox
from tests.sandbox.conftest import BODY, ORDER, logged, order_of, send


def test_an_event_without_a_workflow_returns_the_objects_unchanged(api: Sandbox, post: Any) -> None:
    """This is not an error, and nothing runs."""
    assert order_of(post({**BODY, "eventHandle": "order_cancelled"})) == ORDER
    assert logged(api, "ran") == [False]


@pytest.mark.parametrize(
    "headers", [{"X_API_TOKEN": "wrong"}, {"X_API_TOKEN": ""}, {"X_API_TOKEN": "é"}]
)
def test_a_wrong_token_gets_a_401_and_is_not_kept(
    api: Sandbox, post: Any, headers: dict[str, str]
) -> None:
    """It might be a real token, so the log does not contain it."""
    answer = post(**{name: value.encode("utf-8") for name, value in headers.items()})
    assert (answer.status_code, list(answer.json())) == (401, ["message"])
    assert logged(api, "token", "ran") == [(None, False)]


def test_a_missing_token_gets_a_401(api: Sandbox) -> None:
    """An Authorization header does not replace it."""
    headers = {"Authorization": f"Bearer {api.token}"}
    url = f"{api.url}/workflow/run"
    assert requests.post(url, json=BODY, headers=headers, timeout=20).status_code == 401


@pytest.mark.parametrize(
    "method", ["GET", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "QUERY", "TRACE"]
)
def test_another_method_gets_a_405_that_names_the_allowed_one(api: Sandbox, method: str) -> None:
    """The body is read, so the next request of the connection is answered."""
    with requests.Session() as session:
        answer = session.request(
            method, f"{api.url}/workflow/run", data=b"GET / HTTP/1.1\r\n\r\n", timeout=20
        )
        assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
        assert send(api, session=session).status_code == 200


@pytest.mark.parametrize("path", ["/workflow", "/openapi.json", "/"])
def test_another_path_gets_a_404(api: Sandbox, path: str) -> None:
    assert requests.post(f"{api.url}{path}", json=BODY, timeout=20).status_code == 404


def test_only_json_is_read(post: Any) -> None:
    """The content type can have a charset."""
    assert post(Content_Type="text/plain").status_code == 415
    assert post(Content_Type="application/json; charset=utf-8").status_code == 200


def test_a_body_above_10_mib_gets_a_413(post: Any) -> None:
    """The connection can be used afterwards."""
    assert post(" " * (10 * 2**20 + 1)).status_code == 413
    assert post().status_code == 200


@pytest.mark.parametrize(
    "function", [lambda objects: objects["nope"], lambda objects: {"set": {1}}]
)
def test_a_failing_workflow_gets_a_500_and_counts_as_run(
    api: Sandbox, post: Any, function: Any
) -> None:
    """A workflow fails if it raises or returns a value that is not JSON."""
    api.add_workflow("bad", function)
    assert post({"eventHandle": "bad", "objects": {}}).status_code == 500
    assert logged(api, "status", "ran") == [(500, True)]


@pytest.mark.parametrize("limit", ["sliding", "fixed", "bucket"])
def test_each_token_has_its_own_limit(limit: Any) -> None:
    """A request above it gets a 429, runs nothing and is not counted."""
    now = [10.0]
    with sandbox(limit=limit, tokens=["a", "b"], clock=lambda: now[0]) as api:
        statuses = [send(api, X_API_TOKEN=token).status_code for token in "aabaab"]
        assert statuses == [200, 200, 200, 429, 429, 200]

        now[0] = 11.0
        assert send(api, X_API_TOKEN="a").status_code == 200

        assert logged(api, "ran") == [True, True, True, False, False, True, True]
        assert logged(api, "at") == [10.0] * 6 + [11.0]
        assert logged(api, "body") == [BODY] * 7


def test_a_wrong_token_does_not_use_up_a_limit() -> None:
    with sandbox(clock=lambda: 0.0) as api:
        tokens = ["x", "x", "x", api.token, api.token]
        statuses = [send(api, X_API_TOKEN=token).status_code for token in tokens]
        assert statuses == [401, 401, 401, 200, 200]


@pytest.mark.parametrize("form", ["seconds", "date", "absurd", "none"])
def test_a_429_has_the_requested_form_of_retry_after(form: Any) -> None:
    with sandbox(retry_after=form, rate=1, clock=lambda: 0.0) as api:
        send(api)
        header = send(api).headers.get("Retry-After")

    if form == "date":
        seconds = parsedate_to_datetime(header or "").timestamp() - time.time()
        assert 0 < seconds <= 2.1
    else:
        assert header == {"seconds": "1", "absurd": "99999999999", "none": None}[form]
