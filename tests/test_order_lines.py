"""Order lines, from the table to the server and back."""

import json

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flxframe import Journal, changes, preview, read_table, summary, write_results
from flxframe.exceptions import AlreadySentError
from flxframe.sandbox import sandbox
from tests.conftest import run

NUMBER, SKU, QTY = "objects.order.number", "objects.order.items[].sku", "objects.order.items[].qty"
COUNTRY = "objects.order.shippingAddress.countryCode"

LINES = pd.DataFrame(
    {
        "Order ID": ["1001", "1001", "1002", "1003", "1003", "1003"],
        "eventHandle": "order_import",
        NUMBER: ["1001", None, "1002", "1003", None, None],
        COUNTRY: ["CA", None, "US", "US", None, None],
        SKU: ["A", "B", "C", "D", "E", "F"],
        QTY: [1, 2, 3, 4, 5, 6],
        "Note": list("uvwxyz"),
    }
)
BY_ORDER = {"group_by": "Order ID"}


def sent_orders(api) -> list:
    """Return the orders that arrived and ran, by their numbers."""
    orders = [arrival.body["objects"]["order"] for arrival in api.runs]
    return sorted(orders, key=lambda order: order["number"])


def independent_orders(lines: pd.DataFrame) -> list:
    """Return the orders of a table by a groupby of pandas."""
    orders = []
    for number, rows in lines.groupby("Order ID"):
        items = []
        for sku, qty in zip(rows[SKU], rows[QTY], strict=True):
            item = {"sku": sku, "qty": qty}
            item = {key: value for key, value in item.items() if not pd.isna(value)}
            if item:
                items.append(item)
        country = rows[COUNTRY].dropna()
        order = {"number": number}
        if len(country):
            order["shippingAddress"] = {"countryCode": country.iloc[0]}
        if items:
            order["items"] = items
        orders.append(order)
    return sorted(orders, key=lambda order: order["number"])


def test_each_order_is_one_request_and_each_row_gets_its_answer(api) -> None:
    """Shared columns stay where they were, and new ones are in every row."""
    result = run(LINES, api, **BY_ORDER)
    assert sent_orders(api) == independent_orders(LINES)

    assert result.index.equals(LINES.index)
    assert result["Note"].tolist() == LINES["Note"].tolist()
    assert result[NUMBER].tolist()[0] == "1001"
    assert result[NUMBER].isna().tolist() == [False, True, False, False, True, True]
    assert result["objects.order.status"].tolist()[:2] == ["Hold", "Hold"]
    assert result["objects.order.status"].isna().tolist()[2:] == [True] * 4
    assert result["run.status"].tolist() == ["ok"] * 6
    assert result["run.changes"].tolist() == [2, 0, 0, 0, 0, 0]


def test_changes_and_summary_count_orders_once(api) -> None:
    """A field that the lines share is one change."""
    api.fail(400, when=lambda body: body["objects"]["order"]["number"] == "1003")
    result = run(LINES, api, **BY_ORDER)
    found = changes(LINES, result)
    assert found["row"].tolist() == [0, 0]
    assert summary(result)[["status", "orders", "rows"]].values.tolist() == [
        ["ok", 2, 3],
        ["rejected", 1, 3],
    ]
    assert result["run.error"].notna().tolist() == [False] * 3 + [True] * 3


def test_a_workflow_that_changes_items(api) -> None:
    """It reorders, changes, removes and adds them; each row has its own item's answer."""

    def rearrange(objects: dict) -> None:
        order = objects["order"]
        if order["number"] == "1003":
            d, _, f = order["items"]
            order["items"] = [{"sku": "X", "qty": 9}, {**f, "qty": 60}, {**d, "tax": {"rate": 7}}]

    api.add_workflow("order_import", rearrange)
    result = run(LINES, api, **BY_ORDER)
    assert result[SKU].tolist()[3::2] == ["D", "F"]
    assert pd.isna(result[SKU].iloc[4])
    assert result[QTY].tolist()[3] == 4
    assert result[QTY].tolist()[5] == 60
    assert result["objects.order.items[].tax.rate"].tolist()[3] == 7
    assert result["objects.order.items[+]"].iloc[3] == [{"sku": "X", "qty": 9}]
    assert "moved items in 1 order" in result.attrs["flxframe"]["notes"][0]

    again = run(result, api, **BY_ORDER)
    assert again["run.recalled"].all()
    assert len(api.runs) == 3


