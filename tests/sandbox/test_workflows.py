"""The sandbox's own workflows, and how a request selects one."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import ORDER, order_of


def test_the_id_takes_precedence_over_the_event(post: Any) -> None:
    body = {
        "id": 3,
        "eventHandle": "order_import",
        "objects": {"product": {"title": " a  b "}, "order": ORDER},
    }
    assert post(body).json()["objects"] == {"product": {"title": "a b"}, "order": ORDER}


@pytest.mark.parametrize(
    ("order", "live", "draft"),
    [
        ({"shippingAddress": {"countryCode": "US"}}, {}, {}),
        ({"shippingAddress": {}}, {}, {}),
        ({"shippingAddress": None}, {}, {}),
        ({}, {}, {}),
        (
            {"shippingAddress": {"countryCode": "CA"}},
            {"status": "Hold", "tags": ["International"]},
            {},
        ),
        (
            {"shippingAddress": {"countryCode": "FR"}, "tags": ["Gift"], "status": "Open"},
            {"status": "Hold", "tags": ["Gift", "International"]},
            {"status": "Hold", "tags": ["Gift", "International", "Customs form"]},
        ),
        (
            {"shippingAddress": {"countryCode": "FR"}, "tags": "International"},
            {"status": "Hold", "tags": ["International"]},
            {"status": "Hold", "tags": ["International", "Customs form"]},
        ),
    ],
)
def test_an_order_to_another_country_is_put_on_hold_and_tagged(
    post: Any, order: Any, live: Any, draft: Any
) -> None:
    """No tag is added twice; the draft accepts orders to Canada."""
    body = {"eventHandle": "order_import", "objects": {"order": order}}
    assert order_of(post(body)) == {**order, **live}
    assert order_of(post({**body, "draft": True})) == {**order, **draft}


@pytest.mark.parametrize(
    "objects", [{}, {"order": None}, {"order": [1]}, {"product": {"title": "x"}}]
)
def test_objects_of_another_kind_come_back_unchanged(post: Any, objects: Any) -> None:
    for workflow in (1, 2):
        assert post({"id": workflow, "objects": objects}).json()["objects"] == objects


@pytest.mark.parametrize(
    ("order", "live", "draft"),
    [
        ({"total": 500}, False, False),
        ({"total": 500.01}, True, False),
        ({"total": 1001}, True, True),
        ({"total": "much"}, False, False),
        ({"items": [{"price": 100.5, "quantity": 4}, {"price": 200}]}, True, False),
        ({"items": [{"price": None}, {"sku": "00012"}]}, False, False),
    ],
)
def test_a_large_order_is_put_on_hold_with_a_note(
    post: Any, order: Any, live: bool, draft: bool
) -> None:
    """The draft's limit is twice as high."""
    body = {"eventHandle": "order_update", "objects": {"order": order}}
    assert ("note" in order_of(post(body))) is live
    assert ("note" in order_of(post({**body, "draft": True}))) is draft


def test_the_title_and_the_sku_of_a_product_are_tidied(post: Any) -> None:
    """The draft writes the SKU in capitals, too."""
    body = {"id": 3, "objects": {"product": {"title": " Tea \n pot", "sku": " 00a-1 "}}}
    assert post(body).json()["objects"]["product"] == {"title": "Tea pot", "sku": "00a-1"}
    assert post({**body, "draft": True}).json()["objects"]["product"]["sku"] == "00A-1"
