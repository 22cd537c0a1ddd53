"""The facts about a result in its ``attrs``. Pure: no network, no clock, no disk."""

from __future__ import annotations

from typing import Any

import pandas as pd


def result_attributes(table: pd.DataFrame, stopped: str | None, whole: list[str]) -> dict[Any, Any]:
    """Return the ``attrs`` of the result of a table."""
    attributes = dict(table.attrs)
    facts = dict(attributes.pop("flxframe", {}))
    for name in ("stopped", "notes"):  # the table might be the result of another run
        facts.pop(name, None)

    if stopped is not None:
        facts["stopped"] = stopped
    if whole:
        facts["notes"] = whole

    if facts:
        attributes["flxframe"] = facts
    return attributes
