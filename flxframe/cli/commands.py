"""The commands: `run`, `preview`, `status`, `export`, `template`, `journal`, `sandbox`, `demo`."""

from __future__ import annotations

import sys
import threading
import warnings
from pathlib import Path
from typing import Any

import click
import pandas as pd

from flxframe.cli.asking import ask, question
from flxframe.cli.demo import run_demo
from flxframe.cli.journal_commands import journal_group, opened
from flxframe.cli.outputs import STDIN, check_output, output_of, template_of
from flxframe.cli.results import run_and_write
from flxframe.cli.run_options import Command, run_keywords, run_options
from flxframe.cli.streams import complain, drain, guarded_streams, say
from flxframe.exceptions import AlreadySentError, FlxframeError, SettingError
from flxframe.files.template import write_template
from flxframe.files.writing import check_writable, write_results
from flxframe.journal.reader import Journal
from flxframe.journal.report import progress_text, recorded_result
from flxframe.options import RunOptions
from flxframe.options.arguments import arguments
from flxframe.options.reading import ReadOptions
from flxframe.preview import preview
from flxframe.result.summary import notes_of
from flxframe.run.tokens import read_tokens
from flxframe.sources.table import read_stream, read_table
from flxframe.text import counted, one_line

_OK, _NOT_OK, _WRONG, _ASKED, _INTERRUPTED = 0, 1, 2, 4, 130
_TOKENS_HELP = (
    "A JSON file of tokens by name, for --token-column. By default each token is in its own "
    "variable, FLXPOINT_API_TOKEN_NAME."
)


class _Commands(click.Group):
    """Prints errors and warnings of flxframe as one line of text, without a traceback."""

    def main(self, *args: Any, **settings: Any) -> Any:
        with guarded_streams() as output:
            try:
                return super().main(*args, **settings)
            except SystemExit as end:
                if output is not None and output.has_lost and end.code in (None, _OK, _NOT_OK):
                    sys.exit(_WRONG)
                raise

    def invoke(self, ctx: click.Context) -> Any:
        with warnings.catch_warnings():
            warnings.showwarning = lambda message, *_: complain(message)
            try:
                return super().invoke(ctx)
            except AlreadySentError as error:
                say(f"flxframe: {question(error)}", err=True)
                sys.exit(_ASKED)
            except FlxframeError as error:
                complain(error)
                sys.exit(_WRONG)
            except KeyboardInterrupt:
                complain("interrupted")
                sys.exit(_INTERRUPTED)
            finally:
                drain()


@click.group(cls=_Commands)
@click.version_option(package_name="flxframe")
def main() -> None:
    """Push the rows of a table through Flxpoint workflows.

    The token comes from FLXPOINT_API_TOKEN.

    Exit status: 0 if all rows are ok, 1 if any row is not, 2 if the usage or the table is invalid,
    3 if the token was refused, 4 if rows might have been sent before and the command does not say
    what is meant, 130 if the run was interrupted by Ctrl-C, 143 by SIGTERM, 129 by SIGHUP. However
    it ends, the result is written.
    """


def _table_options(command: Command) -> Command:
    """Add the table and the options that `run` and `preview` share."""
    options = [
        run_options,
        click.option("--token-file", type=click.Path(path_type=Path), help=_TOKENS_HELP),
    ]
    for option in reversed(options):
        command = option(command)
    return click.argument("table")(command)


