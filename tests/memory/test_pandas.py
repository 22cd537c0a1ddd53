"""What pandas makes of a result on the way: recalled, or asked about, but never sent silently."""

import io
import pickle

import pandas as pd
import pytest

from tests.conftest import run
from tests.memory.conftest import NUMBER, asks, ran_once
from tests.memory.test_results import rich_orders

SAME = {
    "fillna": lambda table: table.astype(object).where(table.notna(), ""),
    "where": lambda table: table.astype(object).where(table.notna(), None),
    "convert_dtypes": lambda table: table.convert_dtypes(),
    "transpose": lambda table: table.T.T,
    "reset_index": lambda table: table.reset_index(),
    "sample": lambda table: table.sample(frac=1, random_state=17),
    "columns": lambda table: table[table.columns[::-1]],
    "category": lambda table: table.astype(
        dict.fromkeys((NUMBER, "run.status", "run.fingerprint"), "category")
    ),
    "float32": lambda table: table.astype({"run.seconds": "float32"}),
    "records": lambda table: pd.DataFrame(table.to_dict("records")),
    "pickle": lambda table: pickle.loads(pickle.dumps(table)),
    "merge": lambda table: table.merge(table[[NUMBER]].assign(note="x")),
    "slice": lambda table: table.iloc[::2],
    "zone": lambda table: table.assign(
        **{"run.sent_at": table["run.sent_at"].dt.tz_convert("Asia/Tokyo")}
    ),
    "capitals": lambda table: table.assign(
        **{"run.fingerprint": " " + table["run.fingerprint"].str.upper()}
    ),
}

CHANGED = {
    "astype(str)": lambda table: table.astype(str),
    "set_index": lambda table: table.set_index(NUMBER),
    "strip": lambda table: table.map(lambda cell: cell.strip() if isinstance(cell, str) else cell),
    "read_csv": lambda table: pd.read_csv(io.StringIO(table.to_csv(index=False))),
    "read_json": lambda table: pd.read_json(
        io.StringIO(table.to_json(orient="records", date_format="iso"))
    ),
    "merge": lambda table: table.merge(pd.concat([table[[NUMBER]]] * 2)),
    "integers": lambda table: table.astype({"objects.order.id": float}),
}


@pytest.mark.parametrize("change", SAME.values(), ids=SAME)
def test_the_same_values_in_another_shape_are_recalled(api, change) -> None:
    """Without a journal, by the fingerprints alone."""
    result = run(rich_orders(), api)
    assert run(change(result), api)["run.recalled"].all()
    assert ran_once(api, 6)


@pytest.mark.parametrize("change", CHANGED.values(), ids=CHANGED)
def test_other_values_and_copies_are_asked_about(api, change) -> None:
    """An index is not sent, text is not a number, and a join can repeat rows."""
    result = run(rich_orders(), api)
    with asks(api):
        run(change(result), api)
    assert ran_once(api, 6)
