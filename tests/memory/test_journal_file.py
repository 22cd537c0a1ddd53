"""The journal's file: moved, copied, cut, damaged, and looked at during a run."""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from flxframe import Journal
from flxframe.exceptions import JournalError
from flxframe.sandbox import Sandbox
from tests.conftest import ROOT, orders, run
from tests.memory.conftest import (
    asks,
    killed_run,
    ran,
    ran_once,
    six_orders,
    statuses,
)


@pytest.fixture(params=["named", "default"])
def settings(request, journal) -> dict:
    """The settings of a run with this journal, named or not."""
    return {"journal": journal} if request.param == "named" else {"resend": "never"}


@pytest.fixture
def path(journal) -> Path:
    """The path of the journal."""
    return journal


def test_a_journal_at_rest_is_one_file(api, journal) -> None:
    """Whole when its last process has ended; only a file for locks may be next to it."""
    run(six_orders(), api, journal=journal)
    others = [path for path in journal.parent.iterdir() if path != journal]

    assert not [path for path in others if path.name.endswith(("-wal", "-journal", "-shm"))]
    assert oct(journal.stat().st_mode & 0o777) == "0o600"
    for path in (journal, *others):
        assert api.token.encode() not in path.read_bytes()


@pytest.mark.parametrize("move", [shutil.move, shutil.copy])
def test_a_journal_that_was_moved_or_copied_at_rest_works(api, tmp_path, move) -> None:
    """Under another name, in another folder."""
    run(six_orders(), api, journal=tmp_path / "j.db")
    (tmp_path / "other").mkdir()
    move(tmp_path / "j.db", tmp_path / "other" / "k.sqlite")

    result = run(six_orders(), api, journal=tmp_path / "other" / "k.sqlite")
    assert result["run.recalled"].all()
    assert ran_once(api, 6)


@pytest.mark.parametrize("kill", [False, True])
@pytest.mark.parametrize("size", [0, 1, 100, 4096, -1])
def test_a_cut_journal_is_an_error(api, path, settings, size, kill) -> None:
    """Never a new journal, whatever was cut off."""
    if kill:
        killed_run(six_orders(), api, after=3, **settings)
    else:
        run(six_orders(), api, **settings)
    runs = len(api.runs)
    os.truncate(path, size if size >= 0 else path.stat().st_size - 1)

    with pytest.raises(JournalError) as caught:
        run(six_orders(), api, **settings)
    assert str(path) in str(caught.value) or path.name in str(caught.value)
    assert len(api.arrivals) == runs


def side_files(path: Path) -> list[Path]:
    """Return the other files of a journal."""
    return [other for other in path.parent.iterdir() if other.name.startswith(path.name + "-")]


def run_or_error(table: pd.DataFrame, api: Sandbox, **settings: object):
    """Return a result and no error, or no result and the message of a journal's error."""
    try:
        return run(table, api, **settings), ""
    except JournalError as error:
        return None, str(error)


@pytest.mark.parametrize("after", [1, 4])
@pytest.mark.parametrize("loss", ["moved", "copied", "deleted", "all"])
def test_a_journal_without_its_side_file_after_a_kill_is_complete_or_an_error(
    api, path, settings, loss, after
) -> None:
    """Renamed, copied, or with its side file deleted."""
    killed_run(six_orders(), api, after=after, **settings)
    runs = len(api.runs)
    target = path
    if loss in ("moved", "copied"):
        target = path.with_name("elsewhere.db")
        (shutil.move if loss == "moved" else shutil.copy)(path, target)
        settings = {"journal": target}
    if loss in ("deleted", "all"):
        pattern = "" if loss == "all" else "-"
        for other in path.parent.iterdir():
            if other != path and (pattern in other.name):
                other.unlink()

    result, error = run_or_error(six_orders(), api, **settings)
    if result is None:
        assert target.name in error
        assert len(api.runs) == runs
    else:
        assert ran_once(api, 6)
        assert statuses(result).count("unknown") <= 1


