"""Each argument is declared once; all functions accept, document and check the same ones."""

import inspect
import os
import shutil
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import flxframe
from flxframe import Journal, SettingError, TableError, TokenError
from flxframe.clusters import run_workflows_on
from flxframe.journal.writer import JournalWriter
from flxframe.options import ClusterOptions, RunOptions
from flxframe.options.arguments import arguments
from tests.conftest import ROOT, orders

TOKENS = {"EU": "secret-eu", "US": "secret-us"}
URL = "http://127.0.0.1:1"
VERBS = {
    "run_workflows": flxframe.run_workflows,
    "preview": flxframe.preview,
    "df.flx.run_workflows": pd.DataFrame().flx.run_workflows,
    "df.flx.preview": pd.DataFrame().flx.preview,
    "Journal.result": Journal.result,
    "run_workflows_on": run_workflows_on,
}


@pytest.fixture
def calls(tmp_path: Path) -> dict[str, Callable[..., object]]:
    """Calls of all functions on the same table, none of which sends a request."""
    with JournalWriter(tmp_path / "j.db", place=URL):
        pass

    def on_cluster(table: pd.DataFrame, **keywords: object) -> object:
        several = {"token": TOKENS, "token_column": "Store"}
        return run_workflows_on(None, table, journals=tmp_path, **{**several, **keywords})

    return {
        "run_workflows": lambda table, **keywords: flxframe.run_workflows(table, **keywords),
        "preview": lambda table, **keywords: flxframe.preview(table, **keywords),
        "df.flx": lambda table, **keywords: table.flx.run_workflows(**keywords),
        "Journal.result": lambda table, **keywords: Journal(tmp_path / "j.db").result(
            table, **keywords
        ),
        "cluster": on_cluster,
    }


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_shows_and_documents_every_argument(verb: str) -> None:
    """Shift-Tab and help() read the signature and the docstring."""
    parameters = inspect.signature(VERBS[verb]).parameters
    for name, described in arguments(RunOptions).items():
        assert parameters[name].kind is inspect.Parameter.KEYWORD_ONLY
        assert f"\n{name} : " in inspect.getdoc(VERBS[verb])
        assert described.doc.split()[0] in inspect.getdoc(VERBS[verb])
    assert "{options}" not in inspect.getdoc(VERBS[verb])


@pytest.mark.parametrize(
    ("keywords", "error", "message"),
    [
        ({"rate": -2}, SettingError, "rate=-2 must be"),
        ({"rate": True}, SettingError, "rate=True must be"),
        ({"timeout": -1}, SettingError, "timeout=-1 must be"),
        ({"timeout": 1e9}, SettingError, "must be a number of seconds"),
        ({"max_in_flight": 0}, SettingError, "max_in_flight=0 must be"),
        ({"max_in_flight": 2**63}, SettingError, "must be a whole number from 1 to 1000"),
        ({"token_column": ["Store"]}, SettingError, "token_column=.* must be text"),
        ({"params": pd.NA}, SettingError, "params= must be a dict"),
        ({"params": 7}, SettingError, "params= must be a dict"),
        ({"blanks": pd.NA}, SettingError, "blanks=<NA> must be"),
        ({"object_handle": "\ud800"}, SettingError, "must be an object's handle"),
        ({"journal": "a\0b"}, SettingError, "is not a file path"),
        ({"max_response_mib": 0}, SettingError, "max_response_mib=0 must be"),
        ({"max_response_mib": 1025}, SettingError, "must be a whole number from 1 to 1024"),
        ({"max_response_mib": 0.5}, SettingError, "max_response_mib=0.5 must be"),
        ({"max_in_flight": None}, SettingError, "max_in_flight=None must be"),
        ({"stop_after_failures": 0}, SettingError, "stop_after_failures=0 must be"),
        ({"max_minutes": float("inf")}, SettingError, "max_minutes=inf must be"),
        ({"retry_unknown": "no"}, SettingError, "retry_unknown='no' must be True or False"),
        ({"blanks": "x"}, SettingError, "blanks='x' must be"),
        ({"object_handle": ""}, SettingError, "object_handle='' must be"),
        ({"columns": ["a"]}, SettingError, "columns= must be a dict"),
        ({"columns": {"b": None}}, TableError, "the table has no such column"),
        ({"params": {"a": "x"}}, SettingError, "must be a whole number"),
        ({"draft": "maybe"}, SettingError, "draft= must be"),
        ({"base_url": "http://example.com"}, SettingError, "unencrypted"),
        ({"base_url": ""}, SettingError, "is not a URL"),
        ({"token": {"EU": "se cret"}, "token_column": "Store"}, TokenError, "'EU' contains"),
        ({"token": TOKENS, "token_column": None}, SettingError, "token_column= is required"),
        ({"token": "x", "token_column": "Store"}, SettingError, "requires several tokens"),
        ({"token": TOKENS, "token_column": "Stor"}, TableError, "the table has no such column"),
    ],
)
def test_every_verb_refuses_what_a_run_refuses(
    calls, monkeypatch, keywords, error, message
) -> None:
    """This includes functions that send nothing: a preview should reveal mistakes early."""
    monkeypatch.setenv("FLXPOINT_API_TOKEN", "secret")
    table = orders(2).assign(Store="EU")
    for verb, call in calls.items():
        with pytest.raises(error, match=message) as caught:
            call(table, **keywords)
        assert "cret" not in str(caught.value), verb


