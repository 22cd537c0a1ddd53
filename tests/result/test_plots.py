"""Charts of a result."""

import matplotlib as mpl
import pandas as pd
import pytest

from flxframe import TableError, plot_changes, plot_outcomes

mpl.use("agg")
import matplotlib.pyplot as plt


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
