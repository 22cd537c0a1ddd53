"""Arguments that are declared once, as fields of a dataclass, and passed as keywords. Pure."""

from __future__ import annotations

import dataclasses
import difflib
import functools
import inspect
import textwrap
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import (
    Any,
    Concatenate,
    Generic,
    ParamSpec,
    TypeAlias,
    TypeVar,
    cast,
    get_type_hints,
    overload,
)

from flxframe.request.token import hide

P = ParamSpec("P")
A = TypeVar("A")
T = TypeVar("T")
S = TypeVar("S")
R = TypeVar("R")

_DOC_WIDTH = 96

Check: TypeAlias = Callable[[str, Any], object]
"""Takes an argument's name and its value, and raises SettingError."""


@dataclass(frozen=True)
class Argument:
    """The properties of an argument, except its type and default.

    Parameters
    ----------
    doc : str
        Its line of documentation.
    notes : str
        More documentation, shown only in Python.
    check : callable, optional
        Raises if the value is not valid.
    option : str, optional
        Its command-line option; by default derived from its name.
    shell_doc : str
        The line of documentation for the command line, if it differs.
    metavar : str, optional
        The placeholder for the value in the command's help.
    secret : bool
        Whether to hide it from reprs and from the command line.
    """

    doc: str
    notes: str = ""
    check: Check | None = None
    option: str | None = None
    shell_doc: str = ""
    metavar: str | None = None
    secret: bool = False


def argument(
    default: T,
    doc: str,
    *,
    notes: str = "",
    check: Check | None = None,
    option: str | None = None,
    shell_doc: str = "",
    metavar: str | None = None,
    secret: bool = False,
) -> T:
    """Return the dataclass field of an argument; see `Argument`."""
    described = Argument(doc, notes, check, option, shell_doc, metavar, secret)
    return dataclasses.field(default=default, repr=not secret, metadata={"argument": described})


def arguments(options: type) -> dict[str, Argument]:
    """Return the arguments by name, in the order of their declaration."""
    return {field.name: field.metadata["argument"] for field in dataclasses.fields(options)}


def takes(options: Callable[P, S]) -> _Decorator[P, S]:
    """Decorate a function of a table and options, so that it is called with keyword arguments.

    The function's last parameter is the options. Its signature shows every argument, so Shift-Tab,
    `help()` and a type checker do too; ``{options}`` in its docstring is where they are documented.

    Parameters
    ----------
    options : type
        The dataclass of the arguments, such as `RunOptions`.

    Examples
    --------
    >>> from flxframe.options import RunOptions
    >>> @takes(RunOptions)
    ... def rate_of(data: str, options: RunOptions) -> float | None:
    ...     return options.rate
    >>> rate_of("orders.csv", rate=1)
    1
    """
    return _Decorator(options)


class _Decorator(Generic[P, S]):
    """Gives keyword arguments to a function of a table and options, or to a method of them."""

    def __init__(self, options: Callable[P, S]) -> None:
        self._options = cast("type[Any]", options)
        parameters = inspect.signature(options).parameters.values()
        self._keywords = [item for item in parameters if item.kind is item.KEYWORD_ONLY]

    @overload
    def __call__(self, function: Callable[[T, S], R]) -> Callable[Concatenate[T, P], R]: ...

    @overload
    def __call__(self, function: Callable[[A, T, S], R]) -> Callable[Concatenate[A, T, P], R]: ...

    def __call__(self, function: Callable[..., R]) -> Callable[..., R]:
        """Return the function with the options as its keyword arguments."""
        signature = inspect.signature(function)
        leading = list(signature.parameters.values())[:-1]
        signature = signature.replace(parameters=[*leading, *self._keywords])

        described = arguments(self._options)
        shown = {name for name in signature.parameters if name not in described}
        shown |= {name for name, argument in described.items() if not argument.secret}

        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> R:
            args = (*args[: len(leading)], *map(hide, args[len(leading) :]))  # never valid
            for name in kwargs.keys() - shown:  # secrets, and whatever has a misspelled name
                kwargs[name] = hide(kwargs[name])
            try:
                _check_names(kwargs.keys(), signature)
                bound = signature.bind(*args, **kwargs).arguments
            except TypeError as error:
                text = str(error)
                verb = "" if text.startswith("missing") else "got "
                raise TypeError(f"{function.__qualname__}() {verb}{text}") from None

            positional = [bound.pop(parameter.name) for parameter in leading]
            return function(*positional, self._options(**bound))

        call.__signature__ = signature  # type: ignore[attr-defined]
        # Types that are not names of the function's own module are resolved here.
        annotations = {**function.__annotations__, **get_type_hints(self._options)}
        names = [*signature.parameters, "return"]
        call.__annotations__ = {name: annotations[name] for name in names if name in annotations}
        docstring = inspect.getdoc(function) or ""
        call.__doc__ = docstring.replace("{options}", _documented(self._options))
        return call


def _check_names(names: Iterable[str], signature: inspect.Signature) -> None:
    """Raise with the right spelling if an argument does not exist."""
    for name in names:
        if name not in signature.parameters:
            close = difflib.get_close_matches(name, signature.parameters, n=2)
            hint = f"; did you mean {' or '.join(map(repr, close))}?" if close else ""
            raise TypeError(f"an unexpected keyword argument {name!r}{hint}")


def _documented(options: type) -> str:
    """Return the arguments as the Parameters section of a docstring lists them."""
    lines = []
    for field in dataclasses.fields(options):
        described: Argument = field.metadata["argument"]
        text = f"{described.doc} {described.notes}".strip()
        lines.append(f"{field.name} : {_type_text(field)}")
        lines += [f"    {line}" for line in textwrap.wrap(text, _DOC_WIDTH, break_on_hyphens=False)]
    return "\n".join(lines)


def _type_text(field: dataclasses.Field[Any]) -> str:
    """Return the type of an argument as numpydoc writes it."""
    annotation = str(field.type)
    if annotation.startswith("Literal["):
        annotation = annotation.replace("Literal[", "{").replace("]", "}")

    if field.default is dataclasses.MISSING:
        return annotation
    if field.default is None:
        return f"{annotation.removesuffix(' | None')}, optional"
    return f"{annotation}, default {field.default!r}"
