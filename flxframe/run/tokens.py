"""Get tokens from an argument, the environment or a file."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Mapping

from flxframe.exceptions import TokenError
from flxframe.request.token import Token, TokenArgument, hide
from flxframe.request.tokens import check_token

TOKEN_VARIABLE = "FLXPOINT_API_TOKEN"  # noqa: S105  the name of a variable, not a token

_NAMED_TOKEN_PREFIX = f"{TOKEN_VARIABLE}_"


def resolve_token(token: str | Token | None) -> Token:
    """Return the token, from the argument or the environment.

    Raises
    ------
    TokenError
        If there is no token, or it cannot be sent in a header. The message does not contain it.
    """
    token = hide(token)
    if token is not None:
        return check_token(token)

    token = hide(os.environ.get(TOKEN_VARIABLE))
    if token is None:
        raise TokenError(f"no API token: set {TOKEN_VARIABLE} or pass token=")
    return check_token(token, f"the API token in {TOKEN_VARIABLE}")


def known_tokens(token: TokenArgument, *, required: bool) -> TokenArgument:
    """Return the tokens of an argument, otherwise the one of the environment.

    Raises
    ------
    TokenError
        If there is none although it is `required`, or one cannot be sent.
    """
    token = hide(token)
    is_unknown = token is None and not os.environ.get(TOKEN_VARIABLE, "").strip()
    if isinstance(token, Mapping) or (is_unknown and not required):
        return token
    return resolve_token(token)


def read_tokens(path: str | os.PathLike[str] | None) -> dict[str, Token]:
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
            content = _named_tokens(json.load(file, object_pairs_hook=tuple))
    except OSError as error:
        raise TokenError(
            f"can't read the token file {path} ({error.strerror}): check the path"
        ) from None
    except (ValueError, RecursionError):
        content = None

    if os.name == "posix" and mode & 0o077:
        raise TokenError(
            f"{path} is readable by other users: run chmod 600 {path} and rotate the tokens"
        )
    if content is None:
        raise TokenError(
            f'{path} must contain names and their tokens as JSON: {{"EU": "...", "US": "..."}}'
        )
    for name, count in Counter(name for name, _ in content).items():
        if count > 1:
            raise TokenError(f"the token file contains {name!r} twice: remove one of them")
    return dict(content)


def _tokens_of_environment() -> dict[str, Token]:
    tokens = {}
    for variable in os.environ:
        if variable.startswith(_NAMED_TOKEN_PREFIX):
            name = variable.removeprefix(_NAMED_TOKEN_PREFIX)
            tokens[name] = Token(os.environ[variable])

    if not tokens:
        raise TokenError(
            f"no API tokens: set {_NAMED_TOKEN_PREFIX}NAME for each of them, or use --token-file"
        )
    return tokens


def _named_tokens(content: object) -> list[tuple[str, Token]] | None:
    """Return the names and tokens of a file; None if it contains anything else."""
    if not isinstance(content, tuple):
        return None

    tokens = []
    for name, text in content:
        if not isinstance(text, str):
            return None
        tokens.append((name, Token(text)))
    return tokens
