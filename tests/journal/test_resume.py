"""Going on after a run that ended early, at the shell."""

import json
import signal
from collections import Counter

import openpyxl
import pandas as pd

from flxframe.files.reading import read_table
from flxframe.files.writing import write_results
from tests.conftest import SAMPLE_ORDERS, TOKEN, finish, start


def test_a_killed_command_goes_on_where_it_was_killed(api, tmp_path) -> None:
    """kill -9 in the middle, then the same line again: each row ran once, or is unknown and ran at most once."""
    output = tmp_path / "out.xlsx"
    process = None

    def kill(objects: dict) -> None:
        if len(api.arrivals) == 10:
            process.kill()

    api.add_workflow("order_import", kill)
    process = start(api, "run", SAMPLE_ORDERS, "-o", output, "--rate", 50)
    finish(process)
    assert process.returncode == -signal.SIGKILL
    assert not output.exists()
    ran = len(api.runs)
    status, said = finish(start(api, "run", SAMPLE_ORDERS, "-o", output, "--rate", 50))
    assert status == 1, said
    times = Counter(json.dumps(arrival.body) for arrival in api.runs)
    result = read_table(output)
    assert set(times.values()) == {1}
    assert 10 <= ran < len(times) == 26
    assert len(result) == 28
    counts = result["run.status"].value_counts()
    # The refused row may have been under way too, and then nobody knows that it was refused.
    assert sum(counts.get(status, 0) for status in ("ok", "unknown", "rejected")) == 27


def test_the_same_command_replaces_its_own_result(api, tmp_path) -> None:
    """But not one that somebody has worked on since."""
    table = write_results(
        pd.DataFrame({"eventHandle": "order_import", "objects.order.n": range(6)}),
        tmp_path / "orders.csv",
    )
    done = tmp_path / "orders.done.csv"
    api.fail("400_text")
    assert finish(start(api, "run", table, "--rate", 100))[0] == 1
    assert finish(start(api, "run", table, "--rate", 100))[0] == 0
    assert len(api.arrivals) == 7
    done.write_text(done.read_text(encoding="utf-8-sig") + "\n")
    status, said = finish(start(api, "run", table, "--rate", 100))
    assert status == 2
    assert "--force" in said


def test_a_journal_tells_how_far_it_is_and_what_it_knows(api, tmp_path) -> None:
    """Without the table."""
    output, journal = tmp_path / "out.csv", tmp_path / "out.csv.journal.db"
    finish(start(api, "run", SAMPLE_ORDERS, "-o", output, "--rate", 100))
    status, said = finish(start(api, "status", journal))
    assert status == 0
    assert "26 ok" in said
    assert "has ended. Nothing is left of it." in said
    status, said = finish(start(api, "export", journal, "-o", tmp_path / "known.xlsx"))
    assert status == 0, said
    known, result = read_table(tmp_path / "known.xlsx"), read_table(output)
    assert len(known) == 27
    ok = result[result["run.status"] == "ok"]["objects.order.status"].dropna()
    assert known["objects.order.status"].dropna().tolist() == ok.tolist()


def test_no_journal_remembers_nothing(api, tmp_path) -> None:
    """Then the same command again sends every row again."""
    table = write_results(
        pd.DataFrame({"eventHandle": ["order_import"], "objects.order.n": [1]}), tmp_path / "o.csv"
    )
    for _ in range(2):
        finish(start(api, "run", table, "--no-journal", "--force", "--rate", 100))
    assert len(api.runs) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["o.csv", "o.done.csv"]


def test_several_tokens_come_from_the_environment_or_a_file_of_ones_own(api, tmp_path) -> None:
    """Never from an argument; and a file that others may read is refused."""
    table = pd.DataFrame(
        {"Store": ["EU", "US"], "eventHandle": "order_import", "objects.order.n": [1, 2]}
    )
    path = write_results(table, tmp_path / "orders.csv")
    command = ("run", path, "--token-column", "Store", "--force", "--no-journal")
    status, said = finish(
        start(api, *command, FLXPOINT_API_TOKEN_EU=TOKEN, FLXPOINT_API_TOKEN_US="secret-us")
    )
    assert status == 0, said
    assert {arrival.token for arrival in api.runs} == {TOKEN, "secret-us"}
    tokens = tmp_path / "tokens.json"
    tokens.write_text(json.dumps({"EU": TOKEN, "US": "secret-us"}))
    tokens.chmod(0o644)
    status, said = finish(start(api, *command, "--token-file", tokens))
    assert status == 2
    assert "chmod 600" in said
    tokens.chmod(0o600)
    assert finish(start(api, *command, "--token-file", tokens))[0] == 0
    assert len(api.runs) == 4
    status, said = finish(
        start(api, "run", path, "--force", "--no-journal", "--token-file", tokens)
    )
    assert status == 2, "the rows must not go out with another token"
    assert "--token-column" in said
    assert len(api.runs) == 4


def test_a_mended_result_sends_the_mended_rows_alone(api, tmp_path) -> None:
    """The workbook comes back, its red rows are mended in it, and nothing else is sent again."""
    first, second, third = (tmp_path / f"orders.{name}.xlsx" for name in ("done", "done2", "done3"))
    assert finish(start(api, "run", SAMPLE_ORDERS, "-o", first, "--rate", 100))[0] == 1
    sent = len(api.arrivals)
    book = openpyxl.load_workbook(first)
    sheet = next(sheet for sheet in book if sheet.title != "flxframe")
    names = {cell.value: cell.column for cell in sheet[1]}
    for row in sheet.iter_rows(min_row=2):
        status = row[names["run.status"] - 1].value
        if status == "rejected":
            row[names["eventHandle"] - 1].value = "order_import"
        elif status == "invalid":
            row[names["params.sourceId"] - 1].value = 12
    book.save(first)
    status, said = finish(start(api, "run", first, "-o", second, "--rate", 100))
    assert status == 0, said
    assert len(api.arrivals) - sent == 2
    assert finish(start(api, "run", second, "-o", third, "--rate", 100))[0] == 0
    assert len(api.arrivals) - sent == 2
    assert max(Counter(json.dumps(arrival.body) for arrival in api.runs).values()) == 1
