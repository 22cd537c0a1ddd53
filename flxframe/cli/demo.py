"""`flxframe demo`: run the sample orders against a sandbox, at the API's real pace."""

from __future__ import annotations

import itertools
import os
import tempfile
from pathlib import Path

from flxframe.cli.results import MAX_WIDTH, NOT_OK, run_and_write
from flxframe.cli.streams import say
from flxframe.files.reading import read_table
from flxframe.options import RunOptions
from flxframe.result.compare import changes
from flxframe.result.listing import as_text
from flxframe.sandbox import sandbox

_MAX_CHANGES = 10


def run_demo() -> int:
    """Run the sample orders, show what the workflows changed, and return the exit status."""
    orders = _sample_data() / "orders.xlsx"
    data = read_table(orders)
    say(
        f"{len(data)} sample orders go to a sandbox on this computer, "
        "at the API's pace of 2 a second.",
        err=True,
    )

    with sandbox(latency=0.4) as api:
        options = RunOptions(token=api.token, base_url=api.url)
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
