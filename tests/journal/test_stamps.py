"""The fingerprints of a result: each names its row's sending, and digests its content."""

import pandas as pd
import pytest

from flxframe import Journal
from flxframe.journal.recorded import RecordedRows
from flxframe.request.fingerprints import Fingerprint, occasion_tag, parse, place_tag, token_tag
from flxframe.request.token import Token
from tests.conftest import SECOND_TOKEN, TOKEN, orders, run
from tests.journal.lookups import lookup_of, rows_in

COUNTRY = "objects.order.shippingAddress.countryCode"


def fingerprints(result: pd.DataFrame) -> list[Fingerprint]:
    """Return the fingerprint of each row."""
    return [parse(text) for text in result["run.fingerprint"]]


def test_a_fingerprint_names_the_sending_in_the_journal(api, path) -> None:
    """Also where the row is recalled by another call."""
    first = run(orders(3), api, journal=path)
    second = run(orders(3), api, journal=path)
    for result in (first, second):
        marks = fingerprints(result)
        rows = RecordedRows(path)
        known = rows.find(b"", b"", b"".join(mark.id for mark in marks))
        positions = known.sendings[rows.entity_of(b"".join(mark.id for mark in marks))]
        assert positions.tolist() == Journal(path).to_frame()["sending"].tolist()
    assert [mark.id for mark in fingerprints(first)] == [mark.id for mark in fingerprints(second)]


def test_a_fingerprint_digests_the_row_as_the_workflow_left_it(api) -> None:
    """That is what the result is compared with when it is handed in."""
    result = run(orders(2).assign(**{COUNTRY: ["CA", "US"]}), api)
    rows = rows_in(lookup_of(result, api.url))
    contents = [mark.content for mark in fingerprints(result)]
    assert contents == [rows.contents[start : start + 8] for start in (0, 16)]


def test_it_tells_place_token_and_occasion_without_revealing_them(api) -> None:
    """The token is each row's own."""
    table = orders(2).assign(Store=["US", "EU"])
    tokens = {"EU": TOKEN, "US": SECOND_TOKEN}
    result = run(table, api, token=tokens, token_column="Store", occasion="monday")
    marks = fingerprints(result)

    assert [mark.token for mark in marks] == [
        token_tag(Token(token)) for token in (SECOND_TOKEN, TOKEN)
    ]
    assert {mark.place for mark in marks} == {place_tag(api.url)}
    assert {mark.occasion for mark in marks} == {occasion_tag("monday")}
    assert len({mark.id for mark in marks}) == 2
    assert not any(token in "".join(result["run.fingerprint"]) for token in tokens.values())


def test_it_has_the_status_and_whether_the_run_had_ended(api) -> None:
    """Also of rows that were never sent, or cannot be."""
    api.fail(422, when=lambda body: body["objects"]["order"]["number"] == "00001")
    table = orders(4).assign(**{"params.n": [1, 1, "x", 1]})

    limited = run(table, api, limit=2)
    assert [mark.status for mark in fingerprints(limited)] == limited["run.status"].tolist()
    assert limited["run.status"].tolist() == ["ok", "rejected", "invalid", "not_sent"]
    assert not any(mark.ended for mark in fingerprints(limited))
    assert all(mark.ended for mark in fingerprints(run(table, api)))


def test_a_kept_row_keeps_its_text_and_a_sent_one_gets_another(api) -> None:
    """The id stays, so that a copy of the earlier fingerprint is known to be the same row."""
    api.fail(422, when=lambda body: body["objects"]["order"]["number"] == "00001")
    first = run(orders(2), api)
    second = run(first, api)
    assert second["run.status"].tolist() == ["ok", "ok"]
    assert second.loc[0, "run.fingerprint"] == first.loc[0, "run.fingerprint"]
    assert fingerprints(second)[1].id == fingerprints(first)[1].id
    assert second.loc[1, "run.fingerprint"] != first.loc[1, "run.fingerprint"]


def test_a_status_that_the_user_settled_is_in_the_same_rows_fingerprint(api) -> None:
    """The id stays, so that the journal knows the row."""
    api.fail("500_after")
    first = run(orders(1), api)
    settled = run(first.assign(**{"run.status": "ok"}), api)

    [before], [after] = fingerprints(first), fingerprints(settled)
    assert (before.status, after.status) == ("unknown", "ok")
    assert before.id == after.id
    assert len(api.runs) == 1


@pytest.mark.parametrize("value", [{"a": 1}, [1, None], {}, -0.0, 10**20, "", None])
def test_a_row_is_recognised_whatever_shape_its_answer_has(api, value) -> None:
    """A text that the workflow replaces by an object, a list, a number or nothing."""

    def answer(objects: dict) -> None:
        objects["order"]["number"] = value

    api.add_workflow("order_import", answer)
    result = run(orders(1), api)
    assert run(result, api)["run.recalled"].all()
    assert len(api.runs) == 1
