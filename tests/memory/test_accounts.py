"""Stores, tokens, accounts and places: where a row went is part of what it is."""

import pandas as pd
import pytest

from flxframe.sandbox import sandbox
from tests.conftest import SECOND_TOKEN, TOKEN, orders, run
from tests.memory.conftest import (
    COUNTRY,
    asks,
    cells,
    interrupted_run,
    killed_run,
    ran,
    ran_once,
    six_orders,
    statuses,
)

STORES = {"EU": TOKEN, "US": SECOND_TOKEN}


def store_settings(**tokens: str) -> dict:
    """Return the settings of a run with several tokens."""
    return {"token": tokens or STORES, "token_column": "Store"}


@pytest.mark.parametrize("named", [False, True])
def test_the_same_rows_for_two_stores_go_to_each_once(api, journal, named) -> None:
    """The row's own cell in the token column is part of its identity."""
    settings = {**store_settings(), **({"journal": journal} if named else {})}
    run(orders(5).assign(Store="EU"), api, **settings)
    result = run(orders(5).assign(Store="US"), api, **settings)

    assert statuses(result) == ["ok"] * 5
    tokens = [arrival.token for arrival in api.runs]
    assert tokens == [TOKEN] * 5 + [SECOND_TOKEN] * 5


def test_equal_rows_of_both_stores_in_one_table_go_to_each_once(api, journal) -> None:
    """And the same table, handed in as a result with the stores' rows sorted, sends nothing."""
    table = pd.concat([orders(2)] * 2).assign(Store=["US", "US", "EU", "EU"])
    result = run(table, api, **store_settings())
    again = run(result.iloc[::-1], api, **store_settings())

    assert again["run.recalled"].all()
    assert sorted(arrival.token for arrival in api.runs) == [TOKEN] * 2 + [SECOND_TOKEN] * 2


@pytest.mark.parametrize("stop", ["kill", "limit", "interrupt", "ended"])
def test_a_renewed_token_asks_and_same_account_goes_on(api, journal, stop) -> None:
    """True recalls what the old token sent, and the backfill goes on."""
    if stop == "kill":
        killed_run(six_orders(), api, after=3)
    elif stop == "interrupt":
        interrupted_run(six_orders(), api, after=3)
    else:
        run(six_orders(), api, **({"limit": 3} if stop == "limit" else {}))
    sent = len(api.runs)

    with asks(api, *range(sent)) as caught:
        run(six_orders(), api, token=SECOND_TOKEN)
    assert any("same_account" in answer for answer in caught.value.answers)
    assert TOKEN not in str(caught.value)
    assert SECOND_TOKEN not in str(caught.value)

    if stop == "ended":  # that the token is of the same account is not the only question
        with asks(api, *range(6)):
            run(six_orders(), api, token=SECOND_TOKEN, same_account=True)
        run(six_orders(), api, token=SECOND_TOKEN, same_account=True, resend="never")
    else:
        run(six_orders(), api, token=SECOND_TOKEN, same_account=True)
    assert ran_once(api, 6)


@pytest.mark.parametrize("named", [False, True])
def test_another_account_is_sent_everything(api, journal, named) -> None:
    """With a journal, named or not, by changing the token alone: asks; False sends."""
    settings = {"journal": journal} if named else {}
    run(six_orders(), api, **settings)
    with asks(api, *range(6)):
        run(six_orders(), api, token=SECOND_TOKEN, **settings)

    result = run(six_orders(), api, token=SECOND_TOKEN, same_account=False, **settings)
    assert statuses(result) == ["ok"] * 6
    assert [arrival.token for arrival in api.runs] == [TOKEN] * 6 + [SECOND_TOKEN] * 6


def test_another_account_by_the_environment_asks(api, journal, monkeypatch) -> None:
    """FLXPOINT_API_TOKEN is changed, and nothing in the call."""
    monkeypatch.setenv("FLXPOINT_API_TOKEN", TOKEN)
    run(six_orders(), api, token=None)
    monkeypatch.setenv("FLXPOINT_API_TOKEN", SECOND_TOKEN)

    with asks(api, *range(6)):
        run(six_orders(), api, token=None, journal=journal)


def test_the_second_account_is_resumed_without_another_question(api, journal) -> None:
    """Once its rows are recorded with its own token, they are its own."""
    run(six_orders(), api)
    killed_run(six_orders(), api, after=2, token=SECOND_TOKEN, same_account=False)
    result = run(six_orders(), api, token=SECOND_TOKEN, same_account=False)

    assert sorted(statuses(result)) == ["ok"] * 5 + ["unknown"]
    assert set(ran(api).values()) == {2}
    for token in STORES.values():
        assert sum(arrival.token == token for arrival in api.runs) == 6


