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


@given(st.lists(st.sampled_from(["a", "ok"]), min_size=1, max_size=40), st.randoms())
def test_the_rows_after_the_last_ok_one_are_doubtful(outcomes: list[str], random: object) -> None:
    """Once all have an answer, they are a streak, so a run that waits for them stops or goes on."""
    streaks = Streaks()
    for number in range(len(outcomes)):
        streaks.start(number)

    numbers = list(range(len(outcomes)))
    random.shuffle(numbers)
    last_ok = -1
    for number in numbers:
        if outcomes[number] == "ok":
            streaks.end(number)
            last_ok = max(last_ok, number)
        else:
            streaks.fail(number, outcomes[number])
        assert streaks.doubtful == len(outcomes) - 1 - last_ok


def test_rows_of_one_reason_are_doubtful_until_one_ends_otherwise() -> None:
    """Another reason starts a streak of its own."""
    streaks = Streaks()
    for number in range(8):
        streaks.start(number)

    assert streaks.doubtful == 8
    streaks.fail(5, "a")
    streaks.fail(1, "a")
    assert streaks.doubtful == 8
    streaks.fail(6, "b")
    assert streaks.doubtful == 2
    streaks.end(3)
    assert streaks.doubtful == 2
    streaks.end(7)
    assert streaks.doubtful == 0
