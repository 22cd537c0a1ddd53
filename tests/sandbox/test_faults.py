"""Faults on demand: what the client sees, and whether the workflow ran."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from flxframe.sandbox import Arrival, Sandbox
from tests.sandbox.conftest import BODY, logged, order_of, wait_for

NO_ANSWER = ("reset", "close", "reset_after", "close_after")
RUN = (
    *("500_after", "504_after", "html", "empty"),
    *("bad_json", "list", "no_objects", "null_objects"),
)
NOT_RUN = (
    *(301, 302, 307, 401, 403, 404, 429, 500, 502, 503, 504),
    *("503-retry-after", "429-seconds", "429-date", "429-absurd", "429-none"),
    *("400_html", "400_text", "400_empty", "400_string", "400_list"),
    *("400_error", "400_errors", "400_detail", "400_title"),
)


@pytest.mark.parametrize("kind", NO_ANSWER)
def test_the_connection_ends_without_an_answer(api: Sandbox, post: Any, kind: str) -> None:
    """The log records whether the workflow ran."""
    api.fail(kind)
    message = "reset by peer" if "reset" in kind else "without response"
    with pytest.raises(requests.ConnectionError, match=message):
        post()

    ran = kind.endswith("_after")
    assert api.arrivals == [Arrival(api.arrivals[0].at, api.token, None, BODY, ran, kind)]
    assert post().status_code == 200


@pytest.mark.parametrize("kind", [*RUN, *NOT_RUN])
def test_a_fault_occurs_once_on_a_connection_that_stays_open(
    api: Sandbox, post: Any, kind: int | str
) -> None:
    """The log records whether the workflow ran."""
    api.fail(kind)
    first, second = post(), post()

    name = str(kind).replace("-", "_")
    assert first.status_code == (int(name[:3]) if name[:3].isdecimal() else 200)
    assert order_of(second)["status"] == "Hold"
    assert logged(api, "status", "ran", "fault") == [
        (first.status_code, kind in RUN, name),
        (200, True, None),
    ]


def test_a_truncated_answer_is_shorter_than_its_length_says(api: Sandbox, post: Any) -> None:
    api.fail("truncated")
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        post()
    assert logged(api, "status", "ran") == [(200, True)]


def test_a_slow_answer_is_too_late_for_an_impatient_client(api: Sandbox) -> None:
    """The workflow ran."""
    api.fail("slow", seconds=60)
    with pytest.raises(requests.ReadTimeout):
        requests.post(
            f"{api.url}/workflow/run",
            json=BODY,
            headers={"X-API-TOKEN": api.token},
            timeout=(20, 0.05),
        )
    wait_for(lambda: len(api.runs) == 1)


@pytest.mark.parametrize("kind", [302, 307])
def test_a_redirect_leads_back_to_the_sandbox(api: Sandbox, post: Any, kind: int) -> None:
    """So the log shows a client that follows it."""
    api.fail(kind)
    location = post().headers["Location"]
    target = requests.compat.urljoin(f"{api.url}/workflow/run", location)
    assert target.startswith(api.url)


def test_faults_occur_in_the_order_of_their_calls(api: Sandbox, post: Any) -> None:
    """Each occurs the given number of times, after the requests that are answered first."""
    api.fail(503, times=2)
    api.fail(502, after=1)
    assert [post().status_code for _ in range(5)] == [503, 503, 200, 502, 200]


def test_a_fault_can_depend_on_the_body(api: Sandbox, post: Any) -> None:
    api.fail(500, when=lambda body: body["objects"].get("n") == 2)
    bodies = [{**BODY, "objects": {"n": n}} for n in (1, 2, 2)]
    assert [post(body).status_code for body in bodies] == [200, 500, 200]


def test_a_fault_that_runs_the_workflow_waits_for_a_valid_request(api: Sandbox, post: Any) -> None:
    """A wrong token or an invalid body does not use it up."""
    api.fail("html")
    answers = [post(X_API_TOKEN="wrong"), post({"objects": {}}), post()]

    types = [answer.headers["Content-Type"] for answer in answers]
    assert types == ["application/json", "application/json", "text/html"]


def test_a_fault_that_runs_nothing_occurs_with_any_body(api: Sandbox, post: Any) -> None:
    api.fail(503)
    assert [post("not JSON").status_code for _ in range(2)] == [503, 400]


def test_random_faults_occur_with_their_probability_until_they_are_cleared(
    api: Sandbox, post: Any
) -> None:
    api.fail_randomly([500, "500_after"], probability=0.3, seed=1)
    statuses = [post().status_code for _ in range(300)]
    assert 60 < statuses.count(500) < 120

    faults = logged(api, "fault")
    assert set(faults) == {None, "500", "500_after"}
    assert len(api.runs) == 300 - faults.count("500")

    api.clear_faults()
    assert {post().status_code for _ in range(30)} == {200}


@pytest.mark.parametrize("kind", ["nope", 200, 600, "400_after", "503_date", "429_after", ""])
def test_an_unknown_fault_is_refused_with_the_known_ones(api: Sandbox, kind: int | str) -> None:
    with pytest.raises(ValueError, match=r"there is no fault .* null_objects"):
        api.fail(kind)
