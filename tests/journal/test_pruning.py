"""Old requests and answers are forgotten; that they were sent is not."""

import contextlib
import time
from pathlib import Path

import pytest

from flxframe import Journal
from flxframe.journal.checking import open_checked
from flxframe.journal.lock import side_file
from flxframe.journal.pruning import forget, forget_old
from flxframe.models import STATUSES, Outcome
from tests.journal.conftest import open_for_run
from tests.journal.processes import NOW, begin, finish, key, record, running

DAY = 86_400


def forget_before(path: Path, before: float) -> int:
    """Forget what was sent before a time, and check the whole journal."""
    with contextlib.closing(open_checked(path)) as connection:
        count = forget(connection, path, before)
    check(path)
    return count


def check(path: Path) -> None:
    """Check the whole journal, as if another program had changed it."""
    side_file(path).unlink(missing_ok=True)
    Journal(path)


def test_requests_and_answers_before_a_time_are_forgotten(path) -> None:
    """What was sent at that time or later is kept."""
    with open_for_run(path) as journal:
        journal.start(3, 1.0)
        for row in range(3):
            begin(journal, row, now=NOW + row)
            finish(journal, row, outcome=Outcome("ok", 200, objects={"order": {"was": "here"}}))

    assert forget_before(path, NOW + 2) == 2
    assert forget_before(path, NOW + 2) == 0

    assert Journal(path).to_frame()["request"].isna().tolist() == [True, True, False]
    with open_for_run(path) as journal:
        known = journal.find(key(0) + key(1) + key(2), b"", b"")
        outcomes = list(journal.outcomes(known.sendings))
    assert known.codes.tolist() == [STATUSES.index("ok")] * 3
    assert [outcome.error for outcome in outcomes] == ["its answer is no longer kept"] * 2 + [None]
    assert outcomes[2].objects == {"order": {"was": "here"}}


def test_a_forgotten_text_is_not_in_the_file(path) -> None:
    """Not even in pages that are free now."""
    with open_for_run(path) as journal:
        journal.start(200, 1.0)
        begin(journal, *range(200))
        answer = Outcome("ok", 200, objects={"order": {"name": "Ada Lovelace " * 9}})
        finish(journal, *range(200), outcome=answer)
    assert b"Ada Lovelace" in path.read_bytes()

    forget_before(path, NOW + 1)

    assert b"Ada Lovelace" not in path.read_bytes()
    assert b"order_import" not in path.read_bytes()


def test_a_run_forgets_what_is_older_than_90_days_when_it_starts(path) -> None:
    """A row without an answer stays unknown."""
    now = time.time()
    record(path, ok=1, unknown=1, now=now - 91 * DAY)
    with open_for_run(path) as journal:
        journal.start(1, 1.0)
        begin(journal, 5, now=now - 89 * DAY)
        finish(journal, 5)

    with contextlib.closing(open_checked(path)) as connection:
        assert forget_old(connection, path) == 0
    frame = Journal(path).to_frame()
    assert frame["request"].isna().tolist() == [True, True, False]
    assert frame["status"].tolist() == ["ok", "unknown", "ok"]


@pytest.mark.parametrize("rows", [1, 5_001])
def test_what_a_live_run_has_sent_is_kept(path, rows) -> None:
    """It computes the checksum of its answers with the requests; once it has ended, they go."""
    record(path, ok=rows, unknown=0, now=time.time())
    with running(path, 11_000) as other:
        with contextlib.closing(open_checked(path)) as connection:
            assert forget(connection, path, time.time()) == rows
        assert Journal(path).to_frame()["request"].notna().sum() == 1
        other.call(finish, 11_000)

    check(path)
    assert forget_before(path, time.time() + 1) == 1
