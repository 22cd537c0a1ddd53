"""Several processes, and threads, with one journal at once."""

import multiprocessing
import threading

import pandas as pd
import pytest

from tests.conftest import orders, run
from tests.memory.conftest import (
    _run_in_child,
    killed_run,
    ran,
    ran_once,
    six_orders,
    statuses,
)


def start_children(number: int, table: pd.DataFrame, api, journal) -> list:
    """Start runs of a table in processes of their own."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["flxframe", "tests.conftest"])
    settings = {"token": api.token, "base_url": api.url, "journal": journal}
    children = []
    for _ in range(number):
        ready, started = context.Pipe(duplex=False)
        child = context.Process(target=_run_in_child, args=(table, settings, {}, started))
        child.start()
        children.append((child, ready))
    for _, ready in children:
        ready.recv()
    return [child for child, _ in children]


def test_two_processes_with_one_table_send_each_row_once(api, tmp_path) -> None:
    """A row in flight in one is waited for by the others."""
    table = pd.concat([orders(40), orders(10)], ignore_index=True)
    children = start_children(2, table, api, tmp_path / "j.db")
    result = run(table, api, journal=tmp_path / "j.db")
    for child in children:
        child.join(60)
        assert child.exitcode == 0

    assert statuses(result) == ["ok"] * 50
    assert len(api.runs) == 50
    assert max(ran(api).values()) == 2, "the ten rows that are in the table twice"


def test_a_row_in_flight_in_another_process_is_waited_for(tmp_path) -> None:
    """And recalled, once it is answered."""
    from flxframe.sandbox import sandbox
    from tests.conftest import TOKEN

    with sandbox(token=TOKEN, limit=None, latency=1.0) as api:
        [child] = start_children(1, six_orders(), api, tmp_path / "j.db")
        while not api.arrivals:
            child.join(0.01)
        result = run(six_orders(), api, journal=tmp_path / "j.db")
        child.join(60)

        assert statuses(result) == ["ok"] * 6
        assert ran_once(api, 6)
        assert result["run.recalled"].any()


def test_a_row_in_flight_in_a_process_that_dies_is_unknown(tmp_path) -> None:
    """It might have run."""
    from flxframe.sandbox import sandbox
    from tests.conftest import TOKEN

    with sandbox(token=TOKEN, limit=None, latency=1.0) as api:
        [child] = start_children(1, six_orders(), api, tmp_path / "j.db")
        while len(api.arrivals) < 6:
            child.join(0.01)
        killer = threading.Timer(0.3, child.kill)
        killer.start()
        result = run(six_orders(), api, journal=tmp_path / "j.db")
        child.join(60)

        assert statuses(result) == ["unknown"] * 6
        assert ran_once(api, 6)


@pytest.mark.parametrize("rows", [30])
def test_runs_in_threads_of_one_process_send_each_row_once(api, tmp_path, rows) -> None:
    """Equal rows of two tables that run at once."""
    results = []

    def work() -> None:
        results.append(run(orders(rows), api, journal=tmp_path / "j.db"))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [statuses(result) for result in results] == [["ok"] * rows] * 3
    assert ran_once(api, rows)


def test_a_table_killed_twice_is_finished_by_the_third_call(api, journal) -> None:
    """Two rows are unknown, and each row ran once."""
    killed_run(six_orders(), api, after=2)
    killed_run(six_orders(), api, after=2)
    result = run(six_orders(), api)

    assert statuses(result) == ["ok", "unknown", "ok", "unknown", "ok", "ok"]
    assert ran_once(api, 6)
