"""Requests and answers match the API's documentation and an OpenAPI document."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from flxframe.sandbox import Sandbox
from flxframe.sandbox.workflows import WORKFLOWS, Workflow
from tests.sandbox.conftest import BODY, ORDER
from tests.sandbox.openapi import openapi

_DEEP = "[" * 800 + "]" * 800


def test_the_answer_is_the_request_with_the_changed_objects(post: Any) -> None:
    body = {**BODY, "draft": False, "params": [{"key": "sourceId", "value": 12}], "extra": [1]}
    held_order = {**ORDER, "status": "Hold", "tags": ["International"]}
    assert post(body).json() == {**body, "objects": {"order": held_order}}


@pytest.mark.parametrize(
    "digits",
    ["820982911946154508", "-0.0", "1.10", "1e400", "0.1000000000000000055", "9" * 400],
)
def test_numbers_come_back_with_the_digits_they_were_sent_with(post: Any, digits: str) -> None:
    text = f'{{"eventHandle": "order_cancelled", "objects": {{"order": {{"n": {digits}}}}}}}'
    assert post(text).text == text


def test_texts_come_back_unchanged(post: Any) -> None:
    objects = {"order": {"name": "Åsa 山田 😀", "odd": '\ud800 "\\\u2028', "": None}}
    answer = post({"eventHandle": "order_cancelled", "objects": objects})
    assert answer.json()["objects"] == objects


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"id": 99, "objects": {}}, "id"),
        ({"id": 99, "eventHandle": "order_import", "objects": {}}, "id"),
        ({"eventHandle": "nope", "objects": {}}, "eventHandle"),
        ({"objects": {}}, "eventHandle"),
        ({"eventHandle": "order_import"}, "objects"),
        ({**BODY, "objects": None}, "objects"),
        ({**BODY, "objects": []}, "objects"),
        ({**BODY, "id": "1"}, "id"),
        ({**BODY, "id": 1.0}, "id"),
        ({**BODY, "id": True}, "id"),
        ({**BODY, "eventHandle": 1}, "eventHandle"),
        ({**BODY, "draft": "yes"}, "draft"),
        ({**BODY, "draft": 1}, "draft"),
        ({**BODY, "params": {"a": 1}}, "params"),
        ({**BODY, "params": [1]}, "params[0]"),
        ({**BODY, "params": [{"key": "a", "value": 1}, {"key": "a"}]}, "params[1].value"),
        ({**BODY, "params": [{"key": "a", "value": 12.0}]}, "params[0].value"),
        ({**BODY, "params": [{"key": "a", "value": True}]}, "params[0].value"),
        ({**BODY, "params": [{"key": 1, "value": 1}]}, "params[0].key"),
        ([BODY], "body"),
        ("", "body"),
        ('{"objects": ', "body"),
        ('{"eventHandle": "order_import", "objects": {"a": NaN}}', "body"),
        (b'{"eventHandle": "order_import", "objects": {"a": "\xff"}}', "body"),
        (f'{{"eventHandle": "order_import", "objects": {{"a": {_DEEP}}}}}', "body"),
    ],
)
def test_an_invalid_request_gets_a_400_that_names_the_field(
    api: Sandbox, post: Any, body: Any, field: str
) -> None:
    """An invalid RunWorkflowRequest, an unknown id or an unknown event runs nothing."""
    answer = post(body)
    assert (answer.status_code, api.runs) == (400, [])
    assert field in answer.json()["message"]


def test_schemathesis_finds_no_answer_that_the_openapi_document_does_not_describe(
    api: Sandbox, tmp_path: Path
) -> None:
    """It sends all kinds of requests, some of which run the workflows, including an added one."""
    api.add_workflow("mine", lambda objects: objects, id=77)
    document = tmp_path / "openapi.json"
    added_workflow = Workflow("mine", id=77)
    document.write_text(json.dumps(openapi([*WORKFLOWS, added_workflow])))

    options = ["--checks", "all", "--seed", "1", "-n", "40", "--continue-on-failure"]
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "run", str(document)),
        *("--url", api.url, "-H", f"X-API-TOKEN: {api.token}"),
        *options,
    ]
    process = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, timeout=110, check=False
    )

    assert process.returncode == 0, process.stdout + process.stderr
    assert len(api.runs) > 20
    assert any(run.body.get("eventHandle") == "mine" for run in api.runs)
