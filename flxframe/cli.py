"""The same verbs at the shell."""

from __future__ import annotations

import itertools
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pandas as pd

from flxframe.analysis import changes, summary
from flxframe.exceptions import FlxframeError
from flxframe.tables import check_writable, read_table, write_results
from flxframe.workflows import preview, run_workflows

_NOT_OK, _WRONG, _REFUSED, _INTERRUPTED = 1, 2, 3, 130


class _Commands(click.Group):
    """Shows an error of ours as one line, without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        warnings.showwarning = lambda message, *_: click.echo(f"flxframe: {message}", err=True)
        try:
            return super().invoke(ctx)
        except FlxframeError as error:
            click.echo(f"flxframe: {error}", err=True)
            sys.exit(_WRONG)


@click.group(cls=_Commands)
@click.version_option(package_name="flxframe")
def main() -> None:
    """Push the rows of a table through Flxpoint workflows. The token comes from FLXPOINT_API_TOKEN."""


def _pairs(what: str) -> Callable[[click.Context, click.Parameter, tuple[str, ...]], dict[str, str]]:
    def split(_context: click.Context, _parameter: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
        for text in given:
            if "=" not in text:
                raise click.BadParameter(f"{text!r} must be written as {what}")
        return dict(text.rsplit("=", 1) for text in given)

    return split


_REQUEST_OPTIONS = [
    click.option("--event-handle", help="The event of rows whose eventHandle is blank."),
    click.option("--workflow-id", type=int, help="The workflow of rows whose id is blank."),
    click.option("--draft/--no-draft", default=None, help="Run the draft version where the cell is blank."),
    click.option("--param", multiple=True, callback=_pairs("KEY=NUMBER"), help="KEY=NUMBER, for blank params.KEY."),
    click.option("--column", multiple=True, callback=_pairs("NAME=PATH"), help="NAME=PATH; NAME= isn't sent."),
    click.option("--handle", help="The object that takes every column which is no request field."),
    click.option("--nulls", type=click.Choice(["omit", "null"]), default="omit", show_default=True),
    click.option("--base-url", help="Where the API lives, if not FLXPOINT_BASE_URL or the real one."),
    click.option("--rate", type=float, default=2.0, show_default=True, help="Requests a second."),
    click.option("--sheet", help="Which sheet of a workbook."),
    click.option("--header-row", type=int, help="The row of the column names, from 1."),
    click.option("--type", "types", multiple=True, callback=_pairs("COLUMN=TYPE"), help="COLUMN=string, for .csv."),
]


def _request_options(command: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(_REQUEST_OPTIONS):
        command = option(command)
    return command


def _read(table: Path, settings: dict[str, Any]) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Read the table, and return it with the settings as `run_workflows` takes them."""
    data = read_table(
        table, sheet=settings.pop("sheet"), header_row=settings.pop("header_row"), types=settings.pop("types")
    )
    settings["params"] = settings.pop("param")
    settings["columns"] = {name: path or None for name, path in settings.pop("column").items()}
    return data, settings


@main.command()
@click.argument("table", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Where the result goes [TABLE.done.xlsx].")
@_request_options
@click.option("--max-in-flight", type=int, default=16, show_default=True, help="Requests that may wait at once.")
@click.option("--timeout", type=float, default=60.0, show_default=True, help="Seconds to wait for an answer.")
@click.option("--retry-unknown", is_flag=True, help="Send a row again though its workflow may have run.")
@click.option("--stop-after", type=int, default=20, show_default=True, help="Stop at so many failures in a row.")
@click.option("--max-minutes", type=float, help="Start no more rows after so many minutes.")
@click.option("--force", is_flag=True, help="Replace the result file if it is there.")
@click.option("--quiet", is_flag=True, help="Show no progress bar.")
def run(table: Path, output: Path | None, force: bool, quiet: bool, **settings: Any) -> None:
    """Run one workflow for each row of TABLE, and write the result."""
    suffix = table.suffix if table.suffix.lower() in (".csv", ".tsv", ".jsonl", ".parquet") else ".xlsx"
    output = output or table.with_name(f"{table.stem}.done{suffix}")
    data, settings = _read(table, settings)
    check_writable(output, force=force)
    _run(data, output, force=force, progress=not quiet, **settings)


def _run(data: pd.DataFrame, output: Path, *, force: bool, show_changes: bool = False, **settings: Any) -> None:
    result = run_workflows(data, **settings)
    write_results(result, output, force=force)
    _show(summary(result))
    if show_changes:
        click.echo("\nWhat the workflows changed:")
        _show(changes(data, result))
    click.echo(f"\nThe result is in {output}")
    stopped = result.attrs.get("flxframe.stopped")
    if stopped is not None and stopped in ("token", "interrupted"):
        sys.exit(_REFUSED if stopped == "token" else _INTERRUPTED)
    sys.exit(0 if (result["run.status"] == "ok").all() else _NOT_OK)


def _show(table: pd.DataFrame) -> None:
    click.echo(
        table.astype(object).where(table.notna(), "").to_string(index=False, max_colwidth=70)
        if len(table)
        else "nothing"
    )


@main.command("preview")
@click.argument("table", type=click.Path(path_type=Path))
@_request_options
@click.option("--curl", is_flag=True, help="Show each row as a curl command.")
def preview_command(table: Path, curl: bool, **settings: Any) -> None:
    """Show what `run` would send, and send nothing."""
    data, settings = _read(table, settings)
    shown = preview(data, **settings)
    if not curl:
        click.echo(str(shown))
        return
    for position, error in enumerate(shown.rows["error"].tolist()):
        click.echo(f"# row {position}" + (f": {error}" if error else f"\n{shown.curl(position)}"))


@main.command("sandbox")
@click.option("--port", type=int, default=8000, show_default=True)
def sandbox_command(port: int) -> None:
    """Serve a local stand-in for the API until stopped."""
    from flxframe.sandbox import sandbox  # noqa: PLC0415  only this command and the demo want it

    with sandbox(port=port) as api:
        click.echo(f"FLXPOINT_BASE_URL={api.url} FLXPOINT_API_TOKEN={api.token}\nCtrl-C stops it.")
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            click.echo("stopped")


@main.command()
def demo() -> None:
    """Run the sample orders against a sandbox of its own, at the real pace."""
    from flxframe.sandbox import sandbox  # noqa: PLC0415  only this command and `sandbox` want it

    package = Path(__file__).parent
    folder = next(place for place in (package / "sample_data", package.parent / "sample_data") if place.is_dir())
    names = ("flxframe-demo.xlsx", *(f"flxframe-demo-{number}.xlsx" for number in range(2, 1000)))
    output = next(path for path in itertools.chain(map(Path, names)) if not path.exists())
    data = read_table(folder / "orders.xlsx")
    with sandbox(latency=0.4) as api:
        _run(data, output, force=False, show_changes=True, token=api.token, base_url=api.url)
