"""The same verbs at the shell."""

from __future__ import annotations

import itertools
import os
import signal
import sys
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import click
import pandas as pd

from flxframe.api import run_workflows
from flxframe.exceptions import FlxframeError, JournalError, SettingError
from flxframe.files.reading import read_table
from flxframe.files.writing import check_writable, write_results
from flxframe.journal.reader import Journal
from flxframe.journal.report import progress_text, recorded_result
from flxframe.journal.writer import record_output
from flxframe.preview import preview
from flxframe.result.compare import changes
from flxframe.result.listing import as_text
from flxframe.result.summary import stop_reason, summary
from flxframe.run.client import resolve_base_url
from flxframe.run.tokens import read_tokens
from flxframe.text import one_line

_OK, _NOT_OK, _WRONG, _REFUSED, _INTERRUPTED = 0, 1, 2, 3, 130


_STOPPED = {"token": _REFUSED, "interrupted": _INTERRUPTED}


_RESULT_KINDS = {
    ".json": ".jsonl",
    **{kind: kind for kind in (".csv", ".tsv", ".jsonl", ".parquet", ".xlsm")},
}


_WIDEST = 70


_MOST_CHANGES = 10


class _Commands(click.Group):
    """Shows an error or warning of ours as one plain line, without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        with warnings.catch_warnings():
            warnings.showwarning = lambda message, *_: _complain(message)
            try:
                return super().invoke(ctx)
            except FlxframeError as error:
                _complain(error)
                sys.exit(_WRONG)
            except KeyboardInterrupt:
                _complain("interrupted")
                sys.exit(_INTERRUPTED)


@click.group(cls=_Commands)
@click.version_option(package_name="flxframe")
def main() -> None:
    """Push the rows of a table through Flxpoint workflows. The token comes from FLXPOINT_API_TOKEN.

    Exit status: 0 all rows are ok, 1 some row is not, 2 wrong usage or table, 3 the token was refused, 130 interrupted.
    """


def _pairs(
    what: str,
) -> Callable[[click.Context, click.Parameter, tuple[str, ...]], dict[str, str]]:
    """Return what reads an option that is given as `what`, such as ``KEY=NUMBER``, once for each key."""

    def split(
        _context: click.Context, _parameter: click.Parameter, given: tuple[str, ...]
    ) -> dict[str, str]:
        pairs: dict[str, str] = {}
        for text in given:
            key, equals, value = text.rpartition("=")
            if not equals:
                raise click.BadParameter(f"{text!r} must be written as {what}")
            if key in pairs:
                raise click.BadParameter(f"{key!r} is given twice: {pairs[key]!r} and {value!r}")
            pairs[key] = value
        return pairs

    return split


_OPTIONS = [
    click.option("--event-handle", help="The event of rows whose eventHandle is blank."),
    click.option("--workflow-id", type=int, help="The workflow of rows whose id is blank."),
    click.option(
        "--draft/--no-draft",
        default=None,
        help="Run the draft version, or not, where the cell is blank.",
    ),
    click.option(
        "--param",
        metavar="KEY=NUMBER",
        multiple=True,
        callback=_pairs("KEY=NUMBER"),
        help="Where params.KEY is blank; may be repeated.",
    ),
    click.option(
        "--column",
        metavar="NAME=PATH",
        multiple=True,
        callback=_pairs("NAME=PATH"),
        help="Where a column goes; NAME= is not sent.",
    ),
    click.option(
        "--object-handle", help="The object that takes every column which is no request field."
    ),
    click.option(
        "--blanks",
        type=click.Choice(["omit", "null"]),
        default="omit",
        show_default=True,
        help="Blank cells.",
    ),
    click.option(
        "--base-url", help="Where the API lives, if not FLXPOINT_BASE_URL or the real one."
    ),
    click.option("--rate", type=float, default=2.0, show_default=True, help="Requests a second."),
    click.option(
        "--max-in-flight",
        type=int,
        default=16,
        show_default=True,
        help="Requests that may wait at once.",
    ),
    click.option(
        "--timeout",
        type=float,
        default=60.0,
        show_default=True,
        help="Seconds to wait for an answer.",
    ),
    click.option(
        "--retry-unknown", is_flag=True, help="Send a row again though its workflow may have run."
    ),
    click.option(
        "--stop-after-failures",
        type=int,
        default=20,
        show_default=True,
        help="Stop at so many failures in a row.",
    ),
    click.option("--max-minutes", type=float, help="Start no more rows after so many minutes."),
    click.option("--sheet", help="Which sheet of a workbook."),
    click.option("--header-row", type=int, help="The row of the column names, from 1."),
    click.option(
        "--dtype",
        "dtype",
        metavar="COLUMN=KIND",
        multiple=True,
        callback=_pairs("COLUMN=KIND"),
        help="In a .csv or .tsv: string, integer, number or boolean, whatever the cells look like.",
    ),
]


def _table_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the table and the options that `run` and `preview` share."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return click.argument("table", type=click.Path(path_type=Path))(command)


def _read(table: Path, settings: dict[str, Any]) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Read the table, and return it with the settings as `run_workflows` takes them."""
    data = read_table(
        table,
        sheet=settings.pop("sheet"),
        header_row=settings.pop("header_row"),
        dtype=settings.pop("dtype"),
    )
    settings["params"] = settings.pop("param")
    settings["columns"] = {name: path or None for name, path in settings.pop("column").items()}
    return data, settings


