"""What a notebook shows: marked, escaped, cut to a readable length; and the accessor."""

import inspect

import matplotlib as mpl
import pandas as pd
import pytest

import flxframe
from flxframe import TableError, highlight, plot_changes, plot_outcomes
from flxframe.sandbox import sandbox

mpl.use("agg")
import matplotlib.pyplot as plt

EVIL = "<script>alert(1)</script>"


@pytest.fixture
def before() -> pd.DataFrame:
    return pd.DataFrame(
        {"objects.o.status": ["Open", "Open", EVIL], "note": ["x" * 500, None, "y"]},
        index=["a", "a", EVIL],
    )


@pytest.fixture
def after(before: pd.DataFrame) -> pd.DataFrame:
    return before.assign(
        **{
            "objects.o.status": ["Hold", "Open", EVIL],
            "run.status": ["ok", "ok", "rejected"],
            "run.error": [None, None, EVIL],
        }
    )


def test_changed_cells_and_troubled_rows_are_marked(before, after) -> None:
    """One colour for what changed, another for rows that are not ok."""
    html = highlight(before, after).to_html()
    assert html.count("#fff3bf") == 1
    assert "#f9dcd9" in html


def test_html_in_a_value_is_text(before, after) -> None:
    """In cells, labels and headers, in the preview too."""
    named = after.rename(columns={"note": EVIL})
    assert "<script>" not in highlight(before.rename(columns={"note": EVIL}), named).to_html()
    table = before.rename(columns={"objects.o.status": "objects.o.s"}).assign(eventHandle=EVIL)
    assert "<script>" not in flxframe.preview(table)._repr_html_()
    assert (
        "<script>" not in flxframe.summary(after.assign(**{"run.http_status": 400}))._repr_html_()
    )


def test_html_in_the_name_of_an_axis_is_text(before, after) -> None:
    """As a pivot leaves it."""
    named = {"index": EVIL, "columns": EVIL}
    assert (
        "<script>"
        not in highlight(before.rename_axis(**named), after.rename_axis(**named)).to_html()
    )


def test_a_long_table_shows_its_marked_rows_and_not_all_of_them(before, after) -> None:
    """Ten thousand rows would choke a browser, and hide what is looked for."""
    before = pd.DataFrame({"objects.o.status": ["Open"] * 10_000})
    after = before.assign(**{"run.status": "ok"})
    after.loc[9_000, "objects.o.status"] = "Hold"
    after.loc[9_500, "run.status"] = "rejected"
    html = highlight(before, after).to_html()
    assert html.count("<tr>") == 3
    assert "Hold" in html
    assert "rejected" in html
    assert "2 of 10,000 rows" in html
    assert len(highlight(before, before).to_html()) < 100_000


def test_a_column_may_have_a_number_for_its_name() -> None:
    """As a table without a header has; and two of one name are refused in a sentence."""
    before = pd.DataFrame({3: ["Open"]})
    assert "#fff3bf" in highlight(before, pd.DataFrame({3: ["Hold"]})).to_html()
    twice = pd.DataFrame([["a", "b"]], columns=["x", "x"])
    with pytest.raises(TableError, match="two columns named 'x'"):
        highlight(twice, twice)


def test_a_long_value_is_cut_in_the_display_alone(before, after) -> None:
    """The data keeps it."""
    assert "x" * 100 not in highlight(before, after).to_html()
    assert after["note"].iloc[0] == "x" * 500


def test_a_chart_of_changes_names_the_fields_and_counts_the_rows(before, after) -> None:
    """With a title and a label, in a colour that everybody can see."""
    ax = plot_changes(before, after)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["objects.o.status"]
    assert [text.get_text() for text in ax.texts] == ["1"]
    assert ax.get_title(loc="left") == "1 field changed"
    assert ax.get_xlabel()
    plt.close("all")


def test_a_chart_of_outcomes_has_every_status_that_there_is(after) -> None:
    """With how many rows it has."""
    ax = plot_outcomes(after)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["ok (2)", "rejected (1)"]
    plt.close("all")
    with pytest.raises(TableError, match="column 'run"):
        plot_outcomes(pd.DataFrame({"a": [1]}))


def test_a_name_is_shown_as_it_is_and_a_long_one_is_cut_in_its_middle() -> None:
    """Dollars make no formula, the end of a path says most, and nothing hangs over the picture's edge."""
    names = [
        "$x_1$",
        *(f"objects.order.a.long.way.down.items[{number}].addressLine1" for number in range(20)),
    ]
    before = pd.DataFrame("a", index=range(2), columns=names)
    ax = plot_changes(before, before.replace("a", "b"))
    ax.figure.draw_without_rendering()
    shown = [label.get_text() for label in ax.get_yticklabels()]
    assert r"\$x_1\$" in shown
    assert max(map(len, shown)) <= 44
    assert all(label.endswith("addressLine1") for label in shown if "$" not in label)
    right = ax.figure.bbox.x1
    assert all(
        text.get_window_extent().x1 <= right for text in (ax.title, ax._left_title, *ax.texts)
    )
    plt.close("all")