def test_a_flipped_byte_is_complete_or_an_error(api, tmp_path) -> None:
    """Never a row twice, and never another error than one of the journal."""
    table = orders(6)
    whole = tmp_path / "whole.db"
    run(table, api, journal=whole)
    data = whole.read_bytes()
    chance = random.Random(17)
    damaged = tmp_path / "damaged.db"

    for number in range(40):
        position = chance.randrange(len(data))
        changed = data[position] ^ (1 << chance.randrange(8))
        damaged.write_bytes(data[:position] + bytes([changed]) + data[position + 1 :])
        for other in tmp_path.glob("damaged.db?*"):
            other.unlink()
        result, error = run_or_error(table, api, journal=damaged)
        if result is None:
            assert "damaged.db" in error
        else:
            assert statuses(result) == ["ok"] * 6, f"flip {number} at byte {position}"
        assert ran_once(api, 6), f"flip {number} at byte {position}"


def test_a_page_of_zeros_is_complete_or_an_error(api, tmp_path) -> None:
    """Each page in turn."""
    whole, damaged = tmp_path / "whole.db", tmp_path / "damaged.db"
    run(orders(40), api, journal=whole)
    data = whole.read_bytes()

    for start in range(0, len(data), 4096):
        damaged.write_bytes(data[:start] + bytes(4096) + data[start + 4096 :])
        for other in tmp_path.glob("damaged.db?*"):
            other.unlink()
        try:
            result = run(orders(40), api, journal=damaged)
        except JournalError:
            pass
        else:
            assert statuses(result) == ["ok"] * 40
        assert ran_once(api, 40), f"the page at {start}"


@pytest.mark.parametrize("content", [b"", b"x" * 5000, b"SQLite format 3\0" + bytes(4080)])
def test_a_file_that_is_not_a_journal_is_an_error(api, tmp_path, content) -> None:
    """An empty one too; it is left as it is."""
    path = tmp_path / "j.db"
    path.write_bytes(content)

    with pytest.raises(JournalError):
        run(six_orders(), api, journal=path)
    assert path.read_bytes() == content
    assert not api.arrivals


def test_a_database_of_another_program_is_an_error(api, tmp_path) -> None:
    """And one of a newer flxframe."""
    path = tmp_path / "j.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE notes (text)")
    connection.close()
    with pytest.raises(JournalError):
        run(six_orders(), api, journal=path)

    path.unlink()
    run(six_orders(), api, journal=path)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(JournalError, match="newer"):
        run(six_orders(), api, journal=path)
    assert ran_once(api, 6)


@pytest.mark.parametrize("name", ["\0", "x" * 300, "folder"])
def test_an_absurd_path_is_one_sentence_before_anything_is_sent(api, tmp_path, name) -> None:
    """NUL, 300 letters, a folder."""
    from flxframe.exceptions import FlxframeError

    (tmp_path / "folder").mkdir()
    with pytest.raises(FlxframeError):
        run(six_orders(), api, journal=f"{tmp_path}/{name}")
    assert not api.arrivals


LOOKING = """
import os, signal, sqlite3, sys
from flxframe import Journal, run_workflows
from tests.conftest import orders
url, token, path = sys.argv[1:]
import threading, time
def look():
    while not os.path.exists(path) or os.path.getsize(path) == 0:
        time.sleep(0.005)
    for _ in range(20):
        try:
            journal = Journal(path)
            journal.summary()
            journal.to_frame()
            del journal
        except Exception as error:
            print(type(error).__name__, error, flush=True)
        time.sleep(0.01)
threading.Thread(target=look, daemon=True).start()
run_workflows(orders(60), token=token, base_url=url, rate=100, journal=path, progress=False)
"""


