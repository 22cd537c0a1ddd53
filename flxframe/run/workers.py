"""The threads that send requests."""

from __future__ import annotations

import queue
import threading
from typing import Any

from flxframe.models import Outcome, RunWorkflowRequest
from flxframe.run.client import FlxpointClient
from flxframe.run.responses import MIGHT_HAVE_RUN, Attempt


class Workers:
    """Threads that send requests and collect their answers; started on demand, and reused.

    Not a standard pool: daemon threads never delay the program's exit, and one thread per request
    would take too long with 100 tokens.
    """

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[Any] = queue.SimpleQueue()
        # Not a SimpleQueue: its get() waits forever if a signal arrives as its time runs out.
        self._answers: queue.Queue[tuple[int, Attempt]] = queue.Queue()
        self._threads = 0

    def require(self, threads: int) -> None:
        """Start threads until there are this many.

        Raises
        ------
        RuntimeError, MemoryError
            If the system refuses one. Those that were started continue.
        """
        while self._threads < threads:
            threading.Thread(target=self._work, daemon=True).start()
            self._threads += 1

    def send(self, client: FlxpointClient, position: int, request: RunWorkflowRequest) -> None:
        """Send the request of a row as soon as a thread is free."""
        self._jobs.put((client, position, request))

    def answers(self, seconds: float) -> list[tuple[int, Attempt]]:
        """Wait for answers, and return all of them: the row's position, and the attempt."""
        answers = []
        try:
            answers.append(self._answers.get(timeout=seconds))
            while True:
                answers.append(self._answers.get_nowait())
        except queue.Empty:
            return answers

    def close(self) -> None:
        """End the threads, each after the request that it is sending."""
        for _ in range(self._threads):
            self._jobs.put(None)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            client, position, request = job
            try:
                attempt = client.attempt(request)
            except Exception as error:  # every row must get an outcome
                name = type(error).__name__
                text = f"{name} while the request was being sent. {MIGHT_HAVE_RUN}"
                outcome = Outcome("unknown", error=text, attempts=1)
                attempt = Attempt(outcome, "unsure")
            self._answers.put((position, attempt))
