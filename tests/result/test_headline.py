"""The line at the end of a run."""

from __future__ import annotations

import pandas as pd

from flxframe.result.headline import headline
from tests.conftest import orders, run


def test_it_tells_sent_and_recalled_rows_apart(api) -> None:
    """Each status is counted, and the rows that their workflow changed."""
    first = run(orders(3), api)
    table = pd.concat([first, orders(1).assign(eventHandle=None), orders(5).tail(1)])
    result = run(table.reset_index(drop=True), api)
    assert headline(result, 2.4) == "5 rows in 2 s: 4 ok, 1 invalid; 1 sent, 3 recalled"


def test_it_says_that_nothing_was_sent(api) -> None:
    """Where all rows were recalled, and where there are none."""
    again = run(run(orders(2), api), api)
    assert headline(again, 0.1) == "2 rows: 2 ok; nothing was sent, 2 recalled"
    assert headline(again.head(0)) == "Nothing was sent: the table has no rows"
