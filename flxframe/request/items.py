"""Match the items of an answered list with those that were sent. Pure.

An item that equals a sent one, or has the same unique ``sku`` or ``id``, is that one; the rest go
by position.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from flxframe.models import JSON
from flxframe.request import nested
from flxframe.request.canonical import canonical_text
from flxframe.request.paths import Path

_NAMES = ("sku", "id")


@dataclass(frozen=True, slots=True)
class Match:
    """Where the sent items are in an answered list.

    Parameters
    ----------
    of_sent : list of int or None
        The place of each sent item in the answered list; None if it was removed.
    added : list of int
        The places of the other answered items.
    is_moved : bool
        Whether items are in another order than they were sent.
    """

    of_sent: list[int | None]
    added: list[int]
    is_moved: bool


def match_items(sent: Sequence[JSON], answered: Sequence[JSON]) -> Match:
    """Match answered items with sent ones.

    Examples
    --------
    >>> sent = [{"sku": "A", "n": 1}, {"sku": "B", "n": 2}]
    >>> match_items(sent, [{"sku": "B", "n": 5}, {"sku": "A", "n": 1}, {"sku": "C"}])
    Match(of_sent=[1, 0], added=[2], is_moved=True)
    """
    if sent == answered:  # nearly all lists
        return Match(list(range(len(sent))), [], is_moved=False)

    of_sent: list[int | None] = [None] * len(sent)
    free = dict.fromkeys(range(len(answered)))
    _match_by(canonical_text, sent, answered, of_sent, free, unique=False)
    for name in _NAMES:
        _match_by(partial(_value, name=name), sent, answered, of_sent, free)

    # The rest goes by position, as far as the same one is free.
    for place, match in enumerate(of_sent):
        if match is None and place in free:
            of_sent[place] = place
            del free[place]
    for place, match in enumerate(of_sent):
        if match is None and free and not _is_named(sent[place]):
            first = next(iter(free))
            of_sent[place] = first
            del free[first]

    places = [place for place in of_sent if place is not None]
    return Match(of_sent, list(free), is_moved=places != sorted(places))


def _match_by(
    key_of: Callable[[JSON], Any],
    sent: Sequence[JSON],
    answered: Sequence[JSON],
    of_sent: list[int | None],
    free: dict[int, None],
    *,
    unique: bool = True,
) -> None:
    """Match the items that have the same key, if only one of each list has it."""
    open_places = [place for place, match in enumerate(of_sent) if match is None]
    keys = {place: key_of(sent[place]) for place in open_places}
    counts = Counter(keys.values())
    found: dict[Any, list[int]] = {}
    for place in free:
        found.setdefault(key_of(answered[place]), []).append(place)

    for place, key in keys.items():
        places = found.get(key)
        if key is None or not places or (unique and (counts[key] > 1 or len(places) > 1)):
            continue
        first = places.pop(0)
        of_sent[place] = first
        del free[first]


def _value(item: JSON, name: str) -> str | None:
    value = item.get(name) if isinstance(item, dict) else None
    return None if value in (None, "") else canonical_text(value)


def _is_named(item: JSON) -> bool:
    """Return whether an item has a name by which it would have been found."""
    return any(_value(item, name) is not None for name in _NAMES)


def aligned(sent: Sequence[JSON], answered: Sequence[JSON]) -> tuple[list[JSON], bool]:
    """Return answered items in the order in which they were sent, then those that were added.

    Returns
    -------
    list
        The items.
    bool
        Whether some were in another order.

    Examples
    --------
    >>> aligned([{"sku": "A"}, {"sku": "B"}], [{"sku": "C"}, {"sku": "B"}, {"sku": "A"}])
    ([{'sku': 'A'}, {'sku': 'B'}, {'sku': 'C'}], True)
    """
    match = match_items(sent, answered)
    places = []
    for place in match.of_sent:
        if place is not None and not is_blank_item(answered[place]):
            places.append(place)
    return [answered[place] for place in (*places, *match.added)], match.is_moved


def is_blank_item(item: JSON) -> bool:
    """Return whether all cells of an item would be blank, so that its line gives no item.

    Examples
    --------
    >>> [is_blank_item(item) for item in ({"sku": None}, {}, None, {"sku": "A"}, [])]
    [True, True, True, False, False]
    """
    if isinstance(item, dict):
        return all(value is None or value == "" for value in item.values())
    return item is None or item == ""


def align_objects(
    sent: Mapping[str, JSON], answered: Mapping[str, JSON], lists: Iterable[Path]
) -> Mapping[str, JSON]:
    """Return answered objects with the items of some lists in the order in which they were sent.

    Parameters
    ----------
    sent, answered : Mapping
        The objects.
    lists : iterable of tuple
        The paths of the lists.
    """
    for path in lists:
        inside = path[1:]
        before, after = nested.get(sent, inside), nested.get(answered, inside)
        if isinstance(after, list) and before != after:
            items, _ = aligned(before if isinstance(before, list) else [], after)
            answered = _replaced(answered, inside, items or None)
    return answered


def _replaced(value: Any, path: Path, new: JSON) -> Any:
    """Return a value with another one at a path, without changing it."""
    if not path:
        return new
    copy = list(value) if isinstance(value, list) else dict(value)
    copy[path[0]] = _replaced(value[path[0]], path[1:], new)  # type: ignore[index]
    return copy
