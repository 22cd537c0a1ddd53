"""What a run remembers: which rows were sent before, and what to record of the others."""

from pathlib import Path

import pytest

from flxframe import Journal
from flxframe.exceptions import AlreadySentError
from flxframe.request.fingerprints import parse
from flxframe.result.build import ResultBuilder
from tests.conftest import SECOND_TOKEN, TOKEN, orders, run
from tests.journal.conftest import open_for_run, statuses
from tests.journal.lookups import lookup_of, memory_of
from tests.memory.conftest import interrupted_run, reject_first


def test_a_table_that_nothing_knows_is_sent_in_its_order(path: Path) -> None:
    """Each token has its own rows."""
    table = orders(5).assign(Store=["EU", "US", "EU", "?", "US"])
    tokens = {"token": {"EU": TOKEN, "US": SECOND_TOKEN}, "token_column": "Store"}
    memory = memory_of(table, **tokens)

    assert [rows.tolist() for rows in memory.rows_of_token()] == [[0, 2], [1, 4]]
    assert memory.question is None
    assert memory.recalled == 0
    assert not memory.is_limited
    assert memory.journal_path is None


def test_a_limit_counts_the_rows_to_send_over_all_tokens(api, path) -> None:
    """Recalled ones do not count."""
    table = orders(6).assign(Store=["EU", "US"] * 3)
    how = {"token": {"EU": TOKEN, "US": SECOND_TOKEN}, "token_column": "Store", "journal": path}
    run(table.head(2), api, **how)
    memory = memory_of(table, api.url, limit=3, **how)

    assert [rows.tolist() for rows in memory.rows_of_token()] == [[2, 4], [3]]
    assert memory.recalled == 2
    assert memory.is_limited
    assert not memory_of(table, api.url, limit=4, **how).is_limited


@pytest.mark.parametrize("source", ["journal", "result"])
def test_rows_that_were_rejected_before_go_last(api, path, source) -> None:
    """By the journal, or by their fingerprints."""
    reject_first(api, "00000")
    result = run(orders(3), api, journal=path, limit=2, max_in_flight=1)
    assert statuses(result) == ["rejected", "ok", "not_sent"]

    if source == "journal":
        memory = memory_of(orders(3), api.url, journal=path)
    else:
        memory = memory_of(result, api.url)
    assert [rows.tolist() for rows in memory.rows_of_token()] == [[2, 0]]


def test_the_question_is_there_before_anything_is_recorded(api, path) -> None:
    """The caller raises it; the journal is unchanged."""
    run(orders(3), api, journal=path)
    before = path.read_bytes()
    memory = memory_of(orders(3), api.url, unnamed=path)

    assert isinstance(memory.question, AlreadySentError)
    assert memory.question.rows == [0, 1, 2]
    assert memory.recalled == 0
    assert path.read_bytes() == before


def test_outcomes_come_from_the_journal_and_from_the_table(api, path) -> None:
    """Each row that is not sent has one; the others are missing."""
    first = run(orders(2).tail(1), api, journal=path)
    run(orders(1), api, journal=path)
    table = orders(3)
    table.loc[1, first.columns] = first.iloc[0]
    memory = memory_of(table, api.url, journal=path)

    results = ResultBuilder(lookup_of(table, api.url).plan)
    memory.recall(results)
    assert memory.recalled == 2
    assert list(results.missing()) == [2]
    assert results.counts == {"ok": 2}


def test_a_run_records_its_start_its_end_and_what_the_user_settled(api, path) -> None:
    """An interrupted run before it, whose rows it finished, has ended too."""
    api.fail("500_after")
    table = interrupted_run(orders(3), api, after=2, journal=path)
    assert statuses(table) == ["unknown", "ok", "not_sent"]
    table.loc[0, "run.status"] = "ok"

    with open_for_run(path, api.url) as journal:
        memory = memory_of(table, api.url, unnamed=journal)
        assert memory.question is None
        memory.start(1, 0.5)
        assert Journal(path).last_run().rows == 1
        memory.end(complete=True)

    assert Journal(path).to_frame()["status"].tolist() == ["ok", "ok"]
    question = memory_of(orders(2), api.url, unnamed=path).question
    assert question is not None, "the first run has ended"
    assert question.rows == [0, 1]


@pytest.mark.parametrize("journal", [False, True])
def test_a_journal_that_is_only_read_is_not_written(api, path, journal) -> None:
    """As in a preview; without a journal there is nothing to write."""
    run(orders(1), api, journal=path)
    before = path.read_bytes()
    memory = memory_of(orders(2), api.url, unnamed=path if journal else None)

    memory.start(2, 1.0)
    assert list(memory.rows_elsewhere()) == []
    memory.end(complete=True)
    assert path.read_bytes() == before


def test_a_row_in_flight_in_another_run_is_waited_for(path: Path) -> None:
    """It is neither sent nor recalled yet."""
    first = lookup_of(orders(1))
    with open_for_run(path) as other, open_for_run(path) as journal:
        sender = memory_of(orders(1), unnamed=other)
        sender.start(1, 1.0)
        sender.record.begin(list(first.plan.requests()))

        memory = memory_of(orders(2), unnamed=journal)
        assert [rows.tolist() for rows in memory.rows_of_token()] == [[1]]
        [(position, request)] = memory.rows_elsewhere()
        assert position == 0
        assert request.objects == {"order": {"number": "00000"}}
        assert journal.poll([0]) == {}


def test_fingerprints_name_the_sendings_that_the_record_makes(api, path) -> None:
    """The ids in the result are those in the journal."""
    result = run(orders(2), api, journal=path)
    memory = memory_of(result, api.url, journal=path)
    texts = memory.fingerprints(result, ended=True)
    assert texts == result["run.fingerprint"].tolist()
    assert {parse(text).status for text in texts} == {"ok"}
