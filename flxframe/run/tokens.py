"""Which token a row goes out with. Pure, but for the environment that may hold it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from flxframe.dtypes import is_integral, kind_of
from flxframe.exceptions import SettingError, TableError, TokenError

_PREFIX = "FLXPOINT_API_TOKEN_"


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a run, and the one of each row.

    Parameters
    ----------
    tokens : sequence of str
        Each once; they are in no repr.
    names : sequence of str
        What each is called in messages.
    of_row : ndarray of int
        For each row its token's number, or -1 where its cell names none.
    column : str, optional
        The column whose cells name the tokens.
    """

    tokens: Sequence[str] = field(repr=False)
    names: Sequence[str]
    of_row: np.ndarray[Any, Any]
    column: str | None = None

    def problem(self, cell: object) -> str:
        """Say why a row with this cell has no token."""
        shown = "is blank" if kind_of(cell) == "missing" else f"{cell!r} names no token"
        return f"column {self.column!r} {shown}, so the row has no token to go out with; token= has {self._listed()}"

    def _listed(self) -> str:
        return ", ".join(self.names[:12]) + (
            f" and {len(self.names) - 12} more" if len(self.names) > 12 else ""
        )


def assign_tokens(
    table: pd.DataFrame,
    token: str | Mapping[str, str] | None = None,
    token_column: str | None = None,
) -> Tokens:
    """Find the token of each row.

    Parameters
    ----------
    table : DataFrame
        The rows.
    token : str or Mapping, optional
        One token for all rows (by default the environment's ``FLXPOINT_API_TOKEN``), or several by name.
    token_column : str, optional
        With several tokens, the column whose cells name them.

    Raises
    ------
    TokenError
        If a token is missing, or no header can carry it.
    SettingError, TableError
        If several tokens come without `token_column`, or the table has no such column.

    Examples
    --------
    >>> table = pd.DataFrame({"Store": ["EU", "US", "EU"]})
    >>> assign_tokens(table, {"EU": "secret-1", "US": "secret-2"}, "Store").of_row.tolist()
    [0, 1, 0]
    """
    if not isinstance(token, Mapping):
        if token_column is not None:
            raise SettingError(
                f"token_column={token_column!r} wants several tokens: token={{'EU': ..., 'US': ...}}"
            )
        return Tokens([resolve_token(token)], ["the token"], np.zeros(len(table), dtype="int32"))
    if token_column is None:
        raise SettingError("several tokens want token_column=, the column whose cells name them")
    if token_column not in table.columns:
        raise TableError(f"token_column={token_column!r}: the table has no such column")
    if not token:
        raise TokenError("token= is empty: name at least one token")
    # Two names of one token share its budget, so they are one.
    tokens: dict[str, list[str]] = {}
    for name, value in token.items():
        tokens.setdefault(resolve_token(value, f"the token {name!r}"), []).append(str(name))
    numbers = {name: number for number, names in enumerate(tokens.values()) for name in names}
    column = table[token_column]
    if is_integral(column):  # only blanks made it float, and 7 names the token "7"
        column = column.astype("Int64")
    of_row = np.array([numbers.get(str(cell), -1) for cell in column.tolist()], dtype="int32")
    return Tokens(
        list(tokens),
        [" and ".join(map(repr, names)) for names in tokens.values()],
        of_row,
        token_column,
    )


def read_tokens(path: str | os.PathLike[str] | None) -> dict[str, str]:
    """Read several tokens by name, for the shell, where an argument would show them to everybody.

    Parameters
    ----------
    path : path, optional
        A JSON file such as ``{"EU": "...", "US": "..."}``, readable by its owner alone; by default the tokens are
        those of the environment: ``FLXPOINT_API_TOKEN_EU`` is the token ``EU``.

    Raises
    ------
    TokenError
        If there are none, or others may read the file too. The message shows no token.
    """
    if path is None:
        tokens = {
            name[len(_PREFIX) :]: value
            for name, value in os.environ.items()
            if name.startswith(_PREFIX)
        }
        if not tokens:
            raise TokenError(
                f"no environment variable {_PREFIX}NAME holds a token; set one for each name, or a file"
            )
        return tokens
    try:
        with open(path, encoding="utf-8-sig") as file:
            mode = os.fstat(file.fileno()).st_mode
            found = json.load(file, object_pairs_hook=_once)
    except OSError as error:
        raise TokenError(
            f"the tokens in {path} can't be read ({error.strerror}): check the name"
        ) from None
    except TokenError:
        raise
    except (ValueError, RecursionError):
        found = None
    if os.name == "posix" and mode & 0o077:
        raise TokenError(
            f"others may read the tokens in {path}: run chmod 600 {path}, and think of new tokens"
        )
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise TokenError(
            f'{path} must hold names and their tokens as JSON: {{"EU": "...", "US": "..."}}'
        )
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(name for name in found if sum(name == other for other, _ in pairs) > 1)
        raise TokenError(
            f"the tokens' file names {twice!r} twice: which of the two tokens is meant?"
        )
    return found


def resolve_token(token: str | None, what: str = "the API token") -> str:
    """Return the token: the argument, else ``FLXPOINT_API_TOKEN``. Spaces around it are no part of it.

    Raises
    ------
    TokenError
        If there is none, or it holds what no header can carry. The message doesn't show it.
    """
    if token is None:
        token = os.environ.get("FLXPOINT_API_TOKEN")
        if token is None:
            raise TokenError(
                "there is no API token: set the environment variable FLXPOINT_API_TOKEN, or say token="
            )
        what = "the API token in FLXPOINT_API_TOKEN"
    if not isinstance(token, str) or not token.strip():
        raise TokenError(f"{what} is empty: check where it comes from")
    token = token.strip()
    if not re.fullmatch(r"[!-~]+", token):
        raise TokenError(
            f"{what} holds a space, a line break or a character beyond ASCII: copy it anew"
        )
    return token
