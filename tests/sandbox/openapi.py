"""An OpenAPI document of the sandbox, against which schemathesis checks it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flxframe.sandbox.contract import MAX_BODY_BYTES, RUN_PATH
from flxframe.sandbox.workflows import Workflow

_ERROR = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
_ANSWER = {"application/json": {"schema": {"$ref": "#/components/schemas/RunWorkflowRequest"}}}

_ALLOW = {"Allow": {"required": True, "schema": {"type": "string"}}}
_RETRY_AFTER = {
    "Retry-After": {"schema": {"type": "string"}, "description": "Seconds, or a date."},
}

_RESPONSES: dict[str, dict[str, Any]] = {
    "200": {
        "description": "The request, its objects as the workflow left them.",
        "content": _ANSWER,
    },
    "400": {
        "description": "There is no such id or event, or this is not a RunWorkflowRequest.",
        "content": _ERROR,
    },
    "401": {"description": "The token is missing or unknown.", "content": _ERROR},
    "405": {"description": "Only POST is allowed.", "headers": _ALLOW, "content": _ERROR},
    "413": {
        "description": f"The body has more than {MAX_BODY_BYTES:,} bytes.",
        "content": _ERROR,
    },
    "415": {"description": "The body is not of type application/json.", "content": _ERROR},
    "429": {"description": "Too many requests.", "headers": _RETRY_AFTER, "content": _ERROR},
    "500": {"description": "The workflow failed.", "content": _ERROR},
}

_PARAM = {
    "type": "object",
    "required": ["key", "value"],
    "properties": {"key": {"type": "string"}, "value": {"type": "integer"}},
}

_REQUEST: dict[str, Any] = {
    "type": "object",
    "required": ["objects"],
    "properties": {
        "id": {"type": "integer"},
        "eventHandle": {"type": "string"},
        "draft": {"type": "boolean", "default": False},
        "params": {"type": "array", "items": _PARAM},
        "objects": {"type": "object"},
    },
}

_COMPONENTS = {
    "securitySchemes": {"token": {"type": "apiKey", "in": "header", "name": "X-API-TOKEN"}},
    "schemas": {
        "RunWorkflowRequest": _REQUEST,
        "Error": {
            "type": "object",
            "required": ["message"],
            "properties": {"message": {"type": "string"}},
        },
    },
}


def openapi(workflows: Sequence[Workflow]) -> dict[str, Any]:
    """Return the OpenAPI document of a sandbox with these workflows."""
    run = {
        "operationId": "runWorkflow",
        "summary": "Run the workflow of an event on some objects",
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": _accepted_requests(workflows)}},
        },
        "responses": _RESPONSES,
    }

    return {
        "openapi": "3.0.3",
        "info": {"title": "flxframe sandbox", "version": "1"},
        "security": [{"token": []}],
        "paths": {RUN_PATH: {"post": run}},
        "components": _COMPONENTS,
    }


def _accepted_requests(workflows: Sequence[Workflow]) -> dict[str, Any]:
    """Return the schema of the requests that get a 200: a known id, or no id and a known event."""
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
