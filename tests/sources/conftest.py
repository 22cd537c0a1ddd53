"""A server of files for the tests of links."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from tests.run.raw_server import Arrival, RawServer, raw_server, response

CSV = b"eventHandle,objects.order.number\r\norder_import,007\r\n"


@dataclass
class FileServer:
    """A server of one answer for each path."""

    answers: dict[str, bytes | Callable[[Arrival], object]] = field(default_factory=dict)
    url: str = ""
    heads: list[str] = field(default_factory=list)

    def serve(self, path: str, body: bytes = CSV, status: str = "200 OK", *headers: str) -> str:
        """Answer a path, and return its link."""
        self.answers[path.partition("?")[0]] = response(body, status, *headers)
        return f"{self.url}{path}"

    def redirect(self, path: str, location: str, status: str = "302 Found") -> str:
        """Redirect a path, and return its link."""
        return self.serve(path, b"", status, f"Location: {location}")

    def answer(self, arrival: Arrival) -> object:
        """Answer a request."""
        head = arrival.head.decode()
        self.heads.append(head)
        path = head.split(" ")[1].partition("?")[0]
        answer = self.answers.get(path, response(b"Not here", "404 Not Found"))
        if callable(answer):
            return answer(arrival)
        return arrival.send(answer)


@pytest.fixture
def files() -> Iterator[FileServer]:
    """A server without any file."""
    served = FileServer()
    server: RawServer
    with raw_server(served.answer) as server:
        served.url = server.url
        yield served
