"""JSON texts in the cells of a table that was read from a file. Pure: no network, clock or disk.

A file has no cells of objects and lists: they are written as JSON text, and sent as what they were.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from flxframe.request.json_text import decode
from flxframe.request.paths import Path


def can_contain_json(table: pd.DataFrame, name: Any, path: Path) -> bool:
    """Return whether a JSON text in a column is sent as its value.

    That is so in a table from a file, unless the user gave the column the dtype ``string``.

    Parameters
    ----------
    table : DataFrame
        The table; ``attrs["flxframe"]`` records its file.
    name : str
        The column.
    path : tuple
        Its path in the request.
    """
    source = table.attrs.get("flxframe", {})
    if "path" not in source or name in source.get("texts", ()):
        return False
    return path[0] == "objects" or path == ("params",)


def decode_cells(values: list[Any]) -> bool:
    """Replace each JSON text of an object or array by its value, and return whether one was found.

    Examples
    --------
    >>> values = ['{"sku": "007"}', "[gift]", "[7]"]
    >>> decode_cells(values), values
    (True, [{'sku': '007'}, '[gift]', [7]])
    """
    has_json = False
    if str not in map(type, values):
        return has_json

    for position, text in enumerate(values):
        if type(text) is not str or text[0] not in "{[" or text[-1] not in "}]":
            continue
        try:
            values[position] = decode(text)
        except ValueError:  # a text in brackets is a text
            continue
        has_json = True
    return has_json
