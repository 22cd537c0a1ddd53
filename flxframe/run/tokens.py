"""Get tokens from an argument, the environment or a file."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Mapping
from typing import Any

from flxframe.exceptions import TokenError
from flxframe.request.tokens import check_token

TOKEN_VARIABLE = "FLXPOINT_API_TOKEN"  # noqa: S105  the name of a variable, not a token

_NAMED_TOKEN_PREFIX = f"{TOKEN_VARIABLE}_"


def resolve_token(token: str | None) -> str:
    """Return the token, from the argument or the environment, without surrounding spaces.

    Raises
    ------
    TokenError
        If there is no token, or it cannot be sent in a header. The message does not contain it.
    """
    if token is not None:
        return check_token(token)

    token = os.environ.get(TOKEN_VARIABLE)
    if token is None:
        raise TokenError(f"no API token: set {TOKEN_VARIABLE} or pass token=")
    return check_token(token, f"the API token in {TOKEN_VARIABLE}")


def known_tokens(
    token: str | Mapping[str, str] | None, *, required: bool
) -> str | Mapping[str, str] | None:
    """Return the tokens of an argument, otherwise the one of the environment.

    Raises
    ------
    TokenError
        If there is none although it is `required`, or one cannot be sent.
    """
    is_unknown = token is None and not os.environ.get(TOKEN_VARIABLE, "").strip()
    if isinstance(token, Mapping) or (is_unknown and not required):
        return token
    return resolve_token(token)


def read_tokens(path: str | os.PathLike[str] | None) -> dict[str, str]:
    """Return several tokens by name, for the command line, where an argument would expose them.

    Parameters
    ----------
    path : path, optional
        A JSON file such as ``{"EU": "...", "US": "..."}``, readable only by its owner; by default
        the tokens come from the environment: ``FLXPOINT_API_TOKEN_EU`` is the token ``EU``.

    Raises
    ------
    TokenError
        If there are no tokens, or other users can read the file. The message never contains a
        token.
    """
    if path is None:
        return _tokens_of_environment()

    try:
        with open(path, encoding="utf-8-sig") as file:
            mode = os.fstat(file.fileno()).st_mode
            content = json.load(file, object_pairs_hook=_unique_names)
    except OSError as error:
        raise TokenError(
            f"can't read the token file {path} ({error.strerror}): check the path"
        ) from None
    except TokenError:
        raise
    except (ValueError, RecursionError):
        content = None

    if os.name == "posix" and mode & 0o077:
        raise TokenError(
            f"{path} is readable by other users: run chmod 600 {path} and rotate the tokens"
        )
    if not _is_text_by_name(content):
        raise TokenError(
            f'{path} must contain names and their tokens as JSON: {{"EU": "...", "US": "..."}}'
        )
    tokens: dict[str, str] = content
    return tokens


def _tokens_of_environment() -> dict[str, str]:
    tokens = {}
    for variable, token in os.environ.items():
        if variable.startswith(_NAMED_TOKEN_PREFIX):
            tokens[variable.removeprefix(_NAMED_TOKEN_PREFIX)] = token

    if not tokens:
        raise TokenError(
            f"no API tokens: set {_NAMED_TOKEN_PREFIX}NAME for each of them, or use --token-file"
        )
    return tokens


def _unique_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    counts = Counter(name for name, _ in pairs)
    for name, count in counts.items():
        if count > 1:
            raise TokenError(f"the token file contains {name!r} twice: remove one of them")
    return dict(pairs)


def _is_text_by_name(content: object) -> bool:
    return isinstance(content, dict) and all(isinstance(token, str) for token in content.values())
