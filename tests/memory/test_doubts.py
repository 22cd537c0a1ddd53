"""What can be meant in two ways is asked: rows that were edited, or sent in another way."""

import re

import pandas as pd
import pytest

from flxframe import read_table, write_results
from tests.conftest import finish, orders, run, start
from tests.memory.conftest import (
    COUNTRY,
    EVENT,
    NUMBER,
    asks,
    ran_numbers,
    ran_once,
    six_orders,
    statuses,
)


@pytest.fixture(params=["default", "none"])
def memory(request, journal) -> dict:
    """The settings of a run with the default journal, or without one."""
    return {} if request.param == "default" else {"journal": False}


def test_an_edited_row_asks_and_is_sent_once_on_request(api, memory) -> None:
    """`edited` sends it and recalls the others; `never` leaves it."""
    result = run(six_orders(), api, **memory)
    result.loc[2, NUMBER] = "edited"

    with asks(api, 2) as caught:
        run(result, api, **memory)
    assert {'resend="edited"', 'resend="never"'} <= caught.value.answers.keys()
    run(result, api, resend="never", **memory)
    assert len(api.runs) == 6

    sent = run(result, api, resend="edited", **memory)
    assert statuses(sent) == ["ok"] * 6
    assert ran_numbers(api) == sorted([f"{number:05d}" for number in range(6)] + ["edited"])
    assert run(sent, api, **memory)["run.recalled"].all()
    assert len(api.runs) == 7


def test_an_edited_row_of_a_named_journal_asks(api, tmp_path) -> None:
    """A named journal answers for equal rows, not for edited ones."""
    result = run(six_orders(), api, journal=tmp_path / "j.db")
    result.loc[2, NUMBER] = "edited"

    with asks(api, 2):
        run(result, api, journal=tmp_path / "j.db")


def test_an_edited_row_is_sent_once_however_often_the_call_is_repeated(api, journal) -> None:
    """`edited` again recalls what `edited` has sent."""
    result = run(six_orders(), api)
    result.loc[2, NUMBER] = "edited"

    for _ in range(3):
        run(result, api, resend="edited")
    assert len(api.runs) == 7


def test_lost_zeros_ask_and_name_the_column(api, journal, tmp_path) -> None:
    """A .csv saved by a spreadsheet: 0000417 became 417 in each row."""
    result = run(orders(26), api)
    result[NUMBER] = result[NUMBER].astype(int)

    with asks(api, *range(26)) as caught:
        run(result, api)
    message = str(caught.value)
    assert "number" in message
    assert "26 of 26 rows differ" in message
    assert ran_once(api, 26)


@pytest.mark.parametrize(
    "drift",
    [
        lambda column: column.astype(float) + 0.5,
        lambda column: pd.to_datetime(column.astype(str)),
        lambda column: column.astype(str),
    ],
)
def test_a_drifted_dtype_asks_and_names_the_column(api, journal, drift) -> None:
    """`to_datetime`, `astype`: the cells are not what was sent."""
    result = run(orders(4).assign(**{"objects.order.day": [20260101, 2, 3, 4]}).head(1), api)
    result["objects.order.day"] = drift(result["objects.order.day"])

    with asks(api, 0) as caught:
        run(result, api)
    assert "day" in str(caught.value)


def test_an_integer_column_that_concat_made_float_is_recognised(api, memory) -> None:
    """Blanks next to integers make a column float; the values are the same."""
    table = orders(3).assign(**{"objects.order.n": [1, 2, 3]})
    result = run(table, api, **memory)
    longer = pd.concat([result, orders(4).tail(1)], ignore_index=True)
    assert longer["objects.order.n"].dtype == float

    again = run(longer, api, **memory)
    assert again["run.recalled"].tolist() == [True] * 3 + [False]
    assert ran_once(api, 4)


def test_an_integer_of_31_digits_that_was_corrected_asks(api, memory) -> None:
    """10**30 + 1 is not 10**30 + 2, whatever a float would say."""
    table = orders(1).assign(**{"objects.order.n": [10**30 + 1]})
    result = run(table.astype({"objects.order.n": object}), api, **memory)
    result["objects.order.n"] = pd.Series([10**30 + 2], dtype=object)

    with asks(api, 0):
        run(result, api, **memory)


def test_tags_after_none_ask(api, memory) -> None:
    """An empty list is a value."""
    result = run(orders(2), api, **memory)

    with asks(api, 0, 1):
        run(result.assign(**{"objects.order.tags": [[], []]}), api, **memory)


def test_a_column_added_under_an_object_handle_asks(api, memory) -> None:
    """It would be part of the content; `columns` keeps it out."""
    table = pd.DataFrame({"eventHandle": EVENT, "number": ["1", "2"]})
    result = run(table, api, object_handle="order", **memory)
    result["margin"] = [0.1, 0.2]

    with asks(api, 0, 1):
        run(result, api, object_handle="order", **memory)
    again = run(result, api, object_handle="order", columns={"margin": None}, **memory)
    assert statuses(again) == ["ok"] * 2
    assert ran_once(api, 2)


