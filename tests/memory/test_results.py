"""A result handed in again: unchanged, sorted, copied, appended to, concatenated, edited."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest

from flxframe import read_table, write_results
from flxframe.exceptions import TableError
from flxframe.sandbox.workflows import hold_international
from tests.conftest import TOKEN, orders, run
from tests.memory.conftest import (
    COUNTRY,
    EVENT,
    NUMBER,
    STATE,
    asks,
    cells,
    killed_run,
    ran_numbers,
    ran_once,
    reject_first,
    six_orders,
    statuses,
)

FILES = [None, "out.xlsx", "out.csv", "out.jsonl", "out.parquet"]


def through(result: pd.DataFrame, folder, name: str | None) -> pd.DataFrame:
    """Return a result as it is read from a file of that name, in a folder of its own."""
    if name is None:
        return result

    (folder / "other").mkdir(exist_ok=True)
    return read_table(write_results(result, folder / "other" / name, overwrite=True))


def rich_orders() -> pd.DataFrame:
    """Return orders with cells of many kinds, most of which some file spells differently."""
    return six_orders().assign(
        **{
            "objects.order.total": [7.0, 8.5, 0.1 + 0.2, np.nan, 0.0, 1e15],
            "objects.order.code": [f"{number:07d}" for number in range(417, 423)],
            "objects.order.id": [123456789012345678 + number for number in range(6)],
            "objects.order.day": [
                pd.Timestamp("2026-12-01"),
                pd.Timestamp("2026-12-02 10:30"),
                *[None] * 4,
            ],
            "objects.order.list": [["a", 1], [], [{"x": None}], None, ["x"], [1.5]],
            "objects.order.text": ["a\r\nb", " x ", "", None, "NaN", "äß€😀"],
            "objects.order.flag": [True, False, None, True, None, False],
        }
    )


@pytest.mark.parametrize("remembered", ["none", "default", "named", "another"])
@pytest.mark.parametrize("name", FILES)
def test_an_unchanged_result_sends_nothing(api, journal, tmp_path, name, remembered) -> None:
    """Without a question: with or without a journal, from another folder, through any file."""
    settings = {
        "none": {"journal": False},
        "default": {},
        "named": {"journal": tmp_path / "named.db"},
        "another": {},
    }[remembered]
    api.fail("500_after", when=lambda body: body["objects"]["order"]["number"] == "00002")
    result = run(rich_orders(), api, **settings)
    if remembered == "another":
        settings = {"journal": tmp_path / "another.db"}

    second = run(through(result, tmp_path, name), api, **settings)

    assert ran_once(api, 6)
    assert statuses(second) == statuses(result) == ["ok", "ok", "unknown", "ok", "ok", "ok"]
    assert second["run.recalled"].all()
    assert second[STATE].fillna("").tolist() == result[STATE].fillna("").tolist()
    third = run(through(second, tmp_path, name), api, **settings)
    assert third["run.recalled"].all()
    assert ran_once(api, 6)


@pytest.mark.parametrize("name", FILES)
def test_what_a_server_spells_differently_is_recognised(api, tmp_path, name) -> None:
    """-0.0 for 0, a list, an integer of 18 digits: the finished row is not sent again."""

    def answer(objects: dict) -> None:
        objects["order"].update(balance=-0.0, big=123456789012345678, list=[1, "x", {"a": 2}])

    api.add_workflow(EVENT, answer)
    table = orders(3).assign(**{"objects.order.balance": 0})
    result = run(table, api, journal=tmp_path / "j.db")

    again = run(through(result, tmp_path, name), api, journal=tmp_path / "j.db")
    assert again["run.recalled"].all()
    again = run(cells(through(result, tmp_path, name)), api, journal=tmp_path / "j.db")
    assert again["run.recalled"].all()
    assert ran_once(api, 3)


def test_two_days_concatenated_ask_and_run_no_order_twice(api) -> None:
    """Tuesday's result contains monday's rows: they are copies."""
    monday = run(six_orders(), api)
    new = orders(9).tail(3).reset_index(drop=True)
    tuesday = run(pd.concat([monday, new], ignore_index=True), api)
    assert ran_once(api, 9)

    both = pd.concat([monday, tuesday], ignore_index=True)
    with asks(api) as caught:
        run(both, api)
    assert len(caught.value.rows) == 6

    result = run(both, api, resend="never")
    assert statuses(result) == ["ok"] * 15
    assert ran_once(api, 9)


def test_two_days_of_one_named_journal_concatenated_ask(api, tmp_path) -> None:
    """Monday's rows on tuesday are recalled with monday's fingerprint, so they are copies."""
    table = orders(9)
    monday = run(table.head(6), api, journal=tmp_path / "j.db")
    tuesday = run(table, api, journal=tmp_path / "j.db")

    with asks(api) as caught:
        run(pd.concat([monday, tuesday], ignore_index=True), api)
    assert len(caught.value.rows) == 6
    assert ran_once(api, 9)


@pytest.mark.parametrize("remembered", [False, None])
def test_a_copy_that_was_edited_and_sorted_above_its_original_is_new(
    api, journal, remembered
) -> None:
    """The original is recalled, whichever of them is first."""
    result = run(six_orders(), api, journal=remembered)
    copy = result.iloc[[2]].assign(**{NUMBER: "new"})
    table = pd.concat([copy, result], ignore_index=True)

    again = run(table, api, journal=remembered)

    assert ran_once(api, 7)
    assert again["run.recalled"].tolist() == [False] + [True] * 6
    assert run(again, api, journal=remembered)["run.recalled"].all()


@pytest.mark.parametrize("remembered", [False, None])
def test_a_sort_that_left_run_columns_behind_sends_nothing(api, journal, remembered) -> None:
    """The fingerprints still fit the rows' contents."""
    result = run(six_orders(), api, journal=remembered)
    names = cells(result).columns
    result[names] = result[names].iloc[::-1].to_numpy()

    again = run(result, api, journal=remembered)

    assert ran_once(api, 6)
    assert again["run.recalled"].all()
    assert statuses(again) == ["ok"] * 6
    assert run(again, api, journal=remembered)["run.recalled"].all()


