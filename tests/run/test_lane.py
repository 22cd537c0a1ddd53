"""The rows of one token, in the order in which they are sent."""

from collections.abc import Iterator

import pytest

from flxframe import FlxpointClient, RequestError, RunWorkflowRequest
from flxframe.run.lane import Lane
from flxframe.run.throttle import Throttle
from tests.conftest import TOKEN

REQUEST = RunWorkflowRequest(eventHandle="order_import")


@pytest.fixture
def client() -> Iterator[FlxpointClient]:
    """A client that sends nothing."""
    with FlxpointClient(token=TOKEN, base_url="http://127.0.0.1:1") as client:
        yield client


def lane_of(client: FlxpointClient, *positions: int) -> Lane:
    """Return a lane of valid rows at these positions."""
    rows = ((position, REQUEST) for position in positions)
    return Lane(client, Throttle(None), rows, pending=len(positions))


def take_all(lane: Lane) -> list[tuple[int, int]]:
    """Return the positions and the tries of all rows."""
    rows = []
    while lane.peek() is not None:
        position, tries, request = lane.take()
        assert request is REQUEST
        rows.append((position, tries))
    return rows


def test_rows_are_taken_in_order(client: FlxpointClient) -> None:
    """Each is taken once, with no earlier tries."""
    lane = lane_of(client, 3, 5, 8)
    assert take_all(lane) == [(3, 0), (5, 0), (8, 0)]


def test_peek_leaves_the_row_in_the_lane(client: FlxpointClient) -> None:
    """This is true however often it is called."""
    lane = lane_of(client, 3, 5)
    assert lane.peek() == lane.peek() == lane.take() == (3, 0, REQUEST)
    assert lane.peek() == (5, 0, REQUEST)


def test_invalid_rows_are_skipped(client: FlxpointClient) -> None:
    """They are skipped even at the end."""
    error = RequestError("column 'params.sourceId' is not an integer")
    rows = iter([(0, error), (1, REQUEST), (2, error), (3, error)])
    lane = Lane(client, Throttle(None), rows)
    assert take_all(lane) == [(1, 0)]


def test_retries_come_first_by_position(client: FlxpointClient) -> None:
    """Rows that were sent before are ahead of those that were not."""
    lane = lane_of(client, 1, 2, 3, 4)
    entries = [lane.take() for _ in range(3)]
    lane.peek()  # row 4 has already been fetched
    for position, tries, request in reversed(entries):
        lane.put_back((position, tries + 1, request))

    assert take_all(lane) == [(1, 1), (2, 1), (3, 1), (4, 0)]


def test_an_empty_lane_has_nothing_to_take(client: FlxpointClient) -> None:
    """It raises an IndexError."""
    with pytest.raises(IndexError, match="no more rows"):
        lane_of(client).take()
