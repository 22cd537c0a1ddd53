"""The journal: nothing answered is lost, nothing is sent twice."""

import resource
import shutil
import signal
import sqlite3
import stat
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flxframe import (
    Journal,
    JournalError,
    JournalLockedError,
    SettingError,
    StoppedWarning,
    TableError,
    run_workflows,
)
from flxframe.files.reading import read_table
from flxframe.files.writing import write_results
from flxframe.journal.matching import NEW, digest_array, known_rows, match_rows
from flxframe.journal.report import progress_text
from flxframe.journal.writer import JournalWriter
from flxframe.models import STATUSES, RunWorkflowRequest
from flxframe.request.identity import digest
from flxframe.sandbox.app import Sandbox, sandbox
from tests.conftest import TOKEN, orders, run
from tests.run.faults import crash, untrue

URL = "http://127.0.0.1:1"


def sent(api: Sandbox) -> list[str]:
    return [arrival.body["objects"]["order"]["number"] for arrival in api.arrivals]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "backfill.db"


def test_a_second_run_sends_nothing_and_gives_the_same_result(api, path) -> None:
    """What the workflows changed comes back from the journal."""
    table = orders(6).assign(**{"objects.order.shippingAddress.countryCode": ["CA", "US"] * 3})
    first = run(table, api, journal=path)
    again = run(table, api, journal=path)
    assert len(api.arrivals) == 6
    pd.testing.assert_frame_equal(first, again)
    assert again["objects.order.status"].fillna("").tolist() == ["Hold", ""] * 3
    assert again["run.changes"].tolist() == [2, 0] * 3


def test_sorted_inserted_deleted_and_mended_rows_send_what_is_new(api, path) -> None:
    """Rows are known by content."""
    table = orders(6)
    run(table, api, journal=path)
    table = pd.concat([table.drop(index=2).sample(frac=1, random_state=1), orders(8).tail(1)])
    table.loc[4, "objects.order.number"] = "mended"
    result = run(table, api, journal=path)
    assert sent(api)[6:] in (["mended", "00007"], ["00007", "mended"])
    assert result["run.status"].tolist() == ["ok"] * 6


def test_equal_rows_are_counted_not_merged(api, path) -> None:
    """Three equal rows run three times; a fourth one runs once more."""
    table = pd.concat([orders(1)] * 3, ignore_index=True)
    run(table, api, journal=path)
    assert len(api.runs) == 3
    run(pd.concat([orders(1)] * 4, ignore_index=True), api, journal=path)
    assert len(api.runs) == 4
    run(table.head(2), api, journal=path)
    assert len(api.runs) == 4


def test_unknown_rows_are_left_alone_unless_asked(api, path) -> None:
    """They may have run."""
    api.fail("500_after")
    assert run(orders(2), api, journal=path, max_in_flight=1)["run.status"].tolist() == [
        "unknown",
        "ok",
    ]
    assert run(orders(2), api, journal=path)["run.status"].tolist() == ["unknown", "ok"]
    assert len(api.arrivals) == 2
    assert run(orders(2), api, journal=path, retry_unknown=True)["run.status"].tolist() == [
        "ok",
        "ok",
    ]
    assert len(api.arrivals) == 3


def test_a_row_that_may_have_run_is_unknown_whatever_a_later_request_met(api, path) -> None:
    """It is refused in the same run, then in another one, then never reached; and is never sent again unasked."""
    api.fail("500_after")
    api.fail("400_text", times=2)
    first = run(orders(1), api, journal=path, retry_unknown=True)
    second = run(orders(1), api, journal=path, retry_unknown=True)
    with pytest.warns(
        StoppedWarning, match="1 row was not sent or rejected; .* Check 1 unknown row first"
    ):
        third = run_workflows(
            pd.concat([orders(9).tail(1), orders(1)]),
            token="wrong",
            base_url=api.url,
            journal=path,
            retry_unknown=True,
            max_in_flight=1,
            progress=False,
        )
    for result in (first, second, third.tail(1), run(orders(1), api, journal=path)):
        assert result["run.status"].tolist() == ["unknown"]
        assert "might have run" in result["run.error"].iloc[0]
    assert [arrival.status for arrival in api.arrivals] == [500, 400, 400, 401]
    assert Journal(path).result(orders(1))["run.status"].tolist() == ["unknown"]


def test_rejected_rows_are_sent_again(api, path) -> None:
    """The workflow didn't run, and what was wrong may be mended elsewhere."""
    api.fail("400_text")
    run(orders(1), api, journal=path)
    assert run(orders(1), api, journal=path)["run.status"].tolist() == ["ok"]


