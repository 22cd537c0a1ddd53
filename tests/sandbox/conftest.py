"""Fixtures and functions for the tests of the sandbox: requests, and a wait."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import Any

import pytest
import requests

from flxframe.sandbox import Sandbox

ORDER = {"number": "00123", "shippingAddress": {"countryCode": "DE"}}
BODY = {"eventHandle": "order_import", "objects": {"order": ORDER}}


@pytest.fixture
def post(api: Sandbox) -> Iterator[Callable[..., requests.Response]]:
    """A function that sends a body to the sandbox on one keep-alive session, as `send` does."""
    with requests.Session() as session:

        def post(body: Any = BODY, **headers: str) -> requests.Response:
            return send(api, body, session=session, **headers)

        yield post


def send(
    api: Sandbox, body: Any = BODY, *, session: Any = requests, **headers: str
) -> requests.Response:
    """Send a body: text or bytes as is, other values as JSON."""
    custom = {name.replace("_", "-"): value for name, value in headers.items()}
    headers = {"X-API-TOKEN": api.token, "Content-Type": "application/json", **custom}
    data = body if isinstance(body, str | bytes) else json.dumps(body)

    answer: requests.Response = session.post(
        f"{api.url}/workflow/run",
        data=data,
        headers=headers,
        timeout=20,
        allow_redirects=False,
    )
    return answer


def order_of(answer: requests.Response) -> dict[str, Any]:
    """Return the order in an answer, which must be a 200."""
    assert answer.status_code == 200, answer.text
    order: dict[str, Any] = answer.json()["objects"]["order"]
    return order


def logged(api: Sandbox, *names: str) -> list[Any]:
    """Return these fields of all arrivals: a list of values, or of tuples if there are several."""
    fields = attrgetter(*names)
    return [fields(arrival) for arrival in api.arrivals]


def wait_for(condition: Callable[[], bool]) -> None:
    """Return as soon as the condition is true."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)
