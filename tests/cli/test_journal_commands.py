"""The commands of `flxframe journal`.

A command in its own process takes a second or two, so only those that change something, or that a
process makes different, have one.
"""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from flxframe import Journal
from flxframe.cli import main
from tests.conftest import COMMAND, environment, finish, orders, run, start
from tests.journal.processes import record, running


def in_process(*arguments: object) -> tuple[int, str]:
    """Return the exit status and the output of a command in its own process."""
    done = subprocess.run(
        [*COMMAND, "journal", *map(str, arguments)],
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stdout
    return done.returncode, done.stdout


def journal_command(*arguments: object, **variables: str) -> tuple[int, str]:
    """Return the exit status and the output of a command in this process."""
    answer = CliRunner().invoke(main, ["journal", *map(str, arguments)], env=variables)
    assert answer.exception is None or isinstance(answer.exception, SystemExit)
    return answer.exit_code, answer.output


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal with two rows that are ok, and one that is unknown."""
    return record(tmp_path / "backfill.db")


def test_the_rows_are_counted_by_status(path) -> None:
    """The journal is named."""
    status, output = in_process("summary", "--journal", path)

    assert status == 0
    assert output.splitlines()[0] == f"Journal {path}"
    assert [line.split()[-2:] for line in output.splitlines()[2:]] == [
        ["ok", "2"],
        ["unknown", "1"],
    ]


def test_the_journal_of_the_user_is_the_default(api, tmp_path) -> None:
    """That of the environment, in which the rows of a run are recorded."""
    path = tmp_path / "mine.db"
    for expected in ("there is no journal", "ok"):
        status, output = journal_command("summary", FLXFRAME_JOURNAL=str(path))
        assert expected in output
        assert (status == 0) == path.exists()
        run(orders(2), api, journal=path)

    status, output = journal_command("summary", FLXFRAME_JOURNAL="off")
    assert status != 0
    assert "FLXFRAME_JOURNAL is off" in output
    assert "--journal" in output


def test_a_new_journal_has_no_rows(api, tmp_path) -> None:
    """It does not show an empty table."""
    path = record(tmp_path / "new.db", ok=0, unknown=0)
    assert journal_command("summary", "--journal", path) == (
        0,
        f"Journal {path}\nNo rows recorded yet.\n",
    )


def test_bodies_are_forgotten(path) -> None:
    """Those before a date; that they were sent is not."""
    for before, count in (("1999-12-01", "0 rows"), ("2099-12-01T10:30:00", "3 rows")):
        status, output = journal_command("prune", "--journal", path, "--before", before)
        assert (status, output) == (0, f"The bodies and answers of {count} were forgotten.\n")

    assert b"order_import" not in path.read_bytes()
    assert Journal(path).summary()["rows"].tolist() == [2, 1]


@pytest.mark.parametrize("status", ["ok", "not_sent"])
def test_an_unknown_row_is_settled(path, status) -> None:
    """By its number in `to_frame()`."""
    assert in_process("resolve", 3, "--status", status, "--journal", path) == (
        0,
        f"1 row settled as {status}.\n",
    )
    assert Journal(path).to_frame()["status"].tolist() == ["ok", "ok", status]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["resolve", 1, "--status", "ok"], "sending 1 in the journal"),
        (["resolve", 99, "--status", "ok"], "no sending 99"),
        (["resolve", 3, 2**80, "--status", "ok"], f"no sending {2**80}"),
        (["resolve", 3], "Missing option '--status'"),
        (["resolve", "--status", "ok"], "Missing argument 'SENDING"),
        (["resolve", "x", "--status", "ok"], "'x' is not a valid integer"),
        (["resolve", 3, "--status", "rejected"], "'rejected' is not one of"),
        (["prune"], "Missing option '--before'"),
        (["prune", "--before", "soon"], "'soon' does not match the formats"),
    ],
)
def test_a_mistake_is_one_message_and_changes_nothing(path, arguments, message) -> None:
    """The exit status says so."""
    content = path.read_bytes()
    status, output = journal_command(*arguments, "--journal", path)

    assert status != 0
    assert message in output
    assert path.read_bytes() == content


def test_a_row_in_flight_is_not_settled(path) -> None:
    """A run in another process waits for its answer; other rows are settled."""
    with running(path, 7):
        status, output = journal_command("resolve", 4, "--status", "ok", "--journal", path)
        assert status == 2
        assert "still in flight" in output
        status, output = journal_command("resolve", 3, "--status", "ok", "--journal", path)
        assert (status, output) == (0, "1 row settled as ok.\n")


@pytest.mark.parametrize("name", ["missing.db", "", "a\nb.db", "x" * 300, "folder", "text"])
def test_what_is_not_a_journal_is_one_message(tmp_path, name) -> None:
    """For each of the commands."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "text").write_text("Order,SKU\n" * 999)
    path = f"{tmp_path}/{name}" if name else ""
    for command in (["summary"], ["prune", "--before", "2099-01-01"]):
        status, output = journal_command(*command, "--journal", path)
        assert status == 2
        assert output.startswith("flxframe: ")
        assert len(output.splitlines()) == 1


def test_a_row_settled_at_the_shell_is_obeyed_by_the_next_run(api, tmp_path) -> None:
    """The run of the same table does not send what was ok after all."""
    api.fail("500_after", when=lambda body: body["objects"]["order"]["number"] == "00001")
    path, table = tmp_path / "backfill.db", tmp_path / "orders.csv"
    orders(3).to_csv(table, index=False)
    command = ("run", table, "--journal", path, "--rate", 100)
    assert finish(start(api, *command))[0] == 1
    unknown = Journal(path).to_frame().query("status == 'unknown'")["sending"].tolist()
    assert len(unknown) == 1

    assert journal_command("resolve", *unknown, "--status", "ok", "--journal", path)[0] == 0
    assert finish(start(api, *command, "--force"))[0] == 0
    assert len(api.arrivals) == 3


def test_a_full_disk_does_not_hide_that_the_change_was_made(path) -> None:
    """Its message is lost, but its exit status is not."""
    script = f'"$0" -m flxframe journal resolve 3 --status ok --journal "{path}" > /dev/full'
    done = subprocess.run(
        ["bash", "-c", script, sys.executable], env=environment(), capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert Journal(path).to_frame()["status"].tolist() == ["ok"] * 3
