"""A request as a curl command."""

import json
import subprocess

import pytest

from flxframe.models import RunWorkflowRequest
from flxframe.request.curl import API_URL, as_curl

SHOW_ARGUMENTS = """curl() { printf '%s\\0' "$@"; }\n"""


@pytest.mark.parametrize(
    "text",
    ["it's late", 'say "hi"', "$HOME `id` $(id)", "two\nlines", "\\ back", "Müller 😀", "-x"],
)
def test_a_shell_gives_curl_the_body_unchanged(text: str) -> None:
    """A real shell parses the command, in which a function replaces curl."""
    request = RunWorkflowRequest(
        eventHandle="order_import", params={"sourceId": 12}, objects={"order": {"note": text}}
    )
    command = as_curl(request, base_url="http://127.0.0.1:8000/")
    process = subprocess.run(
        ["sh", "-c", SHOW_ARGUMENTS + command],
        env={"FLXPOINT_API_TOKEN": "a-secret-token"},
        capture_output=True,
        check=True,
    )
    *arguments, body, _ = process.stdout.decode().split("\0")

    assert arguments == [
        "-X",
        "POST",
        "http://127.0.0.1:8000/workflow/run",
        "-H",
        "Accept: application/json",
        "-H",
        "Content-Type: application/json",
        "-H",
        "X-API-TOKEN: a-secret-token",
        "--data-raw",
    ]
    assert json.loads(body) == request.body()


def test_the_default_url_is_the_real_api() -> None:
    """The token is a variable that the shell replaces."""
    command = as_curl(RunWorkflowRequest(id=7))

    assert f"{API_URL}/workflow/run" in command
    assert '"X-API-TOKEN: $FLXPOINT_API_TOKEN"' in command
