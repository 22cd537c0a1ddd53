"""Runs that stop, or don't, because of what the server answers, over real sockets."""

import threading
import time
import warnings
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pandas as pd
import pytest

from flxframe import StoppedWarning, run_workflows
from tests.conftest import SECOND_TOKEN, TOKEN, orders
from tests.run.raw_server import Arrival, RawServer, echo, raw_server, response

IN_FLIGHT = 4
LIMIT = 20


def run_at(server: RawServer, rows: int, **options: object) -> pd.DataFrame:
    """Run orders against a server; a run that stops only warns."""
    settings = {"token": TOKEN, "base_url": server.url, "rate": None, "progress": False}
    table = options.pop("table", orders(rows))
    settings |= {"max_in_flight": IN_FLIGHT, **options}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", StoppedWarning)
        return run_workflows(table, **settings)


def number_of(arrival: Arrival) -> int:
    """Return the number of an order that arrived."""
    return int(arrival.body["objects"]["order"]["number"])


def answering(
    refusal: Callable[[int], bytes], when: Callable[[int], bool]
) -> Callable[[Arrival], None]:
    """Return a server's answers: a refusal of some rows, and of others what they sent."""

    def answer(arrival: Arrival) -> None:
        number = number_of(arrival)
        arrival.send(refusal(number) if when(number) else echo(arrival))

    return answer


def not_found(number: int) -> bytes:
    """Return a rejection with the number of its row."""
    return response({"message": f"order {number:05} is unknown"}, "404 Not Found")


@pytest.mark.parametrize(
    "refusal",
    [
        not_found,
        lambda _: response(b"", "301 Moved", "Location: https://www.example.com/login"),
        lambda _: response(b"", "307 Temporary Redirect", "Location: /login"),
        lambda _: response(b"", "407 Proxy Authentication Required"),
    ],
    ids=["404", "301", "307", "407"],
)
def test_a_run_whose_rows_are_all_rejected_alike_stops(refusal: Callable[[int], bytes]) -> None:
    """The URL or the workflow is wrong, not each of 1,200 rows."""
    with raw_server(answering(refusal, lambda _: True)) as server:
        result = run_at(server, 1200)

    assert LIMIT <= len(server.arrivals) <= LIMIT + IN_FLIGHT - 1
    assert result.attrs["flxframe"]["stopped"] == "failures"
    counts = result["run.status"].value_counts()
    assert counts["rejected"] == len(server.arrivals)
    assert counts["not_sent"] == 1200 - counts["rejected"]


def test_no_more_rows_are_out_when_one_answer_is_late() -> None:
    """The rows after it might fail too, so they wait."""
    release = threading.Event()

    def answer(arrival: Arrival) -> None:
        if number_of(arrival) == 12:
            release.wait(10)
        arrival.send(not_found(number_of(arrival)))
        if len(server.arrivals) == LIMIT + IN_FLIGHT - 1:
            release.set()

    with raw_server(answer) as server:
        result = run_at(server, 1200)
    assert len(server.arrivals) == LIMIT + IN_FLIGHT - 1
    assert result.attrs["flxframe"]["stopped"] == "failures"


def test_rows_that_are_rejected_alike_among_ok_rows_do_not_stop_a_run() -> None:
    """The others run."""
    with raw_server(answering(not_found, lambda number: 100 <= number < 125)) as server:
        result = run_at(server, 200)
    assert result["run.status"].value_counts().to_dict() == {"ok": 175, "rejected": 25}


@pytest.mark.parametrize(
    "refusal",
    [
        response(b"", "429 Too Many Requests", "Retry-After: 3600"),
        response(b"", "503 Unavailable", "Retry-After: 3600"),
        response(b"", "429 Too Many Requests", "Retry-After: 99999999999"),
    ],
    ids=["429", "503", "absurd"],
)
def test_a_retry_after_of_an_hour_stops_its_token(refusal: bytes) -> None:
    """The rows of another token are sent, and the reason says until when."""

    def answer(arrival: Arrival) -> None:
        arrival.send(refusal if TOKEN.encode() in arrival.head else echo(arrival))

    table = orders(40)
    table["Store"] = ["EU", "US"] * 20
    tokens = {"EU": TOKEN, "US": SECOND_TOKEN}
    with raw_server(answer) as server:
        result = run_at(server, 40, table=table, token=tokens, token_column="Store")

    refused = result[result["Store"] == "EU"]
    assert set(refused["run.status"]) == {"not_sent"}
    assert len(server.arrivals) <= 20 + IN_FLIGHT
    assert set(result["run.status"][result["Store"] == "US"]) == {"ok"}
    reasons = refused["run.error"][refused["run.attempts"] == 0]
    assert reasons.str.contains("to send nothing (?:until 20|for more than a year)").all()


