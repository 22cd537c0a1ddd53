"""The faults between a client and the API, on demand. Pure, except for the date in `Retry-After`.

==============================================  ===================================================
kind                                            what the client sees
==============================================  ===================================================
the workflow is not run
----------------------------------------------  ---------------------------------------------------
400 to 599                                      that status, with a message in JSON
300 to 399                                      that status, with a `Location`
503_retry_after                                 503 with a `Retry-After` of one second
429_seconds, 429_date, 429_absurd, 429_none     429 with a `Retry-After` of that form
400_html, 400_text, 400_empty, 400_string,      400 with a body of that form
400_list, 400_error, 400_errors, 400_detail,
400_title
reset, close                                    no answer; the connection is reset, or closed
----------------------------------------------  ---------------------------------------------------
the workflow is run
----------------------------------------------  ---------------------------------------------------
500_after to 599_after                          that status, with a message in JSON
reset_after, close_after                        no answer; the connection is reset, or closed
truncated                                       200 with a body that ends early
slow                                            the answer, but late
html, empty, bad_json, list, no_objects,        200 with an unusable body
null_objects
==============================================  ===================================================

Kinds can be written with hyphens instead of underscores.
"""

from __future__ import annotations

import math
import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from http import HTTPStatus
from typing import Any, Literal, TypeAlias, cast, get_args

from flxframe.sandbox.contract import RUN_PATH, Answer, error_answer, json_answer

Kind: TypeAlias = int | str
RetryAfter: TypeAlias = Literal["seconds", "date", "absurd", "none"]
When: TypeAlias = Callable[[dict[str, Any]], bool]


