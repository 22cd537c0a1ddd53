"""`flxframe demo`: run the sample orders against a sandbox, at the API's real pace."""

from __future__ import annotations

import itertools
import os
import tempfile
from pathlib import Path

import click

from flxframe.api import run_workflows
from flxframe.cli.results import MAX_WIDTH, stopped_status, uninterrupted, write_and_show
from flxframe.files.reading import read_table
from flxframe.result.compare import changes
from flxframe.result.listing import as_text
from flxframe.sandbox import sandbox

_MAX_CHANGES = 10


def run_demo() -> int:
    """Run the sample orders, show what the workflows changed, and return the exit status."""
    orders = _sample_data() / "orders.xlsx"
    data = read_table(orders)
    click.echo(
        f"{len(data)} sample orders go to a sandbox on this computer, "
        "at the API's pace of 2 a second.",
        err=True,
    )

    with sandbox(latency=0.4) as api:
        result = run_workflows(data, token=api.token, base_url=api.url)
        with uninterrupted():
            write_and_show(result, _free_path(), template=orders, before=data, base_url=api.url)

    changed = changes(data, result)
    count = min(_MAX_CHANGES, len(changed))
    click.echo(f"\nWhat the workflows changed, the first {count} of {len(changed)} fields:")
    click.echo(as_text(changed.head(_MAX_CHANGES), MAX_WIDTH))

    # The demo includes rows that are refused, so they do not make it fail.
    return stopped_status(result) or 0


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
