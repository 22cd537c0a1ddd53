"""Runs on a Dask cluster of real processes, one of which is killed."""

import logging
import os
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from distributed import Client, LocalCluster

from flxframe import (
    AlreadySentError,
    Journal,
    JournalError,
    SettingError,
    StoppedWarning,
    changes,
)
from flxframe.clusters import run_workflows_on
from flxframe.sandbox import sandbox

TOKENS = {f"Store {number}": f"secret-token-{number}" for number in range(4)}

# A killed worker leaves Dask's sockets and tasks in this process.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:distributed"),
]


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with (
        LocalCluster(
            n_workers=3, threads_per_worker=2, dashboard_address=":0", silence_logs=logging.CRITICAL
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


def orders(rows: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Store": [f"Store {number % 4}" for number in range(rows)],
            "eventHandle": "order_import",
            "objects.order.number": [f"{number:04d}" for number in range(rows)],
        },
        index=[f"row {number}" for number in range(rows)],
    )


def test_a_killed_worker_loses_no_row_and_runs_none_twice(
    client: Client, tmp_path: Path, capfd
) -> None:
    """Another worker resumes its rows from their journal."""
    worker = next(iter(client.run(os.getpid).values()))

    def kill(objects: dict) -> None:
        if objects["order"]["number"] == "0100":
            os.kill(worker, signal.SIGKILL)

    table = orders(400)
    with sandbox(tokens=list(TOKENS.values()), limit=None, latency=0.01) as api:
        api.add_workflow("order_import", kill)
        result = run_workflows_on(
            client,
            table,
            token=TOKENS,
            token_column="Store",
            journals=tmp_path,
            base_url=api.url,
            rate=100,
        )
        times = Counter(arrival.body["objects"]["order"]["number"] for arrival in api.runs)
        tokens = {arrival.body["objects"]["order"]["number"]: arrival.token for arrival in api.runs}
    assert set(times.values()) == {1}
    assert set(result["run.status"]) <= {"ok", "unknown"}
    assert (result["run.status"] == "ok").sum() >= 400 - 3 * 16
    assert all(
        times[number] == 1
        for number in result.loc[result["run.status"] == "ok", "objects.order.number"]
    )
    assert result.index.tolist() == table.index.tolist()
    assert result["objects.order.number"].tolist() == table["objects.order.number"].tolist()
    assert all(tokens[number] == f"secret-token-{int(number) % 4}" for number in tokens)
    assert Journal(tmp_path / "journal.db").summary()["rows"].sum() == 400
    captured = capfd.readouterr()
    assert "secret-token" not in captured.out + captured.err + str(client.scheduler_info())
    assert all(b"secret-token" not in path.read_bytes() for path in tmp_path.iterdir())


def test_the_same_call_resumes(client: Client, tmp_path: Path) -> None:
    """A row that is ok is not sent again; a row without a token is invalid."""
    table = orders(8)
    table.loc["row 3", "Store"] = "nowhere"
    with sandbox(tokens=list(TOKENS.values()), limit=None) as api:
        settings = {
            "token": TOKENS,
            "token_column": "Store",
            "journals": tmp_path,
            "base_url": api.url,
            "rate": None,
        }
        first = run_workflows_on(client, table, **settings)
        again = run_workflows_on(client, table, **settings)
        assert len(api.arrivals) == 7
    assert (
        first["run.status"].tolist()
        == again["run.status"].tolist()
        == ["ok"] * 3 + ["invalid"] + ["ok"] * 4
    )


def test_an_unusable_journal_raises_before_any_token_sends(client: Client, tmp_path: Path) -> None:
    """Otherwise the other tokens would send their rows, and their results would be lost."""
    (tmp_path / "journal.db").write_bytes(b"")
    with sandbox(tokens=list(TOKENS.values()), limit=None) as api:
        settings = {"token": TOKENS, "token_column": "Store", "base_url": api.url, "rate": None}
        with pytest.raises(JournalError, match="is empty"):
            run_workflows_on(client, orders(8), journals=tmp_path, **settings)
        assert api.arrivals == []


def test_the_names_and_the_order_of_tokens_do_not_matter(client: Client, tmp_path: Path) -> None:
    """The journal's name depends on neither, so no row runs twice."""
    with sandbox(tokens=list(TOKENS.values()), limit=None) as api:
        settings = {"token_column": "Store", "base_url": api.url, "rate": None}
        run_workflows_on(client, orders(8), token=TOKENS, journals=tmp_path, **settings)

        aliases = {"Store zero": TOKENS["Store 0"], **dict(reversed(TOKENS.items()))}
        run_workflows_on(client, orders(8), token=aliases, journals=tmp_path, **settings)
        assert len(api.runs) == 8


def test_a_question_raises_before_any_token_sends(client: Client, tmp_path: Path) -> None:
    """As in a run on this computer."""
    with sandbox(tokens=list(TOKENS.values()), limit=None) as api:
        settings = {"token": TOKENS, "token_column": "Store", "base_url": api.url, "rate": None}
        first = run_workflows_on(client, orders(4), journals=tmp_path, **settings)
        first.loc[first.index[0], "objects.order.number"] = "changed"

        table = pd.concat([orders(8).tail(4), first])
        with pytest.raises(AlreadySentError, match="changed since"):
            run_workflows_on(client, table, journals=tmp_path, **settings)
        assert len(api.runs) == 4


def test_an_interrupt_stops_the_workers_too(client: Client, tmp_path: Path) -> None:
    """Workers do not receive a Ctrl-C themselves, and would continue to send."""

    def interrupt(objects: dict) -> None:
        if objects["order"]["number"] == "0100":
            os.kill(os.getpid(), signal.SIGINT)

    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with sandbox(tokens=list(TOKENS.values()), limit=None, latency=0.01) as api:
            api.add_workflow("order_import", interrupt)
            settings = {
                "token": TOKENS,
                "token_column": "Store",
                "journals": tmp_path,
                "base_url": api.url,
                "rate": 50,
            }
            with pytest.warns(StoppedWarning, match="stopped early"):
                result = run_workflows_on(client, orders(2000), **settings)
            ran = len(api.runs)
    finally:
        signal.signal(signal.SIGINT, handler)
    assert result["run.status"].value_counts().to_dict() == {"ok": ran, "not_sent": 2000 - ran}
    assert result.attrs["flxframe"]["stopped"] == "interrupted"
    assert 0 < ran < 1000


def test_the_rows_go_to_the_base_url_of_the_callers_environment(
    client: Client, tmp_path: Path, monkeypatch
) -> None:
    """The workers' environment might have another base URL or none, which means the real API."""
    with sandbox(tokens=list(TOKENS.values()), limit=None) as api:
        monkeypatch.setenv("FLXPOINT_BASE_URL", api.url)
        result = run_workflows_on(
            client, orders(4), token=TOKENS, token_column="Store", journals=tmp_path, rate=None
        )
        assert len(api.runs) == 4
    assert result["run.status"].tolist() == ["ok"] * 4


def test_journals_requires_a_folder(client: Client) -> None:
    """An empty path would mean the current folder."""
    with pytest.raises(SettingError, match="is not a folder path"):
        run_workflows_on(client, orders(1), token=TOKENS, token_column="Store", journals="")


def test_a_single_journal_is_refused(client: Client, tmp_path: Path) -> None:
    """Each token has its own journal."""
    with pytest.raises(SettingError, match="journal="):
        run_workflows_on(
            client, orders(1), token=TOKENS, token_column="Store", journals=tmp_path, journal="x.db"
        )


def test_the_rows_of_an_order_go_to_one_worker(client: Client, tmp_path: Path) -> None:
    """Its token is in the first row alone, and what its rows share is counted once."""
    table = pd.concat([orders(8), orders(8).assign(Store=None)], ignore_index=True)
    table["objects.order.items[].sku"] = [f"sku {number}" for number in range(16)]
    table["objects.order.shippingAddress.countryCode"] = "CA"
    with sandbox(tokens=list(TOKENS.values()), limit=None) as api:
        settings = {
            "token": TOKENS,
            "token_column": "Store",
            "group_by": "objects.order.number",
            "journals": tmp_path,
            "base_url": api.url,
            "rate": None,
        }
        result = run_workflows_on(client, table, **settings)
        assert len(api.runs) == 8
        assert len(changes(table, result)) == result["run.changes"].sum() == 16

        assert run_workflows_on(client, result, **settings)["run.recalled"].all()
        with pytest.raises(AlreadySentError) as caught:
            run_workflows_on(client, result.drop(index=9), **settings)
        assert caught.value.rows == [1]
        assert len(api.runs) == 8


def test_a_run_reads_its_table_from_a_file_once(client: Client, tmp_path: Path) -> None:
    """The arguments that read it are not passed on to the workers, which get tables."""
    path = tmp_path / "orders.xlsx"
    with pd.ExcelWriter(path, engine="openpyxl") as writer:
        for sheet in ("Orders", "Returns"):
            orders(4).to_excel(writer, sheet_name=sheet, index=False)
    with sandbox() as api:
        result = run_workflows_on(
            client,
            path,
            sheet="Orders",
            token=dict.fromkeys(TOKENS, api.token),
            token_column="Store",
            base_url=api.url,
            journals=tmp_path / "journals",
            rate=None,
        )
    assert result["run.status"].tolist() == ["ok"] * 4
