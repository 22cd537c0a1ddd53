"""Rows of the contract, and of the histories that led to it, which no other module shows."""

import os
import pickle
import shutil
import socket
import subprocess
import sys

import pandas as pd
import pytest

from flxframe import Journal, preview, read_table, write_results
from flxframe.sandbox import sandbox
from tests.conftest import TOKEN, finish, orders, run, start
from tests.memory.conftest import (
    COUNTRY,
    EVENT,
    NUMBER,
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

SOFFICE = shutil.which("soffice")


@pytest.mark.parametrize("remembered", [False, None])
def test_an_unknown_row_that_was_edited_asks(api, journal, remembered) -> None:
    """As one that is ok: its workflow might have run."""
    api.fail("500_after")
    result = run(orders(2), api, journal=remembered, max_in_flight=1)
    assert statuses(result) == ["unknown", "ok"]
    result.loc[0, NUMBER] = "edited"

    with asks(api, 0) as caught:
        run(result, api, journal=remembered)
    assert caught.value.reason == "edited"
    assert statuses(run(result, api, journal=remembered, resend="never")) == ["unknown", "ok"]
    assert statuses(run(result, api, journal=remembered, resend="edited")) == ["ok", "ok"]
    assert ran_numbers(api) == ["00000", "00001", "edited"]


@pytest.mark.parametrize("remembered", [False, None])
def test_an_unknown_row_is_sent_again_only_with_retry_unknown(api, journal, remembered) -> None:
    """By the same call, or by its result."""
    api.fail(500)
    result = run(orders(2), api, journal=remembered, max_in_flight=1)
    assert run(result, api, journal=remembered)["run.recalled"].all()

    again = run(result, api, journal=remembered, retry_unknown=True)
    assert statuses(again) == ["ok", "ok"]
    assert again["run.recalled"].tolist() == [False, True]
    assert ran_once(api, 2)


@pytest.mark.parametrize("remembered", [False, None])
def test_an_unchanged_row_of_another_place_asks(api, journal, remembered) -> None:
    """Its workflow changed nothing, so only the place differs; `never` leaves it, `all` sends."""
    result = run(orders(2), api, journal=remembered)
    with sandbox(token=TOKEN, limit=None) as real:
        with asks(real, 0, 1) as caught:
            run(result, real, journal=remembered)
        assert caught.value.reason == "place"

        run(result, real, journal=remembered, resend="never")
        assert not real.runs
        assert statuses(run(result, real, journal=remembered, resend="all")) == ["ok"] * 2
        assert ran_once(real, 2)


@pytest.mark.parametrize("stop", ["limit", "interrupt", "kill"])
def test_a_stopped_run_is_resumed_by_what_its_rows_were_left_with(api, journal, stop) -> None:
    """Such as its result without `run.*`; of a killed run, the table with the answers typed in."""
    if stop == "limit":
        run(six_orders(), api, limit=4)
    else:
        (killed_run if stop == "kill" else interrupted_run)(six_orders(), api, after=4)
    table = six_orders()
    table.loc[1, ["objects.order.status", "objects.order.tags[0]"]] = ["Hold", "International"]

    result = run(table, api)

    assert len(api.runs) == 6
    assert ran_numbers(api) == [f"{number:05d}" for number in range(6)]
    assert result["run.recalled"].tolist() == [True] * 4 + [False] * 2


@pytest.mark.parametrize("hand_in", ["table", "result"])
def test_of_two_equal_rows_of_a_named_journal_the_rejected_one_is_sent_once(
    api, journal, hand_in
) -> None:
    """It does not take the other's `ok`, and the other is not sent as the changed order."""
    table = pd.concat([orders(1).assign(**{COUNTRY: "CA"})] * 2, ignore_index=True)
    api.fail(400)
    result = run(table, api, journal=journal, max_in_flight=1)
    assert statuses(result) == ["rejected", "ok"]

    again = run(result if hand_in == "result" else table, api, journal=journal)
    assert statuses(again) == ["ok", "ok"]
    assert len(api.runs) == 2
    assert len({tuple(arrival.body["objects"]["order"]) for arrival in api.runs}) == 1


def test_a_daily_row_that_was_killed_runs_once_a_day(api, journal) -> None:
    """Killed while it was in flight, and repeated: it might have run, so it is left."""
    trigger = orders(1)
    for day in range(1, 6):
        occasion = f"2026-12-0{day}"
        if day == 3:
            killed_run(trigger, api, after=1, occasion=occasion)
            assert statuses(run(trigger, api, occasion=occasion)) == ["unknown"]
        else:
            assert statuses(run(trigger, api, occasion=occasion)) == ["ok"]
    assert len(api.runs) == 5


def test_a_run_that_its_result_finished_has_ended(api, journal) -> None:
    """The original table is a repetition then, of each of its rows."""
    result = run(six_orders(), api, limit=4)
    assert ran_once(api, 4)
    assert statuses(run(result, api)) == ["ok"] * 6

    with asks(api, *range(6)):
        run(six_orders(), api)
    assert ran_once(api, 6)


@pytest.mark.parametrize("named", [False, True])
def test_a_table_that_grows_sends_what_is_new(api, journal, named) -> None:
    """Each day's export has the rows of all days: asked about, or recalled if that is answered."""
    how = {"journal": journal} if named else {"resend": "never"}
    for rows in (3, 5, 5, 8):
        result = run(orders(rows), api, **how)
        assert statuses(result) == ["ok"] * rows
    assert ran_once(api, 8)

    with asks(api, *range(8)):
        run(orders(9), api)


@pytest.mark.parametrize("remembered", [False, None])
def test_a_fingerprint_alone_recalls_its_row(api, journal, remembered) -> None:
    """Whatever else of the `run.*` columns was deleted."""
    reject_first(api, "00001")
    result = run(orders(3), api, journal=remembered)
    names = [name for name in result if name.startswith("run.") and name != "run.fingerprint"]

    again = run(result.drop(columns=names), api, journal=remembered)
    assert statuses(again) == ["ok"] * 3
    assert again["run.recalled"].tolist() == [True, False, True]
    assert ran_once(api, 3)


@pytest.mark.parametrize(("status", "runs"), [("ok", 1), ("not_sent", 2)])
def test_what_was_settled_in_the_journal_is_obeyed_for_the_result(api, journal, status, runs):
    """Its row still says `unknown`, and the journal knows more."""
    api.fail("500_after")
    result = run(orders(1), api)
    sending = Journal(journal).to_frame()["sending"].tolist()
    Journal(journal).resolve(sending, status)

    assert statuses(run(result, api)) == ["ok"]
    assert len(api.runs) == runs


def test_lost_zeros_are_sent_only_on_request(api, journal, tmp_path) -> None:
    """A .csv that a spreadsheet saved: 0000417 became 417 in each row, and `edited` means it."""
    table = orders(3).assign(**{NUMBER: ["0000417", "0000418", "0000419"]})
    result = run(table, api)
    saved = pd.read_csv(write_results(result, tmp_path / "out.csv"))
    assert saved[NUMBER].tolist() == [417, 418, 419]

    with asks(api, 0, 1, 2) as caught:
        run(saved, api)
    assert f"{NUMBER}: 3 of 3 rows differ" in str(caught.value)
    assert statuses(run(saved, api, resend="edited")) == ["ok"] * 3
    assert len(api.runs) == 6


def test_a_copied_file_is_not_sent_at_the_shell(api, tmp_path) -> None:
    """`cp orders.done.csv fixed.csv; flxframe run fixed.csv`: path and name play no part."""
    table = write_results(six_orders(), tmp_path / "orders.csv")
    arguments = ("--rate", 100, "--quiet")
    assert finish(start(api, "run", table, *arguments))[0] == 0
    shutil.copy(tmp_path / "orders.done.csv", tmp_path / "fixed.csv")

    status, output = finish(start(api, "run", tmp_path / "fixed.csv", *arguments))
    assert status == 0, output
    assert read_table(tmp_path / "fixed.done.csv")["run.recalled"].all()
    assert ran_once(api, 6)


@pytest.mark.parametrize(
    ("option", "name"),
    [
        (("--column", f"Country={COUNTRY}"), "--column"),
        (("--event-handle", EVENT), "--event-handle"),
    ],
)
def test_a_mailed_workbook_without_the_senders_option_asks_at_the_shell(
    api, tmp_path, option, name
) -> None:
    """With exit status 4; the option is named, and nothing is sent."""
    table = six_orders().rename(columns={COUNTRY: "Country"})
    if name == "--event-handle":
        table = six_orders().drop(columns="eventHandle")
    path = write_results(table, tmp_path / "orders.xlsx")
    arguments = ("--rate", 100, "--quiet")
    assert finish(start(api, "run", path, *option, *arguments))[0] == 0
    mailed = shutil.copy(tmp_path / "orders.done.xlsx", tmp_path / "mailed.xlsx")

    status, output = finish(start(api, "run", mailed, *arguments))
    assert status == 4, output
    assert f"another {name}:" in output
    assert ran_once(api, 6)


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed")
def test_a_workbook_that_a_spreadsheet_program_saved_again_sends_nothing(api, tmp_path) -> None:
    """And a .csv that it saved is asked about where it changed data, and never sent."""
    table = six_orders().assign(
        **{
            "objects.order.code": ["0000417", "1E5", "3-4", "x", None, "007"],
            "objects.order.total": [7.0, 0.1 + 0.2, 1e15, -3.25, 0.0, None],
            "objects.order.day": [pd.Timestamp("2026-12-01"), pd.Timestamp("2026-12-02 10:30")]
            + [None] * 4,
            "objects.order.id": [123456789012345678 + number for number in range(6)],
            "objects.order.flag": [True, False, None, True, None, False],
        }
    )
    result = run(table, api)
    path = write_results(result, tmp_path / "out.xlsx")
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    for kind in ("xlsx", "csv"):
        subprocess.run(
            [
                *[SOFFICE, "--headless", "--norestore", profile],
                *["--convert-to", kind, "--outdir", tmp_path / "saved", path],
            ],
            check=True,
            capture_output=True,
            timeout=60,
        )

    again = run(read_table(tmp_path / "saved" / "out.xlsx"), api)
    assert again["run.recalled"].all()
    with asks(api) as caught:
        run(read_table(tmp_path / "saved" / "out.csv"), api)
    assert caught.value.reason == "edited"
    assert ran_once(api, 6)


def test_the_question_survives_another_process(api, journal) -> None:
    """A cluster pickles it: the rows, the reason and the answers are those of the original."""
    run(orders(2), api)
    with asks(api, 0, 1) as caught:
        run(orders(2), api)

    copy = pickle.loads(pickle.dumps(caught.value))
    assert str(copy) == str(caught.value)
    assert (copy.rows, copy.reason, copy.answers) == ([0, 1], "ended", caught.value.answers)


def test_in_a_notebook_the_sentence_comes_first(tmp_path) -> None:
    """Not below a traceback of the toolkit's own modules."""
    pytest.importorskip("IPython")
    code = (
        "from flxframe import AlreadySentError\n"
        "raise AlreadySentError('3 rows were sent', [0], 'ended', {'resend=\"never\"': 'leaves'})"
    )
    shell = subprocess.run(
        [sys.executable, "-m", "IPython", "--quick", "--colors=NoColor", "-c", code],
        env={**os.environ, "IPYTHONDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "3 rows were sent" in shell.stdout + shell.stderr
    assert "3 rows were sent" in (shell.stdout + shell.stderr).strip().splitlines()[0]


@pytest.mark.parametrize("remembered", [False, None])
def test_a_draft_is_no_reason_not_to_run_the_workflow(api, journal, remembered) -> None:
    """The table of a draft is sent; its result was changed by the draft, so it is asked about."""
    table = orders(2)
    draft = run(table, api, draft=True, journal=remembered)
    assert statuses(run(table, api, journal=remembered)) == ["ok"] * 2
    assert sorted(ran(api).values()) == [1] * 4

    with asks(api, 0, 1):
        run(draft, api, journal=remembered, resend="ask")


def test_a_journal_of_the_environment_is_shared_by_shell_and_python(api, journal, tmp_path) -> None:
    """What one has sent, the other asks about, or resumes."""
    path = write_results(six_orders(), tmp_path / "orders.csv")
    variables = {"FLXFRAME_JOURNAL": os.environ["FLXFRAME_JOURNAL"]}
    arguments = ("run", path, "--rate", 100, "--quiet")
    assert finish(start(api, *arguments, "--limit", 4, **variables))[0] == 1

    assert statuses(run(read_table(path), api)) == ["ok"] * 6
    status, output = finish(start(api, *arguments, **variables))
    assert status == 4, output
    with asks(api, *range(6)):
        run(cells(read_table(path)), api)
    assert ran_once(api, 6)


def test_the_question_says_from_where_the_rows_were_sent(api, journal) -> None:
    """A journal in a shared folder has the rows of several computers."""
    run(orders(1), api)
    with asks(api, 0) as caught:
        run(orders(1), api)
    assert socket.gethostname() in str(caught.value)


def test_a_rejected_row_whose_content_was_sent_since_is_not_sent_again(api, journal) -> None:
    """By another table: then it is asked about, as a row without a fingerprint."""
    reject_first(api, "00001")
    result = run(six_orders(), api)
    run(six_orders().iloc[[1]], api)
    assert ran_once(api, 6)

    with asks(api, 1) as caught:
        run(result, api)
    assert caught.value.reason == "ended"
    assert statuses(run(result, api, resend="never")) == ["ok"] * 6
    assert ran_once(api, 6)


def test_a_preview_at_the_shell_asks_with_the_options_of_the_command(
    api, journal, tmp_path
) -> None:
    """As `flxframe run` asks."""
    path = write_results(orders(2), tmp_path / "orders.csv")
    run(read_table(path), api)

    _, output = finish(start(api, "preview", path, FLXFRAME_JOURNAL=str(journal)))
    assert "2 rows of 2 were already sent" in output
    assert "--resend never" in output
    assert "resend=" not in output


def test_a_forgotten_answer_is_not_called_unchanged(api, journal) -> None:
    """After 90 days the journal knows that the row was sent, but not what the workflow changed."""
    first = run(six_orders(), api, journal=journal)
    assert first["run.changes"].tolist() == [0, 2, 0, 2, 0, 0]
    Journal(journal).prune(before="2100-01-01")

    again = run(six_orders(), api, journal=journal)
    assert ran_once(api, 6)
    assert statuses(again) == ["ok"] * 6
    assert again["run.changes"].isna().tolist()[1]


@pytest.mark.xfail(strict=True, reason="a part of the table counts as the end of the whole run")
def test_a_part_of_the_table_does_not_end_a_run_that_was_limited(api, journal) -> None:
    """What the run left is still to be sent, so the table is resumed without a question."""
    run(six_orders(), api, limit=3)
    assert run(six_orders().head(2), api)["run.recalled"].all()

    assert statuses(run(six_orders(), api)) == ["ok"] * 6
    assert ran_once(api, 6)


def test_a_preview_without_a_token_says_that_it_cannot_compare_tokens(api, journal) -> None:
    """The run might ask whether the token was renewed."""
    run(orders(2), api, limit=1)
    assert "1 row would be recalled" in repr(preview(orders(2), base_url=api.url))
    assert "token" in repr(preview(orders(2), base_url=api.url))
