"""Rows in a row, in the order in which they started."""

from hypothesis import given
from hypothesis import strategies as st

from flxframe.run.streaks import Streaks

OUTCOMES = st.lists(st.sampled_from(["a", "b", "ok", "pending"]), min_size=1, max_size=40)


def longest(outcomes: list[str], reason: str) -> int:
    """Return the length of the longest streak, counted simply."""
    text = "".join("x" if outcome == reason else " " for outcome in outcomes)
    return max(map(len, text.split()), default=0)


@given(OUTCOMES, st.randoms())
def test_streaks_follow_the_order_of_the_start(outcomes: list[str], random: object) -> None:
    """The order of the answers does not matter, and each reason has its own streaks."""
    streaks = Streaks()
    positions = [7 * number for number in range(len(outcomes))]  # rows in between are not sent
    for position in positions:
        streaks.start(position)

    answers = list(zip(positions, outcomes, strict=True))
    random.shuffle(answers)
    lengths = {"a": 0, "b": 0}
    for position, outcome in answers:
        if outcome in lengths:
            lengths[outcome] = max(lengths[outcome], streaks.fail(position, outcome))
        elif outcome == "ok":
            streaks.end(position)

    assert lengths == {reason: longest(outcomes, reason) for reason in lengths}
