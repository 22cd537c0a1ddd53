"""Whole runs against the sandbox, over real sockets."""

import os
import signal
import threading
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

import flxframe
from flxframe import ResultWarning, SettingError, StoppedWarning, TableError, run_workflows
from flxframe.files.writing import write_results
from flxframe.sandbox import sandbox
from tests.conftest import TOKEN, orders, run
from tests.run.raw_server import raw_server, response


def orders_abroad(rows: int) -> pd.DataFrame:
    """Return orders of which every second one goes to Canada, with an unsent column of notes."""
    countries = ["US", "CA"] * (rows // 2) + ["US"] * (rows % 2)
    return orders(rows).assign(
        **{"objects.order.shippingAddress.countryCode": countries, "Internal note": range(rows)}
    )


def test_a_result_differs_only_where_the_workflow_changed_it() -> None:
    """It contains the returned objects; a column that is not a request field is kept."""
    table = orders_abroad(6)
    with sandbox(limit=None) as api:
        result = run(table, api)
        sent = [arrival.body["objects"]["order"] for arrival in api.runs]
    assert result["objects.order.status"].tolist()[1::2] == ["Hold"] * 3
    assert result["objects.order.number"].tolist() == table["objects.order.number"].tolist()
    assert result["Internal note"].tolist() == list(range(6))
    assert all("Internal note" not in order for order in sent)
    assert result["run.status"].tolist() == ["ok"] * 6


@pytest.mark.parametrize(
    "index",
    [
        pd.Index(["a"] * 4),
        pd.MultiIndex.from_product([[1, 2], ["x", "y"]]),
        pd.date_range("2026-01-01", periods=4),
    ],
    ids=["repeated", "multi", "dates"],
)
def test_the_result_has_the_rows_of_the_table(index: pd.Index) -> None:
    """They have the same order and the same index."""
    table = orders_abroad(4).set_index(index)
    with sandbox(limit=None) as api:
        result = run(table, api)
    pd.testing.assert_index_equal(result.index, index)
    assert result["objects.order.number"].tolist() == ["00000", "00001", "00002", "00003"]


def test_an_empty_table_gives_an_empty_result() -> None:
    """Nothing is sent."""
    with sandbox(limit=None) as api:
        result = run(orders_abroad(0), api)
    assert len(result) == 0
    assert "run.status" in result.columns


def test_a_bad_row_is_invalid_and_the_others_are_sent() -> None:
    """A row that cannot become a request does not affect the others."""
    table = orders_abroad(4)
    table["params.sourceId"] = [1, "x", 3, 4]
    with sandbox(limit=None) as api:
        result = run(table, api)
        assert len(api.runs) == 3
    assert result["run.status"].tolist() == ["ok", "invalid", "ok", "ok"]
    assert "params.sourceId" in result["run.error"].iloc[1]


def test_an_invalid_table_sends_nothing() -> None:
    """It raises before the first request."""
    table = (
        orders_abroad(4).rename(columns={"eventHandle": "id"}).assign(eventHandle="order_import")
    )
    with sandbox(limit=None) as api:
        with pytest.raises(TableError, match=r'columns=\{"id": None\}'):
            run(table, api)
        assert api.arrivals == []


def test_a_wrong_token_stops_the_run() -> None:
    """Only the requests that were in flight at the first refusal are refused too."""
    with sandbox(limit=None, latency=0.05) as api:
        with pytest.warns(StoppedWarning, match="the token was refused"):
            result = run_workflows(
                orders_abroad(50),
                token="wrong",
                base_url=api.url,
                rate=None,
                max_in_flight=4,
                progress=False,
            )
        assert len(api.arrivals) <= 4
    assert result["run.status"].isin(["rejected", "not_sent"]).all()
    assert len(result) == 50


def test_after_a_refused_token_the_advice_covers_every_row() -> None:
    """The rows that were refused did not run either."""
    with sandbox(limit=None, latency=0.05) as api:
        with pytest.warns(StoppedWarning, match="run the result as the table"):
            result = run_workflows(
                orders_abroad(20), token="wrong", base_url=api.url, rate=None, progress=False
            )
        again = run(result, api)
    assert again["run.status"].tolist() == ["ok"] * 20


def test_a_429_is_sent_again_and_runs_once() -> None:
    """Every row runs exactly once, although the server refuses some requests at first."""
    with sandbox(limit=None) as api:
        api.fail("429_none", times=5)
        result = run(orders_abroad(10), api)
        assert sorted(arrival.body["objects"]["order"]["number"] for arrival in api.runs) == [
            f"{number:05d}" for number in range(10)
        ]
    assert result["run.status"].tolist() == ["ok"] * 10
    assert result["run.attempts"].sum() == 15


def test_a_row_that_might_have_run_is_not_sent_again() -> None:
    """A 500 or a lost response is unknown, and its row is sent once."""
    with sandbox(limit=None) as api:
        api.fail("500_after")
        api.fail("reset_after")
        result = run(orders_abroad(4), api, max_in_flight=1)
        assert len(api.arrivals) == 4
    assert result["run.status"].tolist() == ["unknown", "unknown", "ok", "ok"]


def test_retry_unknown_sends_a_row_again() -> None:
    """It only does so if the caller asks for it."""
    with sandbox(limit=None) as api:
        api.fail("500_after")
        result = run(orders_abroad(1), api, retry_unknown=True)
        assert len(api.runs) == 2
    assert result["run.status"].tolist() == ["ok"]


def test_a_server_that_is_down_stops_the_run() -> None:
    """It stops after `stop_after_failures` failures, with a warning and every row."""
    with sandbox(limit=None) as api:
        api.fail(500, times=100)
        with pytest.warns(StoppedWarning, match="3 consecutive rows failed"):
            result = run(orders_abroad(20), api, stop_after_failures=3, max_in_flight=1)
        assert len(api.arrivals) == 3
    assert result["run.status"].value_counts().to_dict() == {"unknown": 3, "not_sent": 17}


def test_rejections_never_stop_a_run_with_an_ok_row() -> None:
    """A 400 is then caused by the row, not by the server."""
    with sandbox(limit=None) as api:
        api.fail("400_text", times=9, after=1)
        result = run(orders_abroad(10), api, stop_after_failures=2, max_in_flight=1)
    assert result["run.status"].tolist() == ["ok"] + ["rejected"] * 9


def test_an_interrupt_waits_for_rows_in_flight() -> None:
    """The other rows are not sent, and the result is returned with a warning."""
    with sandbox(limit=None, latency=0.2) as api:
        api.add_workflow("interrupting", lambda objects: os.kill(os.getpid(), signal.SIGINT))
        table = orders_abroad(40)
        table.loc[5, "eventHandle"] = "interrupting"
        with pytest.warns(StoppedWarning, match="interrupted"):
            result = run(table, api, max_in_flight=4)
        ran = len(api.runs)
    assert result["run.status"].value_counts().to_dict() == {"ok": ran, "not_sent": 40 - ran}
    assert 6 <= ran < 40
    assert result.attrs["flxframe"]["stopped"] == "interrupted"


def test_a_second_interrupt_stops_waiting() -> None:
    """Rows in flight become unknown, and the result is returned at once."""

    def interrupt_twice(objects: dict) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        threading.Timer(2.2, os.kill, (os.getpid(), signal.SIGINT)).start()

    with sandbox(limit=None, latency=20) as api:
        api.add_workflow("interrupting", interrupt_twice)
        with pytest.warns(StoppedWarning):
            result = run(orders_abroad(3).assign(eventHandle="interrupting"), api, max_in_flight=1)
    assert result["run.status"].tolist() == ["unknown", "not_sent", "not_sent"]


def test_slow_answers_do_not_slow_the_pace() -> None:
    """Requests overlap, and rows start in order."""
    with sandbox(limit="sliding", rate=50, latency=0.5) as api:
        result = run(orders_abroad(20), api, rate=40)
        arrivals = [arrival.body["objects"]["order"]["number"] for arrival in api.runs]
        first, last = api.arrivals[0].at, api.arrivals[-1].at
    assert arrivals == sorted(arrivals)
    assert result["run.status"].tolist() == ["ok"] * 20
    assert last - first < 2, "sending one after the other would take ten seconds"


def test_a_response_with_an_unpaired_surrogate_does_not_lose_the_result() -> None:
    """JSON can contain one, but a column of texts and a file cannot."""
    with sandbox(limit=None) as api:
        api.add_workflow("order_import", cut_an_emoji)
        result = run(orders_abroad(2), api)
    assert result["objects.order.note"].iloc[0] == "thanks \ufffd"
    assert "cut: \ufffd" in result["run.error"].iloc[1]


def cut_an_emoji(objects: dict) -> None:
    if objects["order"]["number"] == "00001":
        raise ValueError("cut: \ud83d")
    objects["order"]["note"] = "thanks \ud83d"


def test_a_preview_sends_nothing() -> None:
    """It shows each row's JSON or error, the columns that are not sent, and the estimated time."""
    table = orders_abroad(3)
    table.loc[2, "eventHandle"] = None
    planned = flxframe.preview(table)
    assert planned.rows["error"].notna().tolist() == [False, False, True]
    assert planned.unsent_columns == ["Internal note"]
    assert planned.estimated_seconds == 0.5
    assert "$FLXPOINT_API_TOKEN" in planned.curl(0)
    assert "Internal note" in str(planned)


def test_no_more_rows_start_after_a_deadline() -> None:
    """Rows in flight finish, and the warning says why the others are not sent."""
    with sandbox(limit=None, latency=0.05) as api:
        with pytest.warns(StoppedWarning, match="the limit of 0.01 minutes was reached"):
            result = run(orders_abroad(100), api, rate=20, max_minutes=0.01)
        counts = result["run.status"].value_counts().to_dict()
        assert set(counts) == {"ok", "not_sent"}
        assert result.attrs["flxframe"]["stopped"] == "deadline"

        second = run(result, api)
    assert "flxframe" not in second.attrs
    assert second["run.status"].tolist() == ["ok"] * 100


@pytest.mark.parametrize(
    "settings",
    [
        {"rate": 0},
        {"max_in_flight": 0},
        {"timeout": -1},
        {"stop_after_failures": 0},
        {"max_minutes": 0},
        {"max_minutes": "5"},
        {"max_minutes": True},
        {"blanks": "x"},
        {"draft": 7},
    ],
    ids=str,
)
def test_an_invalid_argument_raises_before_anything_is_sent(settings: dict) -> None:
    """The message names the argument."""
    with sandbox(limit=None) as api:
        with pytest.raises(SettingError, match=next(iter(settings))):
            run(orders_abroad(2), api, **settings)
        assert api.arrivals == []


def test_an_unknown_argument_is_refused() -> None:
    """The run and the preview refuse it."""
    with pytest.raises(TypeError, match="retrys"):
        run_workflows(orders_abroad(1), retrys=3)
    with pytest.raises(TypeError, match="retrys"):
        flxframe.preview(orders_abroad(1), retrys=3)


def test_a_file_is_a_table(tmp_path: Path) -> None:
    """The path of a file is enough."""
    path = write_results(orders_abroad(2), tmp_path / "orders.xlsx")
    with sandbox(limit=None) as api:
        result = run(path, api, max_in_flight=1)
        assert [arrival.body["objects"]["order"]["number"] for arrival in api.runs] == [
            "00000",
            "00001",
        ]
    assert result["run.status"].tolist() == ["ok", "ok"]


def test_a_run_says_once_what_is_remarkable_in_its_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Such as merged cells, of which each row gets the value."""
    book = openpyxl.Workbook()
    for row in (["objects.order.n", "objects.order.sku"], ["1001", "A"], [None, "B"]):
        book.active.append(row)
    book.active.merge_cells("A2:A3")
    book.save(tmp_path / "orders.xlsx")

    with sandbox() as api:
        run(tmp_path / "orders.xlsx", api, event_handle="order_import", progress=True)
    shown = capsys.readouterr()
    assert (shown.out + shown.err).count("In A2:A3, merged cells were filled down.") == 1


def test_a_result_is_a_table() -> None:
    """Its run.* columns are not sent, and neither are its rows, which say that they are ok."""
    with sandbox(limit=None) as api:
        first = run(orders_abroad(4), api)
        second = run(first, api)
        assert len(api.runs) == 4
        run(first, api, resend="all")
        assert len(api.runs) == 8
        assert all("run" not in str(arrival.body) for arrival in api.runs[4:])
    assert second["run.recalled"].tolist() == [True] * 4
    assert second["run.changes"].tolist() == first["run.changes"].tolist()
    assert second.columns.tolist() == first.columns.tolist()


@pytest.mark.parametrize("progress", [True, False])
def test_a_note_is_a_warning_at_the_callers_line(tmp_path, progress: bool) -> None:
    """Also without a bar, and if all rows are recalled, so that no bar is shown."""
    answer = response({"objects": {"order": {"items": list(range(101))}}})
    with raw_server(lambda arrival: arrival.send(answer)) as server:
        settings = {"token": TOKEN, "base_url": server.url, "rate": None, "progress": progress}
        for _ in range(2):
            with pytest.warns(ResultWarning, match="objects.order.items is whole") as warned:
                run_workflows(orders(1), journal=tmp_path / "j.db", **settings)
            assert [Path(warning.filename).name for warning in warned] == ["test_api.py"]
    assert len(server.arrivals) == 1
