"""Small tables that are displayed whole."""

import pandas as pd

import flxframe


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
