"""Cells that files and programs like to change, and the form in which they are compared."""

import datetime as dt
import json
import re
from decimal import Decimal

import numpy as np
import pandas as pd

from flxframe.exceptions import RequestError
from flxframe.request.fields import Defaults
from flxframe.request.json_text import decode, encode
from flxframe.request.plan import Plan

PARIS = dt.timezone(dt.timedelta(hours=1))

TEXTS = [
    *["x", "00123", "0", "7", "-7", "+7", "1.10", "1e5", "1E5", "4.68769E+17", "1_000", " 7", "7 "],
    *["820982911946154508", "123456789012345678901234567890", "0.1", ".5", "5.", "\uff11\uff12"],
    *["true", "TRUE", "False", "yes", "null", "None", "nan", "NaN", "inf", "NA", "N/A"],
    *["#N/A", "#DIV/0!", "#####", "#1001", "#", "Err:502"],
    *["=1+1", "+1-1", "-x", "@x", '="007"', "'", "''", "'tis", "'Til", "O'Neil", "'02134"],
    *["'K1A 0B1", "'=1", "''7", "K1A 0B1", "02134-1234", '"', '"x"', "a,b", "a;b", "a\tb"],
    *[
        "2026-11-23",
        "2026-11-23T06:00:00",
        "23/11/2026",
        "1899-12-30",
        "11:00",
        "1-2",
        "3/4",
        "MAR1",
        "10%",
    ],
    *["$5.00", "[gift]", "{x}", "{", "[1", "sep=;", "é€日", "😀", "a\u0301", "\u200b", "\xa0"],
    *["a\nb", "a\r\nb", "\nb", "a\n", " a", "a ", "  ", "\t", "_x0041_", "a\x0bb", "\x1b[1m"],
    *["<b>&amp;", "]]>", "\u2028", "\ufeffx", "x" * 300],
]
"""Texts, each of which is sent as it is."""

VALUES = [
    *[0, 7, -7, 999999999999999, 1234567890123456, 820982911946154508, 2**63, 10**25, -(10**18)],
    *[0.0, 0.1, 1.10, -2.5, 7.0, 1e-7, 1e22, 1.5e300, 123456.789, 1 / 3, 0.1 + 0.2, 5e-324],
    *[True, False, np.int8(7), np.float32(0.1), np.bool_(True)],
    *[Decimal("19.90"), Decimal(7), Decimal("0.12345678901234567890"), Decimal("1E+3")],
    *[dt.date(2026, 11, 23), dt.date(1899, 12, 30), dt.date(1900, 2, 28), dt.time(11), dt.time(0)],
    *[dt.time(1, 2, 3, 4), dt.datetime(2026, 11, 23, 6), dt.datetime(2026, 11, 23, 6, 0, 0, 1)],
    *[dt.datetime(2026, 11, 23), dt.datetime(2026, 11, 23, 6, tzinfo=PARIS)],
    *[pd.Timestamp("2026-11-23 06:00:00.123456789"), pd.Timestamp("2026-11-23", tz="UTC")],
    *[{}, [], {"a": 1}, [7], ["007", None, True], {"a": {"b": [{"c": "é"}]}}, [{"sku": "007"}]],
    *[{"n": Decimal("0.12345678901234567890")}, [820982911946154508, 1.10], {"t": "a\r\nb"}],
]
"""Values of other types."""

_MIDNIGHT = re.compile(r"T00:00:00(?:\.0+)?$")


def columns(cells):
    """Return a table with a column for each cell, between two ordinary rows."""
    table = {"objects.key": ["first", "tricky", "last"]}
    for number, cell in enumerate(cells):
        table[f"objects.c.{number}"] = pd.Series([None, cell, None], dtype=object)
    return pd.DataFrame(table)


def one_column(cells):
    """Return a table with all cells in one column."""
    keys = [f"k{number}" for number in range(len(cells))]
    return pd.DataFrame({"objects.key": keys, "objects.c": pd.Series(cells, dtype=object)})


def sent(table):
    """Return the content of each row in the form in which it is compared, or its error."""
    rows = []
    plan = Plan(table, defaults=Defaults(event_handle="order_import"))
    for _, request in plan.requests():
        if isinstance(request, RequestError):
            rows.append(str(request))
        else:
            rows.append(canonical(json.loads(encode(request.objects), parse_float=Decimal)))
    return rows


def canonical(value):
    """Return the form of a value that is promised to come back from a file."""
    if isinstance(value, dict):
        members = {key: canonical(item) for key, item in value.items()}
        return {key: item for key, item in members.items() if item not in (None, "")}
    if isinstance(value, list):
        return [canonical(item) for item in value]
    if isinstance(value, str):
        return _canonical_text(value)
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return _canonical_number(value)
    return value


def _canonical_text(text):
    if text[:1] in ("{", "[") and text[-1] in "}]":
        try:
            return canonical(decode(text))
        except ValueError:
            pass
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _MIDNIGHT.sub("", text)


def _canonical_number(number):
    exact = Decimal(number)
    if isinstance(number, int):
        is_long = abs(number) > 10**15 - 1
        return str(number) if is_long else exact
    return Decimal(f"{exact:.15g}").normalize()