def too_many(form: RetryAfter, wait: float) -> Answer:
    """Return a 429 with a `Retry-After` of that form, of at least `wait` seconds."""
    seconds = max(1, math.ceil(wait))

    # A date has whole seconds, so one more second ensures that it is never too early.
    forms = {
        "seconds": str(seconds),
        "date": formatdate(time.time() + seconds + 1, usegmt=True),
        "absurd": "99999999999",
    }
    headers = {"Retry_After": forms[form]} if form != "none" else {}

    return error_answer(429, "too many requests", **headers)


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of a request.

    Parameters
    ----------
    name : str
        Its kind.
    runs : bool
        Whether the workflow is run anyway.
    spoil : callable
        Receives the real answer and returns the one that the client gets.
    """

    name: str
    runs: bool
    spoil: Callable[[Answer], Answer]


def make_fault(kind: Kind, *, seconds: float = 3.0, retry_after: RetryAfter = "seconds") -> Fault:
    """Return the fault of that kind.

    Parameters
    ----------
    kind : int or str
        One of those at the top of this module.
    seconds : float
        The delay of a slow answer.
    retry_after : str
        The form of `Retry-After` in a 429, if the kind does not specify it.

    Raises
    ------
    ValueError
        If there is no such kind.
    """
    name = str(kind).replace("-", "_")
    if name == "slow":
        return Fault(name, True, lambda answer: replace(answer, delay=seconds))

    if name in _SPOILERS:
        return Fault(name, True, _SPOILERS[name])

    if name in _REFUSALS:
        return Fault(name, False, lambda _: _REFUSALS[name])

    number, _, suffix = name.partition("_")
    if number == "429" and suffix in ("", *get_args(RetryAfter)):
        form = cast("RetryAfter", suffix or retry_after)
        return Fault(name, False, lambda _: too_many(form, 1.0))

    status = int(number) if number.isdecimal() else 0
    if suffix == "" and 300 <= status <= 599:
        return Fault(name, False, lambda _: _status_answer(status))

    if suffix == "after" and 500 <= status <= 599:
        return Fault(name, True, lambda _: _status_answer(status))

    names = ", ".join([*_REFUSALS, *_SPOILERS])
    raise ValueError(
        f"there is no fault {kind!r}: use a status from 300 to 599, 500_after to 599_after, "
        f"429_seconds, 429_date, 429_absurd, 429_none, slow, {names}"
    )


def _status_answer(status: int) -> Answer:
    if status < 400:
        # If a client follows the redirect, and so sends its token again, the log shows it.
        return error_answer(status, "moved", Location=RUN_PATH)

    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "Unknown"

    return error_answer(status, f"{phrase} (on demand)")


_PAGE = (
    b"<!DOCTYPE html><html><head><title>Sorry</title></head>"
    b"<body><h1>Something went wrong</h1></body></html>"
)

_HTML_HEADERS = {"Content-Type": "text/html"}


def _with_body(text: str) -> Callable[[Answer], Answer]:
    return lambda answer: replace(answer, body=text.encode())


def _truncate(answer: Answer) -> Answer:
    half = answer.body[: len(answer.body) // 2]
    return replace(answer, body=half, missing=len(answer.body), cut="close")


_COMPLAINT = "the order is not valid"

_REFUSALS: dict[str, Answer] = {
    "reset": Answer(None, cut="reset"),
    "close": Answer(None, cut="close"),
    "503_retry_after": error_answer(503, "Service Unavailable (on demand)", Retry_After="1"),
    "400_html": Answer(400, _PAGE, _HTML_HEADERS),
    "400_text": Answer(400, _COMPLAINT.encode(), {"Content-Type": "text/plain"}),
    "400_empty": Answer(400, b"", {}),
    "400_string": json_answer(400, _COMPLAINT),
    "400_list": json_answer(400, [_COMPLAINT, "the address is not valid"]),
    "400_error": json_answer(400, {"error": {"code": 17, "message": _COMPLAINT}}),
    "400_errors": json_answer(400, {"errors": [{"field": "objects.order", "message": _COMPLAINT}]}),
    "400_detail": json_answer(400, {"detail": _COMPLAINT}),
    "400_title": json_answer(400, {"type": "about:blank", "title": _COMPLAINT, "status": 400}),
}

_SPOILERS: dict[str, Callable[[Answer], Answer]] = {
    "reset_after": lambda _: Answer(None, cut="reset"),
    "close_after": lambda _: Answer(None, cut="close"),
    "truncated": _truncate,
    "html": lambda _: Answer(200, _PAGE, _HTML_HEADERS),
    "empty": _with_body(""),
    "bad_json": _with_body('{"objects": {"order": '),
    "list": _with_body("[]"),
    "no_objects": _with_body('{"eventHandle": "order_import"}'),
    "null_objects": _with_body('{"objects": null}'),
}


@dataclass(slots=True)
class _Entry:
    """Scheduled faults: `times` of them, after `after` requests, each with a probability."""

    faults: list[Fault]
    times: float
    after: int = 0
    when: When | None = None
    probability: float = 1.0
    dice: random.Random = field(default_factory=random.Random)

    def next(self, body: Any, *, runnable: bool) -> Fault | None:
        """Return the fault of this request, if it gets one."""
        fault = self.dice.choice(self.faults)
        if fault.runs and not runnable:
            return None

        if not self._applies_to(body):
            return None

        if self.after > 0:
            self.after -= 1
            return None

        if self.probability < 1 and self.dice.random() >= self.probability:
            return None

        self.times -= 1
        return fault

    def _applies_to(self, body: Any) -> bool:
        if self.when is None:
            return True

        return isinstance(body, dict) and self.when(body)


class FaultPlan:
    """The scheduled faults; thread-safe."""

    def __init__(self) -> None:
        self._entries: list[_Entry] = []
        self._lock = threading.Lock()

    def fail(self, fault: Fault, times: int, *, when: When | None, after: int) -> None:
        """Schedule a fault for the next `times` requests, or those for which `when` is true."""
        if times > 0:
            with self._lock:
                self._entries.append(_Entry([fault], times, after, when))

    def fail_randomly(self, faults: Sequence[Fault], probability: float, seed: int) -> None:
        """Schedule one of the faults for each request, with the given probability."""
        dice = random.Random(seed)  # noqa: S311  it must be reproducible
        if faults:
            entry = _Entry(list(faults), math.inf, probability=probability, dice=dice)
            with self._lock:
                self._entries.append(entry)

    def clear(self) -> None:
        """Remove all scheduled faults."""
        with self._lock:
            self._entries.clear()

    def next(self, body: Any, *, runnable: bool) -> Fault | None:
        """Return the fault of this request, if it gets one.

        Parameters
        ----------
        body
            Its body.
        runnable : bool
            Whether it can be run. If not, it gets no fault that runs the workflow.
        """
        with self._lock:
            for entry in self._entries:
                fault = entry.next(body, runnable=runnable)
                if fault is None:
                    continue

                if entry.times <= 0:
                    self._entries.remove(entry)
                return fault

        return None
