"""Checks of arguments: each takes an argument's name and value, and raises SettingError. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from os import PathLike
from typing import cast

import numpy as np

from flxframe.exceptions import SettingError
from flxframe.request.base_url import check_base_url
from flxframe.text import is_encodable

MAX_IN_FLIGHT = 1000
MAX_TIMEOUT = 86_400.0
"""Seconds. A workflow that takes longer than a day has failed."""

_RESEND = ("ask", "never", "edited", "all")
_MAX_OCCASION = 200
DEFAULT_RESPONSE_MIB = 64
MAX_RESPONSE_MIB = 1024
"""An answer needs several times its size in memory."""


def check_whole(name: str, value: object) -> None:
    """Raise unless a value is None or a whole number of at least 1."""
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    if value is not None and not (is_whole and cast("int", value) >= 1):
        raise SettingError(f"{name}={value!r} must be a whole number of at least 1")


def check_limit(name: str, value: object) -> None:
    """Raise unless a value is None or a whole number that is not negative."""
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    if value is not None and not (is_whole and cast("int", value) >= 0):
        raise SettingError(f"{name}={value!r} must be a whole number of at least 0")


def check_in_flight(name: str, value: object) -> None:
    """Raise unless a value is a possible number of connections."""
    _check_range(name, value, MAX_IN_FLIGHT)


def check_response_size(name: str, value: object) -> None:
    """Raise unless a value is a possible size of an answer in MiB."""
    _check_range(name, value, MAX_RESPONSE_MIB)


def check_rate(name: str, value: object) -> None:
    """Raise unless a value is None or a number of requests per second."""
    if value is not None and not (_is_number(value) and 0 < cast("float", value) < math.inf):
        raise SettingError(
            f"{name}={value!r} must be a number of requests per second above 0, or None for no "
            "limit"
        )


def check_timeout(name: str, value: object) -> None:
    """Raise unless a value is a number of seconds that a socket can wait."""
    if not (_is_number(value) and 0 < cast("float", value) <= MAX_TIMEOUT):
        raise SettingError(
            f"{name}={value!r} must be a number of seconds above 0, at most {MAX_TIMEOUT:g}"
        )


def check_minutes(name: str, value: object) -> None:
    """Raise unless a value is None or a number of minutes."""
    if value is not None and not (_is_number(value) and 0 < cast("float", value) < math.inf):
        raise SettingError(f"{name}={value!r} must be a number of minutes above 0")


def check_switch(name: str, value: object) -> None:
    """Raise unless a value is True or False."""
    if not isinstance(value, (bool, np.bool_)):
        raise SettingError(f"{name}={value!r} must be True or False")


def check_text(name: str, value: object) -> None:
    """Raise unless a value is None or a text."""
    if value is not None and not isinstance(value, str):
        raise SettingError(f"{name}={value!r} must be text")


def check_dtype(name: str, value: object) -> None:
    """Raise unless a value is None or a mapping of columns to types."""
    if value is not None and not isinstance(value, Mapping):
        raise SettingError(
            f"{name}={value!r} must be a dict of columns and their types, such as "
            "{'postal': 'string'}"
        )


def check_optional_file(name: str, value: object) -> None:
    """Raise unless a value is None or the path of a file."""
    if value is not None:
        check_file(name, value)


def check_journal(name: str, value: object) -> None:
    """Raise unless a value is None, False or the path of a file."""
    if value is not False:
        check_optional_file(name, value)
    if value == "off":
        raise SettingError(
            f"{name}='off' would be a file of this name: pass {name}=False (--no-journal at the "
            "shell) to record nothing"
        )


def check_group_by(name: str, value: object) -> None:
    """Raise unless a value is None, the name of a column, or a list of names."""
    names = [value] if isinstance(value, str) else value
    is_list = isinstance(names, (list, tuple)) and all(isinstance(item, str) for item in names)
    if value is not None and not (is_list and names):
        raise SettingError(
            f"{name}={value!r} must be the name of a column, such as 'Order ID', or a list of them"
        )


def check_resend(name: str, value: object) -> None:
    """Raise unless a value is an answer to the question which rows are sent again."""
    if not isinstance(value, str) or value not in _RESEND:
        raise SettingError(f"{name}={value!r} must be one of {', '.join(map(repr, _RESEND))}")


def check_same_account(name: str, value: object) -> None:
    """Raise unless a value is None, True or False, or a mapping from token names to these."""
    values = value.values() if isinstance(value, Mapping) else [value]
    for item in values:
        if item is not None and not isinstance(item, bool):
            raise SettingError(
                f"{name}={value!r} must be True or False, or one of them for each token by name"
            )


def check_occasion(name: str, value: object) -> None:
    """Raise unless a value is None or a short text that is not blank."""
    check_text(name, value)
    if value is not None and not (0 < len(str(value).strip()) == len(str(value)) <= _MAX_OCCASION):
        raise SettingError(
            f"{name}={value!r} must be a text of at most {_MAX_OCCASION} characters without "
            "spaces around it, such as '2026-12-01'"
        )
    if value is not None and not is_encodable(str(value)):
        raise SettingError(f"{name}={value!r} contains an unpaired surrogate")


def check_file(name: str, value: object) -> None:
    """Raise unless a value is the path of a file."""
    if not _is_path(value):
        raise SettingError(f"{name}={value!r} is not a file path; use one such as 'backfill.db'")


def check_folder(name: str, value: object) -> None:
    """Raise unless a value is the path of a folder."""
    if not _is_path(value):
        raise SettingError(f"{name}={value!r} is not a folder path; use one such as 'journals'")


def check_url(_name: str, value: str | None) -> None:
    """Raise unless a value is None or a URL that a token may be sent to."""
    if value is not None:
        check_base_url(value)


def _check_range(name: str, value: object, maximum: int) -> None:
    """Raise unless a value is a whole number from 1 to a maximum."""
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    if not (is_whole and 1 <= cast("int", value) <= maximum):
        raise SettingError(f"{name}={value!r} must be a whole number from 1 to {maximum}")


def _is_path(value: object) -> bool:
    """Return whether a value is a path that a file system can have."""
    if not isinstance(value, (str, PathLike)):
        return False

    text = str(value)
    return bool(text.strip()) and "\0" not in text and is_encodable(text)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
