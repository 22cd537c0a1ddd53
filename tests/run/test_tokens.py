"""Several tokens: each row goes out with its own, each token at its own pace."""

from pathlib import Path

import pandas as pd
import pytest

from flxframe import StoppedWarning, TokenError, run_workflows
from flxframe.run.tokens import read_tokens
from flxframe.sandbox import sandbox

STORES = pd.DataFrame(
    {
        "Store": ["EU", "US"] * 10,
        "eventHandle": "order_import",
        "objects.order.number": [f"{n:03d}" for n in range(20)],
    }
)
TOKENS = {"EU": "secret-eu", "US": "secret-us"}


def test_each_row_goes_out_with_the_token_that_its_column_names() -> None:
    """And each token gets its rows in order."""
    with sandbox(tokens=list(TOKENS.values()), limit=None) as api:
        result = run_workflows(
            STORES,
            token=TOKENS,
            token_column="Store",
            base_url=api.url,
            rate=None,
            max_in_flight=1,
            progress=False,
        )
        seen = {
            token: [
                arrival.body["objects"]["order"]["number"]
                for arrival in api.runs
                if arrival.token == token
            ]
            for token in TOKENS.values()
        }
    assert result["run.status"].tolist() == ["ok"] * 20
    numbers = STORES["objects.order.number"].tolist()
    assert seen == {"secret-eu": numbers[::2], "secret-us": numbers[1::2]}


def test_a_refused_token_stops_its_own_rows_alone() -> None:
    """The warning names it."""
    with (
        sandbox(tokens=["secret-eu"], limit=None) as api,
        pytest.warns(StoppedWarning, match="'US'") as caught,
    ):
        result = run_workflows(
            STORES,
            token=TOKENS,
            token_column="Store",
            base_url=api.url,
            rate=None,
            max_in_flight=1,
            progress=False,
        )
    assert result["run.status"].tolist()[::2] == ["ok"] * 10
    assert set(result["run.status"].tolist()[1::2]) == {"rejected", "not_sent"}
    assert "secret" not in str(caught[0].message) + result.to_csv()


def test_a_row_that_names_no_token_is_invalid() -> None:
    """A blank cell and an unknown name each say so; nothing of them is sent."""
    table = STORES.head(3).assign(Store=["EU", None, "Mars"])
    with sandbox(tokens=list(TOKENS.values()), limit=None) as api:
        result = run_workflows(
            table, token=TOKENS, token_column="Store", base_url=api.url, rate=None, progress=False
        )
        assert len(api.arrivals) == 1
    assert result["run.status"].tolist() == ["ok", "invalid", "invalid"]
    assert "'Mars' is not the name of a token" in result["run.error"].iloc[2]
    assert "is blank" in result["run.error"].iloc[1]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"EU": "secret-1", "EU": "secret-2"}', "'EU' twice"),
        ("[" * 100_000, "as JSON"),
        ("secret-1", "as JSON"),
        ('{"EU": 4711}', "as JSON"),
        ("", "as JSON"),
    ],
    ids=["twice", "deep", "plain", "number", "empty"],
)
def test_a_file_of_tokens_that_cant_be_right_is_refused(
    tmp_path: Path, text: str, sentence: str
) -> None:
    """And shows no token."""
    path = tmp_path / "tokens.json"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(TokenError, match=sentence) as caught:
        read_tokens(path)
    assert "secret" not in str(caught.value)


def test_a_file_of_tokens_may_begin_with_the_mark_that_windows_writes(tmp_path: Path) -> None:
    """It is no part of the JSON."""
    path = tmp_path / "tokens.json"
    path.write_text('{"EU": "secret-1"}', encoding="utf-8-sig")
    path.chmod(0o600)
    assert read_tokens(path) == {"EU": "secret-1"}
