"""What a history means: a model that knows what each row's author means, and judges by the log.

Each row has an unsent column ``intent``, a unique number of what its author means. A copied row has
the same intent, an edited one a new one, and so has an equal row that was appended. The server sees
only contents; rows of one *family* have the same content, apart from what workflows change.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from flxframe.exceptions import AlreadySentError
from flxframe.sandbox import Arrival, Sandbox

NUMBER = "objects.order.number"
COUNTRY = "objects.order.country"
NOTE = "objects.order.note"
STATE = "objects.order.status"
SOURCE = "params.source"
COLUMNS = ["intent", "eventHandle", NUMBER, COUNTRY, NOTE, SOURCE]
SENT = ("ok", "unknown")
REFUSALS = (400, 401, 403, 422, 429)

Family = tuple[Any, ...]


def hold(objects: dict[str, Any]) -> None:
    """Hold orders from abroad, so that some rows are changed by their workflow."""
    if objects["order"].get("country") == "CA":
        objects["order"]["status"] = "Hold"
        objects["order"].get("items", []).reverse()


def is_blank(cell: object) -> bool:
    """Return whether a cell is blank, in memory or as a file left it."""
    return cell is None or cell == "" or bool(pd.isna(cell))


@dataclass(frozen=True)
class How:
    """The arguments of a run that matter to what it means."""

    journal: str | bool | None = False
    token: str = ""
    account: str = ""
    occasion: str | None = None
    source: int | None = None
    blanks: str = "omit"
    draft: bool = False
    renews: bool = True

    @property
    def keywords(self) -> dict[str, Any]:
        """The arguments of `run_workflows`."""
        return {
            "token": self.token,
            "occasion": self.occasion,
            "params": None if self.source is None else {"source": self.source},
            "blanks": self.blanks,
            "draft": self.draft or None,
        }

    def family(self, row: Mapping[str, Any]) -> Family:
        """Return the family of a row."""
        source = self.source if is_blank(row[SOURCE]) else row[SOURCE]
        note = row[NOTE]
        if is_blank(note):
            note = None if self.blanks == "omit" else "null"
        source = None if source is None else str(source).removesuffix(".0")
        # What another account gets is what the first one left.
        state = None if self.renews or is_blank(row.get(STATE)) else row[STATE]
        return (row[NUMBER], row[COUNTRY], note, source, self.draft, state)


def family_of_arrival(arrival: Arrival, how: How) -> Family:
    """Return the family of a request that arrived."""
    body = arrival.body
    order = body["objects"]["order"]
    note = order.get("note", ...)
    if note is ...:
        note = None
    elif note is None:
        note = "null"
    params = {param["key"]: str(param["value"]) for param in body.get("params", ())}
    draft = bool(body.get("draft"))
    state = None if how.renews else order.get("status")
    return (order["number"], order["country"], note, params.get("source"), draft, state)


@dataclass(frozen=True)
class Printed:
    """What a fingerprint of a result was written for."""

    intent: int
    status: str
    family: Family
    how: How


@dataclass
class Call:
    """One call, until it is judged."""

    table: pd.DataFrame
    how: How
    resend: str = "ask"
    doubts: frozenset[int] = frozenset()
    runs: Counter[Family] = field(default_factory=Counter)
    originals: Counter[Family] = field(default_factory=Counter)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows of the table, as dicts."""
        return self.table.to_dict("records")


