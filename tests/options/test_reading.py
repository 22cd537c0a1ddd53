"""The arguments that say how a file is read are checked wherever they are passed."""

import pytest

import flxframe
from flxframe import SettingError
from flxframe.options.reading import ReadOptions


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"sheet": 1}, "sheet=1 must be text"),
        ({"header_row": 0}, "header_row=0 must be a whole number of at least 1"),
        ({"dtype": "string"}, "dtype='string' must be a dict of columns and their types"),
    ],
)
@pytest.mark.parametrize(
    "function", [flxframe.read_table, flxframe.preview, flxframe.run_workflows]
)
def test_an_invalid_value_is_refused_before_the_file_is_opened(function, settings, message) -> None:
    """The message names the argument."""
    with pytest.raises(SettingError, match=message):
        function("missing.xlsx", **settings)


def test_a_setting_is_unused_for_a_table_in_memory() -> None:
    """The command line passes empty settings, which count as not given."""
    ReadOptions(dtype={}).check_unused()
    with pytest.raises(SettingError, match="sheet='Orders' applies only to files"):
        ReadOptions(sheet="Orders").check_unused()