@main.command()
@_table_options
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Where the result goes  [TABLE.done.EXT]",
)
@click.option("--force", is_flag=True, help="Replace the result file if it is there.")
@click.option("--quiet", is_flag=True, help="Show no progress bar.")
@click.option(
    "--journal", type=click.Path(path_type=Path), help="What remembers the run  [OUTPUT.journal.db]"
)
@click.option(
    "--no-journal",
    is_flag=True,
    help="Remember nothing; the same command again sends every row again.",
)
@click.option(
    "--token-column", help="The column that names each row's token, FLXPOINT_API_TOKEN_NAME."
)
@click.option(
    "--token-file",
    type=click.Path(path_type=Path),
    help="JSON with the tokens by name, for --token-column.",
)
def run(
    table: Path,
    *,
    output: Path | None,
    force: bool,
    quiet: bool,
    journal: Path | None,
    no_journal: bool,
    token_column: str | None,
    token_file: Path | None,
    **settings: Any,
) -> None:
    """Run one workflow for each row of TABLE, and write the result.

    The same command again goes on where this one ended.
    """
    data, settings = _read(table, settings)
    output = output or table.with_name(
        f"{table.stem}.done{_RESULT_KINDS.get(table.suffix.lower(), '.xlsx')}"
    )
    if token_file is not None and token_column is None:
        raise SettingError(
            "--token-file wants --token-column, the column whose cells name the token of each row"
        )
    if token_column is not None:
        settings |= {"token": read_tokens(token_file), "token_column": token_column}
    if not no_journal:
        settings["journal"] = journal = journal or _journal_of(table, output)
        # The result of this very journal may be replaced by its continuation, unless somebody has worked on it.
        force = force or (journal.exists() and Journal(journal).wrote(output))
    template = (
        table if output.suffix.lower() == table.suffix.lower() in (".xlsx", ".xlsm") else None
    )
    check_writable(output, overwrite=force, template=template)
    result, written = _run(
        data, output, overwrite=force, template=template, progress=not quiet, **settings
    )
    if written and not no_journal and journal is not None:
        record_output(journal, output)
    sys.exit(_exit_status(result) if written else _WRONG)


def _journal_of(table: Path, output: Path) -> Path:
    """Return the journal of the run that wrote the table, if one did; else one beside the result."""
    for journal in sorted(table.parent.glob("*.journal.db")):
        with suppress(JournalError):
            if Journal(journal).is_of(table):
                return journal
    return output.with_name(f"{output.name}.journal.db")


def _run(
    data: pd.DataFrame,
    output: Path,
    *,
    overwrite: bool,
    template: Path | None = None,
    **settings: Any,
) -> tuple[pd.DataFrame, bool]:
    """Run, write and show the result; and say whether it is where it was wanted."""
    result = run_workflows(data, **settings)
    with _uninterrupted():
        place = _write(
            result,
            output,
            overwrite=overwrite,
            template=template,
            before=data,
            base_url=resolve_base_url(settings["base_url"]),
        )
        click.echo(as_text(summary(result), _WIDEST))
        click.echo(f"\nThe result is in {place}")
    return result, place == output