@pytest.mark.parametrize("remembered", [False, None])
def test_a_result_under_another_token_asks(api, journal, remembered) -> None:
    """The fingerprint has a tag of the token."""
    result = run(six_orders(), api, journal=remembered)
    settings = {"token": SECOND_TOKEN, "journal": remembered}

    with asks(api, *range(6)):
        run(result, api, **settings)
    renewed = run(result, api, same_account=True, **settings)
    assert renewed["run.recalled"].all()
    assert ran_once(api, 6)


def test_a_sort_that_left_run_columns_behind_under_a_renewed_token_sends_nothing(api) -> None:
    """The account is the only question, and once it is answered, the fingerprints fit."""
    result = run(six_orders(), api)
    names = cells(result).columns
    result[names] = result[names].iloc[::-1].to_numpy()

    with asks(api, *range(6)) as caught:
        run(result, api, token=SECOND_TOKEN)
    assert caught.value.reason == "token"
    again = run(result, api, token=SECOND_TOKEN, same_account=True)
    assert again["run.recalled"].all()
    assert ran_once(api, 6)


def test_a_result_without_changes_is_sent_to_another_account(api) -> None:
    """`same_account=False` sends its rows; only the sandbox's changes would be a question."""
    result = run(orders(3), api)
    again = run(result, api, token=SECOND_TOKEN, same_account=False)

    assert not again["run.recalled"].any()
    assert [arrival.token for arrival in api.runs] == [TOKEN] * 3 + [SECOND_TOKEN] * 3


def test_same_account_is_answered_by_name(api, journal) -> None:
    """EU's token was renewed, US is another account now."""
    table = orders(4).assign(Store=["EU", "EU", "US", "US"])
    run(table, api, **store_settings())
    with sandbox(tokens=["renewed-eu", "other-us"], limit=None, port=_free(api)) as second:
        settings = store_settings(EU="renewed-eu", US="other-us")
        with asks(second, *range(4)):
            run(table, second, **settings)
        answer = {"EU": True, "US": False}
        result = run(table, second, resend="never", same_account=answer, **settings)

        assert result["run.recalled"].tolist() == [True, True, False, False]
        assert [arrival.token for arrival in second.runs] == ["other-us"] * 2


def _free(api) -> int:
    """Stop a sandbox, and return its port: the same place with other tokens."""
    api.stop()
    return api.port


@pytest.mark.parametrize("hand_in", ["table", "result"])
def test_names_of_tokens_change_nothing(api, tmp_path, hand_in) -> None:
    """A second name of a token, or another order of the names."""
    table = orders(4).assign(Store=["EU", "US", "EU", "US"])
    settings = {"token_column": "Store", "journal": tmp_path / "j.db"}
    result = run(table, api, token=STORES, **settings)
    table = result if hand_in == "result" else table

    for tokens in ({"US": SECOND_TOKEN, "EU": TOKEN}, {**STORES, "Europe": TOKEN}):
        assert run(table, api, token=tokens, **settings)["run.recalled"].all()
    assert ran_once(api, 4)


def test_a_rehearsal_is_no_reason_not_to_send(api, journal) -> None:
    """The original table goes to another place without a question."""
    run(six_orders(), api)
    with sandbox(token=TOKEN, limit=None) as real:
        result = run(six_orders(), real)

        assert statuses(result) == ["ok"] * 6
        assert ran_once(real, 6)


def test_the_result_of_a_rehearsal_asks(api, journal) -> None:
    """Its rows were changed by the sandbox, so they are not what is meant."""
    result = run(six_orders(), api)
    with sandbox(token=TOKEN, limit=None) as real:
        for remembered in (None, False):
            with asks(real) as caught:
                run(result, real, journal=remembered)
        assert "place" in str(caught.value) or api.url in str(caught.value)


def test_spellings_of_a_base_url_are_one_place(api, journal) -> None:
    """A trailing slash, or capitals, are no other place."""
    table = six_orders().drop(columns=COUNTRY)
    result = run(table, api)
    for url in (f"{api.url}/", api.url.replace("http", "HTTP")):
        assert run(result, api, base_url=url)["run.recalled"].all()
        with asks(api, *range(6)):
            run(cells(result), api, base_url=url)
    assert ran_once(api, 6)


def test_an_edited_cell_of_the_token_column_is_asked_about(api) -> None:
    """Sent to EU and now said to be US: an edit, not a renewed token."""
    result = run(orders(2).assign(Store="EU"), api, **store_settings())
    result.loc[1, "Store"] = "US"

    with asks(api, 1):
        run(result, api, **store_settings())
    assert ran_once(api, 2)