def test_a_sort_that_left_run_columns_behind_keeps_each_rows_status(api) -> None:
    """The rejected row is sent, and the row next to its cells is not."""
    reject_first(api, "00001")
    result = run(six_orders().drop(columns=COUNTRY), api)
    result[NUMBER] = result[NUMBER].to_numpy()[::-1]

    again = run(result, api)

    assert statuses(again) == ["ok"] * 6
    assert ran_once(api, 6)


@pytest.mark.parametrize("remembered", [False, None])
def test_of_two_equal_rows_the_rejected_one_is_sent_once(api, journal, remembered) -> None:
    """It does not take the `ok` of the other one, which is not sent again."""
    table = pd.concat([orders(1).assign(**{COUNTRY: "CA"})] * 2, ignore_index=True)
    for first in (True, False):
        runs = len(api.runs)
        api.fail(400, after=0 if first else 1)
        occasion = str(first)
        result = run(table, api, journal=remembered, max_in_flight=1, occasion=occasion)
        assert sorted(statuses(result)) == ["ok", "rejected"]

        again = run(result, api, journal=remembered, occasion=occasion)

        assert statuses(again) == ["ok", "ok"]
        assert len(api.runs) == runs + 2


@pytest.mark.parametrize("changes", [False, True])
@pytest.mark.parametrize("remembered", [False, None])
def test_an_equal_row_appended_to_a_result_is_sent_once(api, journal, remembered, changes) -> None:
    """Also if its equal is rejected, or was changed by the workflow."""
    table = six_orders() if changes else six_orders().drop(columns=COUNTRY)
    result = run(table, api, journal=remembered)
    longer = pd.concat([result, table.iloc[[1]]], ignore_index=True)

    again = run(longer, api, journal=remembered)

    assert len(api.runs) == 7
    assert ran_numbers(api).count("00001") == 2
    assert statuses(again) == ["ok"] * 7
    assert run(again, api, journal=remembered)["run.recalled"].all()
    assert len(api.runs) == 7


