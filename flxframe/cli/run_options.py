"""The command-line options of a run, built from the arguments that `RunOptions` declares."""

from __future__ import annotations

import dataclasses
import datetime as dt
import typing
from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any, TypeVar

import click

from flxframe.options import RunOptions
from flxframe.options.arguments import Argument
from flxframe.request.scalars import parse_integer, parse_number

Command = TypeVar("Command", bound=Callable[..., Any])
Pairs = Callable[[click.Context, click.Parameter, tuple[str, ...]], dict[str, str]]

_TODAY = "today"
"""The occasion that stands for the date."""


def integer(value: str | int) -> int:
    """Parse an integer, by the same strict rule as in a cell."""
    parsed = parse_integer(value) if isinstance(value, str) else value
    if parsed is None:
        raise click.BadParameter(f"{value!r} is not a valid integer")
    return parsed


def number(value: str | float) -> float:
    """Parse a number, by the same strict rule as in a cell."""
    parsed = parse_number(value) if isinstance(value, str) else value
    if parsed is None:
        raise click.BadParameter(f"{value!r} is not a valid number")
    return parsed


def pairs(metavar: str) -> Pairs:
    """Return a click callback that parses repeated options such as ``KEY=NUMBER``."""

    def parse(
        _context: click.Context, _parameter: click.Parameter, texts: tuple[str, ...]
    ) -> dict[str, str]:
        values: dict[str, str] = {}
        for text in texts:
            key, equals, value = text.rpartition("=")
            if not equals:
                raise click.BadParameter(f"{text!r} must be written as {metavar}")
            if key in values:
                raise click.BadParameter(f"{key!r} is given twice: {values[key]!r} and {value!r}")
            values[key] = value
        return values

    return parse


def run_options(command: Command) -> Command:
    """Add an option for each argument of a run that is not a secret."""
    types = typing.get_type_hints(RunOptions)
    for field in reversed(dataclasses.fields(RunOptions)):
        described: Argument = field.metadata["argument"]
        if not described.secret:
            command = _option(field, described, types[field.name])(command)
    return command


def run_keywords(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of the shell as keyword arguments of `run_workflows`."""
    keywords = {}
    for field in dataclasses.fields(RunOptions):
        described: Argument = field.metadata["argument"]
        if not described.secret:
            value = values[field.name]
            # The option of an argument that is True by default turns it off.
            keywords[field.name] = not value if field.default is True else value

    if keywords["occasion"] == _TODAY:
        keywords["occasion"] = dt.date.today().isoformat()
    keywords["group_by"] = list(values["group_by"]) or None
    keywords["columns"] = {name: path or None for name, path in values["columns"].items()}
    return keywords


def _option(
    field: dataclasses.Field[Any], described: Argument, annotation: Any
) -> Callable[[Command], Command]:
    """Return the click option of an argument, by the argument's type."""
    flag = described.option or f"--{field.name.replace('_', '-')}"
    doc = (described.shell_doc or described.doc).replace("`", "")
    settings: dict[str, Any] = {"help": doc, "default": field.default}
    kind = _type_of(annotation)

    if kind is bool and field.default is None:
        flag = f"{flag}/--no-{flag.removeprefix('--')}"
    elif kind is bool:
        settings |= {"is_flag": True, "default": False}
    elif Sequence in [typing.get_origin(item) for item in typing.get_args(kind)]:
        doc = f"{doc} Repeatable."
        settings = {"help": doc, "multiple": True, "metavar": described.metavar}
    elif typing.get_origin(kind) is Mapping:
        settings = {
            "help": f"{doc} Repeatable.",
            "multiple": True,
            "metavar": described.metavar,
            "callback": pairs(str(described.metavar)),
        }
    else:
        settings |= {"type": _click_type(kind), "show_default": field.default is not None}

    return click.option(flag, field.name, **settings)


def _type_of(annotation: Any) -> Any:
    """Return the type of an argument's value, apart from None."""
    alternatives = [kind for kind in typing.get_args(annotation) if kind is not type(None)]
    is_optional = type(None) in typing.get_args(annotation)
    if bool in alternatives:  # the shell has no way to answer for each token
        return bool
    return alternatives[0] if is_optional and len(alternatives) == 1 else annotation


def _click_type(kind: Any) -> Any:
    if kind is int:
        return integer
    if kind is float:
        return number
    if typing.get_origin(kind) is typing.Literal:
        return click.Choice(typing.get_args(kind))
    if kind is str:
        return click.STRING
    if PathLike in [typing.get_origin(item) for item in typing.get_args(kind)]:
        return click.Path(path_type=Path)
    raise TypeError(f"no command-line option can have the type {kind}")
