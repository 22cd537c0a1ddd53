"""Random histories: runs, kills, files, edits, copies and faults, each judged by the model."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import shutil
import signal
import warnings
from typing import Any

import pandas as pd
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, initialize, precondition, rule

from flxframe import Journal, run_workflows
from flxframe.exceptions import AlreadySentError, JournalError, ResultWarning, StoppedWarning
from tests.memory.model import (
    COUNTRY,
    NOTE,
    NUMBER,
    STATE,
    Call,
    How,
    hold,
)
from tests.memory.tables import EVENT, TOKENS, Tables

FAULTS = [400, 422, 500, 502, "500_after", "reset", "close", "reset_after", "truncated", "html"]
FAULTS += ["400_html", "400_empty", "429_none", "empty", "bad_json", "no_objects", 403, 401, 409]
STOPS = ("limit", "deadline", "interrupt")
JOURNALS = ("named", "default", "none")

hows = st.fixed_dictionaries(
    {
        "journal": st.sampled_from(["none", "default", "default", "named", "named"]),
        "occasion": st.sampled_from([None] * 6 + ["monday", "tuesday"]),
        "source": st.sampled_from([None] * 8 + [7]),
        "draft": st.sampled_from([False] * 12 + [True]),
        "blanks": st.sampled_from(["omit"] * 8 + ["null"]),
    }
)
PLAIN = {"journal": "none", "occasion": None, "source": None, "draft": False, "blanks": "omit"}
faults = st.lists(st.tuples(st.sampled_from(FAULTS), st.integers(0, 4)), max_size=2)
answers = st.sampled_from(["leave", "never", "never", "edited", "all"])


class Histories(Tables):
    """A user, with one sandbox, two journals and some tables."""

    tables = Bundle("tables")

    @initialize(renews=st.booleans())
    def begin(self, renews: bool) -> None:
        """Decide whether other tokens of this history are renewed ones or of other accounts.

        Another account, or another occasion, gets what a workflow left behind in a result; so
        equal rows are not distinguished from changed ones in such a history.
        """
        self.renews = renews

    # Runs

    def how(self, settings: dict[str, Any]) -> How:
        """Return the arguments of a run; set the default journal."""
        journal = settings["journal"]
        os.environ["FLXFRAME_JOURNAL"] = str(self.paths["default"])
        account = "one" if self.renews else str(self.token)
        return How(
            journal=False if journal == "none" else journal,
            token=TOKENS[self.token],
            account=account,
            renews=self.renews,
            occasion=None if self.renews else settings["occasion"],
            source=settings["source"],
            draft=settings["draft"],
            blanks=settings["blanks"],
        )

    def keywords(self, how: How, **more: Any) -> dict[str, Any]:
        """Return the keyword arguments of a run."""
        journal = {"named": self.paths["named"], "default": None, False: False}[how.journal]
        keywords = {"base_url": self.api.url, "rate": None, "progress": False, "journal": journal}
        return {**keywords, **how.keywords, **more}

    @rule(table=tables, settings=hows, number=st.integers(0, 2))
    def exchange_the_token(
        self, table: pd.DataFrame, settings: dict[str, Any], number: int
    ) -> None:
        """Use another token from now on."""
        self.count("exchange the token")
        self.token = number

    @rule(
        target=tables,
        table=tables,
        settings=hows,
        faults=faults,
        answer=answers,
        limit=st.sampled_from([None] * 4 + [1, 2]),
        flight=st.sampled_from([1, 16]),
    )
    def run(
        self,
        table: pd.DataFrame,
        settings: dict[str, Any],
        faults: list[Any],
        answer: str,
        limit: int | None,
        flight: int,
    ) -> pd.DataFrame:
        """Run a table; if the call asks, answer it."""
        self.count("run with a limit" if limit else "run")
        for kind, after in faults:
            self.api.fail(kind, after=after)
        how = self.how(settings)
        result = self.call(table, how, answer, limit=limit, max_in_flight=flight)
        self.api.clear_faults()
        return self.kept(table, result, how)

    @rule(target=tables, table=tables, journal=st.sampled_from(JOURNALS), answer=answers)
    def run_plainly(self, table: pd.DataFrame, journal: str, answer: str) -> pd.DataFrame:
        """Run a table as most users do."""
        self.count("run plainly")
        how = self.how({**PLAIN, "journal": journal})
        result = self.call(table, how, answer)
        return self.kept(table, result, how)

    @rule(target=tables, table=tables, settings=hows, faults=faults, again=st.booleans())
    def run_twice(
        self, table: pd.DataFrame, settings: dict[str, Any], faults: list[Any], again: bool
    ) -> pd.DataFrame:
        """Run the same cell twice, or hand the result in."""
        self.count("run the same again" if again else "hand the result in")
        for kind, after in faults:
            self.api.fail(kind, after=after)
        how = self.how(settings)
        result = self.call(table, how, "never", max_in_flight=1)
        self.api.clear_faults()
        second = self.call(table if again else result, how, "never")
        return self.kept(table, result if second is None else second, how)

    def kept(self, table: pd.DataFrame, result: pd.DataFrame | None, how: How) -> pd.DataFrame:
        """Return the table that a user goes on with: a result, except that of a draft."""
        return table if result is None or how.draft else result

    def call(
        self, table: pd.DataFrame, how: How, answer: str, **settings: Any
    ) -> pd.DataFrame | None:
        """Make a call, and judge it; if it asks, judge the question, and answer it."""
        call = Call(table, how)
        try:
            with self.model.call(call):
                result = self.sent(call, **settings)
        except AlreadySentError as error:
            self.model.judge_question(error, call)
            self.count("question")
            if answer == "leave":
                return None
            return self.answer(error, call, answer, **settings)
        self.judge(result, call, settings)
        return result

    def answer(
        self, error: AlreadySentError, asked: Call, answer: str, **settings: Any
    ) -> pd.DataFrame:
        """Answer a question: then the same call asks nothing more."""
        doubts = frozenset(error.rows)
        if "token" in error.reason:
            settings["same_account"] = self.renews
            doubts = frozenset(range(len(asked.table)))
        if answer == "all":
            settings["limit"] = None
        self.count(f"answer {answer}")
        call = Call(asked.table, asked.how, answer, doubts)
        with self.model.call(call):
            result = self.sent(call, **settings)
        self.judge(result, call, settings)
        return result

    def sent(self, call: Call, **settings: Any) -> pd.DataFrame:
        """Run a table, without warnings."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", StoppedWarning)
            warnings.simplefilter("ignore", ResultWarning)
            keywords = self.keywords(call.how, resend=call.resend, **settings)
            return self.returned(run_workflows(self.handed_in(call.table), **keywords))

    def handed_in(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return what is run for a table: the table itself."""
        return table

    def returned(self, result: pd.DataFrame) -> pd.DataFrame:
        """Return the table of a result: the result itself."""
        return result

    def judge(self, result: pd.DataFrame, call: Call, settings: dict[str, Any]) -> None:
        """Judge a result, and compare it with what the journal says."""
        stopped = result.attrs.get("flxframe", {}).get("stopped")
        self.model.judge_result(result, call, complete=stopped is None)
        if call.how.journal is False or call.how.draft or call.resend != "ask" or stopped:
            return
        journal = Journal(self.paths[call.how.journal])
        keywords = self.keywords(call.how, **settings)
        keywords["journal"] = None
        recorded = self.returned(journal.result(self.handed_in(call.table), **keywords))
        assert outcomes(recorded) == outcomes(result), (
            f"the journal: {outcomes(recorded)}, the run: {outcomes(result)}"
        )

    @rule(target=tables, table=tables, settings=hows, after=st.integers(1, 3))
    def interrupt(self, table: pd.DataFrame, settings: dict[str, Any], after: int) -> pd.DataFrame:
        """Press Ctrl-C while a row is in flight."""
        self.count("interrupt")
        how = self.how(settings)
        before = len(self.api.runs)

        def press(objects: dict[str, Any]) -> None:
            hold(objects)
            if len(self.api.runs) == before + after - 1:
                os.kill(os.getpid(), signal.SIGINT)

        self.api.add_workflow(EVENT, press)
        with contextlib.suppress(KeyboardInterrupt):
            result = self.call(table, how, "leave", max_in_flight=1)
        self.api.add_workflow(EVENT, hold)
        return self.kept(table, result, how)

    @rule(target=tables, table=tables, settings=hows)
    def stop_at_once(self, table: pd.DataFrame, settings: dict[str, Any]) -> pd.DataFrame:
        """Run out of time before the first row."""
        self.count("stop")
        how = self.how(settings)
        result = self.call(table, how, "leave", max_minutes=1e-9)
        return self.kept(table, result, how)

    @precondition(lambda self: self.children < 2)
    @rule(table=tables, settings=hows, after=st.integers(1, 3))
    def kill(self, table: pd.DataFrame, settings: dict[str, Any], after: int) -> None:
        """Kill a process that runs a table, while a row is in flight; it has no result."""
        self.count("kill")
        self.children += 1
        how = self.how(settings)
        child, ready = self.child(table, how)
        before = len(self.api.runs)

        def kill(objects: dict[str, Any]) -> None:
            hold(objects)
            if len(self.api.runs) == before + after - 1:
                child.kill()

        self.api.add_workflow(EVENT, kill)
        with self.model.call(Call(table, how)):
            ready.recv()
            child.join(60)
        assert child.exitcode in (0, -signal.SIGKILL)
        self.api.add_workflow(EVENT, hold)

    @precondition(lambda self: self.children < 2)
    @rule(target=tables, table=tables)
    def two_at_once(self, table: pd.DataFrame) -> pd.DataFrame:
        """Run one table in two processes at once, with one journal."""
        self.count("two processes")
        self.children += 1
        how = self.how({**PLAIN, "journal": "named"})
        call, result = Call(table, how), table
        child, ready = self.child(table, how)
        with self.model.call(call):
            ready.recv()
            with contextlib.suppress(AlreadySentError):
                result = self.sent(call)
            child.join(60)
        assert child.exitcode == 0
        if result is not table:
            rest = result["run.status"].isin(["ok", "rejected", "unknown", "invalid"])
            assert rest.all()
            self.model.keep_prints(result.to_dict("records"), call)
        return result

    def child(self, table: pd.DataFrame, how: How) -> tuple[Any, Any]:
        """Start a process that runs a table."""
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["flxframe"])
        ready, started = context.Pipe(duplex=False)
        keywords = self.keywords(how, max_in_flight=1)
        arguments = (self.handed_in(table), keywords, str(self.paths["default"]), started)
        child = context.Process(target=run_in_child, args=arguments)
        child.start()
        return child, ready

    # The journal's file

    @rule(name=st.sampled_from(["named", "default"]), copy=st.booleans())
    def move_the_journal(self, name: str, copy: bool) -> None:
        """Rename or copy the file alone, and go on with the new one."""
        path = self.paths[name]
        if not path.exists():
            return
        self.count("copy the journal" if copy else "move the journal")
        self.files += 1
        moved = self.folder / f"{self.files}.db"
        (shutil.copy if copy else shutil.move)(path, moved)
        self.paths[name] = moved

    @rule(table=tables, settings=hows, share=st.floats(0, 1, exclude_max=True), cut=st.booleans())
    def damage_the_journal(
        self, table: pd.DataFrame, settings: dict[str, Any], share: float, cut: bool
    ) -> None:
        """Cut a copy of the journal, or flip a bit of it: an error, or as if nothing happened."""
        path = self.paths["named"]
        if not path.exists():
            return
        self.count("cut the journal" if cut else "flip a bit of the journal")
        data = path.read_bytes()
        position = int(len(data) * share)
        flipped = bytes([data[position] ^ 0x10])
        damaged = data[:position] if cut else data[:position] + flipped + data[position + 1 :]
        self.files += 1
        self.paths["named"] = self.folder / f"{self.files}.db"
        self.paths["named"].write_bytes(damaged)
        is_used = True
        try:
            self.call(table, self.how({**settings, "journal": "named"}), "leave")
        except JournalError:
            assert self.paths["named"].read_bytes() == damaged
            is_used = False
        if not is_used:
            self.paths["named"] = path


def run_in_child(table: pd.DataFrame, keywords: dict[str, Any], default: str, ready: Any) -> None:
    """Run a table in a process of its own; a question ends it."""
    os.environ["FLXFRAME_JOURNAL"] = default
    ready.send("ready")
    warnings.simplefilter("ignore", StoppedWarning)
    with contextlib.suppress(AlreadySentError):
        run_workflows(table, **keywords)


def outcomes(result: pd.DataFrame) -> list[tuple[str, ...]]:
    """Return the outcomes of a result that a journal knows too, sorted."""
    names = [NUMBER, COUNTRY, NOTE, "run.status"]
    if STATE in result.columns:
        names.append(STATE)
    known = result[names].fillna("").replace({"run.status": {"not_sent": "rejected"}})
    return sorted(tuple(str(cell) for cell in row) for row in known.to_numpy())