def test_an_order_that_has_run_and_has_another_line_asks(api) -> None:
    """A table that was filtered would send truncated orders."""
    result = run(LINES, api, **BY_ORDER)
    longer = pd.concat([result, LINES.tail(1).assign(**{SKU: "G"})], ignore_index=True)

    for table in (result.drop(index=1), longer, result[result[QTY] > 1]):
        with pytest.raises(AlreadySentError) as caught:
            run(table, api, **BY_ORDER)
        assert "order 100" in str(caught.value)
        orders = table["Order ID"].iloc[caught.value.rows]
        assert orders.nunique() == 1
        assert len(orders) == (table["Order ID"] == orders.iloc[0]).sum()
    assert len(api.runs) == 3

    run(longer, api, **BY_ORDER, resend="edited")
    assert [len(order["items"]) for order in sent_orders(api)] == [2, 1, 3, 4]


@pytest.mark.parametrize("suffix", [".xlsx", ".csv", ".jsonl", ".parquet"])
def test_a_corrected_line_sends_its_order_alone(api, tmp_path, suffix) -> None:
    """Through every kind of file."""
    api.fail(400, when=lambda body: body["objects"]["order"]["number"] == "1003")
    result = run(LINES, api, **BY_ORDER)
    path = write_results(result, tmp_path / f"lines.done{suffix}")

    table = read_table(path)
    table.loc[4, SKU] = "E-corrected"
    again = run(table.sample(frac=1, random_state=3), api, **BY_ORDER)
    assert again["run.status"].tolist() == ["ok"] * 6
    assert len(api.runs) == 3
    assert sent_orders(api)[2]["items"][1]["sku"] == "E-corrected"


def test_the_journal_returns_what_the_run_returned(api, tmp_path) -> None:
    """With an order that was refused, and one whose items were moved."""
    journal = tmp_path / "j.db"
    api.fail(400, when=lambda body: body["objects"]["order"]["number"] == "1002")
    api.add_workflow("order_import", lambda objects: objects["order"]["items"].reverse())
    result = run(LINES, api, **BY_ORDER, journal=journal)
    recorded = Journal(journal).result(LINES, base_url=api.url, token=api.token, **BY_ORDER)
    columns = [name for name in result.columns if name != "run.recalled"]
    pd.testing.assert_frame_equal(recorded[columns], result[columns], check_dtype=False)

    # Without its marks, the result is known by what was left behind.
    cells = result[[name for name in result if not name.startswith("run.")]]
    assert run(cells, api, **BY_ORDER, journal=journal)["run.recalled"].tolist()[:2] == [True] * 2


def test_stores_of_orders_are_shared_by_their_lines(api) -> None:
    """The name of the token is filled on the first line only."""
    from tests.conftest import SECOND_TOKEN

    lines = LINES.assign(Store=["EU", None, "US", "EU", None, None])
    token = {"EU": api.token, "US": SECOND_TOKEN}
    result = run(lines, api, **BY_ORDER, token=token, token_column="Store")
    assert result["run.status"].tolist() == ["ok"] * 6
    assert sorted(arrival.token for arrival in api.runs) == sorted([api.token] * 2 + [SECOND_TOKEN])


def test_limit_counts_orders(api) -> None:
    """An order is never cut in two."""
    result = run(LINES, api, **BY_ORDER, limit=2)
    assert result["run.status"].tolist() == ["ok"] * 3 + ["not_sent"] * 3


def test_preview_speaks_of_orders(api) -> None:
    """And says when a table looks like lines that are not grouped."""
    text = str(preview(LINES, base_url=api.url, **BY_ORDER))
    assert "3 orders would be sent" in text
    assert "order 1001 (rows 0 to 1)" in text

    plain = LINES.drop(columns=[SKU, QTY])
    text = str(preview(plain, base_url=api.url))
    assert "'Order ID' repeats: 6 rows, 3 orders. group_by='Order ID'" in text


def test_the_end_of_a_run_counts_orders_and_rows(api, capfd) -> None:
    """So does the bar."""
    run(LINES, api, **BY_ORDER, progress=True)
    text = "".join(capfd.readouterr())
    assert "3 orders (6 rows)" in text
    assert "3 ok" in text
    assert "order/s" in text


def test_forgetting_group_by_asks(api) -> None:
    """Each line would be an order of its own."""
    lines = LINES.rename(columns={SKU: "SKU", QTY: "Qty"})
    columns = {"SKU": "objects.order.items[].sku", "Qty": None}
    result = run(lines, api, **BY_ORDER, columns=columns)
    with pytest.raises(AlreadySentError, match="group_by"):
        run(result, api, columns={"SKU": None, "Qty": None})
    assert len(api.runs) == 3


cells = st.one_of(st.none(), st.sampled_from(["x", "007", "ä"]))
numbers = st.one_of(st.none(), st.integers(-5, 5))


