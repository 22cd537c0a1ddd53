"""Fixtures and functions for histories: runs, repetitions and kills, judged by the log."""

import contextlib
import json
import multiprocessing
import os
import signal
from collections import Counter
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import pandas as pd
import pytest

from flxframe import StoppedWarning, run_workflows
from flxframe.exceptions import AlreadySentError
from flxframe.sandbox import Sandbox
from flxframe.sandbox.workflows import hold_international
from tests.conftest import orders, run

NUMBER = "objects.order.number"
COUNTRY = "objects.order.shippingAddress.countryCode"
STATE = "objects.order.status"
EVENT = "order_import"
_VARIABLE = "FLXFRAME_JOURNAL"


@pytest.fixture
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The default journal, as a user has one who never thought of it."""
    path = tmp_path / "state" / "journal.db"
    path.parent.mkdir()
    monkeypatch.setenv("FLXFRAME_JOURNAL", str(path))
    return path


@pytest.fixture(autouse=True)
def _no_other_journal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FLXFRAME_JOURNAL", raising=False)
    monkeypatch.delenv("FLXPOINT_API_TOKEN", raising=False)


def six_orders() -> pd.DataFrame:
    """Return six orders, of which the workflow puts two on hold."""
    return orders(6).assign(**{COUNTRY: ["US", "CA", "US", "DE", "US", "US"]})


def statuses(result: pd.DataFrame) -> list[str]:
    """Return the status of each row."""
    return result["run.status"].tolist()


def cells(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table without what the run added to it."""
    return table[[name for name in table.columns if not name.startswith("run.")]]


def ran(api: Sandbox) -> Counter[str]:
    """Return how often each content ran."""
    return Counter(json.dumps(arrival.body, sort_keys=True) for arrival in api.runs)


def ran_once(api: Sandbox, rows: int) -> bool:
    """Return whether this many rows ran, each once."""
    return len(api.runs) == rows and set(ran(api).values()) <= {1}


def ran_numbers(api: Sandbox) -> list[str]:
    """Return the numbers of the orders that ran, sorted."""
    return sorted(arrival.body["objects"]["order"]["number"] for arrival in api.runs)


@contextlib.contextmanager
def asks(api: Sandbox, *rows: int) -> Iterator[pytest.ExceptionInfo[AlreadySentError]]:
    """Expect a question about these rows (or about any), before anything is sent."""
    arrivals = len(api.arrivals)
    with pytest.raises(AlreadySentError) as caught:
        yield caught

    assert len(api.arrivals) == arrivals
    assert caught.value.rows
    assert caught.value.reason
    assert caught.value.answers
    if rows:
        assert caught.value.rows == list(rows)


def reject_first(api: Sandbox, number: str, times: int = 1) -> None:
    """Reject the order with this number, as often as `times` says."""
    api.fail(400, times, when=lambda body: body["objects"]["order"]["number"] == number)


def interrupted_run(table: pd.DataFrame, api: Sandbox, after: int, **settings: object):
    """Run a table, and interrupt it as by Ctrl-C while the row number `after` is in flight."""
    count = 0

    def interrupt(objects: dict) -> None:
        nonlocal count
        hold_international(objects)
        count += 1
        if count == after:
            os.kill(os.getpid(), signal.SIGINT)

    api.add_workflow(EVENT, interrupt)
    with pytest.warns(StoppedWarning):
        result = run(table, api, max_in_flight=1, **{"rate": 50, **settings})
    api.add_workflow(EVENT, hold_international)
    return result


def killed_run(table: pd.DataFrame, api: Sandbox, after: int, **settings: object) -> None:
    """Run a table in a process that is killed while its row number `after` is in flight."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["flxframe", "tests.conftest"])
    ready, started = context.Pipe(duplex=False)
    variables = {_VARIABLE: os.environ.get(_VARIABLE)}
    settings = {"max_in_flight": 1, **settings, "token": settings.get("token", api.token)}
    settings["base_url"] = api.url
    child = context.Process(target=_run_in_child, args=(table, settings, variables, started))
    count = 0

    def kill(objects: dict) -> None:
        nonlocal count
        hold_international(objects)
        count += 1
        if count == after:
            child.kill()

    api.add_workflow(EVENT, kill, draft=kill)
    child.start()
    ready.recv()
    child.join(60)
    api.add_workflow(EVENT, hold_international)
    assert child.exitcode == -signal.SIGKILL


def _run_in_child(
    table: pd.DataFrame, settings: dict, variables: dict[str, str | None], started: Connection
) -> None:
    """Run a table in a child, whose environment is not the one of the test."""
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value

    started.send("ready")
    run_workflows(table, rate=None, progress=False, **settings)
