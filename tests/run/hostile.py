"""A server of random, hostile answers, which knows the rows that it ran.

Each reply to a row follows from the seed, the row and the number of the try, so a run can be
repeated. A 200 with objects contains the mark of its row; what follows an answer uninvited contains
that of the next row.
"""

from __future__ import annotations

import gzip
import hashlib
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import pandas as pd

from flxframe import run_workflows
from tests.conftest import TOKEN, orders
from tests.run.faults import NUMBER, TRUE_RUNS
from tests.run.raw_server import Arrival, raw_server, response

MARK = "objects.order.mark"
TIMEOUT = 0.5

_STATUS_LINES = [
    *(b"HTTP/1.1 2000 OK", b"HTTP/1.1 20 OK", b"HTTP/1.1 -200 OK", b"HTTP/1.1 OK", b"HTTP/1.1"),
    *(b"HTTP/2 200 OK", b"HTTP/3.0 200", b"HTP/1.1 200 OK", b"http/1.1 200 OK", b"ICY 200 OK"),
    *(b"", b"\0" * 9, b"\xff\xfe200", b"HTTP/1.1\t200 OK", b"HTTP/1.1 200 " + b"O" * 70_000),
]
_HEADERS = [
    *("Content-Length: 1", "Content-Length: -1", "Content-Length: 9999", "Content-Length: 1_0"),
    *("Content-Length: \u00b2", "Transfer-Encoding: chunked", "Transfer-Encoding: gzip, chunked"),
    *("Content-Encoding: gzip", "Content-Encoding: br", "Content-Encoding: gzip, gzip, gzip"),
    *(
        "Connection: close",
        "Connection: upgrade",
        "no header",
        ": no name",
        "\x1b[31m: x",
        "a\0: b",
    ),
    *("Content-Type: text/html; charset=idna", "Content-Type: multipart/x", "X: " + "y" * 70_000),
    *("Set-Cookie: a=b", " folded", "Location: http://[::x", "Retry-After: soon", "Date: never"),
]
_BODIES = [
    *(b"", b"{", b"[]", b"null", b"<" * 5000, b"\xff\xfe", b'{"message": "\x1b[31mno"}'),
    *(b'{"errors":' * 90 + b"0" + b"}" * 90, b"[" * 5000, b"1e99", b'{"objects": 7}'),
    b"<html><script>x</script><b>no</b>",
]
_SURELY_NOT = ["400 Bad", "404", "405 No", "413 Large", "422", "301 Moved", "307", "300 Many"]
_PERHAPS = [
    "303 See",
    "408",
    "409",
    "499",
    "500",
    "502 Bad",
    "503",
    "504",
    "599",
    "700",
    "201",
    "206",
]
_INTERIM = [
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"HTTP/1.1 102 Processing\r\n\r\n",
    b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nContent-Length: 5\r\n\r\n",
    b"HTTP/1.1 199\r\nTransfer-Encoding: chunked\r\n\r\n",
]

End: TypeAlias = Literal["keep", "close", "reset"]


@dataclass
class Reply:
    """What the server does with a request: whether it runs it, what it sends, and how it ends."""

    runs: bool
    parts: list[bytes | float] = field(default_factory=list)
    end: End = "keep"


Chance: TypeAlias = random.Random
Kind: TypeAlias = Callable[[Chance, str], Reply]


def mark_of(number: str) -> str:
    """Return what only the answer to this row may contain."""
    return hashlib.sha256(number.encode()).hexdigest()[:20]


def _content(number: str) -> dict[str, object]:
    return {"objects": {"order": {"number": number, "mark": mark_of(number)}}}


def _ok(number: str) -> bytes:
    return response(_content(number))


def _next(number: str) -> str:
    return f"{int(number) + 1:05}"


def _end(chance: Chance) -> End:
    return chance.choice(["keep", "close", "close", "reset"])


def ordinary(chance: Chance, number: str) -> Reply:
    """An ordinary answer."""
    return Reply(True, [_ok(number)], chance.choice(["keep", "keep", "keep", "close"]))