class Model:
    """The truth about a history."""

    def __init__(self, api: Sandbox) -> None:
        self.api = api
        self.printed: dict[str, Printed] = {}
        self.intents: dict[tuple[Family, str], set[tuple[Any, ...]]] = {}
        self.extras: Counter[tuple[Family, str]] = Counter()
        self.runs: Counter[tuple[Family, str, str | None]] = Counter()
        self.recorded: Counter[tuple[str, Family, str, str | None]] = Counter()
        self.known: dict[tuple[Any, ...], set[str | bool | None]] = {}
        self.answered: set[str] = set()
        self.doubtful: set[Family] = set()
        self._intents = 0

    def new_intent(self) -> int:
        """Return a number that no row has."""
        self._intents += 1
        return self._intents

    def print_of(self, row: Mapping[str, Any]) -> Printed | None:
        """Return what a row's fingerprint was written for."""
        cell = row.get("run.fingerprint")
        return None if is_blank(cell) else self.printed[str(cell)]

    def is_done(self, row: Mapping[str, Any]) -> bool:
        """Return whether a row's mark says that it ran, or might have run, as it is now."""
        if row.get("run.status") not in SENT:
            return False
        mark = self.print_of(row)
        return mark is None or mark.intent == row["intent"]

    @contextlib.contextmanager
    def call(self, call: Call) -> Iterator[Call]:
        """Count what runs during a call, and judge it."""
        runs, arrivals = len(self.api.runs), len(self.api.arrivals)
        self._submit(call)
        try:
            yield call
        finally:
            for arrival in self.api.runs[runs:]:
                family = family_of_arrival(arrival, call.how)
                call.runs[family] += 1
                call.originals[family] += "status" not in arrival.body["objects"]["order"]
            for arrival in self.api.arrivals[arrivals:]:
                if arrival.ran or arrival.status not in REFUSALS:
                    self.doubtful.add(family_of_arrival(arrival, call.how)[:2])
            self._note_runs(call)
        self._judge_runs(call)

    def _submit(self, call: Call) -> None:
        how = call.how
        done = {mark.intent for mark in self._done(call)}
        times: Counter[int] = Counter()
        for row, position in zip(call.rows, range(len(call.table)), strict=True):
            family, intent = how.family(row), row["intent"]
            key = (family, how.account)
            # For another occasion, the marks mean nothing, and copies are equal rows.
            times[intent] += how.occasion is not None and intent not in done
            self.intents.setdefault(key, set()).add((intent, how.occasion, times[intent]))
            journals = self.known.get((intent, family, how.account, how.occasion), set())
            is_remembered = how.journal is not False and how.journal in journals
            is_new_to_memory = intent not in done and not is_remembered
            is_answered = call.resend == "all"
            is_answered |= call.resend == "edited" and position in call.doubts
            if how.draft or is_answered or (journals and is_new_to_memory):
                self.extras[key] += 1

    def _done(self, call: Call) -> list[Printed]:
        """Return the prints of a table that forbid to send, each once."""
        how, prints = call.how, {}
        for row in call.rows:
            mark = self.print_of(row)
            if mark is None or mark.status not in SENT or mark.how.account != how.account:
                continue
            if how.occasion is not None and mark.how.occasion != how.occasion:
                continue
            prints[row["run.fingerprint"]] = mark
        return list(prints.values())

    def _note_runs(self, call: Call) -> None:
        how = call.how
        for family, count in call.runs.items():
            self.runs[family, how.account, how.occasion] += count
            if how.journal is not False:
                originals = call.originals[family]
                self.recorded[str(how.journal), family, how.account, how.occasion] += originals
        for row in call.rows:
            family = how.family(row)
            if call.runs[family]:
                key = (row["intent"], family, how.account, how.occasion)
                self.known.setdefault(key, set()).add(how.journal)

    def _judge_runs(self, call: Call) -> None:
        """Check that nothing ran twice: in this call, and in all."""
        how = call.how
        rows = Counter(how.family(row) for row in call.rows)
        done = Counter(mark.family for mark in self._done(call))
        guarded = Counter(
            how.family(row) for row in call.rows if self._is_of_other_options(row, call)
        )
        for family, count in call.runs.items():
            allowed = rows[family]
            if call.resend != "all" and not how.draft:
                before = self._recorded_before(family, call)
                if any(item[:-1] == family[:-1] and item[-1] for item in rows):
                    before = 0
                asked = guarded[family] if call.resend != "edited" else 0
                allowed -= max(done[family], before, asked)
            assert count <= max(allowed, 0), f"{family} ran {count} times, {allowed} were meant"

            key = (family, how.account)
            total = sum(
                times for (item, account, _), times in self.runs.items() if (item, account) == key
            )
            meant = len(self.intents[key]) + self.extras[key]
            assert total <= meant, f"{family} ran {total} times in all, {meant} were meant"

    def _recorded_before(self, family: Family, call: Call) -> int:
        """Return how many rows of a family, as their author wrote them, the journal knew before."""
        how = call.how
        if how.journal is False:
            return 0
        recorded = self.recorded[str(how.journal), family, how.account, how.occasion]
        return recorded - call.originals[family]

    def _is_of_other_options(self, row: Mapping[str, Any], call: Call) -> bool:
        mark, how = self.print_of(row), call.how
        if mark is None or mark.status not in SENT or mark.intent != row["intent"]:
            return False
        if mark.how.account != how.account or mark.how.occasion != how.occasion or how.draft:
            return False
        return mark.family != how.family(row)

    def judge_question(self, error: AlreadySentError, call: Call) -> None:
        """Check that each row in doubt is a real doubt."""
        assert not call.runs
        assert error.rows == sorted(set(error.rows))
        assert error.rows
        assert error.answers
        assert error.reason

        rows = call.rows
        clear = self.clear_rows(call)
        wrong = [position for position in error.rows if position in clear]
        named = [rows[position] for position in wrong]
        assert not wrong, f"{error.reason}: not a doubt: {named}"

    def clear_rows(self, call: Call) -> set[int]:
        """Return the positions of rows that cannot be meant in two ways."""
        cells = Counter(str(row.get("run.fingerprint")) for row in call.rows)
        clear = set()
        for position, row in enumerate(call.rows):
            mark = self.print_of(row)
            status = row.get("run.status")
            if mark is None and is_blank(status):
                is_clear = not self._ran_ever(call.how.family(row))
            elif mark is None or (not is_blank(status) and status != mark.status):
                is_clear = False
            elif mark.status in SENT:
                is_same = mark.intent == row["intent"] and mark.family == call.how.family(row)
                is_same &= replace(mark.how, journal=None) == replace(call.how, journal=None)
                is_clear = is_same
            else:
                is_clear = not self._ran_ever(call.how.family(row))
            is_copied = mark is not None and cells[str(row["run.fingerprint"])] > 1
            if is_clear and not is_copied:
                clear.add(position)
        return clear

    def _ran_ever(self, family: Family) -> bool:
        """Return whether anything of a family might have run, with whatever options."""
        return family[:2] in self.doubtful

    def judge_result(self, result: pd.DataFrame, call: Call, *, complete: bool) -> None:
        """Check that every `ok` ran and that every row that must go has gone; keep its prints."""
        how, rows = call.how, result.to_dict("records")
        assert result["intent"].tolist() == call.table["intent"].tolist()
        if complete:
            left = set(result.index[result["run.status"] == "not_sent"])
            assert left <= call.doubts, f"not sent: {left}"

        sent: Counter[Family] = Counter()
        unsure: Counter[Family] = Counter()
        oks: dict[Family, set[str]] = {}
        for position, row in enumerate(rows):
            family, status = how.family(call.rows[position]), row["run.status"]
            if not row["run.recalled"]:
                sent[family] += status == "ok"
                unsure[family] += status == "unknown"
            before = str(call.rows[position].get("run.fingerprint"))
            if position in call.doubts or before in self.answered:
                self.answered.add(row["run.fingerprint"])
            elif status == "ok":
                oks.setdefault(family[:-1], set()).add(row["run.fingerprint"])

        for family in sent | unsure | call.runs:
            ran = call.runs[family]
            assert sent[family] <= ran <= sent[family] + unsure[family], (
                f"{family}: {ran} ran, but {sent[family]} rows are ok, {unsure[family]} unknown"
            )
        for family, prints in oks.items():
            assert len(prints) <= self._ran(family, how), f"{family}: ok, but did not run"
        self.keep_prints(rows, call)

    def _ran(self, family: Family, how: How) -> int:
        days = {day for item, account, day in self.runs if item[:-1] == family}
        if how.occasion is not None:
            days = {how.occasion}
        return sum(
            count
            for (item, account, day), count in self.runs.items()
            if (item[:-1], account) == (family, how.account) and day in days
        )

    def keep_prints(self, rows: Sequence[Mapping[str, Any]], call: Call) -> None:
        """Note what the fingerprints of a result were written for."""
        for row in rows:
            text = str(row["run.fingerprint"])
            if text in self.printed:
                continue
            status = row["run.status"]
            # A recalled row was perhaps sent with an earlier token.
            how = replace(call.how, token="") if row["run.recalled"] else call.how
            self.printed[text] = Printed(row["intent"], status, how.family(row), how)
