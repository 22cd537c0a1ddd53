"""What is next to a row is its own, also where the row can't be sent, or was not reached."""

import pandas as pd
import pytest

from flxframe import StoppedWarning
from tests.conftest import SECOND_TOKEN, orders, run
from tests.memory.conftest import (
    NUMBER,
    STATE,
    asks,
    cells,
    ran_numbers,
    ran_once,
    reject_first,
    six_orders,
    statuses,
)


def stopped(table: pd.DataFrame, api, **settings) -> pd.DataFrame:
    """Run a table that stops before its first row."""
    with pytest.warns(StoppedWarning):
        return run(table, api, max_minutes=1e-9, **settings)


def joined(*tables: pd.DataFrame) -> pd.DataFrame:
    """Return tables one below the other."""
    return pd.concat(tables, ignore_index=True)


def test_a_mailed_workbook_without_its_event_asks(api) -> None:
    """Its rows can't be sent now, but they were."""
    table = six_orders().drop(columns="eventHandle")
    result = run(table, api, event_handle="order_import")

    with asks(api, *range(6)) as caught:
        run(result, api)
    assert "event_handle" in str(caught.value)

    again = run(result, api, resend="never")
    assert statuses(again) == ["ok"] * 6
    assert again["run.fingerprint"].tolist() == result["run.fingerprint"].tolist()
    assert ran_once(api, 6)


def test_a_row_that_was_edited_so_that_it_is_invalid_asks(api) -> None:
    """With resend="edited" it is invalid, and the memory of it stays."""
    result = run(six_orders(), api)
    edited = result.copy()
    edited.loc[2, "eventHandle"] = None

    with asks(api, 2):
        run(edited, api)
    again = run(edited, api, resend="edited")
    assert statuses(again) == ["ok"] * 2 + ["invalid"] + ["ok"] * 3

    again.loc[2, "eventHandle"] = "order_import"
    with asks(api, 2):
        run(again, api)
    assert ran_once(api, 6)


def test_a_row_that_never_ran_is_invalid_without_a_question(api) -> None:
    """Whatever it was before."""
    reject_first(api, "00002")
    result = run(six_orders(), api)
    result.loc[2, "eventHandle"] = None
    assert statuses(run(result, api)) == ["ok"] * 2 + ["invalid"] + ["ok"] * 3


def test_a_fingerprint_that_a_sort_left_next_to_an_invalid_row_counts(api) -> None:
    """The row that it belongs to is recalled; the other one is invalid, as it was."""
    table = six_orders()
    table.loc[5, "eventHandle"] = None
    result = run(table, api)

    data = [name for name in result.columns if not name.startswith("run.")]
    mixed = result.copy()
    mixed[data] = result[data].iloc[::-1].to_numpy()
    again = run(mixed, api)
    assert statuses(again) == ["invalid"] + ["ok"] * 5
    assert ran_once(api, 5)


@pytest.mark.parametrize("named", [False, True])
def test_rows_with_blanks_that_are_sent_in_another_way_are_never_recalled(
    api, tmp_path, named
) -> None:
    """What was sent without the blank is another order than one with a null."""
    journal = {"journal": tmp_path / "j.db"} if named else {}
    table = orders(6).assign(**{"objects.order.note": ["a", None] * 3})
    result = run(table, api, **journal)

    with asks(api, 1, 3, 5):
        run(result, api, blanks="null", **journal)
    if named:
        with asks(api):
            run(cells(result), api, blanks="null", **journal)
        with asks(api):
            run(table, api, blanks="null", **journal)

    run(result, api, blanks="null", resend="edited", **journal)
    assert len(api.runs) == 9


def test_a_stopped_draft_keeps_the_marks_of_the_live_run(api) -> None:
    """What ran live is recalled afterwards."""
    live = run(six_orders(), api)
    draft = stopped(live, api, draft=True)
    assert statuses(draft) == ["not_sent"] * 6
    assert draft["run.fingerprint"].tolist() == live["run.fingerprint"].tolist()

    run(draft, api, draft=True)
    assert len(api.runs) == 12
    with asks(api, *range(6)):
        run(draft, api)
    assert statuses(run(draft, api, resend="never")) == ["not_sent"] * 6


def test_mondays_rest_was_sent_on_tuesday_and_is_a_copy(api) -> None:
    """Without any journal: the sending of a row keeps the id of its fingerprint."""
    monday = run(six_orders(), api, limit=3)
    tuesday = run(monday, api)
    assert ran_once(api, 6)

    both = joined(monday, tuesday)
    with asks(api):
        run(both, api)
    run(both, api, resend="never")
    assert ran_once(api, 6)


def test_a_row_that_was_rejected_on_monday_and_sent_on_tuesday_is_a_copy(api) -> None:
    """Also where the workflow changed it, or the user corrected it."""
    reject_first(api, "00001")
    monday = run(six_orders(), api)
    corrected = monday.copy()
    corrected.loc[1, NUMBER] = "00001-corrected"
    tuesday = run(corrected, api)
    assert tuesday.loc[1, STATE] == "Hold"

    for first in (monday, corrected):
        with asks(api) as caught:
            run(joined(first, tuesday), api)
        assert 1 in caught.value.rows
    assert ran_once(api, 6)


def test_copies_are_asked_about_on_another_occasion_too(api) -> None:
    """Each order is meant once for each occasion."""
    monday = run(six_orders(), api, occasion="monday")
    with asks(api, 6):
        run(joined(monday, monday.head(1)), api, occasion="tuesday")

    run(joined(monday, monday.head(1)), api, occasion="tuesday", resend="never")
    assert len(api.runs) == 12


def test_rejected_rows_go_last_in_each_call_of_a_limited_run(api) -> None:
    """Handed in as the result, without a journal."""
    bad = {f"{number:05}" for number in range(5)}
    api.fail(400, 1000, when=lambda body: body["objects"]["order"]["number"] in bad)
    table = orders(20)
    for _ in range(4):
        table = run(table, api, limit=5)

    assert ran_numbers(api) == [f"{number:05}" for number in range(5, 20)]
    assert statuses(table)[5:] == ["ok"] * 15


def test_a_renewed_token_is_asked_about_once(api) -> None:
    """The result of the answered call has the new token's tag."""
    first = run(six_orders(), api)
    with asks(api, *range(6)):
        run(first, api, token=SECOND_TOKEN)
    second = run(first, api, token=SECOND_TOKEN, same_account=True)
    third = run(second, api, token=SECOND_TOKEN)

    assert third["run.recalled"].all()
    assert ran_once(api, 6)
    with asks(api):
        run(joined(first, third), api, token=SECOND_TOKEN, same_account=True)
