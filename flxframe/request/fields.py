"""The request's fields and what may stand in them. Pure: no network, no clock, no disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from flxframe.exceptions import RequestError, SettingError
from flxframe.request import cells
from flxframe.request.scalars import parse_boolean, parse_integer
from flxframe.text import short_repr

FIELDS = ("id", "eventHandle", "draft", "params", "objects")
"""In the API's own names: https://api.flxpoint.com/workflow/run."""


@dataclass(frozen=True, slots=True)
class Defaults:
    """What fills a blank cell of a request field; a filled cell wins.

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
    """

    event_handle: str | None = None
    workflow_id: int | None = None
    draft: bool | None = None
    params: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        try:
            if self.event_handle is not None:
                text("event_handle=", self.event_handle)
            if self.workflow_id is not None:
                object.__setattr__(self, "workflow_id", integer("workflow_id=", self.workflow_id))
            if self.draft is not None:
                object.__setattr__(self, "draft", boolean("draft=", self.draft))
            object.__setattr__(self, "params", params("params=", cells.to_json(self.params or {})))
        except RequestError as error:
            raise SettingError(str(error)) from None


def text(what: str, value: object) -> str:
    """Return `value` if it is text; `what` names it in the error."""
    if not isinstance(value, str):
        raise RequestError(f"{what} must be text, not {short_repr(value)}")
    cells.to_json(value)
    return value


def integer(what: str, value: object) -> int:
    """Return `value` as an integer: 12, 12.0 and "12" are, 12.5, "x" and True are not."""
    if isinstance(value, bool):
        pass
    elif isinstance(value, int):
        return value
    elif isinstance(value, (float, Decimal)):
        if value == value // 1:
            return int(value)
    elif isinstance(value, str) and (number := parse_integer(value)) is not None:
        return number
    raise RequestError(f"{what} must be a whole number, not {short_repr(value)}")


def boolean(what: str, value: object) -> bool:
    """Return `value` as a boolean: also 0 and 1, and yes, no, true and false in text."""
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float, Decimal)) and value in (0, 1):
        return bool(value)
    if isinstance(value, str) and (truth := parse_boolean(value)) is not None:
        return truth
    raise RequestError(f"{what} must be true or false (or yes, no, 1, 0), not {short_repr(value)}")


def params(what: str, value: object) -> Mapping[str, int]:
    """Return `value` as params: a dict, or the API's own list of keys and values."""
    if isinstance(value, dict):
        return {key: integer(f"{what}, key {key!r}", item) for key, item in value.items()}
    if isinstance(value, list) and all(
        isinstance(item, dict) and set(item) == {"key", "value"} for item in value
    ):
        pairs = {
            item["key"]: integer(f"{what}, key {item['key']!r}", item["value"]) for item in value
        }
        if len(pairs) == len(value) and all(isinstance(key, str) for key in pairs):
            return pairs
    raise RequestError(
        f"{what} must be a dict of whole numbers, or a list of {{'key': ..., 'value': ...}}"
    )
