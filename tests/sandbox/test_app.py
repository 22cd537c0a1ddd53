"""The sandbox as users start it: its settings, its start and stop, and its log."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from flxframe.sandbox import Sandbox, sandbox
from tests.conftest import ROOT
from tests.sandbox.conftest import BODY, ORDER, order_of, send, wait_for

_IMPORT_SANDBOX_ALONE = """
import sys, types

package = types.ModuleType("flxframe")
package.__path__ = [sys.argv[1]]
sys.modules["flxframe"] = package

import flxframe.sandbox

print(*sys.modules, sep="\\n")
"""


@pytest.mark.parametrize("settings", [{"limit": "none"}, {"retry_after": "soon"}])
def test_unknown_settings_are_refused_with_the_known_ones(settings: Any) -> None:
    (name,) = settings
    with pytest.raises(ValueError, match=f"{name} must be one of"):
        sandbox(**settings)


def test_a_stopped_sandbox_answers_pending_requests_and_can_start_again() -> None:
    """After a stop it refuses connections; after a start it serves at the same address."""
    latencies = [0.0, 60.0]
    api = sandbox(latency=latencies.pop)
    api.start()
    url = api.url

    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(send, api)
        wait_for(lambda: bool(api.runs))
        api.stop()
        assert answer.result().status_code == 200

    with pytest.raises(requests.ConnectionError, match="refused"):
        send(api)

    with api:
        assert (api.url, send(api).status_code) == (url, 200)


def test_a_taken_port_is_an_oserror_at_the_start(api: Sandbox) -> None:
    with pytest.raises(OSError, match="in use"):
        sandbox(port=api.port).start()


def test_added_workflows_are_python_functions(api: Sandbox, post: Any) -> None:
    """They are found by their event, by their event and params, and by their id."""
    api.add_workflow(
        "count", lambda objects: {"n": objects["n"] + 1}, draft=lambda objects: {"n": -1}
    )
    api.add_workflow("count", lambda objects: objects.update(n=100), id=70, params={"store": 7})

    request = {"eventHandle": "count", "objects": {"n": 1}}
    store_request = {**request, "params": [{"key": "store", "value": 7}]}
    bodies = [request, {**request, "draft": True}, store_request, {"id": 70, "objects": {}}]
    assert [post(body).json()["objects"]["n"] for body in bodies] == [2, -1, 100, 100]


def test_an_added_workflow_replaces_one_of_the_same_event(api: Sandbox, post: Any) -> None:
    api.add_workflow("order_cancelled", lambda objects: {"order": {}})
    assert order_of(post({**BODY, "eventHandle": "order_cancelled"})) == {}


def test_an_added_workflow_gets_the_next_free_id(api: Sandbox, post: Any) -> None:
    assert api.add_workflow("first", lambda objects: objects) == 4
    assert api.add_workflow("second", lambda objects: objects, id=70) == 70
    assert api.add_workflow("third", lambda objects: {"third": True}) == 71
    assert post({"id": 71, "objects": {}}).json()["objects"] == {"third": True}


def test_the_log_keeps_the_request_as_it_arrived(api: Sandbox, post: Any) -> None:
    """The changes of a workflow are not in the log."""
    assert order_of(post()) != ORDER
    assert api.arrivals[0].body == BODY


def test_the_sandbox_imports_no_other_part_of_the_package() -> None:
    command = [sys.executable, "-c", _IMPORT_SANDBOX_ALONE, str(ROOT / "flxframe")]
    process = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    modules = process.stdout.split()

    own = [name for name in modules if name.startswith("flxframe.")]
    assert "flxframe.sandbox.app" in own
    assert [name for name in own if "sandbox" not in name] == []
    assert not {"requests", "pandas", "ratelimit"} & set(modules)
