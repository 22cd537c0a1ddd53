"""The events of the sandbox, and their workflows. Pure.

===  ================  ===========================================================================
id   event             its workflow; its draft
===  ================  ===========================================================================
1    order_import      an order to a country other than the US is put on hold and tagged; draft:
                       orders to Canada are not, and the others get a second tag
2    order_update      an order of more than 500 is put on hold with a note; draft: of more than
                       1,000
3    product_update    spaces around and inside the title and around the SKU are removed; draft:
                       the SKU is also written in capitals
     order_cancelled   nothing: it has no workflow
===  ================  ===========================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Objects: TypeAlias = dict[str, Any]

Function: TypeAlias = Callable[[Objects], Objects | None]
"""A workflow: returns the changed objects, or changes those it receives and returns None."""

_HOLD_LIMIT = 500
_HOLD_LIMIT_DRAFT = 1000


@dataclass(frozen=True, slots=True)
class Workflow:
    """A workflow, with its event, id and params.

    Parameters
    ----------
    event : str
        The handle of its event.
    live, draft : callable, optional
        Its two versions; None for an event that has no workflow.
    id : int, optional
        Its id.
    params : Mapping of str to int
        The params that identify it among the workflows of its event.
    """

    event: str
    live: Function | None = None
    draft: Function | None = None
    id: int | None = None
    params: Mapping[str, int] = field(default_factory=dict)

    def version(self, *, draft: bool) -> Function | None:
        """Return the version to run; without a draft version, it is the live one."""
        if draft and self.draft is not None:
            return self.draft

        return self.live


def find_workflow(workflows: Sequence[Workflow], body: Mapping[str, Any]) -> Workflow:
    """Return the workflow of a request. An id takes precedence, and so does a newer workflow.

    A workflow that was added without params serves all params of its event that have no other
    workflow.

    Raises
    ------
    LookupError
        If there is no workflow with that id, or no such event.
    """
    newest_first = workflows[::-1]
    if "id" in body:
        return _find_by_id(newest_first, body["id"])

    if "eventHandle" not in body:
        raise LookupError("eventHandle: required if there is no id")

    event = body["eventHandle"]
    candidates = [workflow for workflow in newest_first if workflow.event == event]
    if not candidates:
        raise LookupError(f"eventHandle: there is no event {event!r}")

    params = {param["key"]: param["value"] for param in body.get("params", ())}
    for identifier in (params, {}):
        for workflow in candidates:
            if workflow.params == identifier:
                return workflow

    return Workflow(event)


def _find_by_id(workflows: Sequence[Workflow], id: int) -> Workflow:
    for workflow in workflows:
        if workflow.id == id:
            return workflow

    raise LookupError(f"id: there is no workflow with the id {id}")


def hold_international(
    objects: Objects, *, home_countries: tuple[str, ...] = ("US",), tags: tuple[str, ...] = ()
) -> None:
    """Put an order to another country on hold, and tag it."""
    order = _object(objects, "order")
    country = _object(order, "shippingAddress").get("countryCode")
    if not country or country in home_countries:
        return

    order["status"] = "Hold"
    order["tags"] = _as_list(order.get("tags"))
    for tag in ("International", *tags):
        if tag not in order["tags"]:
            order["tags"].append(tag)


def hold_international_draft(objects: Objects) -> None:
    """Accept orders to Canada, and also tag the others for customs."""
    hold_international(objects, home_countries=("US", "CA"), tags=("Customs form",))


def hold_large(objects: Objects, *, limit: int = _HOLD_LIMIT) -> None:
    """Put an order on hold, with a note, if its total or the sum of its items is over the limit."""
    order = _object(objects, "order")
    total = order.get("total")
    if total is None:
        total = _sum_of_items(order)

    if _is_number(total) and total > limit:
        order["status"] = "Hold"
        order["note"] = f"Over {limit}: check the payment before it ships"


def hold_large_draft(objects: Objects) -> None:
    """Put an order on hold only above twice the limit."""
    hold_large(objects, limit=_HOLD_LIMIT_DRAFT)


def tidy_product(objects: Objects) -> None:
    """Remove the unnecessary spaces from a product's title and SKU."""
    product = _object(objects, "product")

    title = product.get("title")
    if isinstance(title, str):
        product["title"] = " ".join(title.split())

    sku = product.get("sku")
    if isinstance(sku, str):
        product["sku"] = sku.strip()


def tidy_product_draft(objects: Objects) -> None:
    """Write the SKU in capitals, too."""
    tidy_product(objects)

    product = _object(objects, "product")
    sku = product.get("sku")
    if isinstance(sku, str):
        product["sku"] = sku.upper()


def _sum_of_items(order: Mapping[str, Any]) -> float:
    """Return price times quantity of all items whose price and quantity are numbers."""
    total: float = 0
    for item in order.get("items") or ():
        if not isinstance(item, dict):
            continue

        price, quantity = item.get("price"), item.get("quantity", 1)
        if _is_number(price) and _is_number(quantity):
            total += price * quantity

    return total


def _object(parent: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = parent.get(key)
    return value if isinstance(value, dict) else {}


def _as_list(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value

    return [] if value is None else [value]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


WORKFLOWS = (
    Workflow("order_import", hold_international, hold_international_draft, id=1),
    Workflow("order_update", hold_large, hold_large_draft, id=2),
    Workflow("product_update", tidy_product, tidy_product_draft, id=3),
    Workflow("order_cancelled"),
)
