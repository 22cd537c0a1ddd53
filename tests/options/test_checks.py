"""A check raises for an invalid value, and names the argument."""

import math

import numpy as np
import pandas as pd
import pytest

from flxframe import SettingError
from flxframe.options import checks
from flxframe.request.columns import check_columns, check_object_handle
from flxframe.request.plan import check_blanks


@pytest.mark.parametrize(
    ("check", "accepted", "refused"),
    [
        (checks.check_whole, [None, 1, 20], [0, -1, 1.0, True, "2"]),
        (checks.check_in_flight, [1, 16, 1000], [None, 0, False, 1001, 2**63, "2"]),
        (checks.check_rate, [None, 0.1, 2], [0, -2, math.inf, math.nan, True, "2"]),
        (checks.check_timeout, [0.5, checks.MAX_TIMEOUT], [None, 0, math.inf, math.nan]),
        (checks.check_minutes, [None, 0.5], [0, math.inf, math.nan, True]),
        (check_blanks, ["omit", "null"], [None, "", "Null", pd.NA, ["omit"]]),
        (check_object_handle, [None, "order"], ["", 7, "\ud800"]),
        (check_columns, [None, {}, {"a": None}], [["a"], "a"]),
        (checks.check_switch, [True, False, np.True_], [None, 0, "yes"]),
        (checks.check_text, [None, "Store"], [7, ["Store"], {"Store"}]),
        (checks.check_optional_file, [None, "j.db"], [""]),
        (checks.check_file, ["j.db"], [None, "", " ", 7, "a\0b", "\ud800"]),
        (checks.check_folder, ["journals"], [None, "", " ", "a\0b"]),
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
