"""The arguments that say how a file is read as a table, declared once. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flxframe.exceptions import SettingError
from flxframe.options import checks
from flxframe.options.arguments import argument, arguments


@dataclass(frozen=True, kw_only=True)
class ReadOptions:
    """Where in a file the table is, and the types of its columns.

    Raises
    ------
    SettingError
        If an argument has an invalid value; the message names it.
    """

    sheet: str | None = argument(
        None,
        "The sheet of a workbook; required if it is ambiguous.",
        check=checks.check_text,
    )
    header_row: int | None = argument(
        None,
        "The row of the column names, counted from 1; required if it is ambiguous.",
        check=checks.check_whole,
    )
    dtype: Mapping[str, str | type] | None = argument(
        None,
        "The type of a column in a .csv or .tsv file, regardless of its cells: `string`, "
        "`integer`, `number` or `boolean`.",
        notes="`str`, `int`, `float` and `bool` mean the same.",
        check=checks.check_dtype,
        metavar="COLUMN=TYPE",
    )

    def __post_init__(self) -> None:
        for name, described in arguments(type(self)).items():
            if described.check is not None:
                described.check(name, getattr(self, name))

    def read_keywords(self) -> dict[str, Any]:
        """Return the arguments that say how a file is read, as keywords."""
        return {name: getattr(self, name) for name in arguments(ReadOptions)}

    def check_unused(self) -> None:
        """Raise if an argument is given that does not apply to a table in memory.

        Raises
        ------
        SettingError
            The message names the argument.
        """
        for name, value in self.read_keywords().items():
            if value is not None and value != {}:
                raise SettingError(
                    f"{name}={value!r} applies only to files, but the table was passed as a "
                    "DataFrame or a list: leave it out"
                )
