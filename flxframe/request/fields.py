"""The request's fields and their valid values. Pure: no network, no clock, no disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from flxframe.exceptions import RequestError, SettingError
from flxframe.request import cells
from flxframe.request.scalars import parse_boolean, parse_integer
from flxframe.text import short_repr

FIELDS = ("id", "eventHandle", "draft", "params", "objects")
"""The names are the API's own: https://api.flxpoint.com/workflow/run."""

_MAX_DIGITS = 100


@dataclass(frozen=True, slots=True)
class Defaults:
    """The values for blank cells of request fields; a filled cell takes precedence.

    Parameters
    ----------
    event_handle : str, optional
        For `eventHandle`.
    workflow_id : int, optional
        For `id`.
    draft : bool, optional
        For `draft`.
    params : Mapping of str to int, optional
        For each `params.<key>`.

    Raises
    ------
    SettingError
        If one of them is not valid for its field.

    Examples
    --------
    >>> Defaults("order_import", workflow_id="12").workflow_id
    12
    """

    event_handle: str | None = None
    workflow_id: int | None = None
    draft: bool | None = None
    params: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        try:
            if self.event_handle is not None:
                cells.to_json(to_text("event_handle=", self.event_handle))
            if self.workflow_id is not None:
                workflow_id = to_integer("workflow_id=", self.workflow_id)
                object.__setattr__(self, "workflow_id", workflow_id)
            if self.draft is not None:
                object.__setattr__(self, "draft", to_boolean("draft=", self.draft))

            params = to_params("params=", cells.to_json(self.params))
            object.__setattr__(self, "params", params)
        except RequestError as error:
            raise SettingError(str(error)) from None


def to_text(label: str, value: object) -> str:
    """Return `value` if it is text; errors refer to it as `label`."""
    if not isinstance(value, str):
        raise RequestError(f"{label} must be text, not {short_repr(value)}")
    return value


def to_integer(label: str, value: object) -> int:
    """Return `value` as an integer: 12, 12.0 and "12" are valid; 12.5, "x" and True are not.

    Examples
    --------
    >>> to_integer("workflow_id=", 12.0), to_integer("workflow_id=", "12")
    (12, 12)
    """
    integer: int | None = None
    if isinstance(value, int) and not isinstance(value, bool):
        integer = value
    elif isinstance(value, (float, Decimal)) and _is_whole(value):
        integer = int(value)
    elif isinstance(value, str):
        integer = parse_integer(value)

    if integer is None:
        raise RequestError(f"{label} must be a whole number, not {short_repr(value)}")
    return integer


def to_boolean(label: str, value: object) -> bool:
    """Return `value` as a boolean; 0, 1 and the texts yes, no, true and false are valid too.

    Examples
    --------
    >>> to_boolean("draft=", "yes"), to_boolean("draft=", 0)
    (True, False)
    """
    boolean: bool | None = None
    if isinstance(value, (int, float, Decimal)) and value in (0, 1):
        boolean = bool(value)
    elif isinstance(value, str):
        boolean = parse_boolean(value)

    if boolean is None:
        raise RequestError(
            f"{label} must be true or false (or yes, no, 1, 0), not {short_repr(value)}"
        )
    return boolean


def to_params(label: str, value: object) -> Mapping[str, int]:
    """Return `value` as params: a dict, or the API's own list of keys and values.

    Examples
    --------
    >>> to_params("params=", [{"key": "sourceId", "value": "12"}])
    {'sourceId': 12}
    """
    pairs: list[tuple[Any, object]] | None = None
    if isinstance(value, dict):
        pairs = list(value.items())
    elif isinstance(value, list) and all(map(_is_pair, value)):
        pairs = [(item["key"], item["value"]) for item in value]

    params: dict[str, int] = {}
    for key, number in pairs or ():
        params[key] = to_integer(f"{label}, key {key!r}", number)

    if pairs is None or len(params) != len(pairs):
        raise RequestError(
            f"{label} must be a dict of whole numbers, or a list of {{'key': ..., 'value': ...}}"
        )
    return params


def _is_whole(value: float | Decimal) -> bool:
    """Return whether a number is whole, with no more digits than are valid in a text."""
    if isinstance(value, float):
        return value.is_integer()
    if not value.is_finite() or value.adjusted() >= _MAX_DIGITS:
        return False
    return value == value.to_integral_value()


def _is_pair(item: object) -> bool:
    if not isinstance(item, dict) or item.keys() != {"key", "value"}:
        return False
    return isinstance(item["key"], str)
