"""The signals that stop a run, sent to this process and to others."""

import math
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from flxframe.run.interrupts import GRACE, SECOND, SHELL, Interrupts, interrupted_elsewhere
from flxframe.run.lane import Stop
from flxframe.sandbox import sandbox
from tests.conftest import TOKEN, environment

HELD_RUN = """
import sys, warnings
import flxframe, pandas as pd
table = pd.DataFrame({"eventHandle": "order_import", "objects.order.number": range(200)})
try:
    result = flxframe.run_workflows(table, journal=sys.argv[1], rate=50, max_in_flight=4)
finally:
    print("returned", flush=True)
print(len(result), result.attrs["flxframe"]["stopped"], flush=True)
"""


class Clock:
    """A time that passes only on demand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(autouse=True)
def handlers() -> Iterator[dict[int, object]]:
    """The handlers before each test, which must be the same after it."""
    before = {number: signal.getsignal(number) for number in signal.valid_signals()}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield {**before, signal.SIGINT: signal.default_int_handler}
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, before[number])


def current_handlers() -> dict[int, object]:
    return {number: signal.getsignal(number) for number in signal.valid_signals()}


def test_ctrl_c_is_a_flag_between_the_first_request_and_the_end(clock, handlers) -> None:
    """Before `catch` and afterwards it raises as usual."""
    with Interrupts(clock=clock, sleep=clock.sleep) as interrupts:
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        interrupts.catch()
        assert interrupts.stop is None

        signal.raise_signal(signal.SIGINT)
        assert interrupts.stop == Stop("interrupted", "interrupted")
        assert interrupts.seconds_left == math.inf

    assert current_handlers() == handlers


def test_a_second_ctrl_c_counts_after_two_seconds(clock) -> None:
    """Before that, the key is being held down."""
    with Interrupts(clock=clock, sleep=clock.sleep) as interrupts:
        interrupts.catch()
        signal.raise_signal(signal.SIGINT)
        clock.sleep(SECOND - 0.1)
        signal.raise_signal(signal.SIGINT)
        assert interrupts.seconds_left == math.inf

        clock.sleep(0.2)
        signal.raise_signal(signal.SIGINT)
        assert interrupts.seconds_left <= 0


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_the_signals_of_a_shell_limit_the_wait_for_answers(clock, handlers, name) -> None:
    """Their sender often kills the process soon; a second signal does not extend the wait."""
    with Interrupts(SHELL, clock=clock, sleep=clock.sleep) as interrupts:
        interrupts.catch()
        signal.raise_signal(signal.Signals[name])
        assert interrupts.stop == Stop("interrupted", f"interrupted by {name}")

        clock.sleep(1)
        signal.raise_signal(signal.Signals[name])
        assert interrupts.seconds_left == pytest.approx(GRACE - 1)

    assert current_handlers() == handlers


def test_in_python_only_ctrl_c_is_caught(clock, handlers) -> None:
    """The other signals belong to the program."""
    with Interrupts(clock=clock, sleep=clock.sleep) as interrupts:
        interrupts.catch()
        changed = {
            number for number, handler in current_handlers().items() if handler != handlers[number]
        }
    assert changed == {signal.SIGINT}


def test_an_ignored_signal_stays_ignored(clock) -> None:
    """`nohup` ignores SIGHUP, and a shell ignores SIGINT in its background jobs."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with Interrupts(SHELL, clock=clock, sleep=clock.sleep) as interrupts:
        interrupts.catch()
        signal.raise_signal(signal.SIGHUP)
        signal.raise_signal(signal.SIGINT)
        assert interrupts.stop is None


def test_another_thread_catches_nothing(handlers) -> None:
    """Only the main thread can have handlers."""
    seen = []

    def catch() -> None:
        with Interrupts(SHELL) as interrupts:
            interrupts.catch()
            seen.append(current_handlers())

    thread = threading.Thread(target=catch)
    thread.start()
    thread.join()
    assert seen == [handlers]


def test_the_handlers_are_restored_once_the_key_is_released(clock) -> None:
    """Otherwise its next repetition would raise in the caller, before it has the result."""
    with Interrupts(clock=clock, sleep=clock.sleep) as interrupts:
        interrupts.catch()
        signal.raise_signal(signal.SIGINT)
        pressed = clock()
    assert clock() - pressed > 0.1


def test_a_key_that_is_never_released_does_not_block_the_end(clock) -> None:
    """It waits for about two seconds."""
    pressed = clock()

    def repeat(seconds: float) -> None:
        clock.sleep(seconds)
        signal.raise_signal(signal.SIGINT)

    with Interrupts(clock=clock, sleep=repeat) as interrupts:
        interrupts.catch()
        signal.raise_signal(signal.SIGINT)
    assert clock() - pressed == pytest.approx(2, abs=0.1)


def test_a_process_that_is_about_to_end_ignores_further_signals(clock) -> None:
    """It has written everything, so another signal must not change its exit status."""
    with Interrupts(SHELL, clock=clock, sleep=clock.sleep) as interrupts:
        interrupts.catch()
        signal.raise_signal(signal.SIGTERM)
        interrupts.ignore()
    signal.raise_signal(signal.SIGTERM)
    signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN


def test_an_interrupt_in_another_process_stops_the_run() -> None:
    """It is asked at each look, since no signal arrives here."""
    answers = [False, True]
    token = interrupted_elsewhere.set(lambda: answers.pop(0))
    try:
        interrupts = Interrupts()
    finally:
        interrupted_elsewhere.reset(token)
    assert interrupts.stop is None
    assert interrupts.stop == Stop("interrupted", "interrupted")


def test_a_held_ctrl_c_does_not_cost_the_result(tmp_path) -> None:
    """The key repeats every 2.5 ms until the run has returned, or for a second."""
    outputs: list[list[str]] = []
    threads = []
    for number in range(3):
        lines: list[str] = []
        outputs.append(lines)
        arguments = (tmp_path / f"{number}.db", lines)
        threads.append(threading.Thread(target=_run_with_held_key, args=arguments))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [lines[-1] for lines in outputs] == ["200 interrupted\n"] * 3, outputs
    assert TOKEN not in str(outputs)


def _run_with_held_key(journal: Path, lines: list[str]) -> None:
    """Press Ctrl-C while the first requests of a run are in flight; collect its output."""
    with (
        sandbox(token=TOKEN, limit=None, latency=0.2) as api,
        subprocess.Popen(
            [sys.executable, "-c", HELD_RUN, str(journal)],
            env=environment(api),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process,
    ):
        reader = threading.Thread(target=lines.extend, args=(process.stdout,))
        reader.start()
        while not api.arrivals and process.poll() is None:
            time.sleep(0.01)

        for _ in range(400):
            process.send_signal(signal.SIGINT)
            reader.join(0.0025)
            if "returned\n" in lines:
                break
        reader.join()