def test_looking_at_the_journal_of_a_running_run_harms_nothing(api, tmp_path) -> None:
    """Journal(j) in its process, then any SQLite tool, then kill -9: each row still once."""
    path = tmp_path / "j.db"
    child = None

    def look(objects: dict) -> None:
        if len(api.arrivals) == 25:
            connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)
            connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
            connection.close()
        if len(api.arrivals) == 40:
            child.kill()

    api.add_workflow("order_import", look)
    child = subprocess.Popen(
        [sys.executable, "-c", LOOKING, api.url, api.token, str(path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    output, _ = child.communicate(timeout=60)
    assert child.returncode == -signal.SIGKILL, output
    assert not output

    result = run(orders(60), api, journal=path)
    assert set(ran(api).values()) == {1}
    assert len(api.runs) + statuses(result).count("unknown") >= 60


@pytest.mark.parametrize("folder", ["file", "missing"])
def test_a_default_journal_that_cannot_be_written_raises(
    api, tmp_path, monkeypatch, folder
) -> None:
    """`journal=False` is the answer."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("FLXFRAME_JOURNAL", str(tmp_path / folder / "journal.db"))

    with pytest.raises(JournalError, match="journal=False"):
        run(six_orders(), api)
    assert not api.arrivals
    assert statuses(run(six_orders(), api, journal=False)) == ["ok"] * 6


def test_the_default_journal_can_be_off(api, monkeypatch) -> None:
    """FLXFRAME_JOURNAL=off records nothing."""
    monkeypatch.setenv("FLXFRAME_JOURNAL", "off")
    for _ in range(2):
        run(orders(2), api)
    assert len(api.runs) == 4


def test_a_journal_returns_what_the_run_returned(api, journal) -> None:
    """With tokens, an occasion, a rejected row and equal rows."""
    from tests.conftest import SECOND_TOKEN
    from tests.memory.conftest import reject_first

    reject_first(api, "00001")
    table = pd.concat([six_orders(), six_orders().head(2)], ignore_index=True)
    table["Store"] = ["EU", "US"] * 4
    how = {
        "token": {"EU": api.token, "US": SECOND_TOKEN},
        "token_column": "Store",
        "occasion": "monday",
    }
    result = run(table, api, **how)
    assert statuses(result).count("rejected") == 1

    recorded = Journal(journal).result(table, base_url=api.url, **how)
    left = result.drop(columns=["run.recalled"])
    pd.testing.assert_frame_equal(recorded[left.columns], left, check_dtype=False)


def test_a_person_resolves_unknown_rows_in_the_journal(api, journal) -> None:
    """What was settled there is obeyed by the next run of the table."""
    api.fail("500_after", when=lambda body: body["objects"]["order"]["number"] == "00001")
    api.fail(500, when=lambda body: body["objects"]["order"]["number"] == "00004")
    run(six_orders(), api, max_in_flight=1)
    opened = Journal(journal)
    frame = opened.to_frame()
    unknown = frame[frame["status"] == "unknown"]
    assert len(unknown) == 2
    numbers = unknown["request"].astype(str)
    for settled, status in (("00001", "ok"), ("00004", "not_sent")):
        sending = unknown[numbers.str.contains(settled)]
        opened.resolve(sending["sending"].tolist(), status)

    result = run(six_orders(), api, journal=journal)
    assert statuses(result) == ["ok"] * 6
    assert ran_once(api, 6)


def test_what_was_sent_is_remembered_when_bodies_are_forgotten(api, journal) -> None:
    """`prune` forgets bodies and answers; not that they were sent."""
    import datetime as dt

    result = run(six_orders(), api)
    Journal(journal).prune(before=dt.datetime.now(dt.UTC) + dt.timedelta(days=1))
    assert b"00003" not in journal.read_bytes()

    with asks(api, *range(6)):
        run(six_orders(), api)
    assert run(result, api)["run.recalled"].all()
    assert run(six_orders(), api, journal=journal)["run.recalled"].all()
    assert ran_once(api, 6)