def test_a_misspelt_argument_is_a_type_error_with_the_right_spelling(calls) -> None:
    """The message is Python's own, followed by the closest names."""
    for call in calls.values():
        with pytest.raises(TypeError, match=r"keyword argument 'max_minute'; did you mean 'max_m"):
            call(orders(1), max_minute=1)


def test_a_cluster_has_a_folder_of_journals_and_several_tokens() -> None:
    """A single journal or token is refused."""
    with pytest.raises(SettingError, match="each token has a journal in j"):
        ClusterOptions(token=TOKENS, token_column="Store", journals="j", journal="x.db")
    with pytest.raises(SettingError, match="a cluster requires several tokens"):
        ClusterOptions(token="one", journals="j")


def test_the_token_is_not_in_the_repr() -> None:
    """The values of the other arguments are shown."""
    text = repr(RunOptions(token="secret-4711", journal="backfill.db"))
    assert "backfill.db" in text
    assert "secret" not in text


MADE_UP = """
    made_up: int = argument(3, "How many made-up things.", check=checks.check_whole)
"""
CHECK_EVERYWHERE = """
import inspect, sys
import pandas as pd, flxframe
from flxframe.journal.writer import JournalWriter

table = pd.DataFrame({"eventHandle": ["e"], "objects.o.a": [1], "Store": ["EU"]})
with JournalWriter("j.db", place="http://127.0.0.1:1"):
    pass
several = {"token": {"EU": "secret"}, "token_column": "Store"}
calls = {
    flxframe.run_workflows: lambda **keywords: flxframe.run_workflows(table, **keywords),
    flxframe.preview: lambda **keywords: flxframe.preview(table, **keywords),
    table.flx.preview: lambda **keywords: table.flx.preview(**keywords),
    flxframe.Journal.result: lambda **keywords: flxframe.Journal("j.db").result(table, **keywords),
    flxframe.clusters.run_workflows_on: lambda **keywords: flxframe.clusters.run_workflows_on(
        None, table, journals=".", **several, **keywords
    ),
}
for function, call in calls.items():
    assert inspect.signature(function).parameters["made_up"].default == 3
    assert "made_up : int, default 3\\n    How many made-up things." in inspect.getdoc(function)
    try:
        call(made_up=0)
    except flxframe.SettingError as error:
        assert str(error) == "made_up=0 must be a whole number of at least 1", error
    else:
        raise AssertionError(function)
    try:
        call(made_upp=1)
    except TypeError as error:
        assert "did you mean 'made_up'" in str(error), error
    else:
        raise AssertionError(function)
"""
TYPED = """
import pandas as pd
import flxframe

flxframe.run_workflows(pd.DataFrame(), made_up=4)
flxframe.preview(pd.DataFrame(), made_up="x")
flxframe.preview(pd.DataFrame(), made_upp=4)
"""


def test_a_new_argument_is_declared_in_one_place_and_available_everywhere(tmp_path: Path) -> None:
    """It is in the functions, their documentation, the command line and the type checker."""
    shutil.copytree(ROOT / "flxframe", tmp_path / "flxframe")
    declaration = tmp_path / "flxframe" / "options" / "__init__.py"
    text = declaration.read_text(encoding="utf-8")
    head, progress, tail = text.partition("    progress: bool = ")
    declaration.write_text(head + MADE_UP.lstrip("\n") + progress + tail, encoding="utf-8")

    def python(*arguments: str) -> subprocess.CompletedProcess[str]:
        inherited = {key: value for key, value in os.environ.items() if "COVERAGE" not in key}
        environment = {**inherited, "PYTHONPATH": str(tmp_path), "FLXPOINT_API_TOKEN": "secret"}
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
        )

    everywhere = python("-c", CHECK_EVERYWHERE)
    assert everywhere.returncode == 0, everywhere.stderr

    for command in ("run", "preview"):
        usage = " ".join(python("-m", "flxframe", command, "--help").stdout.split())
        assert "--made-up INTEGER How many made-up things. [default: 3]" in usage
    refused = python("-m", "flxframe", "preview", "x.csv", "--made-up", "zero")
    assert "'zero' is not a valid integer" in refused.stderr

    (tmp_path / "typed.py").write_text(TYPED, encoding="utf-8")
    typed = python("-m", "mypy", "--strict", "--cache-dir", "cache", "typed.py")
    lines = [line.split(":")[1] for line in typed.stdout.splitlines() if ": error: " in line]
    assert lines == ["6", "7"], typed.stdout


def test_a_token_that_is_passed_by_position_is_in_no_traceback() -> None:
    """Local variables of flxframe are shown by IPython's verbose tracebacks."""
    for verb in VERBS.values():
        table = orders(1)
        with pytest.raises(TypeError, match="too many positional arguments") as caught:
            verb(table, table, "a-secret-token")

        trace = caught.value.__traceback__
        for frame, _ in list(traceback.walk_tb(trace))[1:]:
            assert "a-secret-token" not in repr(frame.f_locals)
