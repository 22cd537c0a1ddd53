"""Ask in a terminal what is meant, where rows might have been sent before."""

from __future__ import annotations

import ast
import re
import sys
from typing import Any

import click

from flxframe.exceptions import AlreadySentError
from flxframe.options import RunOptions
from flxframe.options.arguments import arguments

_ARGUMENT = re.compile(r"(\w+)=(.+)")


def ask(error: AlreadySentError) -> dict[str, Any]:
    """Return the argument that the user chooses as the answer, in an interactive terminal.

    Raises
    ------
    AlreadySentError
        If there is no terminal, or the user does not choose.
    """
    streams = sys.stdin, sys.stderr
    if not all(stream is not None and stream.isatty() for stream in streams):  # None if closed
        raise error

    click.echo(_with_options(error.question), err=True)
    arguments = list(error.answers)
    for number, argument in enumerate(arguments, 1):
        click.echo(f"  {number}  {error.answers[argument]} ({option(argument)})", err=True)

    answer = click.prompt(
        f"Choose 1 to {len(arguments)}, or press Enter to send nothing",
        default="",
        show_default=False,
        err=True,
    )
    choices = [str(number) for number in range(1, len(arguments) + 1)]
    answer = answer.strip()
    if answer not in choices:
        raise error
    name, value = _parsed(arguments[int(answer) - 1])
    return {name: value}


def question(error: AlreadySentError) -> str:
    """Return the question with the options of the command as answers."""
    lines = [_with_options(error.question)]
    for argument, effect in error.answers.items():
        lines.append(f"  {option(argument)}  {effect}")
    return "\n".join(lines)


def _with_options(text: str) -> str:
    """Return a question with the options of the command instead of the arguments of Python."""
    for name, described in arguments(RunOptions).items():
        flag = described.option or f"--{name.replace('_', '-')}"
        for before in ("another ", ", "):
            text = text.replace(f"{before}{name!r}", f"{before}{flag}")
    return text


def option(argument: str) -> str:
    """Return the option of the command for an argument as it is written in Python.

    Examples
    --------
    >>> option('resend="never"'), option("same_account=False")
    ('--resend never', '--no-same-account')
    """
    name, value = _parsed(argument)
    flag = name.replace("_", "-")
    if isinstance(value, bool):
        return f"--{flag}" if value else f"--no-{flag}"
    return f"--{flag} {value}"


def _parsed(argument: str) -> tuple[str, Any]:
    match = _ARGUMENT.fullmatch(argument)
    if match is None:
        raise ValueError(f"{argument!r} is not written as NAME=VALUE")
    return match[1], ast.literal_eval(match[2])
