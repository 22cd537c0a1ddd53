"""Random histories: runs, kills, files, edits, copies and faults, each judged by the model."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import shutil
import signal
import tempfile
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, precondition, rule

from flxframe import Journal, read_table, run_workflows, write_results
from flxframe.exceptions import AlreadySentError, JournalError, StoppedWarning
from flxframe.sandbox import sandbox
from tests.memory.model import (
    COLUMNS,
    COUNTRY,
    NOTE,
    NUMBER,
    SOURCE,
    STATE,
    Call,
    How,
    Model,
    hold,
    is_blank,
)

EVENT = "order_import"
TOKENS = ("first-token", "second-token", "third-token")
FAULTS = [400, 422, 500, 502, "500_after", "reset", "close", "reset_after", "truncated", "html"]
FAULTS += ["400_html", "400_empty", "429_none", "empty", "bad_json", "no_objects", 403, 401, 409]
STOPS = ("limit", "deadline", "interrupt")
MAX_ROWS = 9
JOURNALS = ("named", "default", "none")

numbers = st.sampled_from(["A1", "A2", "0003"])
hows = st.fixed_dictionaries(
    {
        "journal": st.sampled_from(["none", "default", "default", "named", "named"]),
        "occasion": st.sampled_from([None] * 6 + ["monday", "tuesday"]),
        "source": st.sampled_from([None] * 8 + [7]),
        "draft": st.sampled_from([False] * 12 + [True]),
    }
)
PLAIN = {"journal": "none", "occasion": None, "source": None, "draft": False}
faults = st.lists(st.tuples(st.sampled_from(FAULTS), st.integers(0, 4)), max_size=2)
answers = st.sampled_from(["leave", "never", "never", "edited", "all"])


class Histories(RuleBasedStateMachine):
    """A user, with one sandbox, two journals and some tables."""

    tables = Bundle("tables")
    steps = 0
    counts: Counter[str] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="histories-"))
        self.api = sandbox(tokens=TOKENS, limit=None).start()
        self.api.add_workflow(EVENT, hold)
        self.model = Model(self.api)
        self.paths = {name: self.folder / f"{name}.db" for name in ("named", "default")}
        self.token = 0
        self.renews = True
        self.children = 0
        self.files = 0
        self.variables = dict(os.environ)

    def teardown(self) -> None:
        """Stop the sandbox, and remove the files."""
        os.environ.pop("FLXFRAME_JOURNAL", None)
        self.api.stop()
        shutil.rmtree(self.folder)

    def count(self, name: str) -> None:
        """Count a step."""
        type(self).steps += 1
        type(self).counts[name] += 1

    @initialize(renews=st.booleans())
    def begin(self, renews: bool) -> None:
        """Decide whether other tokens of this history are renewed ones or of other accounts.

        Another account, or another occasion, gets what a workflow left behind in a result; so
        equal rows are not told from changed ones in such a history.
        """
        self.renews = renews

    # Tables

    @rule(target=tables, rows=st.lists(st.tuples(numbers, st.booleans(), st.booleans()), min_size=1, max_size=4), invalid=st.booleans())  # fmt: skip
    def new_table(self, rows: list[Any], invalid: bool) -> pd.DataFrame:
        """Write a table in which some rows are equal."""
        self.count("new table")
        records = [self.new_row(*row) for row in [*rows, rows[0]]]
        if invalid:
            records[-1][SOURCE] = "x"
        return pd.DataFrame(records, columns=COLUMNS).astype({NOTE: object, SOURCE: object})

    def new_row(self, number: str, abroad: bool, noted: bool) -> dict[str, Any]:
        """Return a row with an intent of its own."""
        return {
            "intent": self.model.new_intent(),
            "eventHandle": EVENT,
            NUMBER: number,
            COUNTRY: "CA" if abroad else "US",
            NOTE: "a note" if noted else None,
            SOURCE: None,
        }

    @rule(target=tables, table=tables, kind=st.sampled_from(["xlsx", "csv", "jsonl", "parquet"]))
    def through_a_file(self, table: pd.DataFrame, kind: str) -> pd.DataFrame:
        """Write a table to a file, and read it again."""
        self.count(f".{kind}")
        self.files += 1
        path = self.folder / f"{self.files}.{kind}"
        writable = table.copy()
        writable[SOURCE] = [None if is_blank(cell) else str(cell) for cell in table[SOURCE]]
        read = read_table(write_results(writable, path))
        for name in COLUMNS:
            if name not in read.columns:
                read[name] = None
        read["intent"] = table["intent"].to_numpy()
        return read

    @rule(target=tables, first=tables, second=tables)
    def concatenate(self, first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
        """Put two tables under one another."""
        self.count("concatenate")
        parts = [part.astype(object) for part in (first, second)]
        return self.distinct(pd.concat(parts, ignore_index=True).head(MAX_ROWS))

    @rule(
        target=tables, table=tables, random=st.randoms(use_true_random=False), marks=st.booleans()
    )
    def sort(self, table: pd.DataFrame, random: Any, marks: bool) -> pd.DataFrame:
        """Sort all columns, or leave `run.*` behind."""
        self.count("sort" if marks else "sort without run.*")
        order = list(range(len(table)))
        random.shuffle(order)
        if marks or "x" in set(table[SOURCE]):
            return table.iloc[order].reset_index(drop=True)
        names = [name for name in table.columns if not name.startswith("run.")]
        rest = [name for name in table.columns if name.startswith("run.")]
        moved = table[names].iloc[order].reset_index(drop=True)
        return pd.concat([moved, table[rest].reset_index(drop=True)], axis=1)

    @rule(target=tables, table=tables, number=st.integers(0, MAX_ROWS))
    def drop_row(self, table: pd.DataFrame, number: int) -> pd.DataFrame:
        """Delete a row, if one is left."""
        self.count("drop a row")
        if len(table) < 2:
            return table
        return table.drop(index=number % len(table)).reset_index(drop=True)

    @rule(target=tables, table=tables, names=st.sampled_from(["all", "all", "run.fingerprint"]))
    def drop_marks(self, table: pd.DataFrame, names: str) -> pd.DataFrame:
        """Delete the `run.*` columns, or the fingerprints alone."""
        self.count(f"drop {names}")
        prefix = "run." if names == "all" else names
        names = [name for name in table.columns if name.startswith(prefix)]
        return self.distinct(table.drop(columns=names))

    @rule(target=tables, table=tables, number=st.integers(0, MAX_ROWS), edited=st.booleans(), top=st.booleans())  # fmt: skip
    def copy_row(self, table: pd.DataFrame, number: int, edited: bool, top: bool) -> pd.DataFrame:
        """Copy a row with its `run.*` cells; perhaps edit the copy into a new order."""
        self.count("copy a row, edited" if edited else "copy a row")
        table = table.astype(object)
        row = table.iloc[[number % len(table)]].copy()
        if edited:
            intent = self.model.new_intent()
            row["intent"], row[NUMBER], row[SOURCE] = intent, f"e{intent}", None
        parts = [row, table] if top else [table, row]
        return self.distinct(pd.concat(parts, ignore_index=True).tail(MAX_ROWS))

    def distinct(self, table: pd.DataFrame) -> pd.DataFrame:
        """Give copies of rows that were not done an intent of their own.

        Nothing distinguishes them from equal rows of a table, which are all meant.
        """
        table = table.reset_index(drop=True)
        rows = table.to_dict("records")
        seen = {row["intent"] for row in rows if self.model.is_done(row)}
        for position, row in enumerate(rows):
            if self.model.is_done(row):
                continue
            if row["intent"] in seen:
                table.loc[position, "intent"] = self.model.new_intent()
            seen.add(row["intent"])
        return table.astype({"intent": int})

    @rule(target=tables, table=tables, number=st.integers(0, MAX_ROWS), top=st.booleans())
    def append_equal_row(self, table: pd.DataFrame, number: int, top: bool) -> pd.DataFrame:
        """Add a row that is equal to another, as it was before it ran, with an own intent."""
        self.count("append an equal row")
        table = table.astype(object)
        row = table[COLUMNS].iloc[[number % len(table)]].copy()
        row["intent"] = self.model.new_intent()
        parts = [row, table] if top else [table, row]
        both = pd.concat(parts, ignore_index=True)
        return both.tail(MAX_ROWS).astype({"intent": int}).reset_index(drop=True)

    @rule(target=tables, table=tables, number=st.integers(0, MAX_ROWS), to=st.sampled_from(["new", "A1"]))  # fmt: skip
    def edit_row(self, table: pd.DataFrame, number: int, to: str) -> pd.DataFrame:
        """Correct a row: it means something new; perhaps it equals another one by now."""
        self.count("edit a row")
        table = table.astype(object)
        position = number % len(table)
        intent = self.model.new_intent()
        value = f"e{intent}" if to == "new" else to
        if table[NUMBER].iloc[position] != value:
            table.iloc[position, table.columns.get_loc("intent")] = intent
            table.iloc[position, table.columns.get_loc(NUMBER)] = value
        table.iloc[position, table.columns.get_loc(SOURCE)] = None
        return table.astype({"intent": int})

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

    @rule(target=tables, table=tables, settings=hows, faults=faults, answer=answers, limit=st.sampled_from([None] * 4 + [1, 2]), flight=st.sampled_from([1, 16]))  # fmt: skip
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
            keywords = self.keywords(call.how, resend=call.resend, **settings)
            return run_workflows(call.table, **keywords)

    def judge(self, result: pd.DataFrame, call: Call, settings: dict[str, Any]) -> None:
        """Judge a result, and compare it with what the journal says."""
        stopped = result.attrs.get("flxframe", {}).get("stopped")
        self.model.judge_result(result, call, complete=stopped is None)
        if call.how.journal is False or call.how.draft or call.resend != "ask" or stopped:
            return
        journal = Journal(self.paths[call.how.journal])
        keywords = self.keywords(call.how, **settings)
        recorded = journal.result(call.table, **{**keywords, "journal": None})
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
        arguments = (table, keywords, str(self.paths["default"]), started)
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