def test_todays_equal_row_runs_once_next_to_yesterdays_rejected_one(api, journal) -> None:
    """Two rows are meant, and two run."""
    reject_first(api, "00001")
    result = run(six_orders(), api)
    longer = pd.concat([six_orders().iloc[[1]], result], ignore_index=True)

    again = run(longer, api)

    assert statuses(again) == ["ok"] * 7
    assert ran_numbers(api).count("00001") == 2
    assert len(api.runs) == 7


def test_copies_ask_for_another_occasion_too(api) -> None:
    """Two days concatenated run no order twice on the third."""
    monday = run(six_orders().drop(columns=COUNTRY), api, occasion="monday")
    both = pd.concat([monday, monday], ignore_index=True)

    with asks(api):
        run(both, api, occasion="tuesday")


@pytest.mark.parametrize("remembered", [False, None])
def test_a_row_left_on_monday_and_sent_on_tuesday_is_not_sent_again(
    api, journal, remembered
) -> None:
    """Both days' results concatenated: the row is in the table twice, once ok."""
    monday = run(six_orders(), api, limit=4, journal=remembered)
    tuesday = run(monday, api, journal=remembered)
    assert ran_once(api, 6)

    with asks(api):
        run(pd.concat([monday.tail(2), tuesday], ignore_index=True), api, journal=remembered)


def test_a_fingerprint_next_to_an_invalid_row_is_not_lost(api) -> None:
    """A sort that left run.* behind: the fingerprint of a row that ran is at an invalid row now."""
    table = orders(3).assign(**{"params.sourceId": [1, 1, "x"]})
    result = run(table, api)
    names = cells(result).columns
    result[names] = result[names].iloc[::-1].to_numpy()

    again = run(result, api)
    assert ran_once(api, 2)
    assert statuses(again) == ["invalid", "ok", "ok"]


@pytest.mark.parametrize("remembered", [False, None])
def test_a_copy_of_a_row_with_the_same_content_asks(api, journal, remembered) -> None:
    """A second row with the same fingerprint and content is named; `all` sends every row."""
    result = run(six_orders(), api, journal=remembered)
    table = pd.concat([result, result.iloc[[4]]], ignore_index=True)

    with asks(api) as caught:
        run(table, api, journal=remembered)
    assert caught.value.rows in ([6], [4], [4, 6])

    again = run(table, api, journal=remembered, resend="never")
    assert statuses(again) == ["ok"] * 7
    assert ran_once(api, 6)
    run(table, api, journal=remembered, resend="all")
    assert len(api.runs) == 13


@pytest.mark.parametrize("after", [None, 2])
def test_rows_that_are_not_done_are_sent_edited_or_not(api, journal, after) -> None:
    """Rejected, not_sent and invalid rows, unchanged or corrected."""
    reject_first(api, "00001")
    table = six_orders().assign(**{"params.sourceId": [12, 12, "x", 12, 12, 12]})
    result = run(table, api, limit=4)
    assert statuses(result) == ["ok", "rejected", "invalid", "ok", "ok", "not_sent"]
    result.loc[2, "params.sourceId"] = 12
    result.loc[5, NUMBER] = "edited"

    assert statuses(run(result, api)) == ["ok"] * 6
    assert ran_once(api, 6)
    with asks(api, 1, 2, 5):
        run(result, api)


def test_a_person_who_looked_settles_an_unknown_row(api, journal) -> None:
    """`ok` is recalled, `not_sent` is sent; both are recorded."""
    api.fail("500_after", when=lambda body: body["objects"]["order"]["number"] == "00001")
    api.fail(500, when=lambda body: body["objects"]["order"]["number"] == "00004")
    result = run(six_orders(), api)
    assert statuses(result) == ["ok", "unknown", "ok", "ok", "unknown", "ok"]
    result.loc[1, "run.status"] = "ok"
    result.loc[4, "run.status"] = "not_sent"

    again = run(result, api)

    assert statuses(again) == ["ok"] * 6
    assert again["run.recalled"].tolist() == [True] * 4 + [False, True]
    assert ran_once(api, 6)
    assert statuses(run(six_orders(), api, resend="never")) == ["ok"] * 6
    assert run(again, api)["run.recalled"].all()
    assert ran_once(api, 6)


