"""A journal is changed without a run: unknown rows are settled, and old requests forgotten."""

import datetime as dt
import time

import numpy as np
import pandas as pd
import pytest

from flxframe import Journal, JournalError, SettingError
from flxframe.journal.settling import prune, resolve
from flxframe.models import STATUSES
from tests.journal.conftest import open_for_run
from tests.journal.processes import begin, finish, key, record, running


def recorded(path) -> list[str]:
    """Return the status of each sending, once the whole journal was checked."""
    path.with_name(f"{path.name}-lock").unlink()
    return Journal(path).to_frame()["status"].tolist()


@pytest.mark.parametrize("kind", [list, set, pd.Series, np.array, iter])
def test_unknown_sendings_are_settled(path, kind) -> None:
    """The sendings are given as any list of numbers."""
    record(path, ok=1, unknown=3)

    assert resolve(path, kind([2, 3]), "ok") == 2
    assert resolve(path, kind([4]), "not_sent") == 1

    assert recorded(path) == ["ok", "ok", "ok", "not_sent"]
    frame = Journal(path).to_frame()
    assert frame["error"].tolist()[3] == "not sent: resolved by the user"
    assert (frame["answered_at"] >= frame["sent_at"]).all()


def test_the_next_run_obeys_what_was_settled(path) -> None:
    """A row that was ok is not sent, and one that was not sent can be."""
    record(path, ok=0, unknown=2)
    resolve(path, [1], "ok")
    resolve(path, [2], "not_sent")

    with open_for_run(path) as journal:
        known = journal.find(key(0) + key(1), b"", b"")
        assert [STATUSES[code] for code in known.codes] == ["ok", "not_sent"]


@pytest.mark.parametrize(
    ("number", "message"),
    [
        (1, "sending 1 in the journal .* is ok, not unknown"),
        (9, "no sending 9: use the numbers in the column 'sending'"),
        (-1, "no sending -1"),
        (2**70, f"no sending {2**70}"),
    ],
)
def test_a_sending_that_is_not_unknown_leaves_all_as_they_were(path, number, message) -> None:
    """Also those that are unknown."""
    record(path, ok=1, unknown=1)

    with pytest.raises(JournalError, match=message):
        resolve(path, [2, number], "ok")

    assert recorded(path) == ["ok", "unknown"]


@pytest.mark.parametrize(
    "sendings",
    ["12", b"\2\3", 2, None, ["2"], [2.0], [None], [float("nan")], pd.Series([True, False]), [[2]]],
    ids=repr,
)
def test_what_is_not_a_list_of_numbers_settles_nothing(path, sendings) -> None:
    """A text would be read as digits, and a mask as the numbers 0 and 1."""
    record(path, ok=0, unknown=4)

    with pytest.raises(SettingError, match="must be a list of whole numbers"):
        resolve(path, sendings, "ok")

    assert recorded(path) == ["unknown"] * 4


@pytest.mark.parametrize("status", ["rejected", "unknown", "", None, ["ok"]])
def test_only_ok_and_not_sent_can_be_given(path, status) -> None:
    """The message names them."""
    record(path)
    with pytest.raises(SettingError, match="must be 'ok' or 'not_sent'"):
        resolve(path, [3], status)


def test_a_row_in_flight_in_another_process_is_not_settled(path) -> None:
    """Its answer will come; once the process is dead, a user can settle it."""
    record(path)
    with running(path, 7) as other:
        with pytest.raises(JournalError, match=r"sending 4 .* still in flight: wait"):
            resolve(path, [4], "ok")
        other.kill()

    assert resolve(path, [4], "ok") == 1
    assert recorded(path) == ["ok", "ok", "unknown", "ok"]


def test_a_row_is_settled_by_the_id_of_its_sending(path) -> None:
    """As a run does that got a table in which a user has set its status."""
    record(path, ok=1, unknown=1)
    with open_for_run(path) as journal:
        known = journal.find(key(0) + key(1), b"", b"")
        ok, unknown = (uid.ljust(10, b"\0") for uid in known.uids.tolist())
        journal.settle(unknown, "ok")
        journal.settle(ok, "not_sent")
        journal.settle(b"x" * 10, "ok")
    assert recorded(path) == ["ok", "ok"]


@pytest.mark.parametrize(
    "before",
    [
        "2099-12-01",
        "2099-12-01T10:30:00+02:00",
        dt.date(2099, 12, 1),
        dt.datetime(2099, 12, 1, tzinfo=dt.UTC),
        pd.Timestamp("2099-12-01"),
        np.datetime64("2099-12-01"),
    ],
    ids=repr,
)
def test_requests_before_a_time_are_forgotten(path, before) -> None:
    """It is a date or a time, of any kind; until that day, nothing is old enough."""
    record(path)
    assert prune(path, "1999-12-01") == 0
    assert prune(path, before) == 3
    assert recorded(path) == ["ok", "ok", "unknown"]


@pytest.mark.parametrize("before", ["", "soon", "2099-13-01", 5, None, pd.NaT, dt.timedelta(1)])
def test_what_is_not_a_time_forgets_nothing(path, before) -> None:
    """The message has an example."""
    record(path)
    with pytest.raises(SettingError, match="must be a date or a time, such as '2026-12-01'"):
        prune(path, before)
    assert Journal(path).to_frame()["request"].notna().all()


def test_a_missing_journal_is_not_created(path) -> None:
    """There is nothing to change in it."""
    for change in (lambda: prune(path, "2026-12-01"), lambda: resolve(path, [1], "ok")):
        with pytest.raises(JournalError, match="there is no journal"):
            change()
    assert list(path.parent.iterdir()) == []


def test_a_journal_is_changed_while_a_run_uses_it(path) -> None:
    """The rows of a run that has ended, next to those of a live one."""
    record(path, now=time.time())
    with running(path, 7) as other:
        assert resolve(path, [3], "not_sent") == 1
        assert prune(path, "2099-01-01") == 3
        assert other.call(begin, 2) == {}
        other.call(finish, 2, 7)

    assert recorded(path) == ["ok", "ok", "not_sent", "ok", "ok"]
