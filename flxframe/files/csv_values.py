"""The types of the columns of delimited text: inferred, or given by the user. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from flxframe.exceptions import FileError, SettingError
from flxframe.files.csv_errors import error_cells, has_lost_digits, is_shortened, lost_digits
from flxframe.files.csv_quoting import (
    NUMBER,
    has_mark,
    is_quoted_scalar,
    is_scalar,
    marked_texts,
    unmark,
    unmark_cells,
)
from flxframe.files.digits import MAX_DIGITS, exact_number
from flxframe.models import ErrorCell
from flxframe.request.scalars import parse_boolean, parse_integer, parse_number
from flxframe.text import listed

_PARSERS: dict[str, Callable[[str], Any]] = {
    "string": str,
    "integer": parse_integer,
    "number": parse_number,
    "boolean": parse_boolean,
}

_SPELLINGS = ({"true", "false"}, {"TRUE", "FALSE"}, {"True", "False"})
_BOOLEANS = {text: text.lower() == "true" for text in set().union(*_SPELLINGS)}
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


def string_columns(dtypes: Mapping[str, str | type]) -> list[str]:
    """Return the columns that the user gives the dtype ``string``.

    Examples
    --------
    >>> string_columns({"a": str, "b": "string", "c": "integer"})
    ['a', 'b']
    """
    return [name for name, dtype in dtypes.items() if dtype in (str, "str", "string")]


def convert(cells: list[str], dtype: str, *, where: str, first_row: int) -> list[Any]:
    """Convert the cells of a column to a given dtype.

    Parameters
    ----------
    cells : list of str
        Its cells, with their marks; an empty cell is blank.
    dtype : str
        One of ``string``, ``integer``, ``number`` and ``boolean``.
    where : str
        The file and the column, for messages.
    first_row : int
        The row of the first cell.

    Raises
    ------
    FileError
        If a cell is not valid for the dtype; the message names its row.
    """
    distinct = set(cells) - {""}
    texts, _ = unmark_cells(distinct, quotes_mean_text=True)
    errors: dict[str, ErrorCell] = {}
    if dtype != "string":
        errors = error_cells(distinct)

    parse = _PARSERS[dtype]
    values = []
    for row, cell in enumerate(cells, first_row):
        text = texts.get(cell, cell)
        value = errors.get(cell)
        if value is None and text:
            value = parse(text)

        if value is None and text:
            article = "an" if dtype == "integer" else "a"
            raise FileError(
                f"{where}, row {row}: {text!r} is not {article} {dtype}; "
                "fix the cell, or give the column another dtype"
            )
        values.append(value)
    return values


def infer(cells: list[str], *, quotes_mean_text: bool = False) -> list[Any]:
    """Convert the cells of a column to the type that all of them have.

    Blanks and error cells do not count.

    Parameters
    ----------
    cells : list of str
        Its cells, with their marks; an empty cell is blank.
    quotes_mean_text : bool
        Whether a number in quotes is a text in this file, which makes all cells texts.

    Examples
    --------
    >>> infer(["7", "", "2.5"]), infer(["TRUE", "FALSE"]), infer(["02134", "7"])
    ([7, None, 2.5], [True, False], ['02134', '7'])
    """
    filled = dict.fromkeys(cells)  # in their order, which takes less time than a set's
    filled.pop("", None)
    joined = "\n".join(filled)

    errors = error_cells(filled.keys())
    if "E+" in joined:
        errors.update(_shortened(filled.keys(), quotes_mean_text))
    distinct = filled.keys() - errors.keys() if errors else filled.keys()

    texts: dict[str, str] = {}
    is_text = False
    if has_mark(joined):
        texts, is_text = unmark_cells(distinct, quotes_mean_text=quotes_mean_text)

    scalars = None
    if not is_text:
        scalars = _scalars(dict.fromkeys(texts.values()).keys() or distinct)
    if scalars is None and not texts and not errors:
        return [cell or None for cell in cells]

    values: dict[str, Any] = {"": None, **errors}
    for cell in distinct:
        text = texts.get(cell, cell)
        values[cell] = text or None if scalars is None else scalars[text]
    return list(map(values.__getitem__, cells))


def infer_each(cells: list[str]) -> list[Any]:
    """Convert each cell to its own type, as flxframe writes it.

    Examples
    --------
    >>> infer_each(["7", "true", "'8", "x", "820982911946154508"])
    [7, True, '8', 'x', 820982911946154508]
    """
    distinct = dict.fromkeys(cells).keys()  # in their order, which takes less time than a set's
    joined = "\n".join(distinct)
    values: dict[str, Any] = {}
    for cell in filter(is_scalar, distinct):
        values[cell] = _BOOLEANS[cell] if cell in _BOOLEANS else exact_number(cell)

    if "E+" in joined:
        values.update(_shortened(distinct, quotes_mean_text=True))
    values.update(marked_texts(distinct, joined))
    values.update(error_cells(distinct))

    if not values:
        return [cell or None for cell in cells]
    values[""] = None
    return list(map(values.get, cells, cells))


def _shortened(cells: AbstractSet[str], quotes_mean_text: bool) -> dict[str, ErrorCell]:
    """Return the error cells of long numbers that lost their last digits."""
    errors = {}
    for cell in cells:
        text = unmark(cell)
        is_text = cell.startswith("'") or (quotes_mean_text and is_quoted_scalar(cell))
        if is_shortened(text) and not is_text:
            errors[cell] = lost_digits(text)
    return errors


def _scalars(texts: AbstractSet[str]) -> dict[str, Any] | None:
    """Return the boolean or the number of each text, or None if one of them is neither."""
    if any(texts <= spelling for spelling in _SPELLINGS):
        return _BOOLEANS

    numbers: dict[str, Any] = {}
    for text in texts:
        number = _exact_number(text)
        if number is None:
            return None
        numbers[text] = number
    return numbers


def _exact_number(text: str) -> int | float | ErrorCell | None:
    """Parse a JSON number; return None if the text is not one, or would lose a digit."""
    if not NUMBER.fullmatch(text):
        return None

    if len(text) <= MAX_DIGITS and text.isdecimal():
        return int(text)
    number = parse_number(text)
    if type(number) is float and has_lost_digits(text, number):
        return lost_digits(text)

    mantissa, _, _ = text.lower().partition("e")
    digits = mantissa.lstrip("-0.").replace(".", "")
    if len(digits) <= MAX_DIGITS:
        return number

    is_exact = type(number) is float and repr(number) == text
    return number if is_exact else None
