"""The events of the sandbox, and the workflows that answer them. Pure.

===  ================  ==========================================================================================
id   event             what its workflow does; and its draft
===  ================  ==========================================================================================
1    order_import      an order to another country than the US is put on hold and tagged; draft: Canada is let
                       through, and the others get a second tag
2    order_update      an order of more than 500 is put on hold with a note; draft: of more than 1,000
3    product_update    spaces around and inside the title and around the SKU are tidied; draft: and the SKU is
                       written in capitals
     order_cancelled   nothing: it has no workflow
===  ================  ==========================================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Objects: TypeAlias = dict[str, Any]


Function: TypeAlias = Callable[[Objects], Objects | None]
"""A workflow: returns the objects as it leaves them, or changes those it was given and returns None."""


@dataclass(frozen=True, slots=True)
class Workflow:
    """A workflow and what it is known by.

    Parameters
    ----------
    event : str
        The handle of its event.
    live, draft : callable, optional
        Its two versions; None for an event that has no workflow.
    id : int, optional
        Its id.
    params : Mapping of str to int
        What identifies it among the workflows of its event.
    """

    event: str
    live: Function | None = None
    draft: Function | None = None
    id: int | None = None
    params: Mapping[str, int] = field(default_factory=dict)


def find_workflow(workflows: Sequence[Workflow], body: Mapping[str, Any]) -> Workflow:
    """Return the workflow that a request asks for: its id wins, and of equals the last added.

    A workflow that was added without params serves all params of its event for which there is no other.

    Raises
    ------
    LookupError
        If nothing has that id, or there is no such event.
    """
    newest_first = workflows[::-1]
    if "id" in body:
        for workflow in newest_first:
            if workflow.id == body["id"]:
                return workflow
        raise LookupError(f"id: no workflow has the id {body['id']}")
    if "eventHandle" not in body:
        raise LookupError("eventHandle: it is required where no id is given")
    of_event = [workflow for workflow in newest_first if workflow.event == body["eventHandle"]]
    if not of_event:
        raise LookupError(f"eventHandle: there is no event {body['eventHandle']!r}")
    params = {param["key"]: param["value"] for param in body.get("params", ())}
    for wanted in (params, {}):
        for workflow in of_event:
            if workflow.params == wanted:
                return workflow
    return Workflow(body["eventHandle"])


def hold_international(
    objects: Objects, *, at_home: tuple[str, ...] = ("US",), tags: tuple[str, ...] = ()
) -> None:
    """Put an order that leaves the country on hold, and tag it."""
    order = _object(objects, "order")
    country = _object(order, "shippingAddress").get("countryCode")
    if not country or country in at_home:
        return
    order["status"] = "Hold"
    had = order.get("tags")
    order["tags"] = had if isinstance(had, list) else [] if had is None else [had]
    order["tags"] += [tag for tag in ("International", *tags) if tag not in order["tags"]]


def hold_international_draft(objects: Objects) -> None:
    """Let Canada through, and tag the others for customs too."""
    hold_international(objects, at_home=("US", "CA"), tags=("Customs form",))


def hold_large(objects: Objects, *, limit: int = 500) -> None:
    """Put an order on hold, with a note, whose total (or else the sum of its items) is above the limit."""
    order = _object(objects, "order")
    total = order.get("total")
    if total is None:
        items = [item for item in order.get("items") or () if isinstance(item, dict)]
        worth = [(item.get("price"), item.get("quantity", 1)) for item in items]
        total = sum(
            price * quantity
            for price, quantity in worth
            if _is_number(price) and _is_number(quantity)
        )
    if _is_number(total) and total > limit:
        order["status"] = "Hold"
        order["note"] = f"Over {limit}: check the payment before it ships"


def hold_large_draft(objects: Objects) -> None:
    """Hold an order only above twice as much."""
    hold_large(objects, limit=1000)


def tidy_product(objects: Objects) -> None:
    """Take the needless spaces out of a product's title and SKU."""
    product = _object(objects, "product")
    if isinstance(title := product.get("title"), str):
        product["title"] = " ".join(title.split())
    if isinstance(sku := product.get("sku"), str):
        product["sku"] = sku.strip()


def tidy_product_draft(objects: Objects) -> None:
    """Write the SKU in capitals, too."""
    tidy_product(objects)
    product = _object(objects, "product")
    if isinstance(sku := product.get("sku"), str):
        product["sku"] = sku.upper()


def _object(parent: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = parent.get(key)
    return value if isinstance(value, dict) else {}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


WORKFLOWS = (
    Workflow("order_import", hold_international, hold_international_draft, id=1),
    Workflow("order_update", hold_large, hold_large_draft, id=2),
    Workflow("product_update", tidy_product, tidy_product_draft, id=3),
    Workflow("order_cancelled"),
)
