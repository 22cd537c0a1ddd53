"""The contract of the sandbox's endpoint: its requests, checked; its answers; and both as OpenAPI. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NoReturn

from flxframe.sandbox.workflows import Workflow

RUN_PATH = "/workflow/run"


DOCUMENT_PATH = "/openapi.json"


METHODS = {RUN_PATH: "POST", DOCUMENT_PATH: "GET"}


LARGEST_BODY = 10 * 2**20
"""Bytes."""


_JSON: Mapping[str, str] = {"Content-Type": "application/json"}


_TYPES: dict[str, tuple[type, str]] = {
    "objects": (dict, "an object"),
    "id": (int, "an integer"),
    "eventHandle": (str, "a string"),
    "draft": (bool, "a boolean"),
    "params": (list, "an array"),
}


_PARAM_TYPES: dict[str, tuple[type, str]] = {"key": (str, "a string"), "value": (int, "an integer")}


class ExactFloat(float):
    """A number of JSON that is no integer: a float to the workflows, and in the answer the digits that came.

    Parameters
    ----------
    text : str
        The digits.
    """

    def __init__(self, text: str) -> None:
        self.text = text


def to_json(value: Any) -> str:
    """Write a value as JSON on one line, with the digits that numbers came with.

    Raises
    ------
    TypeError, ValueError
        If it is no value of JSON.
    """
    if isinstance(value, dict):
        return (
            "{" + ", ".join([f"{_key(key)}: {to_json(item)}" for key, item in value.items()]) + "}"
        )
    if isinstance(value, list | tuple):
        return "[" + ", ".join([to_json(item) for item in value]) + "]"
    if isinstance(value, ExactFloat):
        return value.text
    return json.dumps(value, allow_nan=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back to the client.

    Parameters
    ----------
    status : int or None
        None for no answer at all.
    body : bytes
        Its body.
    headers : Mapping
        Its headers, but for those that every answer has.
    cut : str, optional
        How the connection ends with it, if it does: by a "reset" or a "close".
    missing : int
        How many bytes of the body are promised but not sent.
    delay : float
        Seconds by which it is late.
    """

    status: int | None
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=lambda: _JSON)
    cut: Literal["reset", "close"] | None = None
    missing: int = 0
    delay: float = 0.0


def json_answer(status: int, value: Any, **headers: str) -> Answer:
    """Return an answer in JSON; an underscore in a header's name stands for a hyphen."""
    more = {name.replace("_", "-"): text for name, text in headers.items()}
    return Answer(status, to_json(value).encode(), {**_JSON, **more})


def parse_body(raw: bytes) -> Any:
    """Read a body.

    Raises
    ------
    ValueError
        If it is no JSON; NaN and Infinity aren't. Nor is what Python can't hold: nesting or integers without end.
    """
    try:
        body = json.loads(raw.decode(), parse_float=ExactFloat, parse_constant=_no_number)
        # It nests less deeply than json can read, and what couldn't be answered is refused before it is run. In a list,
        # as the answer is written a little deeper in the stack.
        to_json([body])
    except (ValueError, RecursionError) as error:
        raise ValueError(f"the body is no JSON: {error}") from error
    return body


def check_body(body: Any) -> None:
    """Check that a body is a RunWorkflowRequest; fields that nobody knows do no harm.

    Raises
    ------
    ValueError
        If it isn't; the message names the field.
    """
    if not isinstance(body, dict):
        raise ValueError("the body must be an object")
    _check_fields(body, _TYPES, required=("objects",))
    for number, param in enumerate(body.get("params", ())):
        place = f"params[{number}]"
        if not isinstance(param, dict):
            raise ValueError(f"{place} must be an object")
        _check_fields(param, _PARAM_TYPES, required=("key", "value"), place=f"{place}.")


def openapi(workflows: Sequence[Workflow], url: str) -> dict[str, Any]:
    """Return the OpenAPI document of a sandbox with these workflows, served there."""
    message = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    retry_after = {
        "Retry-After": {"schema": {"type": "string"}, "description": "Seconds, or a date."}
    }
    run = {
        "operationId": "runWorkflow",
        "summary": "Run the workflow of an event on some objects",
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": _accepted(workflows)}},
        },
        "responses": {
            "200": {
                "description": "The request, its objects as the workflow left them.",
                "content": {
                    "application/json": {
                        "schema": {"$ref": "#/components/schemas/RunWorkflowRequest"}
                    }
                },
            },
            "400": {
                "description": "No such id or event, or no RunWorkflowRequest at all.",
                "content": message,
            },
            "401": {
                "description": "The token is missing, or is none that the sandbox knows.",
                "content": message,
            },
            "405": {
                "description": "Only POST is answered here.",
                "headers": {"Allow": {"required": True, "schema": {"type": "string"}}},
                "content": message,
            },
            "413": {
                "description": f"The body has more than {LARGEST_BODY:,} bytes.",
                "content": message,
            },
            "415": {"description": "The body is not of type application/json.", "content": message},
            "429": {
                "description": "Too many requests.",
                "headers": retry_after,
                "content": message,
            },
            "500": {"description": "The workflow failed.", "content": message},
        },
    }
    return {
        "openapi": "3.0.3",
        "info": {"title": "flxframe sandbox", "version": "1"},
        "servers": [{"url": url}],
        "security": [{"token": []}],
        "paths": {RUN_PATH: {"post": run}},
        "components": {
            "securitySchemes": {"token": {"type": "apiKey", "in": "header", "name": "X-API-TOKEN"}},
            "schemas": {
                "RunWorkflowRequest": _REQUEST,
                "Error": {
                    "type": "object",
                    "required": ["message"],
                    "properties": {"message": {"type": "string"}},
                },
            },
        },
    }


_REQUEST: dict[str, Any] = {
    "type": "object",
    "required": ["objects"],
    "properties": {
        "id": {"type": "integer"},
        "eventHandle": {"type": "string"},
        "draft": {"type": "boolean", "default": False},
        "params": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["key", "value"],
                "properties": {"key": {"type": "string"}, "value": {"type": "integer"}},
            },
        },
        "objects": {"type": "object"},
    },
}


def _accepted(workflows: Sequence[Workflow]) -> dict[str, Any]:
    """Return the schema of the requests that are answered with 200: a known id, or else a known event."""
    properties = _REQUEST["properties"]
    ids = sorted({workflow.id for workflow in workflows if workflow.id is not None})
    events = sorted({workflow.event for workflow in workflows})
    by_id = {
        **_REQUEST,
        "required": ["objects", "id"],
        "properties": {**properties, "id": {"type": "integer", "enum": ids}},
    }
    by_event = {
        **_REQUEST,
        "required": ["objects", "eventHandle"],
        "properties": {**properties, "eventHandle": {"type": "string", "enum": events}},
        "not": {"required": ["id"]},
    }
    return {"anyOf": [by_id, by_event]}


def _check_fields(
    value: dict[str, Any],
    types: dict[str, tuple[type, str]],
    *,
    required: Iterable[str],
    place: str = "",
) -> None:
    for name in required:
        if name not in value:
            raise ValueError(f"{place}{name} is required")
    for name, (kind, words) in types.items():
        # Not isinstance(): to Python a boolean is an integer too, to JSON it isn't.
        if name in value and type(value[name]) is not kind:
            raise ValueError(f"{place}{name} must be {words}")


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError(f"the key {key!r} is no string")
    return json.dumps(key)
