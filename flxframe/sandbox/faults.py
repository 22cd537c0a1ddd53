"""What can go wrong between a client and the API, to order. Pure, but for the date in a `Retry-After`.

==========================================================  ===========================================================
kind                                                        what the client sees
==========================================================  ===========================================================
the workflow is not run
----------------------------------------------------------  -----------------------------------------------------------
400 to 599                                                  that status, with a message in JSON
300 to 399                                                  that status, with a `Location`
503_retry_after                                             503 that asks to come back in a second
429_seconds, 429_date, 429_absurd, 429_none                 429 with such a `Retry-After`
400_html, 400_text, 400_empty, 400_string, 400_list,        400 with a body of that shape
400_error, 400_errors, 400_detail, 400_title
reset, close                                                no answer; the connection is reset, or closed
----------------------------------------------------------  -----------------------------------------------------------
the workflow is run
----------------------------------------------------------  -----------------------------------------------------------
500_after to 599_after                                      that status, with a message in JSON
reset_after, close_after                                    no answer; the connection is reset, or closed
truncated                                                   200 whose body ends early
slow                                                        the answer, but late
html, empty, bad_json, list, no_objects, null_objects       200 with a body that is no use
==========================================================  ===========================================================

A hyphen does for an underscore.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from http import HTTPStatus
from typing import Any, Literal, TypeAlias

from flxframe.sandbox.contract import RUN_PATH, Answer, json_answer

Kind: TypeAlias = int | str


RetryAfter: TypeAlias = Literal["seconds", "date", "absurd", "none"]


When: TypeAlias = Callable[[dict[str, Any]], bool]


_PAGE = b"<!DOCTYPE html><html><head><title>Sorry</title></head><body><h1>Something went wrong</h1></body></html>"


def too_many(form: RetryAfter, wait: float) -> Answer:
    """Return a 429 that asks for so many seconds' patience, in that form."""
    seconds = max(1, math.ceil(wait))
    # A date has whole seconds: one more, so that it is never too early.
    forms = {
        "seconds": str(seconds),
        "date": formatdate(time.time() + seconds + 1, usegmt=True),
        "absurd": "99999999999",
    }
    headers = {"Retry_After": forms[form]} if form != "none" else {}
    return json_answer(429, {"message": "too many requests"}, **headers)


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to fail.

    Parameters
    ----------
    name : str
        Its kind.
    runs : bool
        Whether the workflow is run all the same.
    spoil : callable
        Makes of the true answer the one that the client gets.
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
        How late a slow answer is.
    retry_after : str
        What a plain 429 carries.

    Raises
    ------
    ValueError
        If there is no such kind.
    """
    name = str(kind).replace("-", "_")
    number, _, form = name.partition("_")
    if name == "slow":
        return Fault(name, True, lambda true: replace(true, delay=seconds))
    if name in _SPOILED:
        return Fault(name, True, _SPOILED[name])
    if name in _REFUSED:
        return Fault(name, False, lambda _: _REFUSED[name])
    if number == "429" and form in ("", "seconds", "date", "absurd", "none"):
        return Fault(name, False, lambda _: too_many(form or retry_after, 1.0))  # type: ignore[arg-type]  # just checked
    status = int(number) if number.isdecimal() else 0
    if (form == "" and 300 <= status <= 599) or (form == "after" and 500 <= status <= 599):
        return Fault(name, form == "after", lambda _: _plain(status))
    raise ValueError(
        f"there is no fault {kind!r}: take a status from 300 to 599, 500_after to 599_after, 429_seconds, 429_date, "
        f"429_absurd, 429_none, slow, {', '.join([*_REFUSED, *_SPOILED])}"
    )


def _plain(status: int) -> Answer:
    if status < 400:
        # Whoever follows it, with a token in hand, is seen here a second time.
        return json_answer(status, {"message": "elsewhere"}, Location=RUN_PATH)
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "Unknown"
    return json_answer(status, {"message": f"{phrase} (to order)"})


def _body(text: str) -> Callable[[Answer], Answer]:
    return lambda true: replace(true, body=text.encode())


_REFUSED: dict[str, Answer] = {
    "reset": Answer(None, cut="reset"),
    "close": Answer(None, cut="close"),
    "503_retry_after": json_answer(
        503, {"message": "Service Unavailable (to order)"}, Retry_After="1"
    ),
    "400_html": Answer(400, _PAGE, {"Content-Type": "text/html"}),
    "400_text": Answer(400, b"that was no good", {"Content-Type": "text/plain"}),
    "400_empty": Answer(400, b"", {}),
    "400_string": json_answer(400, "that was no good"),
    "400_list": json_answer(400, ["that was no good", "nor was this"]),
    "400_error": json_answer(400, {"error": {"code": 17, "message": "that was no good"}}),
    "400_errors": json_answer(
        400, {"errors": [{"field": "objects.order", "message": "that was no good"}]}
    ),
    "400_detail": json_answer(400, {"detail": "that was no good"}),
    "400_title": json_answer(
        400, {"type": "about:blank", "title": "that was no good", "status": 400}
    ),
}


_SPOILED: dict[str, Callable[[Answer], Answer]] = {
    "reset_after": lambda _: Answer(None, cut="reset"),
    "close_after": lambda _: Answer(None, cut="close"),
    "truncated": lambda true: replace(
        true, body=true.body[: len(true.body) // 2], missing=len(true.body), cut="close"
    ),
    "html": lambda _: Answer(200, _PAGE, {"Content-Type": "text/html"}),
    "empty": _body(""),
    "bad_json": _body('{"objects": {"order": '),
    "list": _body("[]"),
    "no_objects": _body('{"eventHandle": "order_import"}'),
    "null_objects": _body('{"objects": null}'),
}


@dataclass(slots=True)
class _Order:
    """Faults to come: `times` of them, after `after` requests, each with a chance and for certain requests."""

    faults: list[Fault]
    times: float
    after: int = 0
    when: When | None = None
    chance: float = 1.0
    dice: random.Random = field(default_factory=random.Random)


class FaultPlan:
    """The faults that are still to come."""

    def __init__(self) -> None:
        self._orders: list[_Order] = []

    def fail(self, fault: Fault, times: int, *, when: When | None, after: int) -> None:
        """Order a fault for the next so many requests, or the next for which `when` is true."""
        if times > 0:
            self._orders.append(_Order([fault], times, after, when))

    def fail_randomly(self, faults: Sequence[Fault], probability: float, seed: int) -> None:
        """Order one of the faults for each request, with a probability."""
        dice = random.Random(seed)  # noqa: S311  it must repeat itself
        if faults:
            self._orders.append(_Order(list(faults), math.inf, chance=probability, dice=dice))

    def clear(self) -> None:
        """Order no more faults."""
        self._orders.clear()

    def next(self, body: Any, *, good: bool) -> Fault | None:
        """Return the fault of this request.

        Parameters
        ----------
        body
            Its body.
        good : bool
            Whether it can be run. If not, no fault is due that needs a run.
        """
        for order in self._orders:
            fault = order.dice.choice(order.faults)
            if fault.runs and not good:
                continue
            if order.when is not None and not (isinstance(body, dict) and order.when(body)):
                continue
            if order.after > 0:
                order.after -= 1
                continue
            if order.chance < 1 and order.dice.random() >= order.chance:
                continue
            order.times -= 1
            if order.times <= 0:
                self._orders.remove(order)
            return fault
        return None
