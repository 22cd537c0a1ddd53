"""The same table again: after a run that ended, and after one that did not."""

import pandas as pd
import pytest

from flxframe.exceptions import SettingError
from tests.conftest import orders, run
from tests.memory.conftest import (
    COUNTRY,
    STATE,
    asks,
    cells,
    interrupted_run,
    killed_run,
    ran,
    ran_numbers,
    ran_once,
    reject_first,
    six_orders,
    statuses,
)


def test_the_same_table_again_asks_and_each_answer_is_obeyed(api, journal) -> None:
    """`never` sends nothing, `all` sends everything again, an occasion once more."""
    run(six_orders(), api)
    with asks(api, *range(6)) as caught:
        run(six_orders(), api)
    assert "6 rows" in str(caught.value)
    assert {'resend="never"', 'resend="all"'} <= caught.value.answers.keys()

    recalled = run(six_orders(), api, resend="never")
    assert ran_once(api, 6)
    assert statuses(recalled) == ["ok"] * 6
    assert recalled["run.recalled"].all()
    assert recalled[STATE].fillna("").tolist() == ["", "Hold", "", "Hold", "", ""]

    sent = run(six_orders(), api, resend="all")
    assert set(ran(api).values()) == {2}
    assert not sent["run.recalled"].any()


def test_the_same_table_again_with_a_named_journal_is_recalled(api, tmp_path) -> None:
    """A journal that is named is the answer."""
    first = run(six_orders(), api, journal=tmp_path / "j.db")
    second = run(six_orders(), api, journal=tmp_path / "j.db")

    assert ran_once(api, 6)
    pd.testing.assert_frame_equal(
        first.drop(columns="run.recalled"), second.drop(columns="run.recalled")
    )
    assert second["run.recalled"].all()


def test_a_journal_that_is_the_default_asks_and_is_recalled_once_it_is_named(api, journal) -> None:
    """FLXFRAME_JOURNAL is the default's place, not a naming."""
    run(six_orders(), api)

    assert statuses(run(six_orders(), api, journal=journal)) == ["ok"] * 6
    assert ran_once(api, 6)


def test_without_a_journal_a_table_is_sent_again(api, journal) -> None:
    """Nothing remembers its rows."""
    run(six_orders(), api, journal=False)
    run(six_orders(), api, journal=False)

    assert set(ran(api).values()) == {2}
    assert not journal.exists()


@pytest.mark.parametrize("named", [False, True])
@pytest.mark.parametrize("stop", [killed_run, interrupted_run])
def test_a_table_whose_run_was_stopped_is_resumed_without_a_question(
    api, journal, stop, named
) -> None:
    """The row in flight when the run was killed is unknown; it is not sent again."""
    settings = {"journal": journal} if named else {}
    stop(six_orders(), api, after=3, **settings)
    assert len(api.runs) == 3

    result = run(six_orders(), api, **settings)

    assert ran_once(api, 6)
    unknown = ["unknown"] if stop is killed_run else ["ok"]
    assert statuses(result) == ["ok", "ok", *unknown, "ok", "ok", "ok"]


def test_a_table_with_a_limit_is_sent_a_part_at_a_time(api, journal) -> None:
    """The same call goes on, and asks once all rows have gone."""
    first = run(six_orders(), api, limit=4)
    assert statuses(first) == ["ok"] * 4 + ["not_sent"] * 2

    second = run(six_orders(), api, limit=4)
    assert statuses(second) == ["ok"] * 6
    assert ran_once(api, 6)
    with asks(api, *range(6)):
        run(six_orders(), api, limit=4)


def test_a_run_that_was_killed_and_then_resumed_has_ended(api, journal) -> None:
    """The third call repeats a finished run, so it asks."""
    killed_run(six_orders(), api, after=3)
    run(six_orders(), api)

    with asks(api, *range(6)):
        run(six_orders(), api)
    assert ran_once(api, 6)


def test_all_cannot_be_combined_with_a_limit(api, journal) -> None:
    """The next call would start again with the same rows."""
    with pytest.raises(SettingError, match=r"limit="):
        run(six_orders(), api, resend="all", limit=3)


def test_a_daily_row_runs_once_for_each_occasion(api, journal) -> None:
    """Without an occasion, it asks from the second day on."""
    trigger = orders(1)
    for day in range(1, 6):
        run(trigger, api, occasion=f"2026-12-0{day}")
    assert len(api.runs) == 5

    with asks(api, 0):
        run(trigger, api, occasion="2026-12-05")
    run(trigger, api)
    assert len(api.runs) == 6
    with asks(api, 0):
        run(trigger, api)
    assert len(api.runs) == 6


