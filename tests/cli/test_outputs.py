"""The result of a table is next to its file; without a file, the user names one."""

import subprocess
from pathlib import Path

import pandas as pd
import pytest

from flxframe import SettingError, write_results
from flxframe.cli.outputs import check_output, output_of, template_of
from flxframe.sources.table import read_table
from tests.conftest import COMMAND, TOKEN, environment, finish, orders, start
from tests.run.raw_server import raw_server, response

CSV = b"eventHandle,objects.order.number\r\norder_import,007\r\n"


@pytest.mark.parametrize(
    ("table", "output"),
    [
        ("a/orders.csv", "a/orders.done.csv"),
        ("a/orders.v2.xlsx", "a/orders.v2.done.xlsx"),
        ("orders.XLSM", "orders.done.xlsm"),
        ("orders.json", "orders.done.jsonl"),
        ("orders.ods", "orders.done.xlsx"),
        ("orders.csv.gz", "orders.done.csv"),
        ("orders.zip", "orders.done.xlsx"),
        ("orders.csv.zip", "orders.done.csv"),
        ("orders.done.csv", "orders.done.csv"),
        ("orders.done2.csv.gz", "orders.done.csv"),
    ],
)
def test_a_result_has_the_format_of_its_table(table, output) -> None:
    """If it can be written; otherwise it is a workbook."""
    check_output(table, None)
    assert output_of(table, overwrite=True) == Path(output)


def test_a_result_gets_the_first_name_that_no_file_has(tmp_path: Path) -> None:
    """The result of a result gets the next number, and no file is replaced without --force."""
    for table, expected in [
        ("orders.csv.gz", "orders.done.csv"),
        ("orders.done.csv", "orders.done2.csv"),
        ("orders.zip", "orders.done.xlsx"),
        ("orders.csv", "orders.done3.csv"),
    ]:
        path = tmp_path / table
        path.touch()
        output = output_of(str(path), overwrite=False)
        assert output == tmp_path / expected
        output.touch()
    assert output_of(str(path), overwrite=True) == tmp_path / "orders.done.csv"


@pytest.mark.parametrize("table", ["-", "https://example.com/orders.csv"])
def test_a_table_without_a_file_needs_an_output(table) -> None:
    """There is no folder that its result obviously belongs to."""
    with pytest.raises(SettingError, match=r"a link and standard input require -o \(--output\)"):
        check_output(table, None)
    check_output(table, Path("o.xlsx"))
    assert template_of(table, Path("o.xlsx")) is None


def test_only_a_workbook_is_edited_in_place() -> None:
    """A copy of the table's own file is the best format of its result."""
    assert template_of("a.xlsx", Path("b.xlsx")) == Path("a.xlsx")
    assert template_of("a.xlsx", Path("b.csv")) is None
    assert template_of("a.xlsx.gz", Path("b.xlsx")) is None


@pytest.mark.parametrize("kind", [".csv", ".xlsx", ".jsonl", ".parquet"])
def test_standard_input_is_run(api, tmp_path: Path, kind) -> None:
    """Its content shows which kind of file it is; the same command again resumes."""
    table = write_results(orders(2), tmp_path / f"t{kind}").read_bytes()
    output = tmp_path / "o.jsonl"
    command = [*COMMAND, "run", "-", "-o", output, "--rate", "100", "--quiet", "--force"]
    command += ["--journal", tmp_path / "j.db"]
    for _ in range(2):
        done = subprocess.run(command, env=environment(api), input=table, capture_output=True)
        assert (done.returncode, done.stderr) == (0, b"")
    assert read_table(output)["run.status"].tolist() == ["ok", "ok"]
    assert len(api.arrivals) == 2


