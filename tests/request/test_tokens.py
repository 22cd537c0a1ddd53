"""Each row is sent with the token that its cell names."""

import pandas as pd
import pytest

from flxframe import SettingError, TableError, TokenError
from flxframe.request.tokens import assign_tokens

STORES = pd.DataFrame({"Store": ["EU", "US"] * 10})
TOKENS = {"EU": "secret-eu", "US": "secret-us"}


def test_two_names_of_one_token_share_its_limit() -> None:
    """The rate limit belongs to the token, not to its name."""
    tokens = assign_tokens(STORES, {"EU": "same", "US": "same"}, "Store")
    assert tokens.of_row.tolist() == [0] * 20
    assert len(tokens.tokens) == 1


def test_a_number_is_the_name_of_its_token_next_to_blanks() -> None:
    """Blanks make the column of integers float."""
    tokens = assign_tokens(
        pd.DataFrame({"Store": [7, None, 12]}), {"7": "secret-7", "12": "secret-12"}, "Store"
    )
    assert tokens.of_row.tolist() == [0, -1, 1]


@pytest.mark.parametrize(
    ("token", "token_column", "error"),
    [
        (TOKENS, None, SettingError),
        ("secret", "Store", SettingError),
        (TOKENS, "Shop", TableError),
        ({"EU": ""}, "Store", TokenError),
        ({"EU": "se cret"}, "Store", TokenError),
        ({}, "Store", TokenError),
    ],
)
def test_tokens_that_cannot_be_sent_are_refused(token, token_column, error) -> None:
    """The message does not show them."""
    with pytest.raises(error) as caught:
        assign_tokens(STORES, token, token_column)
    assert "cret" not in str(caught.value)


def test_tokens_are_not_in_the_repr() -> None:
    """So a traceback that shows variables does not show them."""
    assert "secret" not in repr(assign_tokens(STORES, TOKENS, "Store"))
