"""A journal of format 1 of several tokens: it has only digests of their names."""

import contextlib
import hashlib
import sqlite3
from pathlib import Path

import pandas as pd
import pytest

from flxframe import Journal, JournalError, preview
from flxframe.journal.writer import JournalWriter
from flxframe.models import STATUSES, RunWorkflowRequest
from flxframe.request.identity import Scope
from flxframe.request.json_text import encode
from tests.conftest import SECOND_TOKEN, TOKEN, orders, run
from tests.journal.conftest import open_for_run, statuses
from tests.journal.test_conversion import FORMAT_1

SEVERAL = {"token": {"EU": TOKEN, "US": SECOND_TOKEN}, "token_column": "Store"}


def of_stores(rows: int = 4) -> pd.DataFrame:
    """Return orders of two stores, in pairs with the same content."""
    numbers = [number // 2 for number in range(rows)]
    table = orders(rows).iloc[numbers].reset_index(drop=True)
    return table.assign(Store=["EU", "US"] * (rows // 2))


def old_journal(path: Path, url: str, names: dict[str, str]) -> None:
    """Make the journal of a run of all rows but the last one, which was in flight when killed.

    `names` has the text by which each store's token was digested.
    """
    table = of_stores()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript(FORMAT_1)
        connection.execute("INSERT INTO runs VALUES (1e9, 4, 1.5, 1)")
        for position, row in enumerate(table.itertuples(index=False)):
            objects = {"order": {"number": row[1]}}
            request = RunWorkflowRequest(eventHandle="order_import", objects=objects)
            content = encode(request.body(), sort_keys=True)
            digest = hashlib.sha256(f"{content}\0{names[row[2]]}".encode()).digest()[:16]
            status = "ok" if position < 3 else None
            connection.execute(
                "INSERT INTO attempts VALUES (NULL, ?, ?, 0, ?, ?, 1e9, 1e9, ?, 200, NULL, NULL, "
                "?, 0.5)",
                (url, digest, position, encode(request.body()), status, bytes(16)),
            )
        connection.commit()


@pytest.fixture
def old(api, path) -> Path:
    """The journal of a run with one name for each token."""
    old_journal(path, api.url, {"EU": "'EU'", "US": "'US'"})
    return path


def test_a_run_that_names_its_tokens_carries_it_over(api, old) -> None:
    """Nothing that was sent is sent again, and equal rows of two stores keep their outcomes."""
    assert statuses(run(of_stores(6), api, journal=old, **SEVERAL)) == [
        *("ok", "ok", "ok", "unknown", "ok", "ok")
    ]
    assert len(api.arrivals) == 2


def test_each_row_is_identified_by_its_content_and_its_cell(api, old) -> None:
    """As in a table of today."""
    objects = {"order": {"number": "00001"}}
    request = RunWorkflowRequest(eventHandle="order_import", objects=objects)
    scope = Scope(api.url)
    with JournalWriter(old, place=api.url, token_names=["US", "EU"]) as journal:
        for cell, status in (("EU", "ok"), ("US", "unknown")):
            known = journal.find(scope.key(request, cell), b"", b"")
            assert [STATUSES[code] for code in known.codes] == [status]
        assert len(journal.find(scope.key(request), b"", b"")) == 0


def test_it_is_read_with_the_names(api, old) -> None:
    """In another order, with more of them, and in preview."""
    content = old.read_bytes()
    names = {"Mars": "x", "US": "y", "EU": "z"}
    result = Journal(old).result(of_stores(), token=names, token_column="Store")
    assert statuses(result) == ["ok", "ok", "ok", "unknown"]
    assert "0 rows would be sent" in str(
        preview(of_stores(), base_url=api.url, journal=old, **SEVERAL)
    )
    assert old.read_bytes() == content


def test_it_is_listed_without_the_names(old) -> None:
    """A user can look at it."""
    journal = Journal(old)
    assert journal.summary()[["status", "rows"]].values.tolist() == [["ok", 3], ["unknown", 1]]
    assert journal.to_frame()["status"].tolist() == ["ok"] * 3 + ["unknown"]


@pytest.mark.parametrize(
    "settings", [{}, {"token": {"EU": TOKEN}, "token_column": "Store"}], ids=["one", "EU"]
)
def test_without_the_names_nothing_is_sent(api, old, settings) -> None:
    """The message says what to do, and the file is left as it is."""
    content = old.read_bytes()
    table = of_stores().query("Store == 'EU'")
    uses = [
        lambda: run(table, api, journal=old, **settings),
        lambda: Journal(old).result(table, **settings),
        lambda: Journal(old).prune("2020-01-01"),
        lambda: open_for_run(old),
    ]
    for use in uses:
        with pytest.raises(JournalError, match=r"backfill\.db .* several tokens, .*: repeat that"):
            use()
    assert not api.arrivals
    assert old.read_bytes() == content


def test_two_names_of_one_token_cannot_be_told_apart(api, path) -> None:
    """Format 1 digested both of them together, so a row's own one is not known."""
    old_journal(path, api.url, {"EU": "'EU' and 'US'", "US": "'EU' and 'US'"})

    with pytest.raises(JournalError, match="if two of its names had one token, use a new journal"):
        run(of_stores(), api, journal=path, token={"EU": TOKEN, "US": TOKEN}, token_column="Store")
    assert not api.arrivals
