"""The body of an answer is complete, or its row is not ok; and its size is limited."""

import gzip
import json
import threading
import tracemalloc
import zlib

import pytest

from flxframe import FlxpointClient, RunWorkflowRequest, run_workflows
from flxframe.models import Outcome
from tests.conftest import TOKEN, orders
from tests.run.raw_server import Arrival, raw_server, response

REQUEST = RunWorkflowRequest(eventHandle="order_import", objects={"order": {"sku": "007"}})
CONTENT = json.dumps({"objects": {"order": {"sku": "007"}}}).encode()
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def outcome_of(*parts: bytes, timeout: float = 10, **settings: int) -> Outcome:
    """Answer with these bytes, close the connection, and return the outcome."""

    def answer(arrival: Arrival) -> bool:
        arrival.send(*parts)
        return False

    with (
        raw_server(answer) as server,
        FlxpointClient(token=TOKEN, base_url=server.url, timeout=timeout, **settings) as client,
    ):
        return client.run_workflow(REQUEST)


def chunks(*pieces: bytes) -> bytes:
    """Return an answer in chunks, without the last, empty one."""
    return CHUNKED + b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)


@pytest.mark.parametrize(
    "answer",
    [
        response(CONTENT),
        b"HTTP/1.1 200 OK\r\n\r\n" + CONTENT,
        b"HTTP/1.0 200\r\n\r\n" + CONTENT,
        chunks(CONTENT[:9], CONTENT[9:]) + b"0\r\n\r\n",
        chunks(CONTENT) + b"0\r\nTrailer: x\r\n\r\n",
        response(gzip.compress(CONTENT), "200 OK", "Content-Encoding: gzip"),
        response(gzip.compress(CONTENT), "200 OK", "Content-Encoding: X-GZIP"),
        response(zlib.compress(CONTENT), "200 OK", "Content-Encoding: deflate"),
        response(CONTENT, "200 OK", "Content-Encoding: identity"),
    ],
    ids=["length", "until closed", "1.0", "chunks", "trailer", "gzip", "x-gzip", "zlib", "plain"],
)
def test_a_body_is_read_however_it_is_sent(answer: bytes) -> None:
    """It may be in chunks, compressed, or end with the connection."""
    outcome = outcome_of(answer)
    assert (outcome.status, outcome.objects) == ("ok", {"order": {"sku": "007"}})


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (response(CONTENT)[:-1], "cut short"),
        (chunks(CONTENT), "cut short"),
        (chunks(CONTENT) + b"5\r\n", "cut short"),
        (CHUNKED + b"-1\r\n" + CONTENT, "cut short"),
        (CHUNKED + b"zz\r\n" + CONTENT, "cut short"),
        (response(gzip.compress(CONTENT)[:-1], "200 OK", "Content-Encoding: gzip"), "cut short"),
        (response(b"", "200 OK", "Content-Encoding: gzip"), "cut short"),
        (response(CONTENT, "200 OK", "Content-Encoding: gzip"), "can't be decompressed"),
        (response(CONTENT, "200 OK", "Content-Encoding: br"), "was not asked for"),
    ],
    ids=["length", "chunks", "chunk", "negative", "no size", "gzip", "empty", "no gzip", "br"],
)
def test_a_body_that_is_not_complete_is_unknown(answer: bytes, problem: str) -> None:
    """The workflow might have run, and the message says what is wrong with the answer."""
    outcome = outcome_of(answer)
    assert (outcome.status, outcome.http_status, outcome.objects) == ("unknown", 200, None)
    assert problem in outcome.error
    assert "might have run" in outcome.error


@pytest.mark.parametrize(
    ("status", "expected"),
    [("401 Unauthorized", "rejected"), ("400 Bad", "rejected"), ("429 Too Many", "not_sent")],
)
def test_a_refusal_counts_although_its_message_is_cut_short(status: str, expected: str) -> None:
    """The status is enough to know that the workflow did not run."""
    outcome = outcome_of(response({"message": "no"}, status)[:-5])
    assert (outcome.status, outcome.http_status) == (expected, int(status[:3]))


def gzip_bomb(mebibytes: int) -> bytes:
    """Return a compressed body of blanks."""
    packer = zlib.compressobj(wbits=31)
    parts = [packer.compress(b" " * 2**20) for _ in range(mebibytes)]
    return b"".join([*parts, packer.flush()])


@pytest.fixture(scope="module")
def bomb() -> bytes:
    """A compressed body of 300 MiB."""
    return gzip_bomb(300)


def test_a_small_answer_cannot_fill_the_memory(bomb: bytes) -> None:
    """It is unpacked in small parts, up to 64 MiB."""
    answer = response(bomb, "200 OK", "Content-Encoding: gzip")
    tracemalloc.start()
    try:
        outcome = outcome_of(answer)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert outcome.status == "unknown"
    assert "200, but the answer is larger than 64 MiB (max_response_mib)." in outcome.error
    assert peak < 150 * 2**20


def test_the_limit_of_an_answer_is_a_setting() -> None:
    """The same answer is complete with a higher limit, however it is sent."""
    objects = {"order": {"note": "x" * (3 * 2**20 // 2)}}
    content = json.dumps({"objects": objects}).encode()
    answers = [
        response(content),
        chunks(content) + b"0\r\n\r\n",
        response(gzip.compress(content), "200 OK", "Content-Encoding: gzip"),
    ]
    for answer in answers:
        outcome = outcome_of(answer, max_response_mib=2)
        assert (outcome.status, outcome.objects) == ("ok", objects)

        outcome = outcome_of(answer, max_response_mib=1)
        assert (outcome.status, outcome.objects) == ("unknown", None)
        assert "200, but the answer is larger than 1 MiB (max_response_mib)." in outcome.error


def test_a_run_passes_its_limit_on() -> None:
    """The row is unknown, and the other rows are sent."""
    content = response({"objects": {"order": {"note": "x" * 2**20}}})
    with raw_server(lambda arrival: arrival.send(content)) as server:
        table = orders(2)
        settings = {"token": TOKEN, "base_url": server.url, "rate": None, "progress": False}
        assert list(run_workflows(table, **settings)["run.status"]) == ["ok"] * 2
        small = run_workflows(table, max_response_mib=1, **settings)
        assert list(small["run.status"]) == ["unknown"] * 2
        assert small["run.error"].str.contains("larger than 1 MiB").all()


def test_a_compressed_message_is_limited_further(bomb: bytes) -> None:
    """Only its start is shown."""
    answer = response(bomb, "400 Bad Request", "Content-Encoding: gzip")
    outcome = outcome_of(answer)
    assert (outcome.status, outcome.error) == ("rejected", "400: Bad Request")


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\n\r\n", CHUNKED + b"-1\r\n"])
def test_a_large_answer_is_not_read_to_its_end(head: bytes) -> None:
    """Whatever its header says of its length."""
    sent = 0
    end = threading.Event()

    def answer(arrival: Arrival) -> bool:
        nonlocal sent
        arrival.send(head)
        try:
            while sent < 200 * 2**20:
                arrival.send(b" " * 2**20)
                sent += 2**20
        finally:
            end.set()
        return False

    with (
        raw_server(answer) as server,
        FlxpointClient(token=TOKEN, base_url=server.url) as client,
    ):
        outcome = client.run_workflow(REQUEST)
        assert end.wait(10)

    assert outcome.status == "unknown"
    assert sent < 100 * 2**20
