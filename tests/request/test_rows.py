"""The rows that can be sent, and their digests."""

from dataclasses import replace

import pandas as pd

from flxframe.models import RunWorkflowRequest
from flxframe.request.fields import Defaults
from flxframe.request.identity import Scope
from flxframe.request.plan import Plan
from flxframe.request.rows import checked_rows, sendable_rows
from flxframe.request.tokens import assign_tokens

TABLE = pd.DataFrame(
    {
        "objects.o.n": ["1", "2", "1", "4"],
        "params.p": [1, "x", 1, 1],
        "Store": ["EU", "EU", "US", "Mars"],
    }
)
SCOPE = Scope("https://api.example.com")
PLAN = Plan(TABLE, defaults=Defaults("e"))
TOKENS = assign_tokens(TABLE, {"EU": "secret-eu", "US": "secret-us"}, "Store")


def test_a_row_needs_a_valid_request_and_a_token() -> None:
    """An invalid request is reported before a missing token."""
    rows = dict(checked_rows(PLAN, TOKENS))
    assert [position for position, row in rows.items() if isinstance(row, RunWorkflowRequest)] == [
        0,
        2,
    ]
    assert "column 'params.p' must be a whole number" in str(rows[1])
    assert "has 'Mars', which is not the name of a token" in str(rows[3])


def test_rows_that_cannot_be_sent_are_reported_and_left_out() -> None:
    """Each of the others has digests, which depend on the row's own cell in the token column."""
    invalid: dict[int, str] = {}
    rows = sendable_rows(PLAN, TOKENS, SCOPE, on_invalid=invalid.__setitem__)
    assert rows.positions.tolist() == [0, 2]
    assert rows.drafts.tolist() == [False, False]
    assert list(invalid) == [1, 3]

    requests = dict(PLAN.requests([0, 2]))
    assert rows.keys == SCOPE.key(requests[0], "EU") + SCOPE.key(requests[2], "US")
    assert rows.contents[:16] == rows.contents[16:]
    assert rows.lefts[:16] != rows.lefts[16:]


def test_a_row_that_was_sent_before_is_returned_even_if_it_is_not_valid() -> None:
    """It can be recalled; no digest or fingerprint fits it."""
    table = TABLE.assign(eventHandle=[None, "e", "e"])
    plan, tokens = (
        Plan(table),
        assign_tokens(table, {"EU": "secret-eu", "US": "secret-us"}, "Store"),
    )
    rows = sendable_rows(plan, tokens, SCOPE, done={0, 1}, on_invalid=lambda *_: None)
    assert rows.positions.tolist()[0] == 0
    assert not rows.is_valid[0]
    assert rows.content(0) == b""
    assert rows.keys[:16] == bytes(16)


def test_blanks_are_part_of_what_a_row_is_left_with() -> None:
    """The content alone does not tell how they were sent."""
    rows = sendable_rows(PLAN, TOKENS, SCOPE, on_invalid=lambda *_: None)
    assert rows.lefts != rows.other_lefts
    others = replace(SCOPE, blanks="null")
    assert sendable_rows(PLAN, TOKENS, others, on_invalid=lambda *_: None).lefts == rows.other_lefts


def test_the_names_of_a_token_are_not_part_of_the_identity() -> None:
    """A second name, or another order of the names, changes nothing."""
    aliases = {"Europe": "secret-eu", "EU": "secret-eu", "US": "secret-us"}
    renamed = assign_tokens(TABLE, aliases, "Store")
    rows = sendable_rows(PLAN, renamed, SCOPE, on_invalid=lambda *_: None)
    assert rows.keys == sendable_rows(PLAN, TOKENS, SCOPE, on_invalid=lambda *_: None).keys


def test_the_only_token_is_not_part_of_the_identity() -> None:
    """It might be renewed in the middle of a backfill."""
    table = TABLE.head(1)
    plan = Plan(table, defaults=Defaults("e"))
    rows = sendable_rows(plan, assign_tokens(table, "t"), SCOPE, on_invalid=lambda *_: None)
    assert rows.keys == SCOPE.key(dict(plan.requests())[0])