def test_the_file_is_its_owners_and_holds_no_token(api, path) -> None:
    """Nor do the files that SQLite keeps beside it."""
    with JournalWriter(path, base_url=api.url):
        modes = {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert modes == {0o600}
    run(orders(2), api, journal=path)
    assert all(TOKEN.encode() not in file.read_bytes() for file in path.parent.iterdir())


def test_a_journal_at_rest_is_one_file(api, path) -> None:
    """Also when it has been read, and while a run goes on it can be."""
    run(orders(3), api, journal=path)
    Journal(path).summary()
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    with JournalWriter(path, base_url=api.url):
        assert Journal(path).summary()["rows"].tolist() == [3]
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_second_run_at_once_is_refused(path) -> None:
    """With a sentence, while the first one goes on; and the file can still be read."""
    with JournalWriter(path, base_url=URL):
        with pytest.raises(JournalLockedError, match="another run"):
            JournalWriter(path, base_url=URL)
        assert len(Journal(path).to_frame()) == 0
    with JournalWriter(path, base_url=URL):
        pass


@pytest.mark.parametrize(
    "content",
    [b"a,b\n1,2\n" * 100, b"a", b"SQLite format 3\x00" + b"\x07" * 2000],
    ids=["text", "one letter", "damaged"],
)
@pytest.mark.parametrize(
    "use", [Journal, lambda path: JournalWriter(path, base_url=URL)], ids=["read", "run"]
)
def test_a_file_that_is_no_journal_is_left_as_it_is(path, content, use) -> None:
    """The sentence names it."""
    path.write_bytes(content)
    with pytest.raises(JournalError, match=r"backfill\.db"):
        use(path)
    assert path.read_bytes() == content


def test_another_database_is_no_journal(path) -> None:
    """However much SQLite likes it."""
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE mine (a)")
    other.close()
    before = path.read_bytes()
    with pytest.raises(JournalError, match="no journal"):
        JournalWriter(path, base_url=URL)
    assert path.read_bytes() == before


def test_a_truncated_journal_is_said_to_be_damaged(api, path) -> None:
    """And is never overwritten."""
    run(orders(200), api, journal=path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(JournalError, match="damaged"):
        run(orders(200), api, journal=path)
    assert path.read_bytes() == whole[: len(whole) // 2]


@pytest.mark.parametrize(
    "read", [Journal.summary, lambda journal: journal.result(orders(3))], ids=["summary", "result"]
)
def test_texts_that_are_none_are_damage(api, path, read) -> None:
    """And are not shown."""
    run(orders(3), api, journal=path)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE attempts SET status = cast(x'ff00fe' AS TEXT) WHERE id = 2")
    connection.close()
    with pytest.raises(
        JournalError, match=r"backfill\.db is damaged \(it holds texts that are none\): restore it"
    ):
        read(Journal(path))


def test_a_newer_format_is_refused(path) -> None:
    """An old flxframe would not know what it says."""
    with JournalWriter(path, base_url=URL):
        pass
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(JournalError, match="update flxframe"):
        Journal(path)


def test_a_journal_of_another_base_url_is_refused(api, path) -> None:
    """A rehearsal must not count as done."""
    run(orders(1), api, journal=path)
    with pytest.raises(JournalError, match="of requests to"):
        JournalWriter(path, base_url="https://api.flxpoint.com")


@pytest.mark.parametrize("name", ["", " ", True, b"backfill.db"])
@pytest.mark.parametrize(
    "use", [Journal, lambda path: JournalWriter(path, base_url=URL)], ids=["read", "run"]
)
def test_what_names_no_file_is_no_journal(use, name) -> None:
    """The sentence shows what a name looks like."""
    with pytest.raises(SettingError, match=r"names no file: give its path, such as 'backfill\.db'"):
        use(name)


@pytest.mark.parametrize(
    "use", [Journal, lambda path: JournalWriter(path, base_url=URL)], ids=["read", "run"]
)
def test_a_folder_is_no_journal(use, tmp_path) -> None:
    """A file in it may become one."""
    with pytest.raises(
        JournalError, match=r"is a folder: name a file in it, such as .*backfill\.db"
    ):
        use(tmp_path)


def test_a_journal_that_was_killed_while_it_was_made_is_made_anew(path) -> None:
    """SQLite finds pages of it, and beside them the note that there were none when the making began."""
    with JournalWriter(path, base_url=URL):
        pass
    numbers = (0, 4711, 0, 512, 4096)  # pages noted, nonce, pages before, sector, page
    note = bytes.fromhex("d9d505f920a163d7") + b"".join(
        number.to_bytes(4, "big") for number in numbers
    )
    path.with_name(f"{path.name}-journal").write_bytes(note.ljust(512, b"\0"))
    with JournalWriter(path, base_url=URL):
        assert len(Journal(path).to_frame()) == 0


def test_a_journal_in_a_folder_that_cant_be_written_can_be_read(api, path) -> None:
    """Such as a copy of it on another disk; the shell's `status` reads it too."""
    run(orders(2), api, journal=path)
    path.chmod(0o400)
    path.parent.chmod(0o500)
    try:
        assert Journal(path).summary()["rows"].tolist() == [2]
        assert "2 ok" in progress_text(Journal(path))
    finally:
        path.parent.chmod(0o700)


def test_a_missing_journal_and_a_missing_folder_are_sentences(tmp_path) -> None:
    """Reading never makes a file."""
    with pytest.raises(JournalError, match="there is no journal"):
        Journal(tmp_path / "no.db")
    with pytest.raises(JournalError, match="folder"):
        JournalWriter(tmp_path / "no" / "no.db", base_url=URL)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_stops_the_run_and_loses_no_row(api, path) -> None:
    """A limit on the size of files is as real as a full disk; what left has its answer, the rest is not sent."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, before[1]))
    try:
        with pytest.warns(StoppedWarning, match="journal"):
            result = run(orders(400), api, journal=path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    counts = result["run.status"].value_counts().to_dict()
    assert counts["ok"] == len(api.runs) < 400
    assert counts["not_sent"] == 400 - len(api.runs)
    assert Journal(path).summary()[["status", "rows"]].values.tolist() == [["ok", counts["ok"]]]
    assert run(orders(400), api, journal=path)["run.status"].tolist() == ["ok"] * 400
    assert len(api.runs) == 400


def test_a_disk_that_is_nearly_full_stops_the_run_while_answers_find_room(
    api, path, monkeypatch
) -> None:
    """The sentence says what to do, and the journal knows every answer."""
    room = iter([10**9] * 3)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=next(room, 9_000_000)))
    with pytest.warns(StoppedWarning, match="nearly full .* make room, and run the same again"):
        result = run(orders(40), api, journal=path, max_in_flight=1)
    assert result["run.status"].tolist() == ["ok"] * 3 + ["not_sent"] * 37
    assert Journal(path).summary()["status"].tolist() == ["ok"]


def test_a_journal_tells_what_was_sent(api, path) -> None:
    """Every request, the counts, and the result as it stands for a longer table."""
    api.fail("429_none")
    run(orders(3), api, journal=path, max_in_flight=1)
    journal = Journal(path)
    assert journal.to_frame()["status"].tolist() == ["not_sent", "ok", "ok", "ok"]
    assert journal.summary()[["status", "rows"]].values.tolist() == [["ok", 3]]
    assert journal.result(orders(4))["run.status"].tolist() == ["ok", "ok", "ok", "not_sent"]
    assert len(api.arrivals) == 4


def test_the_result_of_a_files_name_says_how_to_read_it(path) -> None:
    """`run_workflows` takes one, so a user may expect it here too."""
    with JournalWriter(path, base_url=URL):
        pass
    with pytest.raises(TableError, match=r"not 'orders\.xlsx': read_table makes one"):
        Journal(path).result("orders.xlsx")


def test_a_row_in_flight_is_told_from_one_that_was_lost(api, path) -> None:
    """Both are unknown; but a run that goes on may still have its answer."""
    told, results = [], []

    def look(objects: dict) -> None:
        told.append(progress_text(Journal(path)))
        results.append(Journal(path).result(orders(3)))

    api.add_workflow("order_import", look)
    run(orders(3), api, journal=path, max_in_flight=1)
    assert "goes on. 1 await their answers, and count as unknown until then. 1 are left" in told[1]
    assert results[1]["run.status"].tolist() == ["ok", "unknown", "not_sent"]
    assert "goes on and awaits it" in results[1]["run.error"].iloc[1]
    assert "await" not in progress_text(Journal(path))


def test_the_same_content_is_the_same_row() -> None:
    """Whatever the order of the columns."""
    one = RunWorkflowRequest(eventHandle="e", objects={"a": 1, "b": "x"})
    assert digest(one) == digest(RunWorkflowRequest(eventHandle="e", objects={"b": "x", "a": 1}))
    assert digest(one) != digest(RunWorkflowRequest(eventHandle="e", objects={"b": "x", "a": "1"}))


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4))), st.lists(st.integers(0, 4)))
def test_matching_takes_what_is_furthest_first(
    journal: list[tuple[int, int]], table: list[int]
) -> None:
    """As a plain model does: by content, each row of the journal once, new rows with numbers of their own."""
    name = [bytes([65 + content]) * 16 for content in range(5)]
    nth, counts = [], {}
    for content, _ in journal:
        nth.append(counts.setdefault(content, 0))
        counts[content] += 1
    digests = digest_array(b"".join(name[content] for content, _ in journal))
    codes = np.array([status for _, status in journal], dtype="int8")
    known = known_rows(digests, np.array(nth, dtype="int32"), codes, np.arange(len(nth)))
    match = match_rows(b"".join(name[content] for content in table), known)
    order = ["ok", "unknown", "rejected", "not_sent", "invalid"]
    left = {
        content: sorted(
            (STATUSES[status] for other, status in journal if other == content), key=order.index
        )
        for content in range(5)
    }
    expected = [left[content].pop(0) if left[content] else None for content in table]
    assert [None if code == NEW else STATUSES[code] for code in match.codes] == expected
    used = [(content, number) for content, number in zip(table, match.nth.tolist(), strict=True)]
    assert len(set(used)) == len(used)


def test_killed_at_any_instant_nothing_runs_twice(path) -> None:
    """A real process, killed for real 60 times."""
    interrupted, result = crash(orders(1200), 60, path)
    assert 0 < interrupted < len(result) == 1200, "the kills must hit a run in its middle"
    assert result["runs"].max() == 1, "nothing ran twice"
    assert untrue(result).empty, "what is ok ran"
    assert set(result["run.status"]) <= {"ok", "unknown"}, "no row is lost"


def test_a_result_handed_in_again_sends_nothing(api, path) -> None:
    """A row is known by what its result shows, too; a cell that is changed in it makes it a new row."""
    table = orders(4).assign(**{"objects.order.shippingAddress.countryCode": "CA"})
    result = run(table, api, journal=path)
    again = run(result, api, journal=path)
    assert len(api.arrivals) == 4
    assert again["run.status"].tolist() == ["ok"] * 4
    assert again["objects.order.status"].tolist() == ["Hold"] * 4
    result.loc[2, "objects.order.shippingAddress.countryCode"] = "MX"
    run(result, api, journal=path)
    assert len(api.arrivals) == 5


@pytest.mark.parametrize("blanks", ["omit", "null"])
@pytest.mark.parametrize("name", ["out.xlsx", "out.csv", "out.jsonl"])
def test_a_result_sends_nothing_after_it_was_in_a_file(api, path, name, blanks) -> None:
    """Where 7.0 is 7 and a blank has no type, whether the workflow changed the row or not."""
    table = orders(3).assign(
        **{
            "objects.order.total": [7.0, 8.0, 12.5],
            "objects.order.note": ["x", None, ""],
            "objects.order.shippingAddress.countryCode": ["US", "CA", None],
        }
    )
    api.fail("500_after")
    write_results(run(table, api, journal=path, blanks=blanks, max_in_flight=1), path.parent / name)
    result = read_table(path.parent / name)
    assert Journal(path).result(result, blanks=blanks)["run.status"].tolist() == [
        "unknown",
        "ok",
        "ok",
    ]
    assert run(result, api, journal=path, blanks=blanks)["run.status"].tolist() == [
        "unknown",
        "ok",
        "ok",
    ]
    assert len(api.arrivals) == 3


def test_equal_rows_of_two_tokens_are_two_rows(path) -> None:
    """What the one token has sent is not what the other one has left to send, whichever comes first in the sheet."""
    table = pd.concat([orders(2)] * 2).assign(Store=["US", "US", "EU", "EU"])
    how = {
        "token": {"EU": "secret-eu", "US": "secret-us"},
        "token_column": "Store",
        "journal": path,
        "progress": False,
    }
    with sandbox(tokens=["secret-eu"], limit=None) as api:
        with pytest.warns(StoppedWarning, match="'US'"):
            run_workflows(table, **how, base_url=api.url, rate=None)
        port = api.port
    with sandbox(tokens=["secret-eu", "secret-us"], limit=None, port=port) as api:
        result = run_workflows(table, **how, base_url=api.url, rate=None)
        assert [arrival.token for arrival in api.arrivals] == ["secret-us"] * 2
        assert Journal(path).result(table)["run.status"].tolist() == ["ok"] * 4
    assert result["run.status"].tolist() == ["ok"] * 4


def test_rows_of_one_token_are_known_when_it_is_one_of_several(api, path) -> None:
    """A second token that is added later sends its own rows alone; and the other way round."""
    table = orders(4).assign(Store=["EU", "EU", "US", "US"])
    run(table.head(2), api, journal=path)
    tokens = {"EU": api.token, "US": api.token}
    run_workflows(
        table,
        token=tokens,
        token_column="Store",
        base_url=api.url,
        rate=None,
        journal=path,
        progress=False,
    )
    assert sorted(sent(api)) == ["00000", "00001", "00002", "00003"]
    run(table, api, journal=path)
    assert len(api.arrivals) == 4
