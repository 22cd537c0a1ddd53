"""The contract of the sandbox's endpoint: the checks of requests, and the answers. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NoReturn

RUN_PATH = "/workflow/run"
RUN_METHOD = "POST"

MAX_BODY_BYTES = 10 * 2**20

_JSON_HEADERS: Mapping[str, str] = {"Content-Type": "application/json"}

_FIELD_TYPES: dict[str, tuple[type, str]] = {
    "objects": (dict, "an object"),
    "id": (int, "an integer"),
    "eventHandle": (str, "a string"),
    "draft": (bool, "a boolean"),
    "params": (list, "an array"),
}

_PARAM_TYPES: dict[str, tuple[type, str]] = {
    "key": (str, "a string"),
    "value": (int, "an integer"),
}


class ExactFloat(float):
    """A JSON number that is not an integer: a float that keeps the digits it was written with.

    Parameters
    ----------
    text : str
        The digits.
    """

    def __init__(self, text: str) -> None:
        self.text = text


def to_json(value: Any) -> str:
    """Write a value as JSON on one line; an `ExactFloat` is written with its own digits.

    Raises
    ------
    TypeError, ValueError
        If it is not a JSON value.
    """
    if isinstance(value, dict):
        members = [f"{_key(key)}: {to_json(item)}" for key, item in value.items()]
        return "{" + ", ".join(members) + "}"

    if isinstance(value, list | tuple):
        items = [to_json(item) for item in value]
        return "[" + ", ".join(items) + "]"

    if isinstance(value, ExactFloat):
        return value.text

    return json.dumps(value, allow_nan=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to the client.

    Parameters
    ----------
    status : int or None
        None if nothing is answered.
    body : bytes
        Its body.
    headers : Mapping
        Its headers, except those that every answer has.
    cut : str, optional
        How the connection ends after the answer, "reset" or "close"; None if it stays open.
    missing : int
        The number of bytes that the declared length includes but that are not sent.
    delay : float
        The delay, in seconds.
    """

    status: int | None
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=lambda: _JSON_HEADERS)
    cut: Literal["reset", "close"] | None = None
    missing: int = 0
    delay: float = 0.0


def json_answer(status: int, value: Any, **headers: str) -> Answer:
    """Return a JSON answer; underscores in the names of headers become hyphens."""
    extra = {name.replace("_", "-"): text for name, text in headers.items()}
    return Answer(status, to_json(value).encode(), {**_JSON_HEADERS, **extra})


def error_answer(status: int, message: str, **headers: str) -> Answer:
    """Return a JSON answer that contains only a message."""
    return json_answer(status, {"message": message}, **headers)


def parse_body(raw: bytes) -> Any:
    """Parse a request body.

    Raises
    ------
    ValueError
        If it is not JSON (NaN and Infinity are not), is nested too deeply, or contains an integer
        that is too long.
    """
    try:
        body = json.loads(raw.decode(), parse_float=ExactFloat, parse_constant=_refuse_constant)
        # to_json() supports less nesting than json.loads(), so a body that could not be answered
        # is refused before it runs. The list adds a level, since answers nest more deeply.
        to_json([body])
    except (ValueError, RecursionError) as error:
        raise ValueError(f"the body is not valid JSON: {error}") from error

    return body


def check_body(body: Any) -> None:
    """Raise if a body is not a RunWorkflowRequest; unknown fields are accepted.

    Raises
    ------
    ValueError
        If it is not one; the message names the field.
    """
    if not isinstance(body, dict):
        raise ValueError("the body must be an object")

    _check_fields(body, _FIELD_TYPES, required=("objects",))

    for number, param in enumerate(body.get("params", ())):
        place = f"params[{number}]"
        if not isinstance(param, dict):
            raise ValueError(f"{place} must be an object")

        _check_fields(param, _PARAM_TYPES, required=("key", "value"), prefix=f"{place}.")


def _check_fields(
    value: dict[str, Any],
    types: dict[str, tuple[type, str]],
    *,
    required: Iterable[str],
    prefix: str = "",
) -> None:
    for name in required:
        if name not in value:
            raise ValueError(f"{prefix}{name} is required")

    for name, (kind, description) in types.items():
        # Not isinstance(), because a boolean is an integer in Python, but not in JSON.
        if name in value and type(value[name]) is not kind:
            raise ValueError(f"{prefix}{name} must be {description}")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError(f"the key {key!r} is not a string")

    return json.dumps(key)
