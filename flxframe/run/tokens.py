"""Which token each row is sent with. Pure, except for the environment and the token file."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
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
        Each of them once; they are left out of the repr.
    names : sequence of str
        Their names in messages.
    of_row : ndarray of int
        The position of each row's token in `tokens`, or -1 if its cell is not a token's name.
    column : str, optional
        The column of the tokens' names.
    """

    tokens: Sequence[str] = field(repr=False)
    names: Sequence[str]
    of_row: np.ndarray[Any, Any]
    column: str | None = None

    def problem(self, cell: object) -> str:
        """Return the error message of a row whose cell in the token column is not a name."""
        tokens = f"token= has {self._listed()}"
        if kind_of(cell) == "missing":
            return f"column {self.column!r} is blank, so the row has no token; {tokens}"
        return f"column {self.column!r}: {cell!r} is not the name of a token; {tokens}"

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
        One token for all rows (by default the environment's ``FLXPOINT_API_TOKEN``), or several
        by name.
    token_column : str, optional
        With several tokens, the column that contains the name of each row's token.

    Raises
    ------
    TokenError
        If a token is missing, or contains a character that a header cannot.
    SettingError, TableError
        If there are several tokens but no `token_column`, or the table has no such column.

    Examples
    --------
    >>> table = pd.DataFrame({"Store": ["EU", "US", "EU"]})
    >>> assign_tokens(table, {"EU": "secret-1", "US": "secret-2"}, "Store").of_row.tolist()
    [0, 1, 0]
    """
    if not isinstance(token, Mapping):
        if token_column is not None:
            raise SettingError(
                f"token_column={token_column!r} requires several tokens: "
                "token={'EU': ..., 'US': ...}"
            )
        return Tokens([resolve_token(token)], ["the token"], np.zeros(len(table), dtype="int32"))
    if token_column is None:
        raise SettingError("token= has several tokens, so token_column= is required")
    if token_column not in table.columns:
        raise TableError(f"token_column={token_column!r}: the table has no such column")
    if not token:
        raise TokenError("token= is empty: pass at least one token")
    # The rate limit is per token, so two names of one token count as one.
    tokens: dict[str, list[str]] = {}
    for name, value in token.items():
        tokens.setdefault(resolve_token(value, f"the token {name!r}"), []).append(str(name))
    numbers = {name: number for number, names in enumerate(tokens.values()) for name in names}
    column = table[token_column]
    if is_integral(column):  # blanks make integers float, but 7.0 must match the name "7"
        column = column.astype("Int64")
    of_row = np.array([numbers.get(str(cell), -1) for cell in column.tolist()], dtype="int32")
    return Tokens(
        list(tokens),
        [" and ".join(map(repr, names)) for names in tokens.values()],
        of_row,
        token_column,
    )


def read_tokens(path: str | os.PathLike[str] | None) -> dict[str, str]:
    """Read several tokens by name, for the shell, where an argument would expose them.

    Parameters
    ----------
    path : path, optional
        A JSON file such as ``{"EU": "...", "US": "..."}``, readable only by its owner; by default
        the tokens are those of the environment: ``FLXPOINT_API_TOKEN_EU`` is the token ``EU``.

    Raises
    ------
    TokenError
        If there are none, or other users can read the file. The message never contains a token.
    """
    if path is None:
        tokens = {
            name[len(_PREFIX) :]: value
            for name, value in os.environ.items()
            if name.startswith(_PREFIX)
        }
        if not tokens:
            raise TokenError(
                f"no API tokens: set {_PREFIX}NAME for each of them, or name a token file"
            )
        return tokens
    try:
        with open(path, encoding="utf-8-sig") as file:
            mode = os.fstat(file.fileno()).st_mode
            content = json.load(file, object_pairs_hook=_check_names)
    except OSError as error:
        raise TokenError(
            f"can't read the tokens in {path} ({error.strerror}): check the path"
        ) from None
    except TokenError:
        raise
    except (ValueError, RecursionError):
        content = None
    if os.name == "posix" and mode & 0o077:
        raise TokenError(
            f"{path} is readable by other users: run chmod 600 {path} and rotate the tokens"
        )
    if not isinstance(content, dict) or not all(
        isinstance(value, str) for value in content.values()
    ):
        raise TokenError(
            f'{path} must contain names and their tokens as JSON: {{"EU": "...", "US": "..."}}'
        )
    return content


def _check_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    counts = Counter(name for name, _ in pairs)
    for name, count in counts.items():
        if count > 1:
            raise TokenError(f"the token file contains {name!r} twice: remove one of the two")

    return dict(pairs)


def resolve_token(token: str | None, label: str = "the API token") -> str:
    """Return the token without spaces around it, by default that of ``FLXPOINT_API_TOKEN``.

    Raises
    ------
    TokenError
        If there is none, or it contains a character that a header cannot. The message never
        contains the token.
    """
    if token is None:
        token = os.environ.get("FLXPOINT_API_TOKEN")
        if token is None:
            raise TokenError("no API token: set FLXPOINT_API_TOKEN or pass token=")
        label = "the API token in FLXPOINT_API_TOKEN"
    if not isinstance(token, str) or not token.strip():
        raise TokenError(f"{label} is empty: check where it comes from")
    token = token.strip()
    if not re.fullmatch(r"[!-~]+", token):
        raise TokenError(
            f"{label} contains a space, a line break or a non-ASCII character: copy it again"
        )
    return token
