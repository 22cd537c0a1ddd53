"""The facts about a result in its attrs."""

import pandas as pd

from flxframe.result.attributes import result_attributes


def test_the_facts_of_an_earlier_run_are_replaced() -> None:
    """Whatever else is in the attrs of the table stays, and the table keeps its own."""
    table = pd.DataFrame()
    facts = {"stopped": "token", "notes": ["old"], "remarks": ["merged"]}
    table.attrs = {"mine": 1, "flxframe": dict(facts)}

    assert result_attributes(table, None, []) == {"mine": 1, "flxframe": {"remarks": ["merged"]}}
    expected = {"stopped": "deadline", "notes": ["new"], "remarks": ["merged"]}
    assert result_attributes(table, "deadline", ["new"]) == {"mine": 1, "flxframe": expected}
    assert table.attrs["flxframe"] == facts


def test_a_table_without_facts_has_none() -> None:
    """No empty mapping is added."""
    assert result_attributes(pd.DataFrame(), None, []) == {}
