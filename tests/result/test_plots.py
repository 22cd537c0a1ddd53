"""Charts of a result."""

from collections.abc import Iterator

import matplotlib as mpl
import pandas as pd
import pytest

from flxframe import TableError, plot_changes, plot_outcomes

mpl.use("agg")
import matplotlib.pyplot as plt


@pytest.fixture(autouse=True)
def _close_figures() -> Iterator[None]:
    yield
    plt.close("all")


def test_a_chart_of_changes_names_the_fields_and_counts_the_rows(before, after) -> None:
    """The chart has a title and a label."""
    ax = plot_changes(before, after)

    assert [label.get_text() for label in ax.get_yticklabels()] == ["objects.o.status"]
    assert [text.get_text() for text in ax.texts] == ["1"]
    assert ax.get_title(loc="left") == "1 field changed"
    assert ax.get_xlabel() == "rows in which the field changed"


def test_a_chart_of_changes_shows_the_fields_that_changed_in_the_most_rows() -> None:
    """The title says how many fields there are in all."""
    before = pd.DataFrame("a", index=range(3), columns=["once", "twice", "always"])
    after = before.copy()
    for name, rows in (("once", 1), ("twice", 2), ("always", 3)):
        after.loc[: rows - 1, name] = "b"
    ax = plot_changes(before, after, n=2)

    assert [label.get_text() for label in ax.get_yticklabels()] == ["twice", "always"]
    assert ax.get_title(loc="left") == "3 fields changed, the top 2 shown"


def test_a_chart_of_outcomes_has_a_legend_for_each_status(after) -> None:
    """The legend has the number of rows of each status."""
    ax = plot_outcomes(after)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["ok (2)", "rejected (1)"]
    assert ax.get_title(loc="left") == "3 rows by outcome"


def test_a_chart_of_outcomes_refuses_another_table() -> None:
    """The message names the columns that are expected."""
    with pytest.raises(TableError, match=r"column 'run\.status' nor a column 'answered_at'"):
        plot_outcomes(pd.DataFrame({"a": [1]}))


def test_a_chart_is_drawn_on_the_given_axes(before, after) -> None:
    """No new figure is created."""
    figure, (left, right) = plt.subplots(1, 2)

    assert plot_changes(before, after, ax=left) is left
    assert plot_outcomes(after, ax=right) is right
    assert plt.get_fignums() == [figure.number]


def test_a_name_is_not_read_as_a_formula_and_a_long_name_is_cut_in_the_middle() -> None:
    """The end of a path says the most, and no text extends beyond the edge of the figure."""
    path = "objects.order.a.deeply.nested.list.items[{}].addressLine1"
    names = ["$x_1$", *map(path.format, range(20))]
    before = pd.DataFrame("a", index=range(2), columns=names)

    ax = plot_changes(before, before.replace("a", "b"))
    ax.figure.draw_without_rendering()

    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert r"\$x_1\$" in labels
    assert max(map(len, labels)) <= 44
    assert all(label.endswith("addressLine1") for label in labels if "$" not in label)
    edge = ax.figure.bbox.x1
    texts = (ax.title, ax._left_title, *ax.texts)
    assert all(text.get_window_extent().x1 <= edge for text in texts)


def test_a_chart_of_nothing_has_no_scale(after) -> None:
    """There are no numbers to read from it."""
    assert plot_changes(after, after).get_title(loc="left") == "nothing changed"
    assert len(plt.gca().get_xticks()) == 0
    assert len(plot_outcomes(after.head(0)).get_yticks()) == 0


def test_a_chart_of_one_row_has_a_visible_area(after) -> None:
    """Its area is one row wide."""
    ax = plot_outcomes(after.head(1))

    assert ax.get_title(loc="left") == "1 row by outcome"
    (area,) = ax.collections
    assert area.get_paths()[0].get_extents().width == 1


def test_a_chart_over_time_counts_settled_requests_and_shows_a_pause() -> None:
    """A ``not_sent`` request is sent again, and would be counted twice."""
    seconds = [1, 2, 2.5, 9]
    journal = pd.DataFrame(
        {
            "status": ["ok", "ok", "not_sent", "ok"],
            "sent_at": pd.to_datetime([second - 0.5 for second in seconds], unit="s", utc=True),
            "answered_at": pd.to_datetime(seconds, unit="s", utc=True),
        }
    )
    ax = plot_outcomes(journal)

    assert ax.get_title(loc="left") == "3 requests by outcome"
    vertices = ax.collections[0].get_paths()[0].vertices
    pause = [height for day, height in vertices if 2 < (day % 1) * 86400 < 9]
    assert not any(2 < height < 3 for height in pause)
    assert max(height for _, height in vertices) == 3
    last_response = mpl.dates.date2num(journal["answered_at"].max())
    assert max(day for day, height in vertices if height == 3) > last_response
