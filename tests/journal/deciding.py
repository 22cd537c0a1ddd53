"""Tables, known rows and questions, to decide about without a journal's file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from flxframe.journal.decide import decide
from flxframe.journal.decisions import Action, Decisions, Question
from flxframe.journal.known import KnownRows, no_known_rows
from flxframe.models import STATUSES
from flxframe.request.fields import Defaults
from flxframe.request.fingerprints import (
    CONTENT_SIZE,
    OPTIONS,
    Fingerprint,
    occasion_tag,
    place_tag,
    token_tag,
)
from flxframe.request.identity import Scope
from flxframe.request.marks import Mark
from flxframe.request.plan import Plan
from flxframe.request.rows import SendableRows, sendable_rows
from flxframe.request.token import Token
from flxframe.request.tokens import assign_tokens

PLACE = "https://api.example.com"
TOKEN, OTHER_TOKEN = "token-one", "token-two"
TAG, OTHER_TAG = (int.from_bytes(token_tag(Token(token)), "big") for token in (TOKEN, OTHER_TOKEN))


def rows_of(
    numbers: Sequence[object], *, occasion: str | None = None, draft: bool | None = None
) -> SendableRows:
    """Return the rows of a table with these order numbers."""
    table = pd.DataFrame({"objects.order.number": pd.Series(list(numbers), dtype=object)})
    plan = Plan(table, defaults=Defaults("order_import", draft=draft))
    tokens = assign_tokens(table, TOKEN)
    return sendable_rows(plan, tokens, Scope(PLACE, occasion), on_invalid=_fail)


def known_rows(rows: SendableRows, **columns: Sequence[object]) -> KnownRows:
    """Return what a journal knows after these rows were sent; by default they were ok."""
    count = len(rows.positions)
    fields: dict[str, Any] = {
        "codes": np.zeros(count),
        "nth": np.zeros(count),
        "tries": np.ones(count),
        "run_ended": np.ones(count),
        "token_tags": np.full(count, TAG),
        "drafts": rows.drafts,
        "sent_at": np.zeros(count),
        "runs": np.ones(count),
        "sendings": np.arange(1, count + 1),
        **columns,
    }
    empty = no_known_rows()
    arrays = {}
    for name, values in fields.items():
        arrays[name] = np.array(values).astype(getattr(empty, name).dtype)

    return KnownRows(
        keys=np.frombuffer(rows.keys, dtype="S16"),
        lefts=np.frombuffer(rows.lefts, dtype="S16"),
        uids=np.array([row_id(number) for number in range(count)], dtype="S10"),
        **arrays,
    )


def row_id(number: int) -> bytes:
    """Return the id of the sending of a row."""
    return f"sending-{number:02d}".encode()


def mark(
    rows: SendableRows, index: int, status: str = "ok", *, now: str | None = "", **changes: object
) -> Mark:
    """Return the mark of a row that was left as it is, by default with the same `run.status`."""
    content = rows.contents[index * 16 : index * 16 + CONTENT_SIZE]
    fields: dict[str, Any] = {
        "status": status,
        "ended": True,
        "id": row_id(index),
        "content": content,
        "options": bytes(len(OPTIONS)),
        "place": place_tag(PLACE),
        "token": token_tag(Token(TOKEN)),
        "occasion": occasion_tag(None),
        **changes,
    }
    shown: Any = status if now == "" else now
    return Mark(Fingerprint(**fields), shown)


def ask(
    rows: SendableRows,
    marks: Mapping[int, Mark] | None = None,
    known: KnownRows | None = None,
    **answers: object,
) -> Decisions:
    """Decide about rows; `answers` are fields of the question that differ."""
    count = len(rows.positions)
    fields: dict[str, Any] = {
        "place": place_tag(PLACE),
        "occasion": occasion_tag(None),
        "options": bytes(len(OPTIONS)),
        "has_occasion": False,
        "tokens": [token_tag(Token(TOKEN))],
        "of_row": np.zeros(count, dtype="int32"),
        "named": False,
        "retry_unknown": False,
        "resend": "ask",
        "same_account": [None],
        **answers,
    }
    known = no_known_rows() if known is None else known
    ids = dict(zip(map(bytes, known.uids.tolist()), range(len(known)), strict=True))
    return decide(rows, marks or {}, known, ids, Question(**fields))


def actions(decisions: Decisions) -> list[str]:
    """Return what happens to each row, in lower case; a doubt by its reason."""
    names = []
    for index, action in enumerate(decisions.actions.tolist()):
        doubt = decisions.doubts.get(index)
        names.append(Action(action).name.lower() if doubt is None else doubt.reason)
    return names


def code(status: str) -> int:
    """Return the code of a status."""
    return STATUSES.index(status)  # type: ignore[arg-type]


def _fail(position: int, reason: str) -> None:
    raise AssertionError(f"row {position} is not valid: {reason}")
