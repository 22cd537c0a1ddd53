"""The log file, as other processes read it."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from flxframe.sandbox import sandbox
from tests.sandbox.conftest import send, wait_for


def test_every_arrival_is_a_line_of_json_when_its_answer_leaves(tmp_path: Path) -> None:
    """A second start appends its lines; an unknown token is not in the file."""
    path = tmp_path / "arrivals.jsonl"
    for _ in range(2):
        with sandbox(limit=None, log_path=path) as api:
            api.fail("500_after")
            answers = [send(api), send(api, "{\n"), send(api, X_API_TOKEN="secret")]
            lines = [json.loads(line) for line in path.read_text().splitlines()]

        assert [answer.status_code for answer in answers] == [500, 400, 401]
        assert lines[-3:] == [vars(arrival) for arrival in api.arrivals]

    expected = [(500, True, "500_after"), (400, False, None), (401, False, None)]
    assert [(line["status"], line["ran"], line["fault"]) for line in lines] == expected * 2
    assert "secret" not in path.read_text()


def test_a_run_is_in_the_log_file_before_its_answer_leaves(tmp_path: Path) -> None:
    path = tmp_path / "arrivals.jsonl"
    with sandbox(latency=60, log_path=path) as api, ThreadPoolExecutor(1) as pool:
        pool.submit(send, api)
        wait_for(path.exists)
        wait_for(lambda: path.read_text().endswith("\n"))
        assert json.loads(path.read_text())["ran"] is True
        api.stop()
