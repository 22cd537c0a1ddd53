"""The command-line options match the arguments of a run: name, type, default and help."""

import click
import pytest

from flxframe.cli.commands import main
from flxframe.cli.run_options import integer, number, pairs, run_keywords
from flxframe.options import RunOptions
from flxframe.options.arguments import arguments

RUN = main.commands["run"]
PREVIEW = main.commands["preview"]


@pytest.mark.parametrize("command", [RUN, PREVIEW], ids=["run", "preview"])
def test_every_argument_but_the_token_is_an_option(command: click.Command) -> None:
    """A token on the command line would stay in the shell's history."""
    options = {parameter.name: parameter for parameter in command.params}
    assert "token" not in options
    for name, described in arguments(RunOptions).items():
        if not described.secret:
            doc = described.shell_doc or described.doc
            assert options[name].help.startswith(doc.replace("`", ""))


def test_without_options_a_run_has_its_defaults() -> None:
    """The command line adds no defaults of its own."""
    context = RUN.make_context("run", ["orders.csv"])
    assert RunOptions(**run_keywords(context.params)) == RunOptions(params={}, columns={}, dtype={})


def test_options_become_keyword_arguments() -> None:
    """Pairs become mappings, an empty path excludes the column, and --quiet hides the bar."""
    shell = [
        "t.csv",
        "--param",
        "a=1",
        "--column",
        "x=y=objects.o.x",
        "--column",
        "Note=",
        "--quiet",
    ]
    keywords = run_keywords(RUN.make_context("run", [*shell, "--no-draft", "--rate", "1"]).params)
    assert keywords["params"] == {"a": "1"}
    assert keywords["columns"] == {"x=y": "objects.o.x", "Note": None}
    assert (keywords["progress"], keywords["draft"], keywords["rate"]) == (False, False, 1)


@pytest.mark.parametrize("text", ["1_000", "٣", "x", "", "nan"])
def test_a_number_follows_the_rule_of_cells(text: str) -> None:
    """Python's own int() and float() accept some of these."""
    for parse in (integer, number):
        with pytest.raises(click.BadParameter, match="is not a valid"):
            parse(text)


def test_a_pair_needs_an_equals_sign_and_a_unique_key() -> None:
    """Otherwise one of two values would be ignored silently."""
    parse = pairs("KEY=NUMBER")
    assert parse(None, None, ("a=1", "b=2")) == {"a": "1", "b": "2"}
    with pytest.raises(click.BadParameter, match="must be written as KEY=NUMBER"):
        parse(None, None, ("a",))
    with pytest.raises(click.BadParameter, match="'a' is given twice: '1' and '2'"):
        parse(None, None, ("a=1", "a=2"))
