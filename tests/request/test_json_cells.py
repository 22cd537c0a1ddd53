"""JSON texts in the cells of a table from a file."""

import pandas as pd
import pytest

from flxframe.files.reading import read_table
from flxframe.preview import preview
from flxframe.request.json_cells import can_contain_json, decode_cells

CONTENT = 'objects.order,objects.order.note\n"{""sku"": ""007""}",\n,"[7]"\n,[gift]\n'


def objects(table):
    """Return the objects that a table sends."""
    rows = preview(table, event_handle="order_import").rows
    return [request.partition('"objects":')[2][:-1] for request in rows["request"]]


@pytest.fixture
def path(tmp_path):
    """A file with JSON texts."""
    path = tmp_path / "t.csv"
    path.write_text(CONTENT)
    return path


def test_a_json_text_in_a_file_is_sent_as_its_value(path):
    """A file has no cells of objects and lists; a text in brackets is a text."""
    assert objects(path) == [
        '{"order":{"sku":"007"}}',
        '{"order":{"note":[7]}}',
        '{"order":{"note":"[gift]"}}',
    ]


def test_preview_says_so(path):
    """The names of the columns are listed."""
    text = str(preview(path, event_handle="order_import"))
    columns = "objects.order, objects.order.note"
    assert f"JSON text is sent as its objects and arrays in: {columns}." in text


@pytest.mark.parametrize("dtype", ["string", str])
def test_the_dtype_string_keeps_the_text(path, dtype):
    """The user says that it is one."""
    table = read_table(path, dtype={"objects.order.note": dtype})
    assert objects(table)[1] == '{"order":{"note":"[7]"}}'


def test_a_text_of_a_table_that_is_not_from_a_file_is_a_text():
    """A DataFrame can contain lists."""
    table = pd.DataFrame({"objects.order.note": ["[7]"]})
    assert objects(table) == ['{"order":{"note":"[7]"}}']


def test_params_can_be_json_too(tmp_path):
    """A dict in one cell is written as text."""
    path = tmp_path / "t.csv"
    path.write_text('eventHandle,params\nx,"{""sourceId"": 7}"\n')
    request = preview(path).rows["request"][0]
    assert '"params":[{"key":"sourceId","value":7}]' in request


@pytest.mark.parametrize(
    ("name", "path", "expected"),
    [
        ("o", ("objects", "order"), True),
        ("params", ("params",), True),
        ("params.a", ("params", "a"), False),
        ("eventHandle", ("eventHandle",), False),
        ("kept", ("objects", "kept"), False),
    ],
)
def test_only_objects_and_params_contain_json(name, path, expected):
    """An event's handle is a text."""
    table = pd.DataFrame()
    assert not can_contain_json(table, name, path)
    table.attrs["flxframe"] = {"path": "t.csv", "texts": ["kept"]}
    assert can_contain_json(table, name, path) is expected


def test_other_cells_stay_as_they_are():
    """Only a whole JSON object or array is one."""
    values = ["x", 7, None, "[1", "{x}", "[1] ", "7", '"x"', "[NaN]", "[" * 9999 + "]" * 9999]
    expected = list(values)
    assert not decode_cells(values)
    assert values == expected