@given(
    orders=st.lists(
        st.lists(
            st.tuples(cells, st.one_of(st.none(), st.integers(-5, 5))), min_size=1, max_size=4
        ),
        min_size=1,
        max_size=5,
    ),
    countries=st.lists(st.sampled_from(["US", "DE"]), min_size=5, max_size=5),
    order=st.randoms(use_true_random=False),
)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_folding_and_spreading_are_inverse(orders, countries, order) -> None:
    """For any groups of lines, in any order: the requests are those of an independent groupby."""
    rows = []
    for number, lines in enumerate(orders):
        for line, (sku, qty) in enumerate(lines):
            country = countries[number] if line % 2 == 0 else None
            rows.append((f"{number:03}", "order_import", f"{number:03}", country, sku, qty))
    order.shuffle(rows)
    names = ["Order ID", "eventHandle", NUMBER, COUNTRY, SKU, QTY]
    table = pd.DataFrame(rows, columns=names)
    table[QTY] = pd.array(table[QTY], dtype="Int64")

    with sandbox(limit=None, latency=0) as api:
        api.add_workflow("order_import", lambda objects: None)
        result = run(table, api, **BY_ORDER)
        expected = independent_orders(table)
        assert json.dumps(sent_orders(api)) == json.dumps(expected, default=int)
        again = run(result, api, **BY_ORDER)
        assert again["run.recalled"].all()
        assert len(api.runs) == len(orders)

    pd.testing.assert_frame_equal(result[names], table, check_dtype=False)
    assert result["run.changes"].tolist() == [0] * len(table)


def put(value: object):
    """Return a workflow that replaces the items."""
    return lambda order: order.update(items=value)


def change_items(change):
    """Return a workflow that changes each item."""

    def change_all(order: dict) -> None:
        for item in order["items"]:
            change(item)

    return change_all


@pytest.mark.parametrize(
    "workflow",
    [
        put([]),
        put(None),
        put("none"),
        put({"a": 1}),
        put([{}, {}, {}]),
        put([{"sku": "X"}, None]),
        lambda order: order.pop("items"),
        lambda order: order["items"].pop(0),
        lambda order: order["items"].extend([{"sku": "X"}, {}]),
        lambda order: order.update({"a[]": 1, "notes": [{"text": "x"}]}),
        change_items(lambda item: item.update({"a[]": 1, "b.c": [2]})),
        change_items(lambda item: item.update(sku=None)),
        change_items(lambda item: item.update(options=[{"n": n} for n in range(120)])),
    ],
)
@pytest.mark.parametrize("suffix", ["", ".xlsx", ".csv"])
def test_whatever_a_workflow_does_to_items_its_result_is_recalled(
    api, tmp_path, workflow, suffix
) -> None:
    """What the lines give when they are handed in again is what they were left with."""
    api.add_workflow("order_import", lambda objects: workflow(objects["order"]) and None)
    result = run(LINES, api, **BY_ORDER, journal=False)
    assert result["run.status"].tolist() == ["ok"] * 6
    if suffix:
        result = read_table(write_results(result, tmp_path / f"lines{suffix}"))

    again = run(result, api, **BY_ORDER, journal=False)
    assert again["run.recalled"].all()
    assert len(api.runs) == 3


def test_an_order_that_was_refused_is_not_sent_without_one_of_its_lines(api) -> None:
    """A filtered table asks, but a line can be added or corrected."""
    api.fail(400, when=lambda body: body["objects"]["order"]["number"] == "1003")
    result = run(LINES, api, **BY_ORDER, journal=False)
    with pytest.raises(AlreadySentError, match="has fewer or other lines than in an earlier run"):
        run(result.drop(index=4), api, **BY_ORDER, journal=False)
    assert len(api.runs) == 2

    api.clear_faults()
    longer = pd.concat([result, LINES.tail(1).assign(**{SKU: "G"})], ignore_index=True)
    run(longer, api, **BY_ORDER, journal=False)
    run(result.drop(index=4), api, **BY_ORDER, journal=False, resend="edited")
    assert [len(order["items"]) for order in sent_orders(api)] == [2, 1, 4, 2]


def test_lines_whose_statuses_contradict_each_other_ask(api) -> None:
    """Somebody set ok on one line of an unknown order, and not_sent on another one."""
    api.fail(500, when=lambda body: body["objects"]["order"]["number"] == "1003")
    result = run(LINES, api, **BY_ORDER, journal=False)
    result.loc[3:4, "run.status"] = ["ok", "not_sent"]
    with pytest.raises(AlreadySentError, match=r"run\.status"):
        run(result, api, **BY_ORDER, journal=False)