@pytest.mark.parametrize("header", [[], ["Retry-After: 0"], ["Retry-After: soon"]])
def test_429s_without_a_useful_retry_after_are_not_answered_at_once(header: list[str]) -> None:
    """Without a rate too, the server gets a pause that grows."""
    refusal = response(b"", "429 Too Many Requests", *header)
    start = time.monotonic()

    def answer(arrival: Arrival) -> None:
        is_early = time.monotonic() - start < 1
        arrival.send(refusal if is_early else echo(arrival))

    with raw_server(answer) as server:
        result = run_at(server, 1)
    assert result["run.status"].tolist() == ["ok"]
    assert 3 <= len(server.arrivals) <= 8


def test_a_certificate_that_is_not_trusted_stops_a_run_at_once() -> None:
    """It can't get better, nothing was sent, and the message says what to do."""
    start = time.monotonic()
    with raw_server(lambda arrival: arrival.send(echo(arrival)), tls=True) as server:
        result = run_at(server, 30)

    assert time.monotonic() - start < 5
    assert server.arrivals == []
    assert set(result["run.status"]) == {"not_sent"}
    assert result["run.error"].str.contains("set REQUESTS_CA_BUNDLE to the file").all()
    assert result["run.attempts"].max() == 1
    assert result.attrs["flxframe"]["stopped"] == "failures"


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_date_to_come_back_is_read_by_the_servers_clock(hours: int) -> None:
    """Its clock might be wrong by an hour."""
    now = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=hours)
    end = now + timedelta(seconds=1)
    headers = [
        f"Date: {format_datetime(now, usegmt=True)}",
        f"Retry-After: {format_datetime(end, usegmt=True)}",
    ]
    times = []

    def answer(arrival: Arrival) -> None:
        times.append(datetime.now(UTC))
        refusal = response(b"", "503 Unavailable", *headers)
        arrival.send(refusal if len(times) == 1 else echo(arrival))

    with raw_server(answer) as server:
        result = run_at(server, 3, max_in_flight=1)

    assert set(result["run.status"]) == {"ok"}
    assert timedelta(seconds=1) <= times[1] - times[0] < timedelta(seconds=10)


@pytest.mark.parametrize("charset", ["idna", "undefined", "punycode", "made-up"])
def test_a_refused_token_stops_whatever_the_charset_of_the_message(charset: str) -> None:
    """The message is never decoded by a name that the server chooses."""
    header = f"Content-Type: text/plain; charset={charset}"
    refusal = response("n\u00f6 \u2026".encode(), "401 Unauthorized", header)
    with raw_server(answering(lambda _: refusal, lambda _: True)) as server:
        result = run_at(server, 100, max_in_flight=1)

    assert len(server.arrivals) == 1
    assert result.attrs["flxframe"]["stopped"] == "token"
    assert result["run.http_status"][0] == 401
    assert result["run.error"][0].startswith("401: n\u00f6 \u2026.")


def test_a_row_that_a_firewall_dislikes_does_not_stop_a_run() -> None:
    """After an ok row, 403 is a rejection of its row."""
    refusal = response(b"<html>blocked</html>", "403 Forbidden")
    with raw_server(answering(lambda _: refusal, lambda number: number in (5, 9))) as server:
        result = run_at(server, 30, max_in_flight=1)
    assert result["run.status"].value_counts().to_dict() == {"ok": 28, "rejected": 2}


@pytest.mark.parametrize(("first", "arrivals"), [(0, 1), (10, 13)])
def test_a_token_that_is_forbidden_stops(first: int, arrivals: int) -> None:
    """At once if no row was ok, otherwise after three in a row."""
    refusal = response(b"", "403 Forbidden")
    with raw_server(answering(lambda _: refusal, lambda number: number >= first)) as server:
        result = run_at(server, 100, max_in_flight=1)
    assert len(server.arrivals) == arrivals
    assert result.attrs["flxframe"]["stopped"] == "token"


@pytest.mark.parametrize("status", [303, 408, 409, 499])
def test_a_status_that_might_mean_done_is_unknown(status: int) -> None:
    """The row is not sent again by itself."""
    refusal = response(b"", f"{status} Perhaps", "Location: /orders/1")
    with raw_server(answering(lambda _: refusal, lambda number: number == 1)) as server:
        result = run_at(server, 3)
    assert result["run.status"].tolist() == ["ok", "unknown", "ok"]
    assert "might have run" in result["run.error"][1]


def test_a_base_url_with_the_endpoint_is_cut() -> None:
    """It would otherwise be in the path twice, and each row a 404."""
    with raw_server(lambda arrival: arrival.send(echo(arrival))) as server:
        result = run_at(server, 1, base_url=f"{server.url}/workflow/run/")
    assert result["run.status"].tolist() == ["ok"]
    assert server.arrivals[0].head.startswith(b"POST /workflow/run HTTP/1.1\r\n")
