"""The forms that the README gives for a daily job, a renewed token and a deliberate repetition."""

import datetime as dt

from flxframe import write_results
from tests.conftest import SECOND_TOKEN, TOKEN, finish, orders, run, start
from tests.memory.conftest import asks, ran, ran_once, statuses


def test_a_daily_job_has_an_occasion(api, journal) -> None:
    """Once a day; a second call on a day asks, or with `resend` sends nothing."""
    for day in ("2026-12-01", "2026-12-02"):
        run(orders(3), api, occasion=day)
    assert set(ran(api).values()) == {2}

    with asks(api, 0, 1, 2):
        run(orders(3), api, occasion="2026-12-02")
    again = run(orders(3), api, occasion="2026-12-02", resend="never")
    assert again["run.recalled"].all()
    assert len(api.runs) == 6


def test_a_renewed_token_is_of_the_same_account(api, journal) -> None:
    """In the middle of a backfill: it goes on where the old token stopped."""
    run(orders(3), api, limit=1)
    with asks(api, 0):
        run(orders(3), api, token=SECOND_TOKEN)

    run(orders(3), api, token=SECOND_TOKEN, same_account=True)
    assert ran_once(api, 3)
    assert [arrival.token for arrival in api.runs] == [TOKEN] + [SECOND_TOKEN] * 2


def test_a_renewed_token_at_the_shell(api, journal, tmp_path) -> None:
    """`--same-account` is the same answer."""
    command = ("run", write_results(orders(3), tmp_path / "orders.csv"), "--rate", 100, "--quiet")
    variables = {"FLXFRAME_JOURNAL": str(journal)}
    assert finish(start(api, *command, "--limit", 1, **variables))[0] == 1
    variables["FLXPOINT_API_TOKEN"] = SECOND_TOKEN

    status, output = finish(start(api, *command, **variables))
    assert status == 4, output
    assert "--same-account" in output
    assert finish(start(api, *command, "--same-account", **variables))[0] == 0
    assert ran_once(api, 3)


def test_a_deliberate_repetition_sends_everything_again(api, journal) -> None:
    """Such as after a change of the workflow."""
    run(orders(3), api)
    with asks(api, 0, 1, 2):
        run(orders(3), api)

    run(orders(3), api, resend="all")
    assert set(ran(api).values()) == {2}


def test_an_occasion_of_today_is_the_date(api, journal, tmp_path) -> None:
    """At the shell `--occasion today` is what Python writes as a date."""
    path = write_results(orders(1), tmp_path / "orders.csv")
    command = ("run", path, "--occasion", "today", "--rate", 100, "--quiet")
    before = dt.date.today()
    assert finish(start(api, *command, FLXFRAME_JOURNAL=str(journal)))[0] == 0

    if dt.date.today() == before:  # midnight did not pass in between
        with asks(api, 0):
            run(orders(1), api, occasion=str(before))


def test_a_result_is_recognised_without_any_journal(api) -> None:
    """By its fingerprints, wherever it is."""
    result = run(orders(2), api, journal=False)
    assert statuses(run(result, api, journal=False)) == ["ok", "ok"]
    assert ran_once(api, 2)
