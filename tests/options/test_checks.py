"""A check raises for an invalid value, and names the argument."""

import math

import pytest

from flxframe import SettingError
from flxframe.options import checks
from flxframe.request.columns import check_columns, check_object_handle
from flxframe.request.plan import check_blanks


@pytest.mark.parametrize(
    ("check", "accepted", "refused"),
    [
        (checks.check_whole, [None, 1, 20], [0, -1, 1.0, True, "2"]),
        (checks.check_required_whole, [1, 16], [None, 0, False]),
        (checks.check_rate, [None, 0.1, 2], [0, -2, math.inf, math.nan, True, "2"]),
        (checks.check_timeout, [0.5, checks.MAX_TIMEOUT], [None, 0, math.inf, math.nan]),
        (checks.check_minutes, [None, 0.5], [0, math.inf, math.nan, True]),
        (check_blanks, ["omit", "null"], [None, "", "Null"]),
        (check_object_handle, [None, "order"], ["", 7]),
        (check_columns, [None, {}, {"a": None}], [["a"], "a"]),
        (checks.check_switch, [True, False], [None, 0, "yes"]),
        (checks.check_file, [None, "j.db"], ["", " ", 7]),
        (checks.check_folder, ["journals"], [None, "", " "]),
        (checks.check_url, [None, "https://api.example.com"], ["", "api", "http://example.com"]),
    ],
)
def test_a_check_accepts_only_valid_values(check, accepted: list, refused: list) -> None:
    """For other values it raises a SettingError."""
    for value in accepted:
        check("name", value)
    for value in refused:
        with pytest.raises(SettingError):
            check("name", value)
