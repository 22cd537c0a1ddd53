"""Assign a token to each row. Pure: no network, no clock, no disk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from flxframe.dtypes import is_integral, kind_of
from flxframe.exceptions import SettingError, TableError, TokenError
from flxframe.request.token import Token, TokenArgument, hide
from flxframe.text import listed


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a run, and the token of each row.

    Parameters
    ----------
    tokens : sequence of Token
        Each token once. Empty if no token is known, as in a preview.
    names : sequence of tuple of str
        The names of each token. The only token of a run has none.
    of_row : ndarray of int
        For each row, the number of its token, or -1 if its cell is not the name of a token.
    column : str, optional
        The column that has the name of each row's token.
    cells : sequence of str
        The text of each row's cell in that column; empty without such a column.
    """

    tokens: Sequence[Token]
    names: Sequence[tuple[str, ...]]
    of_row: np.ndarray[Any, Any]
    column: str | None = None
    cells: Sequence[str] = ()

    def label(self, number: int) -> str:
        """Return the description of a token in messages."""
        return " and ".join(map(repr, self.names[number])) or "the token"

    def all_names(self) -> list[str]:
        """Return the names of all tokens."""
        return [name for names in self.names for name in names]

    def cell(self, position: int) -> str | None:
        """Return a row's own cell in the token column, as part of the row's identity.

        Not the token's names: an alias that is added later would change them.
        """
        return None if self.column is None else self.cells[position]

    def problem(self, cell: object) -> str:
        """Return the reason why a row with this cell has no token."""
        # A value after a word is masked by `summary`, so it counts such rows together.
        reason = f"has {cell!r}, which is not the name of a token"
        if kind_of(cell) == "missing":
            reason = "is blank"

        names = listed(self.all_names())
        return f"column {self.column!r} {reason}, so the row can't be sent; token= has {names}"


def assign_tokens(
    table: pd.DataFrame,
    token: TokenArgument = None,
    token_column: str | None = None,
) -> Tokens:
    """Return the tokens of a run, and the token of each row.

    Parameters
    ----------
    table : DataFrame
        The rows.
    token : str or Mapping, optional
        One token for all rows, or several by name; None if the only token is not known.
    token_column : str, optional
        With several tokens, the column that has the name of each row's token.

    Raises
    ------
    TokenError
        If `token` is empty, or contains a token that cannot be sent in a header.
    SettingError
        If `token` has several tokens without `token_column`, or `token_column` is given for one.
    TableError
        If the table has no such column.

    Examples
    --------
    >>> table = pd.DataFrame({"Store": ["EU", "US", "EU"]})
    >>> assign_tokens(table, {"EU": "secret-1", "US": "secret-2"}, "Store").of_row.tolist()
    [0, 1, 0]
    """
    token = hide(token)
    check_tokens(token, token_column)
    if not isinstance(token, Mapping):
        tokens = [] if token is None else [check_token(token)]
        return Tokens(tokens, [()], np.zeros(len(table), dtype="int32"))
    if token_column not in table.columns:
        raise TableError(
            f"token_column={token_column!r}: the table has no such column. "
            f"It has: {listed(table.columns)}"
        )

    # Several names of one token share its rate limit, so they are one token.
    names_of: dict[Token, list[str]] = {}
    for name, value in token.items():
        names_of.setdefault(check_token(value, f"the token {name!r}"), []).append(str(name))

    number_of: dict[str, int] = {}
    for number, names in enumerate(names_of.values()):
        number_of |= dict.fromkeys(names, number)

    column = table[token_column]
    if is_integral(column):  # only blanks made it float, and 7 is the name "7"
        column = column.astype("Int64")
    cells = list(map(str, column.tolist()))
    numbers = [number_of.get(cell, -1) for cell in cells]

    return Tokens(
        list(names_of),
        [tuple(names) for names in names_of.values()],
        np.array(numbers, dtype="int32"),
        token_column,
        cells,
    )


def check_tokens(token: TokenArgument, token_column: str | None) -> None:
    """Raise unless the tokens can be sent, and several tokens have a column.

    Raises
    ------
    TokenError
        If a token is empty, or cannot be sent in a header.
    SettingError
        If `token` has several tokens without `token_column`, or `token_column` is given for one.
    """
    token = hide(token)
    if not isinstance(token, Mapping):
        if token_column is not None:
            raise SettingError(
                f"token_column={token_column!r} requires several tokens: "
                "token={'EU': ..., 'US': ...}"
            )
        if token is not None:
            check_token(token)
        return

    if token_column is None:
        raise SettingError(
            "token= has several tokens, so token_column= is required: the column that has the name "
            "of each row's token"
        )
    if not token:
        raise TokenError("token= is empty: pass at least one token by name")
    for name, value in token.items():
        check_token(value, f"the token {name!r}")


def check_token(token: object, label: str = "the API token") -> Token:
    """Return a token, if it can be sent in a header.

    Raises
    ------
    TokenError
        If it is empty, or has invalid characters. The message does not show it.
    """
    token = hide(token) or Token("")
    problem = token.problem()
    if problem is not None:
        raise TokenError(f"{label} {problem}")
    return token
