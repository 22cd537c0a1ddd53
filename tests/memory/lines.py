"""The same histories, in which each row of a table is an order of two or three lines.

The model judges orders, so a table is spread over lines before each call, in an order that mixes
them, and its result is put together again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
from hypothesis import strategies as st
from hypothesis.stateful import rule

from flxframe import run_workflows
from flxframe.exceptions import AlreadySentError
from flxframe.request.fingerprints import parse
from tests.memory.machine import PLAIN, Histories, How
from tests.memory.model import COUNTRY, SENT, Call, is_blank
from tests.memory.tables import MAX_ROWS

KEY, SKU = "Order", "objects.order.items[].sku"
FINGERPRINT = "run.fingerprint"
FIRST = "sku 1"


class LineHistories(Histories):
    """A user whose orders have lines."""

    def keywords(self, how: How, **more: Any) -> dict[str, Any]:
        """Return the keyword arguments of a run."""
        return {**super().keywords(how, **more), "group_by": KEY}

    def handed_in(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return the lines of a table: the first ones of all orders, then the others."""
        lines = []
        for position, row in enumerate(table.to_dict("records")):
            lines += lines_of(row, position)
        lines.sort(key=lambda line: line.pop("rank"))
        return pd.DataFrame(lines, columns=[KEY, *table.columns, SKU])

    def returned(self, result: pd.DataFrame) -> pd.DataFrame:
        """Return the orders of a result, whose lines must have the same outcome."""
        for _, lines in result.groupby(KEY):
            assert lines["run.status"].nunique() == 1
            assert lines["run.changes"].iloc[1:].fillna(0).eq(0).all()
            prints = sorted(map(parse, lines[FINGERPRINT]), key=lambda print: print.line)
            assert [print.line for print in prints] == list(range(1, len(lines) + 1))
            assert len({replace(print, line=0) for print in prints}) == 1

        first = result[result[SKU] == FIRST].sort_values(KEY).reset_index(drop=True)
        orders = first.drop(columns=[KEY, SKU])
        orders.attrs.update(result.attrs)
        return orders

    def sent(self, call: Call, **settings: Any) -> pd.DataFrame:
        """Run a table; a question names all lines of an order."""
        try:
            return super().sent(call, **settings)
        except AlreadySentError as error:
            keys = self.handed_in(call.table)[KEY]
            orders = sorted(set(keys.iloc[error.rows]))
            named, error.rows = error.rows, orders
            assert named == keys.index[keys.isin(orders)].tolist()
            raise

    @rule(
        table=Histories.tables,
        journal=st.sampled_from(["named", "none"]),
        number=st.integers(0, MAX_ROWS),
        last=st.booleans(),
    )
    def drop_a_line(self, table: pd.DataFrame, journal: str, number: int, last: bool) -> None:
        """Run an order that was sent, without one of its lines: the call asks."""
        row = table.to_dict("records")[number % len(table)]
        mark = self.model.print_of(row)
        is_plain = mark is not None and mark.how.occasion is None and not mark.how.draft
        if not is_plain or mark.status not in SENT or row["run.status"] not in SENT:
            return

        self.count("drop a line")
        lines = self.handed_in(table.iloc[[number % len(table)]])
        lines = lines.iloc[:-1] if last else lines.iloc[1:]
        arrivals = len(self.api.arrivals)
        how = self.how({**PLAIN, "journal": journal})
        try:
            run_workflows(lines, **self.keywords(how))
        except AlreadySentError:
            assert len(self.api.arrivals) == arrivals
            return
        raise AssertionError("an order was sent without one of its lines")


def lines_of(row: dict[str, Any], position: int) -> list[dict[str, Any]]:
    """Return the lines of an order; the columns that they share are filled on the first one."""
    count = 3 if row[COUNTRY] == "CA" else 2
    mark = row.get(FINGERPRINT)
    lines = []
    for number in range(1, count + 1):
        own = dict(row)
        if number > 1:
            shared = [name for name in row if not name.startswith("run.") and name != "intent"]
            own.update(dict.fromkeys(shared))
            if not is_blank(row.get("run.changes")):
                own["run.changes"] = 0
        if not is_blank(mark):
            own[FINGERPRINT] = str(replace(parse(mark), line=number, lines=count))

        # Those of a result are in another order than they were sent.
        later = number if is_blank(mark) else -number
        own |= {KEY: position, SKU: f"sku {number}", "rank": (number > 1, later, position)}
        lines.append(own)
    return lines
