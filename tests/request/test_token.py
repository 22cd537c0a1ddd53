"""A token shows itself nowhere."""

import copy
import dataclasses
import json
import pickle
import traceback
from pathlib import Path

import pandas as pd
import pytest

from flxframe import FlxframeError, FlxpointClient, preview, run_workflows
from flxframe.options import RunOptions
from flxframe.request.token import Token, hide
from flxframe.request.tokens import assign_tokens
from flxframe.run.tokens import read_tokens, resolve_token

SECRET = "a-secret-token-4711"
BAD = f"{SECRET} {SECRET}"
TABLE = pd.DataFrame({"eventHandle": ["e"], "Store": ["EU"]})


def test_only_reveal_returns_the_text() -> None:
    """Copies are the token itself, and equal tokens are equal."""
    token = Token(f" {SECRET}\n")
    assert token.reveal() == SECRET
    assert SECRET not in f"{token} {token!r} {copy.deepcopy(token)!r} {copy.copy(token)!r}"
    assert copy.deepcopy({"token": token})["token"] == token
    assert {hide(SECRET): 1}[token] == 1


def test_a_token_is_not_pickled() -> None:
    """The error says what to do instead."""
    with pytest.raises(TypeError, match="pass it again where it is used"):
        pickle.dumps(RunOptions(token=SECRET))


def test_options_and_clients_do_not_show_it() -> None:
    """Whatever lists their attributes."""
    options = RunOptions(token={"EU": SECRET}, token_column="Store")
    with FlxpointClient(token=SECRET, base_url="http://127.0.0.1:9") as client:
        shown = f"{options} {dataclasses.asdict(options)} {vars(options)} {vars(client)}"
        shown += f"{vars(client._pool)} {vars(client._mask)}"
    assert SECRET not in shown


CALLS = {
    "bad token": lambda: run_workflows(TABLE, token=BAD),
    "bad token by name": lambda: run_workflows(TABLE, token={"EU": BAD}, token_column="Store"),
    "bad column": lambda: run_workflows(TABLE, token={"EU": SECRET}, token_column="Shop"),
    "bad argument": lambda: run_workflows(TABLE, token=SECRET, rate=-1),
    "misspelled": lambda: run_workflows(TABLE, tokn=SECRET),
    "bad table": lambda: preview(7, token=SECRET),
    "client": lambda: FlxpointClient(token=BAD),
    "client's URL": lambda: FlxpointClient(token=SECRET, base_url="http://example.com"),
    "assigned": lambda: assign_tokens(TABLE, {"EU": SECRET}, "Shop"),
    "resolved": lambda: resolve_token(BAD),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=list(CALLS))
def test_no_frame_of_a_traceback_shows_it(call) -> None:
    """Tools such as ``pytest -l`` show the local variables of each frame."""
    with pytest.raises((FlxframeError, TypeError)) as caught:
        call()
    assert SECRET not in _with_locals(caught.value)


@pytest.mark.parametrize("variable", ["FLXPOINT_API_TOKEN", "FLXPOINT_API_TOKENS"])
def test_no_frame_shows_a_token_of_the_environment(variable, monkeypatch) -> None:
    """An invalid one is refused, and others are looked at."""
    monkeypatch.delenv("FLXPOINT_API_TOKEN", raising=False)
    monkeypatch.setenv(variable, BAD)
    for call in (lambda: resolve_token(None), lambda: read_tokens(None)):
        with pytest.raises(FlxframeError) as caught:
            call()
        assert SECRET not in _with_locals(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        f'{{"EU": "{SECRET}", "EU": "{SECRET}"}}',
        f'{{"EU": "{SECRET}", "US": 7}}',
        f'{{"EU": {{"US": "{SECRET}"}}}}',
        json.dumps(SECRET),
        json.dumps([SECRET]),
        SECRET,
    ],
)
def test_no_frame_shows_a_token_of_a_file(text: str, tmp_path: Path) -> None:
    """The file is invalid, or others can read it."""
    path = tmp_path / "tokens.json"
    path.write_text(text)
    for mode in (0o600, 0o644):
        path.chmod(mode)
        with pytest.raises(FlxframeError) as caught:
            read_tokens(path)
        assert SECRET not in _with_locals(caught.value)


def _with_locals(error: BaseException) -> str:
    trace = traceback.TracebackException.from_exception(error, capture_locals=True)
    own = [frame for frame in trace.stack if "tests" not in Path(frame.filename).parts]
    trace.stack = traceback.StackSummary.from_list(own)
    for frame, original in zip(trace.stack, own, strict=True):
        frame.locals = original.locals
    return "".join(trace.format()) + str([frame.locals for frame in own])