def test_a_status_without_a_fingerprint_asks(api, journal) -> None:
    """Nobody can say which sending it is of."""
    result = run(six_orders(), api, journal=False)
    table = result.drop(columns="run.fingerprint")

    for remembered in (False, None):
        with asks(api, *range(6)):
            run(table, api, journal=remembered)
    assert statuses(run(table, api, journal=False, resend="never")) == ["ok"] * 6
    assert ran_once(api, 6)


@pytest.mark.parametrize("change", [lambda text: text[:-1], lambda text: "x" + text, lambda _: "1"])
def test_a_damaged_fingerprint_is_an_error_that_names_its_row(api, change) -> None:
    """Before anything is sent."""
    result = run(six_orders(), api)
    result.loc[3, "run.fingerprint"] = change(result.loc[3, "run.fingerprint"])

    with pytest.raises(TableError, match=r"row 3.*run\.fingerprint"):
        run(result, api)
    assert len(api.arrivals) == 6


def test_fingerprints_are_hidden_in_a_workbook_and_are_texts(api, tmp_path) -> None:
    """A letter first, at least 80 random bits, and not the token."""
    openpyxl = pytest.importorskip("openpyxl")
    result = run(six_orders(), api)
    path = write_results(result, tmp_path / "out.xlsx")

    sheet = openpyxl.load_workbook(path).worksheets[0]
    names = {cell.value: cell for cell in sheet[1]}
    column = names["run.fingerprint"].column_letter
    assert sheet.column_dimensions[column].hidden
    fingerprints = result["run.fingerprint"]
    assert fingerprints.is_unique
    assert fingerprints.str.match(r"[A-Za-z][A-Za-z0-9/.~_-]{20,}$").all()
    assert TOKEN not in fingerprints.str.cat()


def test_a_result_that_is_renamed_or_copied_sends_nothing(api, journal, tmp_path) -> None:
    """Path and name play no part."""
    path = write_results(run(six_orders(), api), tmp_path / "orders.done.csv")
    shutil.copy(path, tmp_path / "fixed.csv")
    (tmp_path / "a").mkdir()
    shutil.move(path, tmp_path / "a" / "orders.done.csv")
    (tmp_path / "a").rename(tmp_path / "b")

    for copy in (tmp_path / "fixed.csv", tmp_path / "b" / "orders.done.csv"):
        assert run(copy, api)["run.recalled"].all()
        assert run(copy, api, journal=False)["run.recalled"].all()
    assert ran_once(api, 6)


def test_an_iterator_of_tables_is_one_table(api, tmp_path) -> None:
    """Equal rows of its chunks all run; a chunk at a time, the journal recalls them and says so."""
    chunks = [orders(3), orders(3), orders(2)]
    result = run(iter(chunks), api, journal=tmp_path / "j.db")
    assert statuses(result) == ["ok"] * 8
    assert len(api.runs) == 8
    assert run(iter(chunks), api, journal=tmp_path / "j.db")["run.recalled"].all()

    runs = len(api.runs)
    results = [run(chunk, api, journal=tmp_path / "k.db") for chunk in chunks]
    assert len(api.runs) == runs + 3
    assert [result["run.recalled"].sum() for result in results] == [0, 3, 2]


def test_the_result_of_a_killed_and_resumed_run_sends_nothing(api, journal) -> None:
    """Its rows have the fingerprints of two runs."""
    killed_run(six_orders(), api, after=4)
    result = run(six_orders(), api)

    for remembered in (None, False):
        assert run(result, api, journal=remembered)["run.recalled"].all()
    assert ran_once(api, 6)


def test_bodies_are_what_was_meant(api) -> None:
    """A result handed in sends its own cells, and no `run.*` cell."""
    reject_first(api, "00001")
    api.add_workflow(EVENT, hold_international)
    run(run(six_orders(), api), api)

    sent = [json.dumps(arrival.body) for arrival in api.arrivals]
    assert sum('"00001"' in body for body in sent) == 2
    assert not any("run." in body or "fingerprint" in body for body in sent)