def _read(table: str, values: dict[str, Any]) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return the table, and the options as keyword arguments of `run_workflows`."""
    keywords = run_keywords(values)
    token_file = values["token_file"]
    if token_file is not None and keywords["token_column"] is None:
        raise SettingError(
            "--token-file requires --token-column, the column that has the name of each row's token"
        )
    if keywords["token_column"] is not None:
        keywords["token"] = read_tokens(token_file)

    reading = {name: keywords.pop(name) for name in arguments(ReadOptions)}
    if table == STDIN:
        return read_stream(sys.stdin, **reading), keywords
    return read_table(table, **reading), keywords


@main.command()
@_table_options
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="The file to write the result to  [TABLE.done.EXT]",
)
@click.option("--force", is_flag=True, help="Replace the result file if it exists.")
@click.option(
    "--no-journal",
    is_flag=True,
    help="Record nothing; repeating the command then sends every row again.",
)
def run(table: str, *, output: Path | None, force: bool, no_journal: bool, **values: Any) -> None:
    """Run one workflow for each row of TABLE, and write the result.

    TABLE is a file, an https link to one, or - for standard input.

    To resume a run that ended early, repeat the same command.
    """
    check_output(table, output)
    data, keywords = _read(table, values)
    if output is None:
        output = output_of(table, overwrite=force)
    if no_journal:
        keywords["journal"] = False

    template = template_of(table, output)
    check_writable(output, overwrite=force, template=template)

    while True:
        options = RunOptions(**keywords)
        try:
            _, status = run_and_write(data, options, output, overwrite=force, template=template)
        except AlreadySentError as error:
            keywords |= ask(error)
        else:
            sys.exit(status)


@main.command("preview")
@_table_options
@click.option("--curl", is_flag=True, help="Show each row as a curl command.")
def preview_command(table: str, *, curl: bool, **values: Any) -> None:
    """Show what `run` would send, and send nothing.

    It takes the options of `run`, but needs no token without --token-column.
    """
    data, keywords = _read(table, values)
    planned = preview(data, **keywords)
    errors = planned.rows["error"].tolist()

    if not curl:
        text = str(planned)
        if planned.question is not None:
            text = text.replace(str(planned.question), question(planned.question))
        click.echo(text)
    for position, error in enumerate(errors if curl else ()):
        if error:
            click.echo(f"# row {position}: {one_line(error)}")
        else:
            click.echo(f"# row {position}\n{planned.curl(position)}")
    sys.exit(_NOT_OK if any(errors) else _OK)


@main.command()
@click.argument("journal", type=click.Path(path_type=Path), required=False)
def status(journal: Path | None) -> None:
    """Show the progress of the last run in JOURNAL, by default that of the user."""
    click.echo(progress_text(opened(journal)))


@main.command()
@click.argument("journal", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    help="The file to write the result to.",
)
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
def export(journal: Path, output: Path, force: bool) -> None:
    """Write the rows recorded in JOURNAL to a file."""
    check_writable(output, overwrite=force)
    result = recorded_result(Journal(journal))
    path = write_results(result, output, overwrite=force)
    for note in notes_of(result):
        complain(note)
    say(f"{counted(len(result), 'row')} written to {path}")


@main.command()
@click.argument("workbook", type=click.Path(path_type=Path))
@click.option("--event", required=True, help="The event whose workflow will be run.")
@click.option("--lines", is_flag=True, help="One row for each item of an order.")
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
def template(workbook: Path, event: str, lines: bool, force: bool) -> None:
    """Write WORKBOOK, a .xlsx file of orders to begin with."""
    path = write_template(workbook, event_handle=event, lines=lines, overwrite=force)
    say(f"The template is in {path}; its second sheet explains how to fill it in")


@main.command("sandbox")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="The port; 0 picks any free one.",
)
def sandbox_command(port: int) -> None:
    """Serve a local mock of the API until stopped."""
    from flxframe.sandbox import sandbox  # noqa: PLC0415  only this command needs it

    api = sandbox(port=port)
    try:
        api.start()
    except OSError as error:
        complain(f"port {port} can't be used ({error.strerror}): choose another one with --port")
        sys.exit(_WRONG)

    click.echo(f"export FLXPOINT_BASE_URL={api.url} FLXPOINT_API_TOKEN={api.token}")
    click.echo("# Press Ctrl-C to stop it.")
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        click.echo(f"# stopped after {counted(len(api.arrivals), 'request')}")
    finally:
        api.stop()


main.add_command(journal_group)


@main.command()
@click.option(
    "--lines", is_flag=True, help="Use a shop's export, which has a row for each item of an order."
)
def demo(*, lines: bool) -> None:
    """Run sample orders against a local sandbox.

    It runs at the API's real pace, and needs no account or token.
    """
    sys.exit(run_demo(lines=lines))