def in_chunks(chance: Chance, number: str) -> Reply:
    """An answer in chunks, of which some have the wrong size, or no end."""
    body = _ok(number).partition(b"\r\n\r\n")[2]
    parts: list[bytes | float] = [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"]
    while body:
        size = chance.randint(1, 40)
        wrong = chance.choice([0] * 40 + [-1, 1, -2 * size])
        parts.append(b"%x\r\n%b\r\n" % (len(body[:size]) + wrong, body[:size]))
        body = body[size:]

    end = chance.choice([b"0\r\n\r\n", b"0\r\n\r\n", b"0\r\nTrailer: x\r\n\r\n", b"0\r\n", b""])
    return Reply(True, [*parts, end], "keep" if end.endswith(b"\r\n\r\n") else "close")


def compressed(chance: Chance, number: str) -> Reply:
    """A compressed answer, sometimes cut or damaged."""
    body = gzip.compress(_ok(number).partition(b"\r\n\r\n")[2])
    body = chance.choice([body, body, body[:-5], body[9:], body + b"x"])
    return Reply(True, [response(body, "200 OK", "Content-Encoding: gzip")])


def until_closed(chance: Chance, number: str) -> Reply:
    """An answer that ends with its connection."""
    body = _ok(number).partition(b"\r\n\r\n")[2]
    return Reply(True, [b"HTTP/1.0 200 OK\r\n\r\n", body], chance.choice(["close", "reset"]))


def refused(chance: Chance, number: str) -> Reply:
    """A refusal, with any body."""
    body = chance.choice(_BODIES)
    return Reply(False, [response(body, chance.choice(_SURELY_NOT), chance.choice(_HEADERS[10:]))])


def vague(chance: Chance, number: str) -> Reply:
    """A status that does not say whether the workflow ran."""
    body = chance.choice(_BODIES)
    return Reply(chance.random() < 0.5, [response(body, chance.choice(_PERHAPS))])


def later(chance: Chance, number: str) -> Reply:
    """A request to come back."""
    status, header = chance.choice(
        [("429", "X: y"), ("429", "Retry-After: x"), ("503", "Retry-After: 0")]
    )
    return Reply(False, [response(b"", status, header)])


def interim(chance: Chance, number: str) -> Reply:
    """Interim answers before the final one, which might take a moment."""
    parts: list[bytes | float] = []
    for _ in range(chance.choice([1, 1, 2, 5, 30])):
        parts.append(chance.choice(_INTERIM))
        if chance.random() < 0.2:
            parts.append(0.01)
    return Reply(True, [*parts, _ok(number)])


def switched(chance: Chance, number: str) -> Reply:
    """Another protocol, or so the server says."""
    return Reply(True, [b"HTTP/1.1 101 Switching\r\n\r\n", _ok(number)])


def with_leftovers(chance: Chance, number: str) -> Reply:
    """An answer, and at once bytes that nobody asked for."""
    other = _ok(_next(number))
    bytes_after = chance.choice([other, other, other[:30], b"\r\n", b"x" * 9, _INTERIM[2] + other])
    before = chance.choice([_ok(number), response(b"", "204 None"), response(b"no", "404")])
    return Reply(b" 404" not in before[:20], [before + bytes_after])


def dripping(chance: Chance, number: str) -> Reply:
    """An answer in small pieces, some of them too late."""
    pause = chance.choice([0.001, 0.001, 0.001, TIMEOUT / 5])
    answer = _ok(number)
    parts: list[bytes | float] = []
    size = len(answer) // 8 + 1
    for start in range(0, len(answer), size):
        parts += [answer[start : start + size], pause]
    return Reply(True, parts)


def too_late(chance: Chance, number: str) -> Reply:
    """An answer after the timeout."""
    return Reply(chance.random() < 0.8, [TIMEOUT + 0.1, _ok(number)])


def cut(chance: Chance, number: str) -> Reply:
    """A part of an answer."""
    answer = _ok(number)
    return Reply(True, [answer[: chance.randrange(len(answer))]], chance.choice(["close", "reset"]))


def silent(chance: Chance, number: str) -> Reply:
    """No answer."""
    return Reply(chance.random() < 0.5, [], chance.choice(["close", "reset"]))


def noise(chance: Chance, number: str) -> Reply:
    """Random bytes."""
    return Reply(chance.random() < 0.5, [chance.randbytes(chance.randint(1, 500))], "close")


def bad_status_line(chance: Chance, number: str) -> Reply:
    """An answer whose first line is not one."""
    rest = _ok(number).partition(b"\r\n")[2]
    return Reply(True, [chance.choice(_STATUS_LINES) + b"\r\n" + rest], _end(chance))


def odd_headers(chance: Chance, number: str) -> Reply:
    """An answer with headers that are wrong or contradict each other."""
    headers = [chance.choice(_HEADERS) for _ in range(chance.choice([1, 1, 2, 3, 120]))]
    line, _, rest = _ok(number).partition(b"\r\n")
    lines = "\r\n".join(headers).encode("latin-1")
    return Reply(True, [b"\r\n".join([line, lines, rest])], _end(chance))


def mutated(chance: Chance, number: str) -> Reply:
    """An answer with some bytes changed, left out or added, after its first line."""
    answer = bytearray(_ok(number))
    first = answer.index(b"\n") + 1
    for _ in range(chance.choice([1, 1, 2, 9])):
        place = chance.randrange(first, len(answer))
        action = chance.randrange(3)
        if action == 0:
            answer[place] = chance.randrange(256)
        elif action == 1:
            del answer[place]
        else:
            answer.insert(place, chance.choice(b'\r\n\0:0{}"'))
    return Reply(True, [bytes(answer)], _end(chance))


KINDS: list[Kind] = [
    *(ordinary, ordinary, ordinary, in_chunks, compressed, until_closed, refused, vague, later),
    *(interim, interim, switched, with_leftovers, with_leftovers, dripping, cut, silent, noise),
    *(bad_status_line, odd_headers, mutated, mutated),
]


class Hostile:
    """The answers of the server, and its log."""

    def __init__(self, seed: int) -> None:
        self.runs: Counter[str] = Counter()
        self.arrivals: Counter[str] = Counter()
        self.kinds: dict[str, list[str]] = {}
        self._seed = seed
        self._lock = threading.Lock()

    def __call__(self, arrival: Arrival) -> bool:
        """Answer a request."""
        number = arrival.body["objects"]["order"]["number"]
        with self._lock:
            self.arrivals[number] += 1
            chance = random.Random(f"{self._seed} {number} {self.arrivals[number]}")
            kind = too_late if chance.random() < 0.01 else chance.choice(KINDS)
            reply = kind(chance, number)
            self.runs[number] += reply.runs
            self.kinds.setdefault(number, []).append(kind.__name__)

        for part in reply.parts:
            if isinstance(part, float):
                time.sleep(part)
            else:
                arrival.send(part)
        if reply.end == "reset":
            arrival.reset()
        return reply.end == "keep"


def run_hostile(rows: int, seed: int) -> pd.DataFrame:
    """Send rows to the server; return the result with its log as "runs", "arrivals" and "kinds"."""
    data = orders(rows)
    hostile = Hostile(seed)
    with raw_server(hostile) as server:
        result = run_workflows(
            data,
            token=TOKEN,
            base_url=server.url,
            rate=None,
            timeout=TIMEOUT,
            max_in_flight=32,
            stop_after_failures=None,
            progress=False,
        )

    if MARK not in result:
        result[MARK] = None
    result["runs"] = [hostile.runs[number] for number in data[NUMBER]]
    result["arrivals"] = [hostile.arrivals[number] for number in data[NUMBER]]
    result["kinds"] = [" ".join(hostile.kinds.get(number, [])) for number in data[NUMBER]]
    result["sent"] = data[NUMBER]
    return result


def faulty(result: pd.DataFrame) -> pd.DataFrame:
    """Return the rows without a status, with an untrue one, or with the answer to another row."""
    owners = {mark_of(number): number for number in result["sent"]}
    faults = []
    columns = ("sent", "run.status", "run.http_status", "runs", "arrivals", MARK)
    for sent, status, http_status, runs, arrivals, mark in result[list(columns)].itertuples(
        index=False, name=None
    ):
        is_true = runs in TRUE_RUNS.get(status, ())
        is_own = pd.isna(mark) or owners.get(mark, sent) == sent
        never_left = status == "not_sent" and pd.isna(http_status)
        faults.append(not is_true or not is_own or (never_left and arrivals > 0))
    return result[faults]
