"""Several tokens: each row is sent with its token, each token at its own pace."""

import os
from pathlib import Path

import pandas as pd
import pytest

from flxframe import StoppedWarning, TokenError
from flxframe.request.token import Token
from flxframe.run.tokens import read_tokens, resolve_token
from flxframe.sandbox.app import Arrival, sandbox
from tests.conftest import run

STORES = pd.DataFrame(
    {
        "Store": ["EU", "US"] * 10,
        "eventHandle": "order_import",
        "objects.order.number": [f"{n:03d}" for n in range(20)],
    }
)
TOKENS = {"EU": "secret-eu", "US": "secret-us"}


def send(tokens: list[str], table: pd.DataFrame = STORES) -> tuple[pd.DataFrame, list[Arrival]]:
    """Run a table against a sandbox that accepts these tokens; return the result and arrivals."""
    with sandbox(tokens=tokens, limit=None) as api:
        settings = {"token": TOKENS, "token_column": "Store", "max_in_flight": 1}
        return run(table, api, **settings), api.arrivals


def test_each_row_is_sent_with_the_token_in_its_column() -> None:
    """The rows of each token are sent in order."""
    result, arrivals = send(list(TOKENS.values()))
    assert result["run.status"].tolist() == ["ok"] * 20

    sent: dict[str, list[str]] = {token: [] for token in TOKENS.values()}
    for arrival in arrivals:
        sent[arrival.token].append(arrival.body["objects"]["order"]["number"])
    numbers = STORES["objects.order.number"].tolist()
    assert sent == {"secret-eu": numbers[::2], "secret-us": numbers[1::2]}


def test_a_refused_token_stops_only_its_own_rows() -> None:
    """The warning names the token."""
    with pytest.warns(StoppedWarning, match="'US'") as caught:
        result, _ = send(["secret-eu"])

    assert result["run.status"].tolist()[::2] == ["ok"] * 10
    assert set(result["run.status"].tolist()[1::2]) == {"rejected", "not_sent"}
    assert "secret" not in str(caught[0].message) + result.to_csv()


def test_a_row_without_a_tokens_name_is_invalid() -> None:
    """The error distinguishes blank cells from unknown names; such rows are not sent."""
    table = STORES.head(3).assign(Store=["EU", None, "Mars"])
    result, arrivals = send(list(TOKENS.values()), table)

    assert len(arrivals) == 1
    assert result["run.status"].tolist() == ["ok", "invalid", "invalid"]
    assert "has 'Mars', which is not the name of a token" in result["run.error"].iloc[2]
    assert "column 'Store' is blank" in result["run.error"].iloc[1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"EU": "secret-1", "EU": "secret-2"}', "'EU' twice"),
        ("[" * 100_000, "as JSON"),
        ("secret-1", "as JSON"),
        ('{"EU": 4711}', "as JSON"),
        ("", "as JSON"),
    ],
    ids=["twice", "deep", "text", "number", "empty"],
)
def test_an_invalid_token_file_is_refused(tmp_path: Path, text: str, message: str) -> None:
    """The error does not show any token."""
    path = tmp_path / "tokens.json"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(TokenError, match=message) as caught:
        read_tokens(path)

    assert "secret" not in str(caught.value)


def test_a_token_file_can_start_with_a_byte_order_mark(tmp_path: Path) -> None:
    """Programs on Windows write it, and it is not part of the JSON."""
    path = tmp_path / "tokens.json"
    path.write_text('{"EU": "secret-1"}', encoding="utf-8-sig")
    path.chmod(0o600)
    assert read_tokens(path)["EU"].reveal() == "secret-1"


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such permissions")
def test_a_token_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """The error contains the command that fixes it, and does not show any token."""
    path = tmp_path / "tokens.json"
    path.write_text('{"EU": "secret-1"}')
    path.chmod(0o640)
    with pytest.raises(TokenError) as caught:
        read_tokens(path)

    assert str(caught.value) == (
        f"{path} is readable by other users: run chmod 600 {path} and rotate the tokens"
    )


def test_tokens_come_from_the_environment_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """This is so without a file; the variable for a single token is not one of them."""
    monkeypatch.setenv("FLXPOINT_API_TOKEN", "secret-0")
    with pytest.raises(TokenError, match="FLXPOINT_API_TOKEN_NAME"):
        read_tokens(None)
    monkeypatch.setenv("FLXPOINT_API_TOKEN_EU", "secret-1")

    assert read_tokens(None) == {"EU": Token("secret-1")}


def test_a_token_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """An argument takes precedence; without both, the error says how to set a token."""
    monkeypatch.setenv("FLXPOINT_API_TOKEN", " secret-0\n")
    assert resolve_token(None).reveal() == "secret-0"
    assert resolve_token("secret-1").reveal() == "secret-1"
    monkeypatch.delenv("FLXPOINT_API_TOKEN")
    with pytest.raises(TokenError) as caught:
        resolve_token(None)

    assert str(caught.value) == "no API token: set FLXPOINT_API_TOKEN or pass token="
