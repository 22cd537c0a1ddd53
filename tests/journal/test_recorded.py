"""The rows of a journal that is read, looked up as a run looks them up."""

import numpy as np
import pytest

from flxframe import Journal
from flxframe.exceptions import JournalError
from flxframe.journal.recorded import RecordedRows
from flxframe.models import STATUSES
from flxframe.request.fingerprints import parse
from tests.conftest import orders, run
from tests.journal.lookups import lookup_of, rows_in

COUNTRY = "objects.order.shippingAddress.countryCode"


def uids_of(result) -> list[bytes]:
    """Return the ids in the fingerprints of a result."""
    return [parse(text).id for text in result["run.fingerprint"]]


def test_rows_are_found_by_key_by_what_was_left_and_by_id(api, path) -> None:
    """Each entity once, and nothing of other rows."""
    table = orders(4).assign(**{COUNTRY: ["CA", "US", "CA", "US"]})
    result = run(table, api, journal=path)
    sent = rows_in(lookup_of(table.head(2), api.url))
    left = rows_in(lookup_of(result.head(2), api.url))
    rows = RecordedRows(path)

    by_key = rows.find(sent.keys, b"", b"")
    by_left = rows.find(b"", left.lefts, b"")
    by_id = rows.find(b"", b"", b"".join(uids_of(result)[:2]))

    for known in (by_key, by_left, by_id, rows.find(sent.keys, left.lefts, b"")):
        assert sorted(known.sendings.tolist()) == sorted(by_key.sendings.tolist())
        assert len(known) == 2
        assert {STATUSES[code] for code in known.codes} == {"ok"}
        assert known.run_ended.all()
    assert not len(rows.find(b"", b"", b""))


def test_an_id_names_its_entity_and_an_unknown_one_none(api, path) -> None:
    """In the rows of the last search."""
    uids = uids_of(run(orders(3), api, journal=path))
    rows = RecordedRows(path)
    with pytest.raises(ValueError, match="find"):
        rows.entity_of(uids[0])

    known = rows.find(b"", b"", b"".join(uids))
    indices = rows.entity_of(uids[2] + bytes(10) + uids[0])
    assert indices[1] == -1
    assert known.uids[indices[[0, 2]]].tolist() == [uid.rstrip(b"\0") for uid in (uids[2], uids[0])]


def test_outcomes_come_in_the_order_that_is_asked_for(api, path) -> None:
    """With what the workflow answered, if it changed anything."""
    api.fail(422, when=lambda body: body["objects"]["order"]["number"] == "00001")
    run(orders(3).assign(**{COUNTRY: ["CA", "US", "US"]}), api, journal=path)
    frame = Journal(path).to_frame().sort_values("row", ascending=False)

    last, rejected, first = RecordedRows(path).outcomes(np.asarray(frame["sending"]))
    assert [last.status, rejected.status, first.status] == ["ok", "rejected", "ok"]
    assert rejected.http_status == 422
    assert last.objects is None
    assert first.objects["order"]["status"] == "Hold"


def test_contents_are_forgotten_but_not_the_rows(api, path) -> None:
    """What was sent, and what was answered."""
    result = run(orders(1).assign(**{COUNTRY: "CA"}), api, journal=path)
    rows = RecordedRows(path)
    [sending] = rows.find(b"", b"", uids_of(result)[0]).sendings.tolist()

    sent, answered = rows.contents(sending)
    assert "Hold" not in sent
    assert "Hold" in answered
    Journal(path).prune(before="2100-01-01")
    assert rows.contents(sending) == (None, None)
    assert rows.find(b"", b"", uids_of(result)[0]).sendings.tolist() == [sending]


def test_reading_changes_nothing(api, path) -> None:
    """Neither the file, nor its folder."""
    uids = uids_of(run(orders(2), api, journal=path))
    before = path.read_bytes(), sorted(path.parent.iterdir())

    rows = RecordedRows(path)
    known = rows.find(b"", b"", b"".join(uids))
    rows.entity_of(uids[0])
    list(rows.outcomes(known.sendings))
    assert (path.read_bytes(), sorted(path.parent.iterdir())) == before


def test_a_file_that_vanished_is_an_error_of_the_journal(path) -> None:
    """And it is not created."""
    with pytest.raises(JournalError):
        RecordedRows(path).find(b"", b"", b"")
    assert not path.exists()
