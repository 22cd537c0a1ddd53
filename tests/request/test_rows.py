"""The rows that can be sent, and their digests."""

import pandas as pd

from flxframe.models import RunWorkflowRequest
from flxframe.request.fields import Defaults
from flxframe.request.identity import digest
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
    """Each of the others has a digest, which depends on the token's name."""
    invalid: dict[int, str] = {}
    rows = sendable_rows(PLAN, TOKENS, on_invalid=invalid.__setitem__, identify=True)
    assert rows.positions.tolist() == [0, 2]
    assert list(invalid) == [1, 3]

    requests = dict(PLAN.requests([0, 2]))
    assert rows.digests == digest(requests[0], "'EU'") + digest(requests[2], "'US'")
    assert rows.digests[:16] != rows.digests[16:]


def test_digests_are_built_only_for_a_journal() -> None:
    """Building them takes as long as building the requests."""
    rows = sendable_rows(PLAN, TOKENS, on_invalid=lambda *_: None, identify=False)
    assert rows.digests == b""


def test_the_only_token_is_not_part_of_the_identity() -> None:
    """It might be renewed in the middle of a backfill."""
    table = TABLE.head(1)
    plan = Plan(table, defaults=Defaults("e"))
    rows = sendable_rows(plan, assign_tokens(table, "t"), on_invalid=lambda *_: None, identify=True)
    assert rows.digests == digest(dict(plan.requests())[0])