def test_an_occasion_that_was_killed_is_resumed(api, journal) -> None:
    """Still once a day, for each row."""
    run(six_orders(), api, occasion="monday")
    killed_run(six_orders(), api, after=2, occasion="tuesday")
    result = run(six_orders(), api, occasion="tuesday")

    assert set(ran(api).values()) == {2}
    assert sorted(statuses(result)) == ["ok"] * 5 + ["unknown"]


def test_the_result_of_one_occasion_is_sent_again_for_another(api, journal) -> None:
    """What is meant to happen again is part of the identity."""
    table = six_orders().drop(columns=COUNTRY)
    monday = run(table, api, occasion="monday")

    run(monday, api, occasion="tuesday")
    assert set(ran(api).values()) == {2}
    run(monday, api, occasion="monday")
    assert set(ran(api).values()) == {2}


@pytest.mark.parametrize("named", [False, True])
def test_a_corrected_row_is_sent_once_however_often_the_call_is_repeated(
    api, journal, named
) -> None:
    """The second call recalls it by the content that was sent; it asks, as its run has ended."""
    settings = {"journal": journal} if named else {}
    reject_first(api, "00003")
    result = run(six_orders(), api, **settings)
    assert statuses(result)[3] == "rejected"
    result.loc[3, "objects.order.number"] = "corrected"

    corrected = run(result, api, **settings)
    assert statuses(corrected) == ["ok"] * 6

    if named:
        assert statuses(run(result, api, **settings)) == ["ok"] * 6
    else:
        with asks(api, 3):
            run(result, api)
    assert ran_once(api, 6)
    assert ran_numbers(api) == ["00000", "00001", "00002", "00004", "00005", "corrected"]


def test_a_rejected_row_is_sent_once_when_its_result_is_handed_in_twice(api, journal) -> None:
    """As it is, without a correction: the server's mind changed."""
    reject_first(api, "00003")
    result = run(six_orders(), api)

    run(result, api)
    assert ran_once(api, 6)
    with asks(api, 3):
        run(result, api)


def test_a_draft_is_run_again_on_purpose_and_resumed_after_a_kill(api, journal) -> None:
    """It never asks and never recalls from a run that has ended."""
    run(six_orders(), api, draft=True)
    run(six_orders(), api, draft=True)
    assert set(ran(api).values()) == {2}

    killed_run(six_orders(), api, after=3, draft=True)
    run(six_orders(), api, draft=True)
    assert set(ran(api).values()) == {3}
    run(six_orders(), api)
    assert len(api.runs) == 24


def test_a_draft_result_is_run_again(api, tmp_path) -> None:
    """With its fingerprints, and with a named journal too."""
    table = six_orders().drop(columns=COUNTRY)
    result = run(table, api, draft=True, journal=tmp_path / "j.db")
    run(result, api, draft=True, journal=tmp_path / "j.db")

    assert set(ran(api).values()) == {2}


def test_a_draft_that_was_stopped_does_not_forget_that_rows_ran(api, tmp_path) -> None:
    """The rows that it left are still those that ran: because of its result they are not sent."""
    result = run(six_orders().drop(columns=COUNTRY), api)
    draft = run(result, api, draft=True, limit=2)
    runs = len(api.runs)

    left = draft[draft["run.status"] == "not_sent"]
    with asks(api):
        run(left, api)
    assert len(api.runs) == runs


def test_a_new_row_equal_to_a_deleted_rows_result_asks(api, journal) -> None:
    """It equals what a run left behind; with a named journal it is recalled, and says so."""
    result = run(six_orders(), api)
    new = cells(result).iloc[[1]]
    table = pd.concat([result.drop(index=1), new], ignore_index=True)

    with asks(api, 5):
        run(table, api)
    named = run(table, api, journal=journal)
    assert ran_once(api, 6)
    assert named["run.recalled"].all()


def test_the_result_without_its_run_columns_asks(api, journal) -> None:
    """`result[cols]` is not marked any more, but the journal knows what it was left with."""
    result = run(six_orders(), api)

    with asks(api, *range(6)):
        run(cells(result), api)
    assert statuses(run(cells(result), api, resend="never")) == ["ok"] * 6
    assert ran_once(api, 6)


def test_other_content_without_a_fingerprint_is_new(api, tmp_path) -> None:
    """The journal compares exactly: a 31st digit, or an empty list, is another content."""
    first = orders(2).assign(**{"objects.order.n": [10**30 + 1, 1]})
    second = orders(2).assign(**{"objects.order.n": [10**30 + 2, 1]})
    third = first.assign(**{"objects.order.tags": [[], []]})
    for table, runs in ((first, 2), (second, 3), (third, 5)):
        result = run(table.astype({"objects.order.n": object}), api, journal=tmp_path / "j.db")
        assert statuses(result) == ["ok"] * 2
        assert ran_once(api, runs)