def test_a_chart_of_nothing_has_no_scale_and_one_of_one_row_is_seen(after) -> None:
    """Whatever there is to draw."""
    assert plot_changes(after, after).get_title(loc="left") == "nothing changed"
    assert len(plt.gca().get_xticks()) == 0
    assert len(plot_outcomes(after.head(0)).get_yticks()) == 0
    ax = plot_outcomes(after.head(1))
    assert ax.get_title(loc="left") == "1 row by what became of them"
    (area,) = ax.collections
    assert area.get_paths()[0].get_extents().width == 1
    plt.close("all")


def test_a_chart_over_time_counts_what_came_back_and_shows_a_pause() -> None:
    """A request that was told to wait is sent again, and would be counted twice."""
    seconds = [1, 2, 2.5, 9]
    told = pd.DataFrame(
        {
            "status": ["ok", "ok", "not_sent", "ok"],
            "sent_at": pd.to_datetime([second - 0.5 for second in seconds], unit="s", utc=True),
            "answered_at": pd.to_datetime(seconds, unit="s", utc=True),
        }
    )
    ax = plot_outcomes(told)
    assert ax.get_title(loc="left") == "3 requests by what became of them"
    heights = [y for x, y in ax.collections[0].get_paths()[0].vertices if 2 < (x % 1) * 86400 < 9]
    assert not any(2 < height < 3 for height in heights)
    assert max(y for _, y in ax.collections[0].get_paths()[0].vertices) == 3
    plt.close("all")


def test_the_accessor_does_what_the_functions_do() -> None:
    """For people who chain."""
    orders = pd.DataFrame(
        {"eventHandle": "order_import", "objects.order.shippingAddress.countryCode": ["US", "CA"]}
    )
    with sandbox(limit=None) as api:
        result = orders.flx.run_workflows(
            token=api.token, base_url=api.url, rate=None, progress=False
        )
    assert result.flx.summary()["rows"].tolist() == [2]
    assert len(orders.flx.changes(result)) == 2
    assert orders.flx.preview().rows["error"].isna().all()
    assert "Hold" in orders.flx.highlight(result).to_html()


def test_a_preview_shows_the_rows_that_cannot_be_sent_wherever_they_stand() -> None:
    """An analyst looks for them among ten thousand, in a notebook and in a terminal."""
    table = pd.DataFrame({"eventHandle": ["e"] * 30 + [None] + ["e"] * 29, "objects.o.a": 1})
    shown = flxframe.preview(table, base_url="http://127.0.0.1:1")
    for text in (str(shown), shown._repr_html_()):
        assert "59 rows would be sent" in text
        assert "1 row can&#x27;t be sent." in text or "1 row can't be sent." in text
        assert "the row has neither an id nor an eventHandle: fill one of the two" in text
        assert "49 rows more" in text
        assert "None" not in text


def test_a_long_request_does_not_fill_the_notebook() -> None:
    """What is cut in the display is whole in the data."""
    table = pd.DataFrame(
        {"eventHandle": ["e"] * 20, "objects.o.note": "x" * 100_000}, index=["label"] * 20
    )
    shown = flxframe.preview(table)
    assert len(shown._repr_html_()) < 10_000
    assert "label" in shown._repr_html_()
    assert "All of it is in .rows" in str(shown)
    assert len(shown.rows["request"].iloc[0]) > 100_000


def test_a_summary_shows_each_error_whole() -> None:
    """The end of its sentence is what to do; what is missing is blank."""
    error = "the row has neither an id nor an eventHandle, and it was said at length: fill one of the two"
    result = pd.DataFrame(
        {
            "run.status": ["ok", "invalid"],
            "run.http_status": pd.array([200, None], dtype="Int64"),
            "run.error": [None, error],
        }
    )
    counted = flxframe.summary(result)
    for text in (repr(counted), counted._repr_html_()):
        assert error in text
        assert "NaN" not in text
        assert "NA" not in text
    assert type(counted.head(1)) is pd.DataFrame


@pytest.mark.parametrize("name", ["run_workflows", "preview", "changes", "summary", "highlight"])
def test_the_accessor_tells_the_arguments_of_each_function(name: str) -> None:
    """What Shift-Tab shows: all of them but the table, and the whole docstring."""
    function, method = getattr(flxframe, name), getattr(pd.DataFrame({"a": [1]}).flx, name)
    _, *rest = inspect.signature(function).parameters
    assert list(inspect.signature(method).parameters) == rest
    assert inspect.getdoc(method) == inspect.getdoc(function)


def test_a_warning_of_the_accessor_points_at_the_users_line() -> None:
    """Not at a line of ours; and it tells how to go on, the refused row with the others."""
    with sandbox(limit=None) as api, pytest.warns(flxframe.StoppedWarning) as told:
        pd.DataFrame({"eventHandle": ["order_import"]}).flx.run_workflows(
            token="wrong", base_url=api.url, rate=None, progress=False
        )
    assert told[0].filename == __file__
    assert """run result[result["run.status"].isin(["not_sent", "rejected"])]""" in str(
        told[0].message
    )
