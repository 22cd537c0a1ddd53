"""What a run records of each row: before it leaves, and when its answer comes."""

import os
from pathlib import Path

import numpy as np
import pandas as pd

from flxframe import Journal
from flxframe.journal.lookup import Lookup
from flxframe.journal.record import RunRecord, runs_of
from flxframe.journal.recorded import RecordedRows
from flxframe.journal.writer import JournalWriter
from flxframe.models import Outcome
from flxframe.request.fingerprints import ID_SIZE, token_tag
from flxframe.request.token import Token
from tests.conftest import SECOND_TOKEN, TOKEN, orders, run
from tests.journal.conftest import open_for_run
from tests.journal.lookups import lookup_of, rows_in
from tests.memory.conftest import interrupted_run

STORES = {"token": {"EU": TOKEN, "US": SECOND_TOKEN}, "token_column": "Store"}


def record_of(
    lookup: Lookup, journal: JournalWriter | None, **changes: object
) -> tuple[RunRecord, bytes]:
    """Return the record of a run, and the ids of its sendings."""
    rows = rows_in(lookup)
    decisions = lookup.decide(rows, journal)
    for name, value in changes.items():
        setattr(decisions, name, value)
    ids = os.urandom(ID_SIZE * len(rows.positions))
    return RunRecord(lookup, decisions, ids, journal), ids


def entries(lookup: Lookup, *positions: int) -> list:
    """Return the positions and requests of rows."""
    return list(lookup.plan.requests(np.array(positions)))


def test_a_row_is_on_disk_before_it_leaves(path: Path) -> None:
    """With its id, and as unknown until its answer comes."""
    lookup = lookup_of(orders(2))
    with open_for_run(path) as journal:
        record, ids = record_of(lookup, journal)
        journal.start(2, 1.0)
        assert record.begin(entries(lookup, 0, 1)) == {}

        frame = Journal(path).to_frame()
        assert frame["row"].tolist() == [0, 1]
        assert frame["status"].tolist() == ["unknown"] * 2
        reader = RecordedRows(path)
        reader.find(b"", b"", ids)
        assert reader.entity_of(ids).tolist() != [-1, -1]

        record.finish([(0, Outcome("ok", http_status=200, attempts=1))])
        assert Journal(path).to_frame()["status"].tolist() == ["ok", "unknown"]


def test_a_row_is_left_with_what_the_server_answered(path: Path) -> None:
    """So a result without its `run.*` columns is recognised."""
    table = orders(2).assign(Store=["EU", "US"])
    answered = table.assign(**{"objects.order.status": "Hold"})
    lookup, after = lookup_of(table, **STORES), lookup_of(answered, **STORES)
    with open_for_run(path) as journal:
        record, _ = record_of(lookup, journal)
        journal.start(2, 1.0)
        record.begin(entries(lookup, 0, 1))
        for position, (_, request) in enumerate(entries(after, 0, 1)):
            record.finish([(position, Outcome("ok", objects=request.objects))])

    known = RecordedRows(path).find(b"", rows_in(after).lefts, b"")
    assert len(known) == 2
    tags = [int.from_bytes(token_tag(Token(token)), "big") for token in STORES["token"].values()]
    assert sorted(known.token_tags.tolist()) == sorted(tags)


def test_a_row_that_another_run_has_sent_since_is_returned(path: Path) -> None:
    """Its outcome there; it must not leave."""
    lookup = lookup_of(orders(1))
    with open_for_run(path) as journal, open_for_run(path) as other:
        record, _ = record_of(lookup, journal)
        second, _ = record_of(lookup, other)
        journal.start(1, 1.0)
        other.start(1, 1.0)

        assert second.begin(entries(lookup, 0)) == {}
        assert record.begin(entries(lookup, 0)) == {0: None}
        second.finish([(0, Outcome("ok", http_status=200))])
        assert record.poll([0])[0].status == "ok"
    assert len(Journal(path).to_frame()) == 1


def test_without_a_journal_nothing_is_recorded_but_the_time() -> None:
    """Of the last request of each row."""
    lookup = lookup_of(orders(1))
    record, _ = record_of(lookup, None)
    assert record.timed(0, Outcome("not_sent")) == Outcome("not_sent")
    assert record.begin(entries(lookup, 0)) == {}
    record.finish([(0, Outcome("ok"))])
    assert record.poll([0]) == {}

    sent_at = record.timed(0, Outcome("ok")).sent_at
    assert sent_at is not None
    assert sent_at > 1_700_000_000
    assert record.timed(0, Outcome("ok", sent_at=7.0)).sent_at == 7.0


def test_a_row_that_was_unknown_before_might_have_run() -> None:
    """By its position in the table, of which row 0 is not valid."""
    table = orders(3).assign(**{"params.n": ["x", 1, 1]})
    record, _ = record_of(lookup_of(table), None, is_unsure=np.array([False, True]))
    assert [record.may_have_run(position) for position in (1, 2)] == [False, True]


def test_the_interrupted_runs_that_a_table_continues(api, path: Path) -> None:
    """They have ended once this table has; runs that ended do not count."""
    run(orders(1), api, journal=path)
    interrupted_run(orders(4), api, after=2, journal=path)
    table = pd.concat([orders(4), orders(5).tail(1)])

    lookup = lookup_of(table, api.url, journal=path)
    decisions = lookup.decide(rows_in(lookup), RecordedRows(path))
    assert runs_of(decisions) == [2]
    unknown = lookup_of(orders(1))
    assert runs_of(unknown.decide(rows_in(unknown), None)) == []


def test_a_result_continues_the_interrupted_run_that_returned_it(api, path: Path) -> None:
    """Its rows keep their outcomes, and are as good as those of the journal."""
    result = interrupted_run(orders(4), api, after=2, journal=path)
    for journal in (RecordedRows(path), None):
        lookup = lookup_of(result, api.url)
        decisions = lookup.decide(rows_in(lookup), journal)
        assert runs_of(decisions) == ([] if journal is None else [1])
