"""Resuming a run that ended early, at the command line."""

import json
import signal
from collections import Counter

import openpyxl
import pandas as pd

from flxframe.files.reading import read_table
from flxframe.files.writing import write_results
from tests.conftest import SAMPLE_ORDERS, SECOND_TOKEN, TOKEN, finish, start


def test_a_killed_command_resumes_where_it_was_killed(api, tmp_path) -> None:
    """When the command is repeated, each row has run once, or is unknown and ran at most once."""
    output = tmp_path / "out.xlsx"
    process = None

    def kill(objects: dict) -> None:
        if len(api.arrivals) == 10:
            process.kill()

    api.add_workflow("order_import", kill)
    command = ("run", SAMPLE_ORDERS, "-o", output, "--journal", tmp_path / "j.db", "--rate", 50)
    process = start(api, *command)
    finish(process)
    assert process.returncode == -signal.SIGKILL
    assert not output.exists()
    runs_before = len(api.runs)

    status, text = finish(start(api, *command))

    assert status == 1, text
    times = Counter(json.dumps(arrival.body) for arrival in api.runs)
    assert set(times.values()) == {1}
    assert 10 <= runs_before < len(times) == 26

    result = read_table(output)
    assert len(result) == 28
    counts = result["run.status"].value_counts()
    # If the rejected row was in flight when the command was killed, it is unknown.
    assert sum(counts.get(status, 0) for status in ("ok", "unknown", "rejected")) == 27


def test_each_result_has_a_name_of_its_own(api, tmp_path) -> None:
    """The same command writes another file, and an output that is named is not replaced."""
    table = write_results(
        pd.DataFrame({"eventHandle": "order_import", "objects.order.n": range(6)}),
        tmp_path / "orders.csv",
    )
    journal = ("--journal", tmp_path / "j.db", "--rate", 100)
    api.fail("400_text")
    assert finish(start(api, "run", table, *journal))[0] == 1
    assert finish(start(api, "run", table, *journal))[0] == 0
    assert finish(start(api, "run", table, *journal))[0] == 0
    assert len(api.arrivals) == 7
    names = {path.name for path in tmp_path.glob("*.csv")}
    assert names == {"orders.csv", "orders.done.csv", "orders.done2.csv", "orders.done3.csv"}

    status, text = finish(start(api, "run", table, *journal, "-o", tmp_path / "orders.done.csv"))

    assert status == 2
    assert "--force" in text


def test_the_journal_of_the_environment_is_used(api, tmp_path) -> None:
    """`off` means none."""
    table = write_results(
        pd.DataFrame({"eventHandle": ["order_import"], "objects.order.n": [1]}), tmp_path / "o.csv"
    )
    for journal in ("off", str(tmp_path / "j.db"), str(tmp_path / "j.db")):
        finish(start(api, "run", table, "--rate", 100, FLXFRAME_JOURNAL=journal))

    assert len(api.runs) == 2


def test_a_journal_reports_its_progress_and_its_rows_without_the_table(api, tmp_path) -> None:
    """The commands are `flxframe status` and `flxframe export`."""
    output, journal = tmp_path / "out.csv", tmp_path / "out.csv.journal.db"
    command = ("run", SAMPLE_ORDERS, "-o", output, "--journal", journal, "--rate", 100)
    finish(start(api, *command))

    status, text = finish(start(api, "status", journal))
    assert status == 0
    assert "26 ok" in text
    assert "Last run: started " in text
    assert "ended. 27 rows sent, 0 recalled, 0 left." in text

    status, text = finish(start(api, "export", journal, "-o", tmp_path / "recorded.xlsx"))
    assert status == 0, text
    recorded, result = read_table(tmp_path / "recorded.xlsx"), read_table(output)
    assert len(recorded) == 27
    ok = result[result["run.status"] == "ok"]["objects.order.status"].dropna()
    assert recorded["objects.order.status"].dropna().tolist() == ok.tolist()


def test_without_a_journal_every_row_is_sent_again(api, tmp_path) -> None:
    """No journal is written."""
    table = write_results(
        pd.DataFrame({"eventHandle": ["order_import"], "objects.order.n": [1]}), tmp_path / "o.csv"
    )

    for _ in range(2):
        finish(start(api, "run", table, "--no-journal", "--rate", 100))

    assert len(api.runs) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "o.csv",
        "o.done.csv",
        "o.done2.csv",
    ]


def test_several_tokens_come_from_the_environment_or_from_a_private_file(api, tmp_path) -> None:
    """They never come from an argument, and a file that other users can read is refused."""
    table = pd.DataFrame(
        {"Store": ["EU", "US"], "eventHandle": "order_import", "objects.order.n": [1, 2]}
    )
    path = write_results(table, tmp_path / "orders.csv")
    command = ("run", path, "--token-column", "Store", "--force", "--no-journal")
    variables = {"FLXPOINT_API_TOKEN_EU": TOKEN, "FLXPOINT_API_TOKEN_US": SECOND_TOKEN}

    status, text = finish(start(api, *command, **variables))
    assert status == 0, text
    assert {arrival.token for arrival in api.runs} == {TOKEN, SECOND_TOKEN}

    tokens = tmp_path / "tokens.json"
    tokens.write_text(json.dumps({"EU": TOKEN, "US": SECOND_TOKEN}))
    tokens.chmod(0o644)
    status, text = finish(start(api, *command, "--token-file", tokens))
    assert status == 2
    assert "chmod 600" in text

    tokens.chmod(0o600)
    assert finish(start(api, *command, "--token-file", tokens))[0] == 0
    assert len(api.runs) == 4

    status, text = finish(
        start(api, "run", path, "--force", "--no-journal", "--token-file", tokens)
    )
    assert status == 2, "the rows must not be sent with another token"
    assert "--token-column" in text
    assert len(api.runs) == 4


def test_a_corrected_result_sends_only_the_corrected_rows(api, tmp_path) -> None:
    """The red rows of a result are corrected in the workbook, which is then run."""
    first, second, third = (tmp_path / f"orders.{name}.xlsx" for name in ("done", "done2", "done3"))
    journal = ("--journal", tmp_path / "j.db", "--rate", 100)
    assert finish(start(api, "run", SAMPLE_ORDERS, "-o", first, *journal))[0] == 1
    sent = len(api.arrivals)

    _correct(first)
    status, text = finish(start(api, "run", first, "-o", second, *journal))
    assert status == 0, text
    assert len(api.arrivals) - sent == 2

    assert finish(start(api, "run", second, "-o", third, *journal))[0] == 0
    assert len(api.arrivals) - sent == 2
    assert max(Counter(json.dumps(arrival.body) for arrival in api.runs).values()) == 1


def _correct(path) -> None:
    book = openpyxl.load_workbook(path)
    sheet = next(sheet for sheet in book if sheet.title != "flxframe")
    names = {cell.value: cell.column for cell in sheet[1]}

    for row in sheet.iter_rows(min_row=2):
        status = row[names["run.status"] - 1].value
        if status == "rejected":
            row[names["eventHandle"] - 1].value = "order_import"
        elif status == "invalid":
            row[names["params.sourceId"] - 1].value = 12

    book.save(path)
