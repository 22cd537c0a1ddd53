"""`flxframe demo`: run the sample orders against a sandbox, at the API's real pace."""

from __future__ import annotations

import itertools
import os
import tempfile
from pathlib import Path
from typing import Any

from flxframe.cli.results import MAX_WIDTH, NOT_OK, run_and_write
from flxframe.cli.streams import say
from flxframe.files.reading import read_table
from flxframe.options import RunOptions
from flxframe.result.compare import changes
from flxframe.result.listing import as_text
from flxframe.sandbox import sandbox

_MAX_CHANGES = 10

_ADDRESS = "objects.order.shippingAddress"
_ITEM = "objects.order.items[]"
_LINES = {
    "group_by": "Name",
    "columns": {
        "Event": "eventHandle",
        "Source": "params.sourceId",
        "Name": "objects.order.number",
        "Created at": "objects.order.placedAt",
        "Shipping Name": f"{_ADDRESS}.name",
        "Shipping Address1": f"{_ADDRESS}.addressLine1",
        "Shipping City": f"{_ADDRESS}.city",
        "Shipping Province": f"{_ADDRESS}.stateCode",
        "Shipping Zip": f"{_ADDRESS}.postal",
        "Shipping Country": f"{_ADDRESS}.countryCode",
        "Lineitem sku": f"{_ITEM}.sku",
        "Lineitem name": f"{_ITEM}.title",
        "Lineitem price": f"{_ITEM}.price",
        "Lineitem quantity": f"{_ITEM}.quantity",
    },
}
"""How the columns of a shop's export, which has a row for each item, become orders."""


def run_demo(*, lines: bool = False) -> int:
    """Run the sample orders, show what the workflows changed, and return the exit status.

    Parameters
    ----------
    lines : bool
        Whether the orders are those of a shop's export, with a row for each item.
    """
    orders = _sample_data() / ("order_lines.xlsx" if lines else "orders.xlsx")
    data = read_table(orders)
    label = f"{len(data)} sample orders go"
    if lines:
        label = f"{data['Name'].nunique()} sample orders, in {len(data)} rows, go"
    say(f"{label} to a sandbox on this computer, at the API's pace of 2 a second.", err=True)

    with sandbox(latency=0.4) as api:
        settings: dict[str, Any] = _LINES if lines else {}
        options = RunOptions(token=api.token, base_url=api.url, **settings)
        result, status = run_and_write(data, options, _free_path(), template=orders)

    changed = changes(data, result)
    count = min(_MAX_CHANGES, len(changed))
    say(f"\nWhat the workflows changed, the first {count} of {len(changed)} fields:")
    say(as_text(changed.head(_MAX_CHANGES), MAX_WIDTH))

    # The demo includes rows that are refused, so they do not make it fail.
    return 0 if status == NOT_OK else status


def _sample_data() -> Path:
    """Return the folder of the sample data: inside the package, or next to it in a checkout."""
    package = Path(__file__).parents[1]
    installed = package / "sample_data"
    return installed if installed.is_dir() else package.parent / "sample_data"


def _free_path() -> Path:
    """Return an unused path for the result, in the current folder if it is writable."""
    folder = Path()
    if not os.access(folder, os.W_OK):
        folder = Path(tempfile.mkdtemp(prefix="flxframe-"))

    numbered = (folder / f"flxframe-demo-{number}.xlsx" for number in itertools.count(2))
    candidates = itertools.chain([folder / "flxframe-demo.xlsx"], numbered)
    return next(path for path in candidates if not path.exists())