@pytest.mark.parametrize(
    ("how", "other", "name"),
    [
        ({"event_handle": EVENT}, {"event_handle": "product_update"}, "event_handle"),
        ({"columns": {"Country": COUNTRY}}, {}, "columns"),
        ({"object_handle": "order"}, {"object_handle": "return"}, "object_handle"),
        ({"params": {"source": 1}}, {"params": {"source": 2}}, "params"),
        ({}, {"params": {"source": 2}}, "params"),
        ({}, {"blanks": "null"}, "blanks"),
        ({"blanks": "null"}, {}, "blanks"),
        ({}, {"draft": True}, None),
    ],
)
def test_the_same_cells_under_other_options_ask_and_name_the_option(
    api, memory, tmp_path, how, other, name
) -> None:
    """A mailed workbook is run without the sender's options."""
    table = pd.DataFrame(
        {"Country": ["US", "US"], NUMBER: ["1", "2"], "objects.order.note": ["x", None]}
    )
    how = {"event_handle": EVENT, **how}
    result = run(table, api, **how, **memory)
    mailed = write_results(result, tmp_path / "mailed.xlsx")
    other = {"event_handle": EVENT, **other}

    if name is None:
        run(mailed, api, **other, **memory)
        assert len(api.runs) == 4, "a draft is run on purpose"
        return

    with asks(api) as caught:
        run(mailed, api, **other, **memory)
    assert name in str(caught.value)
    assert run(mailed, api, **how, **memory)["run.recalled"].all()
    assert len(api.runs) == 2
    assert statuses(run(mailed, api, resend="never", **other, **memory)) == ["ok"] * 2
    assert len(api.runs) == 2


def test_a_mailed_workbook_without_its_event_is_not_sent(api, memory, tmp_path) -> None:
    """Without `--event-handle`, its finished rows are asked about, not called invalid."""
    table = orders(2).drop(columns="eventHandle")
    result = run(table, api, event_handle=EVENT, **memory)
    mailed = write_results(result, tmp_path / "mailed.xlsx")

    with asks(api, 0, 1) as caught:
        run(mailed, api, **memory)
    assert "event_handle" in str(caught.value)


def test_blanks_as_null_are_never_called_sent(api, tmp_path) -> None:
    """The same table with other blanks, and a named journal: sent or asked, but not recalled."""
    table = orders(2).assign(**{"objects.order.note": ["x", None]})
    run(table, api, journal=tmp_path / "j.db")

    with asks(api, 1):
        run(table, api, journal=tmp_path / "j.db", blanks="null")
    assert ran_once(api, 2)


def test_the_shell_asks_with_status_4_and_takes_the_answers(api, journal, tmp_path) -> None:
    """Nothing is sent until `--resend` answers; `mailed.xlsx` whose rows say ok sends nothing."""
    table = write_results(six_orders(), tmp_path / "orders.csv")
    variables = {"FLXFRAME_JOURNAL": str(journal)}
    output = ("--rate", 100, "--force", "-o")

    def shell(*arguments: object) -> tuple[int, str]:
        return finish(start(api, "run", *arguments, **variables))

    assert shell(table, *output, tmp_path / "a.xlsx")[0] == 0
    status, text = shell(table, *output, tmp_path / "b.xlsx")
    assert status == 4, text
    assert "--resend" in text
    assert ran_once(api, 6)

    status, text = shell(tmp_path / "a.xlsx", *output, tmp_path / "c.xlsx")
    assert status == 0, text
    assert re.search("[Nn]othing (was sent|to send)", text), text
    status, text = shell(table, "--resend", "never", *output, tmp_path / "d.xlsx")
    assert status == 0, text
    assert ran_once(api, 6)
    assert statuses(read_table(tmp_path / "d.xlsx")) == ["ok"] * 6

    status, text = shell(table, "--occasion", "today", *output, tmp_path / "e.xlsx")
    assert status == 0, text
    assert len(api.runs) == 12
    status, text = shell(table, "--resend", "all", *output, tmp_path / "f.xlsx")
    assert status == 0, text
    assert len(api.runs) == 18


def test_the_message_tells_what_when_and_the_answers(api, journal) -> None:
    """Two lines: what was sent when and where to, and the arguments that are likely meant."""
    run(six_orders(), api)
    with asks(api, *range(6)) as caught:
        run(six_orders(), api)

    first, second = str(caught.value).splitlines()
    assert "6 rows" in first
    assert api.url in first
    assert "20" in first, "when"
    assert 'resend="never"' in second
    assert api.token not in str(caught.value)


def test_a_preview_asks_what_a_run_asks(api, journal) -> None:
    """It refuses what the run refuses, and otherwise tells rows to send and recalled apart."""
    from flxframe import preview

    settings = {"token": api.token, "base_url": api.url}
    result = run(six_orders(), api)
    asked = preview(six_orders(), **settings)
    assert asked.question.rows == list(range(6))
    assert "6 rows" in repr(asked)

    longer = pd.concat([result, orders(8).tail(2)], ignore_index=True)
    text = repr(preview(longer, **settings))
    assert "2 rows" in text
    assert "6" in text