def _write(result: pd.DataFrame, output: Path, **settings: Any) -> Path:
    """Write the result, elsewhere if need be: the workflows have run, and what they answered can't be had again."""
    try:
        return write_results(result, output, **settings)
    except Exception as error:
        _complain(f"{error}. So it was written elsewhere, as lines of JSON")
        return write_results(
            result, Path(tempfile.mkdtemp(prefix="flxframe-")) / f"{output.stem}.jsonl"
        )


def _exit_status(result: pd.DataFrame) -> int:
    stopped = _STOPPED.get(stop_reason(result) or "")
    if stopped is not None:
        return stopped
    return _OK if (result["run.status"] == "ok").all() else _NOT_OK


@main.command()
@click.argument("journal", type=click.Path(path_type=Path))
def status(journal: Path) -> None:
    """Say what is done, what is left, and how long it will take."""
    click.echo(progress_text(Journal(journal)))


@main.command()
@click.argument("journal", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), required=True, help="Where the result goes."
)
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
def export(journal: Path, output: Path, force: bool) -> None:
    """Write what JOURNAL knows of its rows as a result."""
    check_writable(output, overwrite=force)
    result = recorded_result(Journal(journal))
    click.echo(f"{len(result):,} rows are in {write_results(result, output, overwrite=force)}")


@main.command("preview")
@_table_options
@click.option("--curl", is_flag=True, help="Show each row as a curl command.")
def preview_command(table: Path, curl: bool, **settings: Any) -> None:
    """Show what `run` would send for each row of TABLE, and send nothing."""
    data, settings = _read(table, settings)
    shown = preview(data, **settings)
    errors = shown.rows["error"].tolist()
    if curl:
        for position, error in enumerate(errors):
            click.echo(
                f"# row {position}: {one_line(error)}"
                if error
                else f"# row {position}\n{shown.curl(position)}"
            )
    else:
        click.echo(str(shown))
    sys.exit(_NOT_OK if any(errors) else _OK)


@main.command("sandbox")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="0 is any free port.",
)
def sandbox_command(port: int) -> None:
    """Serve a local stand-in for the API until stopped."""
    from flxframe.sandbox.app import sandbox  # noqa: PLC0415  only this command and `demo` want it

    api = sandbox(port=port)
    try:
        api.start()
    except OSError as error:
        _complain(f"port {port} can't be used ({error.strerror}): choose another one with --port")
        sys.exit(_WRONG)
    click.echo(
        f"export FLXPOINT_BASE_URL={api.url} FLXPOINT_API_TOKEN={api.token}\n# Ctrl-C stops it."
    )
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        click.echo(f"# stopped after {len(api.arrivals)} requests")
    finally:
        api.stop()


@main.command()
def demo() -> None:
    """Run the sample orders against a sandbox of its own, at the API's real pace."""
    from flxframe.sandbox.app import sandbox  # noqa: PLC0415  only this command and `sandbox` want it

    package = Path(__file__).parent
    samples = next(
        place
        for place in (package / "sample_data", package.parent / "sample_data")
        if place.is_dir()
    )
    data = read_table(samples / "orders.xlsx")
    click.echo(
        f"{len(data)} sample orders go to a sandbox on this computer, at the API's pace of 2 a second.",
        err=True,
    )
    with sandbox(latency=0.4) as api:
        result, _ = _run(
            data,
            _free_place(),
            overwrite=False,
            template=samples / "orders.xlsx",
            token=api.token,
            base_url=api.url,
        )
    found = changes(data, result)
    click.echo(
        f"\nWhat the workflows changed, the first {min(_MOST_CHANGES, len(found))} of {len(found)} fields:"
    )
    click.echo(as_text(found.head(_MOST_CHANGES), _WIDEST))
    # The refused rows are part of the show, so they are no failure of it.
    sys.exit(_STOPPED.get(stop_reason(result) or "", _OK))


def _free_place() -> Path:
    """Return a name for the demo's result that isn't taken, in this folder if it can be written."""
    folder = Path() if os.access(Path(), os.W_OK) else Path(tempfile.mkdtemp(prefix="flxframe-"))
    numbered = (folder / f"flxframe-demo-{number}.xlsx" for number in itertools.count(2))
    return next(
        path
        for path in itertools.chain([folder / "flxframe-demo.xlsx"], numbered)
        if not path.exists()
    )


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let no Ctrl-C cost the result while it is being written: an impatient user presses it more than once."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _complain(message: object) -> None:
    click.echo(f"flxframe: {one_line(message)}", err=True)
