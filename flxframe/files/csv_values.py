"""The types of the columns of delimited text: inferred, or given by the user. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flxframe.exceptions import FileError, SettingError
from flxframe.files.csv_quoting import NUMBER
from flxframe.files.digits import MAX_DIGITS
from flxframe.request.scalars import parse_boolean, parse_integer, parse_number
from flxframe.text import listed

_PARSERS: dict[str, Callable[[str], Any]] = {
    "string": str,
    "integer": parse_integer,
    "number": parse_number,
    "boolean": parse_boolean,
}

_BOOLEANS = {"true": True, "false": False, "": None}
_PYTHON_NAMES = {"str": "string", "int": "integer", "float": "number", "bool": "boolean"}


def check_dtypes(
    dtypes: Mapping[str, str | type], *, names: Sequence[str], where: str
) -> dict[str, str]:
    """Check the dtypes that a user gives, and return their names, such as ``string`` for `str`.

    Parameters
    ----------
    dtypes : Mapping
        The dtypes, by column.
    names : sequence of str
        The columns of the file.
    where : str
        The file, for messages.

    Raises
    ------
    SettingError
        If the file does not have a column, or a dtype does not exist.
    """
    checked = {}
    for name, dtype in dtypes.items():
        if name not in names:
            raise SettingError(
                f"dtype={{{name!r}: ...}}: {where} has no column {name!r}; it has {listed(names)}"
            )

        text = dtype.__name__ if isinstance(dtype, type) else dtype
        checked[name] = _PYTHON_NAMES.get(str(text), str(text))
        if not isinstance(text, str) or checked[name] not in _PARSERS:
            choices = ", ".join(_PARSERS)
            raise SettingError(f"dtype={{{name!r}: {dtype!r}}} must be one of {choices}")
    return checked


def convert(texts: list[str], dtype: str, *, where: str, first_row: int) -> list[Any]:
    """Convert the texts of a column to a given dtype.

    Parameters
    ----------
    texts : list of str
        Its texts; an empty text is blank.
    dtype : str
        One of ``string``, ``integer``, ``number`` and ``boolean``.
    where : str
        The file and the column, for messages.
    first_row : int
        The row of the first text.

    Raises
    ------
    FileError
        If a text is not valid for the dtype; the message names its row.
    """
    parse = _PARSERS[dtype]
    values = []
    for row, text in enumerate(texts, first_row):
        value = parse(text) if text else None
        if value is None and text:
            article = "an" if dtype == "integer" else "a"
            raise FileError(
                f"{where}, row {row}: {text!r} is not {article} {dtype}; "
                "fix the cell, or give the column another dtype"
            )
        values.append(value)
    return values


def infer(texts: list[str], *, is_text: bool = False) -> list[Any]:
    """Convert the texts of a column to the type that all of them have, blanks excepted.

    Parameters
    ----------
    texts : list of str
        Its texts; an empty text is blank.
    is_text : bool
        Whether the file marks a cell of the column as text, which makes all of them texts.

    Examples
    --------
    >>> infer(["7", "", "2.5"]), infer(["true", "false"]), infer(["02134", "7"])
    ([7, None, 2.5], [True, False], ['02134', '7'])
    """
    values = None if is_text else _scalars(set(texts) - {""})
    if values is None:
        return [text or None for text in texts]
    return list(map(values.__getitem__, texts))


def _scalars(texts: set[str]) -> dict[str, Any] | None:
    """Return the boolean or the number of each text, or None if one of them is neither."""
    if texts <= _BOOLEANS.keys():
        return _BOOLEANS

    numbers: dict[str, Any] = {"": None}
    for text in texts:
        number = _exact_number(text)
        if number is None:
            return None
        numbers[text] = number
    return numbers


def _exact_number(text: str) -> int | float | None:
    """Parse a JSON number; return None if the text is not one, or would lose a digit."""
    if not NUMBER.fullmatch(text):
        return None

    number = parse_number(text)
    mantissa, _, _ = text.lower().partition("e")
    digits = mantissa.lstrip("-0.").replace(".", "")
    if len(digits) <= MAX_DIGITS:
        return number

    is_exact = type(number) is float and repr(number) == text
    return number if is_exact else None
