"""The summary sheet: counts, errors by kind, the time and the URL, and remarks."""

import datetime as dt
import re

import openpyxl
import pandas as pd
import pytest

from flxframe.files.xlsx.summary_sheet import summary_sheet
from tests.files.xlsx.packages import parts

NOW = dt.datetime(2026, 5, 6, 7, 8, 9, tzinfo=dt.UTC)


@pytest.fixture
def rows():
    """Return a function that returns the rows of a summary, each a list of its texts."""

    def rows(base_url="http://x", remarks=(), error="no"):
        result = pd.DataFrame(
            {
                "run.status": ["ok", "rejected", "ok", "rejected"],
                "run.http_status": pd.array([200, 400, 200, 400], dtype="Int64"),
                "run.error": [None, error, None, error],
            }
        )
        xml = summary_sheet(
            result, first_row=2, now=NOW, base_url=base_url, remarks=remarks, bold=5
        )
        return [re.findall(r">([^<>]+)<", row) for row in re.findall(r"<row.*?</row>", xml)]

    return rows


def test_outcomes_are_counted(rows):
    """They are counted by status, and by error with the rows of the sheet."""
    table = rows()
    assert table[:5] == [
        ["Written", "2026-05-06 07:08:09+00:00"],
        ["Base URL", "http://x"],
        ["Rows", "4"],
        ["ok", "2"],
        ["rejected", "2"],
    ]
    assert ["rejected", "400", "no", "2", "3, 5"] in table


def test_lines_without_content_are_left_out(rows):
    """Without a URL or remarks there are no lines for them."""
    table = rows(base_url=None)
    assert table[1] == ["Rows", "4"]
    assert ["remarks"] not in table


def test_remarks_are_last(rows):
    """Their number is limited, and so is the length of an error."""
    table = rows(remarks=[f"remark {number}" for number in range(2_000)], error="x" * 3_000)
    assert table[-1] == ["remark 999"]
    assert table[-1_001] == ["remarks"]
    assert max(len(text) for row in table for text in row) == 2_000


def test_headings_are_bold_and_texts_are_escaped():
    """A server's text cannot break the XML."""
    result = pd.DataFrame({"run.status": ["x"], "run.http_status": [400], "run.error": ["<&\x07>"]})
    xml = summary_sheet(result, first_row=2, now=NOW, base_url=None, remarks=[], bold=5)
    assert "&lt;&amp;_x0007_&gt;" in xml
    assert re.search(r'<c r="A5" s="5"[^>]*><is><t[^>]*>status<', xml)


def test_the_summary_of_a_run_does_not_contain_the_token(loop):
    """It contains counts, errors by kind, the time and the URL."""
    path, token, _ = loop
    values = openpyxl.load_workbook(path)["flxframe"].values
    rows = [list(filter(None, row)) for row in values]
    assert ["ok", 9] in rows
    message = "column 'params.sourceId' must be a whole number, not 'twelve'"
    assert ["invalid", message, 1, "8"] in rows
    urls = [row[1] for row in rows if row and row[0] == "Base URL"]
    assert urls[0].startswith("http://127.0.0.1")
    assert not any(token.encode() in part for part in parts(path).values())