def test_standard_input_without_a_table_is_an_error(api, tmp_path: Path) -> None:
    """The message names it."""
    for table, message in [
        (b"", b"flxframe: standard input is empty: it needs a table\n"),
        (b"a\n1\n2,3\n", b"flxframe: standard input"),
    ]:
        command = [*COMMAND, "preview", "-"]
        done = subprocess.run(command, env=environment(api), input=table, capture_output=True)
        assert done.returncode == 2
        assert done.stderr.startswith(message)
        assert b"Traceback" not in done.stderr

    closed = subprocess.run(
        ["/bin/sh", "-c", f"{' '.join(COMMAND)} preview - <&-"],
        env=environment(api),
        capture_output=True,
    )
    assert closed.stderr == (
        b"flxframe: standard input is closed: pass a file, or connect a pipe\n"
    )


def test_a_link_is_run_and_gets_no_token(api, tmp_path: Path) -> None:
    """A link that is missing is an error, as a file is."""
    output = tmp_path / "o.csv"
    with raw_server(lambda arrival: arrival.send(response(CSV))) as server:
        link = f"{server.url}/export//x?id=7"
        status, text = finish(start(api, "run", link, "-o", output, "--rate", 100))
        assert TOKEN.encode() not in b"".join(arrival.head for arrival in server.arrivals)
        assert server.arrivals[0].head.startswith(b"GET /export//x?id=7 ")
    assert status == 0, text
    assert read_table(output, dtype={"objects.order.number": str})["run.status"].tolist() == ["ok"]

    status, text = finish(start(api, "run", link, "-o", tmp_path / "p.csv"))
    assert status == 2
    assert "can't be reached (Connection refused)" in text


def test_a_run_names_the_sheet_that_it_needs(api, tmp_path: Path) -> None:
    """The message has the option."""
    path = tmp_path / "t.xlsx"
    with pd.ExcelWriter(path, engine="openpyxl") as writer:
        for sheet in ("Orders", "Returns"):
            orders(1).to_excel(writer, sheet_name=sheet, index=False)
    status, text = finish(start(api, "run", path))
    assert status == 2
    assert "choose one with sheet= (--sheet)" in text
    status, text = finish(start(api, "run", path, "--sheet", "Returns", "--rate", 100))
    assert status == 0, text


def test_a_template_is_written_and_run(api, tmp_path: Path) -> None:
    """The two commands of a first day."""
    path = tmp_path / "orders.xlsx"
    status, text = finish(start(api, "template", path, "--event", "order_import"))
    assert (status, text) == (
        0,
        f"The template is in {path}; its second sheet explains how to fill it in\n",
    )
    status, text = finish(start(api, "run", path, "--rate", 100))
    assert status == 0, text
    assert read_table(tmp_path / "orders.done.xlsx")["run.status"].tolist() == ["ok", "ok"]

    status, text = finish(start(api, "template", path, "--event", "order_import", "--lines"))
    assert status == 2
    assert "already exists" in text
    status, text = finish(start(api, "template", path, "--event", "x", "--lines", "--force"))
    assert status == 0, text
    assert "objects.order.items[].sku" in read_table(path).columns


def test_a_template_of_lines_is_run_as_its_second_sheet_says(api, tmp_path: Path) -> None:
    """The commands in the sheet work as they are; the two example rows are one order."""
    path = tmp_path / "orders.xlsx"
    finish(start(api, "template", path, "--event", "order_import", "--lines"))
    explanation = read_table(path, sheet="How to fill in", header_row=1).iloc[:, 0]
    (command,) = explanation[explanation.str.contains("flxframe run", na=False)]
    options = command.partition("orders.xlsx ")[2].split()

    status, text = finish(start(api, "run", path, *options, "--rate", 100, "--quiet"))
    assert status == 0, text
    assert "1 order (2 rows)" in text
    (order,) = [arrival.body["objects"]["order"] for arrival in api.runs]
    assert [item["sku"] for item in order["items"]] == ["004534", "000119"]
    assert read_table(tmp_path / "orders.done.xlsx")["run.status"].tolist() == ["ok", "ok"]
