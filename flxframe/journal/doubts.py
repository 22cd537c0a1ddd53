"""The question about rows that might have been sent before, and the arguments that answer it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from flxframe.exceptions import AlreadySentError
from flxframe.journal.decisions import Decisions, Doubt, Reason
from flxframe.journal.lookup import Lookup
from flxframe.journal.matching import NEW
from flxframe.request.fingerprints import OPTIONS, OTHER_LINES
from flxframe.request.row_names import row_name, unit_of
from flxframe.text import counted, listed

_MAX_ROWS_NAMED = 5
_MAX_RUNS = 100

_NEVER = 'resend="never"'
_EDITED = 'resend="edited"'
_ALL = 'resend="all"'
_SAME, _OTHER = "same_account=True", "same_account=False"

_ANSWERS: Mapping[Reason, Sequence[str]] = {
    "ended": (_NEVER, _ALL),
    "edited": (_EDITED, _NEVER),
    "options": (_NEVER, _EDITED),
    "blanks": (_NEVER, _EDITED),
    "copy": (_NEVER, _ALL),
    "place": (_NEVER, _ALL),
    "token": (_SAME, _OTHER),
    "status": (_NEVER, _ALL),
    "silent": (_NEVER, _ALL),
}

_EFFECTS = {
    _NEVER: "leaves them as they are",
    _EDITED: "sends the rows that were changed",
    _ALL: "sends every row again",
    _SAME: "if the token was renewed: leaves them as they are",
    _OTHER: "if it is of another account: sends them",
}


def find_question(
    decisions: Decisions,
    lookup: Lookup,
    contents: Callable[[list[int]], Iterable[Mapping[str, Any]]] = lambda _: (),
    hosts: Callable[[list[int]], Sequence[str]] = lambda _: (),
) -> AlreadySentError | None:
    """Return the question to raise if any row is in doubt: a line for each reason.

    Parameters
    ----------
    decisions : Decisions
        The decisions about all rows.
    lookup : Lookup
        How the rows were recognised.
    contents : callable
        Returns the cells that differ from what was sent, by column, for some indices.
    hosts : callable
        Returns the names of the computers of some runs of the journal.
    """
    if not decisions.doubts:
        return None

    groups: dict[Reason, list[int]] = {}
    for index, doubt in decisions.doubts.items():
        groups.setdefault(doubt.reason, []).append(index)
    reasons = sorted(groups, key=lambda reason: -len(groups[reason]))

    lines = []
    for reason in reasons:
        when = _when(groups[reason], decisions, hosts)
        lines.append(_line(reason, groups[reason], decisions, lookup, contents=contents, when=when))

    positions = decisions.rows.positions[sorted(decisions.doubts)]
    return AlreadySentError(
        "\n".join(lines),
        rows=positions.tolist(),
        reason=", ".join(reasons),
        answers=_answers(reasons, lookup),
    )


def _answers(reasons: Sequence[Reason], lookup: Lookup) -> dict[str, str]:
    """Return the arguments that answer all reasons, the likely one first."""
    arguments = dict.fromkeys(argument for reason in reasons for argument in _ANSWERS[reason])
    if lookup.options.limit is not None:
        arguments.pop(_ALL, None)

    answers = {argument: _EFFECTS[argument] for argument in arguments}
    if "ended" in reasons and lookup.scope.occasion is None:
        today = time.strftime("%Y-%m-%d")
        answers[f'occasion="{today}"'] = "sends them once for this occasion"
    return answers


def _line(
    reason: Reason,
    indices: list[int],
    decisions: Decisions,
    lookup: Lookup,
    *,
    contents: Callable[[list[int]], Iterable[Mapping[str, Any]]],
    when: str,
) -> str:
    rows = counted(len(indices), unit_of(lookup.plan.table))
    total = f"{len(decisions.rows.positions):,}"
    were = "was" if len(indices) == 1 else "were"
    have = "has" if len(indices) == 1 else "have"
    place = lookup.scope.place

    match reason:
        case "ended":
            text = f"{rows} of {total} {were} already sent to {place}{when}"
        case "edited":
            columns = _changed_columns(contents(indices), len(indices))
            change = f"{were} sent{when} and {have} changed since"
            text = f"{rows} of {total} {_change_of_lines(indices, decisions) or change}{columns}"
        case "options":
            names = _changed_options(indices, decisions)
            text = f"{rows} of {total} {were} sent{when} with another {names}"
        case "blanks":
            text = f"{rows} of {total} {were} sent with another blanks{when}"
        case "copy":
            text = (
                f"{rows} of {total} {have} the run.fingerprint of another row, now or before it ran"
            )
        case "place":
            text = f"{rows} of {total} {were} sent to another place than {place}{when}"
        case "token":
            text = f"{rows} of {total} {were} sent to {place} with another token{when}"
        case "status":
            text = f"{rows} of {total} {have} a run.status without a run.fingerprint that fits it"
        case "silent":
            text = (
                f"{rows} of {total} {were} sent by a run on another computer that has not ended "
                f"and has been silent for more than ten minutes{when}"
            )
    return f"{text}: {_row_names(indices, decisions, lookup)}."


def _change_of_lines(indices: list[int], decisions: Decisions) -> str | None:
    """Return what has changed if it is the lines of orders, as in a table that was filtered."""
    for index in indices:
        fingerprint = decisions.doubts[index].fingerprint
        if fingerprint is None or fingerprint.content != OTHER_LINES:
            return None
    have = "has" if len(indices) == 1 else "have"
    return f"{have} fewer or other lines than in an earlier run"


def _row_names(indices: list[int], decisions: Decisions, lookup: Lookup) -> str:
    positions = decisions.rows.positions[sorted(indices)].tolist()
    table = lookup.plan.table
    names = [row_name(table, position) for position in positions[:_MAX_ROWS_NAMED]]

    more = len(positions) - len(names)
    if more:
        names.append(f"{more:,} more")
    return ", ".join(names)


def _when(
    indices: list[int], decisions: Decisions, hosts: Callable[[list[int]], Sequence[str]]
) -> str:
    """Return when and from where the rows were sent, if the journal knows it."""
    sources = [_source(decisions, decisions.doubts[index]) for index in indices]
    known = [source for source in sources if source != NEW]
    if not known:
        return ""

    times = decisions.known.sent_at[known]
    first, last = (_local_time(float(limit)) for limit in (np.min(times), np.max(times)))
    time = f" on {first}" if first == last else f" between {first} and {last}"
    runs = np.unique(decisions.known.runs[known])[:_MAX_RUNS].tolist()
    names = hosts(runs)
    return f"{time} from {' and '.join(names)}" if names else time


def _source(decisions: Decisions, doubt: Doubt) -> int:
    """Return the known row that a doubt is about, or `NEW`."""
    if doubt.known != NEW or doubt.fingerprint is None:
        return doubt.known
    return decisions.known_of_id.get(doubt.fingerprint.id, NEW)


def _local_time(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))


def _changed_options(indices: list[int], decisions: Decisions) -> str:
    """Return the names of the arguments that differ from those of the run that sent the rows."""
    now = decisions.question.options
    names = set()
    for index in indices:
        doubt: Doubt = decisions.doubts[index]
        if doubt.fingerprint is None:
            continue
        for number, name in enumerate(OPTIONS):
            if doubt.fingerprint.options[number] != now[number]:
                names.add(name)
    return listed(sorted(names))


def _changed_columns(changes: Iterable[Mapping[str, Any]], rows: int) -> str:
    """Return the columns that differ from what was sent, with the number of rows of each."""
    counts: dict[str, int] = {}
    for cells in changes:
        for name in cells:
            counts[name] = counts.get(name, 0) + 1
    if not counts:
        return ""

    most = sorted(counts, key=lambda name: -counts[name])[:_MAX_ROWS_NAMED]
    parts = [f"{name}: {counts[name]:,} of {rows:,} rows differ" for name in most]
    return f" ({'; '.join(parts)})"
